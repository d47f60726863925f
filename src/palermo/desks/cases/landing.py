"""From the tables of a case folder to the rows of the desk.

Guarantees that the rows are those of one run: they are replaced in one transaction.
"""

import json
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from itertools import islice
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
from django.db import models, transaction

from palermo.desks.access.models import Case
from palermo.desks.cases.graph import prepare
from palermo.desks.cases.models import (
    Campaign,
    Identifier,
    Indication,
    Item,
    Link,
    Mention,
    Network,
)

Progress = Callable[[str, int, int], None]

_BATCH = 5000


def land(case: Case, folder: Path, *, progress: Progress) -> None:
    """Replace what was found in `case` by what the run left in `folder`."""
    findings = json.loads((folder / "findings.json").read_text("utf-8"))
    with transaction.atomic():
        for model in (Indication, Link, Mention, Identifier, Campaign, Network, Item):
            model.rows.of(case).delete()
        items = _items(case, folder, progress)
        _identifiers(case, folder, items, progress)
        _write(Indication, _indications(case, folder, items))
        _write(Link, _links(case, folder, items))
        _write(Campaign, _campaigns(case, findings))
        _write(Network, _networks(case, findings))
        prepare(case)


def _items(case: Case, folder: Path, progress: Progress) -> dict[str, Item]:
    campaign = {row["id"]: row["campaign"] or "" for row in _rows(folder, "campaigns")}
    network = {row["id"]: row["network"] for row in _rows(folder, "networks")}
    made = {}
    for row in _rows(folder, "items"):
        made[row["id"]] = Item(
            case=case,
            ident=row["id"],
            text=row["text"],
            lang=row["lang"] or "",
            posted_at=row["posted_at"],
            platform=row["platform"] or "",
            account=row["account"] or "",
            url=row["url"] or "",
            place=row["place"] or "",
            kind=row["kind"] or "",
            exhibit=row["exhibit"],
            row=row["row"],
            row_hash=row["row_hash"],
            campaign=campaign.get(row["id"], ""),
            network=network.get(row["id"], ""),
        )
    _write(Item, made.values())
    progress("rows kept", len(made), len(made))
    return made


def _identifiers(case: Case, folder: Path, items: dict[str, Item], progress: Progress) -> None:
    mentions = list(_rows(folder, "identifiers"))
    quality = {(row["kind"], row["value"]): row for row in _rows(folder, "quality")}
    seen: dict[tuple[str, str], set[str]] = {}
    for row in mentions:
        seen.setdefault((row["kind"], row["value"]), set()).add(row["id"])
    made = {}
    for (kind, value), where in seen.items():
        known = quality.get((kind, value), {})
        made[kind, value] = Identifier(
            case=case,
            kind=kind,
            value=value[:500],
            items=len(where),
            accounts=known.get("accounts") or len({items[one].account for one in where}),
            campaigns=known.get("campaigns") or 0,
            first_seen=known.get("first_seen"),
            last_seen=known.get("last_seen"),
            used=known.get("used"),
            reason=known.get("reason", ""),
        )
    _write(Identifier, made.values())
    _write(
        Mention,
        (
            Mention(
                case=case,
                identifier=made[row["kind"], row["value"]],
                item=items[row["id"]],
                raw=row["raw"],
                start=row["start"],
                end=row["end"],
                confidence=row["confidence"],
                reason=row["reason"],
            )
            for row in mentions
        ),
    )
    progress("identifiers kept", len(mentions), len(mentions))


def _indications(case: Case, folder: Path, items: dict[str, Item]) -> Iterator[Indication]:
    for row in _rows(folder, "indications"):
        item = items[row.pop("id")]
        yield Indication(case=case, item=item, **row)


def _links(case: Case, folder: Path, items: dict[str, Item]) -> Iterator[Link]:
    for row in _rows(folder, "links"):
        a, b = items[row["a"]], items[row["b"]]
        yield Link(
            case=case, a=a, b=b, reason=row["reason"], strength=row["strength"], network=a.network
        )


def _campaigns(case: Case, findings: dict[str, Any]) -> Iterator[Campaign]:
    size = Counter(
        Item.rows.of(case).exclude(campaign="").values_list("campaign", flat=True).iterator()
    )
    when = {
        row["campaign"]: row
        for row in Item.rows.of(case)
        .exclude(campaign="")
        .values("campaign")
        .annotate(
            first=models.Min("posted_at"),
            last=models.Max("posted_at"),
            accounts=models.Count("account", distinct=True),
            network=models.Max("network"),
        )
    }
    for key, items in size.items():
        yield Campaign(
            case=case,
            key=key,
            items=items,
            accounts=when[key]["accounts"],
            first_seen=when[key]["first"],
            last_seen=when[key]["last"],
            network=when[key]["network"],
            template=findings["templates"].get(key, {}),
        )


def _networks(case: Case, findings: dict[str, Any]) -> Iterator[Network]:
    for one in findings["networks"]:
        yield Network(
            case=case,
            key=one["id"],
            rank=one["rank"],
            items=one["items"],
            accounts=one["accounts"],
            first_seen=one["first_seen"],
            last_seen=one["last_seen"],
            support_first=one["assessment"]["support_first"],
            child_review=one["assessment"]["child_review"],
            facts=one,
        )


def _rows(folder: Path, name: str) -> Iterator[dict[str, Any]]:
    for batch in pq.ParquetFile(folder / "tables" / f"{name}.parquet").iter_batches(_BATCH):
        yield from batch.to_pylist()


def _write(model: type[models.Model], rows: Iterable[models.Model]) -> None:
    left = iter(rows)
    while batch := list(islice(left, _BATCH)):
        model.rows.bulk_create(batch)  # type: ignore[attr-defined]
