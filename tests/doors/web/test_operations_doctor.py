"""Every check of `palermo doctor` fails when what it looks at is spoiled, and only then."""

import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from django.conf import settings as django_settings
from tests.doors.web.doctoring import BY_ID, outcome, seen
from tests.doors.web.operating import PASSWORD, copied, palermo
from tests.doors.web.test_operations_doctor_folder import FOLDER, SETTINGS

from palermo.doors.web.operations.examining import (
    CHECKS,
    CannotTell,
    Check,
    Outcome,
    Seen,
    Severity,
    examine,
)
from palermo.doors.web.operations.proving import prove_audit

#: Spoiled on a real PostgreSQL in test_operations_postgresql.py, or by somebody else's tests.
ELSEWHERE = {
    "database-role",
    "row-security",
    "database-owner",
    "database-tools",
    "database-reachable",
    "database-migrated",
    "database-sound",
    "worker",
    "deploy-check",
}


def test_every_check_is_spoiled_by_a_test_and_told_in_full() -> None:
    assert len(BY_ID) == len(CHECKS)
    assert BY_ID.keys() == ELSEWHERE | FOLDER.keys() | SETTINGS.keys() | ROWS.keys()
    for check in CHECKS:
        assert check.why.endswith(".") or check.why.endswith(";"), check.id
        assert check.what
        assert check.mend


# --- what is on record


@pytest.fixture
def recorded(db: None) -> SimpleNamespace:
    """A database in which all is well."""
    from allauth.mfa.models import Authenticator

    from palermo.desks.access import audit
    from palermo.desks.access.models import Case, Duty, Mandate, Person, Unit

    now = datetime.now(UTC)
    people = {}
    for name, duty in (
        ("first", "administrator"),
        ("second", "administrator"),
        ("officer", "data-protection-officer"),
    ):
        people[name] = person = Person.objects.create_user(name, password=PASSWORD)
        Duty.objects.create(person=person, duty=duty, given_at=now)
        Authenticator.objects.create(user=person, type="totp", data={})
    Person.objects.create(username="invited, and never came")
    case = Case.objects.create(
        reference="R",
        title="T",
        unit=Unit.objects.create(name="U"),
        created_at=now,
        created_by=people["first"],
    )
    mandate = Mandate.objects.create(
        case=case,
        document=b"",
        sha256="",
        power="p",
        legal_basis="l",
        purpose="p",
        begins=now - timedelta(days=1),
        ends=now + timedelta(days=90),
        added_at=now,
        added_by=people["first"],
    )
    act = audit.Act(kind=audit.Kind.ACCESS, what="backup", detail={"encrypted": True})
    audit.record(act, by=None, at=now)
    return SimpleNamespace(now=now, case=case, mandate=mandate, **people)


def _end_duty(duty: str) -> Callable[[Any], None]:
    def spoil(made: Any) -> None:
        from palermo.desks.access.models import Duty

        held = Duty.objects.filter(duty=duty)
        held.exclude(person=None).update(ended_at=made.now)

    return spoil


def _one_left(made: Any) -> None:
    made.second.is_active = False
    made.second.save()


def _no_factor(made: Any) -> None:
    from allauth.mfa.models import Authenticator

    Authenticator.objects.filter(user=made.officer).update(type="recovery_codes")


def _ending(made: Any) -> None:
    made.mandate.ends = made.now + timedelta(days=3)
    made.mandate.save()


def _stuck(made: Any) -> None:
    from palermo.desks.cases.models import Run

    Run.rows.create(
        case=made.case,
        mandate=made.mandate,
        purpose="investigate",
        asked_at=made.now - timedelta(hours=1),
        asked_by=made.first,
        state=Run.State.RUNNING,
        beat=made.now - timedelta(hours=1),
    )


def _later(made: Any) -> None:
    made.now += timedelta(days=8)


