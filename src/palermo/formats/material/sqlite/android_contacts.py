"""People of Android's contacts provider (`contacts2.db`), and accounts on the phone.

A contact is what one account on the phone says of one person (a raw contact): its entries, one a
line, in the order of the table. Source of the kinds of entries: Android's `ContactsContract`.
"""

from collections.abc import Iterator

from palermo.formats.material.epochs import UNIX_MILLIS, moment
from palermo.formats.material.found import Found, Kind, Value
from palermo.formats.material.sqlite.application import Application, lines, no_text
from palermo.formats.material.sqlite.database import Database, Row

_ENTRY = ("_id", "mimetype_id", "raw_contact_id", "data1", "data4")
_RAW = (
    "_id", "account_id", "account_name", "account_type", "contact_id", "deleted", "display_name",
    "times_contacted", "last_time_contacted", "starred", "sourceid", "version",
)  # fmt: skip
_CARD = "vnd.android.cursor.item/"
#: What goes into the text. Photos, group memberships and the like do not.
_WORDS = frozenset({
    "name", "phone_v2", "email_v2", "im", "nickname", "organization", "postal-address_v2",
    "website", "note", "sip_address", "relation", "contact_event", "identity",
})  # fmt: skip


def _read(database: Database) -> Iterator[Found]:
    for account in database.rows("accounts", ("account_name", "account_type", "data_set")):
        yield Found(
            kind=Kind.ACCOUNT,
            text=lines(account.text("account_name"), account.text("account_type"))
            or "[account without a name]",
            within=account.within,
            platform=account.text("account_type") or "android",
            account=account.text("account_name"),
            extra=account.kept(),
        )
    kinds = {
        number: (row.text("mimetype") or "").removeprefix(_CARD)
        for number, row in database.index("mimetypes", "_id", ("mimetype",)).items()
    }
    raws = database.index("raw_contacts", "_id", _RAW)
    entries = database.groups("data", "raw_contact_id", _ENTRY)
    contacted = database.index("contacts", "_id", ("last_time_contacted", "times_contacted"))
    for number in sorted({*raws, *entries}):
        raw = raws.get(number)
        yield _contact(raw, entries.get(number, []), kinds, contacted)


def _contact(
    raw: Row | None, entries: list[Row], kinds: dict[int, str], contacted: dict[int, Row]
) -> Found:
    words: list[str | None] = [raw.text("display_name") if raw else None]
    listed: dict[str, list[str]] = {}
    for entry in entries:
        kind = kinds.get(entry.whole("mimetype_id") or -1, "")
        value = entry.text("data1")
        if value is not None and (kind in _WORDS or not kind):
            words.append(value)
            listed.setdefault(kind or "unknown", []).append(value)
    extra: dict[str, Value] = {} if raw is None else raw.kept()
    extra |= {name: "; ".join(values) for name, values in listed.items()}
    joined = contacted.get((raw.whole("contact_id") if raw else None) or -1)
    last = moment((joined or raw).values.get("last_time_contacted"), UNIX_MILLIS) if raw else None
    if last is not None and last.at is not None:
        extra["last_contacted"] = last.at.isoformat()
    return Found(
        kind=Kind.CONTACT,
        text=lines(*words) or no_text([], "contact"),
        within=raw.within if raw else entries[0].within,
        platform="android",
        extra=extra,
    )


ANDROID_CONTACTS = Application(
    name="Android contacts",
    needs={"data": ("mimetype_id", "raw_contact_id", "data1"), "mimetypes": ("mimetype",)},
    read=_read,
)
