"""What an event changes beside state and books: people, awards, orders, claims, requests."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from types import MappingProxyType
from typing import TypeVar

from palermo.analysis.money.assets.guards import Case
from palermo.analysis.money.assets.ledger import (
    Asset,
    Assignment,
    Award,
    ForeignRequest,
    Ledger,
    Party,
    VictimClaim,
)
from palermo.analysis.money.assets.parties import plain_account

V = TypeVar("V")
Effect = Callable[[Case], Ledger]
_EFFECTS: dict[str, Effect] = {}


def affected(case: Case) -> Ledger:
    """Return the ledger with what the event changes, its state and books not yet."""
    effect = _EFFECTS.get(case.event.event)
    return effect(case) if effect else case.ledger


def _effect(function: Effect) -> Effect:
    _EFFECTS[function.__name__.removeprefix("_")] = function
    return function


def _with(mapping: Mapping[str, V], name: str, value: V) -> Mapping[str, V]:
    return MappingProxyType({**mapping, name: value})


def _asset(case: Case, asset: Asset) -> Ledger:
    return replace(case.ledger, assets=_with(case.ledger.assets, asset.id, asset))


# -- people ----------------------------------------------------------------------------------------


@_effect
def _party_registered(case: Case) -> Ledger:
    """A second registration replaces the first, but nobody is unblocked by it."""
    facts, old = case.facts, case.ledger.parties.get(case.facts.party)
    blocked_roles = tuple(role for role in (old.roles if old else ()) if role not in facts.roles)
    party = Party(
        id=facts.party,
        name=facts.name,
        roles=facts.roles + blocked_roles,
        accounts=facts.accounts or (old.accounts if old else ()),
        owners=facts.owners or (old.owners if old else ()),
        blocked=old.blocked if old else "",
    )
    return replace(case.ledger, parties=_with(case.ledger.parties, party.id, party))


@_effect
def _party_blocked(case: Case) -> Ledger:
    facts = case.facts
    party = replace(
        case.ledger.parties[facts.party], blocked=f"{facts.reason}; source: {facts.source}"
    )
    ledger = replace(case.ledger, parties=_with(case.ledger.parties, party.id, party))
    return _block(ledger, facts.accounts, party.blocked)


@_effect
def _account_blocked(case: Case) -> Ledger:
    facts = case.facts
    return _block(case.ledger, facts.accounts, f"{facts.reason}; source: {facts.source}")


def _block(ledger: Ledger, accounts: tuple[str, ...], reason: str) -> Ledger:
    found = dict(ledger.blocked_accounts)
    for account in accounts:
        found.setdefault(plain_account(account), reason)
    return replace(ledger, blocked_accounts=MappingProxyType(found))


@_effect
def _payee_named(case: Case) -> Ledger:
    payees = _with(case.ledger.payees, case.facts.victim, case.facts.account)
    return replace(case.ledger, payees=payees)


# -- what victims are owed -------------------------------------------------------------------------


@_effect
def _victim_claim_filed(case: Case) -> Ledger:
    facts = case.facts
    claim = VictimClaim(id=facts.claim, victim=facts.victim, head=facts.head, money=case.money)
    return replace(case.ledger, claims=_with(case.ledger.claims, claim.id, claim))


@_effect
def _victim_claim_rejected(case: Case) -> Ledger:
    return _decided(case.ledger, case.facts.claim, "rejected")


def _decided(ledger: Ledger, claim: str, state: str) -> Ledger:
    if not claim:
        return ledger
    decided = replace(ledger.claims[claim], state=state)
    return replace(ledger, claims=_with(ledger.claims, claim, decided))


@_effect
def _award_made(case: Case) -> Ledger:
    facts = case.facts
    award = Award(
        id=facts.award,
        victim=facts.victim,
        kind=facts.kind,
        head=facts.head,
        money=case.money,
        order=case.order,
        asset=facts.reference if facts.kind == "restitution" else "",
    )
    ledger = _decided(case.ledger, facts.claim, "awarded")
    return replace(ledger, awards=_with(ledger.awards, award.id, award))


@_effect
def _victims_notified(case: Case) -> Ledger:
    """The latest end counts: time that was given is not taken back."""
    until = [day for day in (case.ledger.claims_until, case.facts.until) if day]
    return replace(case.ledger, claims_until=max(until))


# -- the asset -------------------------------------------------------------------------------------


@_effect
def _suspected(case: Case) -> Ledger:
    facts = case.facts
    asset = Asset(
        id=case.event.asset,
        kind=facts.kind,
        description=facts.description,
        currency=facts.currency,
        basis=facts.basis,
        state="suspected",
        history=(),
        holder=facts.holder,
        beneficial_owner=facts.beneficial_owner,
        jurisdiction=facts.jurisdiction,
        place=facts.place,
        identifiers=facts.identifiers,
        traced=facts.traced,
    )
    return _asset(case, asset)


@_effect
def _identified(case: Case) -> Ledger:
    facts, old = case.facts, case.it
    asset = replace(
        old,
        holder=facts.holder,
        beneficial_owner=facts.beneficial_owner or old.beneficial_owner,
        jurisdiction=facts.jurisdiction or old.jurisdiction,
        place=facts.place or old.place,
        identifiers=facts.identifiers or old.identifiers,
        traced=facts.traced or old.traced,
        valuations=(facts.valuation,) if facts.valuation else (),
    )
    return _asset(case, asset)


@_effect
def _valued(case: Case) -> Ledger:
    new = (case.facts.valuation,) if case.facts.valuation else ()
    return _asset(case, replace(case.it, valuations=(*case.it.valuations, *new)))


@_effect
def _frozen(case: Case) -> Ledger:
    return _asset(case, replace(case.it, orders=(*case.it.orders, case.order)))


_EFFECTS["order_renewed"] = _EFFECTS["frozen_again"] = _frozen


@_effect
def _managed(case: Case) -> Ledger:
    return _asset(case, replace(case.it, manager=case.facts.manager, place=case.facts.place))


@_effect
def _sold_early(case: Case) -> Ledger:
    return _asset(case, replace(case.it, sold=True))


_EFFECTS["disposed"] = _sold_early


@_effect
def _confiscated_first_instance(case: Case) -> Ledger:
    return _asset(case, replace(case.it, judgment=case.order, basis=case.facts.basis))


@_effect
def _confiscated_final(case: Case) -> Ledger:
    proof = case.facts.finality
    return _asset(case, replace(case.it, final_on=proof.on if proof else None))


@_effect
def _value_substituted(case: Case) -> Ledger:
    return _asset(case, replace(case.it, successor=case.facts.successor))


# -- remedies, third parties, requests -------------------------------------------------------------


@_effect
def _remedy_filed(case: Case) -> Ledger:
    return _asset(case, replace(case.it, remedies=_with(case.it.remedies, case.facts.remedy, "")))


@_effect
def _remedy_decided(case: Case) -> Ledger:
    remedies = _with(case.it.remedies, case.facts.remedy, case.facts.outcome)
    return _asset(case, replace(case.it, remedies=remedies))


@_effect
def _third_party_claimed(case: Case) -> Ledger:
    return _third(case, case.facts.party, "")


@_effect
def _third_party_claim_rejected(case: Case) -> Ledger:
    return _third(case, case.it.third_claims[case.facts.claim][0], "rejected")


@_effect
def _third_party_claim_upheld(case: Case) -> Ledger:
    return _third(case, case.it.third_claims[case.facts.claim][0], "upheld")


def _third(case: Case, party: str, outcome: str) -> Ledger:
    claims = _with(case.it.third_claims, case.facts.claim, (party, outcome))
    return _asset(case, replace(case.it, third_claims=claims))


@_effect
def _request_sent(case: Case) -> Ledger:
    facts = case.facts
    if facts.day is None:
        raise AssertionError("request_sent: the table asks for a day")
    request = ForeignRequest(
        id=facts.request, kind=facts.kind, authority=facts.authority, sent=facts.day
    )
    return _asset(case, replace(case.it, requests=_with(case.it.requests, request.id, request)))


def _answered(state: str) -> Effect:
    def effect(case: Case) -> Ledger:
        request = replace(case.it.requests[case.facts.request], state=state)
        requests = _with(case.it.requests, request.id, request)
        return _asset(case, replace(case.it, requests=requests))

    return effect


for _state in ("recognised", "refused", "executed"):
    _EFFECTS[f"request_{_state}"] = _answered(_state)


# -- payments --------------------------------------------------------------------------------------


@_effect
def _restituted(case: Case) -> Ledger:
    award = replace(case.ledger.awards[case.facts.award], restored=True)
    return replace(case.ledger, awards=_with(case.ledger.awards, award.id, award))


@_effect
def _returned(case: Case) -> Ledger:
    """What the recipient undertakes to pay is owed by it from now on."""
    agreement = case.facts.agreement
    awards: Mapping[str, Award] = case.ledger.awards
    for name in agreement.covers if agreement else ():
        if name in awards:
            covered = replace(awards[name], covered_by=agreement.reference if agreement else "")
            awards = _with(awards, name, covered)
    return replace(case.ledger, awards=awards)


@_effect
def _distributed(case: Case) -> Ledger:
    awards: Mapping[str, Award] = case.ledger.awards
    for one in case.facts.payments:
        paid = awards[one.award].paid + one.money.minor
        awards = _with(awards, one.award, replace(awards[one.award], paid=paid))
    return replace(case.ledger, awards=awards)


@_effect
def _remainder_assigned(case: Case) -> Ledger:
    facts = case.facts
    if facts.share is None or facts.agreement is None:
        raise AssertionError("remainder_assigned: the table asks for share and agreement")
    assignment = Assignment(
        id=facts.assignment,
        party=facts.party,
        kind=facts.kind,
        share=facts.share,
        agreement=facts.agreement,
    )
    found = _with(case.ledger.assignments, assignment.id, assignment)
    return replace(case.ledger, assignments=found)


@_effect
def _shared(case: Case) -> Ledger:
    old, money = case.ledger.assignments[case.facts.assignment], case.money
    paid = MappingProxyType(
        {**old.paid, money.currency: old.paid.get(money.currency, 0) + money.minor}
    )
    found = _with(case.ledger.assignments, old.id, replace(old, paid=paid))
    return replace(case.ledger, assignments=found)
