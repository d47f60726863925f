"""Which claims may leave the node, by their handling code and a lead's permission.

Guarantees that a claim whose code holds it back leaves by no way that no lead permitted; that what
is held back is counted, so that whoever receives the rest is told; and that H3 says its own
restrictions. Whatever writes claims into a file asks `leaving` for its rows.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext as _

from palermo.desks.access.models import Case, Person
from palermo.desks.access.rows import RowsQuerySet
from palermo.desks.access.visibility import Viewer
from palermo.desks.cases.models import Claim, Release
from palermo.model import HandlingCode


class Way(StrEnum):
    """How a claim may leave: as a table for one's own work, in a package, to another unit."""

    EXPORT = "export"
    PACKAGE = "package"
    UNIT = "unit"


#: What holds a claim back on each way. A package may be used in court, which H1 does not allow.
HELD_BACK: Mapping[Way, frozenset[HandlingCode]] = {
    Way.EXPORT: frozenset({HandlingCode.H2, HandlingCode.H3}),
    Way.PACKAGE: frozenset({HandlingCode.H1, HandlingCode.H2, HandlingCode.H3}),
    Way.UNIT: frozenset({HandlingCode.H2, HandlingCode.H3}),
}


@dataclass(frozen=True, slots=True)
class Leaving:
    """The claims that may leave by a way, and how many may not, by code."""

    claims: RowsQuerySet
    held_back: Mapping[str, int]

    @property
    def held(self) -> int:
        """How many are held back."""
        return sum(self.held_back.values())


def leaving(viewer: Viewer, case: Case, way: Way, *, action: str = "export") -> Leaving:
    """Return which claims of `case`, not withdrawn, may leave by `way`."""
    claims = Claim.rows.visible_to(viewer, action).of(case).filter(withdrawn_at=None)
    codes = sorted(code.value for code in HELD_BACK[way])
    permitted = Exists(Release.rows.filter(claim=OuterRef("pk"), way=way.value, ended_at=None))
    held = claims.filter(Q(handling__in=codes) & ~Q(permitted))
    counts: dict[str, int] = {}
    for code in held.order_by("handling").values_list("handling", flat=True):
        counts[code] = counts.get(code, 0) + 1
    return Leaving(claims.filter(~Q(handling__in=codes) | Q(permitted)), counts)


def release_all(viewer: Viewer, case: Case, way: Way, *, by: Person, why: str) -> int:
    """Permit, as lead, `way` for every claim that is held back now; return how many there were."""
    codes = sorted(code.value for code in HELD_BACK[way])
    gone = leaving(viewer, case, way, action="hand-over").claims.values("pk")
    held = (
        Claim.rows.visible_to(viewer, "hand-over")
        .of(case)
        .filter(withdrawn_at=None, handling__in=codes)
        .exclude(pk__in=gone)
    )
    made = [
        Release(case=case, claim=claim, way=way.value, reason=why, by=by, at=viewer.at)
        for claim in held
    ]
    Release.rows.bulk_create(made)
    return len(made)


def means(code: str) -> str:
    """Return what a handling code asks, for the person who reads the claim."""
    return {
        HandlingCode.H0.value: _("may be used for the purposes of the authority"),
        HandlingCode.H1.value: _("not to be disclosed in court without permission"),
        HandlingCode.H2.value: _("not to leave this case without the lead's permission"),
        HandlingCode.H3.value: _("further restrictions, which stand beside it"),
    }[code]


def ways() -> dict[str, str]:
    """Return the ways in words."""
    return {
        Way.EXPORT.value: _("in an export"),
        Way.PACKAGE.value: _("in a package"),
        Way.UNIT.value: _("to another unit"),
    }
