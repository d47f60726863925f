"""The money of the practice case: accounts, payments, and what is true of them.

The same seed and number give the same bytes. Nobody and nothing in it exists; nothing but the
truth tables tells crime from innocence, and much that looks like crime is innocent.
"""

from collections.abc import Callable, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any

import numpy as np
import pyarrow as pa

from palermo.model import Unreadable
from palermo.scenario.money.case import Statement, play_case, statements
from palermo.scenario.money.compound import compound
from palermo.scenario.money.dice import Dice, Ints
from palermo.scenario.money.distance import extortion, live_stream, organ
from palermo.scenario.money.everyday import everyday
from palermo.scenario.money.labour import labour
from palermo.scenario.money.look_alikes import write_look_alikes
from palermo.scenario.money.population import PAYMENTS_AN_ACCOUNT, settle
from palermo.scenario.money.sexual import sexual
from palermo.scenario.money.spending import fill
from palermo.scenario.money.stage import Stage
from palermo.scenario.money.world import load_world
from palermo.scenario.money.writing import TRUE_ACCOUNTS, TRUE_PAYMENTS, Money, write
from palermo.scenario.sirocco.cast import Cast

__all__ = [
    "TRUE_ACCOUNTS",
    "TRUE_PAYMENTS",
    "Money",
    "Statement",
    "make_money",
    "statements",
    "write_money",
]

_README = """\
The money of the practice case: {count} payments, seed {seed}. All of it is fictional.

accounts.parquet        accounts, with what the holder of the records knows of them
transactions.parquet    payments, in the order of time
truth/accounts.parquet  role: part in a crime, of which kind and scheme; look_alike: what an
                        innocent account looks like; nobody else is in it
truth/payments.parquet  payments that belong to a crime

Countries that begin with X are codes that ISO 3166-1 leaves to users; no such country exists.
"""
FEWEST, MOST = 2_000, 5_000_000
#: Share of accounts that play a part in a crime (clients apart), and of look-alikes.
CRIME, LOOK_ALIKE = 0.012, 0.08

#: Kinds of scheme and their weight.
SCHEMES: Mapping[Callable[[Stage, Dice], int], int] = MappingProxyType(
    {sexual: 28, labour: 18, live_stream: 22, extortion: 8, organ: 12, compound: 12}
)


def make_money(count: int, *, seed: int, cast: Cast | None = None) -> Money:
    """Make `count` payments, with the accounts and the truth.

    With the cast of the scenario, its rings hold accounts too: their telephones, bank accounts and
    wallets are those of its advertisements.

    Raises:
        Unreadable: there are too few or too many, or the seed is negative.
    """
    if not FEWEST <= count <= MOST or seed < 0:
        raise Unreadable(
            f"scenario money: {count} payments, seed {seed}: expected {FEWEST:,} to {MOST:,} "
            "payments and a seed of at least 0"
        )
    stage = Stage(seed, load_world())
    accounts = max(150, count // PAYMENTS_AN_ACCOUNT)
    settle(stage, accounts)
    stage.open()
    held = np.zeros(0, np.int64) if cast is None else play_case(stage, cast)
    _crimes(stage, count, max(8, int(accounts * CRIME)))
    write_look_alikes(stage, int(accounts * LOOK_ALIKE))
    everyday(stage)
    fill(stage, count)
    return _finished(stage, count, held)


def _crimes(stage: Stage, count: int, wanted: int) -> None:
    """Write schemes of every kind, more of the heavier ones; fewer kinds where there is no room."""
    dice = Dice(stage.seed, "schemes")
    kinds = list(SCHEMES)
    waiting = [kinds[at] for at in dice.some(np.arange(len(kinds)), len(kinds)).tolist()]
    waiting = waiting[: max(1, count // 10_000)]
    done = 0
    while done < wanted or waiting:
        kind = waiting.pop() if waiting else kinds[int(dice.weighted(list(SCHEMES.values()), 1)[0])]
        made = kind(stage, dice)
        if not made and not waiting:
            break
        done += made


def _finished(stage: Stage, count: int, held: Ints) -> Money:
    columns = stage.book.finish(stage.accounts.zones)
    if len(columns["ts"]) > count:  # a very small scenario: what comes last is left out
        columns = {name: column[:count] for name, column in columns.items()}
    names, truth = stage.accounts.names(), stage.truth
    told = sorted({*truth.role, *truth.look_alike}, key=lambda one: names[one])
    rows: dict[str, Any] = {
        "account": [names[one] for one in told],
        "role": [truth.role.get(one) for one in told],
        "kind": [truth.kind.get(one) for one in told],
        "scheme": [truth.scheme.get(one) for one in told],
        "look_alike": [None if one in truth.role else truth.look_alike.get(one) for one in told],
    }
    holders = pa.array(stage.accounts.holders(), pa.string())
    return Money(
        accounts=stage.accounts.finish(),
        truth=pa.table(rows, schema=TRUE_ACCOUNTS),
        columns=columns,
        names=pa.array(names, pa.string()),
        holders=holders,
        devices=pa.array(stage.accounts.shared_text("device"), pa.string()),
        payees=holders,
        memos=pa.array([text or None for text in stage.book.memos], pa.string()),
        cities=pa.array(stage.accounts.city_names, pa.string()),
        countries=pa.array(stage.accounts.countries, pa.string()),
        zones=pa.array(stage.accounts.zones, pa.string()),
        schemes=stage.truth.schemes,
        case=[names[one] for one in held.tolist()],
        seed=stage.seed,
    )


def write_money(out: Path, count: int, *, seed: int, size: int = 2000) -> Money:
    """Write accounts.parquet, transactions.parquet and truth/ into `out`.

    `size` is that of the scenario: the rings post more, under more numbers, the larger it is.

    Raises:
        Unreadable: see `make_money`.
    """
    money = make_money(count, seed=seed, cast=Cast(seed, size))
    write(money, out)
    (out / "README-money.txt").write_text(_README.format(count=count, seed=seed), "utf-8")
    return money
