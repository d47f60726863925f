"""A slow reference that follows the rules' words: one token a unit of money, fractions for shares.

It shares no code with the program. Amounts in its tests are small.
"""

from collections import defaultdict
from dataclasses import dataclass, field
from fractions import Fraction

OWN = ""


@dataclass(frozen=True)
class Payment:
    giver: str
    taker: str
    units: int


@dataclass(frozen=True)
class Claim:
    claimant: str
    account: str
    units: int


Event = Payment | Claim
Held = dict[tuple[str, str], int]


@dataclass
class Found:
    held: Held = field(default_factory=dict)
    carried: dict[tuple[int, str], int] = field(default_factory=dict)


def by_tokens(events: list[Event], *, last_first: bool) -> Found:
    """FIFO or LIFO: an account is a list of the owners of its units, oldest first."""
    accounts: dict[str, list[str]] = defaultdict(list)
    found = Found()
    for at, event in enumerate(events):
        if isinstance(event, Claim):
            tokens, wanted = accounts[event.account], event.units
            for place in range(len(tokens) - 1, -1, -1):
                if wanted and tokens[place] == OWN:
                    tokens[place] = event.claimant
                    wanted -= 1
            tokens.extend([event.claimant] * wanted)
        elif event.giver != event.taker:
            tokens = accounts[event.giver]
            tokens.extend([OWN] * (event.units - len(tokens)))
            for _ in range(event.units):
                token = tokens.pop(-1 if last_first else 0)
                accounts[event.taker].append(token)
                if token != OWN:
                    key = (at, token)
                    found.carried[key] = found.carried.get(key, 0) + 1
    for account, tokens in accounts.items():
        for token in tokens:
            if token != OWN:
                found.held[account, token] = found.held.get((account, token), 0) + 1
    return found


def by_shares(events: list[Event], claimants: list[str], *, own_first: bool) -> Found:
    """Rolling pro rata, or the lowest intermediate balance: sums a claimant, and the rest."""
    held: dict[str, dict[str, int]] = defaultdict(lambda: dict.fromkeys(claimants, 0))
    balance: dict[str, int] = defaultdict(int)
    found = Found()
    for at, event in enumerate(events):
        if isinstance(event, Claim):
            held[event.account][event.claimant] += event.units
            balance[event.account] = max(balance[event.account], sum(held[event.account].values()))
        elif event.giver != event.taker:
            balance[event.giver] = max(balance[event.giver], event.units)
            claimed = sum(held[event.giver].values())
            own = balance[event.giver] - claimed
            if own_first:
                due, whole, rest = max(0, event.units - own), claimed, 0
            else:
                due, whole, rest = event.units, balance[event.giver], own
            shares = rounded(
                [Fraction(held[event.giver][one] * due, whole or 1) for one in claimants]
                + [Fraction(rest * due, whole or 1)],
                due if whole else 0,
            )
            for claimant, units in zip(claimants, shares, strict=False):
                held[event.giver][claimant] -= units
                held[event.taker][claimant] += units
                if units:
                    found.carried[at, claimant] = units
            balance[event.giver] -= event.units
            balance[event.taker] += event.units
    for account, sums in held.items():
        for claimant, units in sums.items():
            if units:
                found.held[account, claimant] = units
    return found


def rounded(shares: list[Fraction], whole: int) -> list[int]:
    """Largest remainder; among equals, the first."""
    floors = [share.numerator // share.denominator for share in shares]
    order = sorted(range(len(shares)), key=lambda k: (floors[k] - shares[k], k))
    for k in order[: whole - sum(floors)]:
        floors[k] += 1
    return floors
