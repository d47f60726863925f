"""Writing very many rows of one table: COPY on PostgreSQL, prepared statements on SQLite.

Guarantees that rows are written as the models would write them, in the transaction of the caller,
without holding them all in memory.
"""

import hashlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import UTC, datetime
from itertools import islice
from typing import Any

import numpy as np
import numpy.typing as npt
from django.db import connection, models

_BATCH = 5000
_ELLIPSIS = "…"


def reserve(model: type[models.Model], count: int) -> npt.NDArray[np.int64]:
    """Return `count` new primary keys of `model`, which nobody else will get.

    On SQLite the caller is in a transaction, and alone in writing.
    """
    table = model._meta.db_table
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(
                "SELECT nextval(pg_get_serial_sequence(%s, 'id')) FROM generate_series(1, %s)",
                [table, count],
            )
            keys = (key for (key,) in cursor.fetchall())
            return np.fromiter(keys, dtype=np.int64, count=count)
        cursor.execute("SELECT seq FROM sqlite_sequence WHERE name = %s", [table])
        (last,) = cursor.fetchone() or (0,)
        return np.arange(last + 1, last + 1 + count, dtype=np.int64)


def write(model: type[models.Model], columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> int:
    """Write rows whose values are those of `columns`, and return how many there were.

    Columns that are not named get the default of their field. Texts longer than their field are
    shortened, so that two different ones stay different; the whole is in the exhibit.
    """
    fields = {one.column: one for one in model._meta.concrete_fields}
    given = [fields[name] for name in columns]
    rest = [one for name, one in fields.items() if name not in columns and not one.primary_key]
    constants = [one.get_db_prep_save(one.get_default(), connection) for one in rest]
    prepare = [_prepared(one) for one in given]
    names = [str(one.column) for one in [*given, *rest]]

    def prepared() -> Iterator[list[Any]]:
        for row in rows:
            yield [
                value if make is None or value is None else make(value)
                for make, value in zip(prepare, row, strict=True)
            ] + constants

    table = model._meta.db_table
    send = _copy if connection.vendor == "postgresql" else _insert
    return send(table, names, prepared())


def clear(model: type[models.Model], case: int) -> None:
    """Delete the rows of a case. Rows that point at them must be gone already."""
    table = connection.ops.quote_name(model._meta.db_table)
    with connection.cursor() as cursor:
        cursor.execute(f"DELETE FROM {table} WHERE case_id = %s", [case])  # noqa: S608  our name


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


def _copy(table: str, names: Sequence[str], rows: Iterable[Sequence[Any]]) -> int:
    quote = connection.ops.quote_name
    statement = f"COPY {quote(table)} ({', '.join(map(quote, names))}) FROM STDIN"
    count = 0
    with connection.cursor() as cursor, cursor.copy(statement) as copy:
        for row in rows:
            copy.write_row(row)
            count += 1
    return count


def _insert(table: str, names: Sequence[str], rows: Iterable[Sequence[Any]]) -> int:
    quote = connection.ops.quote_name
    marks = ", ".join(["%s"] * len(names))
    statement = f"INSERT INTO {quote(table)} ({', '.join(map(quote, names))}) VALUES ({marks})"  # noqa: S608
    count, left = 0, iter(rows)
    with connection.cursor() as cursor:
        while batch := list(islice(left, _BATCH)):
            cursor.executemany(statement, batch)
            count += len(batch)
    return count


def _prepared(field: models.Field[Any, Any]) -> Callable[[Any], Any] | None:
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
