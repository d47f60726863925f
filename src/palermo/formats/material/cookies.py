"""Safari's cookies (`Cookies.binarycookies`): one item a cookie, with its offset in the file.

Times are seconds from 2001 in floating point, as the file has them. A page or cookie that does
not fit where the file says it stands is told, and the others are read.
"""

import struct
from collections.abc import Iterator

from palermo.formats.material.epochs import APPLE_SECONDS, moment
from palermo.formats.material.found import Found, Kind, Reader, Records, Source, Trouble
from palermo.model import Unreadable

_MAGIC = b"cook"
_PAGE = b"\x00\x00\x01\x00"
#: A file of cookies is small; Safari keeps a few hundred kilobytes.
_LARGEST = 256 << 20
_FLAGS = {1: "secure", 4: "http only"}
#: Offsets of domain, name, path, value and comment within a cookie, then the two times.
_COOKIE = struct.Struct("<4I5I4xdd")
_TEXTS = ("domain", "name", "path", "value", "comment")


def _recognises(source: Source) -> bool:
    return source.head.startswith(_MAGIC)


def _read(source: Source) -> Records:
    if source.path.stat().st_size > _LARGEST:
        raise Unreadable(f"{source.name}: more than 256 MiB; this cannot be a file of cookies")
    data = source.path.read_bytes()
    sizes = _page_sizes(data)
    if sizes is None:
        raise Unreadable(
            f"{source.name}: the list of pages of this file of cookies breaks off; get a whole copy"
        )
    start = 8 + 4 * len(sizes)
    for size in sizes:
        if start + size > len(data):
            detail = f"a page of {size} bytes is announced, and {max(0, len(data) - start)} remain"
            yield Trouble(within=f"offset {start}", detail=detail, reason="damaged_file")
        yield from _page(data, start, min(start + size, len(data)))
        start += size


def _page_sizes(data: bytes) -> list[int] | None:
    if len(data) < 8:
        return None
    count = struct.unpack_from(">I", data, 4)[0]
    if len(data) < 8 + 4 * count:
        return None
    return list(struct.unpack_from(f">{count}I", data, 8))


def _page(data: bytes, start: int, stop: int) -> Iterator[Found | Trouble]:
    """Read the page between `start` and `stop`; its cookies take no more room than it has."""
    if start + 8 > stop or data[start : start + 4] != _PAGE:
        yield Trouble(within=f"offset {start}", detail="no page of cookies begins here")
        return
    count = struct.unpack_from("<I", data, start + 4)[0]
    fitting = min(count, (stop - start - 8) // 4)
    room = stop - start
    for offset in struct.unpack_from(f"<{fitting}I", data, start + 8):
        cookie, taken = _cookie(data, start + offset, stop)
        room -= taken
        if room < 0:
            detail = "the cookies of this page take more room than it has; the rest is not read"
            yield Trouble(within=f"offset {start}", detail=detail, reason="damaged_file")
            return
        yield cookie
    if fitting < count:
        detail = f"{count} cookies are announced, and the list of their places has {fitting}"
        yield Trouble(within=f"offset {start}", detail=detail, reason="damaged_file")


def _cookie(data: bytes, start: int, stop: int) -> tuple[Found | Trouble, int]:
    """Read the cookie at `start`; return it with the bytes it takes."""
    within = f"offset {start}"
    if start + _COOKIE.size > stop:
        return Trouble(within=within, detail="the page ends before this cookie does"), 0
    size, _, flags, _, *offsets, expires, created = _COOKIE.unpack_from(data, start)
    end = start + size
    if size < _COOKIE.size or end > stop:
        detail = f"a cookie of {size} bytes does not fit in its page"
        return Trouble(within=within, detail=detail), 0
    said = {
        name: _text(data, start + offset, end) if offset else ""
        for name, offset in zip(_TEXTS, offsets, strict=True)
    }
    when, until = moment(created, APPLE_SECONDS), moment(expires, APPLE_SECONDS)
    found = Found(
        kind=Kind.FILE,
        text=f"cookie {said['domain']}{said['path']} {said['name']}={said['value']}",
        within=within,
        at=when.at,
        time_note=when.note,
        platform="safari",
        extra={
            **{name: text or None for name, text in said.items()},
            "flags": ", ".join(word for bit, word in _FLAGS.items() if flags & bit) or None,
            "expires_utc": until.at.isoformat() if until.at else until.note,
        },
    )
    return found, size


def _text(data: bytes, start: int, end: int) -> str:
    """Read a string that ends with NUL, and at the latest where its cookie ends."""
    stop = data.find(b"\0", start, end)
    return data[start : stop if stop >= 0 else end].decode("utf-8", "replace")


COOKIES = Reader(
    name="binarycookies",
    media="application/x-apple-binarycookies",
    recognises=_recognises,
    read=_read,
)
