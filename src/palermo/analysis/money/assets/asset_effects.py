"""What events of one asset change: what is known of it, orders, remedies, claims, requests."""

from dataclasses import replace

from palermo.analysis.money.assets.effect import EFFECTS, Effect, effect, with_asset, with_one
from palermo.analysis.money.assets.guards import Case
from palermo.analysis.money.assets.ledger import Asset, ForeignRequest, Ledger


@effect
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
    return with_asset(case, asset)


@effect
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
    return with_asset(case, asset)


@effect
def _valued(case: Case) -> Ledger:
    new = (case.facts.valuation,) if case.facts.valuation else ()
    return with_asset(case, replace(case.it, valuations=(*case.it.valuations, *new)))


@effect
def _frozen(case: Case) -> Ledger:
    return with_asset(case, replace(case.it, orders=(*case.it.orders, case.order)))


EFFECTS["order_renewed"] = EFFECTS["frozen_again"] = _frozen


@effect
def _managed(case: Case) -> Ledger:
    return with_asset(case, replace(case.it, manager=case.facts.manager, place=case.facts.place))


@effect
def _sold_early(case: Case) -> Ledger:
    return with_asset(case, replace(case.it, sold=True))


EFFECTS["disposed"] = _sold_early


@effect
def _confiscated_first_instance(case: Case) -> Ledger:
    return with_asset(case, replace(case.it, judgment=case.order, basis=case.facts.basis))


@effect
def _confiscated_final(case: Case) -> Ledger:
    proof = case.facts.finality
    return with_asset(case, replace(case.it, final_on=proof.on if proof else None))


@effect
def _value_substituted(case: Case) -> Ledger:
    return with_asset(case, replace(case.it, successor=case.facts.successor))


@effect
def _remedy_filed(case: Case) -> Ledger:
    remedies = with_one(case.it.remedies, case.facts.remedy, "")
    return with_asset(case, replace(case.it, remedies=remedies))


@effect
def _remedy_decided(case: Case) -> Ledger:
    remedies = with_one(case.it.remedies, case.facts.remedy, case.facts.outcome)
    return with_asset(case, replace(case.it, remedies=remedies))


@effect
def _third_party_claimed(case: Case) -> Ledger:
    return _third(case, case.facts.party, "")


@effect
def _third_party_claim_rejected(case: Case) -> Ledger:
    return _third(case, case.it.third_claims[case.facts.claim][0], "rejected")


@effect
def _third_party_claim_upheld(case: Case) -> Ledger:
    return _third(case, case.it.third_claims[case.facts.claim][0], "upheld")


def _third(case: Case, party: str, outcome: str) -> Ledger:
    claims = with_one(case.it.third_claims, case.facts.claim, (party, outcome))
    return with_asset(case, replace(case.it, third_claims=claims))


@effect
def _request_sent(case: Case) -> Ledger:
    facts = case.facts
    if facts.day is None:
        raise AssertionError("request_sent: the table asks for a day")
    request = ForeignRequest(
        id=facts.request, kind=facts.kind, authority=facts.authority, sent=facts.day
    )
    requests = with_one(case.it.requests, request.id, request)
    return with_asset(case, replace(case.it, requests=requests))


def _answered(state: str) -> Effect:
    def answered(case: Case) -> Ledger:
        request = replace(case.it.requests[case.facts.request], state=state)
        requests = with_one(case.it.requests, request.id, request)
        return with_asset(case, replace(case.it, requests=requests))

    return answered


for _state in ("recognised", "refused", "executed"):
    EFFECTS[f"request_{_state}"] = _answered(_state)
