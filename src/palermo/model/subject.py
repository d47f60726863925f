"""The categories of people whose data a case holds, and fact kept apart from assessment.

Directive (EU) 2016/680 asks for both: Article 6 that categories of data subjects are told apart,
Article 7 that facts are distinguished from personal assessments. Neither is ever inferred here:
a category is written by a person, and `UNKNOWN` is the honest default.
"""

from enum import StrEnum


class SubjectCategory(StrEnum):
    """Category of a data subject (Directive (EU) 2016/680, Article 6)."""

    SUSPECT = "suspect"
    CONVICTED = "convicted"
    VICTIM = "victim"  # includes presumed victims: the most protected category
    WITNESS = "witness"
    CONTACT = "contact"
    OTHER = "other"
    UNKNOWN = "unknown"


class Standing(StrEnum):
    """Whether a statement is a fact or somebody's assessment (the same Directive, Article 7)."""

    FACT = "fact"
    ASSESSMENT = "assessment"
