"""What the drawing of a network shows: campaigns, accounts and shared identifiers as nodes.

Items are not drawn, or a network of thousands would be a blot; an edge says that some item joins
its two ends. Everything is handed over; the dossier chooses a connected part that fits its page.
"""

from collections import Counter
from itertools import combinations
from typing import TYPE_CHECKING

from palermo.analysis.networks import link_kinds, strength
from palermo.investigation.dossier import Graph, GraphEdge, GraphNode, Listed
from palermo.investigation.summary import NetworkSummary

if TYPE_CHECKING:
    from palermo.investigation.views import CaseView

Node = tuple[str, str]


def drawing(
    case: "CaseView", summary: NetworkSummary, values: dict[tuple[str, str], list[int]]
) -> Graph:
    """Draw one network: `values` maps its identifier values to the items that state them."""
    carriers = _carriers(case, summary, values)
    sizes = {node: len(items) for node, items in carriers.items()}
    ranked = sorted(sizes, key=lambda node: (-sizes[node], node))
    return Graph(
        nodes=Listed.of([_node(node, sizes[node]) for node in ranked]),
        edges=Listed.of([_edge(pair, n, sizes) for pair, n in _edges(carriers)]),
    )


def _carriers(
    case: "CaseView", summary: NetworkSummary, values: dict[tuple[str, str], list[int]]
) -> dict[Node, list[int]]:
    kinds = link_kinds().kinds
    carriers: dict[Node, list[int]] = {
        node: at
        for node, at in values.items()
        if node[0] in kinds and len(at) > 1 and (known := case.quality(*node)) and known["used"]
    }
    at = summary.positions.tolist()
    for position, row in zip(at, case.accounts(summary.positions), strict=True):
        if case.campaign[position] is not None:
            carriers.setdefault(("campaign", case.campaign[position] or ""), []).append(position)
        if row is not None:
            carriers.setdefault(("account", row), []).append(position)
    return carriers


def _edges(carriers: dict[Node, list[int]]) -> list[tuple[tuple[Node, Node], int]]:
    """Pairs of nodes that some item joins, with the number of such items, most first.

    Two identifiers are joined through their campaign or account where they have one, which keeps
    the drawing legible; only identifiers without either are joined directly.
    """
    nodes_of: dict[int, list[Node]] = {}
    for node in sorted(carriers):
        for position in carriers[node]:
            nodes_of.setdefault(position, []).append(node)
    tally: Counter[tuple[Node, Node]] = Counter()
    for nodes in nodes_of.values():
        groups = [node for node in nodes if node[0] in {"account", "campaign"}]
        for pair in combinations(nodes, 2):
            if not groups or pair[0] in groups or pair[1] in groups:
                tally[pair] += 1
    return sorted(tally.items(), key=lambda entry: (-entry[1], entry[0]))


def _node(node: Node, size: int) -> GraphNode:
    kind, value = node
    return GraphNode(id=f"{kind}:{value}", kind=kind, label=value, size=size)


def _edge(pair: tuple[Node, Node], items: int, sizes: dict[Node, int]) -> GraphEdge:
    a, b = pair
    # The weaker of the two kinds decides how strongly the line is drawn.
    weight = min(strength(kind, max(2, sizes[kind, value])) for kind, value in pair)
    said = a if b[0] == "campaign" else b
    return GraphEdge(
        a=f"{a[0]}:{a[1]}",
        b=f"{b[0]}:{b[1]}",
        reason=f"{said[0]}:{said[1]}",
        strength=weight,
        items=items,
    )
