"""Scatter-gather and gather-scatter: money split over several hands and brought together again.

Scatter-gather: one account pays several others, and they pay one third account. Guarantees that
each hand pays on between `kept` of what it got and all of it, within the window, and that the
hands are different. Gather-scatter: many pay one account, which then pays many.
Source: the patterns of the AMLworld generator (Altman and others, 2023).
"""

from typing import NamedTuple

import numpy as np

from palermo.analysis.compiled import compiled
from palermo.analysis.money.motifs.edges import Codes, Edges, Ints


class Scatters(NamedTuple):
    """One entry a pattern, in order of source and sink.

    `legs` has three columns: the number of the pattern, the payment in, the payment on (positions).
    """

    source: Codes
    sink: Codes
    hands: Ints
    legs: Ints


class Gathers(NamedTuple):
    """One entry an account: `payers` within the window before `at` (seconds), `payees` after."""

    account: Codes
    payers: Ints
    payees: Ints
    at: Ints
    came: Ints
    left: Ints


@compiled
def _legs(of: Edges, window: int, kept: int, whole: int, hub: int) -> tuple[Codes, Codes]:
    """Pair each payment with those by which its payee passes it on, in the order of the first."""
    start, at = of.paid.start, of.paid.at
    first = np.empty(1024, dtype=np.int32)
    second = np.empty(1024, dtype=np.int32)
    size = 0
    # Payments are met in order, so where a payee's list goes on only ever moves forward.
    place = start[:-1].copy()
    for payment in range(of.src.shape[0]):
        hand = of.dst[payment]
        end = start[hand + 1]
        while place[hand] < end and at[place[hand]] <= payment:
            place[hand] += 1
        until = of.ts[payment] + window
        far = place[hand] + hub
        if far < end and of.ts[at[far]] <= until:
            continue
        units = of.amount[payment]
        low = (units * kept + whole - 1) // whole
        for onward in range(place[hand], end):
            then = at[onward]
            if of.ts[then] > until:
                break
            if low <= of.amount[then] <= units and of.dst[then] != of.src[payment]:
                if size == first.shape[0]:
                    more = np.empty(2 * size, dtype=np.int32)
                    more[:size] = first
                    first = more
                    again = np.empty(2 * size, dtype=np.int32)
                    again[:size] = second
                    second = again
                first[size], second[size] = payment, then
                size += 1
    return first[:size].copy(), second[:size].copy()


@compiled
def _grouped(
    of: Edges, pairs: tuple[Codes, Codes], order: Ints, window: int, least: int
) -> tuple[Ints, Ints]:
    """Go through the legs of each source and sink; return patterns and their legs."""
    first, second = pairs
    seen = np.zeros(of.accounts, dtype=np.int32)
    found = np.empty((64, 3), dtype=np.int64)
    legs = np.empty((256, 3), dtype=np.int64)
    size, count = 0, 0
    begin = 0
    while begin < order.shape[0]:
        source = of.src[first[order[begin]]]
        sink = of.dst[second[order[begin]]]
        end = begin
        while (
            end < order.shape[0]
            and of.src[first[order[end]]] == source
            and of.dst[second[order[end]]] == sink
        ):
            end += 1
        left, different, most, low, high = begin, 0, 0, begin, begin
        for right in range(begin, end if end - begin >= least else begin):
            leg = first[order[right]]
            while of.ts[leg] - of.ts[first[order[left]]] > window:
                old = of.dst[first[order[left]]]
                seen[old] -= 1
                different -= seen[old] == 0
                left += 1
            different += seen[of.dst[leg]] == 0
            seen[of.dst[leg]] += 1
            if different > most or (different == most and left == low):
                most, low, high = different, left, right
        for place in range(left, end if end - begin >= least else begin):
            seen[of.dst[first[order[place]]]] = 0
        if most >= least:
            if size == found.shape[0]:
                more = np.empty((2 * size, 3), dtype=np.int64)
                more[:size] = found
                found = more
            for place in range(low, high + 1):
                if count == legs.shape[0]:
                    again = np.empty((2 * count, 3), dtype=np.int64)
                    again[:count] = legs
                    legs = again
                legs[count, 0] = size
                legs[count, 1], legs[count, 2] = first[order[place]], second[order[place]]
                count += 1
            found[size, 0], found[size, 1], found[size, 2] = source, sink, most
            size += 1
        begin = end
    return found[:size].copy(), legs[:count].copy()


