"""The drawing of a network: few enough nodes to read, each numbered as in the table beside it.

Shape and colour both tell what a node is. A label is written only where it covers no node and no
other label; the table names every node that is drawn, so nothing depends on the drawing alone.
"""

import math
import unicodedata
from collections import Counter
from dataclasses import dataclass, replace

import numpy as np

from palermo.investigation.dossier.content import Graph, GraphEdge, GraphNode
from palermo.investigation.dossier.layout import force_layout, spread

NODES = 150
EDGES = 150
WIDTH = 960
_MARGIN_X, _MARGIN_Y = 84, 34
_LABEL = 24  # characters
_LETTER, _LINE = 6.1, 13.0  # width of a Latin letter and height of a label, in drawing units
_SHAPES = {"campaign": "square", "account": "diamond"}  # everything else is an identifier

Box = tuple[float, float, float, float]


@dataclass(frozen=True, slots=True, kw_only=True)
class Dot:
    """A drawn node. `label` is empty where there was no room for it."""

    number: int
    node: GraphNode
    shape: str
    x: float
    y: float
    r: float
    label: str = ""
    label_x: float = 0
    label_y: float = 0
    anchor: str = "start"


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A drawn edge, from dot `a` to dot `b`; one under two thirds of the strongest is dashed."""

    a: Dot
    b: Dot
    edge: GraphEdge
    width: float
    weak: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Drawing:
    """A laid out network, with how much of it is drawn."""

    dots: tuple[Dot, ...]
    lines: tuple[Line, ...]
    nodes_total: int
    edges_total: int
    height: int
    width: int = WIDTH

    @property
    def shapes(self) -> frozenset[str]:
        """The shapes that occur, for the key."""
        return frozenset(dot.shape for dot in self.dots)


def _chosen(graph: Graph) -> tuple[list[GraphNode], list[GraphEdge]]:
    """Take the nodes that join most, then those of most items, and the strongest edges."""
    order = {"campaign": 0, "account": 2}
    links = Counter(end for edge in graph.edges.shown for end in {edge.a, edge.b})
    nodes = sorted(
        graph.nodes.shown, key=lambda n: (-links[n.id], -n.size, order.get(n.kind, 1), n.id)
    )[:NODES]
    nodes.sort(key=lambda n: (order.get(n.kind, 1), -n.size, n.id))
    known = {node.id for node in nodes}
    edges = [e for e in graph.edges.shown if e.a in known and e.b in known and e.a != e.b]
    edges.sort(key=lambda e: (-e.strength, -e.items, e.a, e.b, str(e.reason)))
    return nodes, _held_together(edges, min(EDGES, 2 * len(nodes)))


def _held_together(edges: list[GraphEdge], limit: int) -> list[GraphEdge]:
    """Take edges, strongest first, but before all others those without which nodes fall apart."""
    group: dict[str, str] = {}

    def root(node: str) -> str:
        while (above := group.setdefault(node, node)) != node:
            group[node] = node = group[above]
        return node

    needed: list[GraphEdge] = []
    others: list[GraphEdge] = []
    for edge in edges:
        a, b = root(edge.a), root(edge.b)
        (others if a == b else needed).append(edge)
        group[a] = b
    return needed[:limit] + others[: max(limit - len(needed), 0)]


def _short(label: str) -> str:
    return label if len(label) <= _LABEL else label[: _LABEL - 1] + "…"


def _letters(label: str) -> float:
    wide = sum(unicodedata.east_asian_width(letter) in "WF" for letter in label)
    return (len(label) + wide * 0.8) * _LETTER


def _covers(a: Box, b: Box) -> bool:
    return a[0] < b[2] and b[0] < a[2] and a[1] < b[3] and b[1] < a[3]


def _crosses(box: Box, a: Dot, b: Dot) -> bool:
    """Tell whether the line from `a` to `b` runs through `box` (Liang and Barsky's clipping)."""
    if (a.x < box[0] and b.x < box[0]) or (a.x > box[2] and b.x > box[2]):
        return False
    if (a.y < box[1] and b.y < box[1]) or (a.y > box[3] and b.y > box[3]):
        return False
    enter, leave = 0.0, 1.0
    for start, way, low, high in (
        (a.x, b.x - a.x, box[0], box[2]),
        (a.y, b.y - a.y, box[1], box[3]),
    ):
        if way == 0:
            continue
        near, far = sorted(((low - start) / way, (high - start) / way))
        enter, leave = max(enter, near), min(leave, far)
    return enter < leave


def _places(dot: Dot, wide: float) -> list[tuple[float, float, str, Box]]:
    """Give the four places for a label `wide` units long: right, left, below, above."""
    off = dot.r * (1.25 if dot.shape == "diamond" else 1.0) + 4
    places = []
    for x, y, anchor, before in (
        (dot.x + off, dot.y + 4, "start", 0.0),
        (dot.x - off, dot.y + 4, "end", wide),
        (dot.x, dot.y + off + 9, "middle", wide / 2),
        (dot.x, dot.y - off, "middle", wide / 2),
    ):
        box = (x - before - 2, y - _LINE + 2, x - before + wide + 2, y + 4)
        places.append((round(x, 1), round(y, 1), anchor, box))
    return places


def _labelled(dots: list[Dot], pairs: list[tuple[int, int]], height: int) -> list[Dot]:
    """Write labels where they are free and cross fewest lines, the largest nodes first."""
    taken: list[Box] = [(d.x - d.r, d.y - d.r, d.x + d.r, d.y + d.r) for d in dots]
    done = list(dots)
    for dot in sorted(dots, key=lambda d: (-d.node.size, d.number)):
        label = _short(dot.node.label)
        free = [
            (sum(_crosses(box, dots[a], dots[b]) for a, b in pairs), turn, x, y, anchor, box)
            for turn, (x, y, anchor, box) in enumerate(_places(dot, _letters(label)))
            if box[0] > 0 and box[2] < WIDTH and box[1] > 0 and box[3] < height
            if not any(_covers(box, other) for other in taken)
        ]
        if free:
            _, _, x, y, anchor, box = min(free)
            taken.append(box)
            done[dot.number - 1] = replace(dot, label=label, label_x=x, label_y=y, anchor=anchor)
    return done


def draw(graph: Graph) -> Drawing | None:
    """Lay `graph` out; None when it has no node to show."""
    nodes, edges = _chosen(graph)
    if not nodes:
        return None
    index = {node.id: i for i, node in enumerate(nodes)}
    height = 240 if len(nodes) <= 6 else 420 if len(nodes) <= 40 else 620
    inner = (WIDTH - 2 * _MARGIN_X, height - 2 * _MARGIN_Y)
    most = max(1, *(node.size for node in nodes))
    small = 9.0 if len(nodes) <= 60 else 8.0
    radii = np.array([small + round(9 * math.sqrt(max(n.size, 0) / most), 1) for n in nodes])
    place = force_layout(len(nodes), [(index[e.a], index[e.b], e.strength) for e in edges])
    place = spread(place * np.array(inner), radii, width=inner[0], height=inner[1])
    dots = [
        Dot(
            number=i + 1,
            node=node,
            shape=_SHAPES.get(node.kind, "circle"),
            x=round(float(place[i, 0]) + _MARGIN_X, 1),
            y=round(float(place[i, 1]) + _MARGIN_Y, 1),
            r=float(radii[i]),
        )
        for i, node in enumerate(nodes)
    ]
    strongest = max((e.strength for e in edges), default=0.0)
    dots = _labelled(dots, [(index[e.a], index[e.b]) for e in edges], height)
    lines = [
        Line(
            a=dots[index[e.a]],
            b=dots[index[e.b]],
            edge=e,
            width=round(0.8 + 1.6 * e.strength, 1),
            weak=e.strength < strongest * 2 / 3,
        )
        for e in edges
    ]
    return Drawing(
        dots=tuple(dots),
        lines=tuple(lines),
        nodes_total=max(graph.nodes.total, len(dots)),
        edges_total=max(graph.edges.total, len(lines)),
        height=height,
    )
