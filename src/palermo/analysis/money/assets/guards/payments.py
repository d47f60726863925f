"""Guards of payments out of the fund: as the order of payment gives, nobody before their turn.

Source: `waterfall.yaml`.
"""

from palermo.analysis.money.assets.guards.case import Case, guard
from palermo.analysis.money.assets.parties import why_blocked
from palermo.analysis.money.assets.waterfall import WHOLE, waterfall
from palermo.model.money import written


@guard
def payments_as_planned(case: Case) -> str:
    """Exactly what the order of payment gives each victim now."""
    planned = {
        (one.of, one.currency): one.now
        for one in waterfall(case.ledger, case.today).lines
        if one.tier == "victims" and one.now
    }
    made: dict[tuple[str, str], int] = {}
    for one in case.facts.payments:
        if one.money.minor <= 0:
            return f"payments above 0; award {one.award} has {one.money.minor}"
        key = (one.award, one.money.currency)
        made[key] = made.get(key, 0) + one.money.minor
    for key in sorted({*planned, *made}):
        if planned.get(key, 0) != made.get(key, 0):
            award, currency = key
            return (
                f"{written(planned.get(key, 0), currency)} for award {award}, as the order of "
                f"payment gives; {written(made.get(key, 0), currency)} was entered"
            )
    return "" if made else "something to pay"


def _planned(case: Case, tier: str, of: str) -> str:
    planned = sum(
        one.now
        for one in waterfall(case.ledger, case.today).payable(tier, case.money.currency)
        if one.of == of
    )
    if case.money.minor != planned:
        return f"{written(planned, case.money.currency)}, as the order of payment gives"
    return ""


@guard
def costs_as_planned(case: Case) -> str:
    """What was advanced and the fund can pay."""
    return _planned(case, "costs", "")


@guard
def remainder_as_planned(case: Case) -> str:
    """The share of the remainder that the agreement names; costs first, others not before."""
    assignment = case.ledger.assignments.get(case.facts.assignment)
    if assignment is None:
        return f"an assignment; {case.facts.assignment} is none"
    if reason := why_blocked(case.ledger, assignment.party):
        return f"a recipient who is not blocked: {reason}"
    return _earlier_paid(case, assignment.kind) or _planned(
        case, assignment.kind, case.facts.assignment
    )


@guard
def state_as_planned(case: Case) -> str:
    """The rest, when costs and shares are paid."""
    return _earlier_paid(case, "state") or _planned(case, "state", "")


def _earlier_paid(case: Case, tier: str) -> str:
    order = ("costs", "sharing", "social", "state")
    plan = waterfall(case.ledger, case.today)
    for earlier in order[: order.index(tier)]:
        if lines := plan.payable(earlier, case.money.currency):
            left = written(sum(one.now for one in lines), case.money.currency)
            return f"{earlier} paid first: {left}"
    return ""


@guard
def assignment_new(case: Case) -> str:
    """An assignment is entered once."""
    return "another name; there is one" if case.facts.assignment in case.ledger.assignments else ""


@guard
def assignment_words(case: Case) -> str:
    """A share of the remainder, for sharing or social use; all together not above the whole."""
    share = case.facts.share
    if case.facts.kind not in {"sharing", "social"}:
        return "a kind out of sharing, social"
    given = sum(one.share for one in case.ledger.assignments.values())
    if share is None or not 0 < share <= WHOLE - given:
        return f"a share from 1 to {WHOLE - given} hundredths of a per cent"
    return ""
