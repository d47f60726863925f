"""Hawala pairing: what one account takes in here, another pays out elsewhere, and nothing flows.

Guarantees that each receipt is matched with at most one payout and the other way round: receipts
in the order of time, each with the earliest payout still free that lies within the days and the
tolerance. A pair of accounts counts when enough receipts, and enough of all, are matched.
"""

from typing import NamedTuple

import numpy as np

from palermo.analysis.compiled import compiled
from palermo.analysis.money.motifs.edges import Codes, Edges, Ints

_DAY = 86_400
_NONE = -1


class Pairings(NamedTuple):
    """One entry a pair of accounts: the `taker` here, the `payer` elsewhere.

    `matches` has three columns: the number of the pair, position of the receipt in `receipts`,
    position of the payout in `payouts`.
    """

    taker: Codes
    payer: Codes
    matched: Ints
    matches: Ints


@compiled
def _first_at_least(values: Ints, low: int, high: int, wanted: int) -> int:
    while low < high:
        middle = (low + high) >> 1
        if values[middle] < wanted:
            low = middle + 1
        else:
            high = middle
    return low


class _ByDay(NamedTuple):
    """Payouts by day and within a day by amount: positions, amounts, where each day begins."""

    at: Ints
    amounts: Ints
    bounds: Ints
    first: int


@compiled
def _met(
    receipts: Edges, payouts: Edges, by_day: _ByDay, days: int, fraction: tuple[int, int]
) -> Ints:
    """Return a key of both accounts for every receipt and payout that could be the same money."""
    near, whole = fraction
    amounts, bounds = by_day.amounts, by_day.bounds
    keys = np.empty(1024, dtype=np.int64)
    size = 0
    for receipt in range(receipts.ts.shape[0]):
        units, moment = receipts.amount[receipt], receipts.ts[receipt]
        low = (units * (whole - near) + whole - 1) // whole
        high = units * (whole + near) // whole
        day = moment // _DAY - by_day.first
        for one in range(max(0, day), min(bounds.shape[0] - 1, day + days + 1)):
            place = _first_at_least(amounts, bounds[one], bounds[one + 1], low)
            while place < bounds[one + 1] and amounts[place] <= high:
                payout = by_day.at[place]
                place += 1
                later = payouts.ts[payout] - moment
                if later < 0 or later > days * _DAY:
                    continue
                if payouts.src[payout] == receipts.dst[receipt]:
                    continue
                if size == keys.shape[0]:
                    more = np.empty(2 * size, dtype=np.int64)
                    more[:size] = keys
                    keys = more
                keys[size] = (
                    np.int64(receipts.dst[receipt]) * receipts.accounts + payouts.src[payout]
                )
                size += 1
    return keys[:size].copy()


@compiled
def _matched(
    receipts: Edges, payouts: Edges, pair: tuple[int, int], days: int, fraction: tuple[int, int]
) -> Ints:
    """Match receipts of a taker with payouts of a payer one to one, in the order of time."""
    taker, payer = pair
    near, whole = fraction
    begin, end = payouts.paid.start[payer], payouts.paid.start[payer + 1]
    free = np.ones(end - begin, dtype=np.bool_)
    found = np.empty((receipts.got.start[taker + 1] - receipts.got.start[taker], 2), dtype=np.int64)
    size, since = 0, begin
    for place in range(receipts.got.start[taker], receipts.got.start[taker + 1]):
        receipt = receipts.got.at[place]
        units, moment = receipts.amount[receipt], receipts.ts[receipt]
        while since < end and payouts.ts[payouts.paid.at[since]] < moment:
            since += 1
        for other in range(since, end):
            payout = payouts.paid.at[other]
            if payouts.ts[payout] - moment > days * _DAY:
                break
            if free[other - begin] and abs(payouts.amount[payout] - units) * whole <= units * near:
                free[other - begin] = False
                found[size, 0], found[size, 1] = receipt, payout
                size += 1
                break
    return found[:size].copy()


def hawala(
    receipts: Edges,
    payouts: Edges,
    *,
    days: int,
    near: tuple[int, int],
    least: int,
    share: tuple[int, int],
) -> Pairings:
    """Find pairs of accounts of which one pays out what the other takes in.

    Args:
        receipts: what accounts here take in.
        payouts: what accounts elsewhere pay out; both number the accounts alike.
        days: days from the receipt to the payout.
        near: how far the amounts may differ (fees, exchange), as numerator and denominator.
        least: matched receipts.
        share: part of the receipts of the one, and of the payouts of the other, that must be
            matched, as numerator and denominator.
    """
    order = np.lexsort((payouts.amount, payouts.ts // _DAY)).astype(np.int64)
    day = payouts.ts[order] // _DAY
    first = int(day[0]) if len(day) else 0
    last = int(day[-1]) if len(day) else -1
    bounds = np.searchsorted(day, np.arange(first, last + 2)).astype(np.int64)
    by_day = _ByDay(order, payouts.amount[order], bounds, first)
    keys = _met(receipts, payouts, by_day, days, near)
    keys.sort()
    starts = np.flatnonzero(np.append(True, keys[1:] != keys[:-1])) if len(keys) else keys
    pairs, counts = keys[starts], np.diff(np.append(starts, len(keys)))
    took = np.diff(receipts.got.start)
    gave = np.diff(payouts.paid.start)
    here, there = np.divmod(pairs, receipts.accounts)
    most = np.maximum(took[here], gave[there])
    wanted = np.maximum(least, -(-share[0] * most // share[1]))
    # What could be matched at most: no more than the meetings, nor than either side has.
    bound = np.minimum(np.minimum(took[here], gave[there]), counts)
    enough = np.flatnonzero(bound >= wanted)
    taker: list[int] = []
    payer: list[int] = []
    count: list[int] = []
    matches: list[Ints] = []
    for at in enough.tolist():
        one, other = int(here[at]), int(there[at])
        found = _matched(receipts, payouts, (one, other), days, near)
        if len(found) >= wanted[at]:
            numbered = np.full((len(found), 1), len(taker), dtype=np.int64)
            matches.append(np.hstack([numbered, found]))
            taker.append(one)
            payer.append(other)
            count.append(len(found))
    return Pairings(
        np.array(taker, dtype=np.int32),
        np.array(payer, dtype=np.int32),
        np.array(count, dtype=np.int64),
        np.concatenate(matches) if matches else np.empty((0, 3), dtype=np.int64),
    )
