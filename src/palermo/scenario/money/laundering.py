"""What a controller does with the money: cash in parts or towns, hands, circles, hawala, crypto.

The ways are drawn; many proceeds are simply spent or sent abroad.
"""

from collections.abc import Callable
from itertools import pairwise

import numpy as np

from palermo.scenario.money import hands
from palermo.scenario.money.dice import Dice, Ints
from palermo.scenario.money.places import DAYS
from palermo.scenario.money.stage import DAY, HOUR, Stage

_Way = Callable[[Stage, int, Ints, Dice, int], None]


def launder(stage: Stage, boss: int, proceeds: Ints, dice: Dice, *, scheme: int) -> None:
    """Use one or two ways on the proceeds: rows of moments and of cents."""
    ts, cents = proceeds
    order = np.argsort(ts, kind="stable")
    sorted_proceeds = np.stack([ts[order], cents[order]])
    ways: list[_Way] = [
        _abroad,
        _abroad,
        _structured,
        _funnel,
        _scattered,
        _circle,
        hawala_leg,
        _crypto,
        _spent,
    ]
    for _ in range(dice.whole(1, 2)):
        dice.one(ways)(stage, boss, sorted_proceeds, dice, scheme)


def by_week(proceeds: Ints, part: float) -> list[tuple[int, int]]:
    """Add up a part of the proceeds by week: (last moment, cents)."""
    ts, cents = proceeds
    week = ts // (7 * DAY)
    found = []
    for one in np.unique(week).tolist():
        total = int(cents[week == one].sum() * part)
        if total > 2000:
            found.append((int(ts[week == one].max()), total))
    return found


