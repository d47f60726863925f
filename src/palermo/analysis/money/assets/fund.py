"""The fund: money of assets that are confiscated for good, and the awards that it has to meet.

Guarantees that money is in the fund only when nobody disputes it any more and it is not owed to one
victim alone.
"""

from collections.abc import Mapping

from palermo.analysis.money.assets.books import ASSET, CASH
from palermo.analysis.money.assets.ledger import Asset, Award, Ledger
from palermo.model.asset import Money

#: States in which the money of an asset belongs to the fund.
_IN_FUND = frozenset({"confiscated_final", "disposed", "distributed", "shared", "settled"})
#: States in which an asset can no longer be given back to the victim whose it is.
_GONE = frozenset({"returned", "social_use", "released", "value_substituted", "lost", "closed"})


def in_fund(ledger: Ledger, asset: Asset) -> bool:
    """Whether the money of `asset` may be paid out to whoever the order names.

    Not while a remedy or a third party's claim is open, nor while it is owed to one victim alone.
    """
    return (
        asset.state in _IN_FUND
        and not asset.open_remedies
        and not asset.open_third_claims
        and not ledger.books.of(ASSET, asset.id, asset.currency)
        and restitution_due(ledger, asset.id) is None
    )


def restitution_due(ledger: Ledger, asset: str) -> Award | None:
    """Return the award that gives this very asset back to a victim, while it is not done."""
    for award in ledger.awards.values():
        if award.asset == asset and not award.restored and not award.covered_by:
            return None if ledger.assets[asset].state in _GONE else award
    return None


def in_money(ledger: Ledger) -> list[Award]:
    """Awards that are met in money, by name: also those of an asset that is gone."""
    return [
        award
        for _, award in sorted(ledger.awards.items())
        if not award.covered_by
        and not award.restored
        and (not award.asset or ledger.assets[award.asset].state in _GONE)
    ]


def fund(ledger: Ledger) -> dict[str, dict[str, int]]:
    """Return the money in the fund: by currency, then by asset in the order of their names."""
    found: dict[str, dict[str, int]] = {}
    for name, asset in sorted(ledger.assets.items()):
        cash = ledger.books.of(CASH, name, asset.currency)
        if cash and in_fund(ledger, asset):
            found.setdefault(asset.currency, {})[name] = cash
    return found


def unpaid(ledger: Ledger) -> list[Award]:
    """Awards that are neither paid in full, nor restored, nor taken over by an agreement."""
    met_in_money = {award.id for award in in_money(ledger)}
    return [
        award
        for _, award in sorted(ledger.awards.items())
        if not award.covered_by
        and not award.restored
        and (award.due > 0 or award.id not in met_in_money)
    ]


def taken(funds: Mapping[str, int], money: Money) -> dict[str, int]:
    """Take `money` out of the fund of its currency: asset by asset, in the order of their names.

    Raises:
        ValueError: there is less than that.
    """
    found, missing = {}, money.minor
    for name, cash in sorted(funds.items()):
        if missing and cash:
            found[name] = min(missing, cash)
            missing -= found[name]
    if missing:
        raise ValueError(f"the fund lacks {missing} {money.currency}")
    return found
