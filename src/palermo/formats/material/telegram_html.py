"""Reads Telegram's HTML exports (`messages.html`), a message at a time.

The export shows no stable number of a sender, so `account` is the name shown; a message joined to
the one before it has the same sender. Times are the exporting device's; newer exports state its
offset from UTC. Each message is parsed by itself, so that a damaged one costs no other.
"""

import html
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, tzinfo
from html.parser import HTMLParser
from itertools import pairwise
from typing import NamedTuple

from palermo.formats.lines import read_text
from palermo.formats.material.found import Found, Kind, Reader, Records, Source, Trouble, Value
from palermo.formats.material.plain_values import cut
from palermo.formats.material.text_lines import ENCODING
from palermo.formats.material.wall_clock import local_time
from palermo.formats.records import BLOCK_BYTES
from palermo.formats.source import Buffer
from palermo.model import Unreadable

PLATFORM = "Telegram"

_START = re.compile(rb'<div class="message (?:default|service)')
_NUMBER = re.compile(r"(?:message|go_to_message)(-?[0-9]+)")
_TIME = re.compile(
    r"([0-9]{2})\.([0-9]{2})\.([0-9]{4}) ([0-9]{2}:[0-9]{2}:[0-9]{2})"
    r"(?: UTC([+-][0-9]{2}:[0-9]{2}))?"
)
_TITLE = re.compile(r'<div class="text bold">\s*([^<]{1,300}?)\s*</div>')
#: A message is never as large as this.
_MOST_BYTES = 4 << 20
#: The classes of elements whose words are wanted; the innermost counts.
_WANTED = (
    "userpic", "date", "from_name", "reply_to", "title", "status", "description", "reactions",
    "signature", "text", "details",
)  # fmt: skip
#: What is kept of them in `extra`; `other` are words that stand elsewhere, such as in polls.
_SHOWN = (
    "forwarded_from", "title", "status", "description", "reactions", "signature", "other",
)  # fmt: skip
_VOID = {"br", "img", "input", "hr", "meta", "link", "source"}


def _recognises(source: Source) -> bool:
    if not source.ends(".html", ".htm"):
        return False
    head = source.head
    return b'class="message ' in head and (b"go_to_message" in head or b'"history"' in head)


class _Block(NamedTuple):
    """The bytes of one message, or of what stands before the first; None if too many."""

    offset: int
    data: bytes | None
    size: int


def _read(source: Source) -> Records:
    reader = _Export(source.zone)
    none = True
    for block in _blocks(source):
        if block.offset == 0 and not (block.data and _START.match(block.data)):
            reader.page(block.data or b"")
            continue
        none = False
        yield reader.record(block)
    if none:
        raise Unreadable(f"{source.name}: the export holds no message; fetch it again")


def _blocks(source: Source) -> Iterator[_Block]:
    with Buffer(source.path, source.name) as buffer:
        offset = 0
        while True:
            buffer.fill(BLOCK_BYTES)
            if not buffer.data:
                return
            places = [found.start() for found in _START.finditer(buffer.data)]
            starts = [0, *(place for place in places if place)]
            for start, end in pairwise(starts):
                yield _Block(offset + start, buffer.data[start:end], end - start)
            offset += starts[-1]
            buffer.take(starts[-1])
            if buffer.ended:
                yield _Block(offset, buffer.data, len(buffer.data))
                return
            if len(starts) == 1:
                size = _passed(buffer)
                yield _Block(offset, None, size)
                offset += size


def _passed(buffer: Buffer) -> int:
    """Pass over a message that is too large; return its size in bytes."""
    size = 0
    while True:
        found = _START.search(buffer.data, 1)
        # Keep enough to see a beginning that is cut in two.
        rest = found.start() if found else len(buffer.data) - (0 if buffer.ended else 64)
        size += rest
        buffer.take(rest)
        if found or buffer.ended:
            return size
        buffer.fill(BLOCK_BYTES)


