"""Who is paid what of confiscated money, and in which order: victims before any State.

Guarantees that what is planned is never more than what is there, that a currency never pays a debt
in another, that no tier has anything while an earlier one is owed something (in any currency, for
the tiers behind the victims), and that shares are exact: their sum is what was shared, fractions go
to the largest remainders. Sources: `waterfall.yaml`.

The money of all assets that are confiscated for good and turned into money is one fund a currency.
What a victim is entitled to is worked out over all that was ever in the fund, so that paying in
several steps gives the same as paying at once.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from palermo.analysis.money.assets.books import (
    ADVANCED,
    ASSET,
    CASH,
    STATE,
)
from palermo.analysis.money.assets.fund import fund, in_money, restitution_due
from palermo.analysis.money.assets.ledger import Award, Ledger
from palermo.analysis.money.assets.parties import why_blocked
from palermo.analysis.money.assets.shares import entitled
from palermo.model.money import written

WHOLE = 10_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """What one recipient has: `due` of `owed`; `now` of it can be paid, `kept` is kept for them.

    `why` explains it in a sentence. `of` is the award, assignment or asset that it concerns.
    """

    tier: str
    of: str
    payee: str
    account: str
    currency: str
    owed: int
    due: int
    now: int
    kept: int
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Waterfall:
    """The plan: what the fund holds in each currency, and its lines in order.

    `stops` say why nobody behind the victims has anything yet; `waiting` is what waits for that.
    """

    fund: Mapping[str, int]
    lines: tuple[Line, ...]
    stops: tuple[str, ...]
    waiting: Mapping[str, int]

    def payable(self, tier: str, currency: str) -> tuple[Line, ...]:
        """Lines of a tier in a currency that pay something now."""
        return tuple(
            one for one in self.lines if (one.tier, one.currency) == (tier, currency) and one.now
        )


def waterfall(ledger: Ledger, today: date) -> Waterfall:
    """Plan all payments that the money in the fund allows on the day `today`."""
    funds = fund(ledger)
    sums = {currency: sum(of.values()) for currency, of in funds.items()}
    lines = [*_restitutions(ledger)]
    left: dict[str, int] = {}
    for currency in sorted({*sums, *(one.money.currency for one in in_money(ledger))}):
        planned = _victims(ledger, currency, sums.get(currency, 0))
        lines += planned
        left[currency] = sums.get(currency, 0) - sum(one.now + one.kept for one in planned)
    # Whoever comes after the victims waits for every victim, whatever the currency.
    stops = stops_before_states(ledger, today) + [
        f"award {one.of} of {one.payee} is not met: {written(one.due - one.now, one.currency)}"
        for one in lines
        if one.now < one.due
    ]
    if not stops:
        for currency in sorted(sums):
            lines += _after_victims(ledger, currency, left[currency])
    waiting = {currency: units for currency, units in left.items() if stops and units}
    return Waterfall(fund=sums, lines=tuple(lines), stops=tuple(stops), waiting=waiting)


def stops_before_states(ledger: Ledger, today: date) -> list[str]:
    """Say what has to happen for victims before anybody else may have anything."""
    found = []
    if ledger.claims_until is None:
        found.append("no notice to victims is recorded (event victims_notified)")
    elif today <= ledger.claims_until:
        found.append(f"victims can claim until {ledger.claims_until}")
    found += [
        f"claim {one.id} of {one.victim} is not decided"
        for one in ledger.claims.values()
        if one.state == "pending"
    ]
    return found


def _restitutions(ledger: Ledger) -> list[Line]:
    found = []
    for asset in ledger.assets.values():
        award = restitution_due(ledger, asset.id)
        if award is None:
            continue
        worth = ledger.books.of(ASSET, asset.id, asset.currency)
        worth += ledger.books.of(CASH, asset.id, asset.currency)
        reason = why_blocked(ledger, award.victim)
        found.append(
            Line(
                tier="restitution",
                of=asset.id,
                payee=award.victim,
                account=ledger.payees.get(award.victim, ""),
                currency=asset.currency,
                owed=worth,
                due=worth,
                now=0 if reason else worth,
                kept=worth if reason else 0,
                why=reason
                or f"award {award.id} gives {asset.id} itself back, whatever it is worth",
            )
        )
    return found


def _victims(ledger: Ledger, currency: str, available: int) -> list[Line]:
    awards = [one for one in in_money(ledger) if one.money.currency == currency]
    owed = [one.money.minor for one in awards]
    paid = [one.paid for one in awards]
    have = entitled(available, owed, paid)
    whole = available + sum(paid)
    found = []
    for award, end, before in zip(awards, have, paid, strict=True):
        share, due = end - before, award.money.minor - before
        if not due:
            continue
        trouble = _not_payable(ledger, award)
        if whole >= sum(owed):
            words = "in full"
        else:
            words = (
                f"{written(whole, currency)} for awards of {written(sum(owed), currency)}: "
                f"{written(award.money.minor, currency)} has the share of {written(end, currency)}"
            )
        if before:
            words += f", {written(before, currency)} of it paid before"
        found.append(
            Line(
                tier="victims",
                of=award.id,
                payee=award.victim,
                account="" if trouble else ledger.payees[award.victim],
                currency=currency,
                owed=award.money.minor,
                due=due,
                now=0 if trouble else share,
                kept=share if trouble else 0,
                why=f"{words}; kept for them: {trouble}" if trouble else words,
            )
        )
    return found


def _not_payable(ledger: Ledger, award: Award) -> str:
    account = ledger.payees.get(award.victim, "")
    if not account:
        return "no safe account is named (event payee_named)"
    return why_blocked(ledger, award.victim, account)


def _after_victims(ledger: Ledger, currency: str, left: int) -> list[Line]:
    """Plan costs, sharing, social use and the State's part of `left`, which no victim is owed."""
    books = ledger.books
    advanced = books.total(ADVANCED).get(currency, 0)
    costs = min(left, advanced)
    found = []
    if advanced:
        found.append(
            _line(
                tier="costs",
                currency=currency,
                due=advanced,
                now=costs,
                why="advanced by an authority",
            )
        )
    left -= costs
    # The shares are of all that ever remained, so that paying in steps changes nothing.
    before = books.total(STATE).get(currency, 0)
    before += sum(one.paid.get(currency, 0) for one in ledger.assignments.values())
    remainder = left + before
    for assignment in sorted(
        ledger.assignments.values(), key=lambda one: (one.kind != "sharing", one.id)
    ):
        share = remainder * assignment.share // WHOLE
        due = max(0, share - assignment.paid.get(currency, 0))
        now = min(left, due)
        left -= now
        why = (
            f"{assignment.share / 100:g} % of the remainder {written(remainder, currency)}, "
            f"agreement {assignment.agreement.reference}"
        )
        line = _line(
            tier=assignment.kind,
            of=assignment.id,
            payee=assignment.party,
            currency=currency,
            due=due,
            now=now,
            why=why,
        )
        if due:
            found.append(line)
    if left:
        found.append(_line(tier="state", currency=currency, due=left, now=left, why="the rest"))
    return found


def _line(
    *, tier: str, of: str = "", payee: str = "", currency: str, due: int, now: int, why: str
) -> Line:
    return Line(
        tier=tier,
        of=of,
        payee=payee,
        account="",
        currency=currency,
        owed=due,
        due=due,
        now=now,
        kept=0,
        why=why,
    )
