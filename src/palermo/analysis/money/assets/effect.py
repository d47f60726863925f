"""Effects of events by name, and how a frozen ledger is changed."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from types import MappingProxyType
from typing import TypeVar

from palermo.analysis.money.assets.guards import Case
from palermo.analysis.money.assets.ledger import Asset, Ledger

V = TypeVar("V")
Effect = Callable[[Case], Ledger]
EFFECTS: dict[str, Effect] = {}


def effect(function: Effect) -> Effect:
    """Make `function` the effect of the event that it is named after."""
    EFFECTS[function.__name__.removeprefix("_")] = function
    return function


def with_one(mapping: Mapping[str, V], name: str, value: V) -> Mapping[str, V]:
    """Return `mapping` with one entry new or replaced."""
    return MappingProxyType({**mapping, name: value})


def with_asset(case: Case, asset: Asset) -> Ledger:
    """Return the ledger with `asset` new or replaced."""
    return replace(case.ledger, assets=with_one(case.ledger.assets, asset.id, asset))


def affected(case: Case) -> Ledger:
    """Return the ledger with what the event changes, its state and books not yet."""
    effect = EFFECTS.get(case.event.event)
    return effect(case) if effect else case.ledger
