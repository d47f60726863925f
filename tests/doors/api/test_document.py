"""The document says what the program does, and is the one that is committed."""

import json
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.urls import URLPattern, get_resolver
from jsonschema import Draft202012Validator
from tests.doors.api.conftest import World
from tests.doors.api.signing_in import signed_in

from palermo.desks.access import tokens
from palermo.desks.access.duties import duties
from palermo.doors.api.app import addresses, operations
from palermo.doors.api.document import document, text
from palermo.doors.api.problems import KINDS

COMMITTED = Path(__file__).parents[3] / "docs" / "reference" / "openapi.json"


def test_the_committed_document_is_this_one() -> None:
    assert COMMITTED.read_text("utf-8") == text(), "renew it with: make openapi"


def test_every_operation_states_its_needs() -> None:
    stated = list(operations())
    assert len(stated) >= 30
    for method, path, needs in stated:
        assert needs.whom in {"person", "case"}, (method, path)
        assert (needs.whom == "case") == ("{key}" in path), (method, path)
        if needs.whom == "case":
            assert needs.word in duties().actions
            assert document()["paths"][path][method.lower()]["x-palermo-needs"] == needs.word


def test_reading_needs_less_than_writing() -> None:
    for method, path, needs in operations():
        if needs.whom == "case":
            assert (needs.word in {"read", "search", "export"}) == (method == "GET"), (method, path)


def test_a_token_can_be_for_what_there_is_and_nothing_else() -> None:
    # "assign" is asked for by what is written: a task for somebody else.
    used = {needs.word for _, _, needs in operations() if needs.whom == "case"} | {"assign"}
    assert used == set(tokens.ACTIONS)


def test_operations_are_called_by_names_of_their_own() -> None:
    names = [one["operationId"] for path in document()["paths"].values() for one in path.values()]
    assert len(names) == len(set(names)) == len(list(operations()))


def test_every_address_under_api_is_stated() -> None:
    found = {str(pattern.pattern) for pattern in addresses()}
    stated = {
        path.removeprefix("/api/v1/").replace("{", "<").replace("}", ">")
        for _, path, _ in operations()
    }
    assert found - {"", "<path:rest>"} == stated
    walked = [one for one in _walk(get_resolver().url_patterns) if one[0].startswith("api/")]
    assert len(walked) == len(found) + 2
    for path, callback in walked:
        assert callback.needs.whom in {"token", "person", "anyone"}, path


def _walk(patterns: list[Any], before: str = "") -> list[tuple[str, Any]]:
    found: list[tuple[str, Any]] = []
    for one in patterns:
        path = before + str(one.pattern)
        found += (
            [(path, one.callback)] if isinstance(one, URLPattern) else _walk(one.url_patterns, path)
        )
    return found


def test_it_is_openapi_3_1_with_schemas_that_hold() -> None:
    made = document()
    assert made["openapi"].startswith("3.1.")
    for name, schema in made["components"]["schemas"].items():
        Draft202012Validator.check_schema(schema), name
    for path in made["paths"].values():
        for operation in path.values():
            assert operation["security"] == [{"Bearer": []}]
            for status, response in operation["responses"].items():
                kinds = list(response.get("content", {}))
                expected = ["application/problem+json"] if status >= "400" else kinds
                assert kinds == expected, (operation["operationId"], status)


def test_it_is_served_to_whoever_builds_a_program(db: None) -> None:
    answer = Client().get("/api/v1/openapi.json")
    assert answer.headers["Content-Type"] == "application/json"
    assert json.loads(answer.content) == document()


def test_people_read_it_as_a_page_that_loads_nothing_from_elsewhere(world: World) -> None:
    answer = signed_in(world.people["outsider"]).get("/api/v1/reference")
    page = answer.content.decode()
    assert answer.status_code == 200
    for _, path, _ in operations():
        assert path in page
    for name in KINDS:
        assert f'id="problem-{name}"' in page
    for name in document()["components"]["schemas"]:
        assert f'id="shape-{name}"' in page
    assert "http://" not in page
    assert "https://" not in page
    assert "<script>" not in page
    assert "style=" not in page
    assert "unsafe" not in answer.headers["Content-Security-Policy"]


def test_the_page_is_for_people_who_are_signed_in(db: None) -> None:
    assert Client().get("/api/v1/reference").status_code == 302


@pytest.mark.parametrize("path", ["", "nothing", "cases/", "cases/x/y/z", "%00", "docs", "é"])
def test_an_address_that_does_not_exist_is_a_problem(db: None, path: str) -> None:
    answer = Client().get(f"/api/v1/{path}")
    assert answer.status_code in {401, 404}
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert answer.json()["status"] == answer.status_code
