"""The audit: what is in it, who reads it, and that whatever is done behind its back is found."""

import sqlite3
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction
from django.test import Client
from django.urls import reverse
from tests.desks.access.conftest import World
from tests.desks.access.world import AT, person, signed_in
from tests.desks.cluster import Database

from palermo.desks.access import audit
from palermo.desks.access.audit import Act, Kind, record, verify_audit
from palermo.desks.access.models import AuditEntry, Person
from palermo.model import Refused


@pytest.fixture
def officer(world: World) -> Client:
    return signed_in(world["data-protection-officer"])


def acts(by: Person, number: int = 1, **more: object) -> list[AuditEntry]:
    values: dict[str, object] = {"kind": Kind.CONSULTATION, "what": "item", **more}
    return [
        record(Act(**values, of=str(n)), by=by, at=AT)  # type: ignore[arg-type]
        for n in range(number)
    ]


def behind_the_back(statement: str, *values: Any) -> None:
    """Change the database as somebody would who can write its file: without the fence."""
    with connection.cursor() as cursor:
        for what in ("UPDATE", "DELETE"):
            cursor.execute(f"DROP TRIGGER IF EXISTS access_auditentry_keep_{what}")
        cursor.execute(statement, values)


# --- It is written once ----------------------------------------------------------------------


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE access_auditentry SET what = 'nothing'",
        "DELETE FROM access_auditentry",
        "UPDATE access_auditentry SET person_id = NULL",
    ],
)
def test_the_database_refuses_to_change_an_entry(world: World, statement: str) -> None:
    acts(world["lead"])
    with (
        pytest.raises(DatabaseError, match="append-only"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(statement)
    assert AuditEntry.objects.get().what == "item"


def test_the_orm_meets_the_same_fence(world: World) -> None:
    (entry,) = acts(world["lead"])
    entry.what = "other"
    for change in (entry.save, entry.delete, AuditEntry.objects.all().delete):
        with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
            change()


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE access_auditentry SET what = 'nothing'",
        "DELETE FROM access_auditentry",
        "TRUNCATE access_auditentry CASCADE",
    ],
)
def test_postgresql_refuses_too(
    postgres: Database, clock: Callable[[datetime], None], statement: str
) -> None:
    acts(person("ines"))
    with (
        pytest.raises(DatabaseError, match="append-only"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(statement)
    assert list(verify_audit())[-1:] != ["entry 0: stands beside the log and not in it"]
    assert AuditEntry.objects.get().what == "item"


# --- What is done behind its back ------------------------------------------------------------


def test_an_audit_that_nobody_touched_holds(world: World, own_log: Path) -> None:
    acts(world["lead"], 3, reason="ناصر", detail={"n": [1, None]}, case=world.case)
    record(Act(kind=Kind.ACCESS, what="first administrator invited"), by=None, at=AT)
    assert list(verify_audit()) == []


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("what", "nothing"),
        ("of", "2"),
        ("reason", "other"),
        ("purpose", "protect"),
        ("recipient", "somebody"),
        ("kind", "access"),
        ("at", "2026-03-02 10:00:00"),
        ("detail", "{}"),
        ("person_id", None),
        ("case_id", None),
        ("salt", b"0" * 16),
    ],
)
def test_a_changed_entry_is_found_whatever_was_changed(
    world: World, own_log: Path, column: str, value: object
) -> None:
    entry = acts(world["lead"], 3, case=world.case, detail={"a": 1}, purpose="investigate")[1]
    behind_the_back(
        f'UPDATE access_auditentry SET "{column}" = %s WHERE seq = %s',  # noqa: S608
        value,
        entry.seq,
    )
    assert list(verify_audit()) == [
        f"entry {entry.seq}: its words were changed after they were logged"
    ]


def test_two_entries_that_changed_places_are_both_found(world: World, own_log: Path) -> None:
    first, second = acts(world["lead"], 2)
    for old, new in ((first.seq, 999), (second.seq, first.seq), (999, second.seq)):
        behind_the_back("UPDATE access_auditentry SET seq = %s WHERE seq = %s", new, old)
    assert len(list(verify_audit())) == 2


def test_removed_entries_are_found(world: World, own_log: Path) -> None:
    first, second, last = acts(world["lead"], 3)
    for gone in (first, last):
        behind_the_back("DELETE FROM access_auditentry WHERE seq = %s", gone.seq)
    assert list(verify_audit()) == [
        f"entry {seq}: its words are missing (removed, or the act failed)"
        for seq in (first.seq, last.seq)
    ]
    assert AuditEntry.objects.get() == second


def test_added_entries_are_found(world: World, own_log: Path) -> None:
    (entry,) = acts(world["lead"])
    for seq in (entry.seq + 1, 10**6):
        entry.pk, entry.seq = None, seq
        entry.save(force_insert=True)
    assert list(verify_audit()) == [
        f"entry {seq}: stands beside the log and not in it" for seq in (1, 10**6)
    ]


def test_an_act_that_failed_after_it_was_logged_is_told_as_that(
    world: World, own_log: Path
) -> None:
    def act_and_fail() -> None:
        with transaction.atomic():
            acts(world["lead"])
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        act_and_fail()
    assert list(verify_audit()) == ["entry 0: its words are missing (removed, or the act failed)"]


@pytest.mark.django_db(transaction=True)
def test_a_database_that_was_set_back_is_found(
    own_log: Path, clock: Callable[[datetime], None], tmp_path: Path
) -> None:
    """The database as it was yesterday, over the log of today: the looks since then show."""
    who = person("ines")
    acts(who, 2)
    connection.ensure_connection()
    kept = sqlite3.connect(tmp_path / "yesterday.sqlite3")
    connection.connection.backup(kept)
    lost = acts(who, 2)
    kept.backup(connection.connection)
    kept.close()
    assert AuditEntry.objects.count() == 2
    assert list(verify_audit()) == [
        f"entry {one.seq}: its words are missing (removed, or the act failed)" for one in lost
    ]


def test_a_log_that_was_cut_is_refused(world: World, own_log: Path) -> None:
    acts(world["lead"], 3)
    path = audit._log().path
    audit._log().close()
    audit._own.folder = None
    with sqlite3.connect(path) as log:
        fences = log.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall()
        for (name,) in fences:
            log.execute(f"DROP TRIGGER {name}")
        log.execute("DELETE FROM custody WHERE seq = 2")
    with pytest.raises(Refused, match="1 of its events are gone"):
        list(verify_audit())


def test_the_page_says_whether_it_holds(world: World, own_log: Path, officer: Client) -> None:
    entry = acts(world["lead"])[0]
    there = reverse("access:audit_verify")
    assert "Every entry agrees with the log." in officer.post(there).content.decode()
    behind_the_back("UPDATE access_auditentry SET what = 'x' WHERE seq = %s", entry.seq)
    page = officer.post(there).content.decode()
    assert "1 entry does not agree with the log." in page
    assert f"entry {entry.seq}: its words were changed" in page
