"""Who belongs to a case, in which role, until when.

Guarantees that a membership is never edited but ended, and a new one begun, so that who could see
what at any time stays known; that nobody holds two roles in a case at once; and that a case always
has a lead whose membership has no end.
"""

from datetime import datetime

from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils.translation import gettext as _

from palermo.desks.access import audit
from palermo.desks.access.models import Case, Conflict, Membership, Opening, Person
from palermo.model import Refused

LEAD = "lead"


def current(case: Case, *, at: datetime) -> QuerySet[Membership]:
    """Return the memberships that hold at `at`."""
    return case.memberships.filter(Q(until=None) | Q(until__gt=at), since__lte=at)


def lasting_leads(*, at: datetime) -> QuerySet[Membership]:
    """Return the memberships of leads who can act, and go on: no end, an account, no conflict."""
    conflict = Conflict.objects.filter(
        person=OuterRef("person"), case=OuterRef("case"), lifted_at=None
    )
    return Membership.objects.filter(
        role=LEAD, since__lte=at, until=None, person__is_active=True
    ).exclude(Exists(conflict))


def add(
    case: Case,
    person: Person,
    role: str,
    *,
    by: Person,
    at: datetime,
    until: datetime | None = None,
) -> Membership:
    """Let `person` into `case`.

    Raises:
        Refused: they are a member already, have a conflict of interest or no active account.
    """
    with transaction.atomic():
        _lock(case)
        if not person.is_active:
            raise Refused(_("This account is deactivated; choose somebody else."))
        if current(case, at=at).filter(person=person).exists():
            raise Refused(_("This person is a member already; change the role instead."))
        if Conflict.objects.filter(person=person, case=case, lifted_at=None).exists():
            raise Refused(_("A conflict of interest keeps this person out of the case."))
        _refuse_past(until, at=at)
        made = Membership.objects.create(
            person=person, case=case, role=role, since=at, until=until, added_by=by
        )
        _write(case, "member added", person, by=by, at=at, role=role, until=until)
    return made


def change(
    membership: Membership, role: str, until: datetime | None, *, by: Person, at: datetime
) -> Membership:
    """Give a member another role or another end.

    Raises:
        Refused: the membership has ended, or the case would be left without a lasting lead.
    """
    case, person = membership.case, membership.person
    with transaction.atomic():
        _lock(case)
        _refuse_past(until, at=at)
        _end(membership, at=at)
        made = Membership.objects.create(
            person=person, case=case, role=role, since=at, until=until, added_by=by
        )
        _refuse_without_lead(case, at=at)
        _write(case, "member changed", person, by=by, at=at, role=role, until=until)
    return made


def remove(membership: Membership, *, by: Person, at: datetime, reason: str = "") -> None:
    """End a membership now, and shut what its person has open of the case.

    Raises:
        Refused: it has ended already, or it is the last lead's.
    """
    case, person = membership.case, membership.person
    with transaction.atomic():
        _lock(case)
        _end(membership, at=at)
        _refuse_without_lead(case, at=at)
        Opening.objects.filter(case=case, person=person, closed_at=None).update(closed_at=at)
        _write(case, "member removed", person, by=by, at=at, reason=reason)


def name_lead(case: Case, person: Person, *, by: Person, at: datetime) -> Membership:
    """Give a case that has no lasting lead a new one; a registrar's act.

    Raises:
        Refused: the case has a lead, or the person cannot be one.
    """
    with transaction.atomic():
        _lock(case)
        if lasting_leads(at=at).filter(case=case).exists():
            raise Refused(_("This case has a lead, who keeps its members."))
        held = current(case, at=at).filter(person=person).first()
        if held is None:
            return add(case, person, LEAD, by=by, at=at)
        return change(held, LEAD, None, by=by, at=at)


def _lock(case: Case) -> None:
    """Let changes to the members of one case happen one after the other."""
    Case.objects.select_for_update().get(pk=case.pk)


def _end(membership: Membership, *, at: datetime) -> None:
    ended = (
        Membership.objects.filter(pk=membership.pk)
        .filter(Q(until=None) | Q(until__gt=at))
        .update(until=at)
    )
    if not ended:
        raise Refused(_("This membership has ended already."))


def _refuse_past(until: datetime | None, *, at: datetime) -> None:
    if until is not None and until <= at:
        raise Refused(_("The end must lie in the future."))


def _refuse_without_lead(case: Case, *, at: datetime) -> None:
    if not lasting_leads(at=at).filter(case=case).exists():
        raise Refused(
            _("A case keeps at least one lead without an end date; name another lead first.")
        )


def _write(
    case: Case,
    what: str,
    person: Person,
    *,
    by: Person,
    at: datetime,
    role: str = "",
    until: datetime | None = None,
    reason: str = "",
) -> None:
    detail = {"role": role, "until": until.isoformat() if until else None} if role else {}
    audit.record(
        audit.Act(
            kind=audit.Kind.ACCESS,
            what=what,
            of=str(person.handle),
            case=case,
            reason=reason,
            detail=detail,
        ),
        by=by,
        at=at,
    )
