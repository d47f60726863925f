"""Innocent look-alikes who collect for others: charities, patients, organisers, traders.

Everything here is lawful.
"""

import numpy as np

from palermo.scenario.money import hands
from palermo.scenario.money.dice import Dice
from palermo.scenario.money.places import DAYS
from palermo.scenario.money.stage import DAY, HOUR, Stage


def charity(stage: Stage, dice: Dice) -> int:
    """Many small gifts come in; help goes to people here and abroad, some of it for treatment."""
    house = int(dice.one(stage.firms["charity"].tolist()))
    helped = np.concatenate(
        [
            hands.abroad(stage, dice.whole(3, 12), dice, country=hands.far_country(stage, dice)),
            stage.take(dice.whole(2, 6)),
        ]
    )
    for _ in range(dice.whole(2, 6)):
        day = dice.whole(0, DAYS - 10)
        givers = dice.pick(stage.persons, dice.whole(10, 60))
        ts = stage.moments(day + dice.wholes(0, 2, len(givers)), "evening", dice)
        cents = stage.rounded(dice.quantile((500, 2000, 5000, 20_000), len(givers)), dice)
        stage.pay(
            givers,
            house,
            ts,
            cents,
            channel="transfer",
            memo=stage.memos("support", len(givers), dice),
        )
        chosen = dice.some(helped, dice.whole(2, len(helped)))
        out = stage.moments(day + 3 + dice.wholes(0, 2, len(chosen)), "office", dice)
        hands.sent_home(
            stage,
            house,
            chosen,
            out,
            int(cents.sum() * dice.between(0.5, 0.95) / len(chosen)),
            dice=dice,
        )
    stage.truth.looks_like(house, "charity")
    stage.truth.looks_like(helped, "helped by a charity")
    return len(helped)


def patient(stage: Stage, dice: Dice) -> int:
    """A sick person for whom family and friends collect; a large sum goes for treatment abroad."""
    people = stage.take(dice.whole(2, 4))
    if len(people) < 2:
        return 0
    sick, helper = int(people[0]), int(people[1])
    if dice.says(0.6):
        stage.accounts.change("surname", people, stage.of("surname", sick))
    day = dice.whole(20, DAYS - 40)
    givers = dice.pick(stage.persons, dice.whole(10, 50))
    stage.pay(
        givers,
        helper,
        stage.moments(day - dice.wholes(3, 18, len(givers)), "evening", dice),
        stage.rounded(dice.quantile((1000, 5000, 20_000, 200_000), len(givers)), dice),
        memo=stage.memos("support", len(givers), dice),
    )
    sum_up = dice.whole(15, 90) * 100_000
    ts = int(stage.moments([day], "office", dice)[0])
    to = helper if dice.says(0.5) else int(dice.one(stage.firms["hospital"].tolist()))
    stage.pay(sick, to, ts, sum_up, channel="transfer", memo=stage.memos("medical", 1, dice))
    if to == helper:
        stage.pay(
            helper,
            int(dice.one(stage.firms["hospital"].tolist())),
            ts + 2 * DAY,
            int(sum_up * 0.9),
            channel="transfer",
            memo=stage.memos("medical", 1, dice),
        )
    where = hands.far_country(stage, dice)
    for person in people[:2].tolist():
        stage.ticket(
            helper, stage.name(person), ts + 3 * DAY, dice.whole(20_000, 90_000), where=where
        )
    stage.buy(sick, "laboratory", ts + dice.whole(1, 9) * DAY, dice.whole(4000, 30_000), dice=dice)
    nurse = hands.abroad(stage, 1, dice, country=where)
    hands.sent_home(
        stage, helper, nurse, [ts + dice.whole(8, 30) * DAY], dice.whole(500, 3000) * 100, dice=dice
    )
    stage.truth.looks_like(people, "patient and family")
    return len(people)


def organiser(stage: Stage, dice: Dice) -> int:
    """Somebody who books journeys for a team, a choir or a class, and collects for them."""
    who = stage.take(1)
    group = dice.pick(stage.persons, dice.whole(4, 14))
    if not len(who):
        return 0
    person = int(who[0])
    for _ in range(dice.whole(1, 3)):
        day = dice.whole(5, DAYS - 12)
        fare = dice.whole(30, 300) * 100
        stage.pay(
            group,
            person,
            stage.moments(day + dice.wholes(0, 4, len(group)), "evening", dice),
            fare,
            memo=stage.memos("p2p", len(group), dice),
        )
        where = hands.far_country(stage, dice)
        for member in group.tolist():
            stage.ticket(
                person,
                stage.name(member),
                int(stage.moments([day + 6], "evening", dice)[0]),
                fare,
                where=where,
                by=dice.one(("airline", "coaches")),
            )
    stage.truth.looks_like(who, "organiser of journeys")
    return 1


def trader(stage: Stage, dice: Dice) -> int:
    """Somebody who buys crypto for acquaintances: many pay, and it goes to the exchange."""
    who = stage.take(1)
    if not len(who):
        return 0
    person = int(who[0])
    for _ in range(dice.whole(4, 25)):
        day = dice.whole(0, DAYS - 3)
        payers = dice.pick(stage.persons, dice.whole(2, 10))
        ts = stage.moments([day] * len(payers), "evening", dice)
        cents = stage.rounded(dice.quantile((2_000, 8_000, 20_000, 90_000), len(payers)), dice)
        stage.pay(payers, person, ts, cents, memo=stage.memos("p2p", len(payers), dice))
        stage.buy(
            person,
            "crypto exchange",
            int(ts.max()) + dice.whole(1, 30) * HOUR,
            int(cents.sum() * dice.between(0.5, 1.0)),
            dice=dice,
        )
    stage.truth.looks_like(who, "crypto trader")
    return 1
