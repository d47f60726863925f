"""A token gives what its owner could do, or less, and stops when the owner would be stopped."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from tests.doors.api.conftest import Api, World

from palermo.desks.access import tokens
from palermo.desks.access.models import (
    ApiScope,
    ApiToken,
    AuditEntry,
    Conflict,
    Emergency,
    Membership,
    Opening,
)
from palermo.desks.access.pages import Needs
from palermo.desks.access.visibility import Viewer, visible_cases
from palermo.desks.cases.models import Identifier, Item, Judgement, Note, Run
from palermo.doors.api.app import operations
from palermo.model import Refused


def reach(world: World, api: Api) -> int:
    status: int = api.get(f"/cases/{world.a.key}/items").status_code
    return status


def _conflict(world: World, token: ApiToken) -> None:
    Conflict.objects.create(
        person=token.person,
        case=world.a,
        reason="kin",
        declared_at=world.clock.at,
        declared_by=token.person,
    )


def _removed(world: World, token: ApiToken) -> None:
    Membership.objects.filter(person=token.person, case=world.a).update(until=world.clock.at)


def _closed_account(world: World, token: ApiToken) -> None:
    token.person.is_active = False
    token.person.save()


def _mandate_ends(world: World, token: ApiToken) -> None:
    world.a.mandates.update(ends=world.clock.at)


def _mandate_withdrawn(world: World, token: ApiToken) -> None:
    world.a.mandates.update(withdrawn_at=world.clock.at)


def _revoked(world: World, token: ApiToken) -> None:
    tokens.revoke(token, by=token.person, at=world.clock.at)


def _all_revoked(world: World, token: ApiToken) -> None:
    lead = world.people["lead"]
    tokens.revoke_all(token.person, by=lead, at=world.clock.at, reason="factor lost")


def _expired(world: World, token: ApiToken) -> None:
    world.clock.pass_by(days=30)


def _opening_closed(world: World, token: ApiToken) -> None:
    token.openings.update(closed_at=world.clock.at)


@pytest.mark.parametrize(
    ("stop", "status"),
    [
        (_conflict, 404),
        (_removed, 404),
        (_mandate_ends, 404),
        (_mandate_withdrawn, 404),
        (_opening_closed, 404),
        (_closed_account, 401),
        (_revoked, 401),
        (_all_revoked, 401),
        (_expired, 401),
    ],
)
def test_a_token_stops_at_once(
    world: World, stop: Callable[[World, ApiToken], None], status: int
) -> None:
    token, secret = world.token()
    api = Api(secret)
    assert reach(world, api) == 200
    stop(world, token)
    assert reach(world, api) == status
    entry = AuditEntry.objects.filter(kind="refusal").latest("seq")
    assert "counting program" in entry.detail.values()
    viewer = Viewer(token.person_id, world.clock.at, token.pk)
    assert not visible_cases(viewer, "see").exists()
    assert not Item.rows.visible_to(viewer).exists()


def test_it_works_to_the_last_instant_and_not_one_longer(world: World) -> None:
    api = world.api(days=7)
    world.clock.pass_by(days=7)
    world.clock.at -= timedelta(microseconds=1)
    assert reach(world, api) == 200
    world.clock.pass_by(microseconds=1)
    assert reach(world, api) == 401


def test_it_goes_on_when_its_owner_shuts_the_case(world: World) -> None:
    api = world.api()
    mine = Opening.objects.filter(person=world.people["investigator"], token=None)
    mine.update(closed_at=world.clock.at)
    assert reach(world, api) == 200


def test_what_a_token_opened_is_not_open_to_its_owner(world: World) -> None:
    world.token()
    person = world.people["investigator"]
    Opening.objects.filter(person=person, token=None).update(closed_at=world.clock.at)
    assert not visible_cases(Viewer(person.pk, world.clock.at), "read").exists()


def test_a_lower_role_lowers_the_token(world: World) -> None:
    api = world.api("investigator", "read", "export")
    path = f"/cases/{world.a.key}/export/items"
    assert api.get(path).status_code == 200
    Membership.objects.filter(person=world.people["investigator"]).update(role="examiner")
    assert api.get(path).status_code == 403
    assert "role" in api.get(path).json()["detail"]
    assert reach(world, api) == 200


def test_a_higher_role_does_not_raise_it(world: World) -> None:
    api = world.api("investigator", "read")
    Membership.objects.filter(person=world.people["investigator"]).update(role="lead")
    assert api.get(f"/cases/{world.a.key}/export/items").status_code == 403


def test_a_closed_case_is_read_only(world: World) -> None:
    api = world.api("investigator", "read", "note")
    world.a.status = "closed"
    world.a.save()
    assert reach(world, api) == 200
    assert api.post(f"/cases/{world.a.key}/notes", {"text": "late"}).status_code == 403


def test_an_emergency_gives_a_token_nothing(world: World) -> None:
    api = world.api("other", cases=(world.b,))
    Emergency.objects.create(
        person=world.people["other"],
        case=world.a,
        reason="life at risk",
        asked_at=world.clock.at,
        answered_by=world.people["lead"],
        answered_at=world.clock.at,
        agreed=True,
        ends=world.clock.at + timedelta(minutes=60),
    )
    assert reach(world, api) == 404


CALLS = [
    (method, path.replace("{number}", "1").replace("{table}", "items"), needs)
    for method, path, needs in operations()
    if needs.whom == "case"
]


BODIES = {
    "/api/v1/cases/{key}/notes": {"text": "x"},
    "/api/v1/cases/{key}/tasks": {"text": "x"},
    "/api/v1/cases/{key}/judgements": {
        "subject": "network",
        "subject_key": "network-1",
        "verdict": "same",
        "reason": "x",
    },
}


def call(api: Api, method: str, path: str, local: str) -> Any:
    """Call the operation at `path` as it wants to be called."""
    if method == "GET":
        return api.get(local, {"q": "words"} if path.endswith("/search") else None)
    if path.endswith("/material"):
        files = {"files": [SimpleUploadedFile("ads.csv", b"id,text\n1,x\n")]}
        return api.client.post(f"/api/v1{local}", files, headers=api.headers)
    return api.post(local, BODIES.get(path, {}))


@pytest.mark.parametrize(("method", "path", "needs"), CALLS, ids=lambda value: str(value)[:60])
def test_each_operation_asks_for_its_own_action(
    world: World, method: str, path: str, needs: Needs
) -> None:
    """With every action but the one that an operation states, a token is refused."""
    word = needs.word
    token, secret = world.token("lead", *tokens.ACTIONS)
    ApiScope.objects.filter(token=token, action=word).delete()
    api = Api(secret)
    local = (
        path.removeprefix("/api/v1").replace("{key}", world.a.key).replace("{name}", "network-1")
    )
    answer = call(api, method, path, local)
    assert answer.status_code == 403, (path, answer.content)
    assert word in answer.json()["detail"]


@pytest.mark.parametrize(("method", "path", "needs"), CALLS, ids=lambda value: str(value)[:60])
def test_no_operation_reaches_another_case(
    world: World, method: str, path: str, needs: Needs
) -> None:
    """A token for case B gets nothing of case A, though its owner has A open too."""
    api = world.api("lead", *tokens.ACTIONS, cases=(world.b,))
    local = (
        path.removeprefix("/api/v1").replace("{key}", world.a.key).replace("{name}", "network-1")
    )
    answer = call(api, method, path, local)
    assert answer.status_code == 404, (path, answer.content)
    unknown = local.replace(world.a.key, "no-such-case")
    other = call(api, method, path, unknown)
    assert other.content == answer.content, "an unknown case and a hidden one look the same"
    assert not Note.rows.of(world.a).exists()


@pytest.mark.parametrize("table", ["items", "identifiers", "runs"])
def test_numbers_of_another_case_are_not_found_under_ones_own(world: World, table: str) -> None:
    api = world.api("other", "read", "import", cases=(world.b,))
    model = {"items": Item, "identifiers": Identifier, "runs": Run}[table]
    own, other = model.rows.of(world.b)[0], model.rows.of(world.a)[0]
    assert api.get(f"/cases/{world.b.key}/{table}/{own.pk}").status_code == 200
    assert api.get(f"/cases/{world.b.key}/{table}/{other.pk}").status_code == 404
    if table == "runs":
        assert api.get(f"/cases/{world.b.key}/runs/{other.pk}/progress").status_code == 404
        assert api.post(f"/cases/{world.b.key}/runs/{other.pk}/cancel").status_code == 404


def test_filters_reach_into_no_other_case(world: World) -> None:
    api = world.api("other", cases=(world.b,))
    foreign = Item.rows.of(world.a)[0]
    for table in ("mentions", "indications", "links"):
        answer = api.get(f"/cases/{world.b.key}/{table}", {"item": foreign.pk})
        assert answer.json()["data"] == []


@pytest.mark.parametrize(
    ("subject", "key"),
    [
        ("item", "REF-A/item 0"),
        ("identifier", "phone:+33600000009"),
        ("network", "network-9"),
        ("link", '["REF-A/item 0","REF-A/item 1","phone:+33600000000"]'),
        ("link", "[[[[["),
        ("link", '["a"]'),
        ("case", "REF-A"),
    ],
)
def test_work_is_about_things_of_the_case_only(world: World, subject: str, key: str) -> None:
    api = world.api("other", "read", "note", cases=(world.b,))
    body = {"subject": subject, "subject_key": key, "text": "x"}
    assert api.post(f"/cases/{world.b.key}/notes", body).status_code == 422


def test_somebody_elses_work_stays(world: World) -> None:
    written = world.api("lead", "note").post(f"/cases/{world.a.key}/notes", {"text": "x"}).json()
    api = world.api("investigator", "note")
    path = f"/cases/{world.a.key}/notes/{written['id']}/withdraw"
    assert api.post(path).status_code == 403
    assert Note.rows.get(pk=written["id"]).withdrawn_at is None


def test_a_task_for_another_needs_assign(world: World) -> None:
    path = f"/cases/{world.a.key}/tasks"
    analyst = str(world.people["analyst"].handle)
    me = str(world.people["investigator"].handle)
    api = world.api("investigator", "note")
    assert api.post(path, {"text": "x", "assignee": me}).status_code == 201
    assert api.post(path, {"text": "x", "assignee": analyst}).status_code == 403
    lead = world.api("lead", "note", "assign")
    assert lead.post(path, {"text": "x", "assignee": analyst}).status_code == 201
    outsider = str(world.people["outsider"].handle)
    assert lead.post(path, {"text": "x", "assignee": outsider}).status_code == 422


def test_judgements_are_kept_and_the_newest_counts(world: World) -> None:
    api, path = world.api("lead", "judge", "read"), f"/cases/{world.a.key}/judgements"
    key = api.get(f"/cases/{world.a.key}/links").json()["data"][0]["name"]
    for verdict in ("same", "not_same"):
        answer = api.post(
            path, {"subject": "link", "subject_key": key, "verdict": verdict, "reason": "seen"}
        )
        assert answer.status_code == 201, answer.content
    assert [(one["verdict"], one["counts"]) for one in api.get(path).json()["data"]] == [
        ("not_same", True),
        ("same", False),
    ]
    assert Judgement.rows.of(world.a).count() == 2


@pytest.mark.parametrize(
    ("who", "actions", "days", "why"),
    [
        ("examiner", ("export",), 30, "does not give"),
        ("analyst", ("export",), 30, "does not give"),
        ("investigator", ("members",), 30, "cannot be for"),
        ("investigator", ("close",), 30, "cannot be for"),
        ("investigator", ("read",), 91, "90 days"),
        ("investigator", ("read",), 0, "90 days"),
        ("outsider", ("read",), 30, "open one first"),
    ],
)
def test_a_token_cannot_be_made_for_more_than_its_owner_has(
    world: World, who: str, actions: tuple[str, ...], days: int, why: str
) -> None:
    with pytest.raises(Refused, match=why):
        world.token(who, *actions, days=days)
    assert not ApiToken.objects.exists()


def test_a_token_cannot_copy_the_opening_of_another(world: World) -> None:
    theirs = Opening.objects.get(person=world.people["analyst"])
    wanted = tokens.Wanted(name="x", actions=("read",), openings=[theirs], reason="x", days=1)
    with pytest.raises(Refused, match="not opened"):
        tokens.make(wanted, by=world.people["investigator"], at=world.clock.at)


def test_a_token_cannot_copy_what_a_token_opened(world: World) -> None:
    token, _ = world.token()
    wanted = tokens.Wanted(
        name="x", actions=("read",), openings=list(token.openings.all()), reason="x", days=90
    )
    with pytest.raises(Refused, match="not opened"):
        tokens.make(wanted, by=token.person, at=world.clock.at)
