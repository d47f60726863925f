"""Members as arrays of elements, and the columns of a template that is being built from them."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import NamedTuple, cast

import numpy as np
import numpy.typing as npt

from palermo.analysis.campaigns.alignment import ANY_KIND, lay
from palermo.analysis.campaigns.elements import Elements

#: A run of one member's elements: the member, the first element, and the one after the last.
Stretch = tuple[int, int, int]


class Place(NamedTuple):
    """Where a column stands: the part of the template and, of a constant, the characters in it."""

    part: int
    begin: int
    end: int


@dataclass
class Members:
    """The sampled members as arrays of element keys and kinds, numbered by first appearance."""

    elements: list[Elements]
    number: dict[str, int] = field(default_factory=dict)
    keys: list[npt.NDArray[np.int32]] = field(default_factory=list)
    kinds: list[npt.NDArray[np.int32]] = field(default_factory=list)

    def __post_init__(self) -> None:
        for element in self.elements:
            numbered = [self.number.setdefault(key, len(self.number)) for key in element.keys]
            self.keys.append(np.array(numbered, dtype=np.int32))
            self.kinds.append(np.array(element.kinds, dtype=np.int32))

    def run(self, stretch: Stretch) -> list[int]:
        """Return the keys of a stretch."""
        member, first, end = stretch
        return cast("list[int]", self.keys[member][first:end].tolist())

    def wording(self, stretch: Stretch) -> str:
        """Return a stretch as it is written, without the gap before it."""
        member, first, end = stretch
        elements = self.elements[member]
        pieces = zip(elements.gaps[first:end], elements.words[first:end], strict=True)
        return "".join(gap + word for gap, word in pieces)[len(elements.gaps[first]) :]


@dataclass(frozen=True)
class Column:
    """A constant (`key`, and its wording with the gap before it) or, with `SLOT`, a slot."""

    key: int
    gap: str = ""
    word: str = ""
    fillers: tuple[Stretch, ...] = ()


def lay_all(columns: Sequence[Column], members: Members) -> list[npt.NDArray[np.int32]]:
    """Lay every member against the columns; see `alignment.lay`."""
    keys = np.array([column.key for column in columns], dtype=np.int32)
    kinds = np.full(len(columns), ANY_KIND, dtype=np.int32)
    return [lay(keys, kinds, *own) for own in zip(members.keys, members.kinds, strict=True)]
