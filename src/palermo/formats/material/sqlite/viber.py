"""Viber on Android: calls and contacts (`viber_data`), messages (`viber_messages`).

Times are milliseconds from 1970. The account of a received message is the participant it names;
a sent one names the owner of the phone, who has no number there.
"""

from collections.abc import Iterator

from palermo.formats.material.epochs import UNIX_MILLIS, moment
from palermo.formats.material.found import Found, Kind, Value
from palermo.formats.material.sqlite.application import Application, call_text, lines, no_text
from palermo.formats.material.sqlite.database import Database, Row

_PLATFORM = "viber"
_CALL = (
    "_id", "call_id", "number", "canonized_number", "viber_call", "viber_call_type", "date",
    "duration", "type", "end_reason", "start_reason", "token", "looked", "conference_info",
    "group_id",
)  # fmt: skip
_CONTACT = (
    "_id", "native_id", "display_name", "phonetic_name", "starred", "viber", "contact_lookup_key",
    "joined_date", "recently_joined_date", "deleted", "flags",
)  # fmt: skip
_NUMBERS = ("_id", "canonized_number", "viber_name", "member_id", "viber_id", "date_of_birth")
_MESSAGE = (
    "_id", "conversation_id", "participant_id", "body", "msg_date", "send_type", "unread", "read",
    "extra_mime", "extra_uri", "description", "location_lat", "location_lng", "deleted", "token",
)  # fmt: skip
_PERSON = ("_id", "number", "display_name", "contact_name", "viber_name", "member_id")
#: As in Android's call log, which Viber follows.
_DIRECTIONS = {1: "incoming", 2: "outgoing", 3: "missed"}
_KINDS = {1: "audio", 4: "video"}


def _read(database: Database) -> Iterator[Found]:
    for row in database.rows("calls", _CALL):
        yield _call(row)
    entries = database.groups("phonebookdata", "contact_id", ("data1", "data2", "data3", "data5"))
    for row in database.rows("phonebookcontact", _CONTACT):
        yield _contact(row, entries.get(row.whole("_id") or -1, []))
    for row in database.rows("vibernumbers", _NUMBERS):
        yield Found(
            kind=Kind.ACCOUNT,
            text=lines(row.text("viber_name"), row.text("canonized_number"))
            or no_text([], "account"),
            within=row.within,
            platform=_PLATFORM,
            account=row.text("canonized_number"),
            extra=row.kept(),
        )
    for row in database.rows("blockednumbers", ("_id", "canonized_number", "blocked_date")):
        when = moment(row.values.get("blocked_date"), UNIX_MILLIS)
        yield Found(
            kind=Kind.CONTACT,
            text=lines("[blocked number]", row.text("canonized_number")),
            within=row.within,
            at=when.at,
            time_note=when.note,
            platform=_PLATFORM,
            account=row.text("canonized_number"),
            extra=row.kept(),
        )


def _call(row: Row) -> Found:
    when = moment(row.values.get("date"), UNIX_MILLIS)
    number = row.text("canonized_number") or row.text("number")
    direction = _DIRECTIONS.get(row.whole("type") or 0)
    media = _KINDS.get(row.whole("viber_call_type") or 0)
    return Found(
        kind=Kind.CALL,
        text=call_text(direction, row.whole("duration"), number),
        within=row.within,
        at=when.at,
        time_note=when.note,
        platform=_PLATFORM,
        account=number,
        extra={**row.kept(), "direction": direction, "media": media},
    )


def _contact(row: Row, entries: list[Row]) -> Found:
    numbers = [entry.text("data2") or entry.text("data1") for entry in entries]
    return Found(
        kind=Kind.CONTACT,
        text=lines(row.text("display_name"), *numbers) or no_text([], "contact"),
        within=row.within,
        platform=_PLATFORM,
        extra={
            **row.kept(),
            "numbers": "; ".join(dict.fromkeys(number for number in numbers if number)) or None,
            "labels": "; ".join(label for e in entries if (label := e.text("data5"))) or None,
        },
    )


def _read_messages(database: Database) -> Iterator[Found]:
    people = database.index("participants_info", "_id", _PERSON)
    seats = database.index("participants", "_id", ("participant_info_id", "conversation_id"))
    talks = database.index("conversations", "_id", ("name", "group_id"))
    members: dict[int | None, list[str]] = {}
    for seat in seats.values():
        person = people.get(seat.whole("participant_info_id") or -1)
        if person is not None and (name := _name(person)) is not None:
            members.setdefault(seat.whole("conversation_id"), []).append(name)
    for row in database.rows("messages", _MESSAGE):
        place = seats.get(row.whole("participant_id") or -1)
        sender = people.get(place.whole("participant_info_id") or -1) if place else None
        talk = talks.get(row.whole("conversation_id") or -1)
        yield _message(row, sender, talk, members.get(row.whole("conversation_id"), []))
    for person in people.values():
        yield Found(
            kind=Kind.CONTACT,
            text=lines(*(person.text(column) for column in _PERSON[1:])) or no_text([], "contact"),
            within=person.within,
            platform=_PLATFORM,
            account=_name(person),
            extra=person.kept(),
        )


def _message(row: Row, sender: Row | None, talk: Row | None, members: list[str]) -> Found:
    when = moment(row.values.get("msg_date"), UNIX_MILLIS)
    outgoing = row.whole("send_type") == 1
    extra: dict[str, Value] = {
        **row.kept("body"),
        "direction": "outgoing" if outgoing else "incoming",
        "participants": ", ".join(dict.fromkeys(members)) or None,
        "conversation": talk.text("name") if talk else None,
    }
    return Found(
        kind=Kind.MESSAGE,
        text=row.text("body") or no_text([row.text("extra_mime")], "message"),
        within=row.within,
        at=when.at,
        time_note=when.note,
        platform=_PLATFORM,
        account=_name(sender) if sender is not None and not outgoing else None,
        extra=extra,
    )


def _name(person: Row) -> str | None:
    return person.text("number") or person.text("viber_name") or person.text("display_name")


VIBER_MESSAGES = Application(
    name="Viber messages",
    needs={
        "messages": ("body", "msg_date", "participant_id", "conversation_id", "send_type"),
        "participants": ("participant_info_id",),
        "participants_info": ("number",),
    },
    read=_read_messages,
)
VIBER = Application(
    name="Viber",
    needs={
        "calls": ("canonized_number", "viber_call", "date"),
        "phonebookcontact": ("display_name",),
    },
    read=_read,
)
