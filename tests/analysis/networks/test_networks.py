"""Networks: what joins, what does not, and that the answer depends on nothing but the input."""

import random
from datetime import UTC, datetime

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from palermo.analysis.networks import (
    QUALITY,
    SHARED,
    SHARED_IN_ORDER,
    Proposal,
    link_kinds,
    propose,
    strength,
)
from palermo.engine import DuckEngine
from palermo.model import LINKS, NETWORKS
from palermo.model import QUALITY as QUALITY_SCHEMA

Item = dict[str, str | None]


def run(items: list[Item], stated: list[tuple[str, str, str]]) -> Proposal:
    """Run the plans and the proposal on items and (id, kind, value) mentions."""
    table = pa.table(
        {
            "position": pa.array(range(len(items)), pa.int64()),
            "id": pa.array([i["id"] for i in items], pa.string()),
            "platform": pa.array([i.get("platform") for i in items], pa.string()),
            "account": pa.array([i.get("account") for i in items], pa.string()),
            "octets": pa.array([len(i.get("text") or "x" * 200) for i in items], pa.int32()),
            "posted_at": pa.array(
                [datetime(2026, 1, 1, tzinfo=UTC)] * len(items), pa.timestamp("us", tz="UTC")
            ),
        }
    )
    identifiers = pa.table(
        {
            name: pa.array([row[at] for row in stated], pa.string())
            for at, name in enumerate(("id", "kind", "value"))
        }
    )
    campaigns = pa.table(
        {
            "id": table["id"],
            "campaign": pa.array([i.get("campaign") for i in items], pa.string()),
        }
    )
    kinds = pa.table({"kind": pa.array(sorted(link_kinds().kinds), pa.string())})
    with DuckEngine(threads=1) as engine:
        engine.load(
            {"items": table, "identifiers": identifiers, "campaigns": campaigns, "kinds": kinds}
        )
        engine.materialise("shared", SHARED)
        return propose(table["id"], engine.query(SHARED_IN_ORDER), engine.query(QUALITY))


def partition(proposal: Proposal) -> set[frozenset[str]]:
    groups: dict[str, set[str]] = {}
    for row in proposal.networks.to_pylist():
        groups.setdefault(row["network"], set()).add(row["id"])
    return {frozenset(group) for group in groups.values()}


def used(proposal: Proposal) -> dict[str, bool]:
    return {row["value"]: row["used"] for row in proposal.quality.to_pylist()}


def ring(name: str, n: int, accounts: int) -> list[Item]:
    return [
        {"id": f"{name}{i}", "platform": "board.example", "account": f"{name}-{i % accounts}"}
        for i in range(n)
    ]


def test_a_shared_phone_links_and_says_why() -> None:
    proposal = run(
        [{"id": "a"}, {"id": "b"}, {"id": "c"}],
        [("a", "phone", "+12025550101"), ("b", "phone", "+12025550101")],
    )
    assert partition(proposal) == {frozenset({"a", "b"})}
    (link,) = proposal.links.to_pylist()
    assert (link["a"], link["b"], link["reason"]) == ("a", "b", "phone:+12025550101")
    assert 0 < link["strength"] <= 1
    assert proposal.links.schema == LINKS
    assert proposal.networks.schema == NETWORKS
    assert proposal.quality.schema == QUALITY_SCHEMA


def test_prices_and_ages_never_link() -> None:
    proposal = run(
        [{"id": "a"}, {"id": "b"}],
        [(i, kind, value) for i in "ab" for kind, value in (("price", "900 EUR"), ("age", "23"))],
    )
    assert proposal.links.num_rows == 0


def test_generic_values_are_shown_and_not_used() -> None:
    proposal = run(
        [{"id": i, "platform": "p", "account": "anonymous"} for i in "abc"],
        [(i, "domain", "t.me") for i in "abc"],
    )
    assert partition(proposal) == set()
    assert used(proposal) == {"t.me": False, "p:anonymous": False}


def test_an_agency_number_does_not_weld_two_rings_and_many_strangers() -> None:
    hub = "+12025550100"
    items = ring("x", 40, 3) + ring("y", 40, 3) + [{"id": f"s{i}"} for i in range(30)]
    stated = [(i["id"] or "", "phone", hub) for i in items[::4] + items[80:]]
    stated += [(f"{name}{i}", "phone", f"+1202555011{name == 'y':d}")
               for name in "xy" for i in range(40)]  # fmt: skip
    proposal = run(items, stated)
    assert partition(proposal) == {
        frozenset(f"x{i}" for i in range(40)),
        frozenset(f"y{i}" for i in range(40)),
    }
    assert used(proposal)[hub] is False


