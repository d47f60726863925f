"""Schemathesis reads the document and tries to make the program break it."""

import os
from collections.abc import Iterator
from typing import Any

import pytest
import schemathesis
from django.core.signals import request_finished, request_started
from django.core.wsgi import get_wsgi_application
from django.db import close_old_connections
from hypothesis import HealthCheck, Phase, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from pytest_django import Settings
from schemathesis import GenerationMode
from tests.doors.api.conftest import World

from palermo.desks.access import tokens
from palermo.desks.access.models import AuditEntry
from palermo.desks.cases.models import Identifier, Item, Note, Run, Task
from palermo.doors.api.app import operations
from palermo.doors.api.document import document

#: Each of some thirty operations is asked so often in two ways; all takes less than a minute.
EXAMPLES = int(os.environ.get("PALERMO_SCHEMATHESIS_EXAMPLES", "10"))
OPERATIONS = [(method, path) for method, path, _ in operations()]
#: Whose rows the number in an address counts.
NUMBERED = {
    "items": Item, "identifiers": Identifier, "runs": Run, "notes": Note, "tasks": Task,
}  # fmt: skip

bounded = hypothesis_settings(
    max_examples=EXAMPLES,
    deadline=None,
    derandomize=True,
    database=None,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=list(HealthCheck),
)


@pytest.fixture
def schema(world: World, settings: Settings) -> Iterator[Any]:
    settings.ALLOWED_HOSTS = ["*"]
    settings.PALERMO_API_RATE = settings.PALERMO_API_FAILURES = (60_000_000, 1_000_000)
    loaded = schemathesis.openapi.from_dict(document())
    loaded.app = get_wsgi_application()
    Note.rows.create(case=world.a, text="x", by=world.people["lead"], at=world.clock.at)
    Task.rows.create(case=world.a, text="x", by=world.people["lead"], at=world.clock.at)
    # As Django's own client does: the connection holds the transaction of the test.
    around = (request_started, request_finished)
    for signal in around:
        signal.disconnect(close_old_connections)
    yield loaded
    for signal in around:
        signal.connect(close_old_connections)


def sensible(case: Any, world: World, *, number: bool) -> None:
    """Have a request that keeps to the document reach what there is."""
    case.path_parameters.update({"key": world.a.key} if "key" in case.path_parameters else {})
    if "number" in case.path_parameters and number:
        rows = NUMBERED[case.path.split("/")[5]].rows.of(world.a)
        case.path_parameters["number"] = rows.values_list("pk", flat=True).first()
    if "name" in case.path_parameters and number:
        case.path_parameters["name"] = "network-1" if "/networks/" in case.path else "campaign-1"
    # Places in a list are signed, and work is about things of the case: no schema can say so.
    case.query.pop("after", None) if case.query else None
    if isinstance(case.body, dict) and "text" in case.body:
        case.body |= {"subject": "case", "subject_key": ""}
        case.body.pop("assignee", None)
    elif isinstance(case.body, dict) and "verdict" in case.body:
        case.body |= {"subject": "network", "subject_key": "network-1"}


@pytest.mark.parametrize(("method", "path"), OPERATIONS)
def test_what_keeps_to_the_document(world: World, schema: Any, method: str, path: str) -> None:
    token = world.token("lead", *tokens.ACTIONS)[1]
    operation, seen = schema[path][method], set()

    @bounded
    @given(
        case=operation.as_strategy(generation_mode=GenerationMode.POSITIVE),
        number=st.sampled_from([True, True, True, False]),
    )
    def ask(case: Any, number: bool) -> None:
        sensible(case, world, number=number)
        answer = case.call_and_validate(headers={"Authorization": f"Bearer {token}"})
        seen.add(answer.status_code)

    ask()
    assert seen & {200, 201, 202, 409}, f"nothing was reached: {seen}"


@pytest.mark.parametrize(("method", "path"), [one for one in OPERATIONS if "{key}" in one[1]])
def test_what_breaks_the_document(world: World, schema: Any, method: str, path: str) -> None:
    token = world.token("lead", *tokens.ACTIONS)[1]
    operation = schema[path][method]

    @bounded
    @given(case=operation.as_strategy(generation_mode=GenerationMode.NEGATIVE))
    def ask(case: Any) -> None:
        case.call_and_validate(headers={"Authorization": f"Bearer {token}"})

    ask()


@pytest.mark.parametrize(("method", "path"), OPERATIONS)
def test_without_a_token(world: World, schema: Any, method: str, path: str) -> None:
    before = AuditEntry.objects.filter(kind="alteration").count()

    @bounded
    @given(case=schema[path][method].as_strategy())
    def ask(case: Any) -> None:
        sensible(case, world, number=True)
        answer = case.call_and_validate()
        assert answer.status_code == 401

    ask()
    assert AuditEntry.objects.filter(kind="alteration").count() == before
