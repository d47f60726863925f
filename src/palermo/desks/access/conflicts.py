"""Conflicts of interest: a relative, a neighbour, oneself. They keep a person out of a case.

Guarantees that a declared conflict works at once, also on a case that is open; and that nobody
lifts their own.
"""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from palermo.desks.access import audit
from palermo.desks.access.models import Case, Conflict, Opening, Person
from palermo.model import Refused


def declare(case: Case, person: Person, reason: str, *, by: Person, at: datetime) -> Conflict:
    """Keep `person` out of `case` from now on, and shut it for them.

    Raises:
        Refused: a conflict is declared already.
    """
    with transaction.atomic():
        Case.objects.select_for_update().get(pk=case.pk)
        if Conflict.objects.filter(case=case, person=person, lifted_at=None).exists():
            raise Refused(_("A conflict of interest is declared already."))
        made = Conflict.objects.create(
            person=person, case=case, reason=reason, declared_at=at, declared_by=by
        )
        Opening.objects.filter(case=case, person=person, closed_at=None).update(closed_at=at)
        _write(made, "conflict declared", reason, by=by, at=at)
    return made


def lift(conflict: Conflict, reason: str, *, by: Person, at: datetime) -> None:
    """Let the person into the case again, as far as their role does.

    Raises:
        Refused: it is the person concerned who asks, no reason is given, or it is lifted already.
    """
    if by.pk == conflict.person_id:
        raise Refused(_("Somebody else has to lift a conflict of interest of yours."))
    if not reason.strip():
        raise Refused(_("Say why the conflict of interest no longer stands."))
    with transaction.atomic():
        lifted = Conflict.objects.filter(pk=conflict.pk, lifted_at=None).update(
            lifted_at=at, lifted_by=by, lifted_reason=reason
        )
        if not lifted:
            raise Refused(_("This conflict of interest was lifted already."))
        _write(conflict, "conflict lifted", reason, by=by, at=at)


def _write(conflict: Conflict, what: str, reason: str, *, by: Person, at: datetime) -> None:
    audit.record(
        audit.Act(
            kind=audit.Kind.ACCESS,
            what=what,
            of=str(conflict.person.handle),
            case=conflict.case,
            reason=reason,
            detail={"conflict": conflict.pk},
        ),
        by=by,
        at=at,
    )
