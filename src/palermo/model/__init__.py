"""The shared nouns. Frozen dataclasses and Arrow schemas; nothing here reads or writes."""

from palermo.model.authority import AuthorisedBy, Authority, Scope
from palermo.model.campaign import (
    CAMPAIGNS,
    Segment,
    SegmentRole,
    Template,
    TemplatePart,
    Variation,
)
from palermo.model.claim import Claim
from palermo.model.errors import Refused, Unreadable
from palermo.model.exhibit import Exhibit
from palermo.model.grading import HandlingCode, InformationGrade, SourceReliability, strictest
from palermo.model.identifier import IDENTIFIERS, IdentifierKind
from palermo.model.indication import INDICATIONS, Assessment, Strength
from palermo.model.item import ITEMS, REJECTED
from palermo.model.network import LINKS, NETWORKS, QUALITY
from palermo.model.photo import PHOTOS, SAME_PHOTO
from palermo.model.provenance import Provenance, row_hash
from palermo.model.subject import Standing, SubjectCategory

__all__ = [
    "CAMPAIGNS",
    "IDENTIFIERS",
    "INDICATIONS",
    "ITEMS",
    "LINKS",
    "NETWORKS",
    "PHOTOS",
    "QUALITY",
    "REJECTED",
    "SAME_PHOTO",
    "Assessment",
    "AuthorisedBy",
    "Authority",
    "Claim",
    "Exhibit",
    "HandlingCode",
    "IdentifierKind",
    "InformationGrade",
    "Provenance",
    "Refused",
    "Scope",
    "Segment",
    "SegmentRole",
    "SourceReliability",
    "Standing",
    "Strength",
    "SubjectCategory",
    "Template",
    "TemplatePart",
    "Unreadable",
    "Variation",
    "row_hash",
    "strictest",
]
