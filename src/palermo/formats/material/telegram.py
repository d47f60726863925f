"""Reads Telegram's JSON exports: one chat, or a whole account with contacts and sessions.

The file may have any size. What is damaged is passed over and reported; where another chat may have
begun in the damage, messages are no longer said to belong to one. Source of the layout: the export
of Telegram Desktop.
"""

import re
from datetime import tzinfo
from typing import Any

from palermo.formats.material.found import Kind, Reader, Records, Source, Trouble, Value
from palermo.formats.material.json_cursor import Damage, Element, JsonCursor
from palermo.formats.material.plain_values import string
from palermo.formats.material.telegram_message import (
    SECTIONS,
    Chat,
    message_found,
    record_found,
)
from palermo.formats.material.text_lines import head_lines
from palermo.formats.source import Buffer
from palermo.model import Unreadable

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
            yield from _messages(cursor, Chat(zone, "messages", facts))
        elif key in {"chats", "left_chats"} and kind == "{":
            yield from _chats(cursor, zone, key)
        elif key == "personal_information" and kind == "{":
            yield record_found(cursor.value(), Kind.ACCOUNT, key, key, Chat(zone, key))
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
            yield record_found(cursor.value(), Kind.ACCOUNT, key, place, Chat(zone, place))


def _list(cursor: JsonCursor, section: str, place: str, zone: tzinfo | None) -> Records:
    kind, _ = SECTIONS.get(section, (Kind.ACCOUNT, ""))
    for element in cursor.records(lambda _: True):
        where = f"{place}[{element.number}]"
        if element.lost is not None:
            yield _trouble(element, where)
        elif isinstance(element.value, dict):
            yield record_found(element.value, kind, section, where, Chat(zone, place))
        else:
            yield record_found({"value": element.value}, kind, section, where, Chat(zone, place))


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
                    yield from _messages(cursor, Chat(zone, place, facts))
                elif cursor.kind() not in "[{":
                    _note_fact(facts, name, cursor.value())


def _note_fact(facts: dict[str, Value], key: str, value: Any) -> None:
    name = {"name": "chat", "type": "chat_type", "id": "chat_id"}.get(key)
    if name is not None and (isinstance(value, str) or type(value) is int):
        facts[name] = value


def _messages(cursor: JsonCursor, chat: Chat) -> Records:
    for element in cursor.records(_is_message):
        place = f"{chat.place}[{element.number}]"
        if element.lost is not None:
            yield _trouble(element, place)
            if element.lost.crossed:
                chat = Chat(chat.zone, f"{chat.place} (after a damage, perhaps of another chat)")
        elif not isinstance(element.value, dict):
            raw = string(element.value)
            yield Trouble(within=place, detail="a message should be a JSON object", raw=raw)
        else:
            yield message_found(element.value, chat, place, damaged=element.damaged)


def _is_message(value: dict[str, Any]) -> bool:
    return "type" in value and ("date" in value or "date_unixtime" in value)


def _trouble(element: Element, place: str) -> Trouble:
    detail = element.lost.detail if element.lost else ""
    raw = element.lost.shown if element.lost else None
    return Trouble(within=place, detail=detail, reason="bad_json", raw=raw)


TELEGRAM = Reader(
    name="Telegram export", media="application/json", recognises=_recognises, read=_read
)
