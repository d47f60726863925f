"""Ten thousand random ledgers: what leaves an account enters another, and claims stay whole.

The sweeps are called directly; what they say is added up anew with NumPy, from what was carried.
"""

from collections.abc import Callable

import numpy as np
import pytest

from palermo.analysis.money.tracing.lots import lots
from palermo.analysis.money.tracing.proportional import proportional
from palermo.analysis.money.tracing.sweeps import Events, Swept

LEDGERS = 10_000
RULES: dict[str, Callable[[Events], Swept]] = {
    "fifo": lambda events: lots(events, last_first=False),
    "lifo": lambda events: lots(events, last_first=True),
    "haircut": lambda events: proportional(events, own_first=False),
    "libr": lambda events: proportional(events, own_first=True),
}


def random_ledger(seed: int) -> Events:
    """2 to 12 accounts, up to 80 payments, up to 5 claims of up to 4; sums small or very large."""
    draw = np.random.default_rng(seed)
    accounts, count = int(draw.integers(2, 13)), int(draw.integers(1, 81))
    claims, claimants = int(draw.integers(1, 6)), int(draw.integers(1, 5))
    most = int(draw.choice([3, 50, 10**6, 2**53]))
    at = np.sort(draw.integers(0, count + 1, claims))
    return Events(
        src=draw.integers(0, accounts, count).astype(np.int32),
        dst=draw.integers(0, accounts, count).astype(np.int32),
        amount=draw.integers(1, most + 1, count),
        claim_at=at,
        claim_account=draw.integers(0, accounts, claims).astype(np.int32),
        claim_owner=draw.integers(0, claimants, claims).astype(np.int32),
        claim_amount=draw.integers(1, most + 1, claims),
        place=np.arange(accounts, dtype=np.int32),
        places=accounts,
        claimants=claimants,
    )


def check(events: Events, swept: Swept) -> None:
    """Everything that has to hold, from the flows alone."""
    wanted = np.zeros((events.places, events.claimants), dtype=np.int64)
    np.add.at(wanted, (events.claim_account, events.claim_owner), events.claim_amount)
    at, owner, units = swept.carried.T
    flows = wanted.copy()
    np.subtract.at(flows, (events.src[at], owner), units)
    np.add.at(flows, (events.dst[at], owner), units)
    assert np.array_equal(flows, swept.held)
    assert (swept.held >= 0).all()
    assert np.array_equal(swept.held.sum(axis=0), wanted.sum(axis=0))
    assert (swept.held.sum(axis=1) <= swept.balance).all()
    together = np.zeros(events.src.shape[0], dtype=np.int64)
    np.add.at(together, at, units)
    assert (together <= events.amount).all()
    moved = events.src != events.dst
    balance = swept.gap.copy()
    np.add.at(balance, events.dst[moved], events.amount[moved])
    np.subtract.at(balance, events.src[moved], events.amount[moved])
    assert np.array_equal(balance, swept.balance)


@pytest.mark.parametrize("rule", RULES)
def test_conservation_in_ten_thousand_ledgers(rule: str) -> None:
    for seed in range(LEDGERS):
        events = random_ledger(seed)
        check(events, RULES[rule](events))


def test_the_check_finds_a_unit_that_was_lost() -> None:
    events = next(
        one
        for one in (random_ledger(seed) for seed in range(100))
        if RULES["fifo"](one).carried.size
    )
    swept = RULES["fifo"](events)
    swept.carried[0, 2] -= 1
    with pytest.raises(AssertionError):
        check(events, swept)
