"""Skype before version 8 (`main.db`): messages, SMS, calls, voicemails, files, people, accounts.

Times are seconds from 1970. A body is XML; its words are the text, the XML stays in `body_xml`
where the two differ. Every message names its author, who is its account.
"""

import html
import re
from collections.abc import Iterator

from palermo.formats.material.epochs import UNIX_SECONDS, moment
from palermo.formats.material.found import Found, Kind, Value
from palermo.formats.material.sqlite.application import Application, call_text, lines, no_text
from palermo.formats.material.sqlite.database import Database, Row

_PLATFORM = "skype"
_MESSAGE = (
    "id", "convo_id", "chatname", "author", "from_dispname", "guid", "dialog_partner", "timestamp",
    "type", "sending_status", "consumption_status", "edited_by", "edited_timestamp", "body_xml",
    "identities", "reason", "participant_count", "error_code", "chatmsg_type", "chatmsg_status",
    "remote_id", "call_guid",
)  # fmt: skip
_CALL = (
    "id", "begin_timestamp", "start_timestamp", "duration", "host_identity", "server_identity",
    "topic", "name", "type", "status", "failurereason", "is_incoming", "is_unseen_missed",
    "is_conference", "partner_handle", "partner_dispname", "pstn_number", "conv_dbid",
)  # fmt: skip
_MEMBER = ("identity", "dispname", "call_duration", "country", "guid", "start_timestamp")
_VOICEMAIL = (
    "id", "timestamp", "duration", "partner_handle", "partner_dispname", "subject", "status",
    "type", "path", "size", "convo_id",
)  # fmt: skip
_SMS = (
    "id", "timestamp", "type", "status", "failurereason", "target_numbers", "reply_to_number",
    "body", "price", "price_precision", "price_currency", "chatmsg_id", "identity",
)  # fmt: skip
_TRANSFER = (
    "id", "type", "partner_handle", "partner_dispname", "status", "failurereason", "starttime",
    "finishtime", "accepttime", "filepath", "filename", "filesize", "bytestransferred", "convo_id",
)  # fmt: skip
_PERSON = (
    "id", "skypename", "pstnnumber", "aliases", "fullname", "displayname", "given_displayname",
    "birthday", "gender", "languages", "country", "province", "city", "ipcountry", "phone_home",
    "phone_office", "phone_mobile", "assigned_phone1", "assigned_phone2", "assigned_phone3",
    "emails", "homepage", "about", "mood_text", "timezone", "isauthorized", "isblocked",
    "buddystatus", "lastonline_timestamp", "lastused_timestamp", "profile_timestamp",
    "registration_timestamp", "skypein_numbers", "liveid_membername", "assigned_comment",
)  # fmt: skip
#: What of a person goes into the text, in this order.
_WORDS = (
    "fullname", "displayname", "given_displayname", "skypename", "aliases", "liveid_membername",
    "pstnnumber", "phone_home", "phone_office", "phone_mobile", "assigned_phone1",
    "assigned_phone2", "assigned_phone3", "skypein_numbers", "emails", "homepage", "about",
    "mood_text", "assigned_comment",
)  # fmt: skip
_TAG = re.compile(r"<[^<>]*>")
#: An SMS among the messages: its words stand in an attribute, and again inside, with the price.
_SMS_WORDS = re.compile(r'<sms\s+alt="([^"]*)"')


def _read(database: Database) -> Iterator[Found]:
    own = {row.text("skypename") for row in database.rows("Accounts", ("skypename",))} - {None}
    for row in database.rows("Messages", _MESSAGE):
        yield _message(row, own)
    yield from _short_messages(database)
    members = database.groups("CallMembers", "call_db_id", _MEMBER)
    for row in database.rows("Calls", _CALL):
        yield _call(row, members.get(row.whole("id") or -1, []), own)
    yield from _voicemails(database)
    yield from _transfers(database)
    for table, kind in (("Contacts", Kind.CONTACT), ("Accounts", Kind.ACCOUNT)):
        for row in database.rows(table, _PERSON):
            yield _person(row, kind)


