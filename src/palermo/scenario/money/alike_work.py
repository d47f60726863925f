"""Innocent look-alikes at work: payrolls, independent workers, shops, travellers, teams.

Everything here is lawful.
"""

import numpy as np

from palermo.scenario.money import hands
from palermo.scenario.money.dice import Dice
from palermo.scenario.money.places import DAYS, NONE
from palermo.scenario.money.stage import DAY, HOUR, Stage


def seasonal_payroll(stage: Stage, dice: Dice) -> int:
    """A farm or site: many workers at one address, lawful wages, rent kept back, a bus to town."""
    firm = int(
        dice.one(
            np.concatenate([stage.firms[n] for n in ("farm", "construction", "cleaning")]).tolist()
        )
    )
    workers = stage.take(dice.whole(8, 30), country=stage.of("country", firm))
    if len(workers) < 5:
        return 0
    _hired(stage, firm, workers, dice, together=dice.between(0.5, 0.95))
    housing = dice.between(0.08, 0.25) if dice.says(0.7) else 0.0
    by_bus = dice.says(0.5)
    kin_country = hands.far_country(stage, dice)
    wage = dice.between(140_000, 190_000)
    agency = int(dice.one(stage.firms["agency"].tolist()))
    lends = dice.says(0.25)
    begin = dice.whole(0, 60)
    for worker in workers.tolist():
        kin = int(hands.abroad(stage, 1, dice, country=kin_country)[0])
        if dice.says(0.75):
            stage.accounts.change("surname", [kin], stage.of("surname", worker))
        for day in stage.months(27)[begin // 30 :].tolist():
            if day >= DAYS - 4:
                continue
            paid = int(wage * dice.between(0.93, 1.1))
            ts = int(stage.moments([day], "office", dice)[0])
            stage.pay(
                firm,
                worker,
                ts,
                paid,
                channel="transfer",
                memo=stage.memos("wage", 1, dice),
                device=NONE,
            )
            if housing:
                stage.pay(
                    worker,
                    firm,
                    ts + dice.whole(3, 80) * HOUR,
                    int(paid * housing) // 500 * 500,
                    channel="transfer",
                    memo=stage.memos("housing", 1, dice),
                )
            if by_bus and dice.says(0.7):
                taken = int(paid * dice.between(0.2, 0.96)) // 1000 * 1000
                till = stage.tills[stage.of("city", firm) * 3]
                stage.draw(worker, (day * DAY) + 18 * HOUR + dice.whole(0, 1500), taken, till=till)
            elif dice.says(0.7):
                sent = int(paid * dice.between(0.25, 0.6)) // 1000 * 1000
                moment = int(
                    stage.moments([min(day + dice.whole(0, 3), DAYS - 1)], "evening", dice)[0]
                )
                hands.sent_home(stage, worker, kin, moment, sent, dice=dice)
            if lends and dice.says(0.8):
                stage.pay(
                    worker,
                    agency,
                    ts + dice.whole(20, 90) * HOUR,
                    dice.whole(6, 12) * 1000,
                    channel="transfer",
                    memo=stage.memos("fee", 1, dice),
                )
        stage.truth.looks_like(kin, "family receiving money")
    stage.truth.looks_like(workers, "seasonal worker")
    stage.truth.looks_like(firm, "seasonal employer")
    return len(workers) * 2


def _hired(stage: Stage, firm: int, workers: np.ndarray, dice: Dice, *, together: float) -> None:
    """House workers together, some accounts opened in the same days, and count them as staff."""
    stage.accounts.segment_as(workers, "shift worker" if dice.says(0.5) else "employee")
    stage.waged[workers] = False
    stage.renting[workers] = False
    stage.life[workers] *= 0.6
    housed = workers[dice.marks(together, len(workers))]
    if len(housed):
        stage.accounts.share("address", housed)
        first = dice.whole(20, 500)
        stage.recent(housed, dice, (first, first + 3, first + 8, first + dice.whole(10, 400)))
    if len(housed) > 3 and dice.says(0.3):
        stage.accounts.share("phone", housed[: dice.whole(2, 5)])
    stage.accounts.change("staff", [firm], max(2, int(len(workers) * dice.between(0.8, 1.5))))


def independent_worker(stage: Stage, dice: Dice) -> int:
    """Somebody who sells sexual services on their own account, alone or in a shared flat."""
    group = stage.take(1 if dice.says(0.7) else dice.whole(2, 4))
    if not len(group):
        return 0
    if len(group) > 1:
        stage.accounts.share("address", group)
        if dice.says(0.6):
            stage.accounts.share("phone", group)
        if dice.says(0.4):
            stage.accounts.share("device", group)
    stage.waged[group] &= dice.marks(0.25, len(group))
    price = dice.between(5_000, 22_000)
    touring = dice.says(0.4)
    window = stage.window(dice, 90)
    for who in group.tolist():
        stage.life[who] = max(0.5, stage.life[who])
        came, cents = hands.meetings(
            stage,
            who,
            dice,
            window=window,
            a_week=dice.between(3, 18),
            price=price,
            in_cash=dice.between(0.05, 0.5),
            hours=dice.one(("night", "late", "late", "evening")),
        )
        hands.advertise(
            stage,
            who,
            dice,
            window=window,
            a_week=dice.between(0.5, 5),
            prepaid=dice.between(0, 0.4),
        )
        hands.goods(stage, who, dice, window=window, a_week=dice.between(0.2, 1.2))
        if touring:
            hands.tour(stage, who, dice, window=window, nights=dice.between(0.5, 3))
        if dice.says(0.6):
            due = stage.moments([75, 165], "office", dice)
            stage.pay(
                who,
                stage.firms["public authority"][0],
                due,
                int(cents.sum() * 0.1),
                channel="transfer",
            )
        if who != group[0]:  # shares of flat, telephone and cleaner, paid to the one who rents
            hands.hand_over(
                stage,
                who,
                int(group[0]),
                dice,
                came=came,
                cents=cents,
                share=dice.between(0.1, 0.35),
                lag=(4, 90),
            )
        elif dice.says(0.5):
            saved = stage.take(1)
            if len(saved):
                stage.accounts.change("surname", saved, stage.of("surname", who))
                hands.hand_over(
                    stage,
                    who,
                    int(saved[0]),
                    dice,
                    came=came,
                    cents=cents,
                    share=dice.between(0.2, 0.6),
                    lag=(10, 200),
                    channel="transfer",
                )
    stage.truth.looks_like(group, "independent worker")
    return len(group)


def cash_shop(stage: Stage, dice: Dice) -> int:
    """A shop, or a chain in several towns, whose takings in cash go to the supplier."""
    kind = dice.one(("grocer", "restaurant", "fast food", "hair and nails", "massage salon"))
    shop = int(dice.one(stage.firms[kind].tolist()))
    towns = stage.accounts.cities[stage.of("country", shop)]
    places = dice.some(towns, dice.whole(1, 4))
    usual = dice.between(60_000, 980_000)
    supplier = int(dice.one(stage.firms["wholesaler"].tolist()))
    for week in range(2, DAYS // 7):
        total = 0
        for place in places.tolist():
            for day in dice.wholes(0, 6, dice.whole(1, 3)).tolist():
                cents = int(usual * dice.between(0.6, 1.05)) // 5_00 * 500
                ts = stage.moments([week * 7 + day], "shop", dice)
                stage.deposit(shop, ts, cents, till=stage.till(place, dice))
                total += cents
        if dice.says(0.8):
            stage.pay(
                shop,
                supplier,
                stage.moments([min(week * 7 + 7, DAYS - 1)], "office", dice),
                int(total * dice.between(0.5, 0.9)),
                channel="transfer",
                memo=stage.memos("business", 1, dice),
            )
    if kind in {"massage salon", "hair and nails"} and dice.says(0.5):
        stage.buy(
            dice.pick(stage.clients, 60),
            kind,
            stage.moments(stage.days(0, DAYS, 60, dice), "late", dice),
            dice.wholes(3000, 9000, 60),
            shop=shop,
        )
    stage.truth.looks_like(shop, "shop with cash")
    return 1


def traveller(stage: Stage, dice: Dice) -> int:
    """A sales representative, driver or artist: hotels, meals and rides, at all hours."""
    who = stage.take(1)
    if not len(who):
        return 0
    window = hands.whole_window()
    hands.tour(stage, int(who[0]), dice, window=window, nights=dice.between(1.5, 4.5))
    days = stage.days(0, DAYS, dice.whole(100, 500), dice)
    for what, low, high in (("fast food", 400, 1500), ("taxi and rides", 600, 3000)):
        some = dice.pick(days, len(days) // 2)
        stage.buy(
            int(who[0]),
            what,
            stage.moments(some, "late", dice),
            dice.wholes(low, high, len(some)),
            dice=dice,
        )
    if dice.says(0.4):
        hands.advertise(
            stage, int(who[0]), dice, window=window, a_week=dice.between(0.5, 2), prepaid=0.1
        )
    stage.truth.looks_like(who, "traveller for work")
    return 1


def freelancers(stage: Stage, dice: Dice) -> int:
    """A firm that pays people it works with in stablecoin every month."""
    firm = int(
        stage.accounts.add(
            1,
            kind="wallet",
            holder="business",
            segment="digital goods",
            country=dice.whole(0, 2),
            known=0.5,
        )[0]
    )
    team = stage.accounts.add(
        dice.whole(6, 16),
        kind="wallet",
        holder="person",
        country=hands.far_country(stage, dice),
        known=0.4,
    )
    pay = (
        dice.quantile((60_000, 110_000, 160_000, 280_000), len(team)).astype(np.int64)
        // 1000
        * 1000
    )
    if dice.says(0.45):
        pay[:] = int(pay[0])
    for day in stage.months(dice.whole(24, 30)).tolist():
        stage.pay(
            firm, team, stage.moments([day] * len(team), "office", dice), pay, channel="crypto"
        )
    stage.truth.looks_like(np.append(team, firm), "team paid in stablecoin")
    return len(team) + 1


def artist(stage: Stage, dice: Dice) -> int:
    """Somebody abroad whom fans in several countries pay small sums, at all hours."""
    one = int(hands.abroad(stage, 1, dice, country=hands.far_country(stage, dice))[0])
    count = dice.whole(15, 80)
    fans = dice.pick(stage.persons, max(4, count // 2))
    ts = stage.moments(stage.days(0, DAYS, count, dice), "late", dice)
    cents = stage.rounded(dice.quantile((300, 1000, 2000, 5000, 15_000), count), dice)
    stage.pay(
        dice.pick(fans, count, skew=2), one, ts, cents, memo=stage.memos("support", count, dice)
    )
    hands.drawn_at_once(stage, one, ts, cents, dice, often=dice.between(0, 0.7))
    stage.truth.looks_like(one, "artist with fans")
    return 1
