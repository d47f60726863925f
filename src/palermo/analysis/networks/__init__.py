"""Which items come from the same hands, as far as shared identifiers and campaigns can tell."""

from palermo.analysis.networks.kinds import LinkKind, LinkKinds, link_kinds
from palermo.analysis.networks.plans import QUALITY, SHARED, SHARED_IN_ORDER
from palermo.analysis.networks.propose import Proposal, propose, strength

__all__ = [
    "QUALITY",
    "SHARED",
    "SHARED_IN_ORDER",
    "LinkKind",
    "LinkKinds",
    "Proposal",
    "link_kinds",
    "propose",
    "strength",
]
