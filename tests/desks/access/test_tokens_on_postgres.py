"""Tokens of the API behind the second wall: PostgreSQL itself gives a token no more than it has."""

from datetime import timedelta
from typing import Any

import pytest
from pytest_django import Settings
from tests.desks.cluster import Database
from tests.doors.api.conftest import AT, Api, Clock, World, build

from palermo.desks.access import tokens
from palermo.desks.access.models import ApiToken, Conflict, Opening, Person
from palermo.desks.access.row_security import show_nobody, show_to
from palermo.desks.access.visibility import Viewer
from palermo.desks.cases.models import Item


@pytest.fixture
def world(postgres: Database, settings: Settings) -> World:
    clock = Clock()
    settings.PALERMO_CLOCK = clock
    return build(clock)


def through_the_wall(person: Person, token: ApiToken | None, **later: Any) -> int:
    """Count items without `visible_cases`, as a query would that forgot it."""
    show_to(Viewer(person.pk, AT + timedelta(**later), token.pk if token else None))
    try:
        return Item.rows.count()
    finally:
        show_nobody()


def test_a_program_reads_and_writes_in_its_case_alone(world: World) -> None:
    api = world.api("lead", *tokens.ACTIONS, cases=(world.b,))
    key = world.b.key
    assert len(api.get(f"/cases/{key}/items").json()["data"]) == 6
    assert api.get(f"/cases/{key}/search", {"q": "sirocco"}).status_code == 200
    assert api.post(f"/cases/{key}/notes", {"text": "written"}).status_code == 201
    assert [one["text"] for one in api.get(f"/cases/{key}/notes").json()["data"]] == ["written"]
    assert api.get(f"/cases/{key}/export/items").getvalue().count(b"\n") == 8
    assert api.get(f"/cases/{world.a.key}/items").status_code == 404
    assert api.post(f"/cases/{world.a.key}/notes", {"text": "x"}).status_code == 404


@pytest.mark.parametrize("body", [{"text": "a\x00b"}, {"text": "x", "subject_key": "\x00"}])
def test_what_postgresql_cannot_hold_is_refused(world: World, body: dict[str, str]) -> None:
    answer = world.api("lead", "note").post(f"/cases/{world.a.key}/notes", body)
    assert answer.status_code == 422


def test_the_wall_tells_a_token_from_its_owner(world: World) -> None:
    lead = world.people["lead"]
    token, _ = world.token("lead", "read", cases=(world.b,))
    assert through_the_wall(lead, None) == 12
    assert through_the_wall(lead, token) == 6
    Opening.objects.filter(person=lead, token=None).update(closed_at=AT)
    assert through_the_wall(lead, None) == 0, "what a token has open, its owner has not"
    assert through_the_wall(lead, token) == 6
    assert through_the_wall(world.people["other"], token) == 0, "a token has one owner"
    assert through_the_wall(lead, token, days=30) == 0, "it has expired"


def test_the_wall_shuts_when_the_token_ends(world: World) -> None:
    token, secret = world.token("investigator")
    api, path = Api(secret), f"/cases/{world.a.key}/items"
    assert api.get(path).status_code == 200
    assert through_the_wall(token.person, token) == 6
    Person.objects.filter(pk=token.person_id).update(is_active=False)
    assert through_the_wall(token.person, token) == 0
    Person.objects.filter(pk=token.person_id).update(is_active=True)
    Conflict.objects.create(
        person=token.person, case=world.a, reason="kin", declared_at=AT, declared_by=token.person
    )
    assert through_the_wall(token.person, token) == 0
    assert api.get(path).status_code == 404
    Conflict.objects.update(lifted_at=AT)
    assert api.get(path).status_code == 200
    tokens.revoke(token, by=token.person, at=AT)
    assert through_the_wall(token.person, token) == 0
    assert api.get(path).status_code == 401
