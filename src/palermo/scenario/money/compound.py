"""Scam compounds: people defrauded, accounts that are used, workers held, families who pay."""

import numpy as np

from palermo.scenario.money import hands
from palermo.scenario.money.dice import Dice
from palermo.scenario.money.places import DAYS
from palermo.scenario.money.stage import DAY, HOUR, Stage


def compound(stage: Stage, dice: Dice) -> int:
    """A scam compound: people defrauded, accounts that are used, workers held, families who pay."""
    scheme = stage.truth.crime("forced-crime")
    hub = hands.far_country(stage, dice)
    made = _defrauded(stage, dice, scheme=scheme)
    if dice.says(0.7):
        made += _paid_in_coin(stage, hub, dice, scheme=scheme)
    if dice.says(0.7):
        made += _ransoms(stage, hub, dice, scheme=scheme)
    if dice.says(0.6):
        made += _sent(stage, hub, dice, scheme=scheme)
    return made


def _defrauded(stage: Stage, dice: Dice, *, scheme: int) -> int:
    mules = stage.take(dice.whole(2, 5))
    if not len(mules):
        return 0
    stage.truth.plays(mules, "possible-victim", scheme)
    stage.recent(mules, dice, (5, 40, 120, 500, 1500))
    stage.life[mules] *= 0.6
    if dice.says(0.4) and len(mules) > 1:
        stage.accounts.share(dice.one(("device", "phone")), mules)
    for mule in mules.tolist():
        for _ in range(dice.whole(2, 9)):
            day = dice.whole(0, DAYS - 3)
            payers = dice.pick(stage.persons, dice.whole(5, 18))
            ts = stage.moments([day] * len(payers), dice.one(("evening", "shop")), dice)
            cents = stage.rounded(
                dice.quantile((3_000, 12_000, 30_000, 120_000), len(payers)), dice
            )
            stage.pay(
                payers,
                mule,
                ts,
                cents,
                channel=dice.one(("transfer", "p2p")),
                memo=stage.memos("p2p", len(payers), dice),
                scheme=scheme,
            )
            out = int(cents.sum() * dice.between(0.85, 1.0))
            stage.buy(
                mule,
                "crypto exchange",
                int(ts.max()) + dice.whole(1, 26) * HOUR,
                out,
                scheme=scheme,
                dice=dice,
            )
    return len(mules) + _large_losses(stage, dice, scheme=scheme)


def _large_losses(stage: Stage, dice: Dice, *, scheme: int) -> int:
    """People who are led to send more and more to an exchange, after a small return."""
    people = stage.take(dice.whole(1, 4))
    stage.truth.plays(people, "possible-victim", scheme)
    if len(people) and dice.says(0.6):
        stage.accounts.change("born", people, 1948 + dice.wholes(0, 25, len(people)))
    for one in people.tolist():
        day = dice.whole(0, DAYS - 60)
        first = dice.whole(10, 60) * 1000
        exchange = int(dice.one(stage.firms["crypto exchange"].tolist()))
        stage.buy(
            one,
            "crypto exchange",
            stage.moments([day], "evening", dice),
            first,
            shop=exchange,
            scheme=scheme,
            dice=dice,
        )
        if dice.says(0.6):
            back = stage.moments([day + 6], "office", dice)
            stage.pay(
                exchange,
                one,
                back,
                int(first * dice.between(1.02, 1.3)),
                channel="transfer",
                scheme=scheme,
            )
        for number in range(dice.whole(1, 5)):
            cents = first * dice.whole(4, 12) * (number + 1)
            stage.buy(
                one,
                "crypto exchange",
                stage.moments([min(day + 9 + number * 8, DAYS - 1)], "evening", dice),
                cents,
                shop=exchange,
                scheme=scheme,
                dice=dice,
            )
    return len(people)


def _paid_in_coin(stage: Stage, hub: int, dice: Dice, *, scheme: int) -> int:
    """The compound pays its workers a little every month in stablecoin."""
    purse = int(
        stage.accounts.add(
            1,
            kind="wallet",
            holder="person" if dice.says(0.5) else "business",
            segment=dice.one(("", "digital goods")),
            country=hub,
            known=0.4,
        )[0]
    )
    workers = stage.accounts.add(
        dice.whole(6, 14), kind="wallet", holder="person", country=hub, known=0.4
    )
    stage.truth.plays(purse, "controller", scheme)
    stage.truth.plays(workers, "possible-victim", scheme)
    wage = dice.between(15_000, 60_000)
    for day in stage.months(dice.whole(24, 30)).tolist():
        here = workers[dice.marks(0.93, len(workers))]
        cents = (wage * (0.85 + 0.3 * dice.units(len(here)))).astype(np.int64) // 500 * 500
        stage.pay(
            purse,
            here,
            stage.moments([day] * len(here), "office", dice),
            cents,
            channel="crypto",
            scheme=scheme,
        )
    return len(workers) + 1


def _ransoms(stage: Stage, hub: int, dice: Dice, *, scheme: int) -> int:
    """Families who pay to have somebody let go."""
    families = stage.take(dice.whole(1, 4))
    agent = int(hands.abroad(stage, 1, dice, country=hub)[0])
    stage.truth.plays(families, "possible-victim", scheme)
    stage.truth.plays(agent, "controller", scheme)
    naming = stage.accounts.naming
    for one in families.tolist():
        day = dice.whole(0, DAYS - 70)
        relative = f"{naming.company(20_000_000 + dice.whole(0, 899))} {stage.name(one).split()[1]}"
        if dice.says(0.8):
            stage.ticket(
                one,
                relative,
                int(stage.moments([day], "evening", dice)[0]),
                dice.whole(30_000, 90_000),
                where=hub,
                scheme=scheme,
            )
        for number in range(dice.whole(1, 3)):
            ts = stage.moments([day + dice.whole(20, 60) + number * 3], "late", dice)
            cents = dice.whole(10, 50) * 10_000
            hands.sent_home(stage, one, agent, ts, cents, dice=dice, scheme=scheme)
            hands.drawn_at_once(stage, agent, ts, np.array([cents]), dice, often=0.8, scheme=scheme)
    return len(families) + 1


def _sent(stage: Stage, hub: int, dice: Dice, *, scheme: int) -> int:
    """A recruiter who buys the journeys, and is paid by the head."""
    people = stage.take(1)
    if not len(people):
        return 0
    recruiter = int(people[0])
    stage.truth.plays(recruiter, "facilitator", scheme)
    recruited = dice.pick(stage.persons, dice.whole(3, 9))
    since = dice.whole(0, DAYS - 60)
    source = int(hands.abroad(stage, 1, dice, country=hub)[0])
    stage.truth.plays(source, "controller", scheme)
    for one in recruited.tolist():
        ts = int(stage.moments([since + dice.whole(0, 50)], "evening", dice)[0])
        stage.ticket(
            recruiter, stage.name(one), ts, dice.whole(30_000, 90_000), where=hub, scheme=scheme
        )
        if dice.says(0.7):
            stage.pay(
                source,
                recruiter,
                ts + dice.whole(1, 12) * DAY,
                dice.whole(4, 12) * 10_000,
                channel="remittance",
                memo=stage.memos("p2p", 1, dice),
                scheme=scheme,
            )
    if dice.says(0.5):
        for month in (5, 35, 65, 95, 125):
            count = dice.whole(15, 40)
            days = np.minimum(month + dice.wholes(0, 20, count), DAYS - 1)
            stage.buy(
                recruiter,
                "telecom",
                stage.moments(days, "shop", dice),
                dice.wholes(500, 2_500, count),
                scheme=scheme,
                dice=dice,
            )
    return 1