def scatter_gather(
    of: Edges, *, window: int, least: int, kept: tuple[int, int] = (70, 100), hub: int = 200
) -> Scatters:
    """Find pairs of accounts between which at least `least` different hands passed money on.

    Args:
        of: the transactions.
        window: seconds in which all hands are paid, and in which each one pays on.
        least: different hands.
        kept: least part that a hand pays on, as numerator and denominator.
        hub: payments in a window from which on an account is no hand but a merchant.
    """
    first, second = _legs(of, window, kept[0], kept[1], hub)
    key = of.src[first].astype(np.int64) * of.accounts + of.dst[second]
    order = np.argsort(key, kind="stable").astype(np.int64)
    found, legs = _grouped(of, (first, second), order, window, least)
    return Scatters(
        found[:, 0].astype(np.int32),
        found[:, 1].astype(np.int32),
        np.ascontiguousarray(found[:, 2]),
        legs,
    )


@compiled
def _gathers(of: Edges, window: int, least: int, kept: int, whole: int) -> tuple[Codes, Ints]:
    got, paid = of.got, of.paid
    payers = np.zeros(of.accounts, dtype=np.int32)
    payees = np.zeros(of.accounts, dtype=np.int32)
    account = np.empty(of.accounts, dtype=np.int32)
    found = np.empty((of.accounts, 5), dtype=np.int64)
    size = 0
    for node in range(of.accounts):
        begin, end = got.start[node], got.start[node + 1]
        near, far_end = paid.start[node], paid.start[node + 1]
        if end - begin < least or far_end - near < least:
            continue
        left, far = begin, near
        in_count, out_count, came, gone = 0, 0, 0, 0
        best = 0
        for right in range(begin, end):
            last = got.at[right]
            while of.ts[last] - of.ts[got.at[left]] > window:
                old = got.at[left]
                payers[of.src[old]] -= 1
                in_count -= payers[of.src[old]] == 0
                came -= of.amount[old]
                left += 1
            in_count += payers[of.src[last]] == 0
            payers[of.src[last]] += 1
            came += of.amount[last]
            while far < far_end and of.ts[paid.at[far]] - of.ts[last] <= window:
                new = paid.at[far]
                out_count += payees[of.dst[new]] == 0
                payees[of.dst[new]] += 1
                gone += of.amount[new]
                far += 1
            while near < far and paid.at[near] < last:
                old = paid.at[near]
                payees[of.dst[old]] -= 1
                out_count -= payees[of.dst[old]] == 0
                gone -= of.amount[old]
                near += 1
            fits = in_count >= least and out_count >= least
            if fits and gone <= came and gone * whole >= came * kept:
                weight = min(in_count, out_count)
                if weight > best:
                    best = weight
                    account[size] = node
                    found[size, 0], found[size, 1] = in_count, out_count
                    found[size, 2], found[size, 3], found[size, 4] = of.ts[last], came, gone
        for place in range(left, end):
            payers[of.src[got.at[place]]] = 0
        for place in range(near, far):
            payees[of.dst[paid.at[place]]] = 0
        size += best > 0
    return account[:size].copy(), found[:size].copy()


def gather_scatter(
    of: Edges, *, window: int, least: int, kept: tuple[int, int] = (70, 100)
) -> Gathers:
    """Find accounts that many paid within a window and that paid many within the next.

    `least` different payers and as many payees; what left is between `kept` of what came and all.
    """
    account, found = _gathers(of, window, least, kept[0], kept[1])
    payers, payees, at, came, left = (np.ascontiguousarray(column) for column in found.T)
    return Gathers(account, payers, payees, at, came, left)
