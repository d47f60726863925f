"""Work on arrays is cut into ranges for several threads; the answer never depends on how many.

A kernel that is run this way writes only to the places of its own range.
"""

import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial

#: Ranges a thread takes in turn, so that a slow range does not keep the others waiting.
_TURNS = 8
#: Below this much work, starting threads costs more than it saves.
_WORTH = 2_000


def cores() -> int:
    """Return how many cores this process may use."""
    return len(os.sched_getaffinity(0))


def in_ranges(count: int, work: Callable[[int, int], None], threads: int | None = None) -> None:
    """Call `work(first, end)` for ranges that together are `range(count)`.

    `threads` defaults to the cores at hand. `work` must release the interpreter lock to gain.
    """
    threads = threads or cores()
    if threads == 1 or count < _WORTH:
        work(0, count)
        return
    parts = threads * _TURNS
    bounds = [count * k // parts for k in range(parts + 1)]
    with ThreadPoolExecutor(threads) as pool:
        for done in [
            pool.submit(partial(work, first, end))
            for first, end in zip(bounds, bounds[1:], strict=False)
        ]:
            done.result()
