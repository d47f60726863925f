"""The main job: formats, evidence, engine and laboratory composed into one run with its dossier."""

from palermo.investigation.intake import Texts, read_texts
from palermo.investigation.laboratory import assign_campaigns, extract_identifiers
from palermo.investigation.measure import Score, measure
from palermo.investigation.run import Outcome, Request, investigate
from palermo.investigation.templates import largest_templates, template_json

__all__ = [
    "Outcome",
    "Request",
    "Score",
    "Texts",
    "assign_campaigns",
    "extract_identifiers",
    "investigate",
    "largest_templates",
    "measure",
    "read_texts",
    "template_json",
]
