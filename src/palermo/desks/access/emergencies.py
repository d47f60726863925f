"""Opening a case in an emergency: with a reason, a second person, an end, and the officer told.

Guarantees that nothing is open before a second person, who is neither the one who asks nor in a
conflict of interest, agreed; that it then lasts 60 minutes at most and gives reading only
(`visibility`); and that whoever asks is told the same whether or not a case has the reference.
"""

from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from palermo.desks.access import audit
from palermo.desks.access.models import Case, Conflict, Emergency, Person
from palermo.desks.access.models.opening import EMERGENCY_MINUTES
from palermo.model import Refused

#: A request that nobody answered by then lapses.
LAPSES = timedelta(minutes=60)
#: Somebody who asks more often than this in an hour is trying out references.
ASKED_AN_HOUR = 5
APPROVER = "approver"


def ask(reference: str, reason: str, *, by: Person, at: datetime) -> Emergency:
    """Ask to open the case that is called `reference`, which may or may not exist.

    Raises:
        Refused: no reason, or too many requests in an hour.
    """
    if not reason.strip():
        raise Refused(_("Say why this cannot wait."))
    hour = Emergency.objects.filter(person=by, asked_at__gt=at - timedelta(hours=1))
    if hour.count() >= ASKED_AN_HOUR:
        raise Refused(_("Too many requests in an hour. Call the person who may agree."))
    reference = reference.strip()
    case = Case.objects.filter(reference=reference).first()
    with transaction.atomic():
        made = Emergency.objects.create(
            person=by, case=case, reference=reference, reason=reason, asked_at=at
        )
        _write(made, "emergency asked", reason, by=by, at=at)
    return made


def waiting(*, at: datetime) -> QuerySet[Emergency]:
    """Return the requests that may still be answered."""
    return Emergency.objects.filter(answered_at=None, asked_at__gt=at - LAPSES)


def barred(emergency: Emergency, *, by: Person) -> str:
    """Return why `by` may not answer `emergency` at all; empty when they may."""
    if emergency.person_id == by.pk:
        return _("Nobody answers a request of their own.")
    conflicts = Conflict.objects.filter(lifted_at=None, person=by)
    if emergency.case is not None and conflicts.filter(case=emergency.case).exists():
        return _("A conflict of interest keeps you out of this case.")
    return ""


def obstacle(emergency: Emergency) -> str:
    """Return why nobody may agree to `emergency`; empty when it can be agreed to."""
    if emergency.case is None:
        return _("No case has this reference.")
    conflicts = Conflict.objects.filter(case=emergency.case, lifted_at=None)
    if conflicts.filter(person=emergency.person_id).exists():
        return _("A conflict of interest keeps whoever asks out of this case.")
    return ""


def answer(
    emergency: Emergency,
    *,
    agreed: bool,
    by: Person,
    at: datetime,
    minutes: int = EMERGENCY_MINUTES,
    reason: str = "",
) -> None:
    """Agree to a request, for so many minutes, or refuse it.

    Raises:
        Refused: this person may not agree, or the request was answered or has lapsed.
    """
    if not by.has_duty(APPROVER):
        raise Refused(_("Only those who hold the duty may answer a request."))
    problem = barred(emergency, by=by) or (obstacle(emergency) if agreed else "")
    if problem:
        raise Refused(problem)
    if not 1 <= minutes <= EMERGENCY_MINUTES:
        raise Refused(_("An emergency opening lasts between 1 and 60 minutes."))
    with transaction.atomic():
        answered = (
            waiting(at=at)
            .filter(pk=emergency.pk)
            .update(
                answered_by=by,
                answered_at=at,
                agreed=agreed,
                answer=reason,
                ends=at + timedelta(minutes=minutes) if agreed else None,
            )
        )
        if not answered:
            raise Refused(_("This request was answered already, or has lapsed."))
        what = "emergency agreed" if agreed else "emergency refused"
        _write(emergency, what, reason, by=by, at=at, minutes=minutes if agreed else 0)
    emergency.refresh_from_db()


def end(emergency: Emergency, *, by: Person, at: datetime) -> None:
    """End an emergency opening before its time."""
    with transaction.atomic():
        if Emergency.objects.filter(pk=emergency.pk, ends__gt=at).update(ends=at):
            _write(emergency, "emergency ended", "", by=by, at=at)


def _write(
    emergency: Emergency, what: str, reason: str, *, by: Person, at: datetime, minutes: int = 0
) -> None:
    audit.record(
        audit.Act(
            kind=audit.Kind.ACCESS,
            what=what,
            of=emergency.reference,
            case=emergency.case,
            emergency=emergency,
            reason=reason,
            detail={"minutes": minutes} if minutes else {},
            tell_officer=True,
        ),
        by=by,
        at=at,
    )
