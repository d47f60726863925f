"""Every address of the node, times everybody who may come, in every state in which they may.

What is expected follows from what each view states it needs (`needs`) and from `duties.yaml`; an
address that states nothing fails. What happened is read from the answer and the audit, so that an
address which let somebody through and then found no such object counts as let through.
"""

import re
from collections.abc import Callable
from datetime import datetime

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db.models import Model
from django.test import Client
from django.urls import reverse
from tests.desks.access.addresses import ALL, IN_CASES, METHODS, Address, Outcome, methods, outcome
from tests.desks.access.conftest import World
from tests.desks.access.world import (
    AT,
    DAY,
    HOUR,
    opening,
    seen_by,
    signed_in,
)

from palermo.desks.access import conflicts
from palermo.desks.access.duties import duties
from palermo.desks.access.models import (
    Case,
    Emergency,
    Person,
)
from palermo.desks.access.row_security import tables_of_cases
from palermo.desks.access.visibility import (
    IN_EMERGENCY,
    WHEN_CLOSED,
    WITHOUT_OPENING,
)


def test_every_address_states_what_it_needs() -> None:
    known = set(duties().actions), set(duties().duties)
    for one in ALL:
        needs = one.needs
        if needs.whom == "case":
            assert needs.word in known[0], one
            assert "<str:key>" in one.route, one
        elif needs.whom == "duty":
            assert needs.word in known[1], one
        elif needs.whom == "token":
            assert one.route.startswith("api/"), f"{one} takes a token and is not of the API"
        else:
            assert needs.whom in {"anyone", "person"}, one
            assert "cases/<" not in one.route, f"{one} names a case and does not ask for it"


def test_only_these_are_for_anyone() -> None:
    """Whoever adds one has to say so here."""
    assert {one.route for one in ALL if one.needs.whom == "anyone"} <= {
        "",
        "health",
        "language",
        "leave",
        "calendar/",
        "api/v1/openapi.json",
        "invitation/<str:token>/",
        "account/login/",
        "account/logout/",
        "account/inactive/",
        "account/closed/",
        "account/unlock/",
        "account/locked/",
        "account/outside/cancelled/",
        "account/outside/error/",
        "account/outside/closed/",
        "account/oidc/^(?P<provider_id>[^/]+)/login/",
        "account/oidc/^(?P<provider_id>[^/]+)/login/callback/",
    }


def test_without_an_account_nothing_but_the_pages_for_anyone(
    world: World,
) -> None:
    for one in ALL:
        if one.needs.whom not in {"anyone", "token"}:
            for method in methods(one):
                address = one.filled(world.case.key)
                assert outcome(Client(), method, address) == "sign in", (one, method)


@pytest.mark.parametrize("state", ["no factor", "factor not shown"])
def test_without_the_second_factor_nothing_but_setting_it_up(world: World, state: str) -> None:
    lead = world["lead"]
    opening(lead, world.case)
    client = signed_in(lead, "password", factor=state == "factor not shown")
    for one in ALL:
        if one.needs.whom in {"case", "duty"}:
            for method in methods(one):
                address = one.filled(world.case.key)
                assert outcome(client, method, address) == "sign in", (one, method)
        elif one.needs.whom == "person" and not one.route.startswith("account/"):
            for method in methods(one):
                assert outcome(client, method, one.filled("k")) == "sign in", (one, method)


@pytest.mark.parametrize("who", [*duties().duties, *duties().roles, "outsider"])
def test_a_page_of_a_duty_is_for_who_holds_it_and_does_not_exist_for_others(
    world: World, who: str
) -> None:
    if who in duties().roles:
        opening(world[who], world.case)
    client = signed_in(world[who])
    for one in ALL:
        if one.needs.whom == "duty":
            expected = "let through" if one.needs.word == who else "not found"
            for method in methods(one):
                found = outcome(client, method, one.filled(world.case.key))
                assert found == expected, (one, method)


def test_a_duty_that_was_ended_gives_nothing(
    world: World,
) -> None:
    for duty in duties().duties:
        world[duty].duties.update(ended_at=AT)
        client = signed_in(world[duty])
        for one in ALL:
            if one.needs.whom == "duty":
                for method in methods(one):
                    found = outcome(client, method, one.filled(world.case.key))
                    assert found == "not found", (one, method)


# --- In what state of the case ----------------------------------------------------------------


def emergency(who: Person, of: Case, *, asked: datetime = AT, agreed: bool = True) -> None:
    Emergency.objects.create(
        person=who,
        case=of,
        reference=of.reference,
        reason="r",
        asked_at=asked,
        answered_by=Person.objects.get(username="approver") if agreed else None,
        answered_at=asked if agreed else None,
        agreed=agreed or None,
        ends=asked + HOUR if agreed else None,
    )


def conflicted(world: World, who: Person) -> None:
    opening(who, world.case)
    conflicts.declare(world.case, who, "r", by=who, at=AT)


def emergency_and_conflict(world: World, who: Person) -> None:
    emergency(who, world.case)
    conflicted(world, who)


