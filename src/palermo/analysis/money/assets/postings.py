"""What each event posts in the books: the whole of it as one balanced entry, or nothing."""

from collections.abc import Callable

from palermo.analysis.money.assets.books import (
    ADVANCED,
    ASSET,
    CASH,
    CONFISCATED,
    COST,
    FROZEN,
    INCOME,
    LOST,
    PAID,
    RELEASED,
    REPAID,
    RETURNED,
    REVALUED,
    SHARED,
    SOCIAL,
    STATE,
    THIRD_PARTY,
    Entry,
    Posting,
    moved,
    moved_between,
)
from palermo.analysis.money.assets.fund import fund, taken
from palermo.analysis.money.assets.guards import Case
from palermo.model.asset import Money


def posted(case: Case) -> Entry | None:
    """Return the entry of an event that its guards let through; None when it moves no value."""
    make = _POSTINGS.get(case.event.event)
    postings = make(case) if make else ()
    if not postings:
        return None
    payee, account, award = _payee(case)
    return Entry(
        number=case.ledger.count + 1,
        event=case.event.event,
        at=case.event.at,
        postings=postings,
        payee=payee,
        payee_account=account,
        award=award,
    )


def _payee(case: Case) -> tuple[str, str, str]:
    facts, ledger = case.facts, case.ledger
    if case.event.event == "restituted":
        award = ledger.awards[facts.award]
        return award.victim, ledger.payees.get(award.victim, ""), award.id
    if case.event.event == "third_party_claim_upheld":
        return case.it.third_claims[facts.claim][0], "", ""
    if case.event.event == "shared":
        return ledger.assignments[facts.assignment].party, "", ""
    return facts.party, facts.account, ""


def _held(case: Case, account: str) -> Money:
    held = case.ledger.books.of(account, case.it.id, case.it.currency)
    return Money(minor=held, currency=case.it.currency)


def _frozen(case: Case) -> tuple[Posting, ...]:
    if case.it.is_money:
        return moved(case.it.id, FROZEN, CASH, case.money)
    valuation = case.it.valuation
    return moved(case.it.id, FROZEN, ASSET, valuation.value) if valuation else ()


def _valued(case: Case) -> tuple[Posting, ...]:
    """Change the value of what is held; before that, and once sold, no value is in the books."""
    new = case.facts.valuation
    if new is None or case.it.sold or not _in_books(case):
        return ()
    change = new.value.minor - _held(case, ASSET).minor
    return moved(case.it.id, REVALUED, ASSET, Money(minor=change, currency=case.it.currency))


def _in_books(case: Case) -> bool:
    """Whether the asset was frozen, so that its value stands in the books (it may be 0)."""
    return bool(case.it.orders)


def _sold(case: Case) -> tuple[Posting, ...]:
    """Money takes the place of the property; what it brought more or less is revalued."""
    name, price, value = case.it.id, case.money, _held(case, ASSET)
    gain = Money(minor=price.minor - value.minor, currency=price.currency)
    return (
        *moved(name, REVALUED, ASSET, gain),
        *moved(name, ASSET, CASH, price),
    )


def _confiscated(case: Case) -> tuple[Posting, ...]:
    return (
        *moved(case.it.id, FROZEN, FROZEN, Money(minor=0, currency=case.it.currency)),
        *_turned(case, FROZEN),
        *_turned(case, REVALUED),
    )


def _turned(case: Case, account: str) -> tuple[Posting, ...]:
    """Turn what is held for an open outcome into what is confiscated."""
    held = _held(case, account)
    return moved(case.it.id, CONFISCATED, account, held)


def _income(case: Case) -> tuple[Posting, ...]:
    return moved(case.it.id, INCOME, CASH, case.money)


def _cost(case: Case) -> tuple[Posting, ...]:
    source = CASH if case.facts.paid_from == "income" else ADVANCED
    return moved(case.it.id, source, COST, case.money)


def _all_to(account: str) -> Callable[[Case], tuple[Posting, ...]]:
    """Everything held, property and money, goes to `account`."""

    def postings(case: Case) -> tuple[Posting, ...]:
        return (
            *moved(case.it.id, ASSET, account, _held(case, ASSET)),
            *moved(case.it.id, CASH, account, _held(case, CASH)),
        )

    return postings


def _part_to(account: str) -> Callable[[Case], tuple[Posting, ...]]:
    """A part of the property, or of the money where there is no property left."""

    def postings(case: Case) -> tuple[Posting, ...]:
        source = ASSET if _held(case, ASSET).minor else CASH
        return moved(case.it.id, source, account, case.money)

    return postings


def _out_of_fund(account: str) -> Callable[[Case], tuple[Posting, ...]]:
    def postings(case: Case) -> tuple[Posting, ...]:
        return _from_fund(case, account, [case.money])

    return postings


def _distributed(case: Case) -> tuple[Posting, ...]:
    by_currency: dict[str, int] = {}
    for one in case.facts.payments:
        currency = one.money.currency
        by_currency[currency] = by_currency.get(currency, 0) + one.money.minor
    sums = [Money(minor=units, currency=name) for name, units in sorted(by_currency.items())]
    return _from_fund(case, PAID, sums)


def _from_fund(case: Case, account: str, sums: list[Money]) -> tuple[Posting, ...]:
    funds = fund(case.ledger)
    return tuple(
        posting
        for money in sums
        for posting in moved_between(
            CASH, account, money, taken(funds.get(money.currency, {}), money)
        )
    )


def _repaid(case: Case) -> tuple[Posting, ...]:
    """Money leaves the fund, and as much is owed to nobody any more, asset by asset."""
    owed = {
        name: minor
        for name, asset in case.ledger.assets.items()
        if asset.currency == case.money.currency
        and (minor := case.ledger.books.of(ADVANCED, name, asset.currency))
    }
    return (
        *_from_fund(case, REPAID, [case.money]),
        *moved_between(COST, ADVANCED, case.money, taken(owed, case.money)),
    )


def _shared(case: Case) -> tuple[Posting, ...]:
    kind = case.ledger.assignments[case.facts.assignment].kind
    return _from_fund(case, SHARED if kind == "sharing" else SOCIAL, [case.money])


_POSTINGS: dict[str, Callable[[Case], tuple[Posting, ...]]] = {
    "frozen": _frozen,
    "valued": _valued,
    "income_received": _income,
    "cost_paid": _cost,
    "sold_early": _sold,
    "disposed": _sold,
    "confiscated_final": _confiscated,
    "released": _all_to(RELEASED),
    "partly_released": _part_to(RELEASED),
    "third_party_claim_upheld": _part_to(THIRD_PARTY),
    "restituted": _all_to(RETURNED),
    "returned": _all_to(RETURNED),
    "social_use": _all_to(SOCIAL),
    "lost": _all_to(LOST),
    "distributed": _distributed,
    "costs_repaid": _repaid,
    "shared": _shared,
    "state_received": _out_of_fund(STATE),
}
