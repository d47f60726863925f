"""The records of a WARC file (ISO 28500, WARC 1.0 and 1.1), one after another.

Guarantees that every record before a damaged place is handed over whole, that reading goes on at
the next record after it, and that every damaged place is handed over too. A wrong Content-Length
does not swallow the records behind it.
"""

import re
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from palermo.formats.material.warc_stream import Broken, Endless, WarcStream

_VERSION = re.compile(rb"WARC/(0\.1[78]|1\.[0-9])[ \t]*\r?\n?")
_LONGEST_LINE = 1 << 16
_MOST_HEADERS = 1 << 18
_PIECE = 1 << 16
_IN_MEMORY = 1 << 23
_AFTER = b"\r\n\r\n"


@dataclass(frozen=True, slots=True)
class WarcRecord:
    """One record: its place, its header fields (names in small letters), and its block.

    `block` is open at its start until the next record is asked for. `broken` says why the block
    ends before its stated length. `after_damage`: something before it could not be read.
    """

    place: str
    fields: Mapping[str, str]
    block: IO[bytes]
    length: int
    broken: str | None = None
    after_damage: bool = False


@dataclass(frozen=True, slots=True)
class Damage:
    """A place where no record could be read. `last`: nothing behind it could be read either."""

    place: str
    detail: str
    last: bool
    shown: str | None = None


class _Wrong(Exception):
    """What stands here is no record."""


def warc_records(path: Path) -> Iterator[WarcRecord | Damage]:
    """Read the records of the WARC file at `path`."""
    after_damage = False
    with WarcStream(path) as stream:
        while True:
            place = None
            try:
                if not _to_record(stream):
                    return
                place = stream.place()
                with tempfile.SpooledTemporaryFile(max_size=_IN_MEMORY) as block:
                    record = _record(stream, place, block, after_damage=after_damage)
                    yield record
                if record.broken is None:
                    after_damage = False
                    continue
                damage = f"the record breaks off: {record.broken}"
            except (_Wrong, Broken) as error:
                damage = str(error)
            except Endless as error:
                yield Damage(
                    place or stream.place(), f"{error}; unpack it by hand if it is sound", last=True
                )
                return
            place = place or stream.place()
            shown = _shown(stream)
            if not stream.resume():
                yield Damage(place, damage, last=True, shown=shown)
                return
            yield Damage(
                place, f"{damage}; reading goes on at {stream.place()}", last=False, shown=shown
            )
            after_damage = True


def _to_record(stream: WarcStream) -> bool:
    """Go to where the next record should begin; False at the end of the file."""
    while True:
        while stream.peek(1) in {b"\r", b"\n"}:
            stream.read(1)
        if not stream.at_end():
            return True
        if not stream.next_member():
            return False


def _record(stream: WarcStream, place: str, block: IO[bytes], *, after_damage: bool) -> WarcRecord:
    fields = _fields(stream)
    length = _length(fields)
    start, left, broken = stream.inside, length, None
    try:
        while left:
            piece = stream.read(min(left, _PIECE))
            if not piece:
                broken = f"{length - left} of {length} bytes are there"
                break
            block.write(piece)
            left -= len(piece)
    except Broken as error:
        broken = f"{length - left} of {length} bytes are there, then {error}"
    if broken is None and not _ends(stream):
        broken = f"its {length} bytes are not followed by an end of record"
    if broken is not None and not stream.packed:
        _cut(stream, block, start)
    block.seek(0)
    return WarcRecord(place, fields, block, length, broken, after_damage)


def _ends(stream: WarcStream) -> bool:
    """Tell whether the end of a record stands here, or the end of the file or member."""
    try:
        return stream.peek(4) in {_AFTER, b"\r\n", b"\n\n", b"\n", b""}
    except Broken:  # said when the next record is asked for
        return True


def _cut(stream: WarcStream, block: IO[bytes], start: int) -> None:
    """Take out of a block what a wrong length swallowed: it ends where the next record begins."""
    stream.back_to(start)
    if stream.resume() and stream.inside - start < block.tell():
        block.truncate(stream.inside - start)
        block.seek(0, 2)
    stream.back_to(max(start, stream.inside))


def _fields(stream: WarcStream) -> dict[str, str]:
    version = stream.readline(_LONGEST_LINE)
    if not _VERSION.fullmatch(version):
        raise _Wrong("expected a record that begins with WARC/1.0 or WARC/1.1")
    fields: dict[str, str] = {}
    name, total = "", 0
    while line := stream.readline(_LONGEST_LINE):
        total += len(line)
        if total > _MOST_HEADERS:
            raise _Wrong(f"the header of the record is longer than {_MOST_HEADERS} bytes")
        text = _text(line).rstrip("\r\n")
        if not text:
            return fields
        if text[0] in " \t" and name:
            fields[name] += " " + text.strip()
            continue
        head, colon, value = text.partition(":")
        if not colon:
            raise _Wrong("a line of the record's header has no colon")
        name = head.strip().lower()
        # A field that is named twice: the first counts, the others are kept beside it.
        fields[name] = f"{fields[name]}; {value.strip()}" if name in fields else value.strip()
    raise _Wrong("the header of the record breaks off")


def _length(fields: Mapping[str, str]) -> int:
    stated = fields.get("content-length", "")
    if not re.fullmatch(r"[0-9]{1,18}", stated):
        raise _Wrong(f"the record states no readable Content-Length ({stated[:40]!r})")
    return int(stated)


def _text(line: bytes) -> str:
    try:
        return line.decode("utf-8")
    except UnicodeDecodeError:
        return line.decode("latin-1")


def _shown(stream: WarcStream) -> str | None:
    try:
        return stream.peek(200).decode("utf-8", "replace") or None
    except (Broken, Endless):
        return None
