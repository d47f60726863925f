"""Safari (`History.db`): visits, and what is left of a history that was deleted.

Times are seconds from 2001. A tombstone tells other devices of the same owner to delete visits of
a span of time: it shows that, and when, history was deleted.
"""

from collections.abc import Iterator

from palermo.formats.material.epochs import APPLE_SECONDS, moment
from palermo.formats.material.found import Found, Kind, Value
from palermo.formats.material.sqlite.application import Application, lines, no_text
from palermo.formats.material.sqlite.database import Database, Row

_PLATFORM = "safari"
_ITEM = ("id", "url", "domain_expansion", "visit_count", "visit_count_score")
_VISIT = (
    "id", "history_item", "visit_time", "title", "load_successful", "http_non_get", "synthesized",
    "redirect_source", "redirect_destination", "origin", "generation", "attributes", "score",
)  # fmt: skip
_TOMBSTONE = ("id", "start_time", "end_time", "url", "generation")
#: `origin` of a visit: on this device, or another one of the same owner.
_ORIGINS = {0: "this device", 1: "another device of the account"}


def _read(database: Database) -> Iterator[Found]:
    items = database.index("history_items", "id", _ITEM)
    visited = set()
    for row in database.rows("history_visits", _VISIT):
        visited.add(row.whole("history_item"))
        yield _visit(row, items.get(row.whole("history_item") or -1))
    for number, item in items.items():
        if number not in visited:
            yield Found(
                kind=Kind.PAGE,
                text=item.text("url") or no_text([], "page"),
                within=item.within,
                platform=_PLATFORM,
                url=item.text("url"),
                extra=item.kept("url"),
            )
    for row in database.rows("history_tombstones", _TOMBSTONE):
        yield _tombstone(row)


def _visit(row: Row, item: Row | None) -> Found:
    when = moment(row.values.get("visit_time"), APPLE_SECONDS)
    url = item.text("url") if item else None
    extra: dict[str, Value] = row.kept("title")
    extra |= {} if item is None else item.kept("id", "url")
    extra["made_on"] = _ORIGINS.get(row.whole("origin") or 0)
    return Found(
        kind=Kind.VISIT,
        text=lines(row.text("title"), url)
        or "[visit of an address that is no longer in the database]",
        within=row.within,
        at=when.at,
        time_note=when.note,
        platform=_PLATFORM,
        url=url,
        extra=extra,
    )


def _tombstone(row: Row) -> Found:
    start = moment(row.values.get("start_time"), APPLE_SECONDS).at
    end = moment(row.values.get("end_time"), APPLE_SECONDS)
    since = f"from {start.isoformat()}" if start else "from the first"
    until = f"to {end.at.isoformat()}" if end.at else "to an unknown time"
    return Found(
        kind=Kind.FILE,
        text=lines(f"[visits deleted, {since} {until}]", row.text("url")),
        within=row.within,
        at=end.at,
        time_note="end of the span that was deleted" if end.at else end.note,
        platform=_PLATFORM,
        extra=row.kept(),
    )


SAFARI = Application(
    name="Safari history",
    needs={"history_items": ("url",), "history_visits": ("history_item", "visit_time")},
    read=_read,
)
