"""What has to happen by when: a pure function of the ledger and the day.

Times that come from orders are the orders'; those that come from an instrument are data in
`deadlines.yaml`. Nothing is remembered: the list is worked out anew each time.
"""

from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from importlib.resources import files
from typing import Any

import yaml

from palermo.analysis.money.assets.ledger import Asset, Ledger
from palermo.analysis.money.assets.states import state_table


@dataclass(frozen=True, slots=True, kw_only=True)
class Deadline:
    """A day by which something has to happen, or until which something is barred."""

    day: date
    asset: str
    words: str
    source: str
    passed: bool


def deadlines(ledger: Ledger, today: date) -> tuple[Deadline, ...]:
    """Return what runs, the nearest first; what has passed and still matters is marked."""
    found: list[Deadline] = []
    table = state_table()
    for asset in ledger.assets.values():
        if asset.state in table.groups["open"]:
            found += _of(asset, today, table.valuation_days)
    if ledger.claims_until is not None:
        found.append(
            Deadline(
                day=ledger.claims_until,
                asset="",
                words="victims can claim until then; no State is paid before",
                source=table.events["victims_notified"].source,
                passed=ledger.claims_until < today,
            )
        )
    return tuple(sorted(found, key=lambda one: (one.day, one.asset, one.words)))


def _of(asset: Asset, today: date, valuation_days: int) -> list[Deadline]:
    events = state_table().events

    def line(day: date, words: str, source: str) -> Deadline:
        return Deadline(day=day, asset=asset.id, words=words, source=source, passed=day < today)

    found = []
    if asset.state in state_table().groups["controlled"] and asset.order and asset.order.expires:
        words = f"order {asset.order.reference} expires: renew it, or nothing may be sold"
        found.append(line(asset.order.expires, words, events["order_renewed"].source))
    for order in (*asset.orders, asset.judgment):
        if order is not None and order.remedy_until is not None and order.remedy_until >= today:
            words = f"{order.reference} can be challenged until then"
            found.append(line(order.remedy_until, words, events["remedy_filed"].source))
    if asset.valuation is not None and not asset.is_money and not asset.sold:
        day = asset.valuation.on + timedelta(days=valuation_days)
        found.append(line(day, "the valuation is too old to dispose by after then", "our own"))
    for request in asset.requests.values():
        for entry in _set_times():
            if request.state == "sent" and entry["request"] == request.kind:
                day = request.sent + timedelta(days=entry["days"])
                found.append(line(day, f"{request.id}: {entry['words']}", entry["source"]))
    return found


@cache
def _set_times() -> tuple[dict[str, Any], ...]:
    text = files(__package__).joinpath("deadlines.yaml").read_text("utf-8")
    return tuple(yaml.safe_load(text)["deadlines"].values())
