"""Viber on Android: calls and contacts (`viber_data`).

Times are milliseconds from 1970. Messages stand in another database, `viber_messages`.
"""

from collections.abc import Iterator

from palermo.formats.material.epochs import UNIX_MILLIS, moment
from palermo.formats.material.found import Found, Kind
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


VIBER = Application(
    name="Viber",
    needs={
        "calls": ("canonized_number", "viber_call", "date"),
        "phonebookcontact": ("display_name",),
    },
    read=_read,
)
