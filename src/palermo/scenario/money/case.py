"""The money of Sirocco's own networks: those who post its advertisements hold these accounts.

Guarantees that telephones, bank accounts and wallets that rings give in their advertisements stand
in the table of accounts, so that money and advertisements can be linked; and that a statement adds
up: opening balance and payments give the balance of every row, which never falls below nothing.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from palermo.model.transaction import STATEMENT_ROWS
from palermo.scenario.money import hands, laundering
from palermo.scenario.money.alike_homes import remitting_family
from palermo.scenario.money.alike_work import independent_worker, seasonal_payroll
from palermo.scenario.money.dice import Dice, Ints
from palermo.scenario.money.labour import hired_out, housed
from palermo.scenario.money.places import DAYS, NONE
from palermo.scenario.money.stage import HOUR, Stage
from palermo.scenario.money.writing import Money
from palermo.scenario.sirocco.cast import Cast, Owner
from palermo.scenario.sirocco.data import load


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """A statement: `rows` are STATEMENT_ROWS with `statement`, `line` and `balance_minor`."""

    account: str
    holder: str | None
    currency: str
    opening_minor: int
    closing_minor: int
    rows: pa.Table


def play_case(stage: Stage, cast: Cast) -> Ints:
    """Write the rings' money and that of innocent advertisers; return the accounts of the rings."""
    dice = Dice(stage.seed, "case")
    held: list[int] = []
    for ring in cast.rings.values():
        held += _ring(stage, ring, dice)
    given = {iban for ring in cast.rings.values() for iban in ring.wallets["iban"]}
    free = [iban for iban in load("numbers.yaml")["ibans"] if iban not in given]
    for number, role in enumerate(("harvest", "hotel", "care")):
        owner = cast.campaign_owner(number, role, "en")
        _advertiser(stage, owner, free[number] if number < len(free) else None, dice)
    for alike in (
        remitting_family,
        seasonal_payroll,
        independent_worker,
    ):
        alike(stage, dice)
    return np.array(held, dtype=np.int64)


def _ring(stage: Stage, ring: Owner, dice: Dice) -> list[int]:
    country = dice.whole(0, stage.accounts.at_home - 1)
    people = stage.take(3 + dice.whole(4, 6), country=country)
    if len(people) < 5:
        return []
    scheme = stage.truth.crime("labour")
    boss, keeper, recruiter, workers = int(people[0]), int(people[1]), int(people[2]), people[3:]
    firm = int(dice.one(stage.firms["construction"].tolist()))
    for account, role in (
        (boss, "controller"),
        (keeper, "controller"),
        (firm, "controller"),
        (recruiter, "facilitator"),
    ):
        stage.truth.plays(account, role, scheme)
    stage.truth.plays(workers, "possible-victim", scheme)
    numbers = [phone.e164 for phone in ring.phones]
    for account, iban in zip((boss, keeper), ring.wallets["iban"], strict=False):
        stage.accounts.call(account, name=iban)
    for place, account in enumerate((boss, keeper, recruiter)):
        stage.accounts.call(account, phone=numbers[place % len(numbers)])
    purses = _purses(stage, ring, boss, numbers, scheme)
    housed(stage, firm, workers, dice)
    hired_out(stage, firm, recruiter, workers, dice, scheme=scheme)
    proceeds = _withheld(stage, firm, keeper, workers, dice, scheme=scheme)
    passed = hands.hand_over(
        stage,
        keeper,
        boss,
        dice,
        came=proceeds[0],
        cents=proceeds[1],
        share=0.85,
        lag=(3, 50),
        channel="transfer",
        scheme=scheme,
    )
    hands.advertise(stage, boss, dice, window=(0, DAYS - 5), a_week=3, prepaid=0.4, scheme=scheme)
    laundering.hawala_leg(stage, boss, np.stack(passed), dice, scheme)
    _coins(stage, boss, purses, np.stack(passed), dice, scheme=scheme)
    return [boss, keeper, recruiter, *purses, *workers.tolist()]


def _purses(stage: Stage, ring: Owner, boss: int, numbers: Sequence[str], scheme: int) -> list[int]:
    """Open an account for every wallet that the ring gives; the telephone is one of the ring's."""
    found = []
    for kind, addresses in ring.wallets.items():
        for place, address in enumerate(addresses):
            if kind == "iban":
                continue
            purse = int(
                stage.accounts.add(
                    1,
                    kind="wallet",
                    country=stage.of("country", boss),
                    known=0.3,
                    surname=stage.of("surname", boss),
                )[0]
            )
            stage.accounts.call(purse, name=address, phone=numbers[place % len(numbers)], coin=kind)
            stage.truth.plays(purse, "controller", scheme)
            found.append(purse)
    return found


