"""Fills a node for tests of the pages: people of every duty, and a case on Sirocco that was run.

    PALERMO_HOME=folder python -m tests.doors.web.demo_node

Run as a process of its own, so that the pages are served by the real settings and the real server.
"""

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from palermo.doors.web.serving import prepare

if TYPE_CHECKING:
    from palermo.desks.access.models import Person

PASSWORD = "correct-horse-battery"  # noqa: S105  of a practice node
#: Of the authenticator app, for everybody.
SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"  # noqa: S105
DUTIES = {
    "lead": ("registrar",),
    "administrator": ("administrator",),
    "officer": ("data-protection-officer",),
    "approver": ("approver",),
    "analyst": (),
    "newcomer": (),
    "keyless": (),
}
WITHOUT_FACTOR = {"newcomer", "keyless"}


def main() -> None:
    """Fill the node; print the key of the case and the one-time part of an invitation."""
    prepare()
    from django.conf import settings
    from django.core.files.uploadedfile import SimpleUploadedFile

    from palermo.desks.access import mandates
    from palermo.desks.access.accounts import invite
    from palermo.desks.access.models import Case, Membership, Opening, Person, Unit
    from palermo.desks.cases.material import Choices, keep_uploads
    from palermo.desks.cases.runs import ask, work
    from palermo.scenario import SCENARIOS

    now = settings.PALERMO_CLOCK
    folder = Path(settings.NODE_FOLDER) / "sirocco"
    SCENARIOS["sirocco"](folder, size=300, seed=1)
    unit = Unit.objects.create(name="Cyber unit")
    people = {name: _person(name, duties) for name, duties in DUTIES.items()}
    invited = Person.objects.create(username="invited")
    lead = people["lead"]
    case = Case.objects.create(
        reference="SIROCCO-1",
        title="Offers from the same hands",
        unit=unit,
        created_at=now(),
        created_by=lead,
    )
    at = now()
    document = (folder / "authority.yaml").read_bytes()
    mandate = mandates.add(case, document, by=lead, at=at)
    for name, role in (("lead", "lead"), ("analyst", "analyst"), ("newcomer", "examiner")):
        Membership.objects.create(
            person=people[name], case=case, role=role, since=at, added_by=lead
        )
    opening = Opening.objects.create(
        person=lead,
        case=case,
        mandate=mandate,
        purpose="investigate",
        opened_at=at,
        ends=at,
    )
    upload = SimpleUploadedFile("items.parquet", (folder / "items.parquet").read_bytes())
    keep_uploads(case, [upload], Choices(), by=lead, at=at)
    run = ask(case, opening, at=at)
    work.call(run.pk, case.pk)
    run.refresh_from_db()
    assert run.state == "done", run.trouble
    facts = {
        "case": case.key,
        "run": run.pk,
        "invitation": invite(invited, at=now()),
        "codes": {name: _codes(person) for name, person in people.items()},
    }
    sys.stdout.write(json.dumps(facts) + "\n")


def _person(name: str, held: tuple[str, ...]) -> "Person":
    from allauth.mfa.totp.internal.auth import TOTP
    from django.conf import settings

    from palermo.desks.access.models import Duty, Person

    person = Person.objects.create_user(name, password=PASSWORD, full_name=name.title())
    for duty in held:
        Duty.objects.create(person=person, duty=duty, given_at=settings.PALERMO_CLOCK())
    if name not in WITHOUT_FACTOR:
        TOTP.activate(person, SECRET)
    return person


def _codes(person: "Person") -> list[str]:
    """Return recovery codes: a code of the app would serve once in half a minute."""
    from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes

    if person.username in WITHOUT_FACTOR:
        return []
    codes: list[str] = RecoveryCodes.activate(person).get_unused_codes()
    return codes


if __name__ == "__main__":
    main()
