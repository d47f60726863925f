"""Guards of people: who is known, who may receive, which account is safe.

Source: GFAR principle 9; UNTOC art. 12(8).
"""

from palermo.analysis.money.assets.guards.case import Case, guard
from palermo.analysis.money.assets.parties import account_blocked, why_blocked
from palermo.analysis.money.assets.waterfall import WHOLE
from palermo.model.asset import ROLES


@guard
def roles_known(case: Case) -> str:
    """Roles are known words, and shares of owners are parts of a whole."""
    for role in case.facts.roles:
        if role not in ROLES:
            return f"roles out of {', '.join(ROLES)}; {role} is none"
    for one in case.facts.owners:
        if not 0 <= one.share <= WHOLE or (one.means == "share" and not one.share):
            return f"shares from 1 to {WHOLE} hundredths of a per cent; {one.owner} has {one.share}"
    return ""


@guard
def party_known(case: Case) -> str:
    """Somebody registered: of others nobody knows who owns them."""
    if case.facts.party not in case.ledger.parties:
        return f"the registration of {case.facts.party} (event party_registered)"
    return ""


@guard
def party_not_blocked(case: Case) -> str:
    """Nothing for an offender, nor for what offenders own or control (GFAR principle 9)."""
    reason = why_blocked(case.ledger, case.facts.party, case.facts.account)
    return f"a recipient who is not blocked: {reason}" if reason else ""


@guard
def parties_named(case: Case) -> str:
    """Holder and beneficial owner are registered."""
    for name in (case.facts.holder, case.facts.beneficial_owner):
        if name and name not in case.ledger.parties:
            return f"the registration of {name} (event party_registered)"
    return ""


@guard
def victim_known(case: Case) -> str:
    """A victim, by pseudonym."""
    party = case.ledger.parties.get(case.facts.victim)
    if party is None or "victim" not in party.roles:
        return f"a registered victim; {case.facts.victim} is none"
    return ""


@guard
def victim_not_blocked(case: Case) -> str:
    """The victim of the award may receive."""
    award = case.ledger.awards.get(case.facts.award)
    if award is None:
        return f"an award; {case.facts.award} is none"
    reason = why_blocked(case.ledger, award.victim, case.ledger.payees.get(award.victim, ""))
    return f"a recipient who is not blocked: {reason}" if reason else ""


@guard
def account_safe(case: Case) -> str:
    """Safe payment: no account that a controller uses."""
    reason = account_blocked(
        case.ledger, case.facts.account, apart_from=case.facts.victim
    ) or why_blocked(case.ledger, case.facts.victim, case.facts.account)
    return f"a safe account: {reason}" if reason else ""
