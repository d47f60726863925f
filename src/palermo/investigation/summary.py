"""What is known of each network: reach, people's accounts, what is indicated, and its place.

Guarantees: networks are counted from the tables alone; their order is that of `dossier.rank`, which
ranks by size, days and indications and never scores a person.
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import numpy as np
import numpy.typing as npt

from palermo.analysis.indicators import BodyAssessment, assess_bodies
from palermo.investigation.dossier import Measure, Place, rank
from palermo.investigation.tables import Tables

Ints = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleHit:
    """All hits of one rule in one network.

    `row` is that of its longest quote in the indications table, the first of equals: one word says
    less to a reader than the sentence another item has.
    """

    rule: str
    items: int
    row: int


@dataclass(frozen=True, slots=True, kw_only=True)
class NetworkSummary:
    """One network. `positions` are row numbers of its items, `campaigns` maps id to item count."""

    id: str
    positions: Ints
    accounts: int
    platforms: tuple[str, ...]
    languages: tuple[str, ...]
    first_seen: datetime | None
    last_seen: datetime | None
    days_active: int
    campaigns: Mapping[str, int]
    hits: tuple[RuleHit, ...]
    assessment: BodyAssessment
    place: Place

    @property
    def size(self) -> int:
        """Number of items."""
        return len(self.positions)


@dataclass(frozen=True, slots=True)
class _Columns:
    """The columns of the items table that a summary needs, as plain lists."""

    platform: list[str | None]
    account: list[str | None]
    lang: list[str | None]
    posted_at: list[datetime | None]
    campaign: list[str | None]


def summarise(tables: Tables) -> list[NetworkSummary]:
    """Summarise every network, in the order in which a dossier shows them."""
    members = members_of_networks(tables)
    hits = _hits_of_networks(tables)
    assessments = assess_bodies(tables.indications, tables.networks, "network")
    columns = _Columns(
        **{
            name: tables.items[name].to_pylist()
            for name in ("platform", "account", "lang", "posted_at")
        },
        campaign=tables.campaigns["campaign"].to_pylist(),
    )
    drafts = {name: _draft(positions, columns) for name, positions in members.items()}
    places = rank(
        Measure(
            id=name,
            size=len(members[name]),
            days_active=draft["days_active"],
            indicated=len(assessments[name].indicated),
        )
        for name, draft in drafts.items()
    )
    return [
        NetworkSummary(
            id=place.id,
            place=place,
            assessment=assessments[place.id],
            hits=hits.get(place.id, ()),
            **drafts[place.id],
        )
        for place in places
    ]


def members_of_networks(tables: Tables) -> dict[str, Ints]:
    """Row numbers of the items of each network, ascending; networks in order of first member."""
    position_of = {item: at for at, item in enumerate(tables.items["id"].to_pylist())}
    members: dict[str, list[int]] = {}
    for item, network in zip(
        tables.networks["id"].to_pylist(), tables.networks["network"].to_pylist(), strict=True
    ):
        members.setdefault(network, []).append(position_of[item])
    return {name: np.array(sorted(rows), dtype=np.int64) for name, rows in members.items()}


def _hits_of_networks(tables: Tables) -> dict[str, tuple[RuleHit, ...]]:
    """The rules found in each network; networks without any are not in the answer."""
    network_of = dict(
        zip(tables.networks["id"].to_pylist(), tables.networks["network"].to_pylist(), strict=True)
    )
    best: dict[str, dict[str, tuple[int, int]]] = {}
    items: dict[tuple[str, str], set[str]] = {}
    columns = (tables.indications[name].to_pylist() for name in ("id", "rule", "quote"))
    for row, (item, rule, quote) in enumerate(zip(*columns, strict=True)):
        name = network_of.get(item)
        if name is None:
            continue
        rules = best.setdefault(name, {})
        rules[rule] = max(rules.get(rule, (-1, 0)), (len(quote), -row))
        items.setdefault((name, rule), set()).add(item)
    return {
        name: tuple(
            RuleHit(rule=rule, items=len(items[name, rule]), row=-rules[rule][1])
            for rule in sorted(rules)
        )
        for name, rules in best.items()
    }


def _draft(positions: Ints, columns: _Columns) -> dict[str, Any]:
    at = positions.tolist()
    times = sorted(t for t in (columns.posted_at[p] for p in at) if t is not None)
    return {
        "positions": positions,
        "accounts": len(
            {(columns.platform[p], columns.account[p]) for p in at if columns.account[p]}
        ),
        "platforms": _names(columns.platform, at),
        "languages": _names(columns.lang, at),
        "first_seen": times[0] if times else None,
        "last_seen": times[-1] if times else None,
        "days_active": len({t.date() for t in times}),
        "campaigns": dict(
            sorted(Counter(c for c in (columns.campaign[p] for p in at) if c is not None).items())
        ),
    }


def _names(column: list[str | None], at: list[int]) -> tuple[str, ...]:
    return tuple(sorted({name for name in (column[p] for p in at) if name}))
