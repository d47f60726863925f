"""A text with what was found in it, as pieces that can be shown in a row.

Guarantees that the pieces put together are the text, character for character, and that every
mark covers exactly its places however marks lie across each other. A mark that does not fit the
text is not dropped: it is kept in the list, without pieces.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Generic, Literal, TypeVar

Sort = Literal["identifier", "for", "against", "support", "found"]
T = TypeVar("T")

#: Of marks on one place, the first of these gives the look; a reader is told of all.
PRECEDENCE: tuple[Sort, ...] = ("support", "for", "against", "identifier", "found")


@dataclass(frozen=True, slots=True)
class Mark(Generic[T]):
    """Characters `start` to `end` are `sort`; `about` is what was found, `number` names it."""

    number: int
    sort: Sort
    start: int
    end: int
    about: T


@dataclass(frozen=True, slots=True)
class Piece(Generic[T]):
    """A stretch of text on which the same marks lie; `ending` are those that end here."""

    text: str
    marks: tuple[Mark[T], ...] = ()
    ending: tuple[Mark[T], ...] = ()

    @property
    def sort(self) -> Sort | None:
        """Which mark gives the look."""
        sorts = {mark.sort for mark in self.marks}
        return next((one for one in PRECEDENCE if one in sorts), None)


def number(found: Iterable[tuple[Sort, int, int, T]]) -> list[Mark[T]]:
    """Number what was found by its place in the text, from 1; the longer of two comes first."""
    ordered = sorted(found, key=lambda one: (one[1], -one[2], PRECEDENCE.index(one[0])))
    return [Mark(n, *one) for n, one in enumerate(ordered, 1)]


def cut(text: str, marks: Sequence[Mark[T]]) -> list[Piece[T]]:
    """Cut `text` wherever a mark begins or ends.

    >>> [(p.text, [m.number for m in p.marks]) for p in cut(
    ...     "abcd", number([("identifier", 1, 3, ""), ("for", 2, 4, "")]))]
    [('a', []), ('b', [1]), ('c', [1, 2]), ('d', [2])]
    """
    fitting = [mark for mark in marks if 0 <= mark.start < mark.end <= len(text)]
    edges = {0, len(text), *(m.start for m in fitting), *(m.end for m in fitting)}
    pieces, waiting, lying = [], sorted(fitting, key=lambda m: (m.start, m.number)), []
    places = sorted(edges)
    for start, end in pairwise(places):
        while waiting and waiting[0].start == start:
            lying.append(waiting.pop(0))
        ending = tuple(mark for mark in lying if mark.end == end)
        pieces.append(Piece(text[start:end], tuple(lying), ending))
        lying = [mark for mark in lying if mark.end > end]
    return pieces
