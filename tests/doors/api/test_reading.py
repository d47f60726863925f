"""What a program reads: the rows of the case, page by page, of one run."""

import json
from datetime import timedelta
from typing import Any

import pytest
from tests.doors.api.conftest import AT, Api, World, fill

from palermo.desks.access.models import AuditEntry
from palermo.desks.cases.models import Identifier, Item, Link, Run

TABLES = {
    "items": 6,
    "identifiers": 2,
    "mentions": 6,
    "indications": 1,
    "campaigns": 3,
    "networks": 1,
    "links": 5,
}


def every_page(api: Api, path: str, **query: Any) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = []
    while True:
        answer = api.get(path, query)
        assert answer.status_code == 200, answer.content
        rows += answer.json()["data"]
        if answer.json()["next"] is None:
            return rows
        assert len(answer.json()["data"]) == query["limit"]
        query["after"] = answer.json()["next"]


@pytest.mark.parametrize("table", TABLES)
@pytest.mark.parametrize("limit", [1, 2, 4, 1000])
def test_pages_hold_every_row_of_the_case_once(world: World, table: str, limit: int) -> None:
    rows = every_page(world.api(), f"/cases/{world.a.key}/{table}", limit=limit)
    names = [row.get("id", row.get("key")) for row in rows]
    assert len(names) == len(set(names)) == TABLES[table]


def test_a_row_that_comes_in_between_moves_no_other(world: World) -> None:
    api, path = world.api("investigator", "read", "note"), f"/cases/{world.a.key}/notes"
    for number in range(4):
        assert api.post(path, {"text": f"note {number}"}).status_code == 201
    first = api.get(path, {"limit": 2}).json()
    api.post(path, {"text": "later"})
    second = api.get(path, {"limit": 2, "after": first["next"]}).json()
    assert [row["text"] for row in first["data"] + second["data"]] == [
        "note 3",
        "note 2",
        "note 1",
        "note 0",
    ]


def test_pages_of_two_runs_are_never_mixed(world: World) -> None:
    api, path = world.api(), f"/cases/{world.a.key}/items"
    after = api.get(path, {"limit": 2}).json()["next"]
    Link.rows.of(world.a).delete()
    Item.rows.of(world.a).delete()
    Identifier.rows.of(world.a).delete()
    from palermo.desks.cases.models import Campaign, Network

    Campaign.rows.of(world.a).delete()
    Network.rows.of(world.a).delete()
    fill(world.a)
    answer = api.get(path, {"limit": 2, "after": after})
    assert answer.status_code == 410
    assert answer.headers["Content-Type"] == "application/problem+json"


def test_a_place_in_a_list_is_good_for_this_list_only(world: World) -> None:
    api = world.api("lead", cases=(world.a, world.b))
    after = api.get(f"/cases/{world.a.key}/items", {"limit": 2}).json()["next"]
    for path in (f"/cases/{world.b.key}/items", f"/cases/{world.a.key}/links"):
        answer = api.get(path, {"after": after})
        assert answer.status_code == 422
        assert answer.json()["errors"][0]["where"] == "query.after"
    forged = after[:-1] + ("A" if after[-1] != "A" else "B")
    assert api.get(f"/cases/{world.a.key}/items", {"after": forged}).status_code == 422


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ({"lang": "ar"}, 3),
        ({"account": "account0"}, 2),
        ({"campaign": "campaign-1"}, 3),
        ({"place": "elsewhere"}, 0),
        ({"rule": "debt"}, 1),
        ({"posted_from": (AT - timedelta(days=2)).isoformat()}, 3),
        ({"posted_until": (AT - timedelta(days=2)).isoformat()}, 3),
        ({"posted_from": (AT - timedelta(days=2)).isoformat(), "lang": "ar"}, 1),
        ({"posted_from": "2026-11-23T11:00:00+02:00"}, 3),
    ],
)
def test_items_are_filtered(world: World, query: dict[str, str], expected: int) -> None:
    answer = world.api().get(f"/cases/{world.a.key}/items", query)
    assert len(answer.json()["data"]) == expected


