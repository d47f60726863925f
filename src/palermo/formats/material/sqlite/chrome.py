"""Chromium and its kin (`History` of Chrome, Edge, Brave, Opera, …): visits, searches, downloads.

The database does not say which of these browsers wrote it. An address without a visit is handed
over too, as a page.
"""

from collections.abc import Iterator

from palermo.formats.material.epochs import chromium
from palermo.formats.material.found import Found, Kind, Value
from palermo.formats.material.sqlite.application import Application, lines, no_text
from palermo.formats.material.sqlite.database import Database, Row

_PLATFORM = "chromium"
_URL = ("id", "url", "title", "visit_count", "typed_count", "last_visit_time", "hidden")
_VISIT = (
    "id", "url", "visit_time", "from_visit", "transition", "segment_id", "visit_duration",
    "opener_visit", "originator_cache_guid", "is_known_to_sync",
)  # fmt: skip
_DOWNLOAD = (
    "id", "guid", "current_path", "target_path", "full_path", "url", "start_time", "end_time",
    "received_bytes", "total_bytes", "state", "danger_type", "interrupt_reason", "opened",
    "last_access_time", "referrer", "site_url", "tab_url", "tab_referrer_url", "mime_type",
    "original_mime_type", "by_ext_id", "by_ext_name",
)  # fmt: skip
#: How a page was reached: the low byte of `transition` (Chromium's `ui::PageTransition`).
TRANSITIONS = (
    "link", "typed", "bookmark", "subframe", "subframe by hand", "generated", "start page",
    "form sent", "reload", "keyword", "keyword generated",
)  # fmt: skip
#: Where a visit comes from when it was not made in this browser (`visit_source`).
_SOURCES = {0: "synced", 1: "browsed", 2: "extension", 3: "imported from Firefox",
            4: "imported from Internet Explorer", 5: "imported from Safari"}  # fmt: skip


def _read(database: Database) -> Iterator[Found]:
    urls = database.index("urls", "id", _URL)
    sources = database.index("visit_source", "id", ("source",))
    visited = set()
    for row in database.rows("visits", _VISIT):
        page = urls.get(row.whole("url") or -1)
        visited.add(row.whole("url"))
        yield _visit(row, page, sources.get(row.whole("id") or -1))
    for number, page in urls.items():
        if number not in visited:
            yield _unvisited(page)
    for row in database.rows("keyword_search_terms", ("keyword_id", "url_id", "term")):
        yield _search(row, urls.get(row.whole("url_id") or -1))
    chains = database.groups("downloads_url_chains", "id", ("chain_index", "url"))
    for row in database.rows("downloads", _DOWNLOAD):
        yield _download(row, chains.get(row.whole("id") or -1, []))


def _visit(row: Row, page: Row | None, source: Row | None) -> Found:
    when = chromium(row.values.get("visit_time"))
    url, title = (page.text("url"), page.text("title")) if page else (None, None)
    transition = (row.whole("transition") or 0) & 0xFF
    extra: dict[str, Value] = {**row.kept("url"), "url_id": row.whole("url")}
    extra |= {} if page is None else page.kept("id", "url", "title", "last_visit_time")
    extra["reached_by"] = TRANSITIONS[transition] if transition < len(TRANSITIONS) else None
    if source is not None:
        extra["source"] = _SOURCES.get(source.whole("source") or 0, source.text("source"))
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


def _unvisited(page: Row) -> Found:
    when = chromium(page.values.get("last_visit_time"))
    return Found(
        kind=Kind.PAGE,
        text=lines(page.text("title"), page.text("url")) or no_text([], "page"),
        within=page.within,
        at=when.at,
        time_note=when.note,
        platform=_PLATFORM,
        url=page.text("url"),
        extra=page.kept("url", "title"),
    )


def _search(row: Row, page: Row | None) -> Found:
    when = chromium(page.values.get("last_visit_time") if page else None)
    return Found(
        kind=Kind.VISIT,
        text=row.text("term") or no_text([], "search"),
        within=row.within,
        at=when.at,
        time_note=when.note or ("last visit of the page of results" if when.at else None),
        platform=_PLATFORM,
        url=page.text("url") if page else None,
        extra={**row.kept(), "visit": "search"},
    )


def _download(row: Row, chain: list[Row]) -> Found:
    when = chromium(row.values.get("start_time"))
    ended = chromium(row.values.get("end_time")).at
    chain = sorted(chain, key=lambda link: link.whole("chain_index") or 0)
    urls = [url for link in chain if (url := link.text("url"))]
    url = urls[-1] if urls else row.text("url") or row.text("tab_url")
    path = row.text("target_path") or row.text("full_path") or row.text("current_path")
    return Found(
        kind=Kind.FILE,
        text=lines(path, url) or no_text([row.text("mime_type")], "download"),
        within=row.within,
        at=when.at,
        time_note=when.note,
        platform=_PLATFORM,
        url=url,
        extra={
            **row.kept(),
            "redirected_from": " ".join(urls[:-1]) or None,
            "end_time_utc": ended.isoformat() if ended else None,
        },
    )


CHROME = Application(
    name="Chromium history",
    needs={"urls": ("url", "title"), "visits": ("url", "visit_time", "transition")},
    read=_read,
)
