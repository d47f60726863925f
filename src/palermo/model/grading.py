"""How far a piece of information may be trusted, and who may be told.

The three codes travel with every claim and are inherited by whatever is derived from it;
of two handling codes the stricter wins (`strictest`), so nothing becomes freer by being combined.
"""

from collections.abc import Iterable
from enum import StrEnum


class SourceReliability(StrEnum):
    """Reliability of the source, the first letter of the European 4×4 evaluation system."""

    A = "A"  # no doubt of authenticity, trustworthiness and competence
    B = "B"  # reliable in most instances
    C = "C"  # unreliable in most instances
    X = "X"  # cannot be assessed


class InformationGrade(StrEnum):
    """Accuracy of the information itself, the second character of the 4×4 system."""

    KNOWN_TRUE = "1"  # accuracy not in doubt
    KNOWN_TO_SOURCE = "2"  # known personally to the source, not to the officer passing it on
    CORROBORATED = "3"  # not known to the source, but other information agrees
    UNCONFIRMED = "4"  # not known to the source and cannot be corroborated


class HandlingCode(StrEnum):
    """Restriction on use and onward disclosure, from free to strict (Europol's H0 to H3)."""

    H0 = "H0"  # usable within the purposes of the authority it was collected under
    H1 = "H1"  # not to be disclosed in judicial proceedings without permission
    H2 = "H2"  # not to be disseminated without permission
    H3 = "H3"  # further restrictions, written beside the claim


def strictest(codes: Iterable[HandlingCode]) -> HandlingCode:
    """Return the strictest of `codes`; `H0` when there are none.

    >>> strictest([HandlingCode.H1, HandlingCode.H2]).value
    'H2'
    """
    return max(codes, default=HandlingCode.H0)
