"""Reads Telegram's JSON exports: one chat, or a whole account with contacts and sessions.

The text is that of the pieces of a message joined without additions; targets of hidden links,
mentions and numbers stand in `extra`. `account` is the sender's stable number (`from_id`) where the
export has it: names change and are not unique. `date_unixtime` is UTC; a lone `date` is the local
time of the exporting device. Source of the layout: Telegram Desktop's export.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, tzinfo
from typing import Any

from palermo.formats.material.found import Found, Kind, Reader, Records, Source, Trouble, Value
from palermo.formats.material.json_cursor import Damage, Element, JsonCursor
from palermo.formats.material.plain_values import cut, flat, string
from palermo.formats.material.text_lines import ENCODING, head_lines
from palermo.formats.material.wall_clock import joined, local_time, utc_time
from palermo.formats.source import Buffer
from palermo.model import Unreadable

PLATFORM = "Telegram"

_CHAT_TYPES = (
    "saved_messages|replies|verification_codes|personal_chat|bot_chat|private_group"
    "|private_supergroup|public_supergroup|private_channel|public_channel"
)
_SIGNS = (
    re.compile(rf'"type"\s*:\s*"(?:{_CHAT_TYPES})"'),
    re.compile(r'"messages"\s*:\s*\[\s*\{(?:[^{}]*"date_unixtime"|\s*"type"\s*:\s*"message")'),
    re.compile(r'"messages"\s*:\s*\[\s*\{[^{}]*"type"\s*:\s*"(?:message|service)"[^{}]*"date"'),
    re.compile(r'"chats"\s*:\s*\{\s*(?:"about"[^{}\[\]]*)?"list"\s*:\s*\['),
    re.compile(r'"personal_information"\s*:\s*\{[^{}]*"(?:user_id|phone_number)"'),
)
#: Sections of an account's export: what their elements are, and which key holds their time.
_SECTIONS: Mapping[str, tuple[Kind, str]] = {
    "contacts": (Kind.CONTACT, "date"),
    "frequent_contacts": (Kind.CONTACT, "date"),
    "sessions": (Kind.ACCOUNT, "last_active"),
    "web_sessions": (Kind.ACCOUNT, "last_active"),
    "ips": (Kind.ACCOUNT, "date"),
}
#: Entities of a text by what they are kept as, and the key that holds more than the text shows.
_ENTITIES = {
    "link": ("links", "text"),
    "text_link": ("links", "href"),
    "mention": ("mentions", "text"),
    "mention_name": ("mentions", "user_id"),
    "phone": ("phones", "text"),
    "email": ("emails", "text"),
    "hashtag": ("hashtags", "text"),
    "bank_card": ("bank_cards", "text"),
    "bot_command": ("bot_commands", "text"),
}
_MEDIA = ("media_type", "mime_type")
#: Keys of a message that become parts of the item.
_TAKEN = {"id", "text", "text_entities", "date_unixtime", "edited_unixtime"}
#: No clock on Earth is further from UTC than this, in seconds.
_FURTHEST = 14 * 3600


@dataclass(frozen=True, slots=True)
class _Chat:
    """What is known of the chat a message stands in."""

    zone: tzinfo | None
    place: str
    facts: Mapping[str, Value] = field(default_factory=dict)

    @property
    def id(self) -> Value:
        return self.facts.get("chat_id")


def _recognises(source: Source) -> bool:
    if not source.head.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"{"):
        return False
    head = "\n".join(head_lines(source.head, 100_000))
    return any(sign.search(head) for sign in _SIGNS)


def _read(source: Source) -> Records:
    with Buffer(source.path, source.name) as buffer:
        cursor = JsonCursor(buffer)
        if cursor.kind() != "{":
            raise Unreadable(
                f"{source.name}: a Telegram export is a JSON object; fetch the file again"
            )
        try:
            yield from _top(cursor, source.zone)
        except Damage as damage:
            yield Trouble(
                within=f"character {damage.offset}",
                detail=f"{damage.detail}; nothing could be read from there on",
                reason="damaged_file",
                raw=damage.shown,
            )


def _top(cursor: JsonCursor, zone: tzinfo | None) -> Records:
    """Read a chat, or an account: both are objects, told apart by their keys."""
    facts: dict[str, Value] = {}
    for key in cursor.members():
        kind = cursor.kind()
        if key == "messages" and kind == "[":
            yield from _messages(cursor, _Chat(zone, "messages", facts))
        elif key in {"chats", "left_chats"} and kind == "{":
            yield from _chats(cursor, zone, key)
        elif key == "personal_information" and kind == "{":
            yield _record(cursor.value(), Kind.ACCOUNT, key, key, _Chat(zone, key))
        elif kind == "{":
            yield from _section(cursor, key, zone)
        elif kind == "[":
            yield from _list(cursor, key, key, zone)
        else:
            _note_fact(facts, key, cursor.value())


def _section(cursor: JsonCursor, key: str, zone: tzinfo | None) -> Records:
    """Read one of the sections of an account: nearly always a `list` and a word about it."""
    for inner in cursor.members():
        if cursor.kind() == "[":
            yield from _list(cursor, key, f"{key}.{inner}", zone)
        elif cursor.kind() == "{":
            place = f"{key}.{inner}"
            yield _record(cursor.value(), Kind.ACCOUNT, key, place, _Chat(zone, place))


def _list(cursor: JsonCursor, section: str, place: str, zone: tzinfo | None) -> Records:
    kind, _ = _SECTIONS.get(section, (Kind.ACCOUNT, ""))
    for element in cursor.records(lambda _: True):
        where = f"{place}[{element.index}]"
        if element.lost is not None:
            yield _trouble(element, where)
        elif isinstance(element.value, dict):
            yield _record(element.value, kind, section, where, _Chat(zone, place))
        else:
            yield _record({"value": element.value}, kind, section, where, _Chat(zone, place))


def _chats(cursor: JsonCursor, zone: tzinfo | None, key: str) -> Records:
    for inner in cursor.members():
        if inner != "list" or cursor.kind() != "[":
            continue
        for index in cursor.elements():
            if cursor.kind() != "{":
                yield Trouble(within=f"{key}.list[{index}]", detail="this is no chat")
                continue
            facts: dict[str, Value] = {}
            place = f"{key}.list[{index}].messages"
            for name in cursor.members():
                if name == "messages" and cursor.kind() == "[":
                    yield from _messages(cursor, _Chat(zone, place, facts))
                elif cursor.kind() not in "[{":
                    _note_fact(facts, name, cursor.value())


def _note_fact(facts: dict[str, Value], key: str, value: Any) -> None:
    name = {"name": "chat", "type": "chat_type", "id": "chat_id"}.get(key)
    if name is not None and (isinstance(value, str) or type(value) is int):
        facts[name] = value


def _messages(cursor: JsonCursor, chat: _Chat) -> Records:
    for element in cursor.records(_is_message):
        place = f"{chat.place}[{element.index}]"
        if element.lost is not None:
            yield _trouble(element, place)
            if element.lost.crossed:
                chat = _Chat(chat.zone, f"{chat.place} (after a damage, perhaps of another chat)")
        elif not isinstance(element.value, dict):
            raw = string(element.value)
            yield Trouble(within=place, detail="a message should be a JSON object", raw=raw)
        else:
            yield _message(element.value, chat, place, damaged=element.damaged)


def _is_message(value: dict[str, Any]) -> bool:
    return "type" in value and ("date" in value or "date_unixtime" in value)


def _trouble(element: Element, place: str) -> Trouble:
    detail = element.lost.detail if element.lost else ""
    raw = element.lost.shown if element.lost else None
    return Trouble(within=place, detail=detail, reason="bad_json", raw=raw)


def _message(message: Mapping[str, Any], chat: _Chat, place: str, *, damaged: bool) -> Found:
    at, note = _time(message, chat.zone)
    extra = {**chat.facts, **flat({k: v for k, v in message.items() if k not in _TAKEN})}
    extra["message_id"] = string(message.get("id"))
    extra.update(_entities(message))
    edited = utc_time(_seconds(message.get("edited_unixtime")) or float("nan"))
    if edited is not None:
        extra["edited"] = edited.isoformat()
    if damaged:
        extra["encoding"] = ENCODING
    who = "actor" if message.get("type") == "service" else "from"
    account = string(message.get(f"{who}_id")) or string(message.get(who))
    number = string(message.get("id"))
    return Found(
        kind=Kind.CALL if message.get("action") in {"phone_call", "group_call"} else Kind.MESSAGE,
        text=_text(message),
        within=place,
        at=at,
        time_note=note,
        id=f"telegram/{chat.id}/{number}" if chat.id is not None and number else None,
        platform=PLATFORM,
        account=account,
        extra=extra,
    )


def _seconds(value: Any) -> float | None:
    """Read seconds since 1970, which the export writes as text."""
    try:
        return None if isinstance(value, bool) else float(value)
    except (TypeError, ValueError):
        return None


def _time(
    record: Mapping[str, Any], zone: tzinfo | None, key: str = "date"
) -> tuple[datetime | None, str | None]:
    """Read the time of a record; the local time only where there is no other."""
    local = _local(record.get(key))
    stated = record.get(f"{key}_unixtime")
    seconds = _seconds(stated)
    at = None if seconds is None else utc_time(seconds)
    if at is not None:
        if local is None or local.tzinfo is not None:
            return at, None
        apart = (local - at.replace(tzinfo=None)).total_seconds()
        agree = abs(apart) <= _FURTHEST and apart % 900 == 0
        return at, None if agree else "date and date_unixtime do not agree"
    if stated is not None:
        note = "date_unixtime cannot be read"
        return (None, note) if local is None else _zoned(local, zone, note)
    return (None, "no time stated") if local is None else _zoned(local, zone, None)


def _local(value: Any) -> datetime | None:
    try:
        return datetime.fromisoformat(value) if isinstance(value, str) else None
    except ValueError:
        return None


def _zoned(
    local: datetime, zone: tzinfo | None, note: str | None
) -> tuple[datetime | None, str | None]:
    if local.tzinfo is not None:
        return local, joined(note)
    return local_time(local, zone, note)


def _pieces(message: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """Yield the pieces of a text: plain strings and entities are both written as pieces."""
    text = message.get("text")
    pieces = text if isinstance(text, list) else [text]
    if not any(isinstance(piece, dict) for piece in pieces):
        # Newer exports state the entities again, and of a wholly plain text only there.
        entities = message.get("text_entities")
        if isinstance(entities, list) and _joined(entities) == _joined(pieces):
            pieces = entities
    for piece in pieces:
        if isinstance(piece, dict):
            yield piece
        elif piece is not None:
            yield {"type": "plain", "text": piece}


def _joined(pieces: list[Any]) -> str:
    texts = (piece.get("text") if isinstance(piece, dict) else piece for piece in pieces)
    return "".join(str(text) for text in texts if text is not None)


def _entities(message: Mapping[str, Any]) -> dict[str, Value]:
    kept: dict[str, list[str]] = {}
    for piece in _pieces(message):
        kind = piece.get("type")
        name, key = _ENTITIES.get(kind, ("", "")) if isinstance(kind, str) else ("", "")
        value = string(piece.get(key)) or string(piece.get("text"))
        if name and value and value not in kept.setdefault(name, []):
            kept[name].append(value)
    return {name: cut("\n".join(values)) for name, values in kept.items()}


def _text(message: Mapping[str, Any]) -> str:
    text = "".join(
        str(piece["text"]) for piece in _pieces(message) if piece.get("text") is not None
    )
    return text if text.strip() else f"[{cut(_label(message), 1000)}]"


def _label(message: Mapping[str, Any]) -> str:
    """Say what a message without words is."""
    if message.get("type") == "service":
        names = message.get("members")
        who = ", ".join(str(name) for name in names) if isinstance(names, list) else ""
        what = string(message.get("title")) or who
        action = string(message.get("action")) or "service message"
        length = string(message.get("duration_seconds"))
        parts = [action, what, f"{length} s" if length else ""]
        return ": ".join(part for part in parts if part)
    kind = next((found for key in _MEDIA if (found := string(message.get(key)))), None)
    for name in ("photo", "location_information", "contact_information", "poll", "file"):
        if kind is None and message.get(name):
            kind = name.removesuffix("_information")
    about = [string(message.get("sticker_emoji")), *_words_of(message)]
    return ", ".join([kind or "message", *(part for part in about if part), "no text"])


def _words_of(message: Mapping[str, Any]) -> Iterator[str | None]:
    """Yield the words of a poll, a contact or a place that was sent."""
    for name, keys in (
        ("poll", ("question",)),
        ("contact_information", ("first_name", "last_name", "phone_number")),
        ("location_information", ("latitude", "longitude")),
    ):
        value = message.get(name)
        if isinstance(value, dict):
            yield from (string(value.get(key)) for key in keys)


def _record(record: Mapping[str, Any], kind: Kind, section: str, place: str, chat: _Chat) -> Found:
    """Turn a contact, a session or any other record of an account into an item."""
    _, key = _SECTIONS.get(section, (kind, ""))
    at, note = (
        _time(record, chat.zone, key)
        if key in record or f"{key}_unixtime" in record
        else (
            None,
            None,
        )
    )
    extra = {"section": section, **flat(record)}
    names = [string(record.get(name)) for name in ("first_name", "last_name", "name", "username")]
    known = [*names, string(record.get("phone_number"))]
    words = " ".join(word for word in known if word)
    if not words:
        words = f"[{section}: {'; '.join(f'{k} {v}' for k, v in flat(record).items())}"[:2000] + "]"
    user = string(record.get("user_id"))
    return Found(
        kind=kind,
        text=words,
        within=place,
        at=at,
        time_note=note,
        platform=PLATFORM,
        account=f"user{user}" if user and user.isdecimal() and user != "0" else None,
        extra=extra,
    )


TELEGRAM = Reader(
    name="Telegram export", media="application/json", recognises=_recognises, read=_read
)
