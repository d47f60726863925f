"""Guards of orders, remedies and finality.

Source: Directive (EU) 2024/1260 arts. 11, 21, 23 and 24; Regulation (EU) 2018/1805 art. 2(2).
"""

from datetime import date

from palermo.analysis.money.assets.guards.case import Case, guard
from palermo.analysis.money.assets.parties import why_blocked
from palermo.model.asset import BASES, Order

#: What a decision on a remedy can say.
OUTCOMES = ("dismissed", "allowed")


@guard
def order_complete(case: Case) -> str:
    """A freezing or sale order: reference, authority, day, legal basis, and until when it holds."""
    if lacking := order_complete_judgment(case):
        return lacking
    if case.order.expires is None:
        return "the order's expiry (order.expires)"
    if case.order.expires < case.order.made:
        return "an order that expires after it was made"
    return ""


@guard
def order_complete_judgment(case: Case) -> str:
    """A decision: reference, authority, day and legal basis."""
    for name in ("reference", "authority", "legal_basis"):
        if not getattr(case.order, name).strip():
            return f"the order's {name.replace('_', ' ')} (order.{name})"
    return ""


@guard
def order_not_later(case: Case) -> str:
    """A decision that was made, not one to come."""
    if case.order.made > case.today:
        return f"an order already made; {case.order.made} is later than {case.today}"
    return ""


@guard
def order_in_force(case: Case) -> str:
    """The freezing order holds on this day."""
    order = case.it.order
    if order is None:
        return "a freezing order"
    if order.expires is not None and order.expires < case.today:
        return f"a freezing order in force; {order.reference} expired on {order.expires}"
    return ""


@guard
def order_lapsed(case: Case) -> str:
    """There is something to replace: the old order holds no more."""
    if not order_in_force(case) and case.it.order is not None:
        return f"an order that lapsed; {case.it.order.reference} still holds: use order_renewed"
    return order_in_force_of(case.order, case.today)


def order_in_force_of(order: Order, day: date) -> str:
    """Say that an order does not hold on `day`; empty when it does."""
    if order.expires is not None and order.expires < day:
        return f"an order that still holds; it expired on {order.expires}"
    return ""


@guard
def order_later_expiry(case: Case) -> str:
    """A renewal lasts longer than what it renews."""
    old, new = case.it.order, case.order.expires
    if old is not None and old.expires is not None and new is not None and new <= old.expires:
        return f"an expiry after {old.expires}, that of {old.reference}"
    return ""


@guard
def sale_order(case: Case) -> str:
    """A sale before confiscation has an order of its own that holds and can not be challenged."""
    freezing = case.it.order
    if freezing is not None and freezing.reference == case.order.reference:
        return f"an order for the sale; {freezing.reference} is the freezing order"
    if lacking := order_in_force_of(case.order, case.today):
        return lacking
    until = case.order.remedy_until
    if until is not None and until >= case.today:
        return f"a sale order that can no longer be challenged; it can until {until}"
    return ""


@guard
def no_remedy_open(case: Case) -> str:
    """No challenge is undecided, and no time for one still runs."""
    if open_ := case.it.open_remedies:
        return f"a decision on the remedy {open_[0]}"
    deadlines = [one.remedy_until for one in case.it.orders if one.remedy_until]
    if case.it.judgment is not None and case.it.judgment.remedy_until is not None:
        deadlines.append(case.it.judgment.remedy_until)
    if deadlines and max(deadlines) >= case.today:
        return f"the end of the time for remedies, {max(deadlines)}"
    return ""


@guard
def finality_proved(case: Case) -> str:
    """Who certifies finality, and since when; not before the time for remedies ended."""
    proof = case.facts.finality
    if proof is None or not proof.reference.strip():
        return "proof of finality (finality.reference)"
    if proof.on > case.today:
        return f"finality that began; {proof.on} is later than {case.today}"
    judgment = case.it.judgment
    if judgment is not None and proof.on < judgment.made:
        return f"finality after the judgment of {judgment.made}"
    return ""


@guard
def basis_known(case: Case) -> str:
    """The ground of confiscation is one of the law's."""
    return "" if case.facts.basis in BASES else f"a basis out of {', '.join(BASES)}"


@guard
def remedy_new(case: Case) -> str:
    """A challenge is entered once."""
    return "another name; there is one" if case.facts.remedy in case.it.remedies else ""


@guard
def remedy_known(case: Case) -> str:
    """What is decided was filed, and not decided before."""
    if case.facts.remedy not in case.it.open_remedies:
        return f"an open remedy; {case.facts.remedy} is none"
    return ""


@guard
def outcome_known(case: Case) -> str:
    """A remedy is dismissed or allowed."""
    return "" if case.facts.outcome in OUTCOMES else f"an outcome out of {', '.join(OUTCOMES)}"


@guard
def third_claim_new(case: Case) -> str:
    """A claim is entered once."""
    return "another name; there is one" if case.facts.claim in case.it.third_claims else ""


@guard
def third_claim_known(case: Case) -> str:
    """What is decided was claimed, and not decided before."""
    if case.facts.claim not in case.it.open_third_claims:
        return f"an open claim of a third party; {case.facts.claim} is none"
    return ""


@guard
def no_third_party_claim(case: Case) -> str:
    """No third party's claim is undecided."""
    open_ = case.it.open_third_claims
    return f"a decision on the claim {open_[0]} of a third party" if open_ else ""


@guard
def claimant_not_blocked(case: Case) -> str:
    """Somebody who acquired in good faith; holding the asset is then no reason against them."""
    party, _ = case.it.third_claims[case.facts.claim]
    reason = why_blocked(case.ledger, party, claims=case.it.id)
    return f"a recipient who is not blocked: {reason}" if reason else ""


@guard
def party_is_holder(case: Case) -> str:
    """What is released goes back to who held it: lifting a measure gives nobody anything new."""
    if case.facts.party not in {case.it.holder, case.it.beneficial_owner}:
        return f"the holder {case.it.holder or '(nobody)'} as the one it is released to"
    return ""
