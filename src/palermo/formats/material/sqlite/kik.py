"""Kik on iPhones (`kik.sqlite`): messages and users.

A received message names its sender, who is its account. A sent one names the person or group it
went to, in `user`; the own account is not marked in the database, so it has none.
"""

from collections.abc import Iterator

from palermo.formats.material.epochs import APPLE_SECONDS, moment
from palermo.formats.material.found import Found, Kind, Value
from palermo.formats.material.sqlite.application import Application, lines, no_text
from palermo.formats.material.sqlite.database import Database, Row

_MESSAGE = (
    "Z_PK", "ZBODY", "ZTIMESTAMP", "ZRECEIVEDTIMESTAMP", "ZTYPE", "ZSTATE", "ZSYSTEMSTATE",
    "ZFLAGS", "ZUSER", "ZSTANZAID",
)  # fmt: skip
_USER = (
    "Z_PK", "ZUSERNAME", "ZDISPLAYNAME", "ZFIRSTNAME", "ZLASTNAME", "ZEMAIL", "ZJID", "ZGROUPTAG",
    "ZSTATUS", "ZPPURL", "ZPPTIMESTAMP", "ZTYPE", "ZFLAGS",
)  # fmt: skip
#: `ZTYPE` of a message.
TYPES = {1: "incoming", 2: "outgoing", 3: "group notice", 4: "group notice"}
_INCOMING = 1


def _read(database: Database) -> Iterator[Found]:
    users = database.index("ZKIKUSER", "Z_PK", _USER)
    groups = _groups(database)
    chats = _chats(database, users)
    files = database.groups("ZKIKATTACHMENT", "ZMESSAGE", ("ZCONTENT", "ZTYPE"))
    for row in database.rows("ZKIKMESSAGE", _MESSAGE):
        number = row.whole("Z_PK") or -1
        yield _message(row, users, chats.get(number), files.get(number, []))
    for number, user in users.items():
        members = [name for m in groups.get(number, []) if (name := _name(users.get(m)))]
        yield _contact(user, members)


def _message(row: Row, users: dict[int, Row], chat: str | None, files: list[Row]) -> Found:
    user = users.get(row.whole("ZUSER") or -1)
    kind = row.whole("ZTYPE")
    sent = moment(row.values.get("ZTIMESTAMP"), APPLE_SECONDS)
    received = moment(row.values.get("ZRECEIVEDTIMESTAMP"), APPLE_SECONDS).at
    extra: dict[str, Value] = {
        **row.kept("ZBODY"),
        "user": _name(user),
        "user_display_name": user.text("ZDISPLAYNAME") if user else None,
        "chat": chat,
        "direction": TYPES.get(kind or 0),
        "received_utc": received.isoformat() if received else None,
        "attachments": ", ".join(file.text("ZCONTENT") or "?" for file in files) or None,
    }
    return Found(
        kind=Kind.MESSAGE,
        text=row.text("ZBODY") or no_text([], "attachment" if files else "message"),
        within=row.within,
        at=sent.at,
        time_note=sent.note,
        id=row.text("ZSTANZAID"),
        platform="kik",
        account=_name(user) if kind == _INCOMING else None,
        extra=extra,
    )


def _contact(user: Row, members: list[str]) -> Found:
    full = " ".join(p for p in (user.text("ZFIRSTNAME"), user.text("ZLASTNAME")) if p)
    return Found(
        kind=Kind.CONTACT,
        text=lines(
            user.text("ZDISPLAYNAME"),
            full,
            user.text("ZUSERNAME"),
            user.text("ZEMAIL"),
            user.text("ZSTATUS"),
        )
        or no_text([], "contact"),
        within=user.within,
        platform="kik",
        account=_name(user),
        extra={**user.kept(), "members": ", ".join(members) or None},
    )


def _name(user: Row | None) -> str | None:
    return None if user is None else user.text("ZUSERNAME") or user.text("ZJID")


def _entities(database: Database) -> dict[str, int]:
    """Return Core Data's numbers of entities, by which it names its tables of pairs."""
    rows = database.rows("Z_PRIMARYKEY", ("Z_ENT", "Z_NAME"))
    return {row.text("Z_NAME") or "": row.whole("Z_ENT") or 0 for row in rows}


def _chats(database: Database, users: dict[int, Row]) -> dict[int, str]:
    """Return the name of the chat that each message stands in."""
    numbers = _entities(database)
    chat, message = numbers.get("KikChat"), numbers.get("KikMessage")
    partners = database.index("ZKIKCHAT", "Z_PK", ("ZUSER",))
    found: dict[int, str] = {}
    columns = (f"Z_{chat}CHAT", f"Z_{message}MESSAGES")
    for pair in database.rows(f"Z_{chat}MESSAGES", columns):
        partner = partners.get(pair.whole(columns[0]) or -1)
        user = users.get(partner.whole("ZUSER") or -1) if partner else None
        name = (_name(user) or user.text("ZDISPLAYNAME")) if user else None
        if name is not None:
            found[pair.whole(columns[1]) or -1] = name
    return found


def _groups(database: Database) -> dict[int, list[int]]:
    """Return the members of each user that is a group."""
    user = _entities(database).get("KikUser")
    columns = (f"Z_{user}MEMBERSINVERSE", f"Z_{user}MEMBERS")
    found: dict[int, list[int]] = {}
    for pair in database.rows(f"Z_{user}MEMBERS", columns):
        group, member = pair.whole(columns[0]), pair.whole(columns[1])
        if group is not None and member is not None:
            found.setdefault(group, []).append(member)
    return found


KIK = Application(
    name="Kik",
    needs={
        "ZKIKMESSAGE": ("ZBODY", "ZTIMESTAMP", "ZTYPE", "ZUSER"),
        "ZKIKUSER": ("ZUSERNAME", "ZDISPLAYNAME"),
    },
    read=_read,
)
