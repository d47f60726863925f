"""Where the nodes of a drawing stand: the same place on every run and on every machine.

A force layout (Fruchterman and Reingold, 1991) in plain NumPy. A force layout turns a difference in
the last bit into another picture, so only operations that IEEE 754 rounds exactly are iterated,
and sums are of whole numbers, whose order does not matter. Positions carry no meaning beyond who
is linked to whom.
"""

import math

import numpy as np
import numpy.typing as npt

Points = npt.NDArray[np.float64]

_ROUNDS = 160
_UNIT = 2.0**30  # forces are summed as multiples of 2^-30
_GOLDEN_ANGLE = math.pi * (3 - math.sqrt(5))


def _start(n: int) -> Points:
    """Spread `n` points over a disc along a sunflower spiral, on a coarse decimal grid."""
    steps = range(n)
    return np.array(
        [
            (
                round(math.sqrt((i + 0.5) / n) * math.cos(i * _GOLDEN_ANGLE), 6),
                round(math.sqrt((i + 0.5) / n) * math.sin(i * _GOLDEN_ANGLE), 6),
            )
            for i in steps
        ],
        dtype=np.float64,
    ).reshape(n, 2)


def _sum(forces: Points) -> Points:
    """Sum over the first axis, exactly, in whole units."""
    total: Points = np.rint(forces * _UNIT).astype(np.int64).sum(axis=0) / _UNIT
    return total


def _apart(place: Points) -> tuple[Points, Points, Points]:
    """Give the way from each node j to each node i, across and down, and its length."""
    across = place[:, None, 0] - place[None, :, 0]
    down = place[:, None, 1] - place[None, :, 1]
    return across, down, np.sqrt(across * across + down * down)


def force_layout(n: int, edges: list[tuple[int, int, float]]) -> Points:
    """Place `n` nodes joined by `edges` (a, b, weight in (0, 1]).

    Returns an (n, 2) array scaled to the unit square, each axis by itself; a single node stands in
    the middle.
    """
    if n <= 1:
        return np.full((n, 2), 0.5)
    place = _start(n)
    pull = np.zeros((n, n))
    for a, b, weight in edges:
        if a != b:
            pull[a, b] = pull[b, a] = max(pull[a, b], weight)
    degree = np.maximum((pull > 0).sum(axis=0), 1)
    pull = pull / np.sqrt(np.minimum(degree[:, None], degree[None, :]))  # hubs do not swallow all
    ideal = 1 / math.sqrt(n)
    for turn in range(_ROUNDS):
        reach = 0.12 * (1 - turn / _ROUNDS) + 0.001
        across, down, distance = _apart(place)
        distance = np.maximum(distance, 1e-4)
        push = ideal * ideal / (distance * distance) - pull * distance / ideal
        # The way points from j to i, so a push moves j against it.
        move = -np.stack([_sum(across * push), _sum(down * push)], axis=1) - 1.5 * place
        length = np.sqrt(move[:, 0] * move[:, 0] + move[:, 1] * move[:, 1])
        place = place + move * (np.minimum(length, reach) / np.maximum(length, 1e-9))[:, None]
        place = np.round(place, 9)
    return _unit(place)


def _unit(place: Points) -> Points:
    low, high = place.min(axis=0), place.max(axis=0)
    width = high - low
    flat = width < 1e-9
    scaled = (place - low) / np.where(flat, 1.0, width)
    return np.where(flat, 0.5, scaled)


def spread(place: Points, radius: Points, *, width: float, height: float) -> Points:
    """Push apart nodes whose discs (`radius`, one a node) overlap, inside width x height."""
    n = len(place)
    for _ in range(80):
        across, down, distance = _apart(place)
        lack = np.maximum(radius[:, None] + radius[None, :] + 6 - distance, 0.0)
        lack[np.arange(n), np.arange(n)] = 0.0
        if not lack.any():
            break
        shove = lack * 0.3 / np.maximum(distance, 1e-3)
        moved = place - np.stack([_sum(across * shove), _sum(down * shove)], axis=1)
        place = np.clip(moved, np.zeros(2), np.array([width, height]))
    return place
