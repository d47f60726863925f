"""WhatsApp: messages on Android (`msgstore.db`, unencrypted) and iPhones (`ChatStorage.sqlite`).

An account is the sender's address, `393330000001@s.whatsapp.net`. A sent message is the owner's,
whose address the database does not name. Android counts milliseconds from 1970, iPhones seconds
from 2001.
"""

from collections.abc import Iterator

from palermo.formats.material.epochs import APPLE_SECONDS, UNIX_MILLIS, Moment, moment
from palermo.formats.material.found import Found, Kind, Value
from palermo.formats.material.sqlite.application import Application, lines, no_text
from palermo.formats.material.sqlite.database import Database, Row

_PLATFORM = "whatsapp"
_ANDROID = (
    "_id", "chat_row_id", "from_me", "key_id", "sender_jid_row_id", "status", "timestamp",
    "received_timestamp", "receipt_server_timestamp", "message_type", "text_data", "starred",
)  # fmt: skip
_MEDIA = ("file_path", "mime_type", "media_name", "media_caption", "media_duration", "file_size")
_IPHONE = (
    "Z_PK", "ZTEXT", "ZMESSAGEDATE", "ZSENTDATE", "ZISFROMME", "ZFROMJID", "ZTOJID", "ZPUSHNAME",
    "ZCHATSESSION", "ZGROUPMEMBER", "ZMEDIAITEM", "ZMESSAGETYPE", "ZMESSAGESTATUS", "ZSTANZAID",
    "ZSTARRED",
)  # fmt: skip
_SESSION = ("ZCONTACTJID", "ZPARTNERNAME")
_ITEM = ("ZMEDIALOCALPATH", "ZTITLE", "ZVCARDSTRING", "ZLATITUDE", "ZLONGITUDE", "ZFILESIZE")


def _read_android(database: Database) -> Iterator[Found]:
    addresses = database.index("jid", "_id", ("raw_string", "user"))
    chats = database.index("chat", "_id", ("jid_row_id", "subject"))
    media = database.index("message_media", "message_row_id", _MEDIA)
    for row in database.rows("message", _ANDROID):
        chat = chats.get(row.whole("chat_row_id") or -1)
        place = _address(addresses, chat, "jid_row_id")
        file = media.get(row.whole("_id") or -1)
        extra: dict[str, Value] = {
            "chat": place,
            "chat_name": chat.text("subject") if chat else None,
            **({} if file is None else file.kept("message_row_id")),
        }
        words = lines(row.text("text_data"), file.text("media_caption") if file else None)
        kind = (file.text("mime_type") if file else None) or _kind(row.whole("message_type"))
        sender = _address(addresses, row, "sender_jid_row_id") or place
        when = moment(row.values.get("timestamp"), UNIX_MILLIS)
        yield _message(row, when, words or no_text([kind], kind), sender, extra)


def _read_iphone(database: Database) -> Iterator[Found]:
    sessions = database.index("ZWACHATSESSION", "Z_PK", _SESSION)
    members = database.index("ZWAGROUPMEMBER", "Z_PK", ("ZMEMBERJID", "ZCONTACTNAME"))
    media = database.index("ZWAMEDIAITEM", "Z_PK", _ITEM)
    for row in database.rows("ZWAMESSAGE", _IPHONE):
        session = sessions.get(row.whole("ZCHATSESSION") or -1)
        member = members.get(row.whole("ZGROUPMEMBER") or -1)
        file = media.get(row.whole("ZMEDIAITEM") or -1)
        extra: dict[str, Value] = {
            "chat": session.text("ZCONTACTJID") if session else None,
            "chat_name": session.text("ZPARTNERNAME") if session else None,
            **({} if file is None else file.kept("Z_PK")),
        }
        words = lines(row.text("ZTEXT"), file.text("ZTITLE") if file else None)
        kind = "attachment" if file else _kind(row.whole("ZMESSAGETYPE"))
        sender = (member.text("ZMEMBERJID") if member else None) or row.text("ZFROMJID")
        when = moment(row.values.get("ZMESSAGEDATE"), APPLE_SECONDS)
        yield _message(row, when, words or no_text([kind], kind), sender, extra)


def _message(
    row: Row, when: Moment, text: str, sender: str | None, extra: dict[str, Value]
) -> Found:
    outgoing = bool(row.whole("from_me") or row.whole("ZISFROMME"))
    return Found(
        kind=Kind.MESSAGE,
        text=text,
        within=row.within,
        at=when.at,
        time_note=when.note,
        id=row.text("key_id") or row.text("ZSTANZAID"),
        platform=_PLATFORM,
        account=None if outgoing else sender,
        extra={
            **row.kept("text_data", "ZTEXT"),
            **extra,
            "direction": "outgoing" if outgoing else "incoming",
        },
    )


def _address(addresses: dict[int, Row], row: Row | None, column: str) -> str | None:
    found = addresses.get(row.whole(column) or -1) if row is not None else None
    return None if found is None else found.text("raw_string") or found.text("user")


def _kind(number: int | None) -> str:
    return f"WhatsApp message of type {number}"


WHATSAPP_ANDROID = Application(
    name="WhatsApp on Android",
    needs={
        "message": ("chat_row_id", "from_me", "timestamp", "text_data", "sender_jid_row_id"),
        "chat": ("jid_row_id",),
        "jid": ("raw_string",),
    },
    read=_read_android,
)
WHATSAPP_IPHONE = Application(
    name="WhatsApp on iPhone",
    needs={
        "ZWAMESSAGE": ("ZTEXT", "ZMESSAGEDATE", "ZISFROMME", "ZCHATSESSION"),
        "ZWACHATSESSION": ("ZCONTACTJID",),
    },
    read=_read_iphone,
)