def test_one_value_alone_does_not_join_two_large_groups_but_two_do() -> None:
    items = ring("x", 30, 1) + ring("y", 30, 1)
    one = [("x1", "phone", "+12025550101"), ("y1", "phone", "+12025550101")]
    beside = [("x1", "email", "a@b.example"), ("y1", "email", "a@b.example")]
    other = [("x7", "telegram", "ringline"), ("y9", "telegram", "ringline")]
    assert len(partition(run(items, one))) == 2
    # A number and the address always beside it are one voice.
    assert len(partition(run(items, one + beside))) == 2
    assert len(partition(run(items, one + other))) == 1


def test_the_value_held_back_is_left_to_a_person() -> None:
    items = ring("x", 30, 1) + ring("y", 30, 1)
    proposal = run(items, [(i, "phone", "+12025550101") for i in ("x1", "y1")])
    row = next(r for r in proposal.quality.to_pylist() if r["kind"] == "phone")
    assert "for a person to judge" in row["reason"]


def test_a_number_quoted_by_a_stray_item_joins_a_ring_that_uses_it_everywhere() -> None:
    items: list[Item] = [*ring("x", 40, 2), {"id": "stray"}]
    stated = [(i["id"] or "", "phone", "+12025550101") for i in items]
    assert partition(run(items, stated)) == {frozenset(i["id"] or "" for i in items)}


def test_links_are_a_star_not_a_clique() -> None:
    items: list[Item] = [{"id": f"i{n}", "platform": "p", "account": "same"} for n in range(1000)]
    assert run(items, []).links.num_rows == 999


def test_strength_falls_with_the_number_of_carriers() -> None:
    assert strength("phone", 2) > strength("phone", 20) > strength("phone", 2000) > 0


@settings(max_examples=60, deadline=None)
@given(
    mentions=st.lists(st.tuples(st.integers(0, 29), st.integers(0, 9)), max_size=80),
    campaigns=st.lists(st.none() | st.integers(0, 4), min_size=30, max_size=30),
    seed=st.integers(0, 1000),
)
def test_networks_are_connected_by_used_links_and_ignore_input_order(
    mentions: list[tuple[int, int]], campaigns: list[int | None], seed: int
) -> None:
    items: list[Item] = [
        {"id": f"i{n}", "campaign": None if c is None else f"c{c}"} for n, c in enumerate(campaigns)
    ]
    stated = [(f"i{n}", "phone", f"+1202555010{v}") for n, v in mentions]
    proposal = run(items, stated)
    shuffled = list(items)
    random.Random(seed).shuffle(shuffled)
    assert partition(run(shuffled, stated)) == partition(proposal)

    parent = {i["id"]: i["id"] for i in items}

    def find(x: str | None) -> str | None:
        while parent[x] != x:
            x = parent[x]
        return x

    for link in proposal.links.to_pylist():
        parent[find(link["a"])] = find(link["b"])
    groups: dict[str | None, set[str]] = {}
    for i in items:
        groups.setdefault(find(i["id"]), set()).add(i["id"] or "")
    assert {frozenset(g) for g in groups.values() if len(g) > 1} == partition(proposal)


def test_plans_and_proposal_must_agree() -> None:
    shared = pa.table({"kind": ["phone"], "value": ["1"], "position": [0]})
    quality = pa.table({"kind": ["phone"], "value": ["1"], "items": [2]})
    with pytest.raises(ValueError, match="disagree"):
        propose(pa.chunked_array([["a", "b"]]), shared, quality)


def test_a_greeting_that_two_people_write_links_nobody() -> None:
    items: list[Item] = [
        {"id": str(n), "account": f"a{n}", "campaign": "c-1", "text": "hello, how are you"}
        for n in range(4)
    ]
    proposal = run(items, [])
    assert proposal.links.num_rows == 0
    assert proposal.networks.num_rows == 0
    (row,) = [one for one in proposal.quality.to_pylist() if one["kind"] == "campaign"]
    assert not row["used"]
    assert row["reason"]
    longer: list[Item] = [{**item, "text": "hello, how are you " * 5} for item in items]
    assert run(longer, []).networks.num_rows == 4
