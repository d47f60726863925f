"""What a ledger knows of an asset, under the names that the forms use."""

from typing import Any

from palermo.analysis.money.assets.fund import restitution_due
from palermo.analysis.money.assets.ledger import Asset, Ledger
from palermo.model.asset import Order
from palermo.model.money import written

#: The ground of confiscation as the confiscation certificate calls it.
_NATURE = {
    "proceeds": "proceeds",
    "transformed": "proceeds",
    "intermingled": "proceeds",
    "income": "proceeds",
    "instrumentality": "instrumentalities",
    "extended": "extended",
    "without_conviction": "without_conviction",
}


def known(ledger: Ledger, case: str, asset: Asset) -> dict[str, Any]:
    """Return what is known, by place; what is not known is left out or empty."""
    valuation = asset.valuation
    found: dict[str, Any] = {
        "case": case,
        **_order("order", asset.order),
        **_order("judgment", asset.judgment),
        "asset.kind": asset.kind.replace("_", " "),
        "asset.description": asset.description,
        "asset.jurisdiction": asset.jurisdiction,
        "asset.place": asset.place,
        "asset.location": ", ".join(one for one in (asset.place, asset.jurisdiction) if one),
        "asset.identifiers": "; ".join(f"{one.scheme} {one.value}" for one in asset.identifiers),
        "asset.concerns": "money" if asset.is_money else "specific_items",
        "asset.nature": _NATURE.get(asset.basis, "other"),
        "asset.link": _link(asset),
        "asset.third_parties": _third_parties(ledger, asset),
        "asset.earlier_requests": "; ".join(
            f"{one.kind} request {one.id} to {one.authority}, sent {one.sent}, {one.state}"
            for one in asset.requests.values()
        ),
        "asset.confiscation": "accompanied_by_confiscation_certificate"
        if asset.final_on
        else "remains_frozen",
        "asset.frozen_earlier": "frozen_by_earlier_order" if asset.orders else "",
        "asset.final_on": asset.final_on.isoformat() if asset.final_on else "",
        "asset.decision": asset.judgment.reference if asset.judgment else _first_order(asset),
        "asset.untoc_kind": "give_effect_to_a_confiscation_order"
        if asset.final_on
        else "identify_trace_freeze_or_seize",
        **_restitution(ledger, asset),
        **_victims(ledger, asset),
    }
    if valuation is not None:
        value = {"minor": valuation.value.minor, "currency": valuation.value.currency}
        found["asset.value"] = value
        if asset.is_money:
            found["asset.sum"] = value
    return found


def persons(ledger: Ledger, asset: Asset) -> list[dict[str, Any]]:
    """Return holder and beneficial owner; against whom an order is, only the order says."""
    found = []
    for name in dict.fromkeys((asset.holder, asset.beneficial_owner)):
        party = ledger.parties.get(name)
        if party is not None:
            found.append(
                {
                    "person.name": party.name,
                    "person.roles": ", ".join(party.roles),
                    "person.position": "owner_of_the_property",
                }
            )
    return found


def _order(prefix: str, order: Order | None) -> dict[str, Any]:
    if order is None:
        return {}
    return {
        f"{prefix}.reference": order.reference,
        f"{prefix}.authority": order.authority,
        f"{prefix}.made": order.made.isoformat(),
        f"{prefix}.legal_basis": order.legal_basis,
    }


def _first_order(asset: Asset) -> str:
    return asset.orders[0].reference if asset.orders else ""


def _link(asset: Asset) -> str:
    text = f"basis: {asset.basis.replace('_', ' ')}"
    if asset.traced is not None:
        traced = asset.traced
        text += (
            f"; by the rule {traced.rule} it holds "
            f"{written(traced.amount.minor, traced.amount.currency)} of what "
            f"is claimed (tracing result {traced.sha256})"
        )
    return text


def _third_parties(ledger: Ledger, asset: Asset) -> str:
    names = []
    for claim, (party, outcome) in asset.third_claims.items():
        known_as = ledger.parties[party].name if party in ledger.parties else party
        names.append(f"{known_as} (claim {claim}, {outcome or 'not decided'})")
    return "; ".join(names)


def _restitution(ledger: Ledger, asset: Asset) -> dict[str, Any]:
    award = restitution_due(ledger, asset.id)
    pending = any(one.state == "pending" for one in ledger.claims.values())
    found: dict[str, Any] = {
        "restitution.made": "no" if award is None else "yes",
        "restitution.pending": "yes" if pending else "no",
    }
    if award is not None:
        found |= {
            "restitution.authority": award.order.authority,
            "restitution.date": award.order.made.isoformat(),
            "restitution.reference": award.order.reference,
            "restitution.property": asset.description,
        }
    return found


def _victims(ledger: Ledger, asset: Asset) -> dict[str, Any]:
    awards = [
        one
        for _, one in sorted(ledger.awards.items())
        if not one.covered_by and not one.restored and one.asset in {"", asset.id}
    ]
    kinds = {one.kind for one in awards}
    if not awards:
        return {"victims.decision": "none"}
    first = awards[0].order
    return {
        "victims.decision": "both" if len(kinds) > 1 else min(kinds),
        "victims.authority": "; ".join(dict.fromkeys(one.order.authority for one in awards)),
        "victims.date": first.made.isoformat(),
        "victims.reference": "; ".join(dict.fromkeys(one.order.reference for one in awards)),
        "victims.property": "; ".join(
            f"{one.head}: " + (one.asset or written(one.money.minor, one.money.currency))
            for one in awards
        ),
    }
