"""Which texts come from one template, and what the template is."""

from palermo.analysis.campaigns.chance import chance, false_links
from palermo.analysis.campaigns.find import (
    EDGES,
    CampaignResult,
    assign_tokens,
    find_campaigns,
)
from palermo.analysis.campaigns.increment import Extension, extend
from palermo.analysis.campaigns.index import CampaignIndex
from palermo.analysis.campaigns.parallel import cores
from palermo.analysis.campaigns.segments import align
from palermo.analysis.campaigns.template import build_template
from palermo.analysis.campaigns.tokens import Tokens, joined, tokenise

__all__ = [
    "EDGES",
    "CampaignIndex",
    "CampaignResult",
    "Extension",
    "Tokens",
    "align",
    "assign_tokens",
    "build_template",
    "chance",
    "cores",
    "extend",
    "false_links",
    "find_campaigns",
    "joined",
    "tokenise",
]
