"""Haircut and lowest intermediate balance: an account holds a sum for each claimant, and the rest.

Haircut (rolling pro rata, the North American rolling charge): every payment carries of each claim
the share that the payment is of the balance. Lowest intermediate balance (Re Hallett's Estate,
Roscoe v Winder): the account's own money is spent first; a claim is touched only when that is used
up, several claims then by share; and money that comes later never revives one.
"""

import numpy as np

from palermo.analysis.compiled import compiled
from palermo.analysis.money.tracing.sweeps import Carried, Codes, Ints, grown, split


@compiled
def proportional(
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
    own_first: bool,
) -> tuple[Carried, Ints, Ints, Ints]:
    """Sweep over all events.

    Args:
        src, dst, amount: transactions in order.
        claim_at, claim_account, claim_owner, claim_amount: claims in order.
        place: the row of each account among those that a claim reaches, -1 for the others.
        places: how many those are.
        claimants: how many there are.
        own_first: whether the account's own money is spent before what is claimed.

    Returns:
        What each transaction carried (transaction, claimant, units), the sum that each place holds
        for each claimant (places x claimants), the balances, and what came in undocumented.
    """
    held = np.zeros((places, claimants), dtype=np.int64)
    total = np.zeros(places, dtype=np.int64)
    balance = np.zeros(places, dtype=np.int64)
    gap = np.zeros(places, dtype=np.int64)
    at_tx = np.empty(16, dtype=np.int64)
    whose = np.empty(16, dtype=np.int64)
    units = np.empty(16, dtype=np.int64)
    size = 0
    claim = 0
    for at in range(src.shape[0] + 1):
        while claim < claim_at.shape[0] and claim_at[claim] == at:
            p = place[claim_account[claim]]
            held[p, claim_owner[claim]] += claim_amount[claim]
            total[p] += claim_amount[claim]
            if total[p] > balance[p]:
                gap[p] += total[p] - balance[p]
                balance[p] = total[p]
            claim += 1
        if at == src.shape[0]:
            break
        giver, taker, paid = place[src[at]], place[dst[at]], amount[at]
        if src[at] == dst[at] or paid == 0:
            continue
        if giver >= 0:
            if paid > balance[giver]:
                gap[giver] += paid - balance[giver]
                balance[giver] = paid
            due = paid
            whole = balance[giver]
            if own_first:
                due = max(0, paid - (whole - total[giver]))
                whole = total[giver]
            if total[giver] > 0 and due > 0:
                moved = split(held[giver], whole, due)
                for k in range(claimants):
                    if moved[k] > 0:
                        held[giver, k] -= moved[k]
                        held[taker, k] += moved[k]
                        total[giver] -= moved[k]
                        total[taker] += moved[k]
                        at_tx = grown(at_tx, size)
                        whose = grown(whose, size)
                        units = grown(units, size)
                        at_tx[size], whose[size], units[size] = at, k, moved[k]
                        size += 1
            balance[giver] -= paid
        if taker >= 0:
            balance[taker] += paid
    carried = (at_tx[:size].copy(), whose[:size].astype(np.int32), units[:size].copy())
    return carried, held, balance, gap


