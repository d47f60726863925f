"""Objects of another case under the key of one's own: by number, by every word, by every method."""

from typing import Any

import pytest
from django.db import models, transaction
from django.db.models import Model
from tests.desks.access.addresses import IN_CASES, methods
from tests.desks.access.conftest import World
from tests.desks.access.world import (
    AT,
    case,
    mandate,
    opening,
    person,
    seen_by,
    signed_in,
)

from palermo.desks.access.models import (
    Case,
    Conflict,
    Mandate,
    Membership,
    Person,
    Unit,
)
from palermo.desks.access.row_security import tables_of_cases

#: Numbers from here on are of rows of the other case alone.
FOREIGN = 700_000


def made_for(model: type[Model], of: Case, by: Person, known: dict[type[Model], Model]) -> Model:
    """A row of any table of cases, with whatever its columns ask for."""
    if model in known:
        return known[model]
    values: dict[str, Any] = {}
    for column in model._meta.concrete_fields:
        if column.primary_key or column.null or column.has_default():
            continue
        values[column.name] = _value(column, of, by, known)
    values |= _TOGETHER.get(model.__name__, {})
    found = model(pk=FOREIGN + len(known), **values)
    found.save(force_insert=True)
    known[model] = found
    return found


#: What a table's own rules ask for besides.
_TOGETHER: dict[str, dict[str, Any]] = {"Package": {"event": 1}}
_VALUES: tuple[tuple[Any, Any], ...] = (
    (models.DateTimeField, AT),
    (models.DateField, AT.date()),
    (models.BooleanField, True),
    ((models.IntegerField, models.FloatField), 1),
    (models.JSONField, {}),
    (models.BinaryField, b""),
)


def _value(column: Any, of: Case, by: Person, known: dict[type[Model], Model]) -> Any:
    if isinstance(column, models.ForeignKey):
        target: Any = column.related_model
        plain = {Case: of, Person: by, Unit: of.unit}
        if target in plain:
            return plain[target]
        if target.__name__ == "Mandate":
            return of.mandates.get()
        return made_for(target, of, by, known)
    if column.choices:
        return column.choices[0][0]
    for kind, value in _VALUES:
        if isinstance(column, kind):
            return value
    return f"foreign-{column.name}"[: column.max_length or 40]


@pytest.fixture
def foreign(world: World) -> list[Model]:
    """A row in every table of cases, all of them of a case in which the lead is no member."""
    owner = person("owner")
    other = case("2026-0043", by=owner)
    mandate(other, number=9)
    known: dict[type[Model], Model] = {}
    tables: list[type[Model]] = [*tables_of_cases(), Membership, Conflict]
    made = [made_for(model, other, owner, known) for model in tables]
    Mandate.objects.create(
        **{
            **{
                name: value
                for name, value in vars(other.mandates.get()).items()
                if name != "_state"
            },
            "id": FOREIGN + len(known),
            "sha256": "0" * 64,
        }
    )
    assert not any(
        model.rows.of(world.case).exists()  # type: ignore[attr-defined]  # of any case row
        for model in tables_of_cases()
    )
    return made


@pytest.mark.slow
def test_objects_of_another_case_are_not_found_under_the_key_of_ones_own(
    world: World, foreign: list[Model]
) -> None:
    """By number, and by every word that a row is called by."""
    lead = world["lead"]
    opening(lead, world.case)
    assert seen_by(lead, "read") == {world.case.reference}
    client = signed_in(lead)
    numbers = range(FOREIGN, FOREIGN + len(foreign) + 1)
    words = {
        str(getattr(row, column.name))
        for row in foreign
        for column in row._meta.concrete_fields
        if isinstance(column, models.CharField) and not column.choices
    }
    before = {type(row): _picture(row) for row in foreign}
    for one in IN_CASES:
        if "<" not in one.route.replace("<str:key>", ""):
            continue
        by_number = "<int:" in one.route
        for value in numbers if by_number else sorted(words):
            address = one.filled(
                world.case.key,
                **({"pk": value} if by_number else {"word": value}),  # type: ignore[arg-type]
            )
            for method in methods(one):
                with transaction.atomic():
                    data = {"reason": "mine", "role": "lead", "text": "t", "verdict": "same"}
                    answer = getattr(client, method)(address, data)
                    transaction.set_rollback(True)
                assert answer.status_code in {400, 404, 405}, (one, method, value)
    assert before == {
        type(row): _picture(type(row)._base_manager.get(pk=row.pk)) for row in foreign
    }


def _picture(row: Model) -> dict[str, object]:
    return {column.name: getattr(row, column.attname) for column in row._meta.concrete_fields}
