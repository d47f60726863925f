"""Every check of `palermo doctor` fails when what it looks at is spoiled, and only then."""

import json
import os
import shutil
import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from django.conf import settings as django_settings
from tests.doors.web.operating import PASSWORD, copied, palermo

from palermo.doors.web.node_settings import DeskSettings
from palermo.doors.web.operations.examining import (
    CHECKS,
    CannotTell,
    Check,
    Outcome,
    Seen,
    Severity,
    examine,
)
from palermo.doors.web.operations.examining import database as database_checks
from palermo.doors.web.operations.examining import records as record_checks
from palermo.doors.web.operations.examining import web as web_checks
from palermo.doors.web.operations.proving import prove_audit
from palermo.evidence import protect

BY_ID = {one.id: one for one in CHECKS}
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
OLD = time.time() - 30 * 86400


def seen(folder: Path, desks: DeskSettings | None = None, **more: Any) -> Seen:
    """Return the node in `folder` as the doctor sees it now."""
    told: dict[str, Any] = {"at": datetime.now(UTC), "deep": True, "troubles": {}, **more}
    return Seen(folder=folder, desks=desks or DeskSettings(), **told)


def outcome(name: str, at: Seen) -> tuple[Outcome, str]:
    (finding,) = examine([BY_ID[name]], at)
    return finding.outcome, "; ".join(finding.details)


def test_every_check_is_spoiled_by_a_test_and_told_in_full() -> None:
    assert len(BY_ID) == len(CHECKS)
    assert BY_ID.keys() == ELSEWHERE | FOLDER.keys() | SETTINGS.keys() | ROWS.keys()
    for check in CHECKS:
        assert check.why.endswith(".") or check.why.endswith(";"), check.id
        assert check.what
        assert check.mend


# --- what lies in the folder


def _chmod(path: str, mode: int) -> Callable[[Path], None]:
    def spoil(node: Path) -> None:
        (node / path).chmod(mode)

    return spoil


def _write(path: str, text: str, *, old: bool = False) -> Callable[[Path], None]:
    def spoil(node: Path) -> None:
        place = node / path.replace("CASE", next((node / "cases").iterdir()).name)
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(text)
        if old:
            os.utime(place, (OLD, OLD))

    return spoil


def _protect(node: Path) -> None:
    protect(node / "keys", old=None, new=b"a passphrase")


def _passphrase(node: Path) -> None:
    path = node.with_name("passphrase")
    path.write_text("a passphrase\n")
    path.chmod(0o644)
    os.environ["PALERMO_PASSPHRASE_FILE"] = str(path)


def _set_back(node: Path) -> None:
    os.environ["PALERMO_NOW"] = "2020-01-01T00:00:00Z"


def _tamper(node: Path) -> None:
    with closing(sqlite3.connect(node / "custody.sqlite3")) as log:
        log.execute("DROP TRIGGER custody_remains")
        log.execute("DELETE FROM custody WHERE seq = (SELECT max(seq) FROM custody)")
        log.commit()


def _left(node: Path) -> None:
    (node / ".backup-0123").mkdir()
    os.utime(node / ".backup-0123", (OLD, OLD))


FOLDER: dict[str, Callable[[Path], None]] = {
    "node-folder": _chmod(".", 0o755),
    "key-modes": _chmod("keys/desks.secret", 0o640),
    "passphrase-opens": _protect,
    "passphrase-file": _passphrase,
    "keys-protected": lambda _node: None,
    "clock": _set_back,
    "clock-back": lambda _node: None,
    "disk-full": lambda _node: None,
    "disk-low": lambda _node: None,
    "unsealed": _write("cases/CASE/incoming/0001/new.csv", "text", old=True),
    "inbox": _write("inbox/forgotten.csv", "text", old=True),
    "leftovers": _left,
    "custody-log": _tamper,
    "checkpoint": lambda _node: None,
    "cases": _write("cases/CASE/case/findings.json", "{}"),
    "versions": lambda _node: None,
    "programs": lambda _node: None,
}


@pytest.fixture
def node(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    copied(tmp_path / "node")
    for name in ("PALERMO_NOW", "PALERMO_PASSPHRASE_FILE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("PALERMO_HOME", str(tmp_path / "node"))
    return tmp_path / "node"


@pytest.mark.slow
@pytest.mark.parametrize("name", FOLDER)
def test_what_lies_in_the_folder(name: str, node: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    at = seen(node)
    roomy = SimpleNamespace(free=1 << 40, total=1 << 40)
    monkeypatch.setattr(shutil, "disk_usage", lambda _path: roomy)
    if name == "keys-protected":  # the practice node has none
        assert outcome(name, at)[0] is Outcome.FAILED
        protect(node / "keys", old=None, new=b"a passphrase")
        assert outcome(name, at)[0] is Outcome.FINE
        return
    if name not in {"clock", "versions", "programs", "unsealed"}:
        assert outcome(name, at) == (Outcome.FINE, "")
    match name:
        case "clock-back":
            at = seen(node, at=datetime.now(UTC) - timedelta(days=2))
        case "disk-full" | "disk-low":
            little = SimpleNamespace(free=1 << 28, total=1 << 40)
            monkeypatch.setattr(shutil, "disk_usage", lambda _path: little)
        case "checkpoint":
            monkeypatch.setattr(record_checks, "_UNCOVERED", 1)
        case "versions":
            lock = "click==0.0.1 \\\n    --hash=sha256:00\nno-such-package==1.0\n"
            assert [*web_checks._differences(lock)][-1] == "no-such-package 1.0 is not installed"
            assert any("tested is 0.0.1" in one for one in web_checks._differences(lock))
            return
        case "programs":
            monkeypatch.setattr(shutil, "which", lambda _name: None)
            assert len([*database_checks.programs(at)]) == 4
            return
    for variable in ("PALERMO_NOW", "PALERMO_PASSPHRASE_FILE"):
        monkeypatch.setenv(variable, "")  # so that it is put back
        monkeypatch.delenv(variable)
    FOLDER[name](node)
    found, details = outcome(name, at)
    assert found is Outcome.FAILED, details
    assert details


# --- what is set

SETTINGS: dict[str, tuple[DeskSettings, dict[str, Any]]] = {
    "settings-file": (DeskSettings(), {"troubles": {"settings": "node.yaml: what is wrong"}}),
    "settings-secret": (DeskSettings(database="postgresql://role:word@host/name"), {}),
    "https": (DeskSettings(hosts=("node.example",)), {}),
    "hosts": (DeskSettings(https=True), {}),
    "cookies": (DeskSettings(https=True), {}),
}


@pytest.mark.parametrize("name", SETTINGS)
def test_what_is_set(name: str, tmp_path: Path) -> None:
    (tmp_path / "node.yaml").write_text("palermo_node: 1\n")
    (tmp_path / "node.yaml").chmod(0o644)
    assert outcome(name, seen(tmp_path))[0] is Outcome.FINE
    desks, more = SETTINGS[name]
    assert outcome(name, seen(tmp_path, desks, **more))[0] is Outcome.FAILED


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