def _nothing(world: World, who: Person) -> None:
    """It is as it is."""


#: A state, and what the person then has of the case: nothing, a membership, an opening, reading.
STATES: dict[str, tuple[Callable[[World, Person], object], str]] = {
    "not opened": (_nothing, "member"),
    "opened": (lambda world, who: opening(who, world.case), "open"),
    "opened yesterday": (lambda world, who: opening(who, world.case, at=AT - DAY), "member"),
    "authority ended": (
        lambda world, who: (opening(who, world.case), world.case.mandates.update(ends=AT)),
        "member",
    ),
    "authority withdrawn": (
        lambda world, who: (
            opening(who, world.case),
            world.case.mandates.update(withdrawn_at=AT),
        ),
        "member",
    ),
    "conflicted": (conflicted, "nothing"),
    "membership ended": (
        lambda world, who: (
            opening(who, world.case),
            world.case.memberships.filter(person=who).update(until=AT),
        ),
        "nothing",
    ),
    "membership not begun": (
        lambda world, who: (
            opening(who, world.case),
            world.case.memberships.filter(person=who).update(since=AT + HOUR),
        ),
        "nothing",
    ),
    "closed": (
        lambda world, who: (
            opening(who, world.case),
            Case.objects.filter(pk=world.case.pk).update(status="closed"),
        ),
        "closed",
    ),
}
OUTSIDE: dict[str, tuple[Callable[[World, Person], object], str]] = {
    "no membership": (_nothing, "nothing"),
    "opened without membership": (lambda world, who: opening(who, world.case), "nothing"),
    "emergency": (lambda world, who: emergency(who, world.case), "emergency"),
    "emergency asked": (lambda world, who: emergency(who, world.case, agreed=False), "nothing"),
    "emergency over": (lambda world, who: emergency(who, world.case, asked=AT - HOUR), "nothing"),
    "emergency and conflict": (emergency_and_conflict, "nothing"),
}


def expected(action: str, role: str, has: str) -> Outcome:
    """What follows from the needs of a page, the role, and what the person has of the case."""
    given = duties().roles.get(role, frozenset())
    if has == "nothing":
        return "not found"
    if has == "emergency":
        return "let through" if action in IN_EMERGENCY else "refused"
    if has == "member":
        if action in given and action in WITHOUT_OPENING:
            return "let through"
        return "open first"
    if action in given and (has == "open" or action in WHEN_CLOSED):
        return "let through"
    return "refused"


CELLS = [
    *((role, state) for role in duties().roles for state in STATES),
    *(("outsider", state) for state in OUTSIDE),
    *((duty, state) for duty in duties().duties for state in ("no membership",)),
]


@pytest.mark.slow
@pytest.mark.parametrize(("who", "state"), CELLS)
def test_every_page_of_a_case(world: World, who: str, state: str) -> None:
    make, has = {**STATES, **OUTSIDE}[state]
    client = signed_in(world[who])
    make(world, world[who])
    for one in IN_CASES:
        for method in methods(one):
            found = outcome(client, method, one.filled(world.case.key))
            assert found == expected(one.needs.word, who, has), (one, method, one.needs)


#: Differs from one answer to the next, whatever is asked.
MASK = re.compile(r'(?<=name="csrfmiddlewaretoken" value=")[^"]*')


def test_who_may_not_know_of_a_case_is_told_what_they_would_be_told_if_there_were_none(
    world: World,
) -> None:
    client = signed_in(world["outsider"])
    for one in IN_CASES:
        for method in METHODS:
            pages = [
                getattr(client, method)(one.filled(key)) for key in (world.case.key, "AAAAAAAAAAAA")
            ]
            assert pages[0].status_code == pages[1].status_code, one
            texts = [
                MASK.sub("", page.content.decode().replace(key, "KEY"))
                for page, key in zip(pages, (world.case.key, "AAAAAAAAAAAA"), strict=True)
            ]
            assert texts[0] == texts[1], one


# --- What a page that was forgotten would look like --------------------------------------------


def test_a_view_without_needs_would_fail(world: World) -> None:
    bare = Address("bare/", lambda _: None)  # type: ignore[arg-type, return-value]
    with pytest.raises(AssertionError, match="states no needs"):
        _ = bare.needs


def test_uploads_and_forms_of_strangers_change_nothing(
    world: World,
) -> None:
    """Whoever is no member posts what a lead would post; not one row is made."""
    client = signed_in(world["outsider"])
    counts = {model: _number(model) for model in tables_of_cases()}
    for one in IN_CASES:
        if "post" in methods(one):
            data = {
                "file": SimpleUploadedFile("a.csv", b"id,text\n1,x\n"),
                "person": world["outsider"].pk,
                "role": "lead",
                "reason": "r",
                "text": "t",
            }
            assert client.post(one.filled(world.case.key), data).status_code == 404
    assert counts == {model: _number(model) for model in tables_of_cases()}
    assert not seen_by(world["outsider"], "see")
    assert reverse("cases:list")


def _number(model: type[Model]) -> int:
    return int(model.rows.count())  # type: ignore[attr-defined]  # of any case row