@dataclass(slots=True)
class _Export:
    """Turns blocks into records; remembers who spoke last."""

    zone: tzinfo | None
    _facts: dict[str, Value] = field(default_factory=dict)
    _speaker: str | None = None

    def page(self, data: bytes) -> None:
        """Take in what stands before the messages: the name of the chat."""
        if found := _TITLE.search(read_text(data).text):
            self._facts["chat"] = _plain(html.unescape(found[1]))

    def record(self, block: _Block) -> Found | Trouble:
        """Turn one message into an item."""
        where = f"offset {block.offset}"
        if block.data is None or block.size > _MOST_BYTES:
            detail = f"a message of {block.size} bytes"
            return Trouble(within=where, detail=detail, reason="field_too_large")
        line = read_text(block.data)
        page = _Message()
        try:
            page.feed(line.text)
            page.close()
        except (AssertionError, ValueError, IndexError) as error:
            return Trouble(within=where, detail=f"no HTML: {error}", raw=line.text[:2000])
        extra = self._facts | page.facts()
        if "encoding" in line.problems:
            extra["encoding"] = ENCODING
        words = page.words
        if page.service:
            said = words("details")
            extra["system"] = True
        else:
            said = words("text")
            self._speaker = words("from_name") or (self._speaker if page.joined else None)
        at, note = self._time(page.time, extra)
        if page.service and at is None:
            note = "no time stated"
        return Found(
            kind=Kind.MESSAGE,
            text=said if said.strip() else f"[{page.label()}, no text]",
            within=f"{page.number} at {where}" if page.number else where,
            at=at,
            time_note=note,
            platform=PLATFORM,
            account=None if page.service else self._speaker,
            extra=extra,
        )

    def _time(self, stated: str, extra: dict[str, Value]) -> tuple[datetime | None, str | None]:
        found = _TIME.fullmatch(stated.strip())
        if found is None:
            return None, "the time cannot be read" if stated else "no time stated"
        day, month, year, clock, offset = found.groups()
        try:
            at = datetime.fromisoformat(f"{year}-{month}-{day}T{clock}{offset or ''}")
        except ValueError:
            extra["time_stated"] = stated
            return None, "no date of the calendar"
        return (at, None) if offset else local_time(at, self.zone)


class _Message(HTMLParser):
    """The parts of one message."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.service = self.joined = False
        self.number = self.time = ""
        self._words: dict[str, list[str]] = {}
        self._open: list[tuple[str, str]] = []  # tag, and which words stand in it
        self._extra: dict[str, list[str]] = {}

    def words(self, name: str) -> str:
        """Return the words of the elements of a class."""
        return _plain("".join(self._words.get(name, [])))

    def facts(self) -> dict[str, Value]:
        """Return what is known of a message besides sender, time and text."""
        found: dict[str, Value] = {
            name: cut("\n".join(dict.fromkeys(values))) for name, values in self._extra.items()
        }
        shown = [*_SHOWN, *([] if self.service else ["details"])]
        for name in shown:
            found[name] = cut(" ".join(self.words(name).split())) or None
        return found

    def label(self) -> str:
        """Say what a message without words is."""
        return self.words("title") or ("file" if "file" in self._extra else "message")

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note links, times and numbers, and which words follow."""
        stated = {name: value or "" for name, value in attrs}
        classes = stated.get("class", "").split()
        if "message" in classes and tag == "div" and not self._open:
            self.service, self.joined = "service" in classes, "joined" in classes
            self.number = stated.get("id", "")
        inside = self._open[-1][1] if self._open else ""
        wanted = next((name for name in _WANTED if name in classes), "")
        forwarded = "forwarded" in classes or any(mark == "forwarded" for _, mark in self._open)
        if wanted == "date" and not forwarded and not self.time:
            self.time = stated.get("title", "")
        elif wanted == "date" and "title" in stated:
            self._extra.setdefault("forwarded_date", []).append(stated["title"])
        if wanted == "from_name" and forwarded:
            wanted = "forwarded_from"
        self._link(tag, classes, stated)
        if tag == "br":
            self._words.setdefault(inside, []).append("\n")
        if tag not in _VOID and len(self._open) < 200:
            self._open.append((tag, wanted or ("forwarded" if "forwarded" in classes else inside)))

    def handle_endtag(self, tag: str) -> None:
        """Leave the innermost element of that name."""
        for index in range(len(self._open) - 1, -1, -1):
            if self._open[index][0] == tag:
                del self._open[index:]
                return

    def handle_data(self, data: str) -> None:
        """Take words to the innermost element that is wanted."""
        place = self._open[-1][1] if self._open else ""
        self._words.setdefault(place if place not in {"", "forwarded"} else "other", []).append(
            data
        )

    def _link(self, tag: str, classes: list[str], stated: dict[str, str]) -> None:
        target = stated.get("href", "")
        if tag != "a" or not target:
            return
        if target.startswith("#"):
            if number := _NUMBER.search(target):
                self._extra.setdefault("reply_to_message_id", []).append(number[1])
            return
        media = any(name.endswith("_wrap") or name.startswith("media") for name in classes)
        self._extra.setdefault("file" if media else "links", []).append(target)


def _plain(text: str) -> str:
    """Take the layout of the page off a text: blanks and line ends around its lines."""
    return "\n".join(line.strip(" \t\r") for line in text.strip().split("\n"))


TELEGRAM_HTML = Reader(
    name="Telegram export in HTML", media="text/html", recognises=_recognises, read=_read
)
