"""The database of the desks in a backup: copied as of one moment, while the node runs.

Guarantees that copy and custody log are of the same moment (`access.standstill`), and that the copy
holds the rows of every case: on PostgreSQL a role that row security keeps from some of them is told
so by an error, and never makes a copy that lacks them in silence.

SQLite is copied with its online backup. PostgreSQL is dumped by `pg_dump` from an exported snapshot
and restored by `pg_restore`, which must be of the server's version or newer.
"""

import os
import re
import shutil
import sqlite3
import subprocess
from collections.abc import Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg
from psycopg import sql

from palermo.evidence import log_size
from palermo.model import Refused, Unreadable

#: Tells PostgreSQL's row security that this session works for no single case.
EVERY_CASE = "-c palermo.case=every"
SQLITE_FILE, DUMP_FILE = "palermo.sqlite3", "database.dump"
_DEBIAN = Path("/usr/lib/postgresql")
#: Somebody who lands a large run holds SQLite's only write lock for minutes.
_PATIENCE_MS = 15 * 60 * 1000
_IN_WORK = (
    "SELECT DISTINCT c.key FROM cases_run r JOIN access_case c ON c.id = r.case_id "
    "WHERE r.state IN ('waiting', 'running') ORDER BY c.key"
)
_MIGRATIONS = "SELECT app, name FROM django_migrations ORDER BY app, name"

Settings = Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Copied:
    """A copy of the database: its file, what the log held at that moment, and what it holds."""

    kind: str
    file: Path
    log_size: int
    rows: dict[str, int]
    migrations: list[list[str]]
    in_work: list[str]


def copy_database(settings: Settings, log: Path, scratch: Path) -> Copied:
    """Copy the database that Django's `settings` name into `scratch`.

    Raises:
        Unreadable: it cannot be copied now, or a tool is missing.
    """
    postgresql = str(settings["ENGINE"]).endswith("postgresql")
    return (_copy_postgresql if postgresql else _copy_sqlite)(settings, log, scratch)


def count_rows(settings: Settings) -> dict[str, int]:
    """Return how many rows each table has."""
    if str(settings["ENGINE"]).endswith("postgresql"):
        with psycopg.connect(**connection_of(settings)) as database:
            return _postgresql_rows(database)
    with closing(sqlite3.connect(settings["NAME"])) as file:
        return _sqlite_rows(file)


def connection_of(settings: Settings) -> dict[str, Any]:
    """Return the arguments of a connection that may see the rows of every case."""
    named = {
        "dbname": settings["NAME"],
        "user": settings.get("USER"),
        "password": settings.get("PASSWORD"),
        "host": settings.get("HOST"),
        "port": settings.get("PORT"),
    }
    return {"options": EVERY_CASE, **{name: value for name, value in named.items() if value}}


def restore_postgresql(settings: Settings, dump: Path) -> None:
    """Fill an empty database from a dump, whole or not at all.

    Raises:
        Refused: there is something in the database.
        Unreadable: it cannot be filled.
    """
    with psycopg.connect(**connection_of(settings)) as database:
        version = database.info.server_version // 10000
        if tables := _postgresql_rows(database):
            raise Refused(
                f"the database {settings['NAME']} is not empty ({len(tables)} tables); a backup is "
                "restored into one that was just created"
            )
    _run(
        [
            _tool("pg_restore", version), "--single-transaction", "--exit-on-error", "--no-owner",
            "--no-privileges", "--dbname", str(settings["NAME"]), str(dump),
        ],
        settings,
    )  # fmt: skip


def newest_tool(name: str) -> tuple[Path, int] | None:
    """Return a program of PostgreSQL and its major version, the newest there is."""
    found = [Path(where) for where in (shutil.which(name),) if where]
    found += _DEBIAN.glob(f"*/bin/{name}")
    versions = [(one, _major(one)) for one in found]
    return max(versions, key=lambda pair: pair[1], default=None)


def _copy_sqlite(settings: Settings, log: Path, scratch: Path) -> Copied:
    from django.db import connection  # noqa: PLC0415  needs Django ready

    from palermo.desks.access.standstill import standstill  # noqa: PLC0415

    target = scratch / SQLITE_FILE
    with connection.cursor() as cursor:
        cursor.execute(f"PRAGMA busy_timeout = {_PATIENCE_MS}")
    with (
        closing(sqlite3.connect(settings["NAME"], timeout=60, isolation_level=None)) as source,
        closing(sqlite3.connect(target, isolation_level=None)) as copy,
    ):
        with standstill():
            size = log_size(log)
            # The first reading pins what this transaction sees, however many write afterwards.
            source.execute("BEGIN")
            source.execute("SELECT count(*) FROM sqlite_schema").fetchall()
        source.backup(copy)
        source.execute("COMMIT")
        copy.execute("PRAGMA journal_mode = DELETE")
        if (verdict := copy.execute("PRAGMA quick_check(1)").fetchone()) != ("ok",):
            raise Unreadable(f"{settings['NAME']}: the database is damaged ({verdict[0]})")
        return Copied(
            kind="sqlite",
            file=target,
            log_size=size,
            rows=_sqlite_rows(copy),
            migrations=[list(row) for row in copy.execute(_MIGRATIONS)],
            in_work=[key for (key,) in copy.execute(_IN_WORK)],
        )


