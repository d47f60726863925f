"""Components as a plan are those of union-find, on any graph and on either engine."""

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from palermo.analysis.networks.components import Components
from palermo.engine import DuckEngine, Engine, connect

Edge = tuple[int, int]


def by_union_find(edges: Sequence[Edge]) -> dict[int, int]:
    """Return the smallest node of its component for every node that an edge joins to another."""
    names = sorted({node for edge in edges for node in edge})
    place = {name: at for at, name in enumerate(names)}
    groups = Components(len(names))
    for a, b in edges:
        groups.join(np.array([place[a], place[b]], dtype=np.int64))
    joined = {node for a, b in edges if a != b for node in (a, b)}
    return {
        name: names[label]
        for name, label in zip(names, groups.label.tolist(), strict=True)
        if name in joined
    }


def by_plan(engine: Engine, edges: Sequence[Edge]) -> tuple[dict[int, int], int]:
    a, b = ([edge[end] for edge in edges] for end in (0, 1))
    engine.load({"graph": pa.table([pa.array(a, pa.int64()), pa.array(b, pa.int64())], ["a", "b"])})
    rounds = connect(engine, "SELECT a, b FROM graph", name="found")
    rows = engine.query("SELECT node, component FROM found").to_pylist()
    found = {row["node"]: row["component"] for row in rows}
    assert len(found) == len(rows), "a node stands in two rows"
    return found, rounds


nodes = st.integers(-(2**63), 2**63 - 1) | st.integers(0, 12)


@given(edges=st.lists(st.tuples(nodes, nodes), max_size=40))
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_any_small_graph(edges: list[Edge]) -> None:
    with DuckEngine(threads=1) as engine:
        assert by_plan(engine, edges)[0] == by_union_find(edges)


def shuffled(edges: list[Edge], seed: int) -> list[Edge]:
    order = np.random.default_rng(seed).permutation(len(edges))
    return [edges[k] if k % 2 else edges[k][::-1] for k in order.tolist()]


def a_chain(length: int, first: int, seed: int | None = None) -> list[Edge]:
    names = np.arange(length) if seed is None else np.random.default_rng(seed).permutation(length)
    path = (first + names).tolist()
    return list(pairwise(path))


def all_kinds(size: int) -> list[Edge]:
    """Chains in order and not, stars around small and large nodes, a dense and a sparse graph."""
    random = np.random.default_rng(7)
    star = [(10 * size, 10 * size + k) for k in range(1, size)]
    inward = [(21 * size, 20 * size + k) for k in range(size)]
    dense = (30 * size + random.integers(0, 30, (300, 2))).tolist()
    sparse = (40 * size + random.integers(0, size, (size // 2, 2))).tolist()
    graphs = [a_chain(size, 0), a_chain(size, 5 * size, 3), star, inward, dense, sparse]
    return shuffled([(a, b) for graph in graphs for a, b in graph], 11)


def test_chains_stars_and_random_graphs(engine: Engine) -> None:
    """On Spark a small size: every round costs about a second there, whatever the size."""
    edges = all_kinds(20_000 if isinstance(engine, DuckEngine) else 50)
    found, rounds = by_plan(engine, edges)
    assert found == by_union_find(edges)
    assert rounds <= (16 if isinstance(engine, DuckEngine) else 8)


@pytest.mark.parametrize("length", [10, 100, 1_000, 10_000])
def test_a_chain_takes_about_log2_of_its_length(duck: Engine, length: int) -> None:
    found, rounds = by_plan(duck, a_chain(length, 0))
    assert set(found.values()) == {0}
    assert rounds <= np.log2(length) + 1


def test_no_edges_no_components(engine: Engine) -> None:
    assert by_plan(engine, [(4, 4), (7, 7)]) == ({}, 0)
