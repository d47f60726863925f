"""The second wall, on a real PostgreSQL: what it shows and refuses, and that nothing is outside.

The database is asked as the plain role that the desks use, always without `visible_cases`: these
are the queries of a page whose author forgot it.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.apps import apps
from django.core.checks import Error
from django.db import (
    DEFAULT_DB_ALIAS,
    DatabaseError,
    ProgrammingError,
    connection,
    connections,
    transaction,
)
from tests.desks.access.two_cases import Two, note, notes
from tests.desks.access.world import AT, DAY, case
from tests.desks.cluster import Database, django_on

from palermo.desks.access.checks import row_security as check
from palermo.desks.access.models import Case
from palermo.desks.access.row_security import (
    install,
    policies,
    show_nobody,
    tables_of_cases,
    unprotected,
    working_for,
)
from palermo.desks.access.rows import CaseRow
from palermo.desks.cases.models import Note

pytestmark = pytest.mark.usefixtures("postgres")


@pytest.fixture
def two(postgres: Database) -> Two:
    return Two()


def test_a_connection_that_was_told_nothing_sees_nothing_and_writes_nothing(two: Two) -> None:
    assert notes() == []
    with pytest.raises(ProgrammingError, match="row-level security"):
        note(two.first, two.ines, "slipped in")


def test_a_query_that_forgot_the_function_shows_the_open_case_alone(two: Two) -> None:
    two.show(two.ines)
    assert notes() == ["in 2026-0001"]
    two.show(two.omar)
    assert notes() == ["in 2026-0002"]
    two.show(two.ines, AT + DAY)
    assert notes() == []
    show_nobody()
    assert notes() == []


def test_sql_by_hand_is_held_back_too(two: Two) -> None:
    two.show(two.ines)
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM cases_note")
        assert cursor.fetchone() == (1,)
        cursor.execute("SELECT text FROM cases_note WHERE case_id = %s", [two.second.pk])
        assert cursor.fetchall() == []


def test_a_row_cannot_be_written_into_or_moved_to_another_case(two: Two) -> None:
    two.show(two.ines)
    with pytest.raises(ProgrammingError, match="row-level security"):
        note(two.second, two.ines, "across")
    mine = note(two.first, two.ines, "mine")
    with pytest.raises(ProgrammingError, match="row-level security"):
        Note.rows.filter(pk=mine.pk).update(case=two.second)
    assert Note.rows.filter(case=two.second).update(text="changed") == 0
    assert Note.rows.filter(text="in 2026-0002").delete() == (0, {})
    with working_for(None):
        assert notes() == ["in 2026-0001", "in 2026-0002", "mine"]


def test_who_may_only_look_changes_nothing(two: Two) -> None:
    two.show(two.omar)
    assert notes() == ["in 2026-0002"]
    with pytest.raises(ProgrammingError, match="row-level security"):
        note(two.second, two.omar, "an examiner writes")
    assert Note.rows.update(text="changed") == 0
    assert Note.rows.all().delete()[0] == 0


def test_nothing_is_written_into_a_closed_case(two: Two) -> None:
    Case.objects.filter(pk=two.first.pk).update(status="closed")
    two.show(two.ines)
    assert notes() == ["in 2026-0001"]
    with pytest.raises(ProgrammingError, match="row-level security"):
        note(two.first, two.ines, "late")


def test_work_for_a_case_sees_that_case_and_gives_back_what_was_told(two: Two) -> None:
    two.show(two.omar)
    with working_for(two.first):
        assert notes() == ["in 2026-0001"]
        with working_for(None):
            assert len(notes()) == 2
        assert notes() == ["in 2026-0001"]
        with pytest.raises(ProgrammingError, match="row-level security"):
            note(two.second, two.omar, "a task of another case")
    assert notes() == ["in 2026-0002"]


def test_work_whose_transaction_fails_leaves_nobody_told_more_than_before(two: Two) -> None:
    two.show(two.omar)
    with pytest.raises(DatabaseError), transaction.atomic(), working_for(two.first):
        connection.cursor().execute("SELECT 1 / 0")
    assert notes() == ["in 2026-0002"]
    show_nobody()
    with pytest.raises(DatabaseError), working_for(two.first), transaction.atomic():
        connection.cursor().execute("SELECT 1 / 0")
    assert notes() == []


def test_a_new_connection_was_told_nothing(two: Two) -> None:
    two.show(two.ines)
    connection.close()
    assert notes() == []
    with working_for(two.second):
        assert notes() == ["in 2026-0002"]
    assert notes() == []


def test_every_table_of_cases_is_behind_the_wall() -> None:
    tables = {model._meta.db_table for model in tables_of_cases()}
    assert tables >= {"cases_item", "cases_note", "cases_run", "cases_decision"}
    assert unprotected(connections[DEFAULT_DB_ALIAS]) == []
    columns = {
        model._meta.db_table
        for model in apps.get_models()
        if any(one.name == "case" and one.related_model is Case for one in model._meta.fields)
        and model._meta.app_label != "access"
    }
    # Whoever is offered a case is no member of it yet and must see the offer, which says only what
    # the case is called: `hand_overs` shows it to those it names.
    columns -= {"cases_handover"}
    assert columns <= tables, "a table with a case that is no CaseRow is outside the wall"


def test_a_table_that_lost_a_policy_or_its_force_is_found_by_the_check_and_by_install() -> None:
    assert check([DEFAULT_DB_ALIAS]) == []
    for damage in (
        'DROP POLICY palermo_update ON "cases_note"',
        'ALTER TABLE "cases_note" NO FORCE ROW LEVEL SECURITY',
        'ALTER TABLE "cases_note" DISABLE ROW LEVEL SECURITY',
    ):
        with connection.cursor() as cursor:
            cursor.execute(damage)
        assert unprotected(connections[DEFAULT_DB_ALIAS]) == ["cases_note"]
        (problem,) = check([DEFAULT_DB_ALIAS])
        assert isinstance(problem, Error)
        assert "cases_note" in str(problem)
        install(connections[DEFAULT_DB_ALIAS])
        assert check([DEFAULT_DB_ALIAS]) == []


def test_a_table_made_without_a_policy_would_be_found(monkeypatch: pytest.MonkeyPatch) -> None:
    with connection.cursor() as cursor:
        cursor.execute("CREATE TABLE cases_new (id bigint, case_id bigint)")
    new: Any = type(
        "New",
        (CaseRow,),
        {
            "__module__": "palermo.desks.cases.models",
            "Meta": type("Meta", (CaseRow.Meta,), {"app_label": "cases", "db_table": "cases_new"}),
        },
    )
    try:
        assert unprotected(connections[DEFAULT_DB_ALIAS]) == ["cases_new"]
        with connection.cursor() as cursor:
            cursor.execute("".join(policies("cases_new")))
        assert unprotected(connections[DEFAULT_DB_ALIAS]) == []
    finally:
        del apps.all_models["cases"]["new"]
        apps.clear_cache()
        assert new._meta.db_table not in {one._meta.db_table for one in tables_of_cases()}


def test_a_superuser_and_a_role_that_bypasses_are_refused(postgres: Database) -> None:
    with postgres.connect("superuser") as server:
        server.execute(f"ALTER ROLE {connection.settings_dict['USER']} BYPASSRLS")
        try:
            (problem,) = check([DEFAULT_DB_ALIAS])
            assert "BYPASSRLS" in str(problem)
        finally:
            server.execute(f"ALTER ROLE {connection.settings_dict['USER']} NOBYPASSRLS")
        server.execute("CREATE ROLE grand LOGIN SUPERUSER")
        try:
            with _as_role("grand", postgres):
                (problem,) = check([DEFAULT_DB_ALIAS])
                assert "superuser" in str(problem)
        finally:
            server.execute("DROP ROLE grand")
    assert check([DEFAULT_DB_ALIAS]) == []


def test_two_roles_work_as_well_the_owner_of_the_tables_and_one_who_uses_them(
    two: Two, postgres: Database
) -> None:
    with postgres.connect("superuser") as server:
        server.execute("CREATE ROLE desk LOGIN")
        server.execute(
            "GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO desk"
        )
        try:
            with _as_role("desk", postgres):
                assert check([DEFAULT_DB_ALIAS]) == []
                assert notes() == []
                two.show(two.ines)
                assert notes() == ["in 2026-0001"]
                with pytest.raises(ProgrammingError, match="must be owner"):
                    connection.cursor().execute("ALTER TABLE cases_note DISABLE ROW LEVEL SECURITY")
        finally:
            server.execute("DROP OWNED BY desk")
            server.execute("DROP ROLE desk")


@contextmanager
def _as_role(role: str, database: Database) -> Iterator[None]:
    with django_on(database):
        connection.settings_dict["USER"] = role
        yield


def test_the_wall_is_asked_once_for_a_query_and_finds_rows_by_index(two: Two) -> None:
    """The array of cases is an InitPlan, evaluated once; the rows come by an index on the case."""
    cases = [case(f"2026-1{number:03}", by=two.omar) for number in range(60)]
    with working_for(None):
        Note.rows.bulk_create(
            Note(case=one, by=two.omar, at=AT, text=str(number))
            for one in cases
            for number in range(100)
        )
    connection.cursor().execute("ANALYZE cases_note")
    two.show(two.omar)
    plan = Note.rows.filter(subject="case").order_by().explain(analyze=True)
    assert "InitPlan 1" in plan, plan
    assert "SubPlan" not in plan, plan
    assert "Index Cond: (case_id = ANY" in plan, plan