def plain(body: str | None) -> str | None:
    """Return the words of a body: without tags, references resolved."""
    if body is None:
        return None
    sms = _SMS_WORDS.match(body)
    words = html.unescape(sms[1] if sms else _TAG.sub("", body))
    return None if not words or words.isspace() else words


def _message(row: Row, own: set[str | None]) -> Found:
    author, body = row.text("author"), row.text("body_xml")
    guid = row.values.get("guid")
    words = plain(body)
    when = moment(row.values.get("timestamp"), UNIX_SECONDS)
    extra: dict[str, Value] = {**row.kept("body_xml", "guid")}
    if own and author is not None:
        extra["direction"] = "outgoing" if author in own else "incoming"
    if body is not None and body != words:
        extra["body_xml"] = body
    return Found(
        kind=Kind.MESSAGE,
        text=words or no_text([], f"Skype message of type {row.whole('type')}"),
        within=row.within,
        at=when.at,
        time_note=when.note,
        id=guid.hex() if isinstance(guid, bytes) and guid else None,
        platform=_PLATFORM,
        account=author,
        extra=extra,
    )


def _short_messages(database: Database) -> Iterator[Found]:
    for row in database.rows("SMSes", _SMS):
        when = moment(row.values.get("timestamp"), UNIX_SECONDS)
        yield Found(
            kind=Kind.MESSAGE,
            text=row.text("body") or no_text([], "SMS"),
            within=row.within,
            at=when.at,
            time_note=when.note,
            platform="skype sms",
            account=row.text("identity"),
            extra=row.kept("body"),
        )


def _call(row: Row, members: list[Row], own: set[str | None]) -> Found:
    host = row.text("host_identity")
    outgoing = host in own if own and host is not None else None
    others = [m.text("identity") for m in members if m.text("identity") not in own]
    partner = row.text("partner_handle") or next((name for name in others if name), None)
    lasted = [row.whole("duration"), *(member.whole("call_duration") for member in members)]
    seconds = next((length for length in lasted if length is not None), None)
    direction = None if outgoing is None else "outgoing" if outgoing else "incoming"
    when = moment(row.values.get("begin_timestamp"), UNIX_SECONDS)
    people = [member.text("dispname") for member in members]
    return Found(
        kind=Kind.CALL,
        text=call_text(direction, seconds, partner, row.text("pstn_number"), *others, *people),
        within=row.within,
        at=when.at,
        time_note=when.note,
        platform=_PLATFORM,
        account=partner or (None if outgoing else host),
        extra={
            **row.kept(),
            "direction": direction,
            "call_duration": seconds,
            "members": ", ".join(name for m in members if (name := m.text("identity"))) or None,
        },
    )


def _voicemails(database: Database) -> Iterator[Found]:
    for row in database.rows("Voicemails", _VOICEMAIL):
        when = moment(row.values.get("timestamp"), UNIX_SECONDS)
        yield Found(
            kind=Kind.CALL,
            text=lines("[voicemail, no text]", row.text("subject"), row.text("partner_handle")),
            within=row.within,
            at=when.at,
            time_note=when.note,
            platform=_PLATFORM,
            account=row.text("partner_handle"),
            extra=row.kept(),
        )


def _transfers(database: Database) -> Iterator[Found]:
    for row in database.rows("Transfers", _TRANSFER):
        when = moment(row.values.get("starttime"), UNIX_SECONDS)
        yield Found(
            kind=Kind.FILE,
            text=lines(row.text("filename"), row.text("filepath")) or no_text([], "file"),
            within=row.within,
            at=when.at,
            time_note=when.note,
            platform=_PLATFORM,
            account=row.text("partner_handle"),
            extra=row.kept(),
        )


def _person(row: Row, kind: Kind) -> Found:
    place = ", ".join(p for p in (row.text(c) for c in ("city", "province", "country")) if p)
    return Found(
        kind=kind,
        text=lines(*(row.text(column) for column in _WORDS)) or no_text([], kind.value),
        within=row.within,
        platform=_PLATFORM,
        account=row.text("skypename") or row.text("pstnnumber"),
        place=place or None,
        extra=row.kept(),
    )


SKYPE = Application(
    name="Skype",
    needs={"Messages": ("author", "chatname", "timestamp", "body_xml")},
    read=_read,
)
