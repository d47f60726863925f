"""Burner on Android (`burners.sqlite`): throw-away numbers, their messages, calls and contacts.

Times are milliseconds from 1970. A message belongs to one of the own numbers, which is the account
of what was sent from it; that of what was received is the other number.
"""

from collections.abc import Iterator

from palermo.formats.material.epochs import UNIX_MILLIS, moment
from palermo.formats.material.found import Found, Kind, Value
from palermo.formats.material.sqlite.application import Application, call_text, lines, no_text
from palermo.formats.material.sqlite.database import Database, Row

_PLATFORM = "burner"
_MESSAGE = (
    "_id", "message_id", "state", "message", "contact_phone_number", "connected", "message_type",
    "contact_burner_id", "voice_url", "date_created", "last_updated_date", "read", "user_id", "sid",
    "burner_id", "duration", "direction", "asset_url", "send_status",
)  # fmt: skip
_NUMBER = (
    "_id", "burner_id", "phone_number_id", "name", "alias", "user_id", "date_created",
    "expiration_date", "renewal_date", "total_minutes", "remaining_minutes", "total_texts",
    "remaining_texts", "disabled", "auto_reply_active", "auto_reply_text", "call_forward_status",
)  # fmt: skip
_CONTACT = (
    "_id", "contact_id", "name", "phone_number", "burner_id", "date_created", "last_updated_date",
    "blocked", "muted", "notes",
)  # fmt: skip
_DIRECTIONS = {1: "incoming", 2: "outgoing"}
#: `message_type` of what is no text.
_CALL = {1, 3}


def _read(database: Database) -> Iterator[Found]:
    numbers: dict[str | None, str | None] = {}
    for row in database.rows("burners", _NUMBER):
        numbers[row.text("burner_id")] = row.text("phone_number_id")
        yield _number(row)
    for row in database.rows("messages", _MESSAGE):
        yield _message(row, numbers.get(row.text("burner_id")))
    for row in database.rows("contacts", _CONTACT):
        yield Found(
            kind=Kind.CONTACT,
            text=lines(row.text("name"), row.text("phone_number"), row.text("notes"))
            or no_text([], "contact"),
            within=row.within,
            platform=_PLATFORM,
            account=row.text("phone_number"),
            extra=row.kept(),
        )


def _number(row: Row) -> Found:
    when = moment(row.values.get("date_created"), UNIX_MILLIS)
    return Found(
        kind=Kind.ACCOUNT,
        text=lines(row.text("name"), row.text("phone_number_id"), row.text("auto_reply_text"))
        or no_text([], "account"),
        within=row.within,
        at=when.at,
        time_note=when.note,
        platform=_PLATFORM,
        account=row.text("phone_number_id"),
        extra=row.kept(),
    )


def _message(row: Row, own: str | None) -> Found:
    when = moment(row.values.get("date_created"), UNIX_MILLIS)
    other = row.text("contact_phone_number")
    direction = _DIRECTIONS.get(row.whole("direction") or 0)
    extra: dict[str, Value] = {**row.kept("message"), "direction": direction, "own_number": own}
    words = row.text("message")
    is_call = row.whole("message_type") in _CALL and words is None
    return Found(
        kind=Kind.CALL if is_call else Kind.MESSAGE,
        text=call_text(direction, row.whole("duration"), other)
        if is_call
        else words or no_text([row.text("asset_url") and "attachment"], "message"),
        within=row.within,
        at=when.at,
        time_note=when.note,
        id=row.text("message_id"),
        platform=_PLATFORM,
        account=own if direction == "outgoing" and not is_call else other,
        extra=extra,
    )


BURNER = Application(
    name="Burner",
    needs={
        "messages": ("message", "contact_phone_number", "burner_id", "date_created"),
        "burners": ("burner_id", "phone_number_id"),
    },
    read=_read,
)