def _plain(made: Any) -> None:
    from palermo.desks.access import audit

    act = audit.Act(kind=audit.Kind.ACCESS, what="backup", detail={"encrypted": False})
    audit.record(act, by=None, at=made.now)


def _changed_words(made: Any) -> None:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("DROP TRIGGER access_auditentry_keep_UPDATE")
        cursor.execute("UPDATE access_auditentry SET reason = 'changed' WHERE what = 'backup'")


ROWS: dict[str, Callable[[Any], None]] = {
    "administrators": _end_duty("administrator"),
    "second-administrator": _one_left,
    "officer": _end_duty("data-protection-officer"),
    "second-factors": _no_factor,
    "mandates": _ending,
    "runs": _stuck,
    "backups": _later,
    "backups-encrypted": _plain,
    "audit": _changed_words,
}


@pytest.mark.parametrize("name", ROWS)
def test_what_is_on_record(name: str, recorded: SimpleNamespace) -> None:
    folder = django_settings.NODE_FOLDER
    before, details = outcome(name, seen(folder, at=recorded.now))
    if name == "audit":
        # The log of the test's node is not undone with its database: compare what changes.
        assert "changed after" not in details
    else:
        assert before is Outcome.FINE, details
    ROWS[name](recorded)
    after, details = outcome(name, seen(folder, at=recorded.now))
    assert after is Outcome.FAILED
    if name == "audit":
        assert any("its words were changed" in one for one in prove_audit().damage)


# --- the frame around the checks


def test_a_check_that_breaks_hides_no_other() -> None:
    def broken(_: Seen) -> Iterator[str]:
        yield str(1 / len([]))

    def unknown(_: Seen) -> Iterator[str]:
        raise CannotTell("not here")

    def check(look: Any, needs: Any = "folder") -> Check:
        return Check(
            id="x", what="x", why="x.", mend="x", severity=Severity.ERROR, needs=needs, look=look
        )

    at = seen(Path("/"), troubles={"database": "it does not answer"})
    found = list(
        examine(
            [
                check(broken),
                check(unknown),
                check(lambda _: ()),
                check(lambda _: ["bad"]),
                check(lambda _: (), "database"),
            ],
            at,
        )
    )
    assert [one.outcome.value for one in found] == [
        "unknown",
        "unknown",
        "fine",
        "failed",
        "unknown",
    ]
    assert found[-1].details == ("it does not answer",)
    assert [one.is_error for one in found] == [False, False, False, True, False]


@pytest.mark.slow
def test_the_command_says_it_and_changes_nothing(tmp_path: Path) -> None:
    assert palermo(tmp_path, "doctor", "--node", tmp_path / "nothing").returncode == 2
    node = tmp_path / "node"
    copied(node)
    before = {path: path.stat().st_mtime_ns for path in node.rglob("*") if path.is_file()}
    fine = palermo(node, "doctor")
    assert fine.returncode == 0, fine.stdout
    assert "0 errors" in fine.stdout
    assert "WARNING  A backup was made lately (backups)" in fine.stdout
    after = {path: path.stat().st_mtime_ns for path in node.rglob("*") if path.is_file()}
    changed = {path.name for path in after if after[path] != before.get(path)}
    assert changed <= {"palermo.sqlite3-wal", "palermo.sqlite3-shm", "palermo.sqlite3"}, changed
    assert palermo(node, "doctor", "--strict").returncode == 1
    (node / "node.yaml").write_text("palermo_node: 1\ndesks: {lock: 3}\n")
    wrong = palermo(node, "doctor", "--json")
    assert wrong.returncode == 1
    checks = {one["id"]: one for one in json.loads(wrong.stdout)["checks"]}
    assert checks["settings-file"]["outcome"] == "failed"
    assert "unknown settings lock" in checks["settings-file"]["details"][0]
    assert checks["administrators"]["outcome"] == "unknown"
    assert checks["custody-log"]["outcome"] == "fine"
