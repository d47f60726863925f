"""Haircut and lowest intermediate balance: an account holds a sum for each claimant, and the rest.

Haircut (rolling pro rata, the North American rolling charge): every payment carries of each claim
the share that the payment is of the balance. Lowest intermediate balance (Re Hallett's Estate,
Roscoe v Winder): the account's own money is spent first; a claim is touched only when that is used
up, several claims then by share; and money that comes later never revives one.
"""

import numpy as np

from palermo.analysis.compiled import compiled
from palermo.analysis.money.tracing.sweeps import Events, Ints, Swept, noted, split_into


@compiled
def _enter(events: Events, claim: int, swept: Swept, claimed: Ints) -> None:
    """Enter a claim; what the account does not hold of it came in undocumented."""
    place = events.place[events.claim_account[claim]]
    swept.held[place, events.claim_owner[claim]] += events.claim_amount[claim]
    claimed[place] += events.claim_amount[claim]
    lacking = claimed[place] - swept.balance[place]
    if lacking > 0:
        swept.gap[place] += lacking
        swept.balance[place] += lacking


@compiled
def proportional(events: Events, own_first: bool) -> Swept:
    """Sweep over all events; with `own_first`, own money is spent before what is claimed."""
    swept = Swept(
        np.empty((16, 3), dtype=np.int64),
        np.zeros((events.places, events.claimants), dtype=np.int64),
        np.zeros(events.places, dtype=np.int64),
        np.zeros(events.places, dtype=np.int64),
    )
    carried, held, balance, gap = swept
    # The sum of the claims of each place: most payments touch none, which one look tells.
    claimed = np.zeros(events.places, dtype=np.int64)
    moved = np.zeros(events.claimants, dtype=np.int64)
    left = np.zeros(events.claimants + 1, dtype=np.int64)
    size, claim = 0, 0
    for at in range(events.src.shape[0] + 1):
        while claim < events.claim_at.shape[0] and events.claim_at[claim] == at:
            _enter(events, claim, swept, claimed)
            claim += 1
        if at == events.src.shape[0]:
            break
        paid = events.amount[at]
        giver, taker = events.place[events.src[at]], events.place[events.dst[at]]
        if giver == taker:  # to itself, or past every claim
            continue
        if giver >= 0:
            if paid > balance[giver]:
                gap[giver] += paid - balance[giver]
                balance[giver] = paid
            # What the claims bear together, and out of how much.
            whole, due = balance[giver], paid
            if own_first:
                whole, due = claimed[giver], max(0, paid - (balance[giver] - claimed[giver]))
            if claimed[giver] > 0 and due > 0:
                split_into(moved, left, held[giver], whole, due)
                for k in range(events.claimants):
                    if moved[k] > 0:
                        held[giver, k] -= moved[k]
                        held[taker, k] += moved[k]
                        claimed[giver] -= moved[k]
                        claimed[taker] += moved[k]
                        carried = noted(carried, size, at, k, moved[k])
                        size += 1
            balance[giver] -= paid
        if taker >= 0:
            balance[taker] += paid
    return Swept(carried[:size].copy(), held, balance, gap)
