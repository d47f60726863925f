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

    `matches` has three columns: the number of the pair, position of the receipt in `credits`,
    position of the payout in `debits`.
    """

    taker: Codes
    payer: Codes
    count: Ints
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


@compiled
def _met(
    credits: Edges,
    debits: Edges,
    by_day: Ints,
    amounts: Ints,
    bounds: Ints,
    day_from: int,
    days: int,
    near: int,
    whole: int,
) -> Ints:
    """Return a key of both accounts for every receipt and payout that could be the same money."""
    keys = np.empty(1024, dtype=np.int64)
    size = 0
    for receipt in range(credits.ts.shape[0]):
        units, moment = credits.amount[receipt], credits.ts[receipt]
        low = (units * (whole - near) + whole - 1) // whole
        high = units * (whole + near) // whole
        day = moment // _DAY - day_from
        for one in range(max(0, day), min(bounds.shape[0] - 1, day + days + 1)):
            place = _first_at_least(amounts, bounds[one], bounds[one + 1], low)
            while place < bounds[one + 1] and amounts[place] <= high:
                payout = by_day[place]
                place += 1
                later = debits.ts[payout] - moment
                if later < 0 or later > days * _DAY:
                    continue
                if debits.src[payout] == credits.dst[receipt]:
                    continue
                if size == keys.shape[0]:
                    more = np.empty(2 * size, dtype=np.int64)
                    more[:size] = keys
                    keys = more
                keys[size] = np.int64(credits.dst[receipt]) * credits.accounts + debits.src[payout]
                size += 1
    return keys[:size].copy()


@compiled
def _matched(
    credits: Edges, debits: Edges, taker: int, payer: int, days: int, near: int, whole: int
) -> Ints:
    """Match receipts of `taker` with payouts of `payer` one to one, in the order of time."""
    begin, end = debits.paid.start[payer], debits.paid.start[payer + 1]
    free = np.ones(end - begin, dtype=np.bool_)
    found = np.empty((credits.got.start[taker + 1] - credits.got.start[taker], 2), dtype=np.int64)
    size, since = 0, begin
    for place in range(credits.got.start[taker], credits.got.start[taker + 1]):
        receipt = credits.got.at[place]
        units, moment = credits.amount[receipt], credits.ts[receipt]
        while since < end and debits.ts[debits.paid.at[since]] < moment:
            since += 1
        for other in range(since, end):
            payout = debits.paid.at[other]
            if debits.ts[payout] - moment > days * _DAY:
                break
            if free[other - begin] and abs(debits.amount[payout] - units) * whole <= units * near:
                free[other - begin] = False
                found[size, 0], found[size, 1] = receipt, payout
                size += 1
                break
    return found[:size].copy()


def hawala(
    credits: Edges,  # noqa: A002  the field's term
    debits: Edges,
    *,
    days: int,
    near: tuple[int, int],
    least: int,
    share: tuple[int, int],
) -> Pairings:
    """Find pairs of accounts of which one pays out what the other takes in.

    Args:
        credits: what accounts here take in; `debits` what accounts elsewhere pay out. Both number
            the accounts alike.
        debits: see above.
        days: days from the receipt to the payout.
        near: how far the amounts may differ (fees, exchange), as numerator and denominator.
        least: matched receipts.
        share: part of the receipts of the one, and of the payouts of the other, that must be
            matched, as numerator and denominator.
    """
    order = np.lexsort((debits.amount, debits.ts // _DAY)).astype(np.int64)
    day = debits.ts[order] // _DAY
    first = int(day[0]) if len(day) else 0
    last = int(day[-1]) if len(day) else -1
    bounds = np.searchsorted(day, np.arange(first, last + 2)).astype(np.int64)
    keys = _met(
        credits, debits, order, debits.amount[order], bounds, first, days, near[0], near[1]
    )
    keys.sort()
    starts = np.flatnonzero(np.append(True, keys[1:] != keys[:-1])) if len(keys) else keys
    pairs, counts = keys[starts], np.diff(np.append(starts, len(keys)))
    took = np.diff(credits.got.start)
    gave = np.diff(debits.paid.start)
    here, there = np.divmod(pairs, credits.accounts)
    most = np.maximum(took[here], gave[there])
    wanted = np.maximum(least, -(-share[0] * most // share[1]))
    # What could be matched at most: no more than the meetings, nor than either side has.
    bound = np.minimum(np.minimum(took[here], gave[there]), counts)
    enough = np.flatnonzero(bound >= wanted)
    taker, payer, count, matches = [], [], [], []
    for at in enough.tolist():
        one, other = int(here[at]), int(there[at])
        found = _matched(credits, debits, one, other, days, near[0], near[1])
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
