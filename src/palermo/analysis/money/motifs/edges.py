"""Transactions as arrays in the order of time, with both ends indexed.

Guarantees that position is order: of two transactions the earlier one has the lower position, and
of two at one time the one that the table lists first. Accounts are numbers from 0.
"""

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from palermo.analysis.compiled import compiled

Ints = npt.NDArray[np.int64]
Codes = npt.NDArray[np.int32]
Marks = npt.NDArray[np.bool_]


class Index(NamedTuple):
    """The transactions of each account, in order: `at[start[a]:start[a + 1]]` are positions."""

    start: Ints
    at: Codes


class Edges(NamedTuple):
    """Transactions in the order of time.

    `row` is the row of the table that each one came from; `ts` is in seconds, `amount` in minor
    units and positive; `paid` and `got` index the positions by payer and by payee.
    """

    row: Ints
    ts: Ints
    src: Codes
    dst: Codes
    amount: Ints
    paid: Index
    got: Index
    accounts: int


@compiled
def _index(ends: Codes, accounts: int) -> tuple[Ints, Codes]:
    """Count and place: a stable counting sort of positions by account."""
    start = np.zeros(accounts + 1, dtype=np.int64)
    for at in range(ends.shape[0]):
        start[ends[at] + 1] += 1
    for account in range(accounts):
        start[account + 1] += start[account]
    free = start[:-1].copy()
    placed = np.empty(ends.shape[0], dtype=np.int32)
    for at in range(ends.shape[0]):
        placed[free[ends[at]]] = at
        free[ends[at]] += 1
    return start, placed


def edges(
    ts: Ints, src: Codes, dst: Codes, amount: Ints, *, accounts: int, row: Ints | None = None
) -> Edges:
    """Order transactions and index them; those from an account to itself are left out.

    Args:
        ts: seconds, one a transaction; the other arrays have the same length.
        src: who pays, from 0 to `accounts` - 1.
        dst: who is paid.
        amount: minor units, positive.
        accounts: how many there are.
        row: numbers to tell transactions by; their place in the arrays if not given.
    """
    keep = src != dst
    named = np.arange(len(ts), dtype=np.int64) if row is None else row
    places = np.flatnonzero(keep)
    if len(ts) and (np.diff(ts) < 0).any():
        places = places[np.argsort(ts[places], kind="stable")]
    ts, src, dst = ts[places], src[places], dst[places]
    amount, named = amount[places], named[places]
    return Edges(
        row=named,
        ts=ts,
        src=src,
        dst=dst,
        amount=amount,
        paid=Index(*_index(src, accounts)),
        got=Index(*_index(dst, accounts)),
        accounts=accounts,
    )


def chosen(of: Edges, keep: Marks) -> Edges:
    """Return the transactions marked in `keep`, in the same order, indexed anew."""
    src, dst = of.src[keep], of.dst[keep]
    return Edges(
        row=of.row[keep],
        ts=of.ts[keep],
        src=src,
        dst=dst,
        amount=of.amount[keep],
        paid=Index(*_index(src, of.accounts)),
        got=Index(*_index(dst, of.accounts)),
        accounts=of.accounts,
    )
