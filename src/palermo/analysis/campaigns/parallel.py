"""Work on arrays is cut into ranges for several threads; the answer never depends on how many.

A kernel that is run this way writes only to the places of its own range, or returns what it made.
"""

import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

R = TypeVar("R")

#: Ranges a thread takes in turn, so that a slow range does not keep the others waiting.
_TURNS = 8
#: Below this much work, starting threads costs more than it saves.
_WORTH = 2_000


def cores() -> int:
    """Return how many cores this process may use."""
    return len(os.sched_getaffinity(0))


def in_ranges(
    count: int,
    work: Callable[[int, int], R],
    threads: int | None = None,
    *,
    turns: int = _TURNS,
    worth: int = _WORTH,
) -> list[R]:
    """Call `work(first, end)` for ranges that together are `range(count)`; return the answers.

    The answers are in the order of the ranges. `threads` defaults to the cores at hand, and
    `turns` is the number of ranges for each; less than `worth` is one range. `work` must release
    the interpreter lock to gain.
    """
    threads = threads or cores()
    if threads == 1 or count < worth:
        return [work(0, count)]
    parts = threads * turns
    bounds = [count * k // parts for k in range(parts + 1)]
    with ThreadPoolExecutor(threads) as pool:
        return list(pool.map(work, bounds[:-1], bounds[1:]))
