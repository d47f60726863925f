"""First in, first out and last in, first out: an account is a row of lots, each of one owner.

FIFO (Clayton's Case): what came first is paid first. LIFO: what came last; a bound for comparison
rather than a rule of law. A payment takes lots from one end, splits the last, and they enter the
other account in the order in which they left. A claim takes up the money that came last before it
and is nobody's claim yet; what the account does not hold comes in undocumented.

The lots of all accounts lie in one `pool` of four columns, as lists with two ends. `store` counts
the rows used and names the first free one, which are used again.
"""

import numpy as np

from palermo.analysis.compiled import compiled
from palermo.analysis.money.tracing.sweeps import NOBODY, Carried, Codes, Ints, grown

_AFTER, _BEFORE, _OF, _MUCH = 0, 1, 2, 3
_HEAD, _TAIL = 0, 1
_USED, _FREE = 0, 1
_NONE = -1


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
def _append(pool: Ints, store: Ints, ends: Ints, place: int, owner: int, units: int) -> Ints:
    """Put `units` of `owner` behind the last lot of `place`, or into it when it is theirs."""
    last = ends[place, _TAIL]
    if last != _NONE and pool[last, _OF] == owner:
        pool[last, _MUCH] += units
        return pool
    pool, lot = _new(pool, store)
    pool[lot, _AFTER], pool[lot, _BEFORE] = _NONE, last
    pool[lot, _OF], pool[lot, _MUCH] = owner, units
    if last == _NONE:
        ends[place, _HEAD] = lot
    else:
        pool[last, _AFTER] = lot
    ends[place, _TAIL] = lot
    return pool


@compiled
def _take(
    pool: Ints, store: Ints, ends: Ints, place: int, most: int, end: int
) -> tuple[int, int]:
    """Take up to `most` from the lot at `end` of `place`; return whose it was and how much."""
    lot = ends[place, end]
    owner, units = pool[lot, _OF], min(most, pool[lot, _MUCH])
    pool[lot, _MUCH] -= units
    if pool[lot, _MUCH] == 0:
        onward, back = (_BEFORE, _AFTER) if end == _TAIL else (_AFTER, _BEFORE)
        next_lot = pool[lot, onward]
        ends[place, end] = next_lot
        if next_lot == _NONE:
            ends[place, 1 - end] = _NONE
        else:
            pool[next_lot, back] = _NONE
        pool[lot, _AFTER] = store[_FREE]
        store[_FREE] = lot
    return owner, units


@compiled
def _claim(
    pool: Ints, store: Ints, ends: Ints, place: int, owner: int, wanted: int
) -> tuple[Ints, int]:
    """Give `owner` the newest money of `place` that nobody claims; return the pool, and how much
    was not there and came in undocumented.
    """
    lot = ends[place, _TAIL]
    while wanted > 0 and lot != _NONE:
        if pool[lot, _OF] == NOBODY:
            if pool[lot, _MUCH] > wanted:  # the newer part, behind, is the claimant's
                pool, new = _new(pool, store)
                behind = pool[lot, _AFTER]
                pool[new, _AFTER], pool[new, _BEFORE] = behind, lot
                pool[new, _OF], pool[new, _MUCH] = owner, wanted
                if behind == _NONE:
                    ends[place, _TAIL] = new
                else:
                    pool[behind, _BEFORE] = new
                pool[lot, _AFTER] = new
                pool[lot, _MUCH] -= wanted
                return pool, 0
            pool[lot, _OF] = owner
            wanted -= pool[lot, _MUCH]
        lot = pool[lot, _BEFORE]
    if wanted > 0:
        pool = _append(pool, store, ends, place, owner, wanted)
    return pool, wanted


@compiled
def lots(
    src: Codes,
    dst: Codes,
    amount: Ints,
    claim_at: Ints,
    claim_account: Codes,
    claim_owner: Codes,
    claim_amount: Ints,
    place: Codes,
    places: int,
    claimants: int,
    last_first: bool,
) -> tuple[Carried, Ints, Ints, Ints]:
    """Sweep over all events; arguments and result as of `proportional`; LIFO with `last_first`."""
    pool = np.empty((1024, 4), dtype=np.int64)
    store = np.array([0, _NONE], dtype=np.int64)
    ends = np.full((places, 2), _NONE, dtype=np.int64)
    balance = np.zeros(places, dtype=np.int64)
    gap = np.zeros(places, dtype=np.int64)
    at_tx = np.empty(16, dtype=np.int64)
    whose = np.empty(16, dtype=np.int64)
    units = np.empty(16, dtype=np.int64)
    size = 0
    claim = 0
    end = _TAIL if last_first else _HEAD
    for at in range(src.shape[0] + 1):
        while claim < claim_at.shape[0] and claim_at[claim] == at:
            p = place[claim_account[claim]]
            pool, lacking = _claim(pool, store, ends, p, claim_owner[claim], claim_amount[claim])
            gap[p] += lacking
            balance[p] += lacking
            claim += 1
        if at == src.shape[0]:
            break
        giver, taker, left = place[src[at]], place[dst[at]], amount[at]
        if src[at] == dst[at] or left == 0:
            continue
        if giver >= 0:
            if left > balance[giver]:  # came in last, from somewhere that no record names
                gap[giver] += left - balance[giver]
                pool = _append(pool, store, ends, giver, NOBODY, left - balance[giver])
                balance[giver] = left
            balance[giver] -= left
        if taker >= 0:
            balance[taker] += left
        while left > 0:
            owner, taken = NOBODY, left
            if giver >= 0:
                owner, taken = _take(pool, store, ends, giver, left, end)
            left -= taken
            if taker >= 0:
                pool = _append(pool, store, ends, taker, owner, taken)
            if owner != NOBODY:
                at_tx, whose = grown(at_tx, size), grown(whose, size)
                units = grown(units, size)
                at_tx[size], whose[size], units[size] = at, owner, taken
                size += 1
    held = np.zeros((places, claimants), dtype=np.int64)
    for p in range(places):
        lot = ends[p, _HEAD]
        while lot != _NONE:
            if pool[lot, _OF] != NOBODY:
                held[p, pool[lot, _OF]] += pool[lot, _MUCH]
            lot = pool[lot, _AFTER]
    carried = (at_tx[:size].copy(), whose[:size].astype(np.int32), units[:size].copy())
    return carried, held, balance, gap
