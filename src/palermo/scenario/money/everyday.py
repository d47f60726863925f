"""Regular payments of everybody: wages, rent, bills, suppliers, taxes, takings, journeys.

Everything here is innocent.
"""

import numpy as np

from palermo.scenario.money.dice import Dice, Ints
from palermo.scenario.money.places import DAYS, NONE
from palermo.scenario.money.stage import Stage

_EMPLOYERS = (
    "office",
    "grocer",
    "restaurant",
    "fast food",
    "clothes shop",
    "hotel",
    "construction",
    "cleaning",
    "farm",
    "wholesaler",
    "online shop",
    "hospital",
    "utility",
    "public authority",
    "town transport",
)


def everyday(stage: Stage) -> None:
    """Write regular payments: wages, rents, bills, suppliers, taxes, takings."""
    dice = Dice(stage.seed, "everyday")
    _wages(stage, dice)
    _rents(stage, dice)
    _bills(stage, dice)
    _trade(stage, dice)
    _journeys(stage, dice)
    _home(stage, dice)
    _dues(stage, dice)


def _wages(stage: Stage, dice: Dice) -> None:
    firms = np.concatenate([stage.firms[name] for name in _EMPLOYERS])
    size = np.maximum(1, stage.facts("staff")[firms])
    workers = stage.persons[stage.waged[stage.persons]]
    country = stage.facts("country")
    income = stage.facts("income")
    employer = np.zeros(len(workers), dtype=np.int64)
    for code in range(stage.accounts.at_home):
        here = np.flatnonzero(country[firms] == code)
        mine = np.flatnonzero(country[workers] == code)
        employer[mine] = firms[here[dice.weighted(size[here].tolist(), len(mine))]]
    pay_day = dice.wholes(0, 5, stage.accounts.count)[employer] + 24
    wage = np.where(income[workers] > 0, income[workers], 170_000)
    _declare(stage, employer, dice)
    for month in range(7):
        days = np.array([-5, 26, 54, 85, 115, 146, 176])[month] + pay_day
        paid = (wage * (0.96 + 0.09 * dice.units(len(workers)))).astype(np.int64)
        stage.pay(
            employer,
            workers,
            stage.moments(days, "office", dice),
            paid,
            channel="transfer",
            memo=stage.memos("wage", len(workers), dice),
            device=NONE,
        )


def _declare(stage: Stage, employer: Ints, dice: Dice) -> None:
    """Have firms declare about as many staff as they pay; some forget those who left."""
    firms, paid = np.unique(employer, return_counts=True)
    declared = np.maximum(
        1, (paid * dice.quantile((0.6, 0.9, 1.0, 1.1, 1.4, 2.6), len(firms))).astype(np.int64)
    )
    stage.accounts.change("staff", firms, declared)
    idle = np.setdiff1d(np.concatenate([stage.firms[n] for n in _EMPLOYERS]), firms)
    stage.accounts.change("staff", idle, dice.wholes(1, 3, len(idle)))