def test_items_with_an_identifier(world: World) -> None:
    api = world.api()
    phones = api.get(f"/cases/{world.a.key}/identifiers", {"used": "true"}).json()["data"]
    found = api.get(f"/cases/{world.a.key}/items", {"identifier": phones[0]["id"]}).json()["data"]
    mentions = api.get(f"/cases/{world.a.key}/mentions", {"identifier": phones[0]["id"]}).json()[
        "data"
    ]
    assert [row["id"] for row in found] == [row["item"]["id"] for row in mentions]
    assert len(found) == 3


def test_an_unknown_filter_is_not_taken_for_none(world: World) -> None:
    answer = world.api().get(f"/cases/{world.a.key}/items", {"langauge": "ar"})
    assert answer.status_code == 422
    assert answer.json()["errors"] == [
        {"where": "query", "problem": "expected parameters of this operation only"}
    ]


def test_campaigns_come_largest_first(world: World) -> None:
    rows = every_page(world.api(), f"/cases/{world.a.key}/campaigns", limit=1)
    assert [row["key"] for row in rows] == ["campaign-1", "campaign-2", "campaign-3"]
    whole = world.api().get(f"/cases/{world.a.key}/campaigns/campaign-1").json()
    assert whole["template"] == {"parts": ["call"]}


@pytest.mark.parametrize("limit", [1, 2, 3, 1000])
def test_a_graph_says_how_much_it_shows(world: World, limit: int) -> None:
    api, path = world.api(), f"/cases/{world.a.key}/networks/network-1/graph"
    answer, whole = api.get(path, {"limit": limit}).json(), api.get(path).json()
    assert whole["shown"]["nodes"] == whole["shown"]["of_nodes"] > 3
    assert len(answer["nodes"]) == min(limit, len(whole["nodes"])) == answer["shown"]["nodes"]
    assert answer["shown"]["of_nodes"] == whole["shown"]["of_nodes"]
    keys = {one["key"] for one in answer["nodes"]}
    assert {end for tie in answer["ties"] for end in (tie["a"], tie["b"])} <= keys
    assert len(answer["ties"]) == answer["shown"]["ties"]
    sizes = [one["items"] for one in answer["nodes"]]
    assert sizes == sorted(sizes, reverse=True)


def test_search_finds_what_the_page_finds(world: World) -> None:
    token, secret = world.token("investigator", "search", "note")
    api, key = Api(secret), world.a.key
    api.post(f"/cases/{key}/notes", {"text": "Sirocco again"})
    kinds = api.get(f"/cases/{key}/search", {"q": "sirocco"}).json()["kinds"]
    assert {name: one["number"] for name, one in kinds.items()} == {
        "items": 0,
        "identifiers": 0,
        "notes": 1,
    }
    hit = kinds["notes"]["hits"][0]
    assert [piece for piece in hit["pieces"] if piece["found"]] == [
        {"text": "Sirocco", "found": True}
    ]
    kinds = api.get(f"/cases/{key}/search", {"q": "06 00 00 00 00"}).json()["kinds"]
    assert (kinds["items"]["number"], kinds["identifiers"]["number"]) == (3, 1)
    entry = AuditEntry.objects.filter(what="search").latest("seq")
    assert entry.kind == "consultation"
    assert entry.purpose == "investigate"
    assert entry.detail["text"] == "06 00 00 00 00"
    assert entry.detail["ident"] == token.ident
    assert entry.detail["found"]["items"] == 3


def test_search_looks_into_no_other_case(world: World) -> None:
    api = world.api("lead", "search", cases=(world.b,))
    answer = api.get(f"/cases/{world.b.key}/search", {"q": "Case A"}).json()
    assert [one["number"] for one in answer["kinds"].values()] == [0, 0, 0]
    assert api.get(f"/cases/{world.a.key}/search", {"q": "Case"}).status_code == 404


def test_a_question_about_oneself_is_marked(world: World) -> None:
    api = world.api("investigator", "search")
    api.get(f"/cases/{world.a.key}/search", {"q": "Investigator"})
    assert AuditEntry.objects.get(what="search").detail["own_name"] is True


def test_one_thing_is_what_the_list_says(world: World) -> None:
    api = world.api()
    for table in ("items", "identifiers"):
        for row in api.get(f"/cases/{world.a.key}/{table}").json()["data"]:
            assert api.get(f"/cases/{world.a.key}/{table}/{row['id']}").json() == row


