"""One ledger under one rule, and under all of them side by side.

Guarantees that the units claimed are the units found, account by account, under every rule that
follows payments (conservation); `trace` checks it each time. The same ledger gives the same answer.
"""

from collections.abc import Collection
from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from palermo.analysis.money.tracing.ledger import Ledger
from palermo.analysis.money.tracing.lots import lots
from palermo.analysis.money.tracing.proportional import proportional
from palermo.analysis.money.tracing.rules import RULES
from palermo.analysis.money.tracing.sweeps import (
    Carried,
    Codes,
    Ints,
    Marks,
    reached,
    split,
)

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
    """What one rule gives. `held` is places x claimants; `place` is -1 where no claim can be."""

    rule: str
    carried: Carried
    held: Ints
    balance: Ints
    gap: Ints


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
    touched, through = reached(
        book.src, book.dst, book.claim_at, book.claim_account, len(book.accounts)
    )
    reach = np.flatnonzero(touched)
    place = np.full(len(book.accounts), -1, dtype=np.int32)
    place[reach] = np.arange(len(reach), dtype=np.int32)
    found = [
        _by_rule(name, book, place, len(reach), through) for name in RULES if name in set(rules)
    ]
    return Trace(
        holdings=pa.concat_tables([_holdings(book, one, reach) for one in found]),
        carried=pa.concat_tables([_carried(book, one) for one in found]),
        undocumented=pa.concat_tables([_undocumented(book, one, reach) for one in found]),
        common=_common(book, [one for one in found if one.rule in FOLLOWING], reach),
    )


#: The rules that follow payments with amounts.
FOLLOWING = ("fifo", "lifo", "haircut", "libr")


def _by_rule(name: str, book: Ledger, place: Codes, places: int, through: Marks) -> Traced:
    events = (
        book.src,
        book.dst,
        book.amount,
        book.claim_at,
        book.claim_account,
        book.claim_owner,
        book.claim_amount,
        place,
        places,
        len(book.claimants),
    )
    if name in {"fifo", "lifo"}:
        result = lots(*events, name == "lifo")
    elif name in {"haircut", "libr"}:
        result = proportional(*events, name == "libr")
    else:
        # Both go by the balances, which are the same under every rule but for claims.
        _, _, balance, gap = proportional(*events, False)
        if name == "poison":
            return _poison(book, place, places, through, balance, gap)
        return _pari_passu(book, place, places, balance, gap)
    traced = Traced(
        rule=name, carried=result[0], held=result[1], balance=result[2], gap=result[3]
    )
    _check_conserved(book, traced)
    return traced


def _check_conserved(book: Ledger, traced: Traced) -> None:
    claimed = np.zeros(len(book.claimants), dtype=np.int64)
    np.add.at(claimed, book.claim_owner, book.claim_amount)
    if not np.array_equal(traced.held.sum(axis=0), claimed):
        raise AssertionError(f"{traced.rule}: the claims found are not the claims made")


def _poison(
    book: Ledger, place: Codes, places: int, through: Marks, balance: Ints, gap: Ints
) -> Traced:
    """For each claimant alone: which accounts could hold any of it, and all that they hold."""
    held = np.zeros((places, len(book.claimants)), dtype=np.int64)
    at_tx, whose = [], []
    for claimant in range(len(book.claimants)):
        mine = book.claim_owner == claimant
        touched, passed = reached(
            book.src, book.dst, book.claim_at[mine], book.claim_account[mine], len(book.accounts)
        )
        there = place[np.flatnonzero(touched)]
        held[there, claimant] = balance[there]
        at_tx.append(np.flatnonzero(passed))
        whose.append(np.full(int(passed.sum()), claimant, dtype=np.int32))
    rows = np.concatenate(at_tx) if at_tx else np.zeros(0, dtype=np.int64)
    owners = np.concatenate(whose) if whose else np.zeros(0, dtype=np.int32)
    order = np.lexsort((owners, rows))
    carried = (rows[order], owners[order], book.amount[rows[order]])
    return Traced(rule="poison", carried=carried, held=held, balance=balance, gap=gap)


def _pari_passu(book: Ledger, place: Codes, places: int, balance: Ints, gap: Ints) -> Traced:
    """Share what is left where claims stood, by all that came in."""
    came_in = gap.copy()
    inward = (place[book.dst] >= 0) & (book.src != book.dst)
    np.add.at(came_in, place[book.dst[inward]], book.amount[inward])
    claims = np.zeros((places, len(book.claimants)), dtype=np.int64)
    np.add.at(claims, (place[book.claim_account], book.claim_owner), book.claim_amount)
    held = np.zeros_like(claims)
    for at in np.flatnonzero(claims.sum(axis=1)):
        whole = max(int(came_in[at]), int(claims[at].sum()))
        held[at] = split(claims[at], whole, int(balance[at]))
    nothing = np.zeros(0, dtype=np.int64)
    carried = (nothing, nothing.astype(np.int32), nothing)
    return Traced(rule="pari_passu", carried=carried, held=held, balance=balance, gap=gap)


def _holdings(book: Ledger, traced: Traced, reach: Ints) -> pa.Table:
    at, owner = np.nonzero(traced.held)
    order = np.lexsort((reach[at], owner))
    at, owner = at[order], owner[order]
    return pa.table(
        {
            "rule": pa.array([traced.rule] * len(at), pa.string()),
            "claimant": _named(book.claimants, owner),
            "account": _named(book.accounts, reach[at]),
            "currency": _named(book.currencies, reach[at]),
            "amount_minor": traced.held[at, owner],
        },
        schema=HOLDINGS,
    )


def _carried(book: Ledger, traced: Traced) -> pa.Table:
    at, owner, units = traced.carried
    # One payment may take several lots of one claimant.
    key = at * max(1, len(book.claimants)) + owner
    order = np.argsort(key, kind="stable")
    first = np.flatnonzero(np.diff(key[order], prepend=-1))
    units = np.add.reduceat(units[order], first) if len(first) else units
    at, owner = at[order][first], owner[order][first]
    return pa.table(
        {
            "rule": pa.array([traced.rule] * len(at), pa.string()),
            "row": book.row[at],
            "claimant": _named(book.claimants, owner),
            "amount_minor": units,
        },
        schema=CARRIED,
    )


def _undocumented(book: Ledger, traced: Traced, reach: Ints) -> pa.Table:
    at = np.flatnonzero(traced.gap)
    return pa.table(
        {
            "rule": pa.array([traced.rule] * len(at), pa.string()),
            "account": _named(book.accounts, reach[at]),
            "currency": _named(book.currencies, reach[at]),
            "amount_minor": traced.gap[at],
        },
        schema=UNDOCUMENTED,
    )


def _common(book: Ledger, found: list[Traced], reach: Ints) -> pa.Table:
    if not found:
        return HOLDINGS.empty_table()
    least = np.minimum.reduce([one.held for one in found])
    none = (np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.int32), np.zeros(0, dtype=np.int64))
    together = Traced(
        rule="common", carried=none, held=least, balance=found[0].balance, gap=found[0].gap
    )
    return _holdings(book, together, reach)


def _named(names: tuple[str, ...], codes: Ints | Codes) -> pa.Array:
    return pa.array(names, pa.string()).take(pa.array(codes))
