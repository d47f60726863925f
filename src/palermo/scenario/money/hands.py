"""Patterns that crime and innocence share: ad spending, paid meetings, receivers abroad, hand-over.

Whoever uses them sets how much, how often and when; the ways are the same.
"""

from typing import Any

import numpy as np

from palermo.scenario.money.dice import Dice, Ints
from palermo.scenario.money.places import DAYS, FIRST_DAY, NONE
from palermo.scenario.money.stage import DAY, HOUR, Stage


def meetings(
    stage: Stage,
    who: int,
    dice: Dice,
    *,
    window: tuple[int, int],
    a_week: float,
    price: float,
    in_cash: float,
    hours: str,
    scheme: int = NONE,
) -> tuple[Ints, Ints]:
    """Have clients pay somebody; some pay in cash, which is paid in later in larger sums.

    Returns moments and cents of what came into the account.
    """
    since, until = window
    count = max(3, int((until - since) / 7 * a_week))
    days = stage.days(since, until, count, dice)
    ts = stage.moments(days, hours, dice)
    cents = stage.rounded(
        price * dice.quantile((0.4, 0.8, 1.0, 1.2, 1.6, 3.0), count), dice, to=1000
    )
    cash = dice.marks(in_cash, count)
    here = stage.clients[stage.facts("country")[stage.clients] == stage.of("country", who)]
    pool = here if len(here) > 5 else stage.clients
    payers = dice.pick(pool, count)
    sent = ~cash
    stage.pay(
        payers[sent],
        who,
        ts[sent],
        cents[sent],
        memo=stage.memos("p2p", int(sent.sum()), dice),
        scheme=scheme,
    )
    if scheme >= 0:
        stage.truth.plays(np.unique(payers), "buyer", scheme)
    came, sums = [ts[sent]], [cents[sent]]
    held, begin = cents[cash], days[cash]
    for start in range(0, len(held), 4):
        day = int(begin[start : start + 4][-1]) + dice.whole(0, 2)
        moment = stage.moments([day], "shop", dice)
        paid_in = np.array(
            [int(held[start : start + 4].sum() * dice.between(0.6, 1.0)) // 1000 * 1000]
        )
        stage.deposit(
            who, moment, paid_in, till=stage.till(stage.of("city", who), dice), scheme=scheme
        )
        came.append(moment)
        sums.append(paid_in)
    moments = np.concatenate(came)
    order = np.argsort(moments, kind="stable")
    return moments[order], np.concatenate(sums)[order]


def advertise(
    stage: Stage,
    who: int,
    dice: Dice,
    *,
    window: tuple[int, int],
    a_week: float,
    prepaid: float,
    scheme: int = NONE,
) -> None:
    """Pay for advertisements; some buy a prepaid card or crypto just before."""
    since, until = window
    count = max(1, int((until - since) / 7 * a_week))
    ts = stage.moments(stage.days(since, until, count, dice), "evening", dice)
    cents = dice.quantile((500, 1_200, 2_500, 4_000, 9_000), count).astype(np.int64)
    stage.buy(who, "ad platform", ts, cents, scheme=scheme, dice=dice)
    before = ts[dice.marks(prepaid, count)]
    what = "gift cards" if dice.says(0.6) else "crypto exchange"
    stage.buy(
        who,
        what,
        before - (dice.units(len(before)) * 20 * HOUR).astype(np.int64) - 600,
        dice.wholes(2, 10, len(before)) * 1000,
        scheme=scheme,
        dice=dice,
    )


def tour(
    stage: Stage,
    who: int,
    dice: Dice,
    *,
    window: tuple[int, int],
    nights: float,
    scheme: int = NONE,
) -> None:
    """Stay in hotels of changing towns, with meals and rides; `nights` a week."""
    since, until = window
    count = max(1, int((until - since) / 7 * nights))
    days = stage.days(since, until, count, dice)
    cents = dice.quantile((4_500, 6_500, 9_000, 14_000), count).astype(np.int64)
    stage.buy(who, "hotel", stage.moments(days, "evening", dice), cents, scheme=scheme, dice=dice)
    fares = dice.pick(days, max(1, count))
    stage.buy(
        who,
        dice.one(("coaches", "taxi and rides", "filling station")),
        stage.moments(fares, "late", dice),
        dice.wholes(800, 5_000, len(fares)),
        scheme=scheme,
        dice=dice,
    )


def goods(
    stage: Stage,
    who: int,
    dice: Dice,
    *,
    window: tuple[int, int],
    a_week: float,
    scheme: int = NONE,
) -> None:
    """Buy at the pharmacy and clothes."""
    since, until = window
    for what, low, high in (
        ("pharmacy", 800, 4_000),
        ("lingerie and fashion", 2_000, 9_000),
        ("beauty shop", 1_000, 5_000),
    ):
        count = int((until - since) / 7 * a_week / 2 + dice.between(0, 1))
        ts = stage.moments(stage.days(since, until, count, dice), "shop", dice)
        stage.buy(who, what, ts, dice.wholes(low, high, count), scheme=scheme, dice=dice)


def hand_over(
    stage: Stage,
    who: int,
    to: int,
    dice: Dice,
    *,
    came: Ints,
    cents: Ints,
    share: float,
    lag: tuple[float, float],
    channel: str = "p2p",
    scheme: int = NONE,
) -> tuple[Ints, Ints]:
    """Pass on a share of what came, a few receipts at a time, `lag` hours later.

    Returns moments and cents of what was handed over.
    """
    made, sums = [], []
    at = 0
    while at < len(came):
        size = dice.whole(1, 6)
        part = slice(at, at + size)
        at += size
        moment = int(came[part][-1]) + int(dice.between(*lag) * HOUR) + 60
        total = int(cents[part].sum() * min(1.0, share * dice.between(0.9, 1.08)))
        if dice.says(0.6):
            total = total // 500 * 500
        if total > 0:
            made.append(moment)
            sums.append(total)
    moments, units = np.array(made, dtype=np.int64), np.array(sums, dtype=np.int64)
    if len(moments) == 0:
        return moments, units
    if channel == "atm":
        till = np.array([stage.till(stage.of("city", who), dice) for _ in made])
        stage.draw(who, moments, units, till=till, scheme=scheme)
    else:
        stage.pay(
            who,
            to,
            moments,
            units,
            channel=channel,
            memo=stage.memos("p2p", len(moments), dice),
            scheme=scheme,
        )
    return moments, units


def abroad(
    stage: Stage,
    count: int,
    dice: Dice,
    *,
    country: int,
    city: int | None = None,
    kind: str = "remittance",
    born: tuple[float, ...] = (1955, 1970, 1985, 1997, 2006),
    **given: Any,
) -> Ints:
    """Open accounts of people abroad, as an agent there has them."""
    town = city if city is not None else int(dice.one(stage.accounts.cities[country].tolist()))
    return stage.accounts.add(
        count,
        kind=kind,
        segment="",
        country=country,
        city=np.full(count, town),
        born=dice.quantile(born, count).astype(np.int64),
        opened=FIRST_DAY - dice.quantile((-60, 30, 200, 700, 2000), count).astype(np.int64),
        known=0.7,
        **given,
    )


def drawn_at_once(
    stage: Stage, who: int, ts: Ints, cents: Ints, dice: Dice, *, often: float, scheme: int = NONE
) -> None:
    """Take out at the counter what came, within hours or days."""
    some = dice.marks(0.95, len(ts))
    lag = np.where(
        dice.marks(often, len(ts)), dice.between(1, 20) * HOUR, dice.between(30, 200) * HOUR
    )
    out = (cents * dice.quantile((0.9, 0.97, 1.0), len(ts))).astype(np.int64) // 10 * 10
    moment = ts + (lag * (0.5 + dice.units(len(ts)))).astype(np.int64)
    stage.cash_out(who, moment[some], out[some], scheme=scheme)


def sent_home(
    stage: Stage,
    who: int,
    to: Any,
    ts: Any,
    cents: Any,
    *,
    dice: Dice,
    memo: str = "support",
    scheme: int = NONE,
    device: Any = None,
) -> None:
    """Send money abroad, by an agent or an application."""
    ts = np.atleast_1d(np.asarray(ts))
    by_agent = dice.says(0.75)
    stage.pay(
        who,
        to,
        ts,
        cents,
        channel="remittance" if by_agent else "p2p",
        memo=stage.memos(memo, len(ts), dice),
        scheme=scheme,
        device=device,
    )


def far_country(stage: Stage, dice: Dice) -> int:
    """Draw a country abroad; the same ones for everybody."""
    return dice.whole(stage.accounts.at_home, len(stage.accounts.countries) - 1)


def whole_window() -> tuple[int, int]:
    """Return the first and the last day of the generated time."""
    return 0, DAYS - 1


def same_day(ts: int) -> int:
    """Return the day of a moment."""
    return ts // DAY
