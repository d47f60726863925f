"""Innocent people who look like crime, each kind made to be hard to tell apart.

Everything here is lawful. The truth names the kind of each, so that it can be measured how many of
them are alerted.
"""

from collections.abc import Callable, Mapping
from types import MappingProxyType

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
        cents = stage.rounded(usual * dice.quantile((0.5, 0.9, 1.0, 1.2, 2.5), len(ts)), dice, to=500, often=0.9)
        to = dice.pick(kin, len(ts), skew=2)
        hands.sent_home(stage, sender, to, ts, cents, dice)
        for one in kin.tolist():
            mine = to == one
            hands.drawn_at_once(stage, one, ts[mine], cents[mine], dice, often=0.7)
        if dice.says(0.3):
            name = stage.name(sender)
            stage.ticket(sender, name, int(stage.moments([dice.whole(20, DAYS - 1)], "evening", dice)[0]), dice.whole(30_000, 120_000), where=country)
    stage.truth.looks_like(senders, "family sending money home")
    stage.truth.looks_like(kin, "family receiving money")
    return len(senders) + len(kin)


def seasonal_payroll(stage: Stage, dice: Dice) -> int:
    """A farm or site with many workers at one address, lawful wages, rent kept back, one bus to town."""
    firm = int(dice.one(np.concatenate([stage.firms[n] for n in ("farm", "construction", "cleaning")]).tolist()))
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
            stage.pay(firm, worker, ts, paid, channel="transfer", memo=stage.memos("wage", 1, dice), device=NONE)
            if housing:
                stage.pay(worker, firm, ts + dice.whole(3, 80) * HOUR, int(paid * housing) // 500 * 500, channel="transfer", memo=stage.memos("housing", 1, dice))
            if by_bus and dice.says(0.7):
                taken = int(paid * dice.between(0.2, 0.96)) // 1000 * 1000
                till = stage.tills[stage.of("city", firm) * 3]
                stage.draw(worker, (day * DAY) + 18 * HOUR + dice.whole(0, 1500), taken, till=till)
            elif dice.says(0.7):
                sent = int(paid * dice.between(0.25, 0.6)) // 1000 * 1000
                moment = int(stage.moments([min(day + dice.whole(0, 3), DAYS - 1)], "evening", dice)[0])
                hands.sent_home(stage, worker, kin, moment, sent, dice)
            if lends and dice.says(0.8):
                stage.pay(worker, agency, ts + dice.whole(20, 90) * HOUR, dice.whole(6, 12) * 1000, channel="transfer", memo=stage.memos("fee", 1, dice))
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
            stage, who, dice, window=window, a_week=dice.between(3, 18), price=price,
            in_cash=dice.between(0.05, 0.5), hours=dice.one(("night", "late", "late", "evening")),
        )  # fmt: skip
        hands.advertise(stage, who, dice, window=window, a_week=dice.between(0.5, 5), prepaid=dice.between(0, 0.4))
        hands.goods(stage, who, dice, window=window, a_week=dice.between(0.2, 1.2))
        if touring:
            hands.tour(stage, who, dice, window=window, nights=dice.between(0.5, 3))
        if dice.says(0.6):
            due = stage.moments([75, 165], "office", dice)
            stage.pay(who, stage.firms["public authority"][0], due, int(cents.sum() * 0.1), channel="transfer")
        if who != group[0]:  # shares of flat, telephone and cleaner, paid to the one who rents
            hands.hand_over(stage, who, int(group[0]), dice, came=came, cents=cents, share=dice.between(0.1, 0.35), lag=(4, 90))
        elif dice.says(0.5):
            saved = stage.take(1)
            if len(saved):
                stage.accounts.change("surname", saved, stage.of("surname", who))
                hands.hand_over(stage, who, int(saved[0]), dice, came=came, cents=cents, share=dice.between(0.2, 0.6), lag=(10, 200), channel="transfer")
    stage.truth.looks_like(group, "independent worker")
    return len(group)


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
        dice.pick(circle, count), dice.pick(circle, count, skew=2),
        stage.moments(days, "late", dice), stage.rounded(dice.quantile((200, 800, 1500, 3000, 9000), count), dice),
        memo=stage.memos("p2p", count, dice),
    )  # fmt: skip
    collector = int(circle[0])
    for _ in range(dice.whole(1, 4)):
        day = dice.whole(1, DAYS - 5)
        each = dice.whole(4, 40) * 1000
        ts = stage.moments([day] * (len(circle) - 1), "evening", dice)
        stage.pay(circle[1:], collector, ts, each, memo=stage.memos("p2p", len(ts), dice))
        spent = each * (len(circle) - 1)
        if dice.says(0.5):
            for member in circle[1:].tolist():
                where = hands.far_country(stage, dice) if dice.says(0.2) else stage.of("country", collector)
                stage.ticket(collector, stage.name(member), int(ts[-1]) + 20 * HOUR, each, where=where)
        else:
            stage.buy(collector, "hotel", int(ts[-1]) + 26 * HOUR, spent, dice=dice)
    stage.truth.looks_like(circle, "students")
    return len(circle)


