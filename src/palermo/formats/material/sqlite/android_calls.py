"""The call log of Android (`calllog.db`; on older phones a table of `contacts2.db`).

Source of the codes: Android's `CallLog.Calls`.
"""

from collections.abc import Iterator

from palermo.formats.material.epochs import UNIX_MILLIS, moment
from palermo.formats.material.found import Found, Kind
from palermo.formats.material.sqlite.application import Application, call_text
from palermo.formats.material.sqlite.database import Database

_CALL = (
    "_id", "number", "date", "duration", "type", "new", "name", "numbertype", "numberlabel",
    "countryiso", "is_read", "geocoded_location", "matched_number", "normalized_number",
    "formatted_number", "presentation", "features", "subscription_id", "via_number",
    "post_dial_digits", "block_reason", "transcription",
)  # fmt: skip
TYPES = {
    1: "incoming", 2: "outgoing", 3: "missed", 4: "voicemail", 5: "rejected", 6: "blocked",
    7: "answered elsewhere",
}  # fmt: skip


def _read(database: Database) -> Iterator[Found]:
    for row in database.rows("calls", _CALL):
        when = moment(row.values.get("date"), UNIX_MILLIS)
        direction = TYPES.get(row.whole("type") or 0)
        number = row.text("normalized_number") or row.text("number")
        words = (row.text("name"), number, row.text("transcription"))
        yield Found(
            kind=Kind.CALL,
            text=call_text(direction, row.whole("duration"), *words),
            within=row.within,
            at=when.at,
            time_note=when.note,
            platform="phone",
            account=number,
            extra={**row.kept(), "direction": direction},
        )


ANDROID_CALLS = Application(
    name="Android call log",
    needs={"calls": ("number", "date", "duration", "type", "new")},
    read=_read,
)
