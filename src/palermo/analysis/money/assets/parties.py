"""Nothing goes back to an offender: who may receive, and if not, why not.

A recipient is blocked by its own part in the case, by being blocked by name, by holding or
beneficially owning an asset of the case, by an account that a controller uses, and by anybody
blocked who owns or controls it, through however many companies. A victim who was made to hold
property or an account in her own name is not blocked by that.

Sources: GFAR principle 9 (no benefit to offenders, 2017); UNCAC art. 57; UNTOC art. 12(8) for those
who acquired in good faith, whose claim a court upholds.
"""

from collections.abc import Iterator

from palermo.analysis.money.assets.ledger import Ledger, Party
from palermo.model.asset import BLOCKED_ROLES


def why_blocked(ledger: Ledger, party: str, account: str = "", *, claims: str = "") -> str:
    """Say why nothing may go to `party` (into `account`); empty when nothing speaks against it.

    Ownership counts from the first hundredth of a per cent: a share for an offender is a return to
    an offender. That the party holds the asset `claims`, to which a court upholds its title, is no
    reason; that somebody blocked stands behind it is.
    """
    known = ledger.parties.get(party)
    if known is None:
        return f"{party} is not registered, so that nobody knows who owns it"
    if chain := _first_blocked(ledger, party, claims=claims):
        return chain
    # A victim is paid elsewhere when a controller has her account; others stay suspect as a whole.
    used = (account,) if account or "victim" in known.roles else known.accounts
    for one in used:
        if reason := account_blocked(ledger, one, apart_from=party):
            return reason
    return ""


def account_blocked(ledger: Ledger, account: str, *, apart_from: str = "") -> str:
    """Say why `account` is not safe to pay into; empty when nothing speaks against it."""
    if not account:
        return ""
    if reason := ledger.blocked_accounts.get(_plain(account)):
        return f"account {account} is blocked ({reason})"
    for party in ledger.parties.values():
        if party.id == apart_from or _plain(account) not in {_plain(one) for one in party.accounts}:
            continue
        if reason := _first_blocked(ledger, party.id):
            return f"account {account} is one of {party.id}: {reason}"
    return ""


def _plain(account: str) -> str:
    """Write an account without the spaces that people put in it."""
    return "".join(account.split()).upper()


def plain_account(account: str) -> str:
    """Write an account number as it is compared: no spaces, upper case."""
    return _plain(account)


def _first_blocked(ledger: Ledger, party: str, *, claims: str = "") -> str:
    """Walk up who owns or controls `party`, nearest first; rings of owners end."""
    seen = {party}
    waiting: list[tuple[str, str]] = [(party, "")]
    while waiting:
        at, way = waiting.pop(0)
        if reason := _own_reason(ledger, at, claims=claims if at == party else ""):
            return f"{at} {reason}{way}"
        for owner, means in _above(ledger.parties.get(at)):
            if owner not in seen:
                seen.add(owner)
                waiting.append((owner, f", and {means} {at}{way}"))
    return ""


def _above(party: Party | None) -> Iterator[tuple[str, str]]:
    if party is None:
        return
    for one in party.owners:
        if one.means != "share":
            yield one.owner, f"controls ({one.means})"
        elif one.share > 0:
            yield one.owner, f"owns {one.share / 100:g} % of"


def _own_reason(ledger: Ledger, party: str, *, claims: str) -> str:
    known = ledger.parties.get(party)
    if known is not None:
        if known.blocked:
            return f"is blocked ({known.blocked})"
        if role := next((one for one in known.roles if one in BLOCKED_ROLES), ""):
            return f"is registered as {role}"
        if "victim" in known.roles:
            return ""
    for asset in ledger.assets.values():
        cleared = any(
            who == party and outcome == "upheld" for who, outcome in asset.third_claims.values()
        )
        if cleared or asset.id == claims or asset.state in {"suspected", "released"}:
            continue
        if party == asset.holder:
            return f"holds {asset.id}"
        if party == asset.beneficial_owner:
            return f"is the beneficial owner of {asset.id}"
    return ""
