"""What a worker was not paid: wage and overtime less what was received, fees, interest.

Guarantees that every line of the claim names its evidence and its working in words, that a line is
never below nothing (what was overpaid in one period takes nothing from another), that a deduction
that is already in the wage shortfall is not counted twice, and that nobody's account is on it that
a controller uses. Victims appear by pseudonym.

The formula is that of the research note on compensation (Palermo Protocol art. 6(6); Directive
2011/36/EU art. 17). Minimum wages, factors and interest are the user's data, with their sources.
Wages are rounded half up to the minor unit, once a period.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from fractions import Fraction

from palermo.analysis.money.assets.interest import Terms, half_up, interest
from palermo.model.asset import Money
from palermo.model.money import written

HEADS = ("wages", "recruitment_fee", "deduction")


@dataclass(frozen=True, slots=True, kw_only=True)
class Work:
    """A period of work, both days counted, on terms that one legal wage covers.

    Minutes; `received` is what was paid for it, `net` of deductions or `gross`; `agreed` is the
    hourly wage of the contract, where there is one. `due` is the day on which the wage was due.
    """

    row: int
    victim: str
    place: str
    first: date
    last: date
    due: date
    ordinary: int
    overtime: int
    received: int
    received_is: str
    currency: str
    evidence: str
    agreed: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class LegalWage:
    """The legal hourly wage of a place, both days counted; overtime as per cent of it."""

    place: str
    first: date
    last: date
    hourly: int
    overtime_percent: int
    currency: str
    source: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Loss:
    """A fee that was paid to be recruited, or a deduction (from the wage, where `from_wage`)."""

    row: int
    victim: str
    head: str
    day: date
    amount: int
    currency: str
    from_wage: bool
    evidence: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimLine:
    """One line: what was owed, what was received, what is claimed, interest, and why."""

    victim: str
    head: str
    first: date
    last: date
    owed: int
    received: int
    claimed: int
    interest: int
    currency: str
    evidence: str
    working: str
    source: str

    @property
    def total(self) -> int:
        """The sum claimed, with interest."""
        return self.claimed + self.interest


@dataclass(frozen=True, slots=True, kw_only=True)
class NotCounted:
    """A row that makes no line: which table, which row, and why; the person decides what to do."""

    table: str
    row: int
    victim: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Payee:
    """Where a victim is to be paid; `refused` says why that account is not safe."""

    victim: str
    account: str
    refused: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Schedule:
    """The claim: its lines by victim and day, sums by victim and currency, what was not counted."""

    lines: tuple[ClaimLine, ...]
    totals: Mapping[tuple[str, str], int]
    not_counted: tuple[NotCounted, ...]
    payees: tuple[Payee, ...]


def schedule(
    work: Sequence[Work],
    losses: Sequence[Loss],
    wages: Sequence[LegalWage],
    *,
    terms: Terms | None = None,
    payees: Iterable[tuple[str, str]] = (),
    unsafe: Callable[[str, str], str] = lambda _victim, _account: "",
) -> Schedule:
    """Work out the claim.

    Args:
        work: periods of work; periods of one victim that overlap are not counted but the first.
        losses: fees and deductions.
        wages: legal wages; a period that none covers wholly is not counted, and says so.
        terms: interest; None for none.
        payees: (victim, account).
        unsafe: says why an account is not safe for a victim, or nothing.
    """
    lines: list[ClaimLine] = []
    aside: list[NotCounted] = []
    seen: dict[str, list[Work]] = {}
    for period in sorted(work, key=lambda one: (one.victim, one.first, one.row)):
        made = _wage_line(period, seen.setdefault(period.victim, []), wages)
        if isinstance(made, str):
            aside.append(_aside("work", period.row, period.victim, made))
        else:
            seen[period.victim].append(period)
            lines.append(_with_interest(made, period.due, terms))
    for loss in losses:
        reason = _in_wages(loss, seen.get(loss.victim, []))
        if reason:
            aside.append(_aside("losses", loss.row, loss.victim, reason))
        else:
            lines.append(_with_interest(_loss_line(loss), loss.day, terms))
    lines.sort(key=lambda one: (one.victim, HEADS.index(one.head), one.first, one.evidence))
    totals: dict[tuple[str, str], int] = {}
    for line in lines:
        key = (line.victim, line.currency)
        totals[key] = totals.get(key, 0) + line.total
    return Schedule(
        lines=tuple(lines),
        totals=dict(sorted(totals.items())),
        not_counted=tuple(aside),
        payees=tuple(
            Payee(victim=victim, account=account, refused=unsafe(victim, account))
            for victim, account in sorted(payees)
        ),
    )


def _aside(table: str, row: int, victim: str, reason: str) -> NotCounted:
    return NotCounted(table=table, row=row, victim=victim, reason=reason)


def _wage_line(period: Work, before: Sequence[Work], wages: Sequence[LegalWage]) -> ClaimLine | str:
    for other in before:
        if other.first <= period.last and period.first <= other.last:
            return f"overlaps row {other.row}, {other.first} to {other.last}"
    touching = [
        one
        for one in wages
        if one.place == period.place and one.first <= period.last and period.first <= one.last
    ]
    if not touching:
        return f"no legal wage for {period.place} from {period.first} to {period.last}"
    legal = touching[0]
    if len(touching) > 1 or period.first < legal.first or legal.last < period.last:
        edge = max(one.first for one in touching)
        edge = edge if len(touching) > 1 else min(max(period.first, legal.first), legal.last)
        return f"no one legal wage holds for all of it; divide the period at {edge}"
    if legal.currency != period.currency:
        return f"the legal wage is in {legal.currency}, what was received in {period.currency}"
    hourly = max(legal.hourly, period.agreed or 0)
    owed = half_up(
        Fraction(hourly * period.ordinary, 60)
        + Fraction(hourly * legal.overtime_percent * period.overtime, 6000)
    )
    claimed = max(0, owed - period.received)
    return ClaimLine(
        victim=period.victim,
        head="wages",
        first=period.first,
        last=period.last,
        owed=owed,
        received=period.received,
        claimed=claimed,
        interest=0,
        currency=period.currency,
        evidence=period.evidence,
        working=_working(period, legal, hourly=hourly, owed=owed, claimed=claimed),
        source=legal.source,
    )


def _working(period: Work, legal: LegalWage, *, hourly: int, owed: int, claimed: int) -> str:
    """Write the sum as a person would check it."""

    def money(units: int) -> str:
        return written(units, period.currency)

    wage = money(hourly) if hourly == legal.hourly else f"agreed {money(hourly)}"
    text = f"{_hours(period.ordinary)} at {wage}"
    if period.overtime:
        text += f", {_hours(period.overtime)} at {legal.overtime_percent} % of it"
    text += f": {money(owed)}; received {money(period.received)} ({period.received_is})"
    return text if claimed else f"{text}; nothing is missing"


def _hours(minutes: int) -> str:
    return f"{minutes // 60}:{minutes % 60:02} h"


def _in_wages(loss: Loss, periods: Sequence[Work]) -> str:
    """Say why a deduction is in the wage shortfall already; empty when it is not."""
    if not loss.from_wage:
        return ""
    for period in periods:
        if period.first <= loss.day <= period.last or loss.day == period.due:
            if period.currency == loss.currency and period.received_is == "net":
                return (
                    f"taken from the wage of row {period.row}, whose sum received is net of it: "
                    "it is in the shortfall already"
                )
            return ""
    return ""


def _loss_line(loss: Loss) -> ClaimLine:
    return ClaimLine(
        victim=loss.victim,
        head=loss.head,
        first=loss.day,
        last=loss.day,
        owed=loss.amount,
        received=0,
        claimed=loss.amount,
        interest=0,
        currency=loss.currency,
        evidence=loss.evidence,
        working=f"paid or taken: {written(loss.amount, loss.currency)}",
        source="",
    )


def _with_interest(line: ClaimLine, since: date, terms: Terms | None) -> ClaimLine:
    if terms is None or not line.claimed:
        return line
    found = interest(line.claimed, since, terms)
    steps = "; ".join(
        f"{hundredths / 100:g} % for {days} days from {first}"
        for first, _, days, hundredths in found.steps
    )
    words = f"interest ({terms.day_count}): {steps or 'none yet'}"
    return replace(line, interest=found.minor, working=f"{line.working}; {words}")


def claim_totals(found: Schedule) -> list[tuple[str, Money]]:
    """Return the sum of each victim in each currency."""
    return [
        (victim, Money(minor=units, currency=currency))
        for (victim, currency), units in found.totals.items()
    ]
