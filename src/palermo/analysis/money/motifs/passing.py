"""Pass-through: money that leaves soon after it came, to few others.

Guarantees that no unit is counted twice: each payment out takes up what came in, oldest first, and
only what came in within `within` seconds before it. Time is cut into periods from the account's
first receipt; what passed is counted in the period in which it came.
"""

from typing import NamedTuple

import numpy as np

from palermo.analysis.compiled import compiled
from palermo.analysis.money.motifs.edges import Codes, Edges, Ints


class Passing(NamedTuple):
    """One row an account and period with enough of it; in order of account and period.

    `came` and `passed` in minor units (`passed`: to the `recipients` who had most of it); `main` is
    who had most; `begins` the second at which the period begins; `payers` and `payees` how many.
    """

    account: Codes
    main: Codes
    came: Ints
    passed: Ints
    begins: Ints
    payers: Ints
    payees: Ints


@compiled
def _different(codes: Codes, count: int) -> int:
    """Count different values among the first `count`, which it sorts."""
    part = np.sort(codes[:count])
    total = 0
    for at in range(count):
        if at == 0 or part[at] != part[at - 1]:
            total += 1
    return total


@compiled
def _top(who: Codes, units: Ints, count: int, recipients: int) -> tuple[int, int, int]:
    """Return what the `recipients` largest had together, who had most, and how many there are."""
    order = np.argsort(who[:count], kind="mergesort")
    sums = np.zeros(count, dtype=np.int64)
    names = np.empty(count, dtype=np.int32)
    size = 0
    for place in range(count):
        at = order[place]
        if size == 0 or names[size - 1] != who[at]:
            names[size] = who[at]
            size += 1
        sums[size - 1] += units[at]
    total, main = 0, -1
    for turn in range(min(recipients, size)):
        best = 0
        for at in range(1, size):
            if sums[at] > sums[best]:
                best = at
        if turn == 0:
            main = names[best]
        total += sums[best]
        sums[best] = -1
    return total, main, size


@compiled
def _passing(
    of: Edges, within: int, period: int, recipients: int, least: int, share: int, whole: int
) -> tuple[Codes, Ints]:
    got, paid = of.got, of.paid
    codes = np.empty((64, 2), dtype=np.int32)
    found = np.empty((64, 5), dtype=np.int64)
    size = 0
    longest = 0
    for node in range(of.accounts):
        if paid.start[node + 1] > paid.start[node]:
            longest = max(longest, got.start[node + 1] - got.start[node])
    left = np.empty(longest, dtype=np.int64)
    who = np.empty(64, dtype=np.int32)
    units = np.empty(64, dtype=np.int64)
    payers = np.empty(longest, dtype=np.int32)
    for node in range(of.accounts):
        begin, end = got.start[node], got.start[node + 1]
        out, out_end = paid.start[node], paid.start[node + 1]
        if begin == end or out == out_end:
            continue
        for place in range(begin, end):
            left[place - begin] = of.amount[got.at[place]]
        place = begin
        while place < end:  # one period
            begins = of.ts[got.at[place]]
            after, came = place, 0
            while after < end and of.ts[got.at[after]] - begins < period:
                came += of.amount[got.at[after]]
                after += 1
            if came < least:
                place = after
                continue
            taken, lot = 0, place
            while out < out_end and paid.at[out] < got.at[place]:
                out += 1
            pointer = out
            while pointer < out_end and lot < after:
                payment = paid.at[pointer]
                if of.ts[payment] - of.ts[got.at[after - 1]] > within:
                    break
                wanted = of.amount[payment]
                moved = 0
                while lot < after and wanted > 0 and got.at[lot] < payment:
                    if left[lot - begin] == 0 or of.ts[payment] - of.ts[got.at[lot]] > within:
                        lot += 1
                        continue
                    part = min(wanted, left[lot - begin])
                    left[lot - begin] -= part
                    wanted -= part
                    moved += part
                if moved > 0:
                    if taken == who.shape[0]:
                        more = np.empty(2 * taken, dtype=np.int32)
                        more[:taken] = who
                        who = more
                        larger = np.empty(2 * taken, dtype=np.int64)
                        larger[:taken] = units
                        units = larger
                    who[taken], units[taken] = of.dst[payment], moved
                    taken += 1
                pointer += 1
            passed, main, payees = _top(who, units, taken, recipients)
            if passed > 0 and passed * whole >= came * share:
                for at in range(place, after):
                    payers[at - place] = of.src[got.at[at]]
                if size == found.shape[0]:
                    more_found = np.empty((2 * size, 5), dtype=np.int64)
                    more_found[:size] = found
                    found = more_found
                    more_codes = np.empty((2 * size, 2), dtype=np.int32)
                    more_codes[:size] = codes
                    codes = more_codes
                codes[size, 0], codes[size, 1] = node, main
                found[size, 0], found[size, 1], found[size, 2] = came, passed, begins
                found[size, 3] = _different(payers, after - place)
                found[size, 4] = payees
                size += 1
            place = after
    return codes[:size].copy(), found[:size].copy()


def passing(
    of: Edges,
    *,
    within: int,
    period: int,
    recipients: int,
    least: int,
    share: tuple[int, int] = (80, 100),
) -> Passing:
    """Find accounts that pass on at least `share` of what comes in a period.

    Args:
        of: the transactions.
        within: seconds in which it leaves again.
        period: seconds of a period.
        recipients: to how many others at most; more may be paid, but do not count.
        least: minor units that must come in a period.
        share: as numerator and denominator.
    """
    codes, found = _passing(of, within, period, recipients, least, share[0], share[1])
    columns = (np.ascontiguousarray(column) for column in found.T)
    return Passing(codes[:, 0].copy(), codes[:, 1].copy(), *columns)
