"""From the tables of a case folder to the rows of the desk.

Guarantees that the rows are those of one run: one transaction replaces all of them or none; that
every row of the tables is a row of the desk; and that memory grows with a few narrow columns of the
tables, not with the rows.
"""

import json
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
from django.db import models

from palermo.desks.access.models import Case
from palermo.desks.cases import bulk
from palermo.desks.cases.facts import gather
from palermo.desks.cases.graph import prepare
from palermo.desks.cases.models import (
    Campaign,
    Fact,
    Identifier,
    Indication,
    Item,
    Link,
    Mention,
    Network,
    SetAside,
)
from palermo.desks.cases.tables import Columns, campaigns, identifiers, read_columns

Progress = Callable[[str, int, int], None]

_BATCH = 5000
#: Rows that point at others go first.
_REPLACED: tuple[type[models.Model], ...] = (
    Indication, Link, Mention, Identifier, Campaign, Network, SetAside, Fact, Item,
)  # fmt: skip


def land(
    case: Case, folder: Path, *, progress: Progress, also: Callable[[], None] = lambda: None
) -> None:
    """Replace what was found in `case` by what the run left in `folder`, in one transaction.

    `also` is called within it, when all rows are there.
    """
    findings = json.loads((folder / "findings.json").read_text("utf-8"))
    columns = read_columns(folder)

    def complete() -> None:
        prepare(case)
        also()

    with bulk.replacing(case.pk, _REPLACED, also=complete) as write:
        landing = _Landing(case, folder, columns, progress, write)
        landing.items()
        landing.identifiers_and_mentions()
        landing.indications()
        landing.links()
        landing.set_aside()
        landing.campaigns_and_networks(findings)
        write(
            Fact,
            ("case_id", "name", "value", "number"),
            ((case.pk, *fact) for fact in gather(folder, columns, findings)),
        )
        progress("rows put in place", 0, 1)


class _Landing:
    """One landing under way: the primary keys given to items, and how far it is."""

    def __init__(
        self, case: Case, folder: Path, columns: Columns, progress: Progress, write: bulk.Write
    ) -> None:
        self._case, self._folder, self._columns = case.pk, folder, columns
        self._progress, self._to = progress, write
        self._items = bulk.reserve(Item, len(columns.ids))

    def items(self) -> None:
        known = self._columns
        self._write(
            "items kept",
            "items",
            Item,
            ("id", "case_id", "ident", "text", "lang", "posted_at", "platform", "account", "url",
             "place", "kind", "exhibit", "row", "row_hash", "campaign", "network"),
            lambda row, at: (
                int(self._items[at]), self._case, row["id"], row["text"], row["lang"] or "",
                row["posted_at"], row["platform"] or "", row["account"] or "", row["url"] or "",
                row["place"] or "", row["kind"] or "", row["exhibit"], row["row"], row["row_hash"],
                known.campaign[at].as_py() or "", known.network[at].as_py() or "",
            ),
        )  # fmt: skip

    def identifiers_and_mentions(self) -> None:
        found = identifiers(self._folder, self._columns)
        keys = bulk.reserve(Identifier, len(found.rows))
        self._to(
            Identifier,
            ("id", "case_id", "kind", "value", "items", "accounts", "campaigns", "first_seen",
             "last_seen", "used", "reason"),
            ((int(key), self._case, *row) for key, row in zip(keys, found.rows, strict=True)),
        )  # fmt: skip
        self._write(
            "identifiers kept",
            "identifiers",
            Mention,
            ("case_id", "identifier_id", "item_id", "raw", "start", "end", "confidence", "reason"),
            lambda row, at: (
                self._case, int(keys[found.of_mention[at]]), int(self._items[found.item[at]]),
                row["raw"], row["start"], row["end"], row["confidence"], row["reason"],
            ),
        )  # fmt: skip

    def indications(self) -> None:
        item = self._columns.positions(self._folder, "indications", "id")
        parts = ("rule", "version", "dimension", "strength", "polarity", "start", "end", "quote")
        self._write(
            "indications kept",
            "indications",
            Indication,
            ("case_id", "item_id", *parts),
            lambda row, at: (self._case, int(self._items[item[at]]), *(row[p] for p in parts)),
        )

    def links(self) -> None:
        a = self._columns.positions(self._folder, "links", "a")
        b = self._columns.positions(self._folder, "links", "b")
        network = self._columns.network
        self._write(
            "links kept",
            "links",
            Link,
            ("case_id", "a_id", "b_id", "reason", "strength", "network"),
            lambda row, at: (
                self._case, int(self._items[a[at]]), int(self._items[b[at]]), row["reason"],
                row["strength"], network[int(a[at])].as_py() or "",
            ),
        )  # fmt: skip

    def set_aside(self) -> None:
        self._write(
            "rows set aside kept",
            "rejected",
            SetAside,
            ("case_id", "exhibit", "row", "ident", "reason", "detail", "kept", "raw"),
            lambda row, _: (
                self._case, row["exhibit"], row["row"], row["id"] or "", row["reason"],
                row["detail"], row["kept"], row["raw"] or "",
            ),
        )  # fmt: skip

    def _write(
        self,
        step: str,
        table: str,
        model: type[models.Model],
        columns: tuple[str, ...],
        made: Callable[[dict[str, Any], int], tuple[Any, ...]],
    ) -> None:
        """Write a table of the case; `made` turns a row of it and its number into a row here."""
        file = pq.ParquetFile(self._folder / "tables" / f"{table}.parquet")
        total = file.metadata.num_rows

        def rows() -> Iterator[tuple[Any, ...]]:
            at = 0
            for batch in file.iter_batches(_BATCH):
                self._progress(step, at, total)
                for row in batch.to_pylist():
                    yield made(row, at)
                    at += 1

        self._progress(step, self._to(model, columns, rows()), total)

    def campaigns_and_networks(self, findings: dict[str, Any]) -> None:
        templates = findings["templates"]
        self._to(
            Campaign,
            ("case_id", "key", "items", "accounts", "first_seen", "last_seen", "network",
             "template"),
            (
                (self._case, key, *numbers, templates.get(key, {}))
                for key, *numbers in campaigns(self._columns)
            ),
        )  # fmt: skip
        self._to(
            Network,
            ("case_id", "key", "rank", "items", "accounts", "first_seen", "last_seen",
             "support_first", "child_review", "facts"),
            (
                (self._case, one["id"], one["rank"], one["items"], one["accounts"],
                 _time(one["first_seen"]), _time(one["last_seen"]),
                 one["assessment"]["support_first"], one["assessment"]["child_review"], one)
                for one in findings["networks"]
            ),
        )  # fmt: skip


def _time(written: str | None) -> datetime | None:
    return None if written is None else datetime.fromisoformat(written)
