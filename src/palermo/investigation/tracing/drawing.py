"""Where the money went, drawn: accounts in columns by their distance from a claim.

Guarantees the same drawing for the same path, at most `MOST` accounts, and a count of those left
out. What is drawn stands in the table beside it.
"""

from collections import defaultdict, deque
from collections.abc import Mapping
from dataclasses import dataclass

import pyarrow as pa

MOST = 24
_WIDTH, _COLUMN, _ROW = 170, 250, 46


@dataclass(frozen=True, slots=True, kw_only=True)
class Box:
    """An account: its left upper corner, and the name as it fits."""

    x: int
    y: int
    name: str
    title: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrow:
    """Payments between two accounts: a curve, its width and the units carried."""

    path: str
    width: float
    units: int
    currency: str
    x: int
    y: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Drawing:
    """The whole: its size in units of the picture, and how many accounts were left out."""

    width: int
    height: int
    boxes: tuple[Box, ...]
    arrows: tuple[Arrow, ...]
    left_out: int


def draw(paid: pa.Table, carried: pa.ChunkedArray, claims: pa.Table) -> Drawing:
    """Draw the payments `paid` (TRANSACTIONS), which carried `carried` units each."""
    between = ["src", "dst", "currency"]
    summed = (
        paid.select(between)
        .append_column("units", carried)
        .group_by(between)
        .aggregate([("units", "sum")])
    )
    flows = {
        (row["src"], row["dst"], row["currency"]): row["units_sum"] for row in summed.to_pylist()
    }
    depth = _depths(flows, claims["account"].to_pylist())
    weight: dict[str, int] = defaultdict(int)
    for (src, dst, _), units in flows.items():
        weight[src] += units
        weight[dst] += units
    ranked = sorted(depth, key=lambda name: (depth[name], -weight[name], name))
    shown = ranked[:MOST]
    boxes, place = _boxes(shown, depth)
    return Drawing(
        width=_COLUMN * (1 + max((depth[name] for name in shown), default=0)),
        height=_ROW * max([1, *(round(box.y / _ROW) + 1 for box in boxes)]) + 10,
        boxes=boxes,
        arrows=_arrows(flows, place),
        left_out=len(ranked) - len(shown),
    )


def _depths(flows: Mapping[tuple[str, str, str], int], starts: list[str]) -> dict[str, int]:
    onward: dict[str, set[str]] = defaultdict(set)
    for src, dst, _ in flows:
        onward[src].add(dst)
    depth = dict.fromkeys(sorted(set(starts)), 0)
    queue = deque(depth)
    while queue:
        name = queue.popleft()
        for following in sorted(onward[name]):
            if following not in depth:
                depth[following] = depth[name] + 1
                queue.append(following)
    return depth


def _boxes(
    shown: list[str], depth: Mapping[str, int]
) -> tuple[tuple[Box, ...], dict[str, tuple[int, int]]]:
    rows: dict[int, int] = defaultdict(int)
    boxes, place = [], {}
    for name in shown:
        x, y = depth[name] * _COLUMN + 4, rows[depth[name]] * _ROW + 6
        rows[depth[name]] += 1
        place[name] = (x, y)
        fitting = name if len(name) <= 22 else f"{name[:10]}…{name[-10:]}"
        boxes.append(Box(x=x, y=y, name=fitting, title=name))
    return tuple(boxes), place


def _arrows(
    flows: Mapping[tuple[str, str, str], int], place: Mapping[str, tuple[int, int]]
) -> tuple[Arrow, ...]:
    most = max(flows.values(), default=1)
    arrows = []
    for (src, dst, currency), units in sorted(flows.items()):
        if src not in place or dst not in place or src == dst:
            continue
        (x1, y1), (x2, y2) = place[src], place[dst]
        y1, y2 = y1 + 15, y2 + 15
        x1 += _WIDTH
        bend = 40 if x2 >= x1 else 70
        arrows.append(
            Arrow(
                path=f"M{x1} {y1} C{x1 + bend} {y1} {x2 - bend} {y2} {x2} {y2}",
                width=round(1 + 5 * units / most, 1),
                units=units,
                currency=currency,
                x=(x1 + x2) // 2,
                y=(y1 + y2) // 2 - 4,
            )
        )
    return tuple(arrows)