def cash_shop(stage: Stage, dice: Dice) -> int:
    """A shop, or a chain in several towns, whose takings in cash are large and go to the supplier."""
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
            stage.pay(shop, supplier, stage.moments([min(week * 7 + 7, DAYS - 1)], "office", dice), int(total * dice.between(0.5, 0.9)), channel="transfer", memo=stage.memos("business", 1, dice))
    if kind in {"massage salon", "hair and nails"} and dice.says(0.5):
        stage.buy(dice.pick(stage.clients, 60), kind, stage.moments(stage.days(0, DAYS, 60, dice), "late", dice), dice.wholes(3000, 9000, 60), shop=shop)
    stage.truth.looks_like(shop, "shop with cash")
    return 1


def charity(stage: Stage, dice: Dice) -> int:
    """Many small gifts come in; help goes to people here and abroad, some of it for treatment."""
    house = int(dice.one(stage.firms["charity"].tolist()))
    helped = np.concatenate([hands.abroad(stage, dice.whole(3, 12), dice, country=hands.far_country(stage, dice)), stage.take(dice.whole(2, 6))])
    for _ in range(dice.whole(2, 6)):
        day = dice.whole(0, DAYS - 10)
        givers = dice.pick(stage.persons, dice.whole(10, 60))
        ts = stage.moments(day + dice.wholes(0, 2, len(givers)), "evening", dice)
        cents = stage.rounded(dice.quantile((500, 2000, 5000, 20_000), len(givers)), dice)
        stage.pay(givers, house, ts, cents, channel="transfer", memo=stage.memos("support", len(givers), dice))
        chosen = dice.some(helped, dice.whole(2, len(helped)))
        out = stage.moments(day + 3 + dice.wholes(0, 2, len(chosen)), "office", dice)
        hands.sent_home(stage, house, chosen, out, int(cents.sum() * dice.between(0.5, 0.95) / len(chosen)), dice)
    stage.truth.looks_like(house, "charity")
    stage.truth.looks_like(helped, "helped by a charity")
    return len(helped)


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
        stage.pay(tenants, int(host[0]), stage.moments(days, "evening", dice), rent, memo=stage.memos("rent", len(tenants), dice))
        stage.pay(int(host[0]), owners, stage.moments([month + 5] * len(owners), "office", dice), int(rent * len(tenants) * dice.between(0.7, 0.95) / len(owners)), channel="transfer", memo=stage.memos("rent", len(owners), dice))
    stage.truth.looks_like(host, "landlord")
    stage.truth.looks_like(tenants, "tenant of a shared flat")
    return 1 + len(tenants)


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
            stage.pay(firm, member, ts, wage, channel="transfer", memo=stage.memos("wage", 1, dice), device=NONE)
            stage.pay(member, pool, ts + dice.whole(1, 60) * HOUR, int(wage * share), channel="transfer")
    stage.truth.looks_like(members, "household with one purse")
    return len(members)


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
            stage.pay(treasurer, taker, int(ts.max()) + dice.whole(2, 40) * HOUR, each * len(givers))
    stage.truth.looks_like(members, "savings club")
    return len(members)


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
        stage.buy(int(who[0]), what, stage.moments(some, "late", dice), dice.wholes(low, high, len(some)), dice=dice)
    if dice.says(0.4):
        hands.advertise(stage, int(who[0]), dice, window=window, a_week=dice.between(0.5, 2), prepaid=0.1)
    stage.truth.looks_like(who, "traveller for work")
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
        stage.buy(person, "crypto exchange", int(ts.max()) + dice.whole(1, 30) * HOUR, int(cents.sum() * dice.between(0.5, 1.0)), dice=dice)
    stage.truth.looks_like(who, "crypto trader")
    return 1


