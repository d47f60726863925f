"""Innocent look-alikes at home: families, couples, tenants, clubs, students, the young.

Everything here is lawful.
"""

import numpy as np

from palermo.scenario.money import hands
from palermo.scenario.money.dice import Dice
from palermo.scenario.money.places import DAYS, NONE
from palermo.scenario.money.stage import DAY, HOUR, Stage


def remitting_family(stage: Stage, dice: Dice) -> int:
    """One to four siblings send small round sums home, at night after work for some."""
    senders = stage.take(dice.whole(1, 4))
    if not len(senders):
        return 0
    country = hands.far_country(stage, dice)
    kin = hands.abroad(stage, dice.whole(1, 4), dice, country=country)
    surname = stage.of("surname", int(senders[0]))
    named = dice.marks(0.7, len(kin))
    stage.accounts.change("surname", kin[named], surname)
    stage.accounts.change("surname", senders, surname)
    stage.life[senders] *= 0.8
    regular = dice.says(0.45)
    for sender in senders.tolist():
        a_month = dice.between(0.8, 4)
        count = int(a_month * 6)
        if regular:
            days = np.repeat(stage.months(dice.whole(0, 6)), max(1, count // 6))
        else:
            days = stage.days(0, DAYS, count, dice)
        late = stage.nightly[sender] or dice.says(0.25)
        ts = stage.moments(days, "night" if late else "evening", dice)
        usual = dice.between(1_500, 25_000)
        cents = stage.rounded(
            usual * dice.quantile((0.5, 0.9, 1.0, 1.2, 2.5), len(ts)), dice, to=500, often=0.9
        )
        to = dice.pick(kin, len(ts), skew=2)
        hands.sent_home(stage, sender, to, ts, cents, dice=dice)
        for one in kin.tolist():
            mine = to == one
            hands.drawn_at_once(stage, one, ts[mine], cents[mine], dice, often=0.7)
        if dice.says(0.3):
            name = stage.name(sender)
            stage.ticket(
                sender,
                name,
                int(stage.moments([dice.whole(20, DAYS - 1)], "evening", dice)[0]),
                dice.whole(30_000, 120_000),
                where=country,
            )
    stage.truth.looks_like(senders, "family sending money home")
    stage.truth.looks_like(kin, "family receiving money")
    return len(senders) + len(kin)


def pooling_couple(stage: Stage, dice: Dice) -> int:
    """Wages go at once to one account of the household; a grown child or in-law does the same."""
    members = stage.take(dice.whole(2, 5), country=dice.whole(0, stage.accounts.at_home - 1))
    if len(members) < 2:
        return 0
    pool = int(members[0])
    named = members[1:][dice.marks(0.6, len(members) - 1)]
    stage.accounts.change("surname", named, stage.of("surname", pool))
    if dice.says(0.8):
        stage.accounts.share("address", members)
    if dice.says(0.3):
        stage.accounts.share("phone", members)
    share = dice.between(0.7, 0.98)
    stage.waged[members[1:]] = False
    for member in members[1:].tolist():
        firm = int(dice.one(stage.firms["office"].tolist()))
        wage = dice.whole(120, 280) * 1000
        stage.life[member] *= 0.4
        for day in stage.months(dice.whole(22, 29)).tolist():
            ts = int(stage.moments([day], "office", dice)[0])
            stage.pay(
                firm,
                member,
                ts,
                wage,
                channel="transfer",
                memo=stage.memos("wage", 1, dice),
                device=NONE,
            )
            stage.pay(
                member, pool, ts + dice.whole(1, 60) * HOUR, int(wage * share), channel="transfer"
            )
    stage.truth.looks_like(members, "household with one purse")
    return len(members)


def landlord(stage: Stage, dice: Dice) -> int:
    """Somebody who lets rooms they rent themselves: many pay, several rents go out at once."""
    host = stage.take(1)
    if not len(host):
        return 0
    tenants = stage.take(dice.whole(4, 14), country=stage.of("country", int(host[0])))
    if len(tenants) < 3:
        return 0
    stage.renting[tenants] = False
    owners = dice.some(stage.firms["landlord"], dice.whole(1, 5))
    rent = dice.whole(50, 110) * 500
    stage.accounts.share("address", tenants[: dice.whole(2, len(tenants))])
    for month in (0, 28, 57, 87, 117, 147):
        days = month + dice.wholes(0, 4, len(tenants))
        stage.pay(
            tenants,
            int(host[0]),
            stage.moments(days, "evening", dice),
            rent,
            memo=stage.memos("rent", len(tenants), dice),
        )
        stage.pay(
            int(host[0]),
            owners,
            stage.moments([month + 5] * len(owners), "office", dice),
            int(rent * len(tenants) * dice.between(0.7, 0.95) / len(owners)),
            channel="transfer",
            memo=stage.memos("rent", len(owners), dice),
        )
    stage.truth.looks_like(host, "landlord")
    stage.truth.looks_like(tenants, "tenant of a shared flat")
    return 1 + len(tenants)


def savings_club(stage: Stage, dice: Dice) -> int:
    """A club in which everybody pays every week and one in turn gets all: money goes in circles."""
    members = stage.take(dice.whole(5, 11), country=dice.whole(0, stage.accounts.at_home - 1))
    if len(members) < 4:
        return 0
    each = dice.whole(4, 30) * 1000
    treasurer = int(members[0])
    step = dice.whole(7, 15)
    for turn, day in enumerate(range(dice.whole(0, 6), DAYS - 3, step)):
        taker = int(members[turn % len(members)])
        givers = members[members != treasurer]
        ts = stage.moments(day + dice.wholes(0, 1, len(givers)), "evening", dice)
        stage.pay(givers, treasurer, ts, each, memo=stage.memos("p2p", len(givers), dice))
        if taker != treasurer:
            stage.pay(
                treasurer, taker, int(ts.max()) + dice.whole(2, 40) * HOUR, each * len(givers)
            )
    stage.truth.looks_like(members, "savings club")
    return len(members)


def students(stage: Stage, dice: Dice) -> int:
    """A circle of students who split everything; one of them collects for a journey or a party."""
    circle = stage.take(dice.whole(5, 14), country=dice.whole(0, stage.accounts.at_home - 1))
    if len(circle) < 4:
        return 0
    stage.accounts.segment_as(circle, "student")
    stage.accounts.change("born", circle, 1998 + dice.wholes(0, 8, len(circle)))
    if dice.says(0.5):
        stage.accounts.share("address", circle[: dice.whole(2, 5)])
    count = len(circle) * dice.whole(15, 60)
    days = stage.days(0, DAYS, count, dice)
    stage.pay(
        dice.pick(circle, count),
        dice.pick(circle, count, skew=2),
        stage.moments(days, "late", dice),
        stage.rounded(dice.quantile((200, 800, 1500, 3000, 9000), count), dice),
        memo=stage.memos("p2p", count, dice),
    )
    collector = int(circle[0])
    for _ in range(dice.whole(1, 4)):
        day = dice.whole(1, DAYS - 5)
        each = dice.whole(4, 40) * 1000
        ts = stage.moments([day] * (len(circle) - 1), "evening", dice)
        stage.pay(circle[1:], collector, ts, each, memo=stage.memos("p2p", len(ts), dice))
        spent = each * (len(circle) - 1)
        if dice.says(0.5):
            for member in circle[1:].tolist():
                where = (
                    hands.far_country(stage, dice)
                    if dice.says(0.2)
                    else stage.of("country", collector)
                )
                stage.ticket(
                    collector, stage.name(member), int(ts[-1]) + 20 * HOUR, each, where=where
                )
        else:
            stage.buy(collector, "hotel", int(ts[-1]) + 26 * HOUR, spent, dice=dice)
    stage.truth.looks_like(circle, "students")
    return len(circle)


def young_players(stage: Stage, dice: Dice) -> int:
    """A minor who within days buys things for a game from another, and then never again."""
    two = stage.take(2)
    if len(two) < 2:
        return 0
    stage.accounts.change("born", two, 2006 + dice.wholes(0, 3, 2))
    stage.accounts.segment_as(two, "student")
    day = dice.whole(0, DAYS - 45)
    ts = day * DAY + np.sort((dice.units(dice.whole(3, 6)) * 70 * HOUR).astype(np.int64))
    stage.pay(
        int(two[0]),
        int(two[1]),
        ts,
        stage.rounded(dice.quantile((500, 1500, 4000, 12_000), len(ts)), dice),
        memo=stage.memos("p2p", len(ts), dice),
    )
    stage.truth.looks_like(two, "young players")
    return 2
