"""Reads message files of Instagram and Messenger downloads (`message_1.json`).

These services write the UTF-8 bytes of a text as if they were Latin-1 characters. Such texts are
repaired, and `extra` names the fields: encoding them as UTF-8 and reading that as Latin-1 gives
what the file states. Times are milliseconds since 1970 UTC.
"""

import re
from collections.abc import Mapping
from typing import Any

from palermo.formats.material.found import Found, Kind, Reader, Records, Source, Trouble, Value
from palermo.formats.material.json_cursor import Damage, Element, JsonCursor
from palermo.formats.material.plain_values import flat, string
from palermo.formats.material.text_lines import ENCODING, head_lines
from palermo.formats.material.wall_clock import utc_time
from palermo.formats.source import Buffer
from palermo.model import Unreadable

_MESSAGES = re.compile(r'"messages"\s*:\s*\[')
_KEYS = (re.compile(r'"sender_name"\s*:'), re.compile(r'"timestamp_ms"\s*:'))
_MESSENGER = re.compile(r"your_facebook_activity|messages/(?:inbox|archived_threads)/.*facebook")
_PARTICIPANTS = re.compile(r'^\s*\{\s*"participants"\s*:\s*\[\s*\{\s*"name"\s*:')
_TAKEN = {"content", "sender_name", "timestamp_ms"}
#: What a message without words may hold.
_MEDIA = ("photos", "videos", "audio_files", "gifs", "files", "sticker", "share", "call_duration")


def _recognises(source: Source) -> bool:
    if not source.head.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"{"):
        return False
    head = "\n".join(head_lines(source.head, 100_000))
    if _PARTICIPANTS.match(head):
        return bool(_MESSAGES.search(head)) or len(source.head) >= 1 << 16
    return bool(_MESSAGES.search(head)) and all(key.search(head) for key in _KEYS)


def _read(source: Source) -> Records:
    facts, participants = _thread(source)
    platform = "Messenger" if _is_messenger(source) else "Instagram"
    for index, (name, repaired) in enumerate(participants):
        extra = dict(facts)
        if repaired:
            extra["repaired"] = "name"
        yield Found(
            kind=Kind.CONTACT,
            text=name,
            within=f"participants[{index}]",
            platform=platform,
            account=name,
            extra=extra,
        )
    with Buffer(source.path, source.name) as buffer:
        cursor = JsonCursor(buffer)
        try:
            for key in cursor.members():
                if key == "messages" and cursor.kind() == "[":
                    for element in cursor.records(_is_message):
                        yield _message(element, facts, platform)
        except Damage as damage:
            yield Trouble(
                within=f"character {damage.offset}",
                detail=f"{damage.detail}; nothing could be read from there on",
                reason="damaged_file",
                raw=damage.shown,
            )


def _thread(source: Source) -> tuple[dict[str, Value], list[tuple[str, bool]]]:
    """Read what stands around the messages; the title comes after them."""
    facts: dict[str, Value] = {}
    participants: list[tuple[str, bool]] = []
    with Buffer(source.path, source.name) as buffer:
        cursor = JsonCursor(buffer)
        if cursor.kind() != "{":
            raise Unreadable(f"{source.name}: a message file is a JSON object; fetch it again")
        try:
            for key in cursor.members():
                if key == "messages" and cursor.kind() == "[":
                    for _ in cursor.records(_is_message):
                        pass
                elif key == "participants" and cursor.kind() == "[":
                    for person in cursor.value():
                        name = string(person.get("name")) if isinstance(person, dict) else None
                        participants.append(_repaired(name or "[participant without a name]"))
                elif key in {"title", "thread_path", "is_still_participant"}:
                    value = cursor.value()
                    if isinstance(value, (str, bool)):
                        facts[key] = _repaired(value)[0] if isinstance(value, str) else value
        except Damage:
            pass  # reported by whoever reads the messages
    if "title" in facts:
        facts["chat"] = facts.pop("title")
    return facts, participants


def _is_messenger(source: Source) -> bool:
    return bool(_MESSENGER.search(source.name + source.head.decode("utf-8", "replace")))


def _is_message(value: dict[str, Any]) -> bool:
    return "timestamp_ms" in value


def _message(element: Element, facts: Mapping[str, Value], platform: str) -> Found | Trouble:
    place = f"messages[{element.number}]"
    if element.lost is not None:
        lost = element.lost
        return Trouble(within=place, detail=lost.detail, reason="bad_json", raw=lost.shown)
    if not isinstance(element.value, dict):
        return Trouble(within=place, detail="a message should be a JSON object")
    fields: list[str] = []
    message = _repair(element.value, "", fields)
    extra = {**facts, **flat({k: v for k, v in message.items() if k not in _TAKEN})}
    if fields:
        extra["repaired"] = ", ".join(dict.fromkeys(fields))
    if element.damaged:
        extra["encoding"] = ENCODING
    stated = message.get("timestamp_ms")
    number = type(stated) in {int, float}
    at = utc_time(stated / 1000) if number else None
    if stated is not None and at is None:
        extra["timestamp_ms"] = string(stated)
    content = string(message.get("content"))
    note = None
    if at is None:
        note = "no time stated" if stated is None else "timestamp_ms cannot be read"
    return Found(
        kind=Kind.CALL if "call_duration" in message else Kind.MESSAGE,
        text=content or f"[{_label(message)}, no text]",
        within=place,
        at=at,
        time_note=note,
        platform=platform,
        account=string(message.get("sender_name")),
        extra=extra,
    )


def _label(message: Mapping[str, Any]) -> str:
    kinds = [name for name in _MEDIA if message.get(name)]
    share = message.get("share")
    link = string(share.get("link")) if isinstance(share, dict) else None
    return ", ".join([*kinds, *([link] if link else [])]) or "message"


def _repair(value: Any, name: str, fields: list[str]) -> Any:
    """Repair every text within `value`, adding the names of those that needed it to `fields`."""
    if isinstance(value, str):
        text, changed = _repaired(value)
        if changed:
            fields.append(name)
        return text
    if isinstance(value, list):
        return [_repair(item, name, fields) for item in value]
    if isinstance(value, dict):
        inner = f"{name}." if name else ""
        return {key: _repair(item, f"{inner}{key}", fields) for key, item in value.items()}
    return value


def _repaired(text: str) -> tuple[str, bool]:
    r"""Read Latin-1 characters that are UTF-8 bytes as what they mean; tell whether they are.

    >>> _repaired("caf\u00c3\u00a9")
    ('café', True)
    >>> _repaired("café")
    ('café', False)
    """
    if text.isascii():
        return text, False
    try:
        return text.encode("latin-1").decode("utf-8"), True
    except UnicodeError:
        return text, False


INSTAGRAM = Reader(
    name="Instagram messages", media="application/json", recognises=_recognises, read=_read
)
