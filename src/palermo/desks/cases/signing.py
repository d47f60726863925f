"""Who acts, in which role and unit, and who else works on the case."""

from django.db.models import Q, QuerySet

from palermo.desks.access.duties import duties
from palermo.desks.access.models import Case, Membership, Person
from palermo.desks.access.pages import CaseRequest
from palermo.desks.access.visibility import Viewer, visible_cases


def may(request: CaseRequest, action: str) -> bool:
    """Whether whoever looks may do `action` in the case now; asked once a request."""
    known: dict[str, bool] = request.__dict__.setdefault("palermo_may", {})
    if action not in known:
        mine = visible_cases(request.viewer, action).filter(pk=request.case.pk)
        known[action] = mine.exists()
    return known[action]


def holding(case: Case, viewer: Viewer) -> QuerySet[Membership]:
    """Return the memberships of `case` that hold at the viewer's time."""
    return Membership.objects.filter(
        Q(until=None) | Q(until__gt=viewer.at), case=case, since__lte=viewer.at
    )


def members(case: Case, viewer: Viewer) -> QuerySet[Person]:
    """Return the people who work on `case` now."""
    now = holding(case, viewer).values("person")
    return Person.objects.filter(is_active=True, pk__in=now).order_by("full_name", "username")


def role_of(request: CaseRequest, action: str) -> str:
    """Return the role by which whoever acts may do `action`."""
    held = set(
        holding(request.case, request.viewer)
        .filter(person=request.person)
        .values_list("role", flat=True)
    )
    giving = [role for role in duties().roles if action in duties().roles[role]]
    return next((role for role in giving if role in held), "")