def _copy_postgresql(settings: Settings, log: Path, scratch: Path) -> Copied:
    from palermo.desks.access.standstill import standstill  # noqa: PLC0415

    target = scratch / DUMP_FILE
    with psycopg.connect(**connection_of(settings), autocommit=True) as database:
        with standstill():
            size = log_size(log)
            database.execute("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
            snapshot = database.execute("SELECT pg_export_snapshot()").fetchall()[0][0]
        _see_every_case(database)
        _run(
            [
                _tool("pg_dump", database.info.server_version // 10000), "--format=custom",
                "--no-owner", "--no-privileges", "--enable-row-security", "--lock-wait-timeout=60s",
                f"--snapshot={snapshot}", f"--file={target}",
            ],
            settings,
        )  # fmt: skip
        copied = Copied(
            kind="postgresql",
            file=target,
            log_size=size,
            rows=_postgresql_rows(database),
            migrations=[list(row) for row in database.execute(_MIGRATIONS)],
            in_work=[key for (key,) in database.execute(_IN_WORK)],
        )
        database.execute("COMMIT")
    return copied


def _see_every_case(database: psycopg.Connection[tuple[Any, ...]]) -> None:
    """See that row security hides no case from this session, where it is installed."""
    if database.execute("SELECT to_regprocedure('palermo_readable()')").fetchall()[0][0] is None:
        return
    seen, there = database.execute(
        "SELECT coalesce(cardinality(palermo_readable()), 0), (SELECT count(*) FROM access_case)"
    ).fetchall()[0]
    if seen != there:
        raise Unreadable(
            f"row security shows {seen} of {there} cases to this role; nothing written"
        )


def _sqlite_rows(database: sqlite3.Connection) -> dict[str, int]:
    tables = database.execute(
        "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite~_%' "
        "ESCAPE '~' ORDER BY name"
    ).fetchall()
    counted = {}
    for (name,) in tables:
        quoted = '"' + name.replace('"', '""') + '"'
        counted[name] = int(database.execute(f"SELECT count(*) FROM {quoted}").fetchone()[0])  # noqa: S608
    return counted


def _postgresql_rows(database: psycopg.Connection[tuple[Any, ...]]) -> dict[str, int]:
    tables = database.execute(
        "SELECT n.nspname, c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace "
        "WHERE c.relkind = 'r' AND n.nspname = current_schema() ORDER BY c.relname"
    ).fetchall()
    counted = {}
    for schema, name in tables:
        query = sql.SQL("SELECT count(*) FROM {}").format(sql.Identifier(schema, name))
        counted[name] = int(database.execute(query).fetchall()[0][0])
    return counted


def _tool(name: str, server: int) -> str:
    found = newest_tool(name)
    if found is None or found[1] < server:
        there = f"; the newest here is of version {found[1]}" if found else ""
        raise Unreadable(
            f"{name} of PostgreSQL {server} or newer is needed{there}: install "
            f"postgresql-client-{server}"
        )
    return str(found[0])


def _major(program: Path) -> int:
    said = subprocess.run(  # noqa: S603  a program of PostgreSQL
        [program, "--version"], capture_output=True, text=True, check=False
    ).stdout
    number = re.search(r"\) (\d+)", said)
    return int(number[1]) if number else 0


def _run(command: Sequence[str], settings: Settings) -> None:
    """Run a program of PostgreSQL; the password is in its environment, never in its arguments."""
    known = connection_of(settings)
    names = {
        "dbname": "PGDATABASE",
        "user": "PGUSER",
        "password": "PGPASSWORD",
        "host": "PGHOST",
        "port": "PGPORT",
        "options": "PGOPTIONS",
    }
    environment = {**os.environ, **{names[one]: str(value) for one, value in known.items()}}
    done = subprocess.run(  # noqa: S603  a program of PostgreSQL
        command, env=environment, capture_output=True, text=True, errors="replace", check=False
    )
    if done.returncode:
        said = " ".join((done.stderr or done.stdout).split())[:500]
        raise Unreadable(f"{Path(command[0]).name}: {said}")
