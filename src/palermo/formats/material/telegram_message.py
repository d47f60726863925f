"""Turns the messages, contacts and sessions of a Telegram export into items.

The text is that of the pieces of a message joined without additions; targets of hidden links,
mentions and numbers stand in `extra`. `account` is the sender's stable number (`from_id`) where the
export has it: names change and are not unique.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import tzinfo
from typing import Any

from palermo.formats.material.found import Found, Kind, Value
from palermo.formats.material.plain_values import cut, flat, string
from palermo.formats.material.telegram_times import read_time, seconds
from palermo.formats.material.text_lines import ENCODING
from palermo.formats.material.wall_clock import utc_time

PLATFORM = "Telegram"

#: Sections of an account's export: what their elements are, and which key holds their time.
SECTIONS: Mapping[str, tuple[Kind, str]] = {
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


@dataclass(frozen=True, slots=True)
class Chat:
    """What is known of the chat a message stands in."""

    zone: tzinfo | None
    place: str
    facts: Mapping[str, Value] = field(default_factory=dict)

    @property
    def id(self) -> Value:
        """The chat's number, where it is known."""
        return self.facts.get("chat_id")


def message_found(message: Mapping[str, Any], chat: Chat, place: str, *, damaged: bool) -> Found:
    """Turn a message, or a notice of the service, into an item."""
    at, note = read_time(message, chat.zone)
    extra = {**chat.facts, **flat({k: v for k, v in message.items() if k not in _TAKEN})}
    extra["message_id"] = string(message.get("id"))
    extra.update(_entities(message))
    edited = utc_time(seconds(message.get("edited_unixtime")) or float("nan"))
    if edited is not None:
        extra["edited"] = edited.isoformat()
    entities = message.get("text_entities")
    if isinstance(entities, list) and _joined(entities) != _joined(_stated(message)):
        extra["text_entities"] = cut(json.dumps(entities, ensure_ascii=False))
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


def _pieces(message: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """Yield the pieces of a text: plain strings and entities are both written as pieces."""
    pieces = _stated(message)
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


def _stated(message: Mapping[str, Any]) -> list[Any]:
    text = message.get("text")
    return text if isinstance(text, list) else [text]


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


def record_found(
    record: Mapping[str, Any], kind: Kind, section: str, place: str, chat: Chat
) -> Found:
    """Turn a contact, a session or any other record of an account into an item."""
    _, key = SECTIONS.get(section, (kind, ""))
    at, note = (
        read_time(record, chat.zone, key)
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
