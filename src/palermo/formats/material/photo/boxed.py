"""Finds the EXIF block and the size in HEIC and AVIF: boxes in boxes.

Source: ISO/IEC 14496-12 (boxes, `iinf`, `iloc`), ISO/IEC 23008-12 (`ispe`, EXIF items).
"""

import struct
from collections.abc import Iterator

from palermo.formats.material.photo.shell import Shell
from palermo.formats.material.photo.window import Outside, Window

_MOST_BOXES = 10_000
#: Brand of the file -> what it is. Others are films, or nothing that is read here.
BRANDS = {
    **dict.fromkeys((b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx"), "image/heic"),
    **dict.fromkeys((b"mif1", b"msf1"), "image/heif"),
    **dict.fromkeys((b"avif", b"avis"), "image/avif"),
}


def brand(head: bytes) -> str | None:
    """Return the media type that the first box names, None if it is no photo."""
    if len(head) < 16 or head[4:8] != b"ftyp":
        return None
    size = min(int.from_bytes(head[:4], "big"), len(head), 256)
    names = [head[8:12], *(head[at : at + 4] for at in range(16, size - 3, 4))]
    return next((BRANDS[name] for name in names if name in BRANDS), None)


def heif(window: Window, media: str) -> Shell:
    """Read the box of metadata."""
    shell = Shell(media)
    try:
        meta = next((body for name, body in _boxes(window) if name == b"meta"), None)
        if meta is None:
            shell.problems.append("there is no box of metadata")
            return shell
        inside = dict(_boxes(meta.part(4, meta.length)))
        _sizes(shell, inside.get(b"iprp"))
        if b"iinf" in inside and b"iloc" in inside:
            wanted = set(_exif_items(inside[b"iinf"]))
            for offset, length in _extents(inside[b"iloc"], wanted):
                _block(shell, window.part(offset, length))
    except Outside as error:
        shell.problems.append(f"box: {error}")
    return shell


def _boxes(window: Window) -> Iterator[tuple[bytes, Window]]:
    offset = 0
    for _ in range(_MOST_BOXES):
        if offset + 8 > window.length:
            return
        size, name = struct.unpack(">I4s", window.at(offset, 8))
        head = 8
        if size == 1:
            size, head = struct.unpack(">Q", window.at(offset + 8, 8))[0], 16
        elif size == 0:
            size = window.length - offset
        if size < head or offset + size > window.length:
            raise Outside(f"a box of {size} bytes at offset {window.start + offset} does not fit")
        yield name, window.part(offset + head, size - head)
        offset += size


def _sizes(shell: Shell, properties: Window | None) -> None:
    if properties is None:
        return
    for name, body in _boxes(properties):
        if name == b"ipco":
            for kind, value in _boxes(body):
                if kind == b"ispe":
                    shell.size(*struct.unpack(">II", value.at(4, 8)))


def _exif_items(information: Window) -> Iterator[int]:
    wide = information.at(0, 1)[0] > 0
    for name, body in _boxes(information.part(8 if wide else 6, information.length)):
        if name != b"infe":
            continue
        version = body.at(0, 1)[0]
        long = version >= 3
        kind_at = 4 + (4 if long else 2) + 2
        if version >= 2 and body.at(kind_at, 4) == b"Exif":
            yield int.from_bytes(body.at(4, 4 if long else 2), "big")


def _extents(locations: Window, wanted: set[int]) -> Iterator[tuple[int, int]]:
    """Yield place and length of the first extent of each wanted item that lies in the file."""
    version, first, second = (locations.at(at, 1)[0] for at in (0, 4, 5))
    offset_size, length_size = first >> 4, first & 15
    base_size, index_size = second >> 4, (second & 15) if version in {1, 2} else 0
    wide = 4 if version == 2 else 2
    cursor = _Cursor(locations, 6)
    for _ in range(min(cursor.take(wide), _MOST_BOXES)):
        item = cursor.take(wide)
        method = cursor.take(2) & 15 if version in {1, 2} else 0
        cursor.take(2)
        base = cursor.take(base_size)
        extents = cursor.take(2)
        if extents and not offset_size + length_size:
            raise Outside("items without a place are listed")
        for number in range(extents):
            cursor.take(index_size)
            offset, length = cursor.take(offset_size), cursor.take(length_size)
            if item in wanted and number == 0 and method == 0:
                yield base + offset, length


def _block(shell: Shell, item: Window) -> None:
    """Keep the TIFF structure of an EXIF item; its first four bytes say how far behind it is."""
    skip = int.from_bytes(item.at(0, 4), "big")
    shell.exif.append(item.part(4 + skip, item.length))


class _Cursor:
    """Takes one number after another."""

    def __init__(self, window: Window, offset: int) -> None:
        self._window, self._offset = window, offset

    def take(self, size: int) -> int:
        if not size:
            return 0
        data = self._window.at(self._offset, size)
        self._offset += size
        return int.from_bytes(data, "big")