def _rents(stage: Stage, dice: Dice) -> None:
    tenants = stage.persons[stage.renting[stage.persons]]
    private = dice.some(stage.persons, max(3, len(tenants) // 12))
    landlords = np.concatenate([stage.firms["landlord"], private])
    to = dice.pick(landlords, len(tenants), skew=2)
    rent = (
        dice.quantile((25_000, 42_000, 55_000, 70_000, 95_000, 180_000), len(tenants)).astype(
            np.int64
        )
        // 500
        * 500
    )
    day = dice.wholes(0, 6, len(tenants))
    memo = stage.memos("rent", len(tenants), dice)
    for start in (0, 26, 54, 85, 115, 146):
        stage.pay(
            tenants,
            to,
            stage.moments(start + day, "office", dice),
            rent,
            channel="transfer",
            memo=memo,
        )


def _bills(stage: Stage, dice: Dice) -> None:
    for what, low, high, share in (("utility", 3_000, 14_000, 0.75), ("telecom", 900, 4_500, 0.9)):
        who = stage.persons[dice.marks(share, len(stage.persons))]
        shop = stage.near(what, who, dice)
        sums = dice.quantile((low, (low * 2 + high) / 3, high), len(who))
        day = dice.wholes(0, 24, len(who))
        for start in (0, 28, 56, 86, 117, 148):
            cents = (sums * (0.9 + 0.2 * dice.units(len(who)))).astype(np.int64)
            stage.buy(
                who,
                what,
                stage.moments(np.minimum(start + day, DAYS - 1), "office", dice),
                cents,
                shop=shop,
            )


def _trade(stage: Stage, dice: Dice) -> None:
    """Suppliers, taxes, takings in cash, advertisements of firms, payments by processors."""
    shops = np.concatenate(
        [stage.firms[name] for name in stage.world["businesses"] if name != "payment processor"]
    )
    sellers = np.concatenate(
        [stage.firms["wholesaler"], stage.firms["online shop"], stage.firms["office"]]
    )
    many = len(shops) * 14
    stage.pay(
        dice.pick(shops, many),
        dice.pick(sellers, many, skew=2),
        stage.moments(stage.days(0, DAYS, many, dice), "office", dice),
        dice.quantile((4_000, 20_000, 60_000, 180_000, 500_000, 2_400_000), many).astype(np.int64),
        channel="transfer",
        memo=stage.memos("business", many, dice),
    )
    payers = np.concatenate([shops, dice.some(stage.persons, len(stage.persons) // 12)])
    for start in (18, 80, 140):
        due = stage.moments(start + dice.wholes(0, 12, len(payers)), "office", dice)
        cents = dice.quantile((8_000, 40_000, 120_000, 600_000), len(payers)).astype(np.int64)
        stage.pay(
            payers,
            dice.pick(stage.firms["public authority"], len(payers)),
            due,
            cents,
            channel="transfer",
        )
    _takings(stage, dice)
    advertisers = dice.pick(shops, len(shops) * 2)
    stage.buy(
        advertisers,
        "ad platform",
        stage.moments(stage.days(0, DAYS, len(advertisers), dice), "office", dice),
        dice.quantile((1_000, 2_500, 6_000, 30_000), len(advertisers)).astype(np.int64),
        dice=dice,
    )
    paid = dice.pick(
        np.concatenate([stage.firms["online shop"], stage.firms["restaurant"]]), len(shops) * 3
    )
    stage.pay(
        dice.pick(stage.firms["payment processor"], len(paid)),
        paid,
        stage.moments(stage.days(0, DAYS, len(paid), dice), "office", dice),
        dice.quantile((20_000, 80_000, 300_000, 900_000), len(paid)).astype(np.int64),
        channel="transfer",
    )


def _takings(stage: Stage, dice: Dice) -> None:
    names = (
        "grocer",
        "restaurant",
        "fast food",
        "hair and nails",
        "massage salon",
        "pharmacy",
        "clothes shop",
        "taxi and rides",
    )
    shops = np.concatenate([stage.firms[name] for name in names])
    shops = shops[dice.marks(0.7, len(shops))]
    usual = dice.quantile((15_000, 50_000, 110_000, 240_000, 600_000), len(shops))
    city = stage.facts("city")
    for week in range(DAYS // 7):
        some = dice.marks(0.85, len(shops))
        cents = stage.rounded(usual[some] * (0.6 + 0.8 * dice.units(int(some.sum()))), dice, to=500)
        till = np.array([stage.till(int(city[one]), dice) for one in shops[some].tolist()])
        days = np.minimum(week * 7 + dice.wholes(0, 6, int(some.sum())), DAYS - 1)
        stage.deposit(shops[some], stage.moments(days, "shop", dice), cents, till=till)


def _journeys(stage: Stage, dice: Dice) -> None:
    """Tickets for oneself and family, home and abroad."""
    many = len(stage.persons) // 5
    for who in dice.pick(stage.persons, many).tolist():
        day = dice.whole(0, DAYS - 1)
        where = dice.whole(0, len(stage.accounts.countries) - 1)
        name = stage.name(who)
        given = stage.accounts.naming
        for number in range(1 + (dice.whole(0, 3) if dice.says(0.3) else 0)):
            if number:
                name = f"{given.company(20_000_000 + dice.whole(0, 899))} {name.split()[1]}"
            cents = dice.whole(4_000, 60_000)
            stage.ticket(
                who, name, int(stage.moments([day], "evening", dice)[0]), cents, where=where
            )


def _home(stage: Stage, dice: Dice) -> None:
    """Now and then money to people abroad: a friend, a holiday flat, a small seller."""
    many = max(10, len(stage.persons) // 25)
    abroad = stage.accounts.add(
        max(6, many // 2),
        kind="outside",
        country=dice.wholes(
            stage.accounts.at_home, len(stage.accounts.countries) - 1, max(6, many // 2)
        ),
        known=0.1,
    )
    payers = dice.pick(stage.persons, many * 2)
    stage.pay(
        payers,
        dice.pick(abroad, many * 2, skew=2),
        stage.moments(stage.days(0, DAYS, many * 2, dice), "evening", dice),
        stage.rounded(dice.quantile((1_500, 5_000, 12_000, 60_000), many * 2), dice),
        channel="transfer",
        memo=stage.memos("p2p", many * 2, dice),
    )


def _dues(stage: Stage, dice: Dice) -> None:
    """Instalments of loans, fees of agencies and clubs, bills of clinics: by transfer."""
    who = stage.persons[dice.marks(0.09, len(stage.persons))]
    lenders = np.concatenate(
        [stage.firms["agency"], stage.firms["charity"], dice.some(stage.persons, 12)]
    )
    to = dice.pick(lenders, len(who))
    each = dice.wholes(4, 60, len(who)) * 500
    day = dice.wholes(0, 20, len(who))
    months = dice.wholes(1, 6, len(who))
    for month, start in enumerate((2, 30, 60, 90, 120, 150)):
        mine = months > month
        ts = stage.moments(start + day[mine], "office", dice)
        memo = stage.memos("fee", len(ts), dice)
        stage.pay(who[mine], to[mine], ts, each[mine], channel="transfer", memo=memo)
    treated = dice.pick(stage.persons, max(20, len(stage.persons) // 12))
    stage.pay(
        treated,
        dice.pick(stage.firms["hospital"], len(treated)),
        stage.moments(stage.days(0, DAYS, len(treated), dice), "office", dice),
        dice.quantile((4_000, 12_000, 40_000, 250_000, 4_000_000), len(treated)).astype(np.int64),
        channel="transfer",
        memo=stage.memos("medical", len(treated), dice),
    )
