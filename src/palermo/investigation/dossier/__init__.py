"""The dossier: one offline file that a prosecutor, a judge and a defence expert can read."""

from palermo.investigation.dossier.citations import capped, cited
from palermo.investigation.dossier.content import (
    METHOD,
    CampaignView,
    DossierContent,
    Example,
    Graph,
    GraphEdge,
    GraphNode,
    IdentifierView,
    IndicationView,
    Input,
    Language,
    Limit,
    MemberView,
    NetworkView,
    Place,
    Ref,
    Rejection,
    Source,
    SupportView,
    Timeline,
    Wording,
    Words,
)
from palermo.investigation.dossier.listed import Listed
from palermo.investigation.dossier.ranking import Measure, rank
from palermo.investigation.dossier.render import render_dossier
from palermo.investigation.dossier.timeline import Bars, draw, timeline
from palermo.investigation.dossier.visible import marked

__all__ = [
    "METHOD",
    "Bars",
    "CampaignView",
    "DossierContent",
    "Example",
    "Graph",
    "GraphEdge",
    "GraphNode",
    "IdentifierView",
    "IndicationView",
    "Input",
    "Language",
    "Limit",
    "Listed",
    "Measure",
    "MemberView",
    "NetworkView",
    "Place",
    "Ref",
    "Rejection",
    "Source",
    "SupportView",
    "Timeline",
    "Wording",
    "Words",
    "capped",
    "cited",
    "draw",
    "marked",
    "rank",
    "render_dossier",
    "timeline",
]
