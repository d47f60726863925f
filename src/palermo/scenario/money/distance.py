"""Sexual exploitation of children at a distance, and organ removal."""

import numpy as np

from palermo.scenario.money import hands
from palermo.scenario.money.dice import Dice, Ints
from palermo.scenario.money.places import DAYS
from palermo.scenario.money.stage import DAY, HOUR, Stage


def live_stream(stage: Stage, dice: Dice) -> int:
    """Buyers here pay small sums to people in one town abroad, who draw it at once."""
    country = hands.far_country(stage, dice)
    town = int(dice.one(stage.accounts.cities[country].tolist()))
    receivers = hands.abroad(
        stage,
        dice.whole(2, 6),
        dice,
        country=country,
        city=town,
        born=(1965, 1980, 1992, 2001, 2009),
    )
    buyers = stage.take(dice.whole(4, 11))
    if len(buyers) < 2:
        return 0
    scheme = stage.truth.crime("child")
    born = stage.accounts.field("born")[receivers]
    young = born >= 2004
    stage.truth.plays(receivers[young], "possible-victim", scheme)
    stage.truth.plays(receivers[~young], "facilitator", scheme)
    stage.truth.plays(buyers, "buyer", scheme)
    came: dict[int, list[tuple[int, int]]] = {int(one): [] for one in receivers}
    for buyer in buyers.tolist():
        since, until = stage.window(dice, 40)
        count = dice.whole(4, 26)
        days = stage.days(since, until, count, dice)
        ts = stage.moments(days, dice.one(("night", "night", "late", "evening")), dice)
        usual = dice.quantile((1_000, 2_000, 3_500, 6_000, 12_000), 1)[0]
        growth = 1 + np.arange(count) / count * (dice.between(0.3, 2) if dice.says(0.5) else 0)
        cents = stage.rounded(
            usual * growth * dice.quantile((0.5, 0.9, 1.1, 1.8), count), dice, to=500, often=0.93
        )
        known = dice.some(receivers, dice.whole(1, len(receivers)))
        to = dice.pick(known, count)
        hands.sent_home(stage, buyer, to, ts, np.minimum(cents, 25_000), dice=dice, scheme=scheme)
        for one, moment, units in zip(to.tolist(), ts.tolist(), cents.tolist(), strict=True):
            came[one].append((moment, min(units, 25_000)))
        _around(stage, buyer, ts, country, dice, scheme=scheme)
    for one, rows in came.items():
        if rows:
            moments, sums = (
                np.array(column, np.int64) for column in zip(*sorted(rows), strict=True)
            )
            hands.drawn_at_once(stage, one, moments, sums, dice, often=0.85, scheme=scheme)
    return len(buyers) + len(receivers)


