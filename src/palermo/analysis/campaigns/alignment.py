"""A text is laid against a template's columns in the one best way, by dynamic programming.

A column is a constant element or a slot. A constant takes the equal element, and prefers it in
the company of equal neighbours; a slot takes any run of elements; what fits neither is an
insertion. Equal inputs give equal alignments: ties always fall the same way.
"""

import numpy as np
import numpy.typing as npt

from palermo.analysis.compiled import compiled

#: A column that is a slot has this key; keys of elements are 0 and above.
SLOT = -1
#: The kind of a slot that takes anything.
ANY_KIND = -1

#: Elements beyond these are left unaligned, so that the table stays within 16 MiB.
MOST_ELEMENTS = 4000

_EQUAL, _EQUAL_NEIGHBOUR = 6, 7
_MISSING, _INSERTED = -8, -9
_IN_SLOT, _IN_SLOT_OF_KIND = -2, 3


@compiled
def lay(  # noqa: C901, PLR0912 - one kernel: the table, then the way back through it
    columns: npt.NDArray[np.int32],
    column_kinds: npt.NDArray[np.int32],
    keys: npt.NDArray[np.int32],
    kinds: npt.NDArray[np.int32],
) -> npt.NDArray[np.int32]:
    """Return the column of each element, or -1 for an insertion.

    `columns` holds keys or `SLOT`; `column_kinds` the kind of a slot's fillers, or -1 for any.
    """
    width, length = min(len(columns), MOST_ELEMENTS), min(len(keys), MOST_ELEMENTS)
    step = np.zeros((width + 1, length + 1), dtype=np.uint8)  # 1 missing, 2 inserted, 3 taken
    row = np.empty(length + 1, dtype=np.int32)
    step[0, 1:] = 2
    for j in range(length + 1):
        row[j] = _INSERTED * j
    for i in range(1, width + 1):
        column = columns[i - 1]
        slot = column == SLOT
        diagonal = row[0]
        row[0] += 0 if slot else _MISSING
        step[i, 0] = 1
        for j in range(1, length + 1):
            best, how = row[j] + (0 if slot else _MISSING), 1
            if slot:
                gain = _IN_SLOT_OF_KIND if column_kinds[i - 1] == kinds[j - 1] else _IN_SLOT
                value = row[j - 1] + gain  # taken by this slot, which may have taken others
                if value >= best:
                    best, how = value, 3
            else:
                value = row[j - 1] + _INSERTED
                if value > best:
                    best, how = value, 2
                if column == keys[j - 1]:
                    value = diagonal + _EQUAL
                    if i > 1 and j > 1 and columns[i - 2] == keys[j - 2]:
                        value += _EQUAL_NEIGHBOUR
                    if i < width and j < length and columns[i] == keys[j]:
                        value += _EQUAL_NEIGHBOUR
                    if value >= best:
                        best, how = value, 3
            diagonal = row[j]
            row[j] = best
            step[i, j] = how
    out = np.full(len(keys), -1, dtype=np.int32)
    i, j = width, length
    while i > 0 or j > 0:
        how = step[i, j]
        if how == 1:
            i -= 1
        elif how == 2:
            j -= 1
        else:
            out[j - 1] = i - 1
            j -= 1
            if columns[i - 1] != SLOT:
                i -= 1
    return out
