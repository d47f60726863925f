"""Apple's Messages (`chat.db` on a Mac, `sms.db` on an iPhone): iMessage, SMS and MMS.

The account of a received message is the handle it came from; that of a sent one is the own
address the database names, if it does. Where `text` and `attributedBody` say different things,
both are kept: the application writes the same into both.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from palermo.formats.material.epochs import apple
from palermo.formats.material.found import Found, Kind, Value
from palermo.formats.material.sqlite.application import Application, lines, no_text
from palermo.formats.material.sqlite.database import Database, Row
from palermo.formats.material.sqlite.typedstream import words

_MESSAGE = (
    "ROWID", "guid", "text", "attributedBody", "handle_id", "subject", "service", "account", "date",
    "date_read", "date_delivered", "date_edited", "date_retracted", "is_delivered", "is_finished",
    "is_from_me", "is_read", "is_sent", "is_system_message", "is_audio_message", "is_forward",
    "error", "item_type", "group_title", "group_action_type", "other_handle",
    "cache_has_attachments", "cache_roomnames", "associated_message_guid",
    "associated_message_type", "thread_originator_guid", "expressive_send_style_id",
    "destination_caller_id", "balloon_bundle_id",
)  # fmt: skip
_CHAT = ("ROWID", "guid", "chat_identifier", "display_name", "service_name", "account_login")
_ATTACHMENT = ("ROWID", "filename", "mime_type", "uti", "transfer_name", "total_bytes")
#: Stands in a text where an attachment is shown.
_ANCHOR = "\ufffc"
#: Dates that are also given in words, since seconds from 2001 tell a reader nothing.
_DATES = ("date_read", "date_delivered", "date_edited", "date_retracted")


@dataclass(frozen=True, slots=True)
class _Around:
    """What other tables say about messages."""

    handles: dict[int, Row]
    chats: dict[int, list[Row]]
    members: dict[int, list[str]]
    attachments: dict[int, list[Row]]


def _read(database: Database) -> Iterator[Found]:
    around = _around(database)
    for row in database.rows("message", _MESSAGE):
        yield _message(row, around)
    for row in database.rows("handle", ("ROWID", "id", "country", "service", "uncanonicalized_id")):
        yield Found(
            kind=Kind.CONTACT,
            text=lines(row.text("id"), row.text("uncanonicalized_id")) or no_text([], "handle"),
            within=row.within,
            platform=_platform(row.text("service")),
            account=row.text("id"),
            extra=row.kept(),
        )


def _around(database: Database) -> _Around:
    handles = database.index("handle", "ROWID", ("id",))
    chats = database.index("chat", "ROWID", _CHAT)
    files = database.index("attachment", "ROWID", _ATTACHMENT)
    members: dict[int, list[str]] = {}
    for row in database.rows("chat_handle_join", ("chat_id", "handle_id")):
        handle = handles.get(row.whole("handle_id") or -1)
        if handle is not None:
            members.setdefault(row.whole("chat_id") or -1, []).append(handle.text("id") or "?")
    of_message = _joined(database, "chat_message_join", "chat_id", chats)
    attached = _joined(database, "message_attachment_join", "attachment_id", files)
    return _Around(handles, of_message, members, attached)


def _joined(
    database: Database, table: str, column: str, rows: dict[int, Row]
) -> dict[int, list[Row]]:
    """Return the rows that a table of pairs gives to each message."""
    found: dict[int, list[Row]] = {}
    for pair in database.rows(table, ("message_id", column)):
        row = rows.get(pair.whole(column) or -1)
        if row is not None:
            found.setdefault(pair.whole("message_id") or -1, []).append(row)
    return found


def _message(row: Row, around: _Around) -> Found:
    number = row.whole("ROWID") or -1
    files = around.attachments.get(number, [])
    handle = around.handles.get(row.whole("handle_id") or -1)
    other = handle.text("id") if handle else None
    outgoing = bool(row.whole("is_from_me"))
    styled = words(row.values.get("attributedBody"))
    text = row.text("text") or styled
    when = apple(row.values.get("date"))
    extra: dict[str, Value] = {
        **row.kept("text", "attributedBody", "guid"),
        **_conversation(around.chats.get(number, []), around.members),
        "handle": other,
        "direction": "outgoing" if outgoing else "incoming",
        "attachments": ", ".join(_file_name(file) for file in files) or None,
    }
    for name in _DATES:
        stated = apple(row.values.get(name)).at
        extra[f"{name}_utc"] = stated.isoformat() if stated else None
    if styled is not None and row.text("text") is not None and styled != text:
        extra["attributedBody"] = styled
    bare = (text or "").replace(_ANCHOR, "")
    return Found(
        kind=Kind.MESSAGE,
        text=lines(row.text("subject"), bare) or _without_words(row, files),
        within=row.within,
        at=when.at,
        time_note=when.note,
        id=row.text("guid"),
        platform=_platform(row.text("service")),
        account=_own(row) if outgoing else other,
        extra=extra,
    )


def _conversation(chats: list[Row], members: dict[int, list[str]]) -> dict[str, Value]:
    people = dict.fromkeys(
        name for chat in chats for name in members.get(chat.whole("ROWID") or -1, [])
    )
    return {
        "chat": ", ".join(chat.text("chat_identifier") or "?" for chat in chats) or None,
        "chat_name": ", ".join(name for chat in chats if (name := chat.text("display_name")))
        or None,
        "participants": ", ".join(people) or None,
    }


def _own(row: Row) -> str | None:
    """Return the own address: `e:name@example.org` and `p:+390000000` say what kind it is."""
    stated = row.text("account") or row.text("destination_caller_id")
    return (stated[2:] if stated and stated[:2].lower() in {"e:", "p:"} else stated) or None


def _without_words(row: Row, files: list[Row]) -> str:
    if files:
        return no_text((file.text("mime_type") or file.text("uti") for file in files), "attachment")
    if row.whole("item_type"):
        return lines(f"[group event of type {row.whole('item_type')}]", row.text("group_title"))
    return no_text([], row.text("service") or "message")


def _file_name(file: Row) -> str:
    return file.text("transfer_name") or file.text("filename") or "?"


def _platform(service: str | None) -> str:
    return service.lower() if service else "imessage"


IMESSAGE = Application(
    name="Apple Messages",
    needs={"message": ("text", "date", "is_from_me", "handle_id"), "handle": ("id",)},
    read=_read,
)
