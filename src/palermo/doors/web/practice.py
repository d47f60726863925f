"""A node to practise on: two units, a few people, and the practice case, investigated.

Guarantees that it fills empty nodes only, that nobody in it has a password before they choose one
by their one-time link, and that the case was brought in and investigated the way any case is.
"""

import shutil
from pathlib import Path

from django.conf import settings
from django.db import transaction

from palermo.desks.access import audit, mandates
from palermo.desks.access.accounts import invite
from palermo.desks.access.models import Case, Duty, Membership, Opening, Person, Unit
from palermo.desks.access.row_security import working_for
from palermo.desks.cases.inbox import inbox_folder
from palermo.desks.cases.material import Choices, keep_from_inbox
from palermo.desks.cases.models import Run
from palermo.desks.cases.runs import ask, work
from palermo.doors.web.serving import Tell
from palermo.model import Unreadable

REFERENCE = "PRACTICE-1"
_ITEMS = "items.parquet"
_UNITS = ("Cyber unit", "Anti-trafficking unit")
#: Username, unit, duty in the node, role in the case.
_PEOPLE = (
    ("lead", 0, None, "lead"),
    ("investigator", 1, None, "investigator"),
    ("analyst", 0, None, "analyst"),
    ("second", 1, None, "second"),
    ("registrar", 1, "registrar", None),
    ("officer", 1, "data-protection-officer", None),
    ("approver", 1, "approver", None),
)


def fill(source: Path, *, base: str, tell: Tell) -> None:
    """Fill the node with the practice case in `source`, unless that was done; tell the links.

    Raises:
        Unreadable: `source` is no practice case, or the node is in use already.
    """
    case = Case.objects.filter(reference=REFERENCE).first()
    if case is None:
        if Case.objects.exists():
            raise Unreadable("this node is in use; practise on a new one (--node FOLDER)")
        if not (source / _ITEMS).is_file():
            raise Unreadable(f"{source}: expected a practice case: palermo scenario sirocco --out")
        case = _made(source)
        tell(f"Investigating the practice case {REFERENCE} ...")
        _investigated(case, source)
    _tell_links(base, tell)


def _made(source: Path) -> Case:
    at = settings.PALERMO_CLOCK()
    with transaction.atomic():
        units = [Unit.objects.create(name=name) for name in _UNITS]
        people = {}
        for username, unit, duty, _ in _PEOPLE:
            person = Person(username=username, full_name=username.title(), unit=units[unit])
            person.set_unusable_password()
            person.save()
            people[username] = person
            if duty:
                Duty.objects.create(person=person, duty=duty, given_at=at)
        case = Case.objects.create(
            reference=REFERENCE,
            title="Sirocco (all of it is fictional)",
            unit=units[0],
            created_at=at,
            created_by=people["registrar"],
        )
        mandates.add(case, (source / "authority.yaml").read_bytes(), by=people["registrar"], at=at)
        for username, _, _, role in _PEOPLE:
            if role:
                Membership.objects.create(
                    person=people[username],
                    case=case,
                    role=role,
                    since=at,
                    added_by=people["registrar"],
                )
        act = audit.Act(kind=audit.Kind.ALTERATION, what="practice case made", case=case)
        audit.record(act, by=None, at=at)
    return case


def _investigated(case: Case, source: Path) -> None:
    """Bring the items in through the inbox and investigate, as the lead would."""
    at = settings.PALERMO_CLOCK()
    lead = Person.objects.get(username="lead")
    inbox = inbox_folder() / case.key
    inbox.mkdir(parents=True)
    shutil.copyfile(source / _ITEMS, inbox / _ITEMS)
    place = f"{case.key}/{_ITEMS}"
    with working_for(case):
        brought = keep_from_inbox(case, [place], Choices(), by=lead, at=at)
    shutil.rmtree(inbox)
    for name, why in brought.refused:
        raise Unreadable(f"{name}: {why}")
    with transaction.atomic(), working_for(case):
        opening = Opening.objects.create(
            person=lead,
            case=case,
            mandate=case.mandates.get(),
            purpose="investigate",
            reason="practice",
            opened_at=at,
            ends=at,
        )
        run = ask(case, opening, at=at)
    work.call(run.pk, case.pk)
    with working_for(case):
        done = Run.rows.of(case).get(pk=run.pk)
    if done.state != Run.State.DONE:
        raise Unreadable(f"the practice case could not be investigated: {done.trouble}")


def _tell_links(base: str, tell: Tell) -> None:
    at = settings.PALERMO_CLOCK()
    waiting = Person.objects.filter(username__in=[one[0] for one in _PEOPLE])
    links = [
        (one.username, f"{base}/invitation/{invite(one, at=at)}/")
        for one in waiting.order_by("id")
        if not one.has_usable_password()
    ]
    if links:
        tell("People of the practice case; each chooses a password by their link, once:")
    for username, link in links:
        tell(f"  {username:<14}{link}")
