"""A claim: something said about something, with who said it, when, and how far to trust it.

A fact about a person never stands alone in Palermo; it is a claim with a source. Claims are
immutable and are corrected by later claims, never edited.
"""

from dataclasses import dataclass
from datetime import datetime

from palermo.model.grading import HandlingCode, InformationGrade, SourceReliability
from palermo.model.provenance import Provenance
from palermo.model.subject import Standing, SubjectCategory


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """One statement about `subject`.

    `said_at` is when the source said it; it must be timezone-aware. `category` is the category of
    the person the claim is about, if it is about one.
    """

    subject: str
    predicate: str
    value: str
    said_by: str
    said_at: datetime
    provenance: Provenance | None = None
    standing: Standing = Standing.ASSESSMENT
    category: SubjectCategory = SubjectCategory.UNKNOWN
    reliability: SourceReliability = SourceReliability.X
    information: InformationGrade = InformationGrade.UNCONFIRMED
    handling: HandlingCode = HandlingCode.H0

    def __post_init__(self) -> None:
        if self.said_at.tzinfo is None:
            raise ValueError("said_at has no time zone: a claim's time must be unambiguous")
