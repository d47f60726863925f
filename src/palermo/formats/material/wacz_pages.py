"""The list of pages of a web archive package, joined to the pages that its archives hold.

Guarantees that every line is joined to the item of its page, or is an item of its own, or is said
to be unreadable.
"""

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from palermo.formats.material.found import Found, Kind, Trouble, Value
from palermo.formats.material.warc_item import PART_CHARACTERS, host, stated_time

_KEPT_CHARACTERS = 10_000
_SECOND = timedelta(seconds=1)


class Pages:
    """Pages that are listed. `knows` joins one to a page of an archive; `rest` gives the others."""

    def __init__(self) -> None:
        self._listed: dict[str, list[tuple[datetime | None, str, dict[str, Any]]]] = {}

    def read(self, data: bytes, name: str) -> Iterator[Trouble]:
        """Take in a list of pages (JSON Lines); yields what cannot be read of it."""
        for number, line in enumerate(data.split(b"\n"), 1):
            if not line.strip():
                continue
            within = f"{name}!line {number}"
            try:
                page = json.loads(line)
            except (ValueError, RecursionError) as error:
                shown = line.decode("utf-8", "replace")
                yield Trouble(within=within, detail=f"no JSON: {error}", raw=shown)
                continue
            if not isinstance(page, dict):
                yield Trouble(within=within, detail="a JSON object was expected", raw=str(page))
            elif "url" in page:  # the first line describes the list
                at, _ = stated_time(str(page.get("ts", "")))
                self._listed.setdefault(str(page["url"]), []).append((at, within, page))

    def knows(self, found: Found) -> Found:
        """Add to a page of an archive what the list says of the same address at the same second."""
        listed = self._listed.get(found.url or "", [])
        for index, (at, within, page) in enumerate(listed):
            if not _same_second(at, found.at):
                continue
            del listed[index]
            added: dict[str, Value] = {"listed in": within}
            for name in ("id", "ts", "title", "text"):
                if page.get(name) is not None:
                    added[f"page {name}"] = str(page[name])[:_KEPT_CHARACTERS]
            return replace(found, extra={**found.extra, **added})
        return found

    def rest(self) -> Iterator[Found]:
        """Return the pages that no archive of the package holds."""
        for listed in self._listed.values():
            for _, within, page in listed:
                at, note = stated_time(str(page.get("ts", "")))
                words = [str(page[name]) for name in ("title", "text") if page.get(name)]
                text = "\n\n".join(words)[:PART_CHARACTERS]
                yield Found(
                    kind=Kind.PAGE,
                    text=text if text.strip() else "[listed page, no text]",
                    within=within,
                    at=at,
                    time_note=note,
                    id=str(page["id"]) if page.get("id") else None,
                    url=str(page["url"]),
                    platform=host(str(page["url"])),
                    extra={"held": "no archive in this package holds the page"},
                )


def _same_second(one: datetime | None, other: datetime | None) -> bool:
    if one is None or other is None:
        return False
    one, other = (at if at.tzinfo else at.replace(tzinfo=UTC) for at in (one, other))
    return abs(one - other) < _SECOND
