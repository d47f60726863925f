"""The drawing of a network: what is in it, how much of it, and for whom."""

import json
from collections import Counter
from itertools import combinations

import pyarrow.parquet as pq
import pytest
from django.urls import reverse
from tests.desks.cases.found.sample import network
from tests.desks.cases.sirocco import SiroccoCase

from palermo.desks.cases import graph
from palermo.desks.cases.models import Network, Node, Tie

Key = tuple[str, str]


def _carried(made: SiroccoCase, key: str) -> dict[str, tuple[set[Key], set[Key]]]:
    """By the tables of the case alone: each item's values that link, and its groups."""
    tables = made.folder / "tables"
    used = {
        (row["kind"], row["value"])
        for row in pq.read_table(tables / "quality.parquet").to_pylist()
        if row["used"]
    }
    inside = {
        row["id"]
        for row in pq.read_table(tables / "networks.parquet").to_pylist()
        if row["network"] == key
    }
    carried: dict[str, tuple[set[Key], set[Key]]] = {one: (set(), set()) for one in inside}
    for row in pq.read_table(tables / "identifiers.parquet").to_pylist():
        if row["id"] in inside and (row["kind"], row["value"]) in used:
            carried[row["id"]][0].add((row["kind"], row["value"]))
    for row in pq.read_table(tables / "campaigns.parquet").to_pylist():
        if row["id"] in inside and row["campaign"]:
            carried[row["id"]][1].add(("campaign", row["campaign"]))
    for row in pq.read_table(tables / "items.parquet").to_pylist():
        if row["id"] in inside and row["account"]:
            carried[row["id"]][1].add(("account", f"{row['platform']}:{row['account']}"))
    return carried


def test_nodes_and_ties_are_what_items_carry(either: SiroccoCase) -> None:
    for found in Network.rows.of(either.case):
        nodes: Counter[Key] = Counter()
        ties: Counter[frozenset[Key]] = Counter()
        for values, groups in _carried(either, found.key).values():
            nodes.update(values | groups)
            pairs = [frozenset((value, group)) for value in values for group in groups]
            if not groups:
                pairs = [frozenset(pair) for pair in combinations(values, 2)]
            elif len(groups) == 2:
                pairs.append(frozenset(groups))
            ties.update(pairs)
        rows = Node.rows.of(either.case).filter(network=found.key, used=True)
        assert {(node.kind, node.value): node.items for node in rows} == nodes
        shown = Tie.rows.of(either.case).filter(network=found.key).select_related("a", "b")
        assert {
            frozenset(((tie.a.kind, tie.a.value), (tie.b.kind, tie.b.value))): tie.items
            for tie in shown
        } == ties
        assert (found.nodes, found.ties) == (len(nodes), len(ties))


def test_values_that_were_held_back_are_kept_and_not_drawn(sirocco_case: SiroccoCase) -> None:
    held_back = Node.rows.of(sirocco_case.case).filter(used=False)
    assert held_back.exists()
    for node in held_back:
        found = Network.rows.of(sirocco_case.case).get(key=node.network)
        drawn = graph.choose(sirocco_case.viewer(), sirocco_case.case, found, most=1000)
        assert (node.kind, node.value) not in {(dot.kind, dot.value) for dot in drawn.dots}


def test_a_drawing_is_cut_to_the_nodes_in_most_items_and_says_so(
    sirocco_case: SiroccoCase,
) -> None:
    found = network(sirocco_case)
    drawn = graph.choose(sirocco_case.viewer(), sirocco_case.case, found, most=5)
    rows = Node.rows.of(sirocco_case.case).filter(network=found.key, used=True)
    most = sorted(rows, key=lambda node: (-node.items, node.pk))[:5]
    assert [dot.row for dot in drawn.dots] == most
    assert drawn.of_dots == rows.count() > 5
    inside = {dot.key for dot in drawn.dots}
    assert all({line.a.key, line.b.key} <= inside for line in drawn.lines)
    again = graph.choose(sirocco_case.viewer(), sirocco_case.case, found, most=5)
    assert again.payload() == drawn.payload()


def test_no_drawing_has_more_nodes_than_the_ceiling(
    sirocco_case: SiroccoCase, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(graph, "MOST", 7)
    found = network(sirocco_case)
    drawn = graph.choose(sirocco_case.viewer(), sirocco_case.case, found, most=10**9)
    assert len(drawn.dots) == 7


def test_the_surroundings_of_a_node_are_its_ties_and_some_items(
    sirocco_case: SiroccoCase,
) -> None:
    for kind in ("campaign", "account", "phone"):
        node = Node.rows.of(sirocco_case.case).filter(kind=kind, used=True)[0]
        drawn = graph.around(sirocco_case.viewer(), sirocco_case.case, node)
        middle = f"n{node.pk}"
        near = {dot.key for dot in drawn.dots} - {middle}
        joined = {line.b.key if line.a.key == middle else line.a.key for line in drawn.lines
                  if middle in {line.a.key, line.b.key}}  # fmt: skip
        assert near == joined
        assert sum(dot.kind == "item" for dot in drawn.dots) == min(node.items, graph.CARRIERS)


def test_nobody_else_gets_a_drawing(sirocco_case: SiroccoCase) -> None:
    drawn = graph.choose(sirocco_case.viewer("outsider"), sirocco_case.case, network(sirocco_case))
    assert not drawn.dots
    assert not drawn.lines


def test_a_node_of_another_case_is_not_found(
    sirocco_case: SiroccoCase, other_case: SiroccoCase
) -> None:
    node = Node.rows.of(other_case.case).filter(network=network(sirocco_case).key)[0]
    address = reverse("cases:graph_data", args=[sirocco_case.case.key, node.network])
    assert sirocco_case.client().get(address, {"around": node.pk}).status_code == 404


@pytest.mark.parametrize("around", ["x", "-1", "9" * 30, "1e3", "١", "0"])
def test_a_strange_node_is_not_found(sirocco_case: SiroccoCase, around: str) -> None:
    address = reverse("cases:graph", args=[sirocco_case.case.key, network(sirocco_case).key])
    assert sirocco_case.client().get(address, {"around": around}).status_code == 404


def test_the_tables_say_what_the_script_draws(sirocco_case: SiroccoCase) -> None:
    found = network(sirocco_case)
    arguments = [sirocco_case.case.key, found.key]
    client = sirocco_case.client()
    data = json.loads(client.get(reverse("cases:graph_data", args=arguments)).content)
    page = client.get(reverse("cases:graph", args=arguments)).content.decode()
    for node in data["nodes"]:
        assert f"<bdi>{node['label']}</bdi>" in page
    assert f"of {data['of']['nodes']} nodes" in page
    assert page.count("<tr>") - 2 == len(data["nodes"]) + len(data["ties"])
