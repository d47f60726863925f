"""How a person makes a token, and what the data-protection officer sees of it."""

import re
from typing import Any

import pytest
from django.test import Client
from tests.doors.api.conftest import Api, World
from tests.doors.api.signing_in import signed_in

from palermo.desks.access.models import ApiToken, AuditEntry, Duty, Opening, Person

TOKEN = re.compile(r"palermo_[0-9a-f]{16}_[A-Za-z0-9_-]{43}")


def filled(world: World, who: str = "investigator", **more: Any) -> dict[str, Any]:
    opening = Opening.objects.filter(person=world.people[who], token=None).first()
    return {
        "name": "weekly figures",
        "openings": [opening.pk if opening else 0],
        "actions": ["read"],
        "reason": "the weekly count",
        "days": "30",
        **more,
    }


@pytest.fixture
def officer(world: World) -> Person:
    person = Person.objects.create(username="officer")
    Duty.objects.create(person=person, duty="data-protection-officer", given_at=world.clock.at)
    return person


def test_a_token_is_made_on_the_page_shown_once_and_works(world: World) -> None:
    client = signed_in(world.people["investigator"])
    answer = client.post("/tokens/", filled(world))
    assert "no-store" in answer.headers["Cache-Control"]
    shown = TOKEN.findall(answer.content.decode())
    assert len(shown) == 1
    assert Api(shown[0]).get(f"/cases/{world.a.key}/items").status_code == 200
    again = client.get("/tokens/").content.decode()
    assert not TOKEN.findall(again)
    assert "weekly figures" in again
    assert "REF-A" in again
    entry = AuditEntry.objects.get(what="api token made")
    assert (entry.kind, entry.case, entry.purpose) == ("access", world.a, "investigate")
    assert entry.reason == "the weekly count"
    assert entry.detail["actions"] == ["read"]


def test_without_a_second_factor_there_is_none(world: World) -> None:
    client = Client()
    client.force_login(world.people["investigator"])
    answer = client.post("/tokens/", filled(world))
    assert answer.status_code == 302
    assert answer.headers["Location"].startswith("/account/2fa/")
    assert not ApiToken.objects.exists()
    assert Client().post("/tokens/", filled(world)).headers["Location"].startswith("/account/login")


def test_it_is_made_by_a_form_of_this_site(world: World) -> None:
    signed = signed_in(world.people["investigator"])
    strict = Client(enforce_csrf_checks=True)
    strict.cookies = signed.cookies
    assert strict.post("/tokens/", filled(world)).status_code == 403
    assert not ApiToken.objects.exists()


@pytest.mark.parametrize(
    "change",
    [
        {"name": ""},
        {"reason": ""},
        {"actions": []},
        {"actions": ["members"]},
        {"actions": ["read", "nonsense"]},
        {"openings": []},
        {"openings": [10**30]},
        {"days": "0"},
        {"days": "91"},
        {"days": "365"},
        {"actions": ["export"], "who": "analyst"},
        {"who": "outsider"},
    ],
)
def test_what_is_not_allowed_makes_none(world: World, change: dict[str, Any]) -> None:
    who = change.pop("who", "investigator")
    answer = signed_in(world.people[who]).post("/tokens/", filled(world, who) | change)
    assert answer.status_code == 200
    assert not TOKEN.findall(answer.content.decode())
    assert not ApiToken.objects.exists()


def test_the_opening_of_another_cannot_be_chosen(world: World) -> None:
    theirs = Opening.objects.get(person=world.people["other"])
    form = filled(world) | {"openings": [theirs.pk]}
    assert signed_in(world.people["investigator"]).post("/tokens/", form).status_code == 200
    assert not ApiToken.objects.exists()


def test_a_case_that_was_shut_cannot_be_chosen(world: World) -> None:
    form = filled(world)
    Opening.objects.filter(person=world.people["investigator"]).update(closed_at=world.clock.at)
    signed_in(world.people["investigator"]).post("/tokens/", form)
    assert not ApiToken.objects.exists()


def test_a_person_ends_their_own_and_no_other(world: World) -> None:
    token, shown = world.token()
    path = f"/tokens/{token.ident}/revoke/"
    assert signed_in(world.people["analyst"]).post(path).status_code == 404
    assert Api(shown).get("/cases").status_code == 200
    assert signed_in(world.people["investigator"]).get(path).status_code == 405
    assert signed_in(world.people["investigator"]).post(path).status_code == 302
    assert Api(shown).get("/cases").status_code == 401
    entry = AuditEntry.objects.get(what="api token revoked")
    assert entry.person == world.people["investigator"]
    assert not Opening.objects.filter(token=token, closed_at=None).exists()


def test_the_officer_sees_every_token_and_can_end_it(world: World, officer: Person) -> None:
    token, shown = world.token()
    Api(shown).get("/cases")
    client = signed_in(officer)
    page = client.get("/tokens/everybody/").content.decode()
    for word in ("counting program", "Investigator", "REF-A", "investigate", "weekly count"):
        assert word in page
    assert token.secret_sha256 not in page
    path = f"/tokens/everybody/{token.ident}/revoke/"
    client.post(path, {"reason": " "})
    assert Api(shown).get("/cases").status_code == 200, "without a reason nothing is ended"
    client.post(path, {"reason": "no longer needed"})
    assert Api(shown).get("/cases").status_code == 401
    entry = AuditEntry.objects.get(what="api token revoked")
    assert (entry.person, entry.reason) == (officer, "no longer needed")


@pytest.mark.parametrize("who", ["lead", "investigator", "outsider"])
def test_nobody_but_the_officer_sees_them(world: World, who: str) -> None:
    token, shown = world.token()
    client = signed_in(world.people[who])
    assert client.get("/tokens/everybody/").status_code == 404
    path = f"/tokens/everybody/{token.ident}/revoke/"
    assert client.post(path, {"reason": "x"}).status_code == 404
    assert Api(shown).get("/cases").status_code == 200
