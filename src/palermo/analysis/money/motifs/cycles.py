"""Temporal cycles: money that comes back to where it left, in two, three or four payments.

Guarantees that each payment of a cycle follows the one before it, all within the window of the
first one; that each is between `kept` of the one before and all of it; and that no account but the
first is met twice. Every cycle is found once, at its first payment. Accounts with more than `hub`
payments in the window are not gone through (they are merchants and exchanges) and are counted.
"""

from typing import NamedTuple

import numpy as np

from palermo.analysis.compiled import compiled
from palermo.analysis.money.motifs.edges import Codes, Edges, Ints

LONGEST = 4
_NONE = -1


class Cycles(NamedTuple):
    """One row a cycle: positions of its payments, -1 behind the last; `hubs` passed by."""

    payments: Ints
    hubs: int


@compiled
def _after(start: Ints, at: Codes, node: int, position: int) -> int:
    """Return the place of the first payment of `node` behind `position`."""
    low, high = int(start[node]), int(start[node + 1])
    while low < high:
        middle = (low + high) >> 1
        if at[middle] <= position:
            low = middle + 1
        else:
            high = middle
    return int(low)


@compiled
def _grown(found: Ints, size: int) -> Ints:
    if size < found.shape[0]:
        return found
    larger = np.empty((2 * found.shape[0], found.shape[1]), dtype=np.int64)
    larger[:size] = found
    return larger


@compiled
def _met(dst: Codes, path: Ints, depth: int, account: int) -> bool:
    """Whether the path has come through the account."""
    met = False
    for step in range(depth):
        met = met or dst[path[step]] == account
    return met


@compiled
def _cycles(
    of: Edges, window: int, part: tuple[int, int], hub: int, longest: int
) -> tuple[Ints, int]:
    kept, whole = part
    src, dst, ts, amount = of.src, of.dst, of.ts, of.amount
    start, at, arrivals = of.paid.start, of.paid.at, of.got.start
    found = np.empty((64, LONGEST), dtype=np.int64)
    size = 0
    passed = np.zeros(of.accounts, dtype=np.bool_)
    path = np.empty(LONGEST, dtype=np.int64)
    place = np.empty(LONGEST, dtype=np.int64)
    for first in range(src.shape[0]):
        home = src[first]
        if arrivals[home] == arrivals[home + 1]:
            continue
        until = ts[first] + window
        path[0] = first
        depth = 1
        place[1] = _after(start, at, dst[first], first)
        fresh = True
        while depth > 0:
            node = dst[path[depth - 1]]
            if fresh:
                fresh = False
                far = place[depth] + hub
                if far < start[node + 1] and ts[at[far]] <= until:
                    passed[node] = True
                    depth -= 1
                    continue
            if place[depth] >= start[node + 1] or ts[at[place[depth]]] > until:
                depth -= 1
                continue
            payment = at[place[depth]]
            place[depth] += 1
            before = amount[path[depth - 1]]
            if amount[payment] > before or amount[payment] * whole < before * kept:
                continue
            onward = dst[payment]
            if onward == home:
                found = _grown(found, size)
                found[size] = _NONE
                found[size, :depth] = path[:depth]
                found[size, depth] = payment
                size += 1
                continue
            if depth + 1 >= longest:
                continue
            if start[onward] == start[onward + 1] or _met(dst, path, depth, onward):
                continue
            path[depth] = payment
            depth += 1
            place[depth] = _after(start, at, onward, payment)
            fresh = True
    return found[:size].copy(), int(passed.sum())


def cycles(
    of: Edges, *, window: int, kept: tuple[int, int] = (85, 100), hub: int = 2000, longest: int = 4
) -> Cycles:
    """Find cycles of 2 to `longest` payments.

    Args:
        of: the transactions.
        window: seconds from the first payment to the last.
        kept: least part of a payment that the next one carries on, as numerator and denominator.
        hub: payments of one account in the rest of a window, from which on it is not gone through.
        longest: most payments, at most 4.
    """
    if not 2 <= longest <= LONGEST:
        raise ValueError(f"cycles of 2 to {LONGEST} payments, not {longest}")
    return Cycles(*_cycles(of, window, kept, hub, longest))
