"""Word documents (`.docx`): their words, and who wrote them when, as the file says.

Guarantees that entities are not resolved and nothing is unpacked beyond a bound: a document is a
ZIP archive of XML from outside. The author's name is no account, since thousands of documents are
by "User"; it stays in `extra`. Times are UTC, as the format demands (`W3CDTF` with `Z`).
Source: ECMA-376, parts 1 (WordprocessingML) and 2 (core properties).
"""

import zipfile
import zlib
from collections.abc import Callable, Iterator
from datetime import datetime
from typing import IO
from xml.parsers import expat

from palermo.formats.material.found import Found, Kind, Reader, Records, Source, Trouble, Value
from palermo.model import Unreadable

_WORD = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
_LARGEST = 64 << 20
_BLOCK = 1 << 16
#: What of a part is text, and what stands for a line break or a tab.
_BREAKS = {f"{_WORD} p": "\n", f"{_WORD} br": "\n", f"{_WORD} cr": "\n", f"{_WORD} tab": "\t"}
_TEXTS = {f"{_WORD} t", f"{_WORD} delText"}
#: Parts with words, in the order in which they are read; those without a number are once only.
_PARTS = ("word/document.xml", "word/footnotes.xml", "word/endnotes.xml", "word/comments.xml")
_NUMBERED = ("word/header", "word/footer")
_PROPERTIES = ("docProps/core.xml", "docProps/app.xml")
_BAD = (zipfile.BadZipFile, zlib.error, EOFError, OSError, NotImplementedError, RuntimeError)


class _Refusal(Exception):
    """A part that is not read, and why."""


def _recognises(source: Source) -> bool:
    return source.head.startswith(b"PK\3\4") and b"word/" in source.head and (
        b"[Content_Types].xml" in source.head or source.ends(".docx", ".docm")
    )  # fmt: skip


def _read(source: Source) -> Records:
    try:
        archive = zipfile.ZipFile(source.path)
    except (*_BAD, ValueError) as error:
        raise Unreadable(
            f"{source.name}: the archive of this document is damaged: {error}"
        ) from None
    with archive:
        troubles: list[Trouble] = []
        words = [text for name in _parts(archive) if (text := _words(archive, name, troubles))]
        stated: dict[str, str] = {}
        for name in _PROPERTIES:
            if name in archive.namelist():
                stated |= _stated(archive, name, troubles)
    yield _item("\n".join(words).strip(), stated)
    yield from troubles


def _parts(archive: zipfile.ZipFile) -> Iterator[str]:
    names = archive.namelist()
    yield from (name for name in _PARTS if name in names)
    yield from sorted(
        {name for name in names if name.startswith(_NUMBERED) and name.endswith(".xml")}
    )


def _item(text: str, stated: dict[str, str]) -> Found:
    extra: dict[str, Value] = dict(stated)
    at = next((time for name in ("created", "modified") if (time := _time(stated.get(name)))), None)
    note = None
    if at is not None and not _time(stated.get("created")):
        note = "time of the last change"
    return Found(
        kind=Kind.FILE,
        text=text or "[Word document, no text]",
        within="word/document.xml",
        at=at,
        time_note=note,
        extra=extra,
    )


def _time(text: str | None) -> datetime | None:
    try:
        time = datetime.fromisoformat(text or "")
    except ValueError:
        return None
    return time if time.tzinfo is not None else None


def _words(archive: zipfile.ZipFile, name: str, troubles: list[Trouble]) -> str:
    """Return the words of a part, as far as it can be read."""
    pieces: list[str] = []
    inside: list[str] = []

    def start(tag: str, _: dict[str, str]) -> None:
        inside.append(tag)

    def end(tag: str) -> None:
        inside.pop()
        if tag in _BREAKS:
            pieces.append(_BREAKS[tag])

    def text(data: str) -> None:
        if inside and inside[-1] in _TEXTS:
            pieces.append(data)

    _parse(archive, name, troubles, start=start, end=end, text=text)
    return "".join(pieces)


def _stated(archive: zipfile.ZipFile, name: str, troubles: list[Trouble]) -> dict[str, str]:
    """Return the properties in a part: what stands directly below its root, without namespaces."""
    found: dict[str, str] = {}
    inside: list[str] = []

    def start(tag: str, _: dict[str, str]) -> None:
        inside.append(tag.rsplit(" ", 1)[-1])

    def end(_: str) -> None:
        inside.pop()

    def text(data: str) -> None:
        if len(inside) == 2:
            found[inside[1]] = found.get(inside[1], "") + data

    _parse(archive, name, troubles, start=start, end=end, text=text)
    return {key: value.strip() for key, value in found.items() if value.strip()}


def _parse(
    archive: zipfile.ZipFile,
    name: str,
    troubles: list[Trouble],
    *,
    start: Callable[[str, dict[str, str]], None],
    end: Callable[[str], None],
    text: Callable[[str], None],
) -> None:
    parser = expat.ParserCreate(namespace_separator=" ")
    parser.buffer_text = True
    parser.StartElementHandler = start
    parser.EndElementHandler = end
    parser.CharacterDataHandler = text
    parser.StartDoctypeDeclHandler = _no_doctype
    try:
        with archive.open(name) as part:
            for block in _blocks(part):
                parser.Parse(block, False)  # noqa: FBT003
        parser.Parse(b"", True)  # noqa: FBT003
    except (*_BAD, expat.ExpatError, _Refusal, LookupError, ValueError) as error:
        detail = f"this part of the document is read up to where it breaks off: {error}"
        troubles.append(Trouble(within=name, detail=detail, reason="damaged_file"))


def _blocks(part: IO[bytes]) -> Iterator[bytes]:
    size = 0
    while block := part.read(_BLOCK):
        size += len(block)
        if size > _LARGEST:
            raise _Refusal(f"it unpacks to more than {_LARGEST >> 20} MiB")
        yield block


def _no_doctype(*_: object) -> None:
    raise _Refusal("it declares a document type, which may define entities; Word never does")


OFFICE = Reader(
    name="docx",
    media="application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    recognises=_recognises,
    read=_read,
)
