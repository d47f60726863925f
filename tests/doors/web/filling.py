"""Rows for every table of a state of the migrations, made from the fields alone.

So a filled database of any released shape can be made at any time, and no new table is forgotten: a
field that has no value here fails the test.
"""

import uuid
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

from django.apps.registry import Apps
from django.db import IntegrityError, models, transaction

ROWS = 3
_DAY = datetime(2026, 11, 25, 9, 30, 15, 123456, tzinfo=UTC)

Rows = dict[str, dict[Any, dict[str, Any]]]
#: What was made, by the label of its model: one model may have several classes in a state.
Made = dict[str, list[models.Model]]


def fill(apps: Apps) -> None:
    """Add rows to every table."""
    made: Made = {}
    waiting = [model for model in apps.get_models() if model._meta.managed]
    while waiting:
        ready = [model for model in waiting if _needed(model) <= made.keys()]
        assert ready, f"these tables need each other: {waiting}"
        for model in ready:
            made[model._meta.label] = [_row(model, number, made) for number in range(ROWS)]
        waiting = [model for model in waiting if model._meta.label not in made]


def contents(apps: Apps) -> Rows:
    """Return every row of every table, by table and primary key."""
    return {
        model._meta.db_table: {row[model._meta.pk.attname]: row for row in _values(model)}
        for model in apps.get_models()
        if model._meta.managed and not model._meta.proxy
    }


def differences(before: Rows, after: Rows, given_up: set[str]) -> Iterator[str]:
    """Yield what of `before` is not in `after`; `given_up` names tables and table.columns."""
    for table, rows in before.items():
        if table in given_up:
            continue
        if table not in after:
            yield f"{table} is gone"
            continue
        for key, row in rows.items():
            found = after[table].get(key)
            if found is None:
                yield f"{table} {key} is gone"
                continue
            for column, value in row.items():
                if f"{table}.{column}" in given_up:
                    continue
                if column not in found:
                    yield f"{table}.{column} is gone"
                elif found[column] != value:
                    yield f"{table} {key}: {column} was {value!r} and is {found[column]!r}"


def _values(model: type[models.Model]) -> Iterator[dict[str, Any]]:
    for row in model._base_manager.order_by("pk").values():
        yield {
            name: bytes(value) if isinstance(value, memoryview) else value
            for name, value in row.items()
        }


def _needed(model: type[models.Model]) -> set[str]:
    """Return the tables without rows of which this one can have none."""
    return {
        field.related_model._meta.label
        for field in model._meta.local_fields
        if isinstance(field, models.ForeignKey)
        and not field.null
        and field.related_model is not model
    }


def _row(model: type[models.Model], number: int, made: Made) -> models.Model:
    """Add a row: the first that its constraints allow, of several that differ in every field."""
    trouble: Exception | None = None
    for shift in range(6):
        for empty in (number == 0, number != 0):
            row = model(**_values_of(model, number, shift, made, empty=empty))
            try:
                with transaction.atomic():
                    row.save(force_insert=True)
            except IntegrityError as error:
                trouble = error
            else:
                return row
    raise AssertionError(f"{model._meta.label}: no row was allowed") from trouble


def _values_of(
    model: type[models.Model],
    number: int,
    shift: int,
    made: Made,
    *,
    empty: bool,
) -> dict[str, Any]:
    values: dict[str, Any] = {}
    for place, field in enumerate(model._meta.local_fields):
        if isinstance(field, models.AutoField):
            continue
        if field.null and empty:
            values[field.attname] = None
        elif isinstance(field, models.ForeignKey):
            there = made.get(field.related_model._meta.label, [])
            # Another step for each field, so that two people of one row are two people.
            step = number if field.unique else number + place * (shift + 1)
            values[field.attname] = there[step % len(there)].pk if there else None
        else:
            values[field.attname] = _value(field, number + ROWS * shift, place)
    return values


def _value(field: "models.Field[Any, Any]", number: int, place: int) -> Any:
    if field.choices:
        options = [value for value, _label in field.flatchoices]
        return options[number % len(options)]
    if isinstance(field, models.DateTimeField):
        return _DAY + timedelta(hours=number, minutes=place)
    for kind, make in _VALUES:
        if isinstance(field, kind):
            return make(field, number)
    raise AssertionError(f"{field}: no value for a {type(field).__name__}; add one")


def _text(field: "models.Field[Any, Any]", number: int) -> str:
    return f"{number}{field.name} 'é\" 人身 الاتجار\n%s \\"[: field.max_length or 500]


_VALUES: tuple[tuple[type["models.Field[Any, Any]"], Any], ...] = (
    (models.UUIDField, lambda f, n: uuid.uuid5(uuid.NAMESPACE_OID, f"{f} {n}")),
    (models.BooleanField, lambda _, n: n % 2 == 0),
    (models.DateField, lambda _, n: date(2026, 11, 1) + timedelta(days=n)),
    (models.DurationField, lambda _, n: timedelta(minutes=n)),
    (models.SmallIntegerField, lambda _, n: 1 + n),
    (models.PositiveSmallIntegerField, lambda _, n: 1 + n),
    (models.BigIntegerField, lambda _, n: (1 << 40) + n),
    (models.IntegerField, lambda _, n: 1 + n),
    (models.FloatField, lambda _, n: 0.5 + n),
    (models.DecimalField, lambda _, n: Decimal(n)),
    (models.BinaryField, lambda f, n: bytes([n, 0, 255])[: f.max_length]),
    (models.JSONField, lambda _, n: {"n": n, "text": "é人", "deep": [None, {"x": 0.5}]}),
    (models.GenericIPAddressField, lambda _, n: f"192.0.2.{n}"),
    (models.SlugField, lambda f, n: f"{f.name}-{n}"[: f.max_length]),
    (models.EmailField, lambda _, n: f"somebody{n}@example.org"),
    (models.URLField, lambda _, n: f"https://example.org/{n}"),
    (models.CharField, _text),
    (models.TextField, _text),
)
