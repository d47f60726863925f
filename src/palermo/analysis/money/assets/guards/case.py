"""What a guard looks at, and the list of all guards by name.

A guard returns an empty text when it is satisfied, otherwise what is missing, in words that follow
the name of the event. Guards read the ledger and the event and nothing else; days are UTC days.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date

from palermo.analysis.money.assets.ledger import Asset, Ledger
from palermo.model.asset import AssetEvent, Facts, Money, Order


@dataclass(frozen=True, slots=True)
class Case:
    """What a guard looks at; no `asset` for events of the whole case and for a new asset."""

    ledger: Ledger
    event: AssetEvent
    asset: Asset | None

    @property
    def facts(self) -> Facts:
        """What the event states."""
        return self.event.facts

    @property
    def today(self) -> date:
        """The day of the event, UTC."""
        return self.event.at.astimezone(UTC).date()

    @property
    def it(self) -> Asset:
        """The asset; only guards of events that have one ask for it."""
        if self.asset is None:
            raise AssertionError(f"{self.event.event}: a guard asks for an asset")
        return self.asset

    @property
    def order(self) -> Order:
        """The order that the event states; the table makes sure that it does."""
        if self.facts.order is None:
            raise AssertionError(f"{self.event.event}: a guard asks for an order")
        return self.facts.order

    @property
    def money(self) -> Money:
        """The sum that the event states; the table makes sure that it does."""
        if self.facts.money is None:
            raise AssertionError(f"{self.event.event}: a guard asks for a sum")
        return self.facts.money


Guard = Callable[[Case], str]
GUARDS: dict[str, Guard] = {}


def guard(function: Guard) -> Guard:
    """Make `function` a guard under its own name."""
    GUARDS[function.__name__] = function
    return function
