"""Reads ZIP archives as services hand out chats and downloads in them.

Every file in an archive becomes an item of kind `file` with its size and SHA-256, or a trouble with
the reason; what a reader knows is read as well. Names in an archive are never used as names on
disk, so that `../` and `/etc/` do no harm. What unpacks beyond all measure is not unpacked. Of an
archive that breaks off, the files before the break are read.
"""

import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from lzma import LZMAError
from typing import NamedTuple

from palermo.formats.material.file_item import file_found, read_inside, unpacked
from palermo.formats.material.found import Reader, Records, Source, Trouble, Value
from palermo.formats.material.zip_rescue import BrokenOff, Rescued, rescued
from palermo.formats.source import CHUNK, GZIP_FREE, GZIP_RATIO
from palermo.model import Unreadable

_MOST_FILES = 200_000
#: Even an empty file costs work: each spends at least this much of what may be unpacked.
_LEAST_COST = 1024
_BEGINNINGS = (b"PK\x03\x04", b"PK\x05\x06")
#: Documents and programs are archives too; nobody wants their inner parts as items.
_OTHERS = (
    ".docx", ".xlsx", ".pptx", ".odt", ".ods", ".odp", ".epub", ".apk", ".jar", ".xpi", ".wacz",
    ".kmz", ".ipa",
)  # fmt: skip
_OTHER_FIRST = (b"[Content_Types].xml", b"mimetypeapplication", b"META-INF/MANIFEST.MF")
_ENCRYPTED = 0x1
_BROKEN = (
    zipfile.BadZipFile,
    zlib.error,
    LZMAError,
    EOFError,
    OSError,
    ValueError,
    NotImplementedError,
    RuntimeError,
)


class _TooMuch(Exception):
    """A file unpacks to more than is reasonable."""


class _Member(NamedTuple):
    """A file in an archive, whether its list of files is there or not."""

    name: str
    packed: int
    encrypted: bool
    facts: dict[str, Value]
    pieces: Callable[[], Iterator[bytes]]


def _recognises(source: Source) -> bool:
    if not source.head.startswith(_BEGINNINGS) or source.ends(*_OTHERS):
        return False
    return not any(other in source.head[30:100] for other in _OTHER_FIRST)


def _read(source: Source) -> Records:
    try:
        archive = zipfile.ZipFile(source.path)
    except _BROKEN as error:
        yield from _without_list(source, str(error))
        return
    with archive:
        for number, member in enumerate(archive.infolist(), start=1):
            if number > _MOST_FILES:
                detail = f"more than {_MOST_FILES} files; unpack the archive by hand"
                yield Trouble(within=f"file {number}", detail=detail, reason="damaged_file")
                return
            if not member.is_dir():
                yield from _member(source, _listed(archive, member))


def _without_list(source: Source, why: str) -> Records:
    """Read an archive whose list of files, at its end, is missing or damaged."""
    count = 0
    try:
        for member in rescued(source.path):
            count += 1
            if not member.name.endswith("/"):
                yield from _member(source, _unlisted(member))
    except BrokenOff as broken:
        if not count and broken.offset == 0:
            raise Unreadable(
                f"{source.name}: not a readable ZIP archive ({why}); fetch the whole of it again"
            ) from broken
        offset, detail = broken.offset, f"the archive breaks off: {broken}"
    else:
        offset, detail = source.path.stat().st_size, f"the archive's list of files: {why}"
    yield Trouble(within=f"offset {offset}", detail=detail, reason="damaged_file")


def _listed(archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> _Member:
    year, month, day, hour, minute, second = member.date_time

    def pieces() -> Iterator[bytes]:
        with archive.open(member) as file:
            while piece := file.read(CHUNK):
                yield piece

    facts: dict[str, Value] = {
        # Local time of whoever packed it, even seconds only.
        "modified": f"{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}",
        "comment": member.comment.decode("utf-8", "replace") or None,
    }
    encrypted = bool(member.flag_bits & _ENCRYPTED)
    return _Member(member.filename, member.compress_size, encrypted, facts, pieces)


def _unlisted(member: Rescued) -> _Member:
    encrypted = bool(member.flags & _ENCRYPTED)
    facts: dict[str, Value] = {"rescued": True}
    return _Member(member.name, member.packed, encrypted, facts, member.pieces)


def _member(source: Source, member: _Member) -> Records:
    name = member.name or "[file without a name]"
    if member.encrypted:
        detail = f"the file is encrypted ({member.packed} bytes); unpack it with its password"
        yield Trouble(within=name, detail=detail)
        return
    with ExitStack() as stack:
        try:
            content = stack.enter_context(unpacked(_measured(source, member)))
        except _TooMuch:
            detail = f"{member.packed} bytes unpack to more than is reasonable; unpack it by hand"
            yield Trouble(within=name, detail=detail, reason="field_too_large")
            return
        except _BROKEN as error:
            yield Trouble(within=name, detail=f"cannot be unpacked: {error}")
            return
        facts = member.facts | ({"unsafe_name": True} if _is_unsafe(member.name) else {})
        yield file_found(name, name, content, None, facts)
        yield from read_inside(source, content, name)


def _measured(source: Source, member: _Member) -> Iterator[bytes]:
    """Unpack, and stop when it becomes more than the file alone or all together may be."""
    most = max(GZIP_FREE, GZIP_RATIO * member.packed)
    if not source.allowance.spend(_LEAST_COST):
        raise _TooMuch
    for piece in member.pieces():
        most -= len(piece)
        if most < 0 or not source.allowance.spend(len(piece)):
            raise _TooMuch
        yield piece


def _is_unsafe(name: str) -> bool:
    """Tell whether a name would lead out of the folder that an archive is unpacked to."""
    parts = name.replace("\\", "/").split("/")
    return ".." in parts or not parts[0] or ":" in parts[0]


ZIP = Reader(name="ZIP archive", media="application/zip", recognises=_recognises, read=_read)
