"""Reads one delimited record, a line at a time, and says whether it ended as a record should.

The grammar is RFC 4180 with any delimiter: a field that begins with a quote ends at the next quote
that is not doubled, and only a delimiter or the end of the line may follow. Elsewhere a quote is a
character like any other.
"""

from enum import Enum, auto


class State(Enum):
    """Where a record stands after a line."""

    OPEN = auto()  # in a quoted field: the next line belongs to it
    DONE = auto()
    BROKEN = auto()  # something other than a delimiter follows a closing quote


class Scan:
    """One record in the making. `stray` is true when an unquoted field holds a quote."""

    __slots__ = ("_delimiter", "_open", "_parts", "fields", "stray")

    def __init__(self, delimiter: str) -> None:
        self.fields: list[str] = []
        self.stray = False
        self._delimiter = delimiter
        self._open = False
        self._parts: list[str] = []

    def feed(self, line: str) -> State:
        """Read one more line, with its line break, of this record."""
        end = len(line.rstrip("\r\n"))
        position = 0
        while True:
            if self._open:
                position = self._quoted(line, position)
                if position < 0:
                    return State.OPEN
                if position == end:
                    return State.DONE
                if line[position] != self._delimiter:
                    return State.BROKEN
                position += 1
            elif line.startswith('"', position):
                self._open = True
                position += 1
            else:
                cut = line.find(self._delimiter, position, end)
                piece = line[position : end if cut < 0 else cut]
                self.stray = self.stray or '"' in piece
                self.fields.append(piece)
                if cut < 0:
                    return State.DONE
                position = cut + 1

    def _quoted(self, line: str, position: int) -> int:
        """Read on in a quoted field; return the place after its closing quote, or -1."""
        while True:
            quote = line.find('"', position)
            if quote < 0:
                self._parts.append(line[position:])
                return -1
            self._parts.append(line[position:quote])
            if not line.startswith('"', quote + 1):
                self.fields.append("".join(self._parts))
                self._parts = []
                self._open = False
                return quote + 1
            self._parts.append('"')
            position = quote + 2
