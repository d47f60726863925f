"""Guards of what victims are owed, and of the terms under which others receive.

Source: Palermo Protocol art. 6(6); UNTOC arts. 14(2) and 25(2); Directive (EU) 2024/1260 art. 18.
"""

from palermo.analysis.money.assets.books import ASSET, CASH
from palermo.analysis.money.assets.fund import restitution_due, unpaid
from palermo.analysis.money.assets.guards.case import Case, guard
from palermo.analysis.money.assets.guards.money import money_positive
from palermo.analysis.money.assets.guards.orders import order_complete_judgment
from palermo.analysis.money.assets.states import state_table
from palermo.analysis.money.assets.waterfall import stops_before_states
from palermo.model.money import written


@guard
def claim_new(case: Case) -> str:
    """A victim's claim is entered once."""
    return "another name; there is one" if case.facts.claim in case.ledger.claims else ""


@guard
def claim_pending(case: Case) -> str:
    """The claim is waiting for a decision."""
    claim = case.ledger.claims.get(case.facts.claim)
    if claim is None or claim.state != "pending":
        return f"a pending claim; {case.facts.claim} is none"
    return ""


@guard
def claim_pending_or_none(case: Case) -> str:
    """An award may decide a claim of the same victim."""
    if not case.facts.claim:
        return ""
    if lacking := claim_pending(case):
        return lacking
    if case.ledger.claims[case.facts.claim].victim != case.facts.victim:
        return f"a claim of {case.facts.victim}"
    return ""


@guard
def award_new(case: Case) -> str:
    """An award is entered once."""
    if case.facts.award in case.ledger.awards:
        return "another name; there is one"
    return order_complete_judgment(case) or money_positive(case)


@guard
def award_kind(case: Case) -> str:
    """Compensation in money, or restitution of one asset that nobody else is given."""
    if case.facts.kind == "compensation":
        return ""
    if case.facts.kind != "restitution":
        return "a kind out of compensation, restitution"
    asset = case.ledger.assets.get(case.facts.reference)
    if asset is None:
        return f"the asset that is given back as `reference`; {case.facts.reference} is none"
    if asset.state in state_table().groups["done"] or asset.state in {"closed", "distributed"}:
        return f"an asset that is still there; {asset.id} is {asset.state}"
    if (other := restitution_due(case.ledger, asset.id)) is not None:
        return f"an asset that is not given to somebody else; {other.id} gives {asset.id}"
    return ""


@guard
def restitution_award(case: Case) -> str:
    """A decision gives this very asset to a victim, and nobody can challenge it any more."""
    award = case.ledger.awards.get(case.facts.award)
    if award is None or award.asset != case.it.id or award.restored:
        return f"an award that gives back {case.it.id}"
    until = award.order.remedy_until
    if until is not None and until >= case.today:
        return f"an award that can no longer be challenged; it can until {until}"
    if not case.it.is_money and not case.it.sold:
        return ""
    return "" if case.ledger.payees.get(award.victim) else "a safe account (event payee_named)"


@guard
def no_restitution_due(case: Case) -> str:
    """What is owed to a victim as it is, is not sold."""
    award = restitution_due(case.ledger, case.it.id)
    return f"restitution to {award.victim} first (award {award.id})" if award else ""


@guard
def notice_in_order(case: Case) -> str:
    """Victims were told, and have time from then on."""
    day, until = case.facts.day, case.facts.until
    if day is None or until is None or day > case.today:
        return "a day of notice that has come"
    return "" if until > day else "time for victims after the notice (until)"


@guard
def victims_heard(case: Case) -> str:
    """Victims were told, their time is over and every claim is decided."""
    stops = stops_before_states(case.ledger, case.today)
    return f"the victims heard first: {stops[0]}" if stops else ""


@guard
def awards_paid_or_covered(case: Case) -> str:
    """Victims before any State: every award is paid, or the recipient undertakes to pay it."""
    agreement = case.facts.agreement
    covered = set(agreement.covers) if agreement and case.event.event == "returned" else set()
    if strange := covered - set(case.ledger.awards):
        return f"awards that exist (agreement.covers); {min(strange)} is none"
    for award in unpaid(case.ledger):
        if award.id not in covered:
            return f"the victims paid first: award {award.id} of {award.victim} is owed"
    return ""


@guard
def covers_worth(case: Case) -> str:
    """An undertaking to pay victims counts as far as the recipient is given what it costs."""
    agreement, asset, books = case.facts.agreement, case.it, case.ledger.books
    worth = sum(books.of(account, asset.id, asset.currency) for account in (ASSET, CASH))
    for name in agreement.covers if agreement else ():
        award = case.ledger.awards[name]
        if award.money.currency != asset.currency:
            return f"awards in {asset.currency}; {name} is in {award.money.currency}"
        worth -= award.due
    if worth < 0:
        return (
            f"property worth the awards that the recipient undertakes to pay; "
            f"{written(-worth, asset.currency)} is missing"
        )
    return ""


@guard
def agreement_complete(case: Case) -> str:
    """Reference, purpose, and who monitors."""
    agreement = case.facts.agreement
    for name in ("reference", "purpose", "monitor"):
        if agreement is None or not getattr(agreement, name).strip():
            return f"the agreement's {name} (agreement.{name})"
    return ""
