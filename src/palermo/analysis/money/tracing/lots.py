"""First in, first out and last in, first out: an account is a row of lots, each of one owner.

FIFO (Clayton's Case): what came first is paid first. LIFO: what came last; a bound for comparison
rather than a rule of law. A payment takes lots from one end, splits the last, and they enter the
other account in the order in which they left. A claim takes up the money that came last before it
and is nobody's claim yet; what the account does not hold comes in undocumented.

The lots of all accounts lie in one `pool` of four columns, as lists with two ends. `store` counts
the rows used and names the first free one, which are used again.
"""

from typing import NamedTuple

import numpy as np

from palermo.analysis.compiled import compiled
from palermo.analysis.money.tracing.sweeps import NOBODY, Events, Ints, Swept, noted

_AFTER, _BEFORE, _OF, _MUCH = 0, 1, 2, 3
_HEAD, _TAIL = 0, 1
_USED, _FREE = 0, 1
_NONE = -1


class Lists(NamedTuple):
    """The two ends of the lots of each place (places x 2), and the store of free rows."""

    ends: Ints
    store: Ints


@compiled
def _new(pool: Ints, store: Ints) -> tuple[Ints, int]:
    """Return the pool, larger if it had to grow, and a free row of it."""
    lot = store[_FREE]
    if lot != _NONE:
        store[_FREE] = pool[lot, _AFTER]
        return pool, lot
    lot = store[_USED]
    if lot == pool.shape[0]:
        larger = np.empty((2 * pool.shape[0], 4), dtype=np.int64)
        larger[: pool.shape[0]] = pool
        pool = larger
    store[_USED] += 1
    return pool, lot


@compiled
def _append(pool: Ints, lists: Lists, place: int, owner: int, units: int) -> Ints:
    """Put `units` of `owner` behind the last lot of `place`, or into it when it is theirs."""
    last = lists.ends[place, _TAIL]
    if last != _NONE and pool[last, _OF] == owner:
        pool[last, _MUCH] += units
        return pool
    pool, lot = _new(pool, lists.store)
    pool[lot, _AFTER], pool[lot, _BEFORE] = _NONE, last
    pool[lot, _OF], pool[lot, _MUCH] = owner, units
    if last == _NONE:
        lists.ends[place, _HEAD] = lot
    else:
        pool[last, _AFTER] = lot
    lists.ends[place, _TAIL] = lot
    return pool


@compiled
def _take(pool: Ints, lists: Lists, place: int, most: int, end: int) -> tuple[int, int]:
    """Take up to `most` from the lot at `end` of `place`; return whose it was and how much."""
    lot = lists.ends[place, end]
    owner, units = pool[lot, _OF], min(most, pool[lot, _MUCH])
    pool[lot, _MUCH] -= units
    if pool[lot, _MUCH] == 0:
        onward, back = (_BEFORE, _AFTER) if end == _TAIL else (_AFTER, _BEFORE)
        following = pool[lot, onward]
        lists.ends[place, end] = following
        if following == _NONE:
            lists.ends[place, 1 - end] = _NONE
        else:
            pool[following, back] = _NONE
        pool[lot, _AFTER] = lists.store[_FREE]
        lists.store[_FREE] = lot
    return owner, units


@compiled
def _split(pool: Ints, lists: Lists, place: int, lot: int, units: int) -> tuple[Ints, int]:
    """Split the newest `units` off `lot`; return the pool and the new lot, behind the old one."""
    pool, new = _new(pool, lists.store)
    behind = pool[lot, _AFTER]
    pool[new, _AFTER], pool[new, _BEFORE] = behind, lot
    pool[new, _OF], pool[new, _MUCH] = pool[lot, _OF], units
    if behind == _NONE:
        lists.ends[place, _TAIL] = new
    else:
        pool[behind, _BEFORE] = new
    pool[lot, _AFTER] = new
    pool[lot, _MUCH] -= units
    return pool, new


@compiled
def _claim(pool: Ints, lists: Lists, place: int, owner: int, wanted: int) -> tuple[Ints, int]:
    """Give `owner` the newest money of `place` that nobody claims.

    Returns the pool, and how much was not there and came in undocumented.
    """
    lot = lists.ends[place, _TAIL]
    while wanted > 0 and lot != _NONE:
        if pool[lot, _OF] == NOBODY:
            if pool[lot, _MUCH] > wanted:
                pool, lot = _split(pool, lists, place, lot, wanted)
            pool[lot, _OF] = owner
            wanted -= pool[lot, _MUCH]
        lot = pool[lot, _BEFORE]
    if wanted > 0:
        pool = _append(pool, lists, place, owner, wanted)
    return pool, wanted


@compiled
def _held(pool: Ints, ends: Ints, claimants: int) -> Ints:
    """Add up the lots of each claimant in each place."""
    held = np.zeros((ends.shape[0], claimants), dtype=np.int64)
    for place in range(ends.shape[0]):
        lot = ends[place, _HEAD]
        while lot != _NONE:
            if pool[lot, _OF] != NOBODY:
                held[place, pool[lot, _OF]] += pool[lot, _MUCH]
            lot = pool[lot, _AFTER]
    return held


@compiled
def lots(events: Events, last_first: bool) -> Swept:
    """Sweep over all events; with `last_first`, the newest money of an account is paid first."""
    pool = np.empty((1024, 4), dtype=np.int64)
    lists = Lists(
        np.full((events.places, 2), _NONE, dtype=np.int64),
        np.array([0, _NONE], dtype=np.int64),
    )
    balance = np.zeros(events.places, dtype=np.int64)
    gap = np.zeros(events.places, dtype=np.int64)
    carried = np.empty((16, 3), dtype=np.int64)
    size, claim = 0, 0
    end = _TAIL if last_first else _HEAD
    for at in range(events.src.shape[0] + 1):
        while claim < events.claim_at.shape[0] and events.claim_at[claim] == at:
            place = events.place[events.claim_account[claim]]
            owner, wanted = events.claim_owner[claim], events.claim_amount[claim]
            pool, lacking = _claim(pool, lists, place, owner, wanted)
            gap[place] += lacking
            balance[place] += lacking
            claim += 1
        if at == events.src.shape[0]:
            break
        left = events.amount[at]
        giver, taker = events.place[events.src[at]], events.place[events.dst[at]]
        if giver == taker:  # to itself, or past every claim
            continue
        if giver >= 0:
            lacking = max(0, left - balance[giver])
            if lacking:  # came in last, from somewhere that no record names
                gap[giver] += lacking
                pool = _append(pool, lists, giver, NOBODY, lacking)
            balance[giver] += lacking - left
        if taker >= 0:
            balance[taker] += left
        while left > 0:
            owner, taken = NOBODY, left
            if giver >= 0:
                owner, taken = _take(pool, lists, giver, left, end)
            left -= taken
            if taker >= 0:
                pool = _append(pool, lists, taker, owner, taken)
            if owner != NOBODY:
                carried = noted(carried, size, at, owner, taken)
                size += 1
    return Swept(carried[:size].copy(), _held(pool, lists.ends, events.claimants), balance, gap)
