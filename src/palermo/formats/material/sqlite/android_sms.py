"""Text and multimedia messages of Android's telephony provider (`mmssms.db`).

The provider names only the other party. A received message has it as its account; the sender of
a sent one is the owner of the phone, whom the database does not name, so it has none, and the
other party stands in `address`.
Source of the codes: Android's `Telephony.Sms`, `Telephony.Mms` and `PduHeaders`.
"""

from collections.abc import Iterator

from palermo.formats.material.epochs import UNIX_MILLIS, UNIX_SECONDS, moment
from palermo.formats.material.found import Found, Kind, Value
from palermo.formats.material.sqlite.application import Application, lines, no_text
from palermo.formats.material.sqlite.database import Database, Row

_SMS = (
    "_id", "thread_id", "address", "person", "date", "date_sent", "protocol", "read", "status",
    "type", "subject", "body", "service_center", "locked", "error_code", "seen", "sub_id",
    "creator",
)  # fmt: skip
_MMS = (
    "_id", "thread_id", "date", "date_sent", "msg_box", "read", "m_id", "sub", "ct_t", "ct_l",
    "m_type", "m_size", "st", "tr_id", "resp_txt", "retr_txt", "locked", "seen", "sub_id",
    "creator",
)  # fmt: skip
#: `type` of an SMS and `msg_box` of an MMS mean the same.
BOXES = {
    1: "incoming", 2: "outgoing", 3: "draft", 4: "outgoing, not sent yet", 5: "outgoing, failed",
    6: "outgoing, queued",
}  # fmt: skip
_INCOMING = 1
#: `type` of an address of an MMS.
_FROM = 137
_ROLES = {137: "from", 151: "to", 130: "cc", 129: "bcc"}
#: Stands for the owner of the phone.
_OWNER = "insert-address-token"
#: `m_type` of an MMS that announces content still to be fetched.
_ANNOUNCEMENT = 130
#: Layout of the slides, no content.
_LAYOUT = "application/smil"


def _read(database: Database) -> Iterator[Found]:
    for row in database.rows("sms", _SMS):
        yield _sms(row)
    parts = database.groups("part", "mid", ("seq", "ct", "name", "fn", "cl", "_data", "text"))
    addresses = database.groups("addr", "msg_id", ("address", "type"))
    for row in database.rows("pdu", _MMS):
        number = row.whole("_id")
        own = (parts.get(number, []), addresses.get(number, [])) if number is not None else ([], [])
        yield _mms(row, *own)


def _sms(row: Row) -> Found:
    box = row.whole("type")
    when = moment(row.values.get("date"), UNIX_MILLIS)
    extra: dict[str, Value] = {**row.kept("body"), "direction": BOXES.get(box or 0)}
    return Found(
        kind=Kind.MESSAGE,
        text=lines(row.text("subject"), row.text("body")) or no_text([], "SMS"),
        within=row.within,
        at=when.at,
        time_note=when.note,
        platform="sms",
        account=row.text("address") if box == _INCOMING else None,
        extra=extra,
    )


def _mms(row: Row, parts: list[Row], addresses: list[Row]) -> Found:
    box = row.whole("msg_box")
    when = moment(row.values.get("date"), UNIX_SECONDS)
    parts = sorted(parts, key=lambda part: part.whole("seq") or 0)
    words = [part.text("text") for part in parts if (part.text("ct") or "") == "text/plain"]
    files = [part for part in parts if part.text("ct") not in {"text/plain", _LAYOUT}]
    extra: dict[str, Value] = {**row.kept(), "direction": BOXES.get(box or 0)}
    for code, role in _ROLES.items():
        named = [a.text("address") for a in addresses if a.whole("type") == code]
        extra[role] = ", ".join(name for name in named if name and name != _OWNER) or None
    names = [f.text("name") or f.text("fn") or f.text("cl") or f.text("_data") for f in files]
    extra["attachments"] = ", ".join(name for name in names if name) or None
    announced = "MMS not fetched" if row.whole("m_type") == _ANNOUNCEMENT else "MMS"
    sender = extra["from"]
    return Found(
        kind=Kind.MESSAGE,
        text=lines(row.text("sub"), *words) or no_text([f.text("ct") for f in files], announced),
        within=row.within,
        at=when.at,
        time_note=when.note,
        platform="mms",
        account=str(sender) if sender is not None and box == _INCOMING else None,
        extra=extra,
    )


ANDROID_SMS = Application(
    name="Android SMS and MMS",
    needs={"sms": ("address", "date", "type", "body", "thread_id")},
    read=_read,
)
