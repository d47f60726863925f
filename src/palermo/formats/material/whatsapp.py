"""Reads WhatsApp's text exports in whatever language, clock and order of dates the phone had.

Every line belongs to one message or notice. Texts are kept as they stand; what the app wrote into
them (attachments, withdrawn and edited messages) is marked in `extra`. The file is read twice: once
to learn how its dates and names are written, once for the messages.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from palermo.formats.material import whatsapp_words as words
from palermo.formats.material.found import Found, Kind, Reader, Records, Source, Trouble, Value
from palermo.formats.material.plain_values import TEXT_CHARACTERS
from palermo.formats.material.spoken_lines import Speakers
from palermo.formats.material.text_lines import ENCODING, head_lines, numbered_lines
from palermo.formats.material.wall_clock import local_time
from palermo.formats.material.whatsapp_stamps import (
    MARKS,
    NOT_CERTAIN,
    Reading,
    Stamp,
    Survey,
    read_stamp,
)
from palermo.model import Unreadable

PLATFORM = "WhatsApp"

_LOOKED_AT = 20
_MAY_NAME = re.compile(r"<[^<>\n]*:|\.\w{1,5} \(")
_APP = ("\u200e", "\u200f")
_LOG_LEVELS = {"error", "info", "warn", "warning", "debug", "trace", "fatal", "notice", "critical"}
_BACK = timedelta(days=1)


def _recognises(source: Source) -> bool:
    named = "whatsapp" in source.name.lower() or source.ends("_chat.txt")
    if not (source.ends(".txt") or named) or b"\0\0\0" in source.head:
        return False
    lines = [line for line in head_lines(source.head) if line.strip()]
    stamps = [stamp for line in lines if (stamp := read_stamp(line)) is not None]
    if not stamps or not any(read_stamp(line) for line in lines[:_LOOKED_AT]):
        return False
    starts = [stamp.rest.partition(":") for stamp in stamps]
    spoken = [name.strip(MARKS + " ").lower() for name, colon, _ in starts if colon]
    if named:
        return True
    # Logs of machines have such dates too.
    return bool(spoken) and not set(spoken) <= _LOG_LEVELS and read_stamp(lines[0]) is not None


def _read(source: Source) -> Records:
    survey, speakers = Survey(), Speakers()
    for line in numbered_lines(source.path, source.name):
        if (stamp := read_stamp(line.text)) is not None:
            survey.add(stamp)
            speakers.add(stamp.rest)
    reading = survey.reading()
    if reading is None:
        raise Unreadable(
            f"{source.name}: no line begins with a date as WhatsApp writes it; "
            "export the chat again, or give the file as a table"
        )
    app = _App(source, reading, speakers)
    for piece in _pieces(source, reading):
        yield app.record(piece)


@dataclass(slots=True)
class _Piece:
    """The lines of one message; `stamp` is None for what stands before the first message."""

    number: int
    stamp: Stamp | None
    lines: list[str]
    size: int = 0
    damaged: bool = False


def _pieces(source: Source, reading: Reading) -> Iterator[_Piece]:
    piece: _Piece | None = None
    for line in numbered_lines(source.path, source.name):
        stamp = read_stamp(line.text)
        if stamp is not None and stamp.form == reading.form:
            if piece is not None:
                yield piece
            piece = _Piece(line.number, stamp, [stamp.rest])
        elif piece is None:
            if not line.text.strip(MARKS + " \t"):
                continue
            piece = _Piece(line.number, None, [line.text])
        elif piece.size <= TEXT_CHARACTERS:
            piece.lines.append(line.text)
        piece.size += len(line.text) + 1
        piece.damaged = piece.damaged or line.damaged
    if piece is not None:
        yield piece


@dataclass(slots=True)
class _App:
    """Turns pieces into records; knows how this file writes times and names."""

    source: Source
    reading: Reading
    speakers: Speakers
    _chat: str | None = None
    _subject: str | None = None
    _begun: bool = False
    _last: datetime | None = None
    _facts: dict[str, Value] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if named := words.CHAT_NAMES.fullmatch(self.source.name):
            self._facts["chat"] = named[1]

    def record(self, piece: _Piece) -> Found | Trouble:
        within = f"line {piece.number}"
        text = "\n".join(piece.lines)
        if piece.size > TEXT_CHARACTERS:
            detail = f"a message of {piece.size} characters"
            return Trouble(within=within, detail=detail, reason="field_too_large", raw=text[:2000])
        if piece.stamp is None:
            return Trouble(within=within, detail="text before the first message", raw=text)
        at, note = self.reading.time(piece.stamp)
        extra = dict(self._facts)
        self._order(at, extra)
        if at is None or (note and NOT_CERTAIN in note):
            extra["time_stated"] = piece.stamp.stated
        if at is not None:
            at, note = local_time(at, self.source.zone, note)
        if piece.damaged:
            extra["encoding"] = ENCODING
        account, said = self._spoken(text.rstrip("\n"), extra)
        return Found(
            kind=Kind.MESSAGE,
            text=said if said.strip(MARKS + " \t\n") else "[no text]",
            within=within,
            at=at,
            time_note=note,
            platform=PLATFORM,
            account=account,
            extra=extra,
        )

    def _order(self, at: datetime | None, extra: dict[str, Value]) -> None:
        """Say when a message stands behind a later one: pasted and moved lines do."""
        if at is None:
            return
        if self._last is not None and at < self._last - _BACK:
            extra["out_of_order"] = True
        self._last = at

    def _spoken(self, text: str, extra: dict[str, Value]) -> tuple[str | None, str]:
        head, newline, rest = text.partition("\n")
        name, said = self.speakers.split(head)
        said += newline + rest
        first, self._begun = not self._begun, True
        if name is None:
            extra["system"] = True
            return None, said
        account = name.strip(MARKS + " \u00a0\u202f") or name
        marked = _mark(said, extra)
        if not marked and said.startswith(_APP):
            # iOS puts the first notice under the name of the chat, and others of groups too.
            if first:
                self._subject = account
            if account == self._subject:
                extra.update(system=True, attributed_to=account)
                return None, said
            extra["written_by_app"] = True
        return account, said


def _mark(said: str, extra: dict[str, Value]) -> bool:
    """Mark what the app wrote into a message in the name of its sender."""
    before = len(extra)
    if words.EDITED.search(said):
        extra["edited"] = True
        said = words.EDITED.sub("", said)
    if words.DELETED.fullmatch(said):
        extra["deleted"] = True
    if words.OMITTED.fullmatch(said):
        extra["media_omitted"] = True
    names: list[str] = []
    if not (words.OWN_FILE_NAME.search(said) or _MAY_NAME.search(said)):
        return len(extra) > before
    for pattern in (words.ATTACHED, words.FILE_ATTACHED, words.OWN_FILE_NAME):
        for line in said.split("\n")[:50]:
            names.extend(name for name in _attached(pattern, line) if name not in names)
    if names:
        extra["attachment"] = "\n".join(names)
    return len(extra) > before


def _attached(pattern: re.Pattern[str], line: str) -> list[str]:
    if pattern is words.ATTACHED:
        return pattern.findall(line)
    return [found[1]] if (found := pattern.match(line)) else []


WHATSAPP = Reader(name="WhatsApp chat", media="text/plain", recognises=_recognises, read=_read)
