"""A member is shown as pieces of itself; joined again they are its text to the character."""

from functools import lru_cache

import numpy as np
import numpy.typing as npt

from palermo.analysis.campaigns.alignment import SLOT, lay
from palermo.analysis.campaigns.elements import KINDS, split
from palermo.model import Segment, SegmentRole, Template

_Piece = tuple[SegmentRole, int | None]


def align(template: Template, text: str) -> tuple[Segment, ...]:
    """Lay `text` against `template`; the segments' texts joined are `text`.

    Spaces and punctuation go with the constant beside them where there is one. Any text can be
    laid against any template: what does not fit is an insertion.
    """
    keys, kinds, slots, known, open_end = _columns(template)
    elements = split(text)
    numbers = dict(known)
    own = np.array([numbers.setdefault(k, len(numbers)) for k in elements.keys], dtype=np.int32)
    laid = lay(keys, kinds, own, np.array(elements.kinds, dtype=np.int32)).tolist()
    pieces: list[tuple[_Piece, str]] = []
    for gap, word, column in zip(elements.gaps, elements.words, laid, strict=True):
        piece = _piece(column, slots)
        before = pieces[-1][0] if pieces else piece
        if before != piece and SegmentRole.CONSTANT in (before[0], piece[0]):
            constant_first = before[0] is SegmentRole.CONSTANT
            pieces.append((before if constant_first else piece, gap))
            pieces.append((piece, word))
        else:
            pieces.append((piece, gap + word))
    if elements.tail:
        constant = (SegmentRole.CONSTANT, None)
        outside = (SegmentRole.INSERTION, None)
        last = pieces[-1][0] if pieces else outside
        pieces.append((constant if open_end and pieces else last, elements.tail))
    return _joined(pieces)


def _piece(column: int, slots: tuple[int | None, ...]) -> _Piece:
    if column < 0:
        return SegmentRole.INSERTION, None
    slot = slots[column]
    return (SegmentRole.CONSTANT, None) if slot is None else (SegmentRole.SLOT, slot)


def _joined(pieces: list[tuple[_Piece, str]]) -> tuple[Segment, ...]:
    """Join neighbouring pieces of one role and slot, and leave out empty ones."""
    joined: list[tuple[_Piece, list[str]]] = []
    for piece, text in pieces:
        if not text:
            continue
        if joined and joined[-1][0] == piece:
            joined[-1][1].append(text)
        else:
            joined.append((piece, [text]))
    return tuple(
        Segment(role=role, text="".join(texts), slot=slot) for (role, slot), texts in joined
    )


@lru_cache(maxsize=256)
def _columns(
    template: Template,
) -> tuple[
    npt.NDArray[np.int32],
    npt.NDArray[np.int32],
    tuple[int | None, ...],
    tuple[tuple[str, int], ...],
    bool,
]:
    """Return a template's columns: keys, kinds, slot numbers, what the keys stand for.

    The last value tells whether the template ends in punctuation after a slot.
    """
    known: dict[str, int] = {}
    columns: list[tuple[int, int, int | None]] = []
    for part in template.parts:
        if part.slot is not None:
            kind = "number" if part.kind == "age" else part.kind
            columns.append((SLOT, KINDS.index(kind) if kind in KINDS else -1, part.slot))
        else:
            columns += [
                (known.setdefault(key, len(known)), -1, None) for key in split(part.text).keys
            ]
    keys, kinds, slots = zip(*columns, strict=True) if columns else ((), (), ())
    last = template.parts[-1].text if template.parts else ""
    return (
        np.array(keys, dtype=np.int32),
        np.array(kinds, dtype=np.int32),
        slots,
        tuple(known.items()),
        bool(last) and not split(last).words,
    )