def _around(stage: Stage, buyer: int, ts: Ints, country: int, dice: Dice, *, scheme: int) -> None:
    """Storage, network services, prepaid cards around the payments; a journey for some."""
    if dice.says(0.6):
        some = dice.pick(ts, dice.whole(2, 8))
        what = dice.one(("digital goods", "network services", "gift cards"))
        stage.buy(
            buyer,
            what,
            some + (dice.units(len(some)) * 30 * HOUR).astype(np.int64),
            dice.wholes(299, 2_500, len(some)),
            scheme=scheme,
            dice=dice,
        )
    if dice.says(0.18):
        stage.ticket(
            buyer,
            stage.name(buyer),
            int(ts[len(ts) // 2]) + dice.whole(3, 40) * DAY,
            dice.whole(40_000, 130_000),
            where=country,
            scheme=scheme,
        )


def extortion(stage: Stage, dice: Dice) -> int:
    """Minors who are blackmailed pay several times within days, then stop."""
    minors = stage.take(dice.whole(3, 10))
    if len(minors) < 2:
        return 0
    scheme = stage.truth.crime("child")
    stage.accounts.segment_as(minors, "student")
    stage.accounts.change("born", minors, 2006 + dice.wholes(0, 4, len(minors)))
    stage.waged[minors] = False
    country = hands.far_country(stage, dice)
    taker = int(hands.abroad(stage, 1, dice, country=country, born=(1985, 1992, 1998, 2002))[0])
    stage.truth.plays(taker, "controller", scheme)
    stage.truth.plays(minors, "possible-victim", scheme)
    rows: list[tuple[int, int]] = []
    for minor in minors.tolist():
        count = dice.whole(2, 6)
        day = dice.whole(0, DAYS - 34)
        ts = day * DAY + np.sort((dice.units(count) * 66 * HOUR).astype(np.int64))
        cents = stage.rounded(dice.quantile((2_000, 5_000, 10_000, 24_000), count), dice, to=1000)
        hands.sent_home(stage, minor, taker, ts, cents, dice=dice, memo="p2p", scheme=scheme)
        rows += list(zip(ts.tolist(), cents.tolist(), strict=True))
    moments, sums = (np.array(column, np.int64) for column in zip(*sorted(rows), strict=True))
    hands.drawn_at_once(stage, taker, moments, sums, dice, often=0.8, scheme=scheme)
    return len(minors) + 1


def organ(stage: Stage, dice: Dice) -> int:
    """A broker who is paid much for an organ, and the donors, who get little."""
    people = stage.take(1 + dice.whole(2, 4))
    if len(people) < 2:
        return 0
    scheme = stage.truth.crime("organ")
    broker, patients = int(people[0]), people[1:]
    stage.truth.plays(broker, "controller", scheme)
    stage.truth.plays(patients, "buyer", scheme)
    home, hub = hands.far_country(stage, dice), hands.far_country(stage, dice)
    surgeon = int(
        hands.abroad(stage, 1, dice, country=hub, kind="bank", born=(1955, 1965, 1980))[0]
    )
    stage.truth.plays(surgeon, "facilitator", scheme)
    for patient in patients.tolist():
        day = dice.whole(3, DAYS - 50)
        total = dice.whole(25, 130) * 100_000
        ts = stage.moments(day + np.arange(dice.whole(1, 3)) * dice.whole(1, 9), "office", dice)
        memo = stage.memos(dice.one(("medical", "medical", "business", "p2p")), len(ts), dice)
        stage.pay(
            patient, broker, ts, total // len(ts), channel="transfer", memo=memo, scheme=scheme
        )
        donor = int(hands.abroad(stage, 1, dice, country=home, born=(1975, 1985, 1995, 2005))[0])
        stage.truth.plays(donor, "possible-victim", scheme)
        last = int(ts.max())
        crumbs = last + np.sort((dice.units(dice.whole(1, 4)) * 45 * DAY).astype(np.int64))
        hands.sent_home(
            stage,
            broker,
            donor,
            crumbs,
            dice.wholes(600, 3000, len(crumbs)) * 100,
            dice=dice,
            scheme=scheme,
        )
        stage.pay(
            broker,
            surgeon,
            last + dice.whole(5, 30) * DAY,
            int(total * dice.between(0.15, 0.4)),
            channel="transfer",
            memo=stage.memos("business", 1, dice),
            scheme=scheme,
        )
        if dice.says(0.75):
            name = f"{stage.name(patient).split()[0]} {stage.name(donor).split()[1]}"
            for traveller in (stage.name(patient), stage.name(donor) if dice.says(0.8) else name):
                stage.ticket(
                    broker,
                    traveller,
                    last + dice.whole(2, 15) * DAY,
                    dice.whole(20_000, 120_000),
                    where=hub,
                    scheme=scheme,
                )
        if dice.says(0.6):
            what = dice.one(("laboratory", "hospital"))
            stage.buy(
                broker,
                what,
                last + dice.whole(3, 20) * DAY,
                dice.whole(8_000, 90_000),
                scheme=scheme,
                dice=dice,
            )
    return len(people) + len(patients) + 1
