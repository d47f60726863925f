"""What members of a campaign do otherwise than its template says, where more than one does so.

Constant words that members leave out, and words that they put in: between two columns that a
member has, the constants it lacks are left out and the words it has besides are put in.
"""

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence

import numpy as np
import numpy.typing as npt

from palermo.analysis.campaigns.alignment import SLOT
from palermo.analysis.campaigns.columns import Column, Members, Place, lay_all
from palermo.model import TemplatePart, Variation

#: Variations kept of a template, the commonest first, and examples of each.
MOST = 20
_EXAMPLES = 3
#: What one member does alone is noise.
_MEMBERS = 2

#: Columns left out: the first, and the one after the last.
_Columns = tuple[int, int]


def variations(
    columns: Sequence[Column],
    members: Members,
    parts: Sequence[TemplatePart],
    places: Sequence[Place],
) -> tuple[Variation, ...]:
    """Return the variations of a template; `places` says where each column stands in `parts`."""
    found: dict[_Columns, Counter[str]] = defaultdict(Counter)
    is_slot = [column.key == SLOT for column in columns]
    for member, laid in enumerate(lay_all(columns, members)):
        for left_out, put_in in departures(is_slot, laid):
            first, end = put_in
            words = members.wording((member, first, end)) if end > first else ""
            found[left_out][words] += 1
    ranked = sorted(found.items(), key=lambda entry: (-entry[1].total(), entry[0]))
    made = []
    for (first, end), written in ranked[:MOST]:
        if written.total() < _MEMBERS:
            break
        part, at = _place(first, places)
        examples = sorted(written.items(), key=lambda entry: (-entry[1], entry[0]))
        made.append(
            Variation(
                part=part,
                at=at,
                left_out=parts[part].text[at : places[end - 1].end].strip() if end > first else "",
                put_in=tuple(words for words, _ in examples if words)[:_EXAMPLES],
                members=written.total(),
            )
        )
    return tuple(made)


def departures(
    is_slot: Sequence[bool], laid: npt.NDArray[np.int32]
) -> Iterator[tuple[_Columns, tuple[int, int]]]:
    """Yield the columns that a member leaves out and the elements it puts in instead.

    `laid` is the column of each of its elements, see `alignment.lay`. Words that are put in where
    nothing is left out stand before the column that the empty range begins with.
    """
    last, first = -1, 0  # the last column it has, and the first element since
    for at, column in enumerate([*laid.tolist(), len(is_slot)]):
        if column < 0:
            continue
        runs = _runs(is_slot, last + 1, column)
        if at > first and not runs:
            runs = [(last + 1, last + 1)]
        for number, run in enumerate(runs):
            yield run, (first, at) if number == 0 else (at, at)
        last, first = column, at + 1


def _runs(is_slot: Sequence[bool], first: int, end: int) -> list[_Columns]:
    """Return the runs of constants among the columns; a slot may be empty."""
    runs: list[_Columns] = []
    for at in range(first, end):
        if is_slot[at]:
            continue
        if runs and runs[-1][1] == at:
            runs[-1] = runs[-1][0], at + 1
        else:
            runs.append((at, at + 1))
    return runs


def _place(column: int, places: Sequence[Place]) -> tuple[int, int]:
    """Return the part and the character in it before which a column stands, or would stand."""
    if column < len(places):
        return places[column].part, places[column].begin
    if not places:
        return 0, 0
    last = places[-1]
    return last.part, last.end
