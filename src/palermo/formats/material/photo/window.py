"""Part of a file, read at places that the file itself names.

Guarantees that nothing outside the part is read, and no more at once than is asked for: offsets and
lengths in evidence may say anything.
"""

from dataclasses import dataclass
from typing import BinaryIO

#: No field or segment that is read here is longer; JPEG's and PNG's texts are shorter by far.
LONGEST = 1 << 20


class Outside(Exception):
    """What a file says of a place in it does not fit; the message says what and where."""


@dataclass(frozen=True, slots=True)
class Window:
    """The `length` bytes of `file` from `start` on."""

    file: BinaryIO
    start: int
    length: int

    def at(self, offset: int, size: int) -> bytes:
        """Return `size` bytes from `offset` on.

        Raises:
            Outside: when they are not all there, or more than `LONGEST`.
        """
        if size > LONGEST:
            raise Outside(f"{size} bytes at offset {self.start + offset} are too many to be read")
        if offset < 0 or offset + size > self.length:
            raise Outside(f"{size} bytes at offset {self.start + offset} are not in the file")
        self.file.seek(self.start + offset)
        data = self.file.read(size)
        if len(data) < size:
            raise Outside(f"the file ends before offset {self.start + offset + size}")
        return data

    def part(self, offset: int, length: int) -> "Window":
        """Return the part from `offset` on, cut where this one ends."""
        offset = min(max(offset, 0), self.length)
        return Window(self.file, self.start + offset, max(0, min(length, self.length - offset)))
