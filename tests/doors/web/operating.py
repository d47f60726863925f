"""A filled node for tests of its operation, and the `palermo` command run on it as a process.

    PALERMO_HOME=folder python -m tests.doors.web.operating fill 120
    PALERMO_HOME=folder python -m tests.doors.web.operating write FILE

The first fills the node of `PALERMO_HOME`: people with second factors, a case on Sirocco that was
run. The second logs acts, each with a unit made in the same transaction, as fast as it can until
FILE exists.
"""

import atexit
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from functools import cache
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


def palermo(node: Path, *arguments: object, **more: str) -> "subprocess.CompletedProcess[str]":
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
        [sys.executable, "-m", "tests.doors.web.operating", "fill", str(size)],
        env=environment(node, **more),
        cwd=ROOT,
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    facts: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return facts


@cache
def filled() -> tuple[Path, dict[str, Any]]:
    """Return a filled node that nobody changes: `copied` gives a copy to work on."""
    folder = Path(tempfile.mkdtemp(prefix="palermo-filled-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return folder / "node", fill(folder / "node")


def copied(to: Path) -> dict[str, Any]:
    """Copy the filled node to `to`; return what it is about."""
    node, facts = filled()
    shutil.copytree(node, to)
    return facts


def secret_file(folder: Path, name: str = "passphrase") -> Path:
    """Write a passphrase file as it should be."""
    path = folder / name
    path.write_text(f"correct horse of {name}\n")
    path.chmod(0o600)
    return path


def _write(stop: Path) -> None:
    from palermo.doors.web.serving import set_up

    set_up()
    from django.conf import settings
    from django.contrib.sessions.backends.db import SessionStore
    from django.db import transaction

    from palermo.desks.access import audit
    from palermo.desks.access.models import Unit

    SessionStore().create()
    number = 0
    while not stop.exists():
        with transaction.atomic():
            act = audit.Act(kind=audit.Kind.ALTERATION, what="written", of=str(number))
            audit.record(act, by=None, at=settings.PALERMO_CLOCK())
            Unit.objects.create(name=f"unit {number}")
        number += 1
        sys.stdout.write(f"{number}\n")
        sys.stdout.flush()
        time.sleep(0.02)


def _fill(size: int) -> None:
    from palermo.doors.web.serving import prepare

    prepare()
    from palermo.desks.access.row_security import working_for

    with working_for(None):
        _fill_prepared(size)


def _fill_prepared(size: int) -> None:
    from django.conf import settings
    from django.core.files.uploadedfile import SimpleUploadedFile

    from palermo.desks.access import mandates
    from palermo.desks.access.accounts import invite
    from palermo.desks.access.models import Case, Membership, Opening, Person, Unit
    from palermo.desks.cases.material import Choices, keep_uploads
    from palermo.desks.cases.models import Item
    from palermo.desks.cases.runs import ask, work
    from palermo.scenario import SCENARIOS

    at = settings.PALERMO_CLOCK()
    practice = Path(settings.NODE_FOLDER) / "inbox" / "sirocco"
    SCENARIOS["sirocco"](practice, size=size, seed=1)
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
    keep_uploads(case, [upload], Choices(), by=lead, at=at)
    run = ask(case, opening, at=at)
    work.call(run.pk, case.pk)
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
    if sys.argv[1] == "fill":
        _fill(int(sys.argv[2]))
    else:
        _write(Path(sys.argv[2]))
