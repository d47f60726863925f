"""A filled node for tests of its operation, and the `palermo` command run on it as a process.

    PALERMO_HOME=folder python -m tests.doors.web.operating

fills the node of `PALERMO_HOME`: people with second factors, a case on Sirocco that was run.
"""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from palermo.desks.access.models import Person

ROOT = Path(__file__).resolve().parents[3]
COMMAND = "from palermo.doors.cli import main; main()"
PASSWORD = "correct-horse-battery"  # noqa: S105  of made-up people
SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"  # noqa: S105  of their authenticator apps
DUTIES = {
    "lead": ("registrar",),
    "administrator": ("administrator",),
    "other": ("administrator",),
    "officer": ("data-protection-officer",),
}


def environment(node: Path, **more: str) -> dict[str, str]:
    """Return the environment of a process that works on `node`."""
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("PALERMO_", "DJANGO_", "PG"))
    }
    return {**kept, "PALERMO_HOME": str(node), "PYTHONPATH": f"{ROOT / 'src'}:{ROOT}", **more}


def palermo(node: Path, *arguments: str | Path, **more: str) -> "subprocess.CompletedProcess[str]":
    """Run the command and return what it said and its exit code."""
    return subprocess.run(
        [sys.executable, "-c", COMMAND, *map(str, arguments)],
        env=environment(node, **more),
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )


def fill(node: Path, *, size: int = 120, **more: str) -> dict[str, Any]:
    """Fill `node` in a process of its own; return what it is about."""
    node.mkdir(mode=0o700, exist_ok=True)
    done = subprocess.run(
        [sys.executable, "-m", "tests.doors.web.operating", str(size)],
        env=environment(node, **more),
        cwd=ROOT,
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    facts: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return facts


def main() -> None:
    from palermo.doors.web.serving import prepare

    prepare()
    from django.conf import settings
    from django.core.files.uploadedfile import SimpleUploadedFile

    from palermo.desks.access import mandates
    from palermo.desks.access.accounts import invite
    from palermo.desks.access.models import Case, Membership, Opening, Person, Unit
    from palermo.desks.cases.models import Item
    from palermo.desks.cases.runs import ask, keep, work
    from palermo.scenario import SCENARIOS

    at = settings.PALERMO_CLOCK()
    practice = Path(settings.NODE_FOLDER) / "inbox" / "sirocco"
    SCENARIOS["sirocco"](practice, size=int(sys.argv[1]), seed=1)
    people = {name: _person(name, held) for name, held in DUTIES.items()}
    lead = people["lead"]
    case = Case.objects.create(
        reference="SIROCCO-1",
        title="Offers from the same hands",
        unit=Unit.objects.create(name="Cyber unit"),
        created_at=at,
        created_by=lead,
    )
    mandate = mandates.add(case, (practice / "authority.yaml").read_bytes(), by=lead, at=at)
    Membership.objects.create(person=lead, case=case, role="lead", since=at, added_by=lead)
    opening = Opening.objects.create(
        person=lead, case=case, mandate=mandate, purpose="investigate", opened_at=at, ends=at
    )
    upload = SimpleUploadedFile("items.parquet", (practice / "items.parquet").read_bytes())
    keep(case, upload, lead, at)
    run = ask(case, opening, at=at)
    work.call(run.pk)
    run.refresh_from_db()
    assert run.state == "done", run.trouble
    token = invite(Person.objects.create(username="invited"), at=at)
    item = Item.rows.of(case).exclude(text="").order_by("pk").first()
    assert item is not None
    facts = {"case": case.key, "run": run.pk, "invitation": token, "item": item.pk}
    sys.stdout.write(json.dumps({**facts, "text": item.text}) + "\n")


def _person(name: str, held: tuple[str, ...]) -> "Person":
    from allauth.mfa.totp.internal.auth import TOTP
    from django.conf import settings

    from palermo.desks.access import audit
    from palermo.desks.access.models import Duty, Person

    at = settings.PALERMO_CLOCK()
    person = Person.objects.create_user(name, password=PASSWORD, full_name=name.title())
    for duty in held:
        Duty.objects.create(person=person, duty=duty, given_at=at)
    act = audit.Act(kind=audit.Kind.ACCESS, what="account", of=str(person.handle))
    audit.record(act, by=None, at=at)
    TOTP.activate(person, SECRET)
    return person


if __name__ == "__main__":
    main()
