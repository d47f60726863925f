"""Figures on frozen, confiscated and recovered property: a pure function of the events.

The headings follow article 28 of Directive (EU) 2024/1260 and article 35 of Regulation (EU)
2018/1805 (cases in which a victim was compensated; average time). The wording of article 28 was not
read: `unchecked`. Figures are per currency; nothing is converted.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from palermo.analysis.money.assets.books import (
    ASSET,
    CASH,
    CONFISCATED,
    FROZEN,
    PAID,
    RELEASED,
    RETURNED,
    SHARED,
    SOCIAL,
    STATE,
    THIRD_PARTY,
)
from palermo.analysis.money.assets.fold import apply
from palermo.analysis.money.assets.ledger import Ledger
from palermo.analysis.money.assets.states import state_table
from palermo.model.asset import AssetEvent

SOURCE = "Directive (EU) 2024/1260 art. 28 (unchecked); Regulation (EU) 2018/1805 art. 35"
#: Headings with the side of the books that they count: what came onto it (credit) or out to it.
_VALUES = {
    "confiscated": (CONFISCATED, -1),
    "to victims": (PAID, 1),
    "returned": (RETURNED, 1),
    "to third parties": (THIRD_PARTY, 1),
    "released": (RELEASED, 1),
    "shared": (SHARED, 1),
    "social use": (SOCIAL, 1),
    "to the State": (STATE, 1),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """A heading in a currency: how many assets, how much."""

    heading: str
    currency: str
    assets: int
    minor: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Statistics:
    """All figures; `days` are the whole days that assets were in each state, and how many were."""

    figures: tuple[Figure, ...]
    days: Mapping[str, tuple[int, int]]
    victims_paid: int
    confiscated_of_frozen: Mapping[str, tuple[int, int]]
    source: str


def statistics(events: Iterable[AssetEvent], until: datetime) -> Statistics:
    """Count what happened up to `until` (included).

    Frozen is what was frozen at its value then; recovered is confiscated property that reached
    somebody or is held as money. Each asset counts once a heading.
    """
    ledger = Ledger()
    for event in events:
        if event.at <= until:
            ledger = apply(ledger, event)
    sums: dict[tuple[str, str], int] = defaultdict(int)
    names: dict[tuple[str, str], set[str]] = defaultdict(set)

    def count(heading: str, currency: str, asset: str, minor: int) -> None:
        sums[heading, currency] += minor
        names[heading, currency].add(asset)

    for entry in ledger.books.entries:
        for one in entry.postings:
            if one.account == FROZEN and entry.event == "frozen":
                count("frozen", one.currency, one.asset, -one.minor)
            for heading, (account, side) in _VALUES.items():
                if one.account == account:
                    count(heading, one.currency, one.asset, side * one.minor)
    for asset in ledger.assets.values():
        held = ledger.books.of(CASH, asset.id, asset.currency)
        if asset.final_on is not None and held:
            count("held as money", asset.currency, asset.id, held)
        if value := ledger.books.of(ASSET, asset.id, asset.currency):
            count("held as property", asset.currency, asset.id, value)
    found = tuple(
        Figure(
            heading=heading,
            currency=currency,
            assets=len(names[heading, currency]),
            minor=sums[heading, currency],
        )
        for heading in ("frozen", "held as property", "held as money", *_VALUES)
        for currency in sorted({name for key, name in sums if key == heading})
    )
    currencies = sorted({currency for _, currency in sums})
    return Statistics(
        figures=found,
        days=_days(ledger, until),
        victims_paid=_victims_paid(ledger),
        confiscated_of_frozen={
            currency: (sums["confiscated", currency], sums["frozen", currency])
            for currency in currencies
            if sums["frozen", currency]
        },
        source=SOURCE,
    )


def _victims_paid(ledger: Ledger) -> int:
    """Victims who had anything: compensation, or their own property back."""
    return len({one.victim for one in ledger.awards.values() if one.paid or one.restored})


def _days(ledger: Ledger, until: datetime) -> dict[str, tuple[int, int]]:
    """Add up whole days by state; a state that still holds counts until `until`."""
    days: dict[str, int] = defaultdict(int)
    assets: dict[str, set[str]] = defaultdict(set)
    for asset in ledger.assets.values():
        ends = [*(moment for _, moment in asset.history[1:]), until]
        for (state, begin), end in zip(asset.history, ends, strict=True):
            if state != "closed":
                days[state] += (end - begin).days
                assets[state].add(asset.id)
    return {
        state: (days[state], len(assets[state])) for state in state_table().states if state in days
    }