def freelancers(stage: Stage, dice: Dice) -> int:
    """A firm that pays people it works with in stablecoin every month."""
    firm = int(stage.accounts.add(1, kind="wallet", holder="business", segment="digital goods", country=dice.whole(0, 2), known=0.5)[0])
    team = stage.accounts.add(dice.whole(6, 16), kind="wallet", holder="person", country=hands.far_country(stage, dice), known=0.4)
    pay = dice.quantile((60_000, 110_000, 160_000, 280_000), len(team)).astype(np.int64) // 1000 * 1000
    if dice.says(0.45):
        pay[:] = int(pay[0])
    for day in stage.months(dice.whole(24, 30)).tolist():
        stage.pay(firm, team, stage.moments([day] * len(team), "office", dice), pay, channel="crypto")
    stage.truth.looks_like(np.append(team, firm), "team paid in stablecoin")
    return len(team) + 1


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
    stage.pay(givers, helper, stage.moments(day - dice.wholes(3, 18, len(givers)), "evening", dice), stage.rounded(dice.quantile((1000, 5000, 20_000, 200_000), len(givers)), dice), memo=stage.memos("support", len(givers), dice))
    sum_up = dice.whole(15, 90) * 100_000
    ts = int(stage.moments([day], "office", dice)[0])
    to = helper if dice.says(0.5) else int(dice.one(stage.firms["hospital"].tolist()))
    stage.pay(sick, to, ts, sum_up, channel="transfer", memo=stage.memos("medical", 1, dice))
    if to == helper:
        stage.pay(helper, int(dice.one(stage.firms["hospital"].tolist())), ts + 2 * DAY, int(sum_up * 0.9), channel="transfer", memo=stage.memos("medical", 1, dice))
    where = hands.far_country(stage, dice)
    for person in people[:2].tolist():
        stage.ticket(helper, stage.name(person), ts + 3 * DAY, dice.whole(20_000, 90_000), where=where)
    stage.buy(sick, "laboratory", ts + dice.whole(1, 9) * DAY, dice.whole(4000, 30_000), dice=dice)
    nurse = hands.abroad(stage, 1, dice, country=where)
    hands.sent_home(stage, helper, nurse, [ts + dice.whole(8, 30) * DAY], dice.whole(500, 3000) * 100, dice)
    stage.truth.looks_like(people, "patient and family")
    return len(people)


def artist(stage: Stage, dice: Dice) -> int:
    """Somebody abroad whom fans in several countries pay small sums, at all hours."""
    one = int(hands.abroad(stage, 1, dice, country=hands.far_country(stage, dice))[0])
    count = dice.whole(15, 80)
    fans = dice.pick(stage.persons, max(4, count // 2))
    ts = stage.moments(stage.days(0, DAYS, count, dice), "late", dice)
    cents = stage.rounded(dice.quantile((300, 1000, 2000, 5000, 15_000), count), dice)
    stage.pay(dice.pick(fans, count, skew=2), one, ts, cents, memo=stage.memos("support", count, dice))
    hands.drawn_at_once(stage, one, ts, cents, dice, often=dice.between(0, 0.7))
    stage.truth.looks_like(one, "artist with fans")
    return 1


def young_players(stage: Stage, dice: Dice) -> int:
    """A minor who within days buys things for a game from another, and then never again."""
    two = stage.take(2)
    if len(two) < 2:
        return 0
    stage.accounts.change("born", two, 2006 + dice.wholes(0, 3, 2))
    stage.accounts.segment_as(two, "student")
    day = dice.whole(0, DAYS - 45)
    ts = day * DAY + np.sort((dice.units(dice.whole(3, 6)) * 70 * HOUR).astype(np.int64))
    stage.pay(int(two[0]), int(two[1]), ts, stage.rounded(dice.quantile((500, 1500, 4000, 12_000), len(ts)), dice), memo=stage.memos("p2p", len(ts), dice))
    stage.truth.looks_like(two, "young players")
    return 2


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
        stage.pay(group, person, stage.moments(day + dice.wholes(0, 4, len(group)), "evening", dice), fare, memo=stage.memos("p2p", len(group), dice))
        where = hands.far_country(stage, dice)
        for member in group.tolist():
            stage.ticket(person, stage.name(member), int(stage.moments([day + 6], "evening", dice)[0]), fare, where=where, by=dice.one(("airline", "coaches")))
    stage.truth.looks_like(who, "organiser of journeys")
    return 1


#: What look-alikes there are, and their weight.
LOOK_ALIKES: Mapping[Callable[[Stage, Dice], int], int] = MappingProxyType(
    {
        remitting_family: 16,
        seasonal_payroll: 3,
        independent_worker: 14,
        students: 5,
        cash_shop: 8,
        charity: 2,
        landlord: 4,
        pooling_couple: 9,
        savings_club: 4,
        traveller: 8,
        trader: 5,
        freelancers: 2,
        patient: 4,
        artist: 6,
        young_players: 5,
        organiser: 5,
    }
)


def write_look_alikes(stage: Stage, accounts: int) -> None:
    """Write look-alikes until they are about `accounts`, at least one of each kind."""
    dice = Dice(stage.seed, "look-alikes")
    kinds = list(LOOK_ALIKES)
    done = 0
    waiting = list(kinds)
    while done < accounts:
        kind = waiting.pop() if waiting else kinds[int(dice.weighted(list(LOOK_ALIKES.values()), 1)[0])]
        made = kind(stage, dice)
        if not made and not waiting:
            return  # everybody has been taken
        done += made
