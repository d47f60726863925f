"""Writing very many rows in place of others: COPY on PostgreSQL, prepared statements on SQLite.

Guarantees that rows are written as the models would write them and appear in one transaction; that
they are never all in memory; and that on SQLite, which has one writer at a time, the others wait
only while rows that are ready are moved into place.
"""

import hashlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from itertools import islice
from typing import Any

import numpy as np
import numpy.typing as npt
from django.db import connection, models, transaction

_BATCH = 5000
_ELLIPSIS = "…"

Rows = Iterable[Sequence[Any]]
#: Writes rows of a model whose values are those of the named columns; returns how many.
Write = Callable[[type[models.Model], Sequence[str], Rows], int]


def reserve(model: type[models.Model], count: int) -> npt.NDArray[np.int64]:
    """Return `count` new primary keys of `model`, which nobody else will get."""
    table = model._meta.db_table
    with transaction.atomic(), connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(
                "SELECT nextval(pg_get_serial_sequence(%s, 'id')) FROM generate_series(1, %s)",
                [table, count],
            )
            return np.fromiter((key for (key,) in cursor), dtype=np.int64, count=count)
        cursor.execute(
            "INSERT INTO sqlite_sequence (name, seq) SELECT %s, 0 "
            "WHERE NOT EXISTS (SELECT 1 FROM sqlite_sequence WHERE name = %s)",
            [table, table],
        )
        cursor.execute(
            "UPDATE sqlite_sequence SET seq = seq + %s WHERE name = %s RETURNING seq",
            [count, table],
        )
        (last,) = cursor.fetchone()
    return np.arange(last - count + 1, last + 1, dtype=np.int64)


@contextmanager
def replacing(
    case: int, replaced: Sequence[type[models.Model]], *, also: Callable[[], None]
) -> Iterator[Write]:
    """Yield what writes rows; at the end they stand in place of those of `case`.

    `replaced` are the models in the order in which old rows can go. `also` is called within the
    transaction when all rows are there.
    """
    if connection.vendor == "postgresql":
        with transaction.atomic():
            for model in replaced:
                clear(model, case)
            yield write
            also()
        return
    staging = _Staging()
    try:
        yield staging.write
        with transaction.atomic():
            for model in replaced:
                clear(model, case)
            staging.move()
            also()
    finally:
        staging.drop()


def write(model: type[models.Model], columns: Sequence[str], rows: Rows) -> int:
    """Write rows whose values are those of `columns`, and return how many there were.

    Columns that are not named get the default of their field. Texts longer than their field are
    shortened, so that two different ones stay different; the whole is in the exhibit.
    """
    names, ready = _ready(model, columns, rows)
    send = _copy if connection.vendor == "postgresql" else _insert
    return send(model._meta.db_table, names, ready)


def clear(model: type[models.Model], case: int) -> None:
    """Delete the rows of a case. Rows that point at them must be gone already."""
    with connection.cursor() as cursor:
        cursor.execute(f"DELETE FROM {model._meta.db_table} WHERE case_id = %s", [case])  # noqa: S608


def shortened(value: str, longest: int) -> str:
    """Return `value`, or as much of it as fits with a hash of the whole.

    >>> shortened("short", 200)
    'short'
    """
    if len(value) <= longest:
        return value
    digest = hashlib.sha256(value.encode()).hexdigest()
    keep = longest - len(digest) - 1
    return f"{value[:keep]}{_ELLIPSIS}{digest}" if keep > 0 else value[: longest - 1] + _ELLIPSIS


