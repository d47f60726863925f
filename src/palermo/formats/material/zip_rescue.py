"""Finds the files of a ZIP archive whose list of files is missing, from the heads before each file.

Source of the layout: PKWARE, APPNOTE.TXT, sections 4.3.7 (local file header) and 4.3.9 (data
descriptor). A file whose size is not stated in front is read if it is deflated: such data says
itself where it ends.
"""

import struct
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import BinaryIO, NamedTuple

from palermo.formats.source import CHUNK

_HEAD = struct.Struct("<4s5H3I2H")
_SIGNATURE = b"PK\x03\x04"
_LIST = (b"PK\x01\x02", b"PK\x05\x06", b"PK\x06\x06")
_DESCRIPTOR = b"PK\x07\x08"
_SIZE_FOLLOWS, _UTF8 = 0x8, 0x800
_STORED, _DEFLATED = 0, 8
_NO_SIZE = 0xFFFFFFFF


class BrokenOff(Exception):
    """From `offset` on there is no file that could be read."""

    def __init__(self, detail: str, offset: int) -> None:
        super().__init__(detail)
        self.offset = offset


class Rescued(NamedTuple):
    """A file in the archive. `pieces` raises EOFError or zlib.error where its data is damaged."""

    name: str
    packed: int
    flags: int
    pieces: Callable[[], Iterator[bytes]]


class _Head(NamedTuple):
    name: str
    flags: int
    method: int
    crc: int
    packed: int
    start: int


def rescued(path: Path) -> Iterator[Rescued]:
    """Yield the files of the archive at `path`, from its beginning up to the break.

    Raises:
        BrokenOff: where neither a file nor the list of files follows.
    """
    with path.open("rb") as file:
        offset = 0
        while (head := _head(file, offset)) is not None:
            end = head.start + head.packed
            if head.flags & _SIZE_FOLLOWS and not head.packed:
                if head.method != _DEFLATED:
                    raise BrokenOff(f"the size of {head.name[:200]!r} is not stated", offset)
                end = _deflated_end(file, head.start)
            yield Rescued(head.name, end - head.start, head.flags, _reader(path, head, end))
            offset = _behind_descriptor(file, end) if head.flags & _SIZE_FOLLOWS else end


def _head(file: BinaryIO, offset: int) -> _Head | None:
    """Read the head at `offset`; None where the list of files begins."""
    file.seek(offset)
    raw = file.read(_HEAD.size)
    if raw.startswith(_LIST):
        return None
    if len(raw) < _HEAD.size or not raw.startswith(_SIGNATURE):
        raise BrokenOff("no head of a file follows", offset)
    _, _, flags, method, _, _, crc, packed, _, name_size, more_size = _HEAD.unpack(raw)
    rest = file.read(name_size + more_size)
    if len(rest) < name_size + more_size or packed == _NO_SIZE:
        raise BrokenOff("the head of a file is not whole", offset)
    name = rest[:name_size].decode("utf-8" if flags & _UTF8 else "cp437", "replace")
    return _Head(name, flags, method, crc, packed, offset + _HEAD.size + len(rest))


def _deflated_end(file: BinaryIO, start: int) -> int:
    """Find where deflated data ends; at the end of the archive if it is damaged or breaks off."""
    unpacker = zlib.decompressobj(-zlib.MAX_WBITS)
    file.seek(start)
    place = start
    while piece := file.read(CHUNK):
        place += len(piece)
        try:
            while piece:
                unpacker.decompress(piece, CHUNK)
                if unpacker.eof:
                    return place - len(unpacker.unused_data)
                piece = unpacker.unconsumed_tail
        except zlib.error:
            break
    return file.seek(0, 2)


def _behind_descriptor(file: BinaryIO, offset: int) -> int:
    """Pass the sum and sizes behind a file, which may or may not have a signature."""
    file.seek(offset)
    following = file.read(24)
    size = 16 if following.startswith(_DESCRIPTOR) else 12
    # ZIP64 writes sizes of eight bytes.
    wide = following[size + 8 : size + 12]
    if following[size : size + 4] not in (_SIGNATURE, *_LIST) and wide in (_SIGNATURE, *_LIST):
        size += 8
    return offset + size


def _reader(path: Path, head: _Head, end: int) -> Callable[[], Iterator[bytes]]:
    def pieces() -> Iterator[bytes]:
        if head.method not in (_STORED, _DEFLATED):
            raise ValueError(f"packed by method {head.method}, which is not read without the list")
        crc = 0
        with path.open("rb") as file:
            file.seek(head.start)
            raw = _limited(file, end - head.start)
            for piece in raw if head.method == _STORED else _inflated(raw):
                crc = zlib.crc32(piece, crc)
                yield piece
        if not head.flags & _SIZE_FOLLOWS and crc != head.crc:
            raise ValueError("its checksum does not agree")

    return pieces


def _limited(file: BinaryIO, size: int) -> Iterator[bytes]:
    while size > 0:
        piece = file.read(min(CHUNK, size))
        if not piece:
            raise EOFError("the archive breaks off within it")
        size -= len(piece)
        yield piece


def _inflated(raw: Iterator[bytes]) -> Iterator[bytes]:
    unpacker = zlib.decompressobj(-zlib.MAX_WBITS)
    for piece in raw:
        waiting = piece
        while waiting and not unpacker.eof:
            yield unpacker.decompress(waiting, CHUNK)
            waiting = unpacker.unconsumed_tail
    if not unpacker.eof:
        raise EOFError("the archive breaks off within it")
