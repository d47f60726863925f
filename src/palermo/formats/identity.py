"""Gives every item an id that is unique across all files read with the same `SeenIds`.

The same id with the same content is a repetition; with other content it is a second statement, kept
as `id#2`, `id#3`, …. Nothing that differs is ever lost to a clash of ids.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

#: So much of a row hash is remembered: 128 bits cannot be made to clash.
KEY_BYTES = 16
_MADE = b""


@dataclass(slots=True)
class SeenIds:
    """The ids given so far. Hand the same one to each file of a case. About 200 bytes an id."""

    _first: dict[str, bytes] = field(default_factory=dict)
    _later: dict[str, set[bytes]] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self._first)

    def assign_new(self, wanted: Sequence[str], contents: Sequence[bytes]) -> bool:
        """Give all rows the ids they want if every one of them is new; else change nothing."""
        if not self._first.keys().isdisjoint(wanted) or len(set(wanted)) < len(wanted):
            return False
        keys = [content[:KEY_BYTES] for content in contents]
        self._first.update(zip(wanted, keys, strict=True))
        return True

    def assign(self, wanted: str, content: bytes) -> str | None:
        """Return the id under which a row with hash `content` is kept; None for a repetition.

        A first use gets the very object `wanted` back.
        """
        key = content[:KEY_BYTES]
        first = self._first.setdefault(wanted, key)
        if first is key:
            return wanted
        later = self._later.setdefault(wanted, set())
        if first == key or key in later:
            return None
        later.add(key)
        number = len(later) + 1
        while (made := f"{wanted}#{number}") in self._first:
            number += 1
        self._first[made] = _MADE  # a row that states this very id is no repetition of ours
        return made
