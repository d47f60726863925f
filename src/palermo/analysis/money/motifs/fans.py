"""Temporal fan-in and fan-out: many different counterparties of one account in a short time.

Guarantees the largest number of different counterparties in any window of the given length, and
the first window that has it. A hub costs no more than its transactions: two pointers and a count.
Source: the fan patterns of the AMLworld generator (Altman and others, 2023).
"""

from typing import NamedTuple

import numpy as np

from palermo.analysis.compiled import compiled
from palermo.analysis.money.motifs.edges import Codes, Edges, Index, Ints


class Fans(NamedTuple):
    """One entry a fan, in order of account.

    `most` is how many different counterparties; `first` and `last` are places in the list of the
    account's transactions (`index.at`), both within the window; `total` is what was paid in it.
    """

    account: Codes
    most: Ints
    first: Ints
    last: Ints
    total: Ints


@compiled
def _fans(of: Edges, index: Index, other: Codes, window: int, least: int) -> tuple[Codes, Ints]:
    start, at, ts, amount = index.start, index.at, of.ts, of.amount
    accounts = start.shape[0] - 1
    seen = np.zeros(accounts, dtype=np.int32)
    account = np.empty(accounts, dtype=np.int32)
    found = np.empty((accounts, 4), dtype=np.int64)
    size = 0
    for node in range(accounts):
        if start[node + 1] - start[node] < least:
            continue
        left, different, total = start[node], 0, 0
        most, first, last, most_total = 0, 0, 0, 0
        for right in range(start[node], start[node + 1]):
            new = at[right]
            while ts[new] - ts[at[left]] > window:
                old = at[left]
                seen[other[old]] -= 1
                if seen[other[old]] == 0:
                    different -= 1
                total -= amount[old]
                left += 1
            if seen[other[new]] == 0:
                different += 1
            seen[other[new]] += 1
            total += amount[new]
            if different > most or (different == most and left == first):
                most, first, last, most_total = different, left, right, total
        for place in range(left, start[node + 1]):
            seen[other[at[place]]] = 0
        if most >= least:
            account[size] = node
            found[size, 0], found[size, 1] = most, first
            found[size, 2], found[size, 3] = last, most_total
            size += 1
    return account[:size].copy(), found[:size].copy()


def fans(of: Edges, *, inward: bool, window: int, least: int) -> Fans:
    """Find accounts with at least `least` different payers (or payees) within `window` seconds."""
    index, other = (of.got, of.src) if inward else (of.paid, of.dst)
    account, found = _fans(of, index, other, window, least)
    return Fans(account, *(np.ascontiguousarray(column) for column in found.T))
