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


def pari_passu(events: list[Event], claimants: list[str]) -> Held:
    """Share what is left where claims stood by all that ever came in, documented or not."""
    came_in: dict[str, int] = defaultdict(int)
    balance: dict[str, int] = defaultdict(int)
    claims: dict[str, dict[str, int]] = defaultdict(lambda: dict.fromkeys(claimants, 0))
    standing: dict[str, int] = defaultdict(int)  # what of an account is claimed, by rolling shares
    shares = by_shares(events, claimants, own_first=False)
    for at, event in enumerate(events):
        if isinstance(event, Claim):
            claims[event.account][event.claimant] += event.units
            standing[event.account] += event.units
            gap = max(0, standing[event.account] - balance[event.account])
            came_in[event.account] += gap
            balance[event.account] += gap
        elif event.giver != event.taker:
            gap = max(0, event.units - balance[event.giver])
            came_in[event.giver] += gap
            balance[event.giver] += gap - event.units
            came_in[event.taker] += event.units
            balance[event.taker] += event.units
            moved = sum(shares.carried.get((at, one), 0) for one in claimants)
            standing[event.giver] -= moved
            standing[event.taker] += moved
    found: Held = {}
    for account, wanted in claims.items():
        whole = max(came_in[account], sum(wanted.values()))
        left = balance[account]
        parts = [Fraction(units * left, whole) for units in wanted.values()]
        rest = Fraction((whole - sum(wanted.values())) * left, whole)
        for claimant, units in zip(wanted, rounded([*parts, rest], left), strict=False):
            if units:
                found[account, claimant] = units
    return found


def touched(events: list[Event], claimant: str) -> set[str]:
    """Accounts that a payment reached after a claim of `claimant` stood in its giver.

    Works from the end: an account is touched if a claim stood in it, or if anything paid it that
    was touched before.
    """

    def is_touched(account: str, before: int) -> bool:
        for at in range(before - 1, -1, -1):
            event = events[at]
            if isinstance(event, Claim):
                if (event.account, event.claimant) == (account, claimant):
                    return True
            elif event.taker == account and event.giver != account and is_touched(event.giver, at):
                return True
        return False

    names = {one.account for one in events if isinstance(one, Claim)}
    names |= {one.taker for one in events if isinstance(one, Payment)}
    return {name for name in names if is_touched(name, len(events))}


def rounded(shares: list[Fraction], whole: int) -> list[int]:
    """Largest remainder; among equals, the first."""
    floors = [share.numerator // share.denominator for share in shares]
    order = sorted(range(len(shares)), key=lambda k: (floors[k] - shares[k], k))
    for k in order[: whole - sum(floors)]:
        floors[k] += 1
    return floors
