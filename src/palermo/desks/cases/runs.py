"""Runs in the background, from the request to what came of it.

Guarantees that a run is done by one process at a time and lands whole or not at all; that one which
was cut off, by whatever, is taken up again and ends as if it had not been; and that it is done
under the authority and in the name of whoever asked, or refused when that authority has ended.
"""

import logging
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import Error as DatabaseFailure
from django.db import transaction
from django.utils.translation import gettext as _
from django_tasks import task

from palermo.desks.access.mandates import covers
from palermo.desks.access.models import Case, Opening
from palermo.desks.access.row_security import working_for
from palermo.desks.cases import investigating, packaging, verifying
from palermo.desks.cases.background import (
    Beat,
    Busy,
    Cancelled,
    Interrupted,
    held,
)
from palermo.desks.cases.models import Run
from palermo.model import Refused, Unreadable

log = logging.getLogger(__name__)

#: A run that was cut off so often is not taken up once more: something ends the process each time.
MOST_TRIES = 4

#: How each kind is done. It sets `result` and `counts`, and saves the run as done with the rest.
DOING: Mapping[str, Callable[[Run, Beat], None]] = {
    Run.Kind.INVESTIGATE: investigating.do,
    Run.Kind.VERIFY: verifying.do,
    Run.Kind.PACKAGE: packaging.do,
}


def ask(
    case: Case,
    opening: Opening,
    *,
    at: datetime,
    kind: str = Run.Kind.INVESTIGATE,
    language: str = "en",
    **options: Any,
) -> Run:
    """Ask for a run; one of the same kind that still waits is given instead of a second one."""
    run: Run | None = None
    if kind != Run.Kind.PACKAGE:
        waiting = Run.rows.of(case).filter(kind=kind, state=Run.State.WAITING)
        run = waiting.filter(language=language, options=options).first()
    if run is not None:
        return run
    run = Run.rows.create(
        case=case,
        kind=kind,
        mandate=opening.mandate,
        purpose=opening.purpose,
        asked_at=at,
        asked_by=opening.person,
        language=language,
        options=options,
    )
    work.enqueue(run.pk, case.pk)
    return run


@task()
def work(pk: int, case_pk: int) -> None:
    """Do the run, unless it has ended or the case is held: then whoever holds it sees to it."""
    case = Case.objects.get(pk=case_pk)
    with working_for(case):
        try:
            with held(case):
                run = Run.rows.of(case).select_related("case", "mandate").get(pk=pk)
                if run.at_work:
                    _do(run)
        except (Busy, Interrupted):
            return
        _next(case)


def take_up() -> int:
    """Ask again for every run that waits, or that a process began which is no more.

    A run that is being done is not touched, since its case is held. Returns how many there were.
    """
    count = 0
    for case in Case.objects.all():
        with working_for(case):
            count += _next(case)
    return count


def _next(case: Case) -> bool:
    """Ask again for the run of `case` that is due, if there is one and nothing is being done."""
    try:
        with held(case):
            due = Run.rows.of(case).filter(state__in=(Run.State.RUNNING, Run.State.WAITING))
            # One that was cut off before those that wait.
            run = due.order_by("state", "id").first()
    except Busy:
        return False
    if run is None:
        return False
    work.enqueue(run.pk, case.pk)
    return True


def _do(run: Run) -> None:
    now = settings.PALERMO_CLOCK
    run.tries += 1
    run.began_at = run.began_at or now()
    run.beat, run.step, run.done, run.total = now(), "", 0, 0
    run.state = Run.State.RUNNING
    run.save()
    try:
        _refuse(run)
        with Beat(run) as beat:
            DOING[run.kind](run, beat)
    except Cancelled:
        _end(run, Run.State.CANCELLED)
    except (Refused, Unreadable) as problem:
        _end(run, Run.State.FAILED, str(problem))
    except (Interrupted, DatabaseFailure):
        raise  # taken up again
    except Exception as error:
        log.exception("%s failed", run)
        _end(run, Run.State.FAILED, _broke(error))


def _refuse(run: Run) -> None:
    """Refuse a run that nobody wants any more, that never ends, or that lost its authority."""
    if run.cancel_asked_by_id is not None:
        raise Cancelled
    if run.tries > MOST_TRIES:
        raise Refused(_given_up(run.tries - 1))
    if problem := covers(run.mandate, at=settings.PALERMO_CLOCK()):
        raise Refused(problem)


def _end(run: Run, state: Run.State, trouble: str = "") -> None:
    run.state, run.trouble, run.ended_at = state, trouble, settings.PALERMO_CLOCK()
    with transaction.atomic():
        run.save(update_fields=["state", "trouble", "ended_at"])


def _given_up(tries: int) -> str:
    return _(
        "It was cut off %(tries)s times without coming to an end. Most often memory or disk space "
        "is short: ask whoever runs the node, then start it again."
    ) % {"tries": tries}


def _broke(error: Exception) -> str:
    if isinstance(error, OSError):
        return _("The disk or a file failed (%(why)s). Ask whoever runs the node.") % {
            "why": error.strerror or type(error).__name__
        }
    return _(
        "The program failed (%(kind)s). The case is as it was. The log of the node says more; "
        "please report it."
    ) % {"kind": type(error).__name__}
