"""The bytes of a WARC file, plain or in gzip members, with the place of every byte.

Guarantees that reading stops, with a reason, where the packing is damaged or the file grows beyond
all measure; that memory stays bounded; and that reading can go on at the next member or record.
"""

import zlib
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, Self

from palermo.formats.source import GZIP_FREE, GZIP_RATIO

_PIECE = 1 << 16
GZIP_MAGIC = b"\x1f\x8b\x08"
RECORD_MAGIC = b"WARC/"


class Broken(Exception):
    """The packing is damaged here; the message says how. Reading may go on further down."""


class Endless(Exception):
    """The file unpacks to more than any honest file of its size would."""


class WarcStream:
    """A WARC file read from the front. Use as a context manager.

    A file whose first bytes are those of gzip is unpacked, member after member; `read` and
    `readline` then never cross from one member into the next, as `at_end` shows.
    """

    def __init__(self, path: Path) -> None:
        self._file = path.open("rb")
        self.size = path.stat().st_size
        self.packed = self._file.read(3) == GZIP_MAGIC
        self._file.seek(0)
        self._buffer = bytearray()
        self._inflater = zlib.decompressobj(31) if self.packed else None
        self._read = 0  # bytes taken from the file
        self._raw = b""  # of them, those not unpacked yet
        self.member = 0  # where the current gzip member begins in the file
        self.inside = 0  # bytes handed out: of the current member, or of the plain file
        self._unpacked = 0
        self._limit = max(GZIP_FREE, GZIP_RATIO * self.size)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        at: TracebackType | None,
    ) -> None:
        self._file.close()

    def place(self) -> str:
        """Return the place of the next byte, as an index of the file (CDX) gives it.

        That is the offset in the file as it lies there. A record that does not begin its gzip
        member has no such offset: it gets the member's, and the offset within what it unpacks to.
        """
        if not self.packed:
            return f"offset {self.inside}"
        return f"offset {self.member}" + (f", unpacked {self.inside}" if self.inside else "")

    def read(self, size: int) -> bytes:
        """Return up to `size` bytes; fewer only at the end of the member or file."""
        self._fill(size)
        return self._take(min(size, len(self._buffer)))

    def readline(self, limit: int) -> bytes:
        """Return bytes up to and with the next line feed, or `limit` bytes without one."""
        start = 0
        while True:
            end = self._buffer.find(b"\n", start, limit)
            if end >= 0:
                return self._take(end + 1)
            start = len(self._buffer)
            if start >= limit or not self._more():
                return self._take(min(limit, len(self._buffer)))

    def peek(self, size: int) -> bytes:
        """Return the next `size` bytes without taking them; fewer only at the end."""
        self._fill(size)
        return bytes(self._buffer[:size])

    def at_end(self) -> bool:
        """Tell whether the current member (or the plain file) has no byte left."""
        return not self.peek(1)

    def next_member(self) -> bool:
        """Go to the next gzip member; False when there is none. What is left of this one is lost.

        Raises:
            Broken: when something else than a gzip member follows.
        """
        if self._inflater is None:
            return False
        while not self._inflater.eof:
            self._buffer.clear()
            if not self._more():
                return False
        self._buffer.clear()
        rest = self._inflater.unused_data or self._raw
        while not rest.strip(b"\0"):
            piece = self._from_file()
            if not piece:
                return False
            rest = piece
        start = self._read - len(rest.lstrip(b"\0"))
        self._at_member(start)
        if not self._starts_with(GZIP_MAGIC):
            raise Broken(f"at offset {start} something follows that is not a gzip member")
        return True

    def resume(self) -> bool:
        """After damage, go to the next place where a record begins; False when there is none."""
        return self._resume_packed() if self.packed else self._resume_plain()

    def back_to(self, inside: int) -> None:
        """Go back in a plain file, to read again what a wrong length swallowed."""
        self._file.seek(inside)
        self._buffer.clear()
        self.inside = inside

    def _resume_packed(self) -> bool:
        place = self.member + 1
        for found in self._occurrences(GZIP_MAGIC, place):
            self._file.seek(found)
            try:
                start = zlib.decompressobj(31).decompress(self._file.read(4096), len(RECORD_MAGIC))
            except zlib.error:
                continue
            if start == RECORD_MAGIC:
                self._at_member(found)
                return True
        return False

    def _resume_plain(self) -> bool:
        found = next(self._occurrences(b"\n" + RECORD_MAGIC, max(0, self.inside - 1)), None)
        if found is None:
            return False
        self.back_to(found + 1)
        return True

    def _occurrences(self, wanted: bytes, start: int) -> "Occurrences":
        return Occurrences(self._file, wanted, start)

    def _at_member(self, start: int) -> None:
        self._file.seek(start)
        self._read = start
        self._raw = b""
        self._buffer.clear()
        self._inflater = zlib.decompressobj(31)
        self.member, self.inside = start, 0

    def _starts_with(self, magic: bytes) -> bool:
        self._raw = self._from_file()
        return self._raw.startswith(magic)

    def _fill(self, size: int) -> None:
        while len(self._buffer) < size and self._more():
            pass

    def _take(self, size: int) -> bytes:
        taken = bytes(self._buffer[:size])
        del self._buffer[:size]
        self.inside += size
        return taken

    def _from_file(self) -> bytes:
        piece = self._file.read(_PIECE)
        self._read += len(piece)
        return piece

    def _more(self) -> bool:
        """Put more bytes into the buffer; False at the end of the member or of the plain file."""
        if self._inflater is None:
            piece = self._from_file()
            self._buffer += piece
            return bool(piece)
        while not self._inflater.eof:
            raw = self._inflater.unconsumed_tail or self._raw or self._from_file()
            self._raw = b""
            if not raw:
                raise Broken("the gzip member breaks off")
            try:
                piece = self._inflater.decompress(raw, _PIECE)
            except zlib.error as error:
                raise Broken(f"the gzip member is damaged ({error})") from error
            self._unpacked += len(piece)
            if self._unpacked > self._limit:
                raise Endless(f"unpacks to more than {self._limit} bytes")
            if piece:
                self._buffer += piece
                return True
        return False


class Occurrences:
    """Where `wanted` occurs in a file from `start` on. The file may be moved in between."""

    def __init__(self, file: BinaryIO, wanted: bytes, start: int) -> None:
        self._file, self._wanted, self._next = file, wanted, start

    def __iter__(self) -> Self:
        return self

    def __next__(self) -> int:
        overlap = len(self._wanted) - 1
        while True:
            self._file.seek(self._next)
            piece = self._file.read(_PIECE)
            found = piece.find(self._wanted)
            if found >= 0:
                place = self._next + found
                self._next = place + 1
                return place
            if len(piece) <= overlap:
                raise StopIteration
            self._next += len(piece) - overlap
