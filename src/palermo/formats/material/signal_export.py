"""Reads Signal chats exported as text: `[2019-12-24, 12:23] Name: text`.

Signal itself writes no such file; the tools that read its database do. The times are those of the
exporting device, to the minute. Attachments, quotes and reactions as these tools write them in
Markdown are kept in the text and named in `extra`.
"""

import re
from dataclasses import dataclass
from datetime import datetime

from palermo.formats.material.found import Found, Kind, Reader, Records, Source, Trouble, Value
from palermo.formats.material.plain_values import TEXT_CHARACTERS
from palermo.formats.material.spoken_lines import Speakers
from palermo.formats.material.text_lines import ENCODING, head_lines, numbered_lines
from palermo.formats.material.wall_clock import MINUTES, local_time
from palermo.model import Unreadable

PLATFORM = "Signal"

_HEAD = re.compile(
    r"\ufeff?\[([0-9]{4}-[0-9]{2}-[0-9]{2}), ([0-9]{2}:[0-9]{2})(?::([0-9]{2}))?\] ?"
)
_ATTACHMENT = re.compile(r"!?\[[^\]\n]*\]\(([^()\n]+)\)")
_REACTIONS = re.compile(r"\(- ([^()\n]+) -\)\s*$")


def _recognises(source: Source) -> bool:
    if not source.ends(".txt", ".md"):
        return False
    lines = [line for line in head_lines(source.head) if line.strip()]
    found = _HEAD.match(lines[0]) if lines else None
    # With seconds it is WhatsApp's on an iPhone; that one never leaves them out.
    return found is not None and found[3] is None and ":" in lines[0][found.end() :]


@dataclass(slots=True)
class _Piece:
    number: int
    day: str
    time: str
    lines: list[str]
    size: int
    damaged: bool


def _read(source: Source) -> Records:
    speakers = Speakers()
    for line in numbered_lines(source.path, source.name):
        if found := _HEAD.match(line.text):
            speakers.add(line.text[found.end() :])
    piece: _Piece | None = None
    for line in numbered_lines(source.path, source.name):
        if found := _HEAD.match(line.text):
            if piece is not None:
                yield _record(piece, source, speakers)
            rest = line.text[found.end() :]
            piece = _Piece(line.number, found[1], found[2], [rest], len(rest), line.damaged)
        elif piece is not None:
            if piece.size <= TEXT_CHARACTERS:
                piece.lines.append(line.text)
            piece.size += len(line.text) + 1
            piece.damaged = piece.damaged or line.damaged
        elif line.text.strip():
            where = f"line {line.number}"
            yield Trouble(within=where, detail="text before the first message", raw=line.text)
    if piece is None:
        raise Unreadable(
            f"{source.name}: no line begins with `[date, time] name:`; export the chat again"
        )
    yield _record(piece, source, speakers)


def _record(piece: _Piece, source: Source, speakers: Speakers) -> Found | Trouble:
    within = f"line {piece.number}"
    if piece.size > TEXT_CHARACTERS:
        detail = f"a message of {piece.size} characters"
        raw = piece.lines[0]
        return Trouble(within=within, detail=detail, reason="field_too_large", raw=raw)
    name, first = speakers.split(piece.lines[0])
    text = "\n".join([first, *piece.lines[1:]]).rstrip("\n")
    extra: dict[str, Value] = {}
    if name is None:
        extra["system"] = True
    if attachments := _ATTACHMENT.findall(text):
        extra["attachment"] = "\n".join(attachments)
    if reactions := _REACTIONS.search(text):
        extra["reactions"] = reactions[1]
    if piece.damaged:
        extra["encoding"] = ENCODING
    try:
        clock = datetime.fromisoformat(f"{piece.day}T{piece.time}")
        at, note = local_time(clock, source.zone, MINUTES)
    except ValueError:
        at, note = None, "no date of the calendar"
        extra["time_stated"] = f"{piece.day}, {piece.time}"
    return Found(
        kind=Kind.MESSAGE,
        text=text if text.strip() else "[no text]",
        within=within,
        at=at,
        time_note=note,
        platform=PLATFORM,
        account=name.strip() if name else None,
        extra=extra,
    )


SIGNAL = Reader(name="Signal chat", media="text/plain", recognises=_recognises, read=_read)
