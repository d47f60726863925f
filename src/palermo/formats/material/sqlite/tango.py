"""Tango on Android (`tango_profile.db`): people seen, and the own account.

Names, status and requests are kept in Base64. A birthday or time that was not given is a default
of the application, and stays in `extra` as it is.
"""

import base64
import binascii
from collections.abc import Iterator

from palermo.formats.material.epochs import UNIX_MILLIS, moment
from palermo.formats.material.found import Found, Kind, Value
from palermo.formats.material.sqlite.application import Application, lines, no_text
from palermo.formats.material.sqlite.database import Database, Row

_ENCODED = (
    "itemFirstName", "itemLastName", "itemStatus", "itemFriendRequestMessage", "itemCity",
    "itemDatingEssayText", "itemDatingSeekingString", "itemDatingLocationString",
)  # fmt: skip
_PROFILE = (
    "itemUserId", *_ENCODED, "itemBirthday", "itemGender", "itemLastActiveTime", "itemDistance",
    "itemGeoCountryCode", "itemAvatarUrl", "itemIsFriend", "itemIsBlocked", "itemIsHidden",
    "itemFriendRequestType", "itemFriendRequestTime", "itemFavoriterCount", "itemFavoritingCount",
    "itemLastLocalAccessTime", "itemProfileType", "itemDatingAge", "itemDatingProfileUrl",
)  # fmt: skip
_TIMES = ("itemLastActiveTime", "itemFriendRequestTime", "itemLastLocalAccessTime")


def _read(database: Database) -> Iterator[Found]:
    settings = {
        row.text("key"): row.text("value") for row in database.rows("profiles", ("key", "value"))
    }
    own = settings.get("keyCurrentUserId")
    for row in database.rows("profiletable", _PROFILE):
        yield _profile(row, own)


def _profile(row: Row, own: str | None) -> Found:
    user = row.text("itemUserId")
    kind = Kind.ACCOUNT if own is not None and user == own else Kind.CONTACT
    said = {name: decoded(row.text(name)) for name in _ENCODED}
    name = " ".join(part for part in (said["itemFirstName"], said["itemLastName"]) if part)
    extra: dict[str, Value] = {**row.kept(), **{k: v for k, v in said.items() if v}}
    for column in _TIMES:
        at = moment(row.values.get(column), UNIX_MILLIS).at
        extra[f"{column}_utc"] = at.isoformat() if at else None
    words = [said[column] for column in _ENCODED[2:] if column != "itemCity"]
    place = ", ".join(p for p in (said["itemCity"], row.text("itemGeoCountryCode")) if p)
    return Found(
        kind=kind,
        text=lines(name, *words) or no_text([], "profile"),
        within=row.within,
        platform="tango",
        account=user,
        place=place or None,
        extra=extra,
    )


def decoded(text: str | None) -> str | None:
    """Return what Base64 stands for, or `text` itself where it is none."""
    if text is None:
        return None
    try:
        return base64.b64decode(text, validate=True).decode("utf-8")
    except (binascii.Error, ValueError):
        return text


TANGO = Application(
    name="Tango",
    needs={"profiletable": ("itemUserId", "itemFirstName", "itemLastName")},
    read=_read,
)