def test_instants_and_letters_are_kept_as_they_are(world: World) -> None:
    exact = AT.replace(microsecond=123456)
    Item.rows.of(world.a).update(posted_at=exact)
    api = world.api("investigator", "read", "export")
    answer = api.get(f"/cases/{world.a.key}/items")
    exported = api.get(f"/cases/{world.a.key}/export/items").getvalue().splitlines()[1]
    assert answer.json()["data"][0]["posted_at"] == "2026-11-25T09:00:00.123456Z"
    assert json.loads(exported)["posted_at"] == "2026-11-25T09:00:00.123456Z"
    assert "نص" in answer.content.decode()


def test_the_token_says_what_it_is_for(world: World) -> None:
    token, secret = world.token("investigator", "read", "note")
    told = Api(secret).get("/token").json()
    assert told["ident"] == token.ident
    assert told["actions"] == ["see", "read", "note"]
    assert told["owner"] == {
        "handle": str(world.people["investigator"].handle),
        "name": "Investigator",
    }
    assert [(one["case"], one["purpose"], one["holds"]) for one in told["openings"]] == [
        (world.a.key, "investigate", True)
    ]


def test_an_answer_is_asked_for_again_by_its_tag(world: World) -> None:
    api, path = world.api(), f"/cases/{world.a.key}/items"
    first = api.get(path)
    assert first.headers["Cache-Control"] == "private, no-cache"
    assert first.headers["Last-Modified"] == "Wed, 25 Nov 2026 09:00:00 GMT"
    tag = first.headers["ETag"]
    again = api.get(path, **{"if-none-match": tag})
    assert (again.status_code, again.content) == (304, b"")
    assert again.headers["ETag"] == tag
    assert api.get(path, {"lang": "ar"}, **{"if-none-match": tag}).status_code == 200
    looks = AuditEntry.objects.filter(what="items").count()
    assert looks == 3, "a look that is answered with 304 is a look"
    Run.rows.create(
        case=world.a,
        mandate=world.a.mandates.get(),
        purpose="investigate",
        asked_at=AT,
        asked_by=world.people["lead"],
        state=Run.State.DONE,
        ended_at=AT + timedelta(hours=1),
    )
    assert api.get(path, **{"if-none-match": tag}).status_code == 200


def test_a_tag_is_worth_nothing_to_another_token(world: World) -> None:
    path = f"/cases/{world.a.key}/items"
    tag = world.api().get(path).headers["ETag"]
    assert world.api("analyst").get(path, **{"if-none-match": tag}).status_code == 200
    assert (
        world.api("other", cases=(world.b,)).get(path, **{"if-none-match": tag}).status_code == 404
    )


@pytest.mark.parametrize("table", TABLES)
def test_an_export_is_whole_and_says_so(world: World, table: str) -> None:
    token, secret = world.token("investigator", "export")
    answer = Api(secret).get(f"/cases/{world.a.key}/export/{table}")
    assert answer.headers["Content-Type"] == "application/jsonl"
    head, *rows, tail = [json.loads(line) for line in answer.getvalue().splitlines()]
    assert head["case"] == "REF-A"
    assert head["purpose"] == "investigate"
    assert head["run"] == Run.rows.of(world.a)[0].pk
    assert head["token"] == token.ident
    assert tail == {"end": "complete", "rows": TABLES[table]}
    assert len(rows) == TABLES[table]
    entry = AuditEntry.objects.get(what="export")
    assert (entry.kind, entry.of) == ("disclosure", table)
    assert entry.recipient == "Investigator"


def test_an_export_ends_when_access_does(world: World) -> None:
    Item.rows.bulk_create(
        Item(case=world.a, ident=f"more {n}", text="", exhibit="e", row=n, row_hash="h")
        for n in range(2500)
    )
    lines = iter(world.api("investigator", "export").get(f"/cases/{world.a.key}/export/items"))
    next(lines)
    world.clock.pass_by(days=31)
    rest = b"".join(lines).splitlines()
    assert json.loads(rest[-1]) == {
        "end": "cut off: the token gives this no more",
        "rows": 1000,
    }
