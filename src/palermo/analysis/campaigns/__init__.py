"""Which texts come from one template, and what the template is."""

from palermo.analysis.campaigns.find import EDGES, CampaignResult, find_campaigns
from palermo.analysis.campaigns.segments import align
from palermo.analysis.campaigns.template import build_template

__all__ = ["EDGES", "CampaignResult", "align", "build_template", "find_campaigns"]
