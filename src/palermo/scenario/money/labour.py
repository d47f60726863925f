"""Forced labour: wages paid on paper and taken back, or never paid; fees that never end.

Every scheme draws its own size, times, sums and ways, so that no indicator shows in all of them.
"""

import numpy as np

from palermo.scenario.money import hands, laundering
from palermo.scenario.money.dice import Dice, Ints
from palermo.scenario.money.places import DAYS, NONE
from palermo.scenario.money.stage import DAY, HOUR, Stage


def labour(stage: Stage, dice: Dice) -> int:
    """A firm that pays wages on paper and takes them back, or never pays what is due."""
    firm = int(
        dice.one(
            np.concatenate(
                [
                    stage.firms[n]
                    for n in ("farm", "construction", "cleaning", "hair and nails", "restaurant")
                ]
            ).tolist()
        )
    )
    cast = stage.take(2 + dice.whole(5, 18), country=stage.of("country", firm))
    if len(cast) < 6 or firm in stage.truth.role:
        return 0
    scheme = stage.truth.crime("labour")
    keeper, recruiter, workers = int(cast[0]), int(cast[1]), cast[2:]
    stage.truth.plays(firm, "controller", scheme)
    stage.truth.plays(workers, "possible-victim", scheme)
    housed(stage, firm, workers, dice)
    way = dice.one(("returned", "returned", "to keeper", "cash", "one account", "underpaid"))
    recruits = dice.says(0.55) or way == "underpaid"
    if way in {"to keeper", "cash", "one account"}:
        stage.truth.plays(keeper, "controller", scheme)
    if recruits:
        stage.truth.plays(recruiter, "facilitator", scheme)
        hired_out(stage, firm, recruiter, workers, dice, scheme=scheme)
    wage = dice.between(35_000, 70_000) if way == "underpaid" else dice.between(110_000, 165_000)
    taken = dice.between(0.52, 0.95)
    begin = dice.whole(0, 60) // 30
    handed = []
    for day in stage.months(dice.whole(24, 29))[begin:].tolist():
        ts = stage.moments([min(day, DAYS - 1)] * len(workers), "office", dice)
        paid = (wage * (0.95 + 0.1 * dice.units(len(workers)))).astype(np.int64)
        memo = stage.memos("wage", len(workers), dice)
        if way == "one account":
            stage.pay(
                firm,
                keeper,
                ts,
                paid,
                channel="transfer",
                memo=memo,
                device=NONE,
                payee=workers,
                scheme=scheme,
            )
            handed.append(np.stack([ts, paid]))
            continue
        stage.pay(
            firm, workers, ts, paid, channel="transfer", memo=memo, device=NONE, scheme=scheme
        )
        if way in {"returned", "to keeper"}:
            to = firm if way == "returned" else keeper
            back = (
                (paid * taken * (0.93 + 0.14 * dice.units(len(workers)))).astype(np.int64)
                // 500
                * 500
            )
            later = ts + (dice.units(len(workers)) * 4 * DAY).astype(np.int64) + 600
            some = dice.marks(0.9, len(workers))
            memo = stage.memos(dice.one(("housing", "p2p", "fee")), int(some.sum()), dice)
            stage.pay(
                workers[some],
                to,
                later[some],
                back[some],
                channel=dice.one(("transfer", "p2p")),
                memo=memo,
                scheme=scheme,
            )
            handed.append(np.stack([later[some], back[some]]))
        elif way == "cash":
            handed.append(_drawn(stage, (firm, keeper), workers, (ts, paid), dice, scheme=scheme))
    if way in {"to keeper", "cash", "one account"} and handed:
        laundering.launder(stage, keeper, np.concatenate(handed, axis=1), dice, scheme=scheme)
    if dice.says(0.4):
        days = stage.days(0, DAYS, dice.whole(10, 40), dice)
        stage.buy(
            firm,
            dice.one(("grocer", "hotel")),
            stage.moments(days, "shop", dice),
            dice.wholes(8_000, 60_000, len(days)),
            scheme=scheme,
            dice=dice,
        )
    return len(cast)


def housed(stage: Stage, firm: int, workers: Ints, dice: Dice) -> None:
    """House workers together and open their accounts in the same days."""
    stage.accounts.segment_as(workers, dice.one(("shift worker", "employee", "jobseeker")))
    stage.waged[workers] = False
    stage.renting[workers] = False
    stage.life[workers] *= dice.between(0.15, 0.5)
    housed = workers[dice.marks(dice.between(0.3, 1.0), len(workers))]
    if len(housed):
        stage.accounts.share("address", housed)
        first = dice.whole(20, 500)
        stage.recent(housed, dice, (first, first + 3, first + 8, first + dice.whole(10, 400)))
    if len(housed) > 3 and dice.says(0.4):
        stage.accounts.share("phone", housed[: dice.whole(2, 6)])
    if len(housed) > 3 and dice.says(0.25):
        stage.accounts.share("device", housed[: dice.whole(2, 6)])
    stage.accounts.change("staff", [firm], max(2, int(len(workers) * dice.between(0.6, 1.5))))


def hired_out(
    stage: Stage, firm: int, recruiter: int, workers: Ints, dice: Dice, *, scheme: int
) -> None:
    """A recruiter who paid the journey and is paid back every month, with more."""
    each = dice.whole(12, 45) * 1000
    home = hands.far_country(stage, dice)
    tickets, paying = dice.says(0.6), dice.says(0.8)
    share = dice.between(0.5, 1.0)
    for worker in workers.tolist():
        if tickets and dice.says(0.8):
            day = dice.whole(0, 25)
            stage.ticket(
                recruiter,
                stage.name(worker),
                int(stage.moments([day], "office", dice)[0]),
                dice.whole(9_000, 50_000),
                where=stage.of("country", firm) if dice.says(0.5) else home,
                scheme=scheme,
            )
        if paying and dice.says(share):
            days = np.minimum(stage.months(dice.whole(26, 32)), DAYS - 1)
            cents = np.full(len(days), each) + dice.wholes(-1, 1, len(days)) * 500
            stage.pay(
                worker,
                recruiter,
                stage.moments(days, "evening", dice),
                cents,
                channel="transfer",
                memo=stage.memos("fee", len(days), dice),
                scheme=scheme,
            )


def _drawn(
    stage: Stage,
    chiefs: tuple[int, int],
    workers: Ints,
    wages: tuple[Ints, Ints],
    dice: Dice,
    *,
    scheme: int,
) -> Ints:
    """Workers are taken to one machine and draw their wage; the keeper pays part of it in."""
    (firm, keeper), (ts, paid) = chiefs, wages
    till = stage.tills[stage.of("city", firm) * 3 + dice.whole(0, 2)]
    moment = int(ts.max()) + dice.whole(1, 8) * HOUR
    out = (paid * dice.between(0.86, 0.99)).astype(np.int64) // 1000 * 1000
    at = moment + (dice.units(len(workers)) * dice.whole(10, 40) * 60).astype(np.int64)
    stage.draw(workers, at, out, till=till, scheme=scheme)
    total = int(out.sum() * dice.between(0.5, 0.9))
    parts = dice.whole(1, 5)
    when = moment + (1 + np.arange(parts)) * dice.whole(8, 40) * HOUR
    sums = np.full(parts, total // parts // 1000 * 1000)
    stage.deposit(
        keeper, when, sums, till=stage.till(stage.of("city", keeper), dice), scheme=scheme
    )
    return np.stack([when, sums])