def _withheld(
    stage: Stage, firm: int, keeper: int, workers: Ints, dice: Dice, *, scheme: int
) -> Ints:
    """Pay wages on paper and take most of them back within days."""
    rows = []
    for day in stage.months(27).tolist():
        ts = stage.moments([min(day, DAYS - 3)] * len(workers), "office", dice)
        paid = dice.wholes(1200, 1500, len(workers)) * 100
        stage.pay(
            firm,
            workers,
            ts,
            paid,
            channel="transfer",
            memo=stage.memos("wage", len(workers), dice),
            device=NONE,
            scheme=scheme,
        )
        back = (paid * dice.between(0.55, 0.9)).astype(np.int64) // 1000 * 1000
        later = ts + dice.wholes(2, 60, len(workers)) * HOUR
        stage.pay(
            workers,
            keeper,
            later,
            back,
            channel="transfer",
            memo=stage.memos("housing", len(workers), dice),
            scheme=scheme,
        )
        rows.append(np.stack([later, back]))
    return np.concatenate(rows, axis=1)


def _coins(
    stage: Stage, boss: int, purses: list[int], proceeds: Ints, dice: Dice, *, scheme: int
) -> None:
    """Buy coins with part of the proceeds; they go to the ring's wallets and from there away."""
    exchange = int(dice.one(stage.firms["crypto exchange"].tolist()))
    away = int(
        stage.accounts.add(
            1, kind="outside", holder="", country=hands.far_country(stage, dice), known=0
        )[0]
    )
    for place, (moment, cents) in enumerate(laundering.by_week(proceeds, 0.3)):
        purse = purses[place % len(purses)]
        coin = stage.accounts.coin(purse)
        stage.buy(
            boss,
            "crypto exchange",
            moment + 2 * HOUR,
            cents,
            shop=exchange,
            scheme=scheme,
            dice=dice,
        )
        for src, dst, hours in ((exchange, purse, 20), (purse, away, 60)):
            stage.pay(
                src,
                dst,
                moment + hours * HOUR,
                cents * 97 // 100,
                channel="crypto",
                scheme=scheme,
                coin=coin,
            )


def _advertiser(stage: Stage, owner: Owner, iban: str | None, dice: Dice) -> None:
    """Add an innocent firm of the scenario's: its telephone stands in advertisements too."""
    firm = int(
        stage.accounts.add(
            1,
            holder="business",
            segment=dice.one(("farm", "hotel", "agency")),
            country=dice.whole(0, 2),
            staff=8,
        )[0]
    )
    stage.accounts.call(firm, name=iban, phone=owner.phones[0].e164)
    staff = stage.take(dice.whole(4, 8), country=stage.of("country", firm))
    for day in stage.months(26).tolist():
        ts = stage.moments([min(day, DAYS - 1)] * len(staff), "office", dice)
        stage.pay(
            firm,
            staff,
            ts,
            dice.wholes(1500, 2100, len(staff)) * 100,
            channel="transfer",
            memo=stage.memos("wage", len(staff), dice),
            device=NONE,
        )
    hands.advertise(stage, firm, dice, window=(0, DAYS - 5), a_week=2, prepaid=0)
    stage.truth.looks_like(firm, "advertising employer")
    stage.truth.looks_like(staff, "worker of an advertising employer")


def statements(money: Money, accounts: Sequence[str]) -> tuple[Statement, ...]:
    """Return the statement of each of these accounts: every payment in or out, with the balance.

    The opening balance is the smallest whole hundred with which the account never falls below
    nothing. Accounts without payments have no statement.
    """
    table = money.transactions()
    holders = dict(
        zip(
            money.accounts["account"].to_pylist(), money.accounts["holder"].to_pylist(), strict=True
        )
    )
    found = []
    for account in accounts:
        mine = table.filter(
            pc.or_(pc.equal(table["src"], account), pc.equal(table["dst"], account))
        )
        for currency in sorted(pc.unique(mine["currency"]).to_pylist()):
            rows = mine.filter(pc.equal(mine["currency"], currency))
            found.append(_statement(account, holders.get(account), currency, rows))
    return tuple(found)


def _statement(account: str, holder: str | None, currency: str, rows: pa.Table) -> Statement:
    amount = np.asarray(rows["amount_minor"])
    change = np.where(np.asarray(pc.equal(rows["dst"], account)), amount, -amount)
    running = np.cumsum(change)
    opening = -(min(0, int(running.min())) // 10_000) * 10_000
    values = {
        "statement": pa.array([f"{account}-2026"] * len(amount)),
        "line": pa.array(np.arange(1, len(amount) + 1)),
        "balance_minor": pa.array(running + opening),
    }
    for name, column in values.items():
        at = rows.schema.get_field_index(name)
        rows = rows.set_column(at, STATEMENT_ROWS.field(name), column)
    return Statement(
        account=account,
        holder=holder,
        currency=currency,
        opening_minor=opening,
        closing_minor=opening + int(running[-1]),
        rows=rows,
    )
