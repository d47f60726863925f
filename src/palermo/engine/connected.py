"""Connected components as a plan: no engine ever holds the graph in one place.

Guarantees: when `connect` returns, every node of the edges stands in exactly one row of the
result, and two nodes have the same component exactly when a path of edges joins them. A component
is named by its smallest node.

The method is alternating large-star and small-star (Kiveris, Lattanzi, Mirrokni, Rastogi and
Vassilvitskii, "Connected Components in MapReduce and Beyond", SoCC 2014): each round moves every
edge nearer to the smallest node it can see, keeps what is connected connected, and never makes
more edges than there were. It ends when all that is left is one star per component; that is
tested on the edges themselves. The bound shown there is O(log² n) rounds; chains of n nodes took
about log2(n) rounds here (docs/how-to/cluster.md).
"""

from typing import Protocol

import pyarrow as pa

from palermo.model import Refused

_EDGES = "connected_edges"

#: The edges, each from its larger to its smaller node, once.
_START = """
SELECT DISTINCT greatest(a, b) AS child, least(a, b) AS parent
FROM ({edges}) AS given WHERE a <> b
"""

#: Every node hands the smallest of its neighbours and itself to its larger neighbours.
_LARGE_STAR = f"""
WITH both_ways AS (
    SELECT child AS node, parent AS neighbour FROM {_EDGES}
    UNION ALL
    SELECT parent AS node, child AS neighbour FROM {_EDGES}
),
smallest AS (
    SELECT node, least(node, min(neighbour)) AS parent FROM both_ways GROUP BY node
)
SELECT DISTINCT both_ways.neighbour AS child, smallest.parent AS parent
FROM both_ways JOIN smallest ON both_ways.node = smallest.node
WHERE both_ways.neighbour > both_ways.node
"""

#: Every node hands the smallest of its smaller neighbours to the others of them, and keeps it.
_SMALL_STAR = f"""
WITH smallest AS (SELECT child, min(parent) AS parent FROM {_EDGES} GROUP BY child)
SELECT {_EDGES}.parent AS child, smallest.parent AS parent
FROM {_EDGES} JOIN smallest ON {_EDGES}.child = smallest.child
WHERE {_EDGES}.parent <> smallest.parent
UNION
SELECT child, parent FROM smallest
"""

#: How many children have a second parent or are parents themselves: 0 when only stars are left.
_UNSETTLED = f"""
SELECT
    (SELECT count(*) - count(DISTINCT child) FROM {_EDGES})
    + (SELECT count(*) FROM {_EDGES} AS lower JOIN {_EDGES} AS upper ON lower.parent = upper.child)
    AS unsettled
"""

#: The stars, written out: columns node and component.
_STARS = f"""
SELECT child AS node, parent AS component FROM {_EDGES}
UNION
SELECT parent AS node, parent AS component FROM {_EDGES}
"""

#: Twice what log²(n) gives for any graph that fits on earth: only a broken engine gets there.
_MOST_ROUNDS = 200


class _Engine(Protocol):
    def materialise(self, name: str, plan: str) -> None: ...

    def query(self, plan: str) -> pa.Table: ...

    def drop(self, *names: str) -> None: ...


def connect(engine: _Engine, edges: str, *, name: str) -> int:
    """Find the connected components of a graph and keep them under `name`.

    Args:
        engine: any engine of this room.
        edges: a plan with columns `a` and `b` of one type that has an order; loops and repeated
            edges do no harm. A node without an edge to another one is not in the result.
        name: the table made, with columns `node` and `component`.

    Returns:
        The rounds it took, one round being one large-star and one small-star.

    Raises:
        Refused: the engine's answers are so wrong that the edges never settle.
    """
    engine.materialise(_EDGES, _START.format(edges=edges))
    rounds = 0
    while engine.query(_UNSETTLED)["unsettled"][0].as_py():
        if rounds == _MOST_ROUNDS:
            raise Refused(f"components: not settled after {rounds} rounds; report this engine")
        engine.materialise(_EDGES, _LARGE_STAR)
        engine.materialise(_EDGES, _SMALL_STAR)
        rounds += 1
    engine.materialise(name, _STARS)
    engine.drop(_EDGES)
    return rounds
