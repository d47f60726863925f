"""Whatever is sent, the answer is one that the document names, and never a failure of the node."""

import json
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.doors.api.conftest import Api, World

from palermo.desks.access import tokens
from palermo.desks.cases.models import Note
from palermo.doors.api.document import document

FEW = settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)

NASTY = st.sampled_from(
    [
        "\x00",
        "a\x00b",
        "%00",
        "-1",
        "0",
        str(2**63),
        str(10**400),
        "1e400",
        "NaN",
        "null",
        "true",
        "'; DROP TABLE cases_item; --",
        "../../../etc/passwd",
        "\u202e\u0600",
        "0001-01-01T00:00:00+14:00",
        "9999-12-31T23:59:59-14:00",
        "2026-02-30T00:00:00Z",
        "9" * 5000,
        "",
    ]
)
VALUES = st.one_of(NASTY, st.text(max_size=40), st.integers().map(str))
LISTS = ("items", "identifiers", "mentions", "indications", "links", "campaigns", "notes", "runs")


@pytest.fixture
def api(world: World, settings: Any) -> Api:
    settings.PALERMO_API_RATE = (60_000_000, 1_000_000)
    return world.api("lead", *tokens.ACTIONS)


@FEW
@given(data=st.data(), table=st.sampled_from(LISTS))
def test_parameters(world: World, api: Api, data: st.DataObject, table: str) -> None:
    path = document()["paths"][f"/api/v1/cases/{{key}}/{table}"]["get"]
    names = [one["name"] for one in path["parameters"] if one["in"] == "query"]
    query = data.draw(st.dictionaries(st.sampled_from([*names, "other"]), VALUES, max_size=3))
    answer = api.get(f"/cases/{world.a.key}/{table}", query)
    assert answer.status_code in {200, 422}, (query, answer.content)


@FEW
@given(value=VALUES)
def test_numbers_and_names_in_the_address(world: World, api: Api, value: str) -> None:
    from urllib.parse import quote

    part = quote(value, safe="")
    for path in (
        f"/cases/{part}",
        f"/cases/{part}/items",
        f"/cases/{world.a.key}/items/{part}",
        f"/cases/{world.a.key}/networks/{part}",
        f"/cases/{world.a.key}/networks/{part}/graph",
        f"/cases/{world.a.key}/runs/{part}/progress",
        f"/cases/{world.a.key}/export/{part}",
        f"/{part}",
    ):
        answer = api.get(path)
        assert answer.status_code in {200, 301, 404, 405, 422}, (path, answer.content)


BODY_VALUES = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=20), NASTY),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3), st.dictionaries(st.text(max_size=8), inner, max_size=3)
    ),
    max_leaves=6,
)
FIELDS = (
    "subject", "subject_key", "text", "assignee", "due", "verdict", "reason", "case", "by", "at",
)  # fmt: skip


@FEW
@given(
    table=st.sampled_from(["notes", "tasks", "judgements"]),
    body=st.one_of(
        BODY_VALUES,
        st.dictionaries(st.sampled_from(FIELDS), BODY_VALUES, max_size=5),
    ),
)
def test_bodies(world: World, api: Api, table: str, body: Any) -> None:
    answer = api.post(f"/cases/{world.a.key}/{table}", json.dumps(body))
    assert answer.status_code in {201, 400, 422}, (body, answer.content)


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"", 422),
        (b"{", 400),
        (b"\xff\xfe", 400),
        (b'{"text": "\xff"}', 400),
        (b'{"text": "\\ud800"}', 422),
        (b'{"text": "a\\u0000b"}', 422),
        (b'{"text": ""}', 422),
        (b'{"text": 7}', 422),
        (b'{"text": "x", "by": 1}', 422),
        (b'{"text": "x", "at": "2020-01-01T00:00:00Z"}', 422),
        (b'{"text": "x", "subject": "case", "subject_key": "other"}', 422),
        (b'{"text": ' + b"[" * 100_000 + b"]" * 100_000 + b"}", 400),
        (b'{"text": "' + b"x" * 20_001 + b'"}', 422),
        (b'{"text": "' + b"x" * 6_000_000 + b'"}', 413),
        (b'{"text": ' + b"9" * 10_000 + b"}", 400),
    ],
    ids=lambda value: str(value)[:40],
)
def test_bodies_that_are_none(world: World, api: Api, body: bytes, status: int) -> None:
    answer = api.post(f"/cases/{world.a.key}/notes", body)
    assert answer.status_code == status, answer.content[:300]
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert not Note.rows.exists()


@pytest.mark.parametrize("kind", ["multipart/form-data", "multipart/form-data; boundary=x", "x/y"])
def test_forms_that_are_none(world: World, api: Api, kind: str) -> None:
    answer = api.client.generic(
        "POST",
        f"/api/v1/cases/{world.a.key}/material",
        b"--x\r\nContent-Disposition: form-data; name=\x00\r\n",
        content_type=kind,
        headers=api.headers,
    )
    assert answer.status_code in {400, 422}, answer.content
    assert answer.headers["Content-Type"] == "application/problem+json"


@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE", "HEAD", "OPTIONS", "TRACE", "BREW"])
def test_methods_that_do_not_exist(world: World, api: Api, method: str) -> None:
    answer = api.client.generic(method, f"/api/v1/cases/{world.a.key}/items", headers=api.headers)
    assert answer.status_code == 405
    assert answer.headers["Allow"] == "GET"
    assert answer.headers["Content-Type"] == "application/problem+json"


def test_problems_repeat_nothing_that_was_sent(world: World, api: Api) -> None:
    sent = "a-name-that-nobody-should-log"
    for answer in (
        api.get(f"/cases/{world.a.key}/items", {"limit": sent}),
        api.get(f"/cases/{world.a.key}/items", {sent: "1"}),
        api.get(f"/cases/{sent[:16]}/items"),
        api.post(f"/cases/{world.a.key}/notes", {"text": 1, sent: sent}),
        api.post(f"/cases/{world.a.key}/notes", {"text": "x", "subject": sent}),
        api.get(f"/cases/{world.a.key}/networks/{sent}"),
    ):
        assert answer.status_code in {404, 422}
        assert sent[:16] not in answer.content.decode(), answer.content
        assert answer.json()["type"].startswith("/api/v1/reference#problem-")


def test_what_a_text_says_is_kept_as_it_is(world: World, api: Api) -> None:
    text = '<script>alert("x")</script> \u202eنص\u202c =1+1\r\n\t🏝'
    made = api.post(f"/cases/{world.a.key}/notes", {"text": text}).json()
    assert made["text"] == text
    assert Note.rows.get(pk=made["id"]).text == text
