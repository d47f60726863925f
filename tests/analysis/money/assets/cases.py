"""Events for tests, short to write; a case that goes all the way."""

from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any

from palermo.analysis.money.assets import Ledger, apply, replay
from palermo.model.asset import (
    Agreement,
    AssetEvent,
    Facts,
    Finality,
    Money,
    Order,
    Payment,
    Valuation,
)

START = datetime(2026, 1, 10, 9, tzinfo=UTC)
BY = ("A. Officer", "B. Judge")


def at(day: int) -> datetime:
    """The moment `day` days after the start."""
    return START + timedelta(days=day)


def on(day: int) -> date:
    return at(day).date()


def eur(minor: int) -> Money:
    return Money(minor=minor, currency="EUR")


def ev(
    event: str, asset: str = "", *, when: int = 0, by: Sequence[str] = BY, **facts: Any
) -> AssetEvent:
    return AssetEvent(event=event, at=at(when), by=tuple(by), asset=asset, facts=Facts(**facts))


def order(
    reference: str, day: int = 0, *, expires: int | None = 365, remedy: int | None = None
) -> Order:
    return Order(
        reference=reference,
        authority="Court of X",
        made=on(day),
        legal_basis="Code, article 1",
        expires=None if expires is None else on(expires),
        remedy_until=None if remedy is None else on(remedy),
    )


def worth(minor: int, day: int = 0, currency: str = "EUR") -> Valuation:
    money = Money(minor=minor, currency=currency)
    return Valuation(on=on(day), value=money, method="market", valuer="Valuer Y")


TERMS = Agreement(reference="AGR-1", purpose="victims", monitor="Z")
PEOPLE = [
    ev("party_registered", party="boss", name="One", roles=("controller",), accounts=("XX11",)),
    ev("party_registered", party="V1", name="Blue", roles=("victim",)),
    ev("party_registered", party="V2", name="Green", roles=("victim",)),
    ev("party_registered", party="office", name="Management office", roles=("authority",)),
    ev("party_registered", party="here", name="This State", roles=("state",)),
    ev("party_registered", party="there", name="The other State", roles=("state",)),
    ev("party_registered", party="buyer", name="Buyer", roles=("buyer",)),
    ev("party_registered", party="school", name="A school", roles=("organisation",)),
]


def frozen(
    asset: str = "A1", *, kind: str = "vehicle", value: int = 1_000_000, currency: str = "EUR"
) -> list[AssetEvent]:
    """From suspicion to freezing, on the first day."""
    counted: dict[str, Any] = {}
    if kind in {"bank", "cash"}:
        counted = {"money": Money(minor=value, currency=currency)}
    return [
        ev(
            "suspected",
            asset,
            kind=kind,
            description=f"asset {asset}",
            currency=currency,
            basis="proceeds",
        ),
        ev("identified", asset, holder="boss", valuation=worth(value, currency=currency)),
        ev(
            "frozen",
            asset,
            order=order(f"O-{asset}"),
            **counted,
        ),
    ]


def confiscated(asset: str = "A1", **more: Any) -> list[AssetEvent]:
    """From suspicion to final confiscation, on the first day."""
    return [
        *frozen(asset, **more),
        ev(
            "confiscated_first_instance",
            asset,
            basis="proceeds",
            order=order(f"J-{asset}", expires=None),
        ),
        ev("confiscated_final", asset, finality=Finality(reference=f"F-{asset}", on=on(0))),
    ]


def sold(asset: str = "A1", *, price: int = 1_000_000, **more: Any) -> list[AssetEvent]:
    return [
        *confiscated(asset, **more),
        ev("disposed", asset, method="auction", money=eur(price), party="buyer"),
    ]


def award(name: str, victim: str, minor: int, *, when: int = 0, **more: Any) -> AssetEvent:
    facts: dict[str, Any] = {
        "award": name,
        "victim": victim,
        "kind": "compensation",
        "head": "lost wages",
        "money": eur(minor),
        "order": order(f"D-{name}", expires=None),
    }
    return ev("award_made", when=when, **(facts | more))


def payees(*victims: str) -> list[AssetEvent]:
    return [ev("payee_named", victim=name, account=f"SAFE {name}") for name in victims]


NOTICE = ev("victims_notified", authority="Court of X", day=on(0), until=on(5))


def paid(*sums: tuple[str, int], when: int = 0) -> AssetEvent:
    return ev(
        "distributed",
        when=when,
        payments=tuple(Payment(award=name, money=eur(minor)) for name, minor in sums),
    )


def after(*events: AssetEvent | Iterable[AssetEvent]) -> Ledger:
    """The ledger after people and `events`, which may be nested."""
    flat: list[AssetEvent] = []
    for one in events:
        flat += [one] if isinstance(one, AssetEvent) else list(one)
    return replay([*PEOPLE, *flat])


def then(ledger: Ledger, *events: AssetEvent) -> Ledger:
    for event in events:
        ledger = apply(ledger, event)
    return ledger
