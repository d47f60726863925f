"""Sexual exploitation: who pays, who is drained, who ends up with the money.

Every scheme draws its own size, times, sums and ways, so that no indicator shows in all of them.
"""

import numpy as np

from palermo.scenario.money import hands, laundering
from palermo.scenario.money.dice import Dice, Ints
from palermo.scenario.money.stage import HOUR, Stage

_STATED = ("jobseeker", "self-employed", "student", "employee", "carer")


def sexual(stage: Stage, dice: Dice) -> int:
    """A controller, the people exploited, some who help; clients who do not know or do not ask."""
    country = dice.whole(0, stage.accounts.at_home - 1)
    cast = stage.take(2 + dice.whole(3, 8), country=country)
    if len(cast) < 4:
        return 0
    scheme = stage.truth.crime("sexual")
    boss, helper, exploited = int(cast[0]), int(cast[1]), cast[2:]
    helps = dice.says(0.6)
    stage.truth.plays(boss, "controller", scheme)
    stage.truth.plays(exploited, "possible-victim", scheme)
    if helps:
        stage.truth.plays(helper, "facilitator", scheme)
    _held_together(stage, boss, exploited, dice)
    window = stage.window(dice)
    way = dice.one(("p2p", "p2p", "p2p", "transfer", "atm"))
    to = helper if helps and dice.says(0.3) else boss
    price, hours = dice.between(4_000, 18_000), dice.one(("night", "late", "late", "evening"))
    boss_ads, self_ads = dice.says(0.6), dice.says(0.5)
    handed: list[Ints] = []
    for who in exploited.tolist():
        begin = min(window[0] + dice.whole(0, 40), window[1] - 25)
        mine = (max(0, begin), window[1])
        came, cents = hands.meetings(
            stage,
            who,
            dice,
            window=mine,
            a_week=dice.between(4, 22),
            price=price,
            in_cash=dice.between(0.05, 0.6),
            hours=hours,
            scheme=scheme,
        )
        made = hands.hand_over(
            stage,
            who,
            to,
            dice,
            came=came,
            cents=cents,
            share=dice.between(0.6, 0.98),
            lag=(0.5, dice.between(10, 80)),
            channel=way,
            scheme=scheme,
        )
        handed.append(np.stack(made))
        if self_ads:
            hands.advertise(
                stage,
                who,
                dice,
                window=mine,
                a_week=dice.between(0.5, 4),
                prepaid=dice.between(0, 0.5),
                scheme=scheme,
            )
        if dice.says(0.5):
            hands.goods(stage, who, dice, window=mine, a_week=dice.between(0.1, 1), scheme=scheme)
        if dice.says(0.3):
            allowed = stage.moments(stage.days(*mine, dice.whole(2, 8), dice), "evening", dice)
            stage.pay(boss, who, allowed, dice.wholes(2, 8, len(allowed)) * 1000, scheme=scheme)
    if boss_ads or not self_ads:
        hands.advertise(
            stage,
            boss,
            dice,
            window=window,
            a_week=dice.between(1, 7),
            prepaid=dice.between(0, 0.8),
            scheme=scheme,
        )
    _run(stage, boss, helper if helps else boss, exploited, dice, window=window, scheme=scheme)
    proceeds = np.concatenate(handed, axis=1)
    _collected(stage, boss, to, proceeds, dice, way=way, scheme=scheme)
    laundering.launder(stage, boss, proceeds, dice, scheme=scheme)
    return len(cast)


def _held_together(stage: Stage, boss: int, exploited: Ints, dice: Dice) -> None:
    stage.accounts.segment_as(exploited, dice.one(_STATED))
    stage.waged[exploited] &= dice.marks(0.15, len(exploited))
    stage.life[exploited] *= dice.between(0.2, 0.9)
    stage.renting[exploited] &= dice.marks(0.3, len(exploited))
    stage.recent(exploited, dice, (10, 60, 150, 400, 1200, 3000))
    if dice.says(0.5):
        stage.accounts.share("address", exploited)
    if dice.says(0.4):
        stage.accounts.share("phone", np.append(boss, exploited[: dice.whole(1, len(exploited))]))
    if dice.says(0.4):
        stage.accounts.share("device", np.append(boss, exploited[: dice.whole(1, len(exploited))]))


def _run(
    stage: Stage,
    boss: int,
    helper: int,
    exploited: Ints,
    dice: Dice,
    *,
    window: tuple[int, int],
    scheme: int,
) -> None:
    """Flats, hotels, journeys and meals, paid by whoever runs it."""
    if dice.says(0.5):
        owners = dice.some(stage.firms["landlord"], dice.whole(1, 4))
        for month in (2, 30, 59, 89, 119, 149):
            if window[0] <= month < window[1]:
                rent = dice.whole(70, 180) * 500
                stage.pay(
                    boss,
                    owners,
                    stage.moments([month] * len(owners), "office", dice),
                    rent,
                    channel="transfer",
                    memo=stage.memos("rent", len(owners), dice),
                    scheme=scheme,
                )
    if dice.says(0.6):
        payer = boss if dice.says(0.6) else int(exploited[0])
        hands.tour(stage, payer, dice, window=window, nights=dice.between(0.8, 4), scheme=scheme)
    if dice.says(0.45):
        for who in exploited[: dice.whole(1, len(exploited))].tolist():
            day = dice.whole(*window)
            where = stage.of("country", boss) if dice.says(0.6) else dice.whole(0, 2)
            stage.ticket(
                helper,
                stage.name(who),
                int(stage.moments([day], "evening", dice)[0]),
                dice.whole(2_000, 15_000),
                where=where,
                scheme=scheme,
                by=dice.one(("coaches", "airline")),
            )
    if dice.says(0.4):
        count = dice.whole(60, 300)
        days = stage.days(*window, count, dice)
        what = dice.one(("fast food", "taxi and rides"))
        stage.buy(
            helper,
            what,
            stage.moments(days, "late", dice),
            dice.wholes(400, 2_500, count),
            scheme=scheme,
            dice=dice,
        )


def _collected(
    stage: Stage, boss: int, to: int, proceeds: Ints, dice: Dice, *, way: str, scheme: int
) -> None:
    """What was drawn in cash is paid in by the controller; what a helper took goes on."""
    ts, cents = proceeds
    if way == "atm":
        for start in range(0, len(ts), 5):
            total = int(cents[start : start + 5].sum() * dice.between(0.3, 0.9)) // 1000 * 1000
            moment = int(ts[start : start + 5].max()) + dice.whole(4, 60) * HOUR
            town = dice.one(stage.accounts.cities[stage.of("country", boss)].tolist())
            stage.deposit(boss, moment, total, till=stage.till(town, dice), scheme=scheme)
    elif to != boss:
        order = np.argsort(ts, kind="stable")
        hands.hand_over(
            stage,
            to,
            boss,
            dice,
            came=ts[order],
            cents=cents[order],
            share=0.9,
            lag=(1, 40),
            scheme=scheme,
        )