def _abroad(stage: Stage, boss: int, proceeds: Ints, dice: Dice, scheme: int) -> None:
    country = hands.far_country(stage, dice)
    takers = hands.abroad(stage, dice.whole(1, 3), dice, country=country)
    if dice.says(0.4):
        stage.accounts.change("surname", takers[:1], stage.of("surname", boss))
    stage.truth.plays(takers, "controller", scheme)
    for moment, cents in by_week(proceeds, dice.between(0.3, 0.8)):
        ts = moment + dice.whole(2, 60) * HOUR
        taker = int(dice.pick(takers, 1)[0])
        hands.sent_home(
            stage, boss, taker, ts, cents // 1000 * 1000, dice=dice, memo="p2p", scheme=scheme
        )
        hands.drawn_at_once(
            stage,
            taker,
            np.array([ts]),
            np.array([cents // 1000 * 1000]),
            dice,
            often=0.7,
            scheme=scheme,
        )


def _structured(stage: Stage, boss: int, proceeds: Ints, dice: Dice, scheme: int) -> None:
    for moment, cents in by_week(proceeds, 3.0):
        parts = min(6, max(1, cents // 800_000))
        each = min(cents // parts, dice.whole(760, 990) * 1000)
        days = dice.wholes(0, 4, parts)
        ts = stage.moments(np.minimum(moment // DAY + days, DAYS - 1), "shop", dice)
        stage.deposit(
            boss,
            ts,
            each // 500 * 500 - dice.wholes(0, 3, parts) * 5000,
            till=stage.till(stage.of("city", boss), dice),
            scheme=scheme,
        )


def _funnel(stage: Stage, boss: int, proceeds: Ints, dice: Dice, scheme: int) -> None:
    people = stage.take(1, country=stage.of("country", boss))
    if not len(people):
        return
    account = int(people[0])
    stage.truth.plays(account, "facilitator", scheme)
    towns = stage.accounts.cities[stage.of("country", boss)]
    for moment, cents in by_week(proceeds, dice.between(0.5, 1.2)):
        places = dice.some(towns, dice.whole(2, 5))
        days = np.minimum(moment // DAY + dice.wholes(0, 5, len(places)), DAYS - 1)
        ts = stage.moments(days, "shop", dice)
        till = np.array([stage.till(town, dice) for town in places.tolist()])
        stage.deposit(account, ts, cents // len(places) // 500 * 500, till=till, scheme=scheme)
        stage.pay(
            account,
            boss,
            int(ts.max()) + dice.whole(2, 44) * HOUR,
            int(cents * 0.93),
            channel="transfer",
            scheme=scheme,
        )


def _scattered(stage: Stage, boss: int, proceeds: Ints, dice: Dice, scheme: int) -> None:
    mules = stage.take(dice.whole(4, 8))
    sink = stage.take(1)
    if len(mules) < 3 or not len(sink):
        return
    stage.truth.plays(mules, "facilitator", scheme)
    stage.truth.plays(sink, "controller", scheme)
    stage.recent(mules, dice, (10, 80, 300, 900, 2500))
    for moment, cents in by_week(proceeds, 0.8)[:: dice.whole(1, 3)]:
        used = dice.some(mules, dice.whole(min(4, len(mules)), len(mules)))
        each = (cents / len(used) * (0.8 + 0.4 * dice.units(len(used)))).astype(np.int64)
        ts = moment + (dice.units(len(used)) * 30 * HOUR).astype(np.int64)
        stage.pay(
            boss,
            used,
            ts,
            each,
            channel="transfer",
            memo=stage.memos("p2p", len(used), dice),
            scheme=scheme,
        )
        lag = (dice.units(len(used)) * 40 * HOUR).astype(np.int64) + 900
        stage.pay(
            used,
            int(sink[0]),
            ts + lag,
            (each * dice.between(0.85, 0.98)).astype(np.int64),
            channel="transfer",
            memo=stage.memos("p2p", len(used), dice),
            scheme=scheme,
        )


def _circle(stage: Stage, boss: int, proceeds: Ints, dice: Dice, scheme: int) -> None:
    others = stage.take(dice.whole(1, 3))
    if not len(others):
        return
    stage.truth.plays(others, "facilitator", scheme)
    ring = [boss, *others.tolist(), boss]
    for moment, cents in by_week(proceeds, 0.6)[:: dice.whole(2, 4)]:
        ts, left = moment + HOUR, cents
        for giver, taker in pairwise(ring):
            stage.pay(
                giver,
                taker,
                ts,
                left,
                channel="transfer",
                memo=stage.memos("business", 1, dice),
                scheme=scheme,
            )
            ts += dice.whole(1, 22) * HOUR
            left = int(left * dice.between(0.9, 0.99))


def hawala_leg(stage: Stage, boss: int, proceeds: Ints, dice: Dice, scheme: int) -> None:
    """The money goes to somebody here; somebody abroad pays out as much, and nothing flows."""
    here = stage.take(1)
    if not len(here):
        return
    country = hands.far_country(stage, dice)
    there = int(hands.abroad(stage, 1, dice, country=country)[0])
    takers = hands.abroad(stage, dice.whole(5, 10), dice, country=country)
    stage.truth.plays([int(here[0]), there], "facilitator", scheme)
    stage.truth.plays(takers[:2], "controller", scheme)
    days = stage.days(0, DAYS - 3, dice.whole(15, 50), dice)
    customers = dice.pick(stage.persons, len(days))
    ts = stage.moments(days, "evening", dice)
    cents = stage.rounded(
        dice.quantile((15_000, 30_000, 60_000, 150_000), len(days)), dice, to=1000
    )
    mine = [
        (moment + dice.whole(1, 30) * HOUR, total // 1000 * 1000)
        for moment, total in by_week(proceeds, 0.7)
    ]
    stage.pay(
        customers, int(here[0]), ts, cents, memo=stage.memos("p2p", len(ts), dice), scheme=scheme
    )
    for moment, total in mine:
        stage.pay(
            boss, int(here[0]), moment, total, memo=stage.memos("p2p", 1, dice), scheme=scheme
        )
    every = np.concatenate([ts, np.array([m for m, _ in mine], np.int64)])
    sums = np.concatenate([cents, np.array([c for _, c in mine], np.int64)])
    paid = (sums * (0.97 + 0.03 * dice.units(len(sums)))).astype(np.int64) // 100 * 100
    lag = (dice.units(len(every)) * 50 * HOUR).astype(np.int64) + HOUR
    some = dice.marks(0.85, len(every))
    to = dice.pick(takers, len(every))
    stage.pay(
        there,
        to[some],
        (every + lag)[some],
        paid[some],
        memo=stage.memos("p2p", int(some.sum()), dice),
        scheme=scheme,
    )


def _crypto(stage: Stage, boss: int, proceeds: Ints, dice: Dice, scheme: int) -> None:
    """Proceeds buy stablecoin, which goes from the controller's wallet to another."""
    exchange = int(dice.one(stage.firms["crypto exchange"].tolist()))
    wallet = int(
        stage.accounts.add(
            1,
            kind="wallet",
            holder="person",
            country=stage.of("country", boss),
            known=0.5,
            surname=stage.of("surname", boss),
        )[0]
    )
    other = int(
        stage.accounts.add(
            1, kind="outside", holder="", country=hands.far_country(stage, dice), known=0
        )[0]
    )
    stage.truth.plays(wallet, "controller", scheme)
    for moment, cents in by_week(proceeds, dice.between(0.4, 0.9)):
        stage.buy(
            boss,
            "crypto exchange",
            moment + dice.whole(1, 20) * HOUR,
            cents,
            shop=exchange,
            scheme=scheme,
            dice=dice,
        )
        stage.pay(
            exchange, wallet, moment + 24 * HOUR, int(cents * 0.98), channel="crypto", scheme=scheme
        )
        stage.pay(
            wallet,
            other,
            moment + dice.whole(30, 90) * HOUR,
            int(cents * 0.97),
            channel="crypto",
            scheme=scheme,
        )


def _spent(stage: Stage, boss: int, proceeds: Ints, dice: Dice, scheme: int) -> None:
    for moment, cents in by_week(proceeds, 0.5):
        what = dice.one(("online shop", "clothes shop", "restaurant", "hotel"))
        stage.buy(boss, what, moment + dice.whole(5, 90) * HOUR, cents, scheme=scheme, dice=dice)
