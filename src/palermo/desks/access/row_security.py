"""The second wall: PostgreSQL itself shows no row of a case to whoever may not see it.

Guarantees that a query which forgot `visible_cases` still yields only rows of cases that its person
may read at its time, and changes only rows of cases in which that person may work; and that a
connection which was told nothing sees no row of any case. The conditions of `visible_cases` are
repeated here by hand, on purpose: a test holds the two against each other.

The wall stands between people and against mistakes. It does not stand against somebody who can
write SQL of their own, since they can also write down another person's number.

A person and a time, with the token of the API that is used, or a case to work for, are told to a
connection as variables of its session. The functions below read them and give an array of cases,
once for each table in a query.
"""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from importlib.resources import files
from weakref import WeakKeyDictionary

from django.apps import apps
from django.db import DatabaseError, connections, transaction
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import Model

from palermo.desks.access.duties import duties
from palermo.desks.access.models import Case
from palermo.desks.access.models.opening import EMERGENCY_MINUTES
from palermo.desks.access.rows import CaseRow
from palermo.desks.access.visibility import IN_EMERGENCY, WITHOUT_OPENING, Viewer

#: What a session works for when it works for no single case, such as a backup.
EVERY_CASE = "every"
#: Actions that write nothing into a case, or only have the case's own work begun.
LOOKING = IN_EMERGENCY | WITHOUT_OPENING | {"verify"}
_VARIABLES = ("palermo.person", "palermo.at", "palermo.token", "palermo.case")
_NOBODY = ("", "", "", "")
#: What each connection was told last.
_TOLD: WeakKeyDictionary[BaseDatabaseWrapper, tuple[str, ...]] = WeakKeyDictionary()


def show_to(viewer: Viewer) -> None:
    """Tell the database for whom it is asked from here on, and as of when."""
    token = "" if viewer.token is None else str(viewer.token)
    _tell((str(viewer.person), viewer.at.isoformat(), token, ""))


def show_nobody() -> None:
    """Let the connection forget for whom it was asked; at the end of every request."""
    if _database().connection is not None and _told() != _NOBODY:
        _tell(_NOBODY)


@contextmanager
def working_for(case: Case | None) -> Iterator[None]:
    """Work on behalf of `case`, or of every case, in the background: no person is looking.

    For tasks, never for a page. What was said before holds again afterwards.
    """
    before = _told()
    _tell(("", "", "", EVERY_CASE if case is None else str(case.pk)))
    try:
        yield
    finally:
        try:
            _tell(before)
        except (DatabaseError, transaction.TransactionManagementError):
            # The transaction failed; undoing it takes back what was told inside it.
            _TOLD[_database()] = before


def forget_connection(connection: BaseDatabaseWrapper, **_: object) -> None:
    """Note that a new connection was told nothing yet (on Django's `connection_created`)."""
    _TOLD.pop(connection, None)


def _database() -> BaseDatabaseWrapper:
    return connections["default"]


def _told() -> tuple[str, ...]:
    return _TOLD.get(_database(), _NOBODY)


def _tell(values: tuple[str, ...]) -> None:
    database = _database()
    if database.vendor != "postgresql":
        return
    with database.cursor() as cursor:
        cursor.execute(
            "SELECT " + ", ".join("set_config(%s, %s, false)" for _ in _VARIABLES),
            [part for pair in zip(_VARIABLES, values, strict=True) for part in pair],
        )
    _TOLD[database] = values


def tables_of_cases() -> list[type[Model]]:
    """Return every model that derives from `CaseRow`, of whichever desk."""
    return [
        model for model in apps.get_models() if issubclass(model, CaseRow) and not _elsewhere(model)
    ]


def _elsewhere(model: type[Model]) -> bool:
    return model._meta.proxy or not model._meta.managed


def install(database: BaseDatabaseWrapper) -> None:
    """Build the wall, or bring it up to date; after every migration, as the owner of the tables."""
    if database.vendor != "postgresql":
        return
    with database.cursor() as cursor:
        cursor.execute(functions())
        for model in tables_of_cases():
            cursor.execute("".join(policies(model._meta.db_table)))


def functions() -> str:
    """Return the SQL of the functions, with the roles that `duties.yaml` gives."""
    text = files(__package__).joinpath("row_security.sql").read_text("utf-8")
    looking = duties().roles_with("read")
    return (
        text.replace("{{reading}}", _words(looking))
        .replace("{{working}}", _words(_roles_that_work()))
        .replace("{{minutes}}", str(EMERGENCY_MINUTES))
    )


def policies(table: str) -> Iterator[str]:
    """Yield the statements that put `table` behind the wall, its owner included."""
    yield f'ALTER TABLE "{table}" ENABLE ROW LEVEL SECURITY;\n'
    yield f'ALTER TABLE "{table}" FORCE ROW LEVEL SECURITY;\n'
    readable = "case_id = ANY ((SELECT palermo_readable())::bigint[])"
    workable = "case_id = ANY ((SELECT palermo_workable())::bigint[])"
    for name, rule in (
        ("palermo_select", f"FOR SELECT USING ({readable})"),
        ("palermo_insert", f"FOR INSERT WITH CHECK ({workable})"),
        ("palermo_update", f"FOR UPDATE USING ({workable}) WITH CHECK ({workable})"),
        ("palermo_delete", f"FOR DELETE USING ({workable})"),
    ):
        yield f'DROP POLICY IF EXISTS {name} ON "{table}";\n'
        yield f'CREATE POLICY {name} ON "{table}" {rule};\n'


def unprotected(database: BaseDatabaseWrapper) -> list[str]:
    """Return the tables of cases that are not behind the wall as they should be."""
    with database.cursor() as cursor:
        cursor.execute(
            "SELECT c.relname, count(p.polname) FROM pg_class c "
            "LEFT JOIN pg_policy p ON p.polrelid = c.oid AND p.polname LIKE 'palermo\\_%%' "
            "WHERE c.relrowsecurity AND c.relforcerowsecurity AND c.relname = ANY (%s) "
            "AND pg_table_is_visible(c.oid) GROUP BY c.relname",
            [[model._meta.db_table for model in tables_of_cases()]],
        )
        whole = {name for name, number in cursor.fetchall() if number == 4}
    return sorted(
        model._meta.db_table for model in tables_of_cases() if model._meta.db_table not in whole
    )


def role_problem(database: BaseDatabaseWrapper) -> str:
    """Return why the wall does not hold for the role that is connected; empty when it does."""
    with database.cursor() as cursor:
        cursor.execute(
            "SELECT rolsuper, rolbypassrls, rolname FROM pg_roles WHERE rolname = current_user"
        )
        superuser, bypasses, name = cursor.fetchone()
    if superuser:
        return f"the role {name} is a superuser, whom row security never stops"
    if bypasses:
        return f"the role {name} has BYPASSRLS, so that row security never stops it"
    return ""


def _roles_that_work() -> list[str]:
    """Return the roles that give any action which writes into a case."""
    writing = [one for one in duties().actions if one not in LOOKING]
    return sorted({role for action in writing for role in duties().roles_with(action)})


def _words(roles: Iterable[str]) -> str:
    """Return the roles as an array in SQL. They come from `duties.yaml`, not from people."""
    return "ARRAY[" + ", ".join("'" + role.replace("'", "''") + "'" for role in roles) + "]"
