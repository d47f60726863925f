"""The ledger as it stands after its events: assets, people, awards, books.

Nothing here decides; `fold.apply` makes the next ledger, `guards` say whether it may.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from types import MappingProxyType

from palermo.analysis.money.assets.books import Books
from palermo.model.asset import (
    MONEY_KINDS,
    Agreement,
    Holding,
    Identifier,
    Money,
    Order,
    Traced,
    Valuation,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Party:
    """Somebody known to the case; victims by pseudonym. `blocked`: why nothing may go there."""

    id: str
    name: str
    roles: tuple[str, ...]
    accounts: tuple[str, ...] = ()
    owners: tuple[Holding, ...] = ()
    blocked: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Award:
    """What a victim is owed by decision: compensation in money, or restitution of an asset."""

    id: str
    victim: str
    kind: str
    head: str
    money: Money
    order: Order
    asset: str = ""
    paid: int = 0
    covered_by: str = ""
    restored: bool = False

    @property
    def due(self) -> int:
        """What is still owed of it, in minor units."""
        return 0 if self.covered_by or self.restored else self.money.minor - self.paid


@dataclass(frozen=True, slots=True, kw_only=True)
class VictimClaim:
    """What a victim asks for and no court has decided yet."""

    id: str
    victim: str
    head: str
    money: Money
    state: str = "pending"


@dataclass(frozen=True, slots=True, kw_only=True)
class Assignment:
    """To whom a share of what remains after victims and costs goes, in hundredths of a per cent."""

    id: str
    party: str
    kind: str
    share: int
    agreement: Agreement
    paid: Mapping[str, int] = field(default_factory=lambda: MappingProxyType({}))


@dataclass(frozen=True, slots=True, kw_only=True)
class ForeignRequest:
    """A request to another State: `sent`, `recognised`, `refused` or `executed`."""

    id: str
    kind: str
    authority: str
    sent: date
    state: str = "sent"


@dataclass(frozen=True, slots=True, kw_only=True)
class Asset:
    """One asset: what it is, who holds it, where it stands in the procedure and since when.

    `orders` are the freezing orders, the last one counting; `judgment` the one of confiscation.
    `history` has each state with the moment at which it began.
    """

    id: str
    kind: str
    description: str
    currency: str
    basis: str
    state: str
    history: tuple[tuple[str, datetime], ...]
    holder: str = ""
    beneficial_owner: str = ""
    jurisdiction: str = ""
    place: str = ""
    identifiers: tuple[Identifier, ...] = ()
    traced: Traced | None = None
    valuations: tuple[Valuation, ...] = ()
    orders: tuple[Order, ...] = ()
    judgment: Order | None = None
    final_on: date | None = None
    manager: str = ""
    sold: bool = False
    remedies: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    third_claims: Mapping[str, tuple[str, str]] = field(
        default_factory=lambda: MappingProxyType({})
    )
    requests: Mapping[str, ForeignRequest] = field(default_factory=lambda: MappingProxyType({}))
    successor: str = ""

    @property
    def is_money(self) -> bool:
        """Whether it is money as it stands, so that it is counted and not valued."""
        return self.kind in MONEY_KINDS

    @property
    def order(self) -> Order | None:
        """The freezing order that counts."""
        return self.orders[-1] if self.orders else None

    @property
    def valuation(self) -> Valuation | None:
        """The newest valuation."""
        return self.valuations[-1] if self.valuations else None

    @property
    def open_remedies(self) -> tuple[str, ...]:
        """Challenges that are not decided."""
        return tuple(name for name, outcome in self.remedies.items() if not outcome)

    @property
    def open_third_claims(self) -> tuple[str, ...]:
        """Claims of third parties that are not decided."""
        return tuple(name for name, (_, outcome) in self.third_claims.items() if not outcome)


def _nothing() -> Mapping[str, str]:
    return MappingProxyType({})


@dataclass(frozen=True, slots=True, kw_only=True)
class Ledger:
    """Everything known after `count` events, the last at `last`.

    `blocked_accounts` gives the reason for each account that nothing may be paid to.
    """

    count: int = 0
    last: datetime | None = None
    assets: Mapping[str, Asset] = field(default_factory=lambda: MappingProxyType({}))
    parties: Mapping[str, Party] = field(default_factory=lambda: MappingProxyType({}))
    awards: Mapping[str, Award] = field(default_factory=lambda: MappingProxyType({}))
    claims: Mapping[str, VictimClaim] = field(default_factory=lambda: MappingProxyType({}))
    payees: Mapping[str, str] = field(default_factory=_nothing)
    blocked_accounts: Mapping[str, str] = field(default_factory=_nothing)
    assignments: Mapping[str, Assignment] = field(default_factory=lambda: MappingProxyType({}))
    claims_until: date | None = None
    books: Books = field(default_factory=Books)
