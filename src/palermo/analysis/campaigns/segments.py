"""A member is shown as pieces of itself; joined again they are its text to the character."""

from collections import defaultdict
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from palermo.analysis.campaigns.alignment import ANY_KIND, SLOT, lay
from palermo.analysis.campaigns.elements import KINDS, split
from palermo.analysis.campaigns.variations import departures
from palermo.model import Segment, SegmentRole, Template

_Piece = tuple[SegmentRole, int | None]
_OMISSION: _Piece = (SegmentRole.OMISSION, None)


def align(template: Template, text: str) -> tuple[Segment, ...]:
    """Lay `text` against `template`; the segments' texts joined are `text`.

    Spaces and punctuation go with the constant beside them where there is one. Any text can be
    laid against any template: what does not fit is an insertion, what is not there an omission.
    """
    keys, kinds, slots, known, open_end, words = _columns(template)
    elements = split(text)
    numbers = dict(known)
    own = np.array([numbers.setdefault(k, len(numbers)) for k in elements.keys], dtype=np.int32)
    laid = lay(keys, kinds, own, np.array(elements.kinds, dtype=np.int32))
    missing: dict[int, str] = defaultdict(str)
    for (first, end), (at, _) in departures([slot is not None for slot in slots], laid):
        missing[at] += "".join(words[first:end])
    pieces: list[tuple[_Piece, str]] = []
    for at, (gap, word) in enumerate(zip(elements.gaps, elements.words, strict=True)):
        piece = _piece(int(laid[at]), slots)
        before = pieces[-1][0] if pieces else piece
        if before != piece and SegmentRole.CONSTANT in (before[0], piece[0]):
            constant_first = before[0] is SegmentRole.CONSTANT
            pieces.append((before if constant_first else piece, gap))
            gap = ""  # noqa: PLW2901  # written
        pieces += [(_OMISSION, missing[at])] if at in missing else []
        pieces.append((piece, gap + word))
    if elements.tail:
        constant = (SegmentRole.CONSTANT, None)
        outside = (SegmentRole.INSERTION, None)
        last = pieces[-1][0] if pieces else outside
        pieces.append((constant if open_end and pieces else last, elements.tail))
    pieces += [(_OMISSION, missing[len(laid)])] if len(laid) in missing else []
    return _joined(pieces)


def _piece(column: int, slots: tuple[int | None, ...]) -> _Piece:
    if column < 0:
        return SegmentRole.INSERTION, None
    slot = slots[column]
    return (SegmentRole.CONSTANT, None) if slot is None else (SegmentRole.SLOT, slot)


def _joined(pieces: list[tuple[_Piece, str]]) -> tuple[Segment, ...]:
    """Join neighbouring pieces of one role and slot, and leave out empty ones.

    The text of an omission is what is missing.
    """
    joined: list[tuple[_Piece, list[str]]] = []
    for piece, text in pieces:
        if not text:
            continue
        if joined and joined[-1][0] == piece:
            joined[-1][1].append(text)
        else:
            joined.append((piece, [text]))
    return tuple(
        Segment(role=role, text="", missing="".join(texts).strip())
        if role is SegmentRole.OMISSION
        else Segment(role=role, text="".join(texts), slot=slot)
        for (role, slot), texts in joined
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
    tuple[str, ...],
]:
    """Return a template's columns: keys, kinds, slot numbers, what the keys stand for.

    Then whether the template ends in punctuation after a slot, and the words of the columns.
    """
    known: dict[str, int] = {}
    columns: list[tuple[int, int, int | None, str]] = []
    for part in template.parts:
        if part.slot is not None:
            kind = "number" if part.kind == "age" else part.kind
            columns.append((SLOT, KINDS.index(kind) if kind in KINDS else ANY_KIND, part.slot, ""))
        else:
            own = split(part.text)
            columns += [
                (known.setdefault(key, len(known)), ANY_KIND, None, gap + word)
                for key, gap, word in zip(own.keys, own.gaps, own.words, strict=True)
            ]
    keys, kinds, slots, words = zip(*columns, strict=True) if columns else ((), (), (), ())
    last = template.parts[-1].text if template.parts else ""
    return (
        np.array(keys, dtype=np.int32),
        np.array(kinds, dtype=np.int32),
        slots,
        tuple(known.items()),
        bool(last) and not split(last).words,
        words,
    )
