"""What events of the whole case change: people, claims and awards of victims, payments."""

from dataclasses import replace
from types import MappingProxyType

from palermo.analysis.money.assets.effect import effect, with_one
from palermo.analysis.money.assets.guards import Case
from palermo.analysis.money.assets.ledger import Assignment, Award, Ledger, Party, VictimClaim
from palermo.analysis.money.assets.parties import plain_account


@effect
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
    return replace(case.ledger, parties=with_one(case.ledger.parties, party.id, party))


@effect
def _party_blocked(case: Case) -> Ledger:
    facts = case.facts
    party = replace(
        case.ledger.parties[facts.party], blocked=f"{facts.reason}; source: {facts.source}"
    )
    ledger = replace(case.ledger, parties=with_one(case.ledger.parties, party.id, party))
    return _block(ledger, facts.accounts, party.blocked)


@effect
def _account_blocked(case: Case) -> Ledger:
    facts = case.facts
    return _block(case.ledger, facts.accounts, f"{facts.reason}; source: {facts.source}")


def _block(ledger: Ledger, accounts: tuple[str, ...], reason: str) -> Ledger:
    found = dict(ledger.blocked_accounts)
    for account in accounts:
        found.setdefault(plain_account(account), reason)
    return replace(ledger, blocked_accounts=MappingProxyType(found))


@effect
def _payee_named(case: Case) -> Ledger:
    payees = with_one(case.ledger.payees, case.facts.victim, case.facts.account)
    return replace(case.ledger, payees=payees)


@effect
def _victim_claim_filed(case: Case) -> Ledger:
    facts = case.facts
    claim = VictimClaim(id=facts.claim, victim=facts.victim, head=facts.head, money=case.money)
    return replace(case.ledger, claims=with_one(case.ledger.claims, claim.id, claim))


@effect
def _victim_claim_rejected(case: Case) -> Ledger:
    return _decided(case.ledger, case.facts.claim, "rejected")


def _decided(ledger: Ledger, claim: str, state: str) -> Ledger:
    if not claim:
        return ledger
    decided = replace(ledger.claims[claim], state=state)
    return replace(ledger, claims=with_one(ledger.claims, claim, decided))


@effect
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
    return replace(ledger, awards=with_one(ledger.awards, award.id, award))


@effect
def _victims_notified(case: Case) -> Ledger:
    """The latest end counts: time that was given is not taken back."""
    until = [day for day in (case.ledger.claims_until, case.facts.until) if day]
    return replace(case.ledger, claims_until=max(until))


@effect
def _restituted(case: Case) -> Ledger:
    award = replace(case.ledger.awards[case.facts.award], restored=True)
    return replace(case.ledger, awards=with_one(case.ledger.awards, award.id, award))


@effect
def _returned(case: Case) -> Ledger:
    """What the recipient undertakes to pay is owed by it from now on."""
    agreement = case.facts.agreement
    awards = dict(case.ledger.awards)
    for name in agreement.covers if agreement else ():
        if name in awards:
            covered = replace(awards[name], covered_by=agreement.reference if agreement else "")
            awards[name] = covered
    return replace(case.ledger, awards=MappingProxyType(awards))


@effect
def _distributed(case: Case) -> Ledger:
    awards = dict(case.ledger.awards)
    for one in case.facts.payments:
        paid = awards[one.award].paid + one.money.minor
        awards[one.award] = replace(awards[one.award], paid=paid)
    return replace(case.ledger, awards=MappingProxyType(awards))


@effect
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
    found = with_one(case.ledger.assignments, assignment.id, assignment)
    return replace(case.ledger, assignments=found)


@effect
def _shared(case: Case) -> Ledger:
    old, money = case.ledger.assignments[case.facts.assignment], case.money
    paid = MappingProxyType(
        {**old.paid, money.currency: old.paid.get(money.currency, 0) + money.minor}
    )
    found = with_one(case.ledger.assignments, old.id, replace(old, paid=paid))
    return replace(case.ledger, assignments=found)
