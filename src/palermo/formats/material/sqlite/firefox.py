"""Firefox (`places.sqlite`): visits, bookmarks, and addresses it knows for another reason.

Times are PRTime, microseconds from 1970.
"""

from collections.abc import Iterator

from palermo.formats.material.epochs import UNIX_MICROS, moment
from palermo.formats.material.found import Found, Kind, Value
from palermo.formats.material.sqlite.application import Application, lines, no_text
from palermo.formats.material.sqlite.database import Database, Row

_PLATFORM = "firefox"
_PLACE = (
    "id", "url", "title", "description", "visit_count", "hidden", "typed", "frecency",
    "last_visit_date", "site_name",
)  # fmt: skip
_VISIT = ("id", "from_visit", "place_id", "visit_date", "visit_type", "session", "source")
_BOOKMARK = ("id", "type", "fk", "parent", "title", "dateAdded", "lastModified", "guid")
#: Mozilla's `nsINavHistoryService`.
VISIT_TYPES = {
    1: "link", 2: "typed", 3: "bookmark", 4: "embedded", 5: "permanent redirect",
    6: "temporary redirect", 7: "download", 8: "link in a frame", 9: "reload",
}  # fmt: skip
_IS_BOOKMARK = 1


def _read(database: Database) -> Iterator[Found]:
    places = database.index("moz_places", "id", _PLACE)
    known: set[int | None] = set()
    for row in database.rows("moz_historyvisits", _VISIT):
        known.add(row.whole("place_id"))
        yield _visit(row, places.get(row.whole("place_id") or -1))
    folders = database.index("moz_bookmarks", "id", _BOOKMARK)
    for row in folders.values():
        if row.whole("type") == _IS_BOOKMARK:
            known.add(row.whole("fk"))
            folder = folders.get(row.whole("parent") or -1)
            extra = {**row.kept("title"), "folder": folder.text("title") if folder else None}
            yield _page(row, places.get(row.whole("fk") or -1), "dateAdded", extra)
    for number, place in places.items():
        if number not in known:
            yield _page(place, place, "last_visit_date", place.kept("url", "title"))


def _visit(row: Row, place: Row | None) -> Found:
    when = moment(row.values.get("visit_date"), UNIX_MICROS)
    url, title = (place.text("url"), place.text("title")) if place else (None, None)
    extra: dict[str, Value] = row.kept()
    extra |= {} if place is None else place.kept("id", "url", "title", "last_visit_date")
    extra["reached_by"] = VISIT_TYPES.get(row.whole("visit_type") or 0)
    return Found(
        kind=Kind.VISIT,
        text=lines(title, url) or "[visit of an address that is no longer in the database]",
        within=row.within,
        at=when.at,
        time_note=when.note,
        platform=_PLATFORM,
        url=url,
        extra=extra,
    )


def _page(row: Row, place: Row | None, column: str, extra: dict[str, Value]) -> Found:
    when = moment(row.values.get(column), UNIX_MICROS)
    url = place.text("url") if place else None
    return Found(
        kind=Kind.PAGE,
        text=lines(row.text("title"), url) or no_text([], "page"),
        within=row.within,
        at=when.at,
        time_note=when.note,
        platform=_PLATFORM,
        url=url,
        extra=extra,
    )


FIREFOX = Application(
    name="Firefox history",
    needs={
        "moz_places": ("url", "title"),
        "moz_historyvisits": ("place_id", "visit_date", "visit_type"),
    },
    read=_read,
)
