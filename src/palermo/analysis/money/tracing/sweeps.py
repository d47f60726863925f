"""The compiled sweeps: one pass over all events in their order, whole numbers only.

Guarantees for every rule that what leaves an account is what enters the other, to the last unit:
shares are rounded by largest remainder, so that the parts of a payment add up to it. Accounts
that no claim can reach are left out; nothing of a claim could be there.
"""

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from palermo.analysis.compiled import compiled

Ints = npt.NDArray[np.int64]
Codes = npt.NDArray[np.int32]
Marks = npt.NDArray[np.bool_]

NOBODY = -1


class Events(NamedTuple):
    """All that happens, in order: `claim_at` is the number of transactions before each claim.

    `place` is the row of each account among those that a claim can reach, -1 for the others;
    `places` and `claimants` are how many there are.
    """

    src: Codes
    dst: Codes
    amount: Ints
    claim_at: Ints
    claim_account: Codes
    claim_owner: Codes
    claim_amount: Ints
    place: Codes
    places: int
    claimants: int


class Swept(NamedTuple):
    """What a sweep finds.

    `carried` has three columns: transaction, claimant, units. `held` is places x claimants;
    `balance` and `gap` (what came in undocumented) have one entry a place.
    """

    carried: Ints
    held: Ints
    balance: Ints
    gap: Ints


@compiled
def claim_positions(first: Ints, end: Ints, account: Codes, dst: Codes) -> Ints:
    """Return after how many transactions each claim stands.

    Those of an earlier time, and at the claim's own time up to the last that came into its account.
    """
    positions = first.copy()
    for claim in range(first.shape[0]):
        for at in range(first[claim], end[claim]):
            if dst[at] == account[claim]:
                positions[claim] = at + 1
    return positions


@compiled
def reached(
    src: Codes, dst: Codes, claim_at: Ints, claim_account: Codes, accounts: int
) -> tuple[Marks, Marks]:
    """Return which accounts, and which transactions, a claim could have come through (poison)."""
    touched = np.zeros(accounts, dtype=np.bool_)
    through = np.zeros(src.shape[0], dtype=np.bool_)
    claim = 0
    for at in range(src.shape[0] + 1):
        while claim < claim_at.shape[0] and claim_at[claim] == at:
            touched[claim_account[claim]] = True
            claim += 1
        if at < src.shape[0] and touched[src[at]]:
            touched[dst[at]] = True
            through[at] = True
    return touched, through


@compiled
def part(share: int, paid: int, whole: int) -> tuple[int, int]:
    """Return floor(share * paid / whole) and the remainder; 0 <= share, paid <= whole < 2^62."""
    if share == 0 or paid == 0:
        return 0, 0
    if share < (1 << 31) and paid < (1 << 31):
        product = share * paid
        quotient = product // whole
        return quotient, product - quotient * whole
    # Long multiplication and division, one bit of `paid` at a time: never leaves 63 bits.
    quotient, remainder = 0, 0
    for bit in range(61, -1, -1):
        quotient, remainder = quotient * 2, remainder * 2
        if remainder >= whole:
            remainder -= whole
            quotient += 1
        if (paid >> bit) & 1:
            remainder += share
            if remainder >= whole:
                remainder -= whole
                quotient += 1
    return quotient, remainder


@compiled
def split_into(moved: Ints, left: Ints, held: Ints, whole: int, paid: int) -> None:
    """Write into `moved` what each claim has of `paid`, by share, by largest remainder.

    Of equal remainders the claimant listed first has the unit, and claimants before the rest.
    `left` is room for the remainders: one more than there are claims.
    """
    count = held.shape[0]
    claimed, given = 0, 0
    for k in range(count):
        moved[k], left[k] = part(held[k], paid, whole)
        claimed += held[k]
        given += moved[k]
    rest, left[count] = part(whole - claimed, paid, whole)
    missing = paid - given - rest
    while missing > 0:
        best = 0
        for k in range(1, count + 1):
            if left[k] > left[best]:
                best = k
        left[best] = -1
        if best < count:
            moved[best] += 1
        missing -= 1


@compiled
def split(held: Ints, whole: int, paid: int) -> Ints:
    """Split `paid` over claims `held` and the rest of `whole`; return what each claim has of it."""
    moved = np.zeros(held.shape[0], dtype=np.int64)
    split_into(moved, np.zeros(held.shape[0] + 1, dtype=np.int64), held, whole, paid)
    return moved


@compiled
def noted(carried: Ints, size: int, at: int, owner: int, units: int) -> Ints:
    """Write a row of what was carried behind the first `size`; return the table, larger if full."""
    if size == carried.shape[0]:
        larger = np.empty((2 * carried.shape[0], 3), dtype=np.int64)
        larger[:size] = carried
        carried = larger
    carried[size, 0], carried[size, 1], carried[size, 2] = at, owner, units
    return carried
