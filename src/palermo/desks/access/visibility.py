"""Who may see what: one function, as SQL, for lists, details, search, graphs, exports and the API.

Guarantees that a row of a case is visible to a person at a moment only where all of this holds:
the person is a member whose role gives the action, has no conflict of interest with the case, and
has the case open for a purpose under an authority that holds at that moment; or a second person
agreed to an emergency opening that has not ended, and then for reading only. A token of the API
gives of this what it was made for, and never more: its own openings, its own actions. The clock is
passed in. Row security in PostgreSQL says the same once more (`row_security`, and a
test that they agree).
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Exists, F, OuterRef, Q, QuerySet

from palermo.desks.access.duties import duties
from palermo.desks.access.models import (
    ApiToken,
    Case,
    Conflict,
    Emergency,
    Membership,
    Opening,
)
from palermo.desks.access.models.opening import EMERGENCY_MINUTES

#: Knowing that a case exists needs no opening, nor does keeping its members and authorities: a case
#: whose authorities have all ended could else never be given another.
WITHOUT_OPENING = frozenset({"see", "members"})
#: What an emergency opening gives.
IN_EMERGENCY = frozenset({"see", "read", "search"})
#: What may still be done with a case that is closed.
WHEN_CLOSED = frozenset({"see", "read", "search", "members", "close"})


@dataclass(frozen=True, slots=True)
class Viewer:
    """Who looks, when, and by which token: all that visibility depends on beside the database."""

    person: int
    at: datetime
    token: int | None = None


def visible_cases(viewer: Viewer, action: str) -> QuerySet[Case]:
    """Return the cases in which `viewer` may do `action`.

    Raises:
        KeyError: no such action exists.
    """
    roles = duties().roles_with(action)
    here = {"person": viewer.person, "case": OuterRef("pk")}
    member = Q(
        Exists(
            Membership.objects.filter(
                Q(until=None) | Q(until__gt=viewer.at), role__in=roles, since__lte=viewer.at, **here
            )
        )
    )
    if viewer.token is not None:
        member &= Q(Exists(tokens_now(viewer).filter(scopes__action=action)))
    if viewer.token is not None or action not in WITHOUT_OPENING:
        member &= Q(Exists(open_now(viewer).filter(case=OuterRef("pk"))))
    allowed = member
    if viewer.token is None and action in IN_EMERGENCY:
        allowed |= Q(Exists(emergencies_now(viewer).filter(case=OuterRef("pk"))))
    conflict = Exists(Conflict.objects.filter(lifted_at=None, **here))
    cases = Case.objects.filter(allowed).exclude(conflict)
    if action not in WHEN_CLOSED:
        cases = cases.filter(status=Case.Status.OPEN)
    return cases


def open_now(viewer: Viewer) -> QuerySet[Opening]:
    """Return the openings of `viewer` that hold, and whose authority does."""
    return Opening.objects.filter(
        person=viewer.person,
        token=viewer.token,
        closed_at=None,
        opened_at__lte=viewer.at,
        ends__gt=viewer.at,
        mandate__case=F("case"),
        mandate__withdrawn_at=None,
        mandate__begins__lte=viewer.at,
        mandate__ends__gt=viewer.at,
    )


def tokens_now(viewer: Viewer) -> QuerySet[ApiToken]:
    """Return the token of `viewer`, if it holds and its owner's account does."""
    return ApiToken.objects.filter(
        pk=viewer.token or 0,
        person=viewer.person,
        person__is_active=True,
        revoked_at=None,
        made_at__lte=viewer.at,
        ends__gt=viewer.at,
    )


def emergencies_now(viewer: Viewer) -> QuerySet[Emergency]:
    """Return the emergency openings of `viewer` that a second person agreed to and that hold.

    None holds longer than `EMERGENCY_MINUTES`, whatever its end says.
    """
    return Emergency.objects.filter(
        person=viewer.person,
        agreed=True,
        answered_at__lte=viewer.at,
        answered_at__gt=viewer.at - timedelta(minutes=EMERGENCY_MINUTES),
        ends__gt=viewer.at,
    )


def visible_sql(viewer: Viewer, action: str) -> tuple[str, tuple[object, ...]]:
    """Return `SELECT id ...` of the visible cases with its parameters, for SQL by hand."""
    return visible_cases(viewer, action).order_by().values("pk").query.sql_with_params()
