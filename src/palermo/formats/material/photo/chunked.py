"""Walks through JPEG, PNG and WebP: files made of pieces with a length each.

Source: ITU-T T.81, annex B; PNG 1.2, W3C PNG third edition (eXIf); WebP container specification.
"""

import struct
import zlib

from palermo.formats.material.photo.shell import Shell
from palermo.formats.material.photo.window import Outside, Window

_MOST_PIECES = 20_000
_MOST_TEXT = 65_536
_EXIF = b"Exif\0\0"
#: How a JPEG segment begins -> what it shows to be there.
_MARKS = {
    b"http://ns.adobe.com/xap/1.0/\0": "XMP",
    b"Photoshop 3.0\0": "IPTC",
    b"ICC_PROFILE\0": "ICC profile",
    b"MPF\0": "more pictures",
    b"JFIF\0": "JFIF",
}
_SIZES = {*range(0xC0, 0xD0)} - {0xC4, 0xC8, 0xCC}
_ALONE = {0x01, *range(0xD0, 0xD8)}
_PIXELS, _END, _COMMENT, _APP1 = 0xDA, 0xD9, 0xFE, 0xE1


def jpeg(window: Window) -> Shell:
    """Read the segments before the pixels."""
    shell = Shell("image/jpeg")
    offset = 2
    for _ in range(_MOST_PIECES):
        mark, code = window.at(offset, 2) if offset + 2 <= window.length else (0, 0)
        if mark != 0xFF:
            shell.problems.append(f"no segment begins at offset {offset}, before any pixels")
            return shell
        if code == 0xFF:  # padding
            offset += 1
            continue
        if code in {_PIXELS, _END}:
            return shell
        if code in _ALONE:
            offset += 2
            continue
        try:
            length = struct.unpack(">H", window.at(offset + 2, 2))[0]
            _segment(shell, code, window.part(offset + 4, length - 2), length - 2)
        except Outside as error:
            shell.problems.append(f"segment at offset {offset}: {error}")
            return shell
        offset += 2 + length
    shell.problems.append(f"more than {_MOST_PIECES} segments; the rest is not read")
    return shell


def _segment(shell: Shell, code: int, body: Window, length: int) -> None:
    if length < 0 or body.length < length:
        raise Outside(f"{length} bytes are announced, and {body.length} remain")
    if code in _SIZES:
        height, width = struct.unpack(">HH", body.at(1, 4))
        shell.size(width, height)
    elif code == _COMMENT:
        shell.comments.append(_said(body.at(0, length)))
    elif 0xE0 <= code <= 0xEF:
        start = body.at(0, min(length, 32))
        if code == _APP1 and start.startswith(_EXIF):
            shell.exif.append(body.part(len(_EXIF), length))
        shell.has += [name for mark, name in _MARKS.items() if start.startswith(mark)]


def png(window: Window) -> Shell:
    """Read all chunks but those of pixels; texts may stand behind them."""
    shell = Shell("image/png")
    offset = 8
    for _ in range(_MOST_PIECES):
        if offset + 12 > window.length:
            shell.problems.append(f"the file ends at offset {offset}, before its last chunk")
            return shell
        length, name = struct.unpack(">I4s", window.at(offset, 8))
        body = window.part(offset + 8, length)
        if body.length < length:
            shell.problems.append(f"the chunk at offset {offset} is longer than the file")
            return shell
        try:
            if name == b"IHDR":
                shell.size(*struct.unpack(">II", body.at(0, 8)))
            elif name == b"eXIf":
                shell.exif.append(body)
            elif name in {b"tEXt", b"zTXt", b"iTXt"}:
                shell.comments.append(_png_text(name, body.at(0, length)))
            elif name == b"IEND":
                return shell
        except (Outside, ValueError, zlib.error) as error:
            shell.problems.append(f"chunk at offset {offset}: {error}")
        offset += 12 + length
    shell.problems.append(f"more than {_MOST_PIECES} chunks; the rest is not read")
    return shell


def _png_text(name: bytes, body: bytes) -> str:
    keyword, _, rest = body.partition(b"\0")
    title = keyword[:79].decode("latin-1")
    if name == b"tEXt":
        return f"{title}: {rest[:_MOST_TEXT].decode('latin-1')}"
    if name == b"zTXt":
        return f"{title}: {_unpacked(rest[1:]).decode('latin-1')}"
    packed, _, after = rest[:1], rest[1:2], rest[2:]
    text = after.split(b"\0", 2)[-1]
    said = _unpacked(text) if packed == b"\1" else text[:_MOST_TEXT]
    return f"{title}: {said.decode('utf-8', 'replace')}"


def _unpacked(data: bytes) -> bytes:
    """Unpack at most 64 KiB: a small text may unpack to gigabytes."""
    return zlib.decompressobj().decompress(data, _MOST_TEXT)


def webp(window: Window) -> Shell:
    """Read the chunks of a RIFF file of WebP."""
    shell = Shell("image/webp")
    offset = 12
    for _ in range(_MOST_PIECES):
        if offset + 8 > window.length:
            return shell
        name, length = struct.unpack("<4sI", window.at(offset, 8))
        body = window.part(offset + 8, length)
        try:
            _riff(shell, name, body)
        except Outside as error:
            shell.problems.append(f"chunk at offset {offset}: {error}")
        if body.length < length:
            shell.problems.append(f"the chunk at offset {offset} is longer than the file")
        offset += 8 + length + length % 2
    shell.problems.append(f"more than {_MOST_PIECES} chunks; the rest is not read")
    return shell


def _riff(shell: Shell, name: bytes, body: Window) -> None:
    if name == b"VP8X":
        sides = body.at(4, 6)
        shell.size(*(1 + int.from_bytes(side, "little") for side in (sides[:3], sides[3:])))
    elif name == b"VP8 ":
        shell.size(*(side & 0x3FFF for side in struct.unpack("<HH", body.at(6, 4))))
    elif name == b"VP8L":
        bits = int.from_bytes(body.at(1, 4), "little")
        shell.size(1 + (bits & 0x3FFF), 1 + ((bits >> 14) & 0x3FFF))
    elif name == b"EXIF":
        skip = len(_EXIF) if body.length > 6 and body.at(0, 6) == _EXIF else 0
        shell.exif.append(body.part(skip, body.length))
    elif name == b"XMP ":
        shell.has.append("XMP")


def _said(data: bytes) -> str:
    return data[:_MOST_TEXT].decode("utf-8", "replace").strip("\0 \r\n\t")
