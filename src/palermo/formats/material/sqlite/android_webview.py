"""What the browser inside Android applications remembers (`webview.db`): cookies and form entries.

A saved password is not copied into the items; that there is one is. It stays in the exhibit.
"""

from collections.abc import Iterator

from palermo.formats.material.epochs import UNIX_MILLIS, moment
from palermo.formats.material.found import Found, Kind, Value
from palermo.formats.material.sqlite.application import Application, lines
from palermo.formats.material.sqlite.database import Database

_COOKIE = ("name", "value", "domain", "path", "expires", "secure")
_PLATFORM = "android webview"


def _read(database: Database) -> Iterator[Found]:
    for row in database.rows("cookies", _COOKIE):
        expires = moment(row.values.get("expires"), UNIX_MILLIS)
        extra: dict[str, Value] = row.kept()
        extra["expires_utc"] = expires.at.isoformat() if expires.at else None
        yield Found(
            kind=Kind.FILE,
            text=f"cookie {row.text('domain') or ''}{row.text('path') or ''} "
            f"{row.text('name') or ''}={row.text('value') or ''}",
            within=row.within,
            platform=_PLATFORM,
            extra=extra,
        )
    pages = database.index("formurl", "_id", ("url",))
    for row in database.rows("formdata", ("urlid", "name", "value")):
        page = pages.get(row.whole("urlid") or -1)
        yield Found(
            kind=Kind.ACCOUNT,
            text=lines(row.text("value")) or "[form entry without a value]",
            within=row.within,
            platform=_PLATFORM,
            url=page.text("url") if page else None,
            extra=row.kept(),
        )
    for table, place in (("password", "host"), ("httpauth", "host")):
        for row in database.rows(table, ("host", "realm", "username", "password")):
            yield Found(
                kind=Kind.ACCOUNT,
                text=lines(row.text("username"), row.text(place)) or "[login without a name]",
                within=row.within,
                platform=_PLATFORM,
                account=row.text("username"),
                extra={
                    **row.kept("password"),
                    "password": "[kept in the exhibit]" if row.text("password") else None,
                },
            )


ANDROID_WEBVIEW = Application(
    name="Android WebView",
    needs={
        "cookies": ("name", "value", "domain", "expires"),
        "formurl": ("url",),
        "formdata": ("urlid", "name", "value"),
    },
    read=_read,
)
