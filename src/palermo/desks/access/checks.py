"""What must hold before the desks start on PostgreSQL: a plain role, and every table walled off."""

from collections.abc import Sequence
from typing import Any

from django.core.checks import CheckMessage, Error, Tags, register
from django.db import connections

from palermo.desks.access.row_security import role_problem, unprotected


@register(Tags.database)
def row_security(databases: Sequence[str] | None = None, **_: Any) -> list[CheckMessage]:
    """Refuse a role that row security does not stop, and tables of cases without it."""
    found: list[CheckMessage] = []
    for alias in databases or ():
        database = connections[alias]
        if database.vendor != "postgresql":
            continue
        if problem := role_problem(database):
            hint = "Connect as a role made with NOSUPERUSER NOBYPASSRLS."
            found.append(Error(f"{alias}: {problem}.", hint=hint, id="palermo.E001"))
        present = set(database.introspection.table_names())
        if open_tables := [name for name in unprotected(database) if name in present]:
            named = ", ".join(open_tables)
            found.append(
                Error(
                    f"{alias}: tables of cases without forced row security: {named}.",
                    hint="Run the migrations as the owner of the tables: they build it.",
                    id="palermo.E002",
                )
            )
    return found
