"""One ledger under one rule, and under all of them side by side.

Guarantees that the units claimed are the units found, account by account, under every rule that
follows payments (conservation); `trace` checks it each time. The same ledger gives the same answer.
"""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from functools import cache

import numpy as np
import pyarrow as pa

from palermo.analysis.money.tracing.ledger import Ledger
from palermo.analysis.money.tracing.lots import lots
from palermo.analysis.money.tracing.proportional import proportional
from palermo.analysis.money.tracing.rules import RULES
from palermo.analysis.money.tracing.sweeps import Codes, Events, Ints, Swept, reached, split

#: What an account holds of a claim at the end.
HOLDINGS = pa.schema(
    [
        pa.field("rule", pa.string(), nullable=False),
        pa.field("claimant", pa.string(), nullable=False),
        pa.field("account", pa.string(), nullable=False),
        pa.field("currency", pa.string(), nullable=False),
        pa.field("amount_minor", pa.int64(), nullable=False),
    ]
)
#: What a transaction carried of a claim; `row` is its row in the table of transactions, from 0.
CARRIED = pa.schema(
    [
        pa.field("rule", pa.string(), nullable=False),
        pa.field("row", pa.int64(), nullable=False),
        pa.field("claimant", pa.string(), nullable=False),
        pa.field("amount_minor", pa.int64(), nullable=False),
    ]
)
#: What an account paid, or a claim named, that no record brought in.
UNDOCUMENTED = pa.schema(
    [
        pa.field("rule", pa.string(), nullable=False),
        pa.field("account", pa.string(), nullable=False),
        pa.field("currency", pa.string(), nullable=False),
        pa.field("amount_minor", pa.int64(), nullable=False),
    ]
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Traced:
    """What one rule gives; a row of `swept` is an account of `reach`, which a claim can reach."""

    rule: str
    swept: Swept
    reach: Ints


@dataclass(frozen=True, slots=True, kw_only=True)
class Trace:
    """All rules asked for, as tables sorted by rule, claimant and account or row.

    `common` is what every rule that follows payments leaves with an account for a claimant: the
    least of their answers.
    """

    holdings: pa.Table
    carried: pa.Table
    undocumented: pa.Table
    common: pa.Table


def trace(book: Ledger, rules: Collection[str] = RULES) -> Trace:
    """Trace the claims of `book` by each of `rules`.

    Raises:
        KeyError: no such rule exists.
    """
    for name in rules:
        if name not in RULES:
            raise KeyError(f"no rule is called {name!r}; known are {', '.join(RULES)}")
    touched, _ = reached(book.src, book.dst, book.claim_at, book.claim_account, len(book.accounts))
    reach = np.flatnonzero(touched)
    events = _events(book, reach)

    @cache
    def shared() -> Swept:
        """Rolling pro rata, which also gives the balances that rules without an order go by."""
        return proportional(events, own_first=False)

    found = [
        Traced(rule=name, swept=_by_rule(name, events, shared, book), reach=reach)
        for name in RULES
        if name in set(rules)
    ]
    for one in found:
        _check(book, one)
    return Trace(
        holdings=pa.concat_tables([_holdings(book, one) for one in found]),
        carried=pa.concat_tables([_carried(book, one) for one in found]),
        undocumented=pa.concat_tables([_undocumented(book, one) for one in found]),
        common=_common(book, [one for one in found if one.rule in FOLLOWING]),
    )


#: The rules that follow payments with amounts.
FOLLOWING = ("fifo", "lifo", "haircut", "libr")


def _events(book: Ledger, reach: Ints) -> Events:
    place = np.full(len(book.accounts), -1, dtype=np.int32)
    place[reach] = np.arange(len(reach), dtype=np.int32)
    return Events(
        src=book.src,
        dst=book.dst,
        amount=book.amount,
        claim_at=book.claim_at,
        claim_account=book.claim_account,
        claim_owner=book.claim_owner,
        claim_amount=book.claim_amount,
        place=place,
        places=len(reach),
        claimants=len(book.claimants),
    )


def _by_rule(name: str, events: Events, shared: Callable[[], Swept], book: Ledger) -> Swept:
    match name:
        case "fifo" | "lifo":
            return lots(events, last_first=name == "lifo")
        case "libr":
            return proportional(events, own_first=True)
        case "haircut":
            return shared()
        case "poison":
            return _poison(book, events, shared())
        case _:
            return _pari_passu(events, shared())


def _check(book: Ledger, traced: Traced) -> None:
    """Claims found are claims made, and no account holds more of them than it has."""
    held = traced.swept.held
    if traced.rule in FOLLOWING:
        claimed = np.zeros(len(book.claimants), dtype=np.int64)
        np.add.at(claimed, book.claim_owner, book.claim_amount)
        if not np.array_equal(held.sum(axis=0), claimed):
            raise AssertionError(f"{traced.rule}: the claims found are not the claims made")
    if traced.rule != "poison" and (held.sum(axis=1) > traced.swept.balance).any():
        raise AssertionError(f"{traced.rule}: an account holds more of claims than it has")


def _poison(book: Ledger, events: Events, shared: Swept) -> Swept:
    """For each claimant alone: which accounts could hold any of it, and all that they hold."""
    held = np.zeros((events.places, events.claimants), dtype=np.int64)
    through = np.zeros((len(events.src), events.claimants), dtype=np.bool_)
    for claimant in range(events.claimants):
        mine = events.claim_owner == claimant
        touched, passed = reached(
            events.src,
            events.dst,
            events.claim_at[mine],
            events.claim_account[mine],
            len(book.accounts),
        )
        there = events.place[np.flatnonzero(touched)]
        held[there, claimant] = shared.balance[there]
        through[:, claimant] = passed
    at, owner = np.nonzero(through)
    carried = np.empty((len(at), 3), dtype=np.int64)
    carried[:, 0], carried[:, 1], carried[:, 2] = at, owner, events.amount[at]
    return Swept(carried, held, shared.balance, shared.gap)


def _pari_passu(events: Events, shared: Swept) -> Swept:
    """Share what is left where claims stood, by all that came in."""
    came_in = shared.gap.copy()
    place = events.place
    inward = (place[events.dst] >= 0) & (events.src != events.dst)
    np.add.at(came_in, place[events.dst[inward]], events.amount[inward])
    claims = np.zeros((events.places, events.claimants), dtype=np.int64)
    np.add.at(claims, (place[events.claim_account], events.claim_owner), events.claim_amount)
    held = np.zeros_like(claims)
    for at in np.flatnonzero(claims.sum(axis=1)):
        whole = max(int(came_in[at]), int(claims[at].sum()))
        held[at] = split(claims[at], whole, int(shared.balance[at]))
    return Swept(np.zeros((0, 3), dtype=np.int64), held, shared.balance, shared.gap)


def _holdings(book: Ledger, traced: Traced) -> pa.Table:
    at, owner = np.nonzero(traced.swept.held)
    order = np.lexsort((traced.reach[at], owner))
    at, owner = at[order], owner[order]
    return pa.table(
        {
            "rule": _same(traced.rule, len(at)),
            "claimant": _named(book.claimants, owner),
            "account": _named(book.accounts, traced.reach[at]),
            "currency": _named(book.currencies, traced.reach[at]),
            "amount_minor": traced.swept.held[at, owner],
        },
        schema=HOLDINGS,
    )


def _carried(book: Ledger, traced: Traced) -> pa.Table:
    at, owner, units = traced.swept.carried.T
    # One payment may take several lots of one claimant.
    key = at * max(1, len(book.claimants)) + owner
    if (np.diff(key) <= 0).any():
        order = np.argsort(key, kind="stable")
        first = np.flatnonzero(np.diff(key[order], prepend=-1))
        units = np.add.reduceat(units[order], first)
        at, owner = at[order][first], owner[order][first]
    return pa.table(
        {
            "rule": _same(traced.rule, len(at)),
            "row": book.row[at],
            "claimant": _named(book.claimants, owner),
            "amount_minor": units,
        },
        schema=CARRIED,
    )


def _undocumented(book: Ledger, traced: Traced) -> pa.Table:
    at = np.flatnonzero(traced.swept.gap)
    return pa.table(
        {
            "rule": _same(traced.rule, len(at)),
            "account": _named(book.accounts, traced.reach[at]),
            "currency": _named(book.currencies, traced.reach[at]),
            "amount_minor": traced.swept.gap[at],
        },
        schema=UNDOCUMENTED,
    )


def _common(book: Ledger, found: list[Traced]) -> pa.Table:
    if not found:
        return HOLDINGS.empty_table()
    least = np.minimum.reduce([one.swept.held for one in found])
    first = found[0]
    together = Traced(rule="common", swept=first.swept._replace(held=least), reach=first.reach)
    return _holdings(book, together)


def _same(rule: str, length: int) -> pa.Array:
    return pa.repeat(pa.scalar(rule, pa.string()), length)


def _named(names: tuple[str, ...], codes: Ints | Codes) -> pa.Array:
    return pa.array(names, pa.string()).take(pa.array(codes))
