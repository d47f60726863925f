"""What can be had of a web archive package whose end, and with it its directory, is missing.

Guarantees that only whole headers of files are believed, and that nothing unpacks beyond all
measure. A ZIP file repeats the name of every file just before its content; that is what is used.
"""

import re
import struct
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import IO, NamedTuple

from palermo.formats.source import GZIP_FREE, GZIP_RATIO

_HEADER = struct.Struct("<4s5H3L2H")
_MAGIC = b"PK\x03\x04"
_SIZES = b"PK\x07\x08"
_STORED, _DEFLATED = 0, 8
_SIZE_FOLLOWS, _ENCRYPTED = 8, 1
_SIZE_ELSEWHERE = 0xFFFFFFFF
_PIECE = 1 << 16
#: What a package holds; other names found by chance are no headers.
_NAME = re.compile(
    r"(?:archive|pages|indexes|logs|fuzzy|screenshots)/[^\x00-\x1f\\]+|[\w.-]+\.json"
)


class Salvaged(NamedTuple):
    """A file in a broken package: its content stands from `start` to `end`, packed or not."""

    name: str
    start: int
    end: int
    packed: bool


def salvaged(path: Path) -> Iterator[Salvaged]:
    """Find the files of a broken package by the headers before them."""
    size = path.stat().st_size
    with path.open("rb") as file:
        place = _next_header(file, 0)
        while place is not None:
            found, length = _header(file, place)
            if found is None:
                place = _next_header(file, place + 1)
                continue
            if length is not None:
                end = min(size, found.start + length)
                place = _next_header(file, end)
            else:
                place = _next_believed(file, found.start)
                end = _before_sizes(file, found.start, size if place is None else place)
            yield found._replace(end=end)


def copy_out(path: Path, found: Salvaged, out: IO[bytes]) -> None:
    """Write the content of a salvaged file to `out`, as far as it can be unpacked."""
    limit = max(GZIP_FREE, GZIP_RATIO * path.stat().st_size)
    inflater = zlib.decompressobj(-15) if found.packed else None
    left, written = found.end - found.start, 0
    with path.open("rb") as file:
        file.seek(found.start)
        while left and written < limit and (raw := file.read(min(left, _PIECE))):
            left -= len(raw)
            if inflater is None:
                written += out.write(raw)
                continue
            try:
                while raw and written < limit:
                    written += out.write(inflater.decompress(raw, _PIECE))
                    raw = inflater.unconsumed_tail
            except zlib.error:
                return


def _header(file: IO[bytes], place: int) -> tuple[Salvaged | None, int | None]:
    """Read the header at `place`: the file and the length of its content, if that is stated."""
    file.seek(place)
    raw = file.read(_HEADER.size)
    if len(raw) < _HEADER.size:
        return None, None
    magic, _, flags, method, _, _, _, packed, _, name_size, extra = _HEADER.unpack(raw)
    name = file.read(name_size).decode("utf-8", "replace")
    usual = magic == _MAGIC and method in {_STORED, _DEFLATED} and not flags & _ENCRYPTED
    if not usual or not _NAME.fullmatch(name) or ".." in name:
        return None, None
    start = place + _HEADER.size + name_size + extra
    stated = not flags & _SIZE_FOLLOWS and packed != _SIZE_ELSEWHERE
    return Salvaged(name, start, start, method == _DEFLATED), packed if stated else None


def _before_sizes(file: IO[bytes], start: int, end: int) -> int:
    """Where the content ends if its sizes follow it, in the short form or that of large files."""
    for length in (16, 24):
        if end - length >= start:
            file.seek(end - length)
            if file.read(4) == _SIZES:
                return end - length
    return end


def _next_believed(file: IO[bytes], start: int) -> int | None:
    place = _next_header(file, start)
    while place is not None and _header(file, place)[0] is None:
        place = _next_header(file, place + 1)
    return place


def _next_header(file: IO[bytes], start: int) -> int | None:
    while True:
        file.seek(start)
        piece = file.read(_PIECE)
        found = piece.find(_MAGIC)
        if found >= 0:
            return start + found
        if len(piece) < len(_MAGIC):
            return None
        start += len(piece) - len(_MAGIC) + 1