class _Staging:
    """Rows on their way, in temporary tables of this connection."""

    def __init__(self) -> None:
        self._columns: dict[str, list[str]] = {}

    def write(self, model: type[models.Model], columns: Sequence[str], rows: Rows) -> int:
        names, ready = _ready(model, columns, rows)
        table = model._meta.db_table
        with connection.cursor() as cursor:
            if table not in self._columns:
                self._columns[table] = names
                cursor.execute(
                    f"CREATE TEMP TABLE {_staged(table)} AS "  # noqa: S608
                    f"SELECT {_listed(names)} FROM {table} WHERE 0"
                )
            # One transaction, of the temporary database alone: it locks nobody out.
            cursor.execute("SAVEPOINT staging")
            try:
                return _insert(_staged(table), names, ready)
            finally:
                cursor.execute("RELEASE staging")

    def move(self) -> None:
        with connection.cursor() as cursor:
            for table, names in self._columns.items():
                listed = _listed(names)
                cursor.execute(
                    f"INSERT INTO {table} ({listed}) "  # noqa: S608
                    f"SELECT {listed} FROM temp.{_staged(table)} ORDER BY rowid"
                )

    def drop(self) -> None:
        with connection.cursor() as cursor:
            for table in self._columns:
                cursor.execute(f"DROP TABLE IF EXISTS temp.{_staged(table)}")
        self._columns.clear()


def _staged(table: str) -> str:
    return f"landing_{table}"


def _listed(names: Sequence[str]) -> str:
    return ", ".join(map(connection.ops.quote_name, names))


def _copy(table: str, names: Sequence[str], rows: Rows) -> int:
    """Send rows the fast way: by a table of this session, since row security takes no COPY."""
    count, listed, staged = 0, _listed(names), _staged(table)
    with connection.cursor() as cursor:
        cursor.execute(f"DROP TABLE IF EXISTS pg_temp.{staged}")
        cursor.execute(f"CREATE TEMP TABLE {staged} AS SELECT {listed} FROM {table} WHERE false")  # noqa: S608
        with cursor.copy(f"COPY {staged} ({listed}) FROM STDIN") as copy:
            for row in rows:
                copy.write_row(row)
                count += 1
        cursor.execute(f"INSERT INTO {table} ({listed}) SELECT {listed} FROM {staged}")  # noqa: S608
        cursor.execute(f"DROP TABLE {staged}")
    return count


def _insert(table: str, names: Sequence[str], rows: Rows) -> int:
    marks = ", ".join(["%s"] * len(names))
    statement = f"INSERT INTO {table} ({_listed(names)}) VALUES ({marks})"  # noqa: S608
    count, left = 0, iter(rows)
    with connection.cursor() as cursor:
        while batch := list(islice(left, _BATCH)):
            cursor.executemany(statement, batch)
            count += len(batch)
    return count


def _ready(
    model: type[models.Model], columns: Sequence[str], rows: Rows
) -> tuple[list[str], Iterator[list[Any]]]:
    """Return the columns that are written, and the rows as the database takes them."""
    fields = {str(one.column): one for one in model._meta.concrete_fields}
    given = [fields[name] for name in columns]
    rest = [one for name, one in fields.items() if name not in columns and not one.primary_key]
    constants = [one.get_db_prep_save(one.get_default(), connection) for one in rest]
    prepare = [_preparing(one) for one in given]
    ready = (
        [
            value if make is None or value is None else make(value)
            for make, value in zip(prepare, row, strict=True)
        ]
        + constants
        for row in rows
    )
    return [str(one.column) for one in [*given, *rest]], ready


def _preparing(field: models.Field[Any, Any]) -> Callable[[Any], Any] | None:
    """Return how a value of `field` is made ready, or None when it is taken as it is."""
    if isinstance(field, models.CharField | models.TextField):
        longest = field.max_length
        if longest is None:
            return _text
        return lambda value: shortened(_text(value), longest)
    if isinstance(field, models.DateTimeField):
        return None if connection.vendor == "postgresql" else _utc
    if isinstance(field, models.JSONField):
        return lambda value: field.get_db_prep_save(value, connection)
    return None


def _text(value: str) -> str:
    # PostgreSQL knows no NUL in a text. One character for one: places within the text still hold.
    return value.replace("\0", "\ufffd") if "\0" in value else value


def _utc(value: datetime) -> str:
    return str(value.astimezone(UTC).replace(tzinfo=None))
