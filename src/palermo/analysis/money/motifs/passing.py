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


class _Limits(NamedTuple):
    """The parameters of `passing`, as the kernel takes them."""

    within: int
    period: int
    recipients: int
    least: int
    share: tuple[int, int]


@compiled
def _pieces(of: Edges, node: int, within: int) -> Ints:
    """Match what `node` paid with what it got, oldest first.

    Returns columns: place in `got.at` (never falling), who was paid, units.
    """
    begin, end = of.got.start[node], of.got.start[node + 1]
    pieces = np.empty((64, 3), dtype=np.int64)
    size, lot = 0, begin
    left = of.amount[of.got.at[begin]]
    for pointer in range(of.paid.start[node], of.paid.start[node + 1]):
        payment = of.paid.at[pointer]
        wanted = of.amount[payment]
        while wanted > 0 and lot < end and of.got.at[lot] < payment:
            if left == 0 or of.ts[payment] - of.ts[of.got.at[lot]] > within:
                lot += 1
                if lot < end:
                    left = of.amount[of.got.at[lot]]
                continue
            if size == pieces.shape[0]:
                more = np.empty((2 * size, 3), dtype=np.int64)
                more[:size] = pieces
                pieces = more
            part = min(wanted, left)
            left -= part
            wanted -= part
            pieces[size, 0], pieces[size, 1], pieces[size, 2] = lot, of.dst[payment], part
            size += 1
    return pieces[:size]


@compiled
def _different(codes: Codes) -> int:
    """Count different values."""
    part = np.sort(codes)
    total = 0
    for at in range(part.shape[0]):
        total += at == 0 or part[at] != part[at - 1]
    return total


@compiled
def _top(pieces: Ints, recipients: int) -> tuple[int, int, int]:
    """Return what the `recipients` largest had together, who had most, and how many there are."""
    order = np.argsort(pieces[:, 1], kind="mergesort")
    sums = np.zeros(order.shape[0], dtype=np.int64)
    names = np.empty(order.shape[0], dtype=np.int64)
    size = 0
    for place in range(order.shape[0]):
        at = order[place]
        if size == 0 or names[size - 1] != pieces[at, 1]:
            names[size] = pieces[at, 1]
            size += 1
        sums[size - 1] += pieces[at, 2]
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
def _passing(of: Edges, limits: _Limits) -> Ints:
    within, period, recipients = limits.within, limits.period, limits.recipients
    least, (share, whole) = limits.least, limits.share
    got, paid = of.got, of.paid
    found = np.empty((64, 7), dtype=np.int64)
    size = 0
    for node in range(of.accounts):
        begin, end = got.start[node], got.start[node + 1]
        if begin == end or paid.start[node] == paid.start[node + 1]:
            continue
        pieces = _pieces(of, node, within)
        place, piece = begin, 0
        while place < end:  # one period
            begins = of.ts[got.at[place]]
            after, came = place, 0
            while after < end and of.ts[got.at[after]] - begins < period:
                came += of.amount[got.at[after]]
                after += 1
            since, passed = piece, 0
            while piece < pieces.shape[0] and pieces[piece, 0] < after:
                passed += pieces[piece, 2]
                piece += 1
            if came >= least and passed > 0 and passed * whole >= came * share:
                passed, main, payees = _top(pieces[since:piece], recipients)
                if passed * whole >= came * share:
                    if size == found.shape[0]:
                        more = np.empty((2 * size, 7), dtype=np.int64)
                        more[:size] = found
                        found = more
                    found[size, 0], found[size, 1], found[size, 2] = node, main, came
                    found[size, 3], found[size, 4] = passed, begins
                    found[size, 5] = _different(of.src[got.at[place:after]])
                    found[size, 6] = payees
                    size += 1
            place = after
    return found[:size].copy()


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
    found = _passing(of, _Limits(within, period, recipients, least, share))
    account, main, *columns = (np.ascontiguousarray(column) for column in found.T)
    return Passing(account.astype(np.int32), main.astype(np.int32), *columns)
