"""Cash in small parts: below the limit at which it is reported, or in many towns.

Structuring: several deposits a little below the limit that together exceed it. Funnel: deposits in
several towns, each below the limit, that leave the account soon. Guarantees that all deposits lie
within one window, and tells the first window that has most.
"""

from typing import NamedTuple

import numpy as np

from palermo.analysis.compiled import compiled
from palermo.analysis.money.motifs.edges import Codes, Edges, Ints


class Parts(NamedTuple):
    """One entry an account: `most` deposits (or towns), `first` and `last` places in `got.at`."""

    account: Codes
    most: Ints
    first: Ints
    last: Ints
    total: Ints


@compiled
def _structuring(of: Edges, low: int, limit: int, window: int, least: int) -> tuple[Codes, Ints]:
    start, at = of.got.start, of.got.at
    account = np.empty(of.accounts, dtype=np.int32)
    found = np.empty((of.accounts, 4), dtype=np.int64)
    size = 0
    for node in range(of.accounts):
        left, count, total, best = start[node], 0, 0, 0
        for right in range(start[node], start[node + 1]):
            new = at[right]
            if not low <= of.amount[new] < limit:
                continue
            count += 1
            total += of.amount[new]
            while of.ts[new] - of.ts[at[left]] > window or not (low <= of.amount[at[left]] < limit):
                if low <= of.amount[at[left]] < limit:
                    count -= 1
                    total -= of.amount[at[left]]
                left += 1
            if count >= least and total >= limit and count > best:
                best = count
                account[size] = node
                found[size, 0], found[size, 1], found[size, 2] = count, left, right
                found[size, 3] = total
        size += best > 0
    return account[:size].copy(), found[:size].copy()


def structuring(deposits: Edges, *, limit: int, low: int, window: int, least: int) -> Parts:
    """Find accounts with `least` deposits from `low` to below `limit` that add up to `limit`.

    Args:
        deposits: cash paid in.
        limit: minor units from which on a deposit is reported.
        low: minor units from which on a deposit is close to it.
        window: seconds.
        least: deposits.
    """
    account, found = _structuring(deposits, low, limit, window, least)
    return Parts(account, *(np.ascontiguousarray(column) for column in found.T))


@compiled
def _paid_between(of: Edges, sums: Ints, node: int, since: int, until: int) -> int:
    """Add up what `node` paid from second `since` to `until`, by sums over the index."""
    ends = np.zeros(2, dtype=np.int64)
    for side in range(2):
        low, high = of.paid.start[node], of.paid.start[node + 1]
        while low < high:
            middle = (low + high) >> 1
            moment = of.ts[of.paid.at[middle]]
            if moment < since or (side == 1 and moment <= until):
                low = middle + 1
            else:
                high = middle
        ends[side] = low
    return int(sums[ends[1]] - sums[ends[0]])


class _Limits(NamedTuple):
    """The parameters of `funnel`, as the kernel takes them."""

    window: int
    soon: int
    least: int
    limit: int
    kept: tuple[int, int]


@compiled
def _funnel(
    deposits: Edges, towns_of: tuple[Codes, Codes], of: Edges, sums: Ints, limits: _Limits
) -> tuple[Codes, Ints]:
    city, home = towns_of
    window, soon, least, limit = limits.window, limits.soon, limits.least, limits.limit
    kept, whole = limits.kept
    start, at = deposits.got.start, deposits.got.at
    towns = 0
    for one in city:
        towns = max(towns, one + 1)
    seen = np.zeros(towns, dtype=np.int32)
    account = np.empty(of.accounts, dtype=np.int32)
    found = np.empty((of.accounts, 4), dtype=np.int64)
    size = 0
    for node in range(of.accounts):
        left, different, total, best = start[node], 0, 0, 0
        for right in range(start[node], start[node + 1]):
            new = at[right]
            while deposits.ts[new] - deposits.ts[at[left]] > window:
                old = at[left]
                if city[old] >= 0 and city[old] != home[node] and deposits.amount[old] < limit:
                    seen[city[old]] -= 1
                    different -= seen[city[old]] == 0
                    total -= deposits.amount[old]
                left += 1
            if city[new] < 0 or city[new] == home[node] or deposits.amount[new] >= limit:
                continue
            different += seen[city[new]] == 0
            seen[city[new]] += 1
            total += deposits.amount[new]
            if different >= least and different > best:
                since, until = deposits.ts[at[left]], deposits.ts[new] + soon
                if _paid_between(of, sums, node, since, until) * whole >= total * kept:
                    best = different
                    account[size] = node
                    found[size, 0], found[size, 1], found[size, 2] = different, left, right
                    found[size, 3] = total
        for place in range(left, start[node + 1]):
            if city[at[place]] >= 0:
                seen[city[at[place]]] = 0
        size += best > 0
    return account[:size].copy(), found[:size].copy()


def funnel(
    deposits: Edges,
    city: Codes,
    home: Codes,
    of: Edges,
    *,
    window: int,
    soon: int,
    least: int,
    limit: int,
    kept: tuple[int, int] = (70, 100),
) -> Parts:
    """Find accounts that take cash in `least` towns other than their own, and pay it on soon.

    Args:
        deposits: cash paid in; `city` is where, one code a deposit, -1 where the record is silent.
        city: see above.
        home: the town of each account, -1 where it is not known.
        of: all transactions.
        window: seconds in which the deposits lie.
        soon: seconds after the last of them, in which the money leaves.
        least: different towns.
        limit: minor units; larger deposits do not count.
        kept: least part that leaves, as numerator and denominator.
    """
    sums = np.zeros(len(of.paid.at) + 1, dtype=np.int64)
    np.cumsum(of.amount[of.paid.at], out=sums[1:])
    account, found = _funnel(
        deposits, (city, home), of, sums, _Limits(window, soon, least, limit, kept)
    )
    return Parts(account, *(np.ascontiguousarray(column) for column in found.T))
