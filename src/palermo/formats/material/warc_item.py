"""One record of a web archive as items: a page with its words, or a file.

Guarantees that a page's text is what a reader saw of it, with what is left out of it beside it, and
that what the record states about itself is kept under the names it has there.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import IO
from urllib.parse import urlsplit

from palermo.formats.dates import read_date
from palermo.formats.material.charset import decoded
from palermo.formats.material.found import Found, Kind, Source, Trouble, Value
from palermo.formats.material.html_images import absolute
from palermo.formats.material.html_text import PageText, page_text
from palermo.formats.material.http_body import Head, bodies, close_all, head_of
from palermo.formats.material.inside import read_inside, safe_name
from palermo.formats.material.warc_digest import Verdict, sha256, verdicts
from palermo.formats.material.warc_records import WarcRecord

#: Up to here a document is read as text; what is longer stays a file, with a note.
TEXT_BYTES = 32 << 20
#: Up to here a file inside is handed to its own reader.
INSIDE_BYTES = 32 << 20
#: A longer text becomes several items, parted at the end of a line.
PART_CHARACTERS = 900_000
_HIDDEN_CHARACTERS = 10_000

_HTML = frozenset({"text/html", "application/xhtml+xml"})
_PLAIN = frozenset({
    "text/plain", "application/json", "text/json", "application/ld+json", "text/xml",
    "application/xml", "application/rss+xml", "application/atom+xml", "text/markdown", "text/csv",
    "application/x-ndjson", "application/jsonl",
})  # fmt: skip
#: Never worth a reader of their own.
_NOT_INSIDE = re.compile(
    r"text/|application/(?:x-)?javascript|font/|application/font|video/|audio/"
)
#: Fields of the record and of the answer that an item keeps, under their own names.
_KEPT = ("WARC-Type", "WARC-Record-ID", "WARC-IP-Address", "WARC-Truncated", "WARC-Refers-To",
         "WARC-Refers-To-Date", "WARC-Refers-To-Target-URI", "WARC-Profile",
         "WARC-Segment-Number", "WARC-Identified-Payload-Type", "WARC-Source-URI",
         "WARC-Creation-Date", "WARC-Page-ID", "WARC-Resource-Type")  # fmt: skip
_KEPT_OF_ANSWER = ("Date", "Last-Modified", "Location", "Server")
_LOOKS_LIKE_HTML = re.compile(rb"\s*(?:\xef\xbb\xbf)?(?:<!doctype html|<html)[\s>]", re.IGNORECASE)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class _Content:
    """A decoded payload: in `file` from `start` on. `stated` is the content type as sent."""

    file: IO[bytes]
    start: int
    size: int
    sha256: str
    stated: str
    media: str


def answer(
    record: WarcRecord, source: Source, software: str | None, false: list[str]
) -> Iterator[Found | Trouble]:
    """Yield the page or file in a response, resource or conversion record, and what is inside it.

    A digest that does not hold is added to `false`, in words.
    """
    fields = record.fields
    is_http = "application/http" in fields.get("content-type", "application/http").lower()
    head = head_of(record.block) if fields.get("warc-type") == "response" and is_http else None
    made = bodies(record.block, head)
    try:
        start = 0 if head is None else head.size
        whole = record.broken is None and not (
            {"warc-truncated", "warc-segment-number"} & fields.keys()
        )
        checked = verdicts(fields, made, start, whole=whole)
        false += [
            f"{record.place}: {name} is {v.stated}, found {v.found}"
            for name, v in checked.items()
            if v.false
        ]
        content = _content(made[-1].file, start if len(made) == 1 else 0, fields, head)
        extra = _extra(record, head, software, checked)
        extra |= {"payload_sha256": content.sha256, "payload_bytes": content.size}
        extra["decoding_note"] = "; ".join(b.note for b in made if b.note) or None
        if content.media in _HTML | _PLAIN and content.size <= TEXT_BYTES:
            yield from _page(record, head, content, extra)
        else:
            yield _file(record, content, extra)
            if 0 < content.size <= INSIDE_BYTES and not _NOT_INSIDE.match(content.media):
                name = safe_name(_path(fields.get("warc-target-uri", "")), media=content.media)
                inside = f"{record.place}/{name}"
                yield from read_inside(source, content.file, inside, start=content.start)
    finally:
        close_all(made)


def revisit(record: WarcRecord, software: str | None) -> Found | None:
    """Return a page seen again without change; None for what was no page with words."""
    head = head_of(record.block)
    if head is None or _bare(head.fields.get("content-type", "")) not in _HTML:
        return None
    before = record.fields.get("warc-refers-to-date", "a time not stated")
    where = record.fields.get("warc-refers-to-target-uri", "the same address")
    found = _found(record, Kind.PAGE, f"[the same content as {where} at {before}]")
    return replace(found, extra=_extra(record, head, software, {}))


def _content(file: IO[bytes], start: int, fields: Mapping[str, str], head: Head | None) -> _Content:
    stated = fields.get("content-type", "") if head is None else head.fields.get("content-type", "")
    if head is None and "application/http" in stated.lower():
        stated = ""
    digest, size = sha256(file, start)
    media = _bare(stated)
    if media in {"", "application/octet-stream", "unknown/unknown", "text/plain"}:
        file.seek(start)
        media = "text/html" if _LOOKS_LIKE_HTML.match(file.read(512)) else media
    return _Content(file, start, size, digest, stated, media)


def _page(
    record: WarcRecord, head: Head | None, content: _Content, extra: dict[str, Value]
) -> Iterator[Found]:
    media = content.media
    content.file.seek(content.start)
    markup = media in _HTML or "xml" in media
    read = decoded(content.file.read(), content.stated, markup=markup)
    extra |= {"charset": read.codec, "charset_stated_by": read.stated_by, "charset_note": read.note}
    lang = None
    if media in _HTML:
        page = page_text(read.text)
        text, lang = _words(page), page.lang
        extra |= {
            "title": page.title or None,
            "hidden_text": page.hidden[:_HIDDEN_CHARACTERS] or None,
            "images": absolute(page.images, record.fields.get("warc-target-uri", "").strip("<> ")),
        }
        if len(page.hidden) > _HIDDEN_CHARACTERS:
            extra["hidden_text_characters"] = len(page.hidden)
    else:
        text = read.text.strip("\n")
    if not text.strip():
        status = f", status {head.status}" if head is not None else ""
        text = f"[{media}{status}, no text]"
    found = _found(record, Kind.PAGE, text, extra)
    yield from _parts(replace(found, lang=lang[:35] if lang else None))


def _words(page: PageText) -> str:
    """Lay out a page: title, blank line, visible text; last, where contact links lead."""
    links = "\n".join(f"[link: {contact}]" for contact in page.contacts)
    return "\n\n".join(piece for piece in (page.title, page.visible, links) if piece)


def _parts(found: Found) -> Iterator[Found]:
    if len(found.text) <= PART_CHARACTERS:
        yield found
        return
    pieces, start = [], 0
    while start < len(found.text):
        stop = start + PART_CHARACTERS
        if stop < len(found.text):
            stop = found.text.rfind("\n", start, stop) + 1 or stop
        pieces.append(found.text[start:stop])
        start = stop
    for number, piece in enumerate(pieces, 1):
        yield replace(
            found,
            text=piece if piece.strip() else "[blank]",
            within=f"{found.within}, part {number} of {len(pieces)}",
        )


def _file(record: WarcRecord, content: _Content, extra: dict[str, Value]) -> Found:
    if content.media in _HTML | _PLAIN:
        extra["text_note"] = f"not read as text: longer than {TEXT_BYTES} bytes"
    text = f"[{content.media or 'no media type'}, {content.size} bytes]"
    return _found(record, Kind.FILE, text, extra)


def _found(
    record: WarcRecord, kind: Kind, text: str, extra: Mapping[str, Value] | None = None
) -> Found:
    url = record.fields.get("warc-target-uri", "").strip("<> ") or None
    at, note = stated_time(record.fields.get("warc-date"))
    return Found(
        kind=kind,
        text=text,
        within=record.place,
        at=at,
        time_note=note,
        id=record.fields.get("warc-record-id", "").strip("<> ") or None,
        platform=host(url),
        url=url,
        extra=extra or {},
    )


def _extra(
    record: WarcRecord, head: Head | None, software: str | None, checked: dict[str, Verdict]
) -> dict[str, Value]:
    extra: dict[str, Value] = {name: record.fields.get(name.lower()) for name in _KEPT}
    extra["Content-Type"] = record.fields.get("content-type")
    extra["warcinfo software"] = software
    extra["broken_off"] = record.broken
    extra["after_damage"] = True if record.after_damage else None
    if head is not None:
        extra["status"] = head.status
        extra["Content-Type"] = head.fields.get("content-type")
        extra |= {f"HTTP {name}": head.fields.get(name.lower()) for name in _KEPT_OF_ANSWER}
    for name, verdict in checked.items():
        extra[name] = verdict.stated
        extra[f"{name} checked"] = verdict.verdict
    return extra


def stated_time(stated: str | None) -> tuple[datetime | None, str | None]:
    """Read a WARC-Date or another ISO 8601 moment, and say what it leaves open."""
    if not stated:
        return None, None
    read = read_date(stated)
    if read is None:
        return None, f"not readable: {stated[:40]}"
    micros, zoned = read
    at = _EPOCH + timedelta(microseconds=micros)
    note = None
    if "T" not in stated.upper() and ":" not in stated:
        note = "day precision"
    elif stated.count(":") - stated.partition("+")[2].count(":") < 2:
        note = "minute precision"
    if not zoned:
        return at.replace(tzinfo=None), "; ".join(filter(None, (note, "zone not stated")))
    return at, note


def _bare(content_type: str) -> str:
    return content_type.split(";", maxsplit=1)[0].split(",", maxsplit=1)[0].strip().lower()


def _path(url: str) -> str:
    try:
        return urlsplit(url).path
    except ValueError:
        return ""


def host(url: str | None) -> str | None:
    """Return the host of `url`; None if it has none."""
    try:
        return urlsplit(url or "").hostname or None
    except ValueError:
        return None
