"""Purchases, payments among friends and cash: what fills most of the book.

Everything here is innocent.
"""

from typing import Any

import numpy as np

from palermo.scenario.money.dice import Dice, Ints
from palermo.scenario.money.places import DAYS
from palermo.scenario.money.stage import Stage


def fill(stage: Stage, count: int) -> None:
    """Write purchases, payments among friends and cash until there are `count` payments."""
    dice = Dice(stage.seed, "fill")
    weights = stage.life[stage.persons]
    friends = _friends(stage, dice)
    while (missing := count - stage.book.count) > 0:
        # In blocks, so that memory stays small; the last one is cut to fit.
        block = min(missing, 400_000)
        who = stage.persons[dice.weighted(weights.tolist(), block)]
        way = dice.weighted((72, 19, 9), block)
        _purchases(stage, who[way == 0], dice)
        _among_friends(stage, who[way == 1], friends, dice)
        _cash(stage, who[way == 2], dice)


def _purchases(stage: Stage, who: Ints, dice: Dice) -> None:
    cards = stage.world["cards"]
    kind = dice.weighted([one["weight"] for one in cards.values()], len(who))
    for number, (what, one) in enumerate(cards.items()):
        mine = who[kind == number]
        days = (dice.units(len(mine)) * DAYS).astype(np.int64)
        ts = stage.moments(days, one["hours"], dice)
        late = stage.nightly[mine]
        ts = np.where(late & (ts + 9 * 3600 < DAYS * 86_400), ts + 9 * 3600, ts)
        cents = np.maximum(50, dice.quantile(one["cents"], len(mine)).astype(np.int64))
        stage.buy(mine, what, ts, cents, dice=dice)


def _friends(stage: Stage, dice: Dice) -> Any:
    """Give every person up to eight people they pay, mostly near; some are popular with many."""
    count = stage.accounts.count * 8
    known = np.asarray(dice.pick(dice.some(stage.persons, len(stage.persons)), count, skew=2))
    country = stage.facts("country")
    mine = np.repeat(country, 8)
    for code in range(stage.accounts.at_home):
        here = dice.some(stage.persons, len(stage.persons))
        here = here[country[here] == code]
        near = np.flatnonzero((mine == code) & dice.marks(0.985, count))
        known[near] = dice.pick(here, len(near), skew=2)
    return known.reshape(-1, 8)


def _among_friends(stage: Stage, who: Ints, friends: Any, dice: Dice) -> None:
    to = friends[who, (dice.units(len(who)) * dice.units(len(who)) * 8).astype(np.int64)]
    night = dice.marks(np.where(stage.nightly[who], 0.5, 0.12), len(who))
    days = (dice.units(len(who)) * DAYS).astype(np.int64)
    ts = np.where(night, stage.moments(days, "night", dice), stage.moments(days, "evening", dice))
    cents = stage.rounded(
        dice.quantile((200, 700, 1_200, 2_000, 3_500, 7_000, 25_000), len(who)),
        dice,
        to=500,
        often=0.5,
    )
    stage.pay(who, to, ts, cents, memo=stage.memos("p2p", len(who), dice))


def _cash(stage: Stage, who: Ints, dice: Dice) -> None:
    city = stage.facts("city")[who]
    till = np.array(
        [stage.tills[key] for key in (city * 3 + dice.wholes(0, 2, len(who))).tolist()],
        dtype=np.int64,
    )
    days = (dice.units(len(who)) * DAYS).astype(np.int64)
    ts = stage.moments(days, "shop", dice)
    cents = stage.rounded(
        dice.quantile((1_000, 2_000, 4_000, 6_000, 10_000, 30_000), len(who)),
        dice,
        to=1_000,
        often=1,
    )
    in_cash = dice.marks(0.16, len(who))
    out = ~in_cash
    stage.draw(who[out], ts[out], cents[out], till=till[out])
    more = stage.rounded(
        cents[in_cash] * dice.quantile((1, 1.5, 3, 9), int(in_cash.sum())), dice, to=500
    )
    stage.deposit(who[in_cash], ts[in_cash], more, till=till[in_cash])
