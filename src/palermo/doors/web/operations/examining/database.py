"""Checks of the database: reachable, up to date, sound, and behind its second wall."""

import shutil
from collections.abc import Iterator
from typing import Any

from palermo.doors.web.operations.databases import newest_tool
from palermo.doors.web.operations.examining.checks import CannotTell, Seen, first


def reachable(seen: Seen) -> Iterator[str]:
    """There is an answer."""
    if problem := seen.troubles.get("database"):
        yield problem


def migrated(_: Seen) -> Iterator[str]:
    """The tables are those of this version."""
    from django.db import connection  # noqa: PLC0415  needs Django ready
    from django.db.migrations.executor import MigrationExecutor  # noqa: PLC0415

    executor = MigrationExecutor(connection)
    waiting = executor.migration_plan(executor.loader.graph.leaf_nodes())
    yield from first(f"not applied: {one.app_label} {one.name}" for one, _back in waiting)
    unknown = sorted(
        f"{app} {name}"
        for app, name in executor.loader.applied_migrations
        if app in executor.loader.migrated_apps
        and (app, name) not in executor.loader.disk_migrations
    )
    yield from first(f"applied by a newer version of the program: {one}" for one in unknown)


def sound(seen: Seen) -> Iterator[str]:
    """SQLite finds no damage; with --deep it compares the indexes as well."""
    _only("sqlite", "PostgreSQL watches over its own files (data checksums, pg_amcheck)")
    check = "integrity_check" if seen.deep else "quick_check"
    yield from (one for (one,) in _rows(f"PRAGMA {check}(5)") if one != "ok")


def role(_: Seen) -> Iterator[str]:
    """Row security stops the role that the desks use."""
    _only("postgresql")
    from django.db import connection  # noqa: PLC0415  needs Django ready

    from palermo.desks.access.row_security import role_problem  # noqa: PLC0415

    if problem := role_problem(connection):
        yield problem


def owner(_: Seen) -> Iterator[str]:
    """The role that the desks use does not own their tables."""
    _only("postgresql")
    ((number,),) = _rows(
        "SELECT count(*) FROM pg_tables WHERE schemaname = current_schema() "
        "AND tableowner = current_user"
    )
    if number:
        yield f"the role of the desks owns {number} tables, and could take the wall down"


def row_security(_: Seen) -> Iterator[str]:
    """Every table of cases has forced row security, and its policies."""
    from django.db import connection  # noqa: PLC0415  needs Django ready

    from palermo.desks.access.row_security import unprotected  # noqa: PLC0415

    _only("postgresql")
    yield from first(f"{one}: is not behind the wall" for one in unprotected(connection))


def tools(_: Seen) -> Iterator[str]:
    """pg_dump and pg_restore are of the server's version or newer."""
    _only("postgresql")
    ((version,),) = _rows("SELECT current_setting('server_version_num')::int / 10000")
    for name in ("pg_dump", "pg_restore"):
        found = newest_tool(name)
        if found is None or found[1] < version:
            yield f"{name} of version {version} or newer is missing"


def programs(_: Seen) -> Iterator[str]:
    """The programs of optional parts are there."""
    for names, use in (
        (("chromium", "chromium-browser", "google-chrome"), "capturing pages with a browser"),
        (("tor",), "capturing onion services"),
        (("java",), "Spark, for more texts than one machine holds"),
        (("openssl",), "checking time stamps by hand"),
    ):
        if not any(shutil.which(name) for name in names):
            yield f"{names[0]} is not installed; it is needed for {use}"


def _only(vendor: str, why: str = "the database is SQLite, a file of the node") -> None:
    from django.db import connection  # noqa: PLC0415  needs Django ready

    if connection.vendor != vendor:
        raise CannotTell(f"does not matter here: {why}")


def _rows(query: str) -> list[tuple[Any, ...]]:
    from django.db import connection  # noqa: PLC0415  needs Django ready

    with connection.cursor() as cursor:
        cursor.execute(query)
        return list(cursor.fetchall())
