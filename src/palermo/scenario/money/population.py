"""Who lives in the generated world: firms, persons, families."""

import numpy as np

from palermo.scenario.money.dice import Dice
from palermo.scenario.money.places import NONE
from palermo.scenario.money.stage import Stage

#: Payments that one account has on average, before the rest is filled up.
PAYMENTS_AN_ACCOUNT = 60


def settle(stage: Stage, accounts: int) -> None:
    """Add machines, businesses and persons: about `accounts` of which somebody holds records."""
    dice = Dice(stage.seed, "population")
    _tills(stage)
    _firms(stage, max(1, int(accounts * 0.075)), dice)
    _persons(stage, max(60, int(accounts * 0.80)), dice)


def _tills(stage: Stage) -> None:
    """Three cash machines in every town, abroad one counter."""
    for country, cities in enumerate(stage.accounts.cities):
        for city in cities.tolist():
            for number in range(3):
                stage.tills[city * 3 + number] = int(
                    stage.accounts.add(
                        1, kind="cash", holder="", country=country, city=city, known=0
                    )[0]
                )


def _firms(stage: Stage, count: int, dice: Dice) -> None:
    weights = {name: one["weight"] for name, one in stage.world["businesses"].items()}
    whole = sum(weights.values())
    for name, one in stage.world["businesses"].items():
        many = max(one["least"], round(count * one["weight"] / whole))
        stage.firms[name] = stage.accounts.add(
            many,
            holder="business",
            segment=one.get("says", name),
            country=dice.wholes(0, stage.accounts.at_home - 1, many),
            staff=np.maximum(1, dice.quantile(one["staff"], many).astype(np.int64)),
            known=0.95,
        )


def _persons(stage: Stage, count: int, dice: Dice) -> None:
    groups = stage.world["persons"]
    shares = [one["share"] for one in groups.values()]
    kind = dice.weighted(shares, count)
    found = []
    for number, (name, one) in enumerate(groups.items()):
        many = int((kind == number).sum())
        income = dice.quantile(one["income"], many).astype(np.int64) // 5000 * 5000
        found.append(
            stage.accounts.add(
                many,
                segment=name,
                country=dice.wholes(0, stage.accounts.at_home - 1, many),
                income=np.where(dice.marks(0.85, many), income, NONE),
                born=dice.quantile(one["born"], many).astype(np.int64),
            )
        )
    stage.persons = np.concatenate(found)
    size = stage.accounts.count
    stage.life = np.zeros(size)
    stage.waged, stage.renting = np.zeros(size, np.bool_), np.zeros(size, np.bool_)
    stage.nightly = np.zeros(size, np.bool_)
    for accounts, one in zip(found, groups.values(), strict=True):
        stage.waged[accounts] = dice.marks(one["waged"], len(accounts))
    stage.life[stage.persons] = dice.quantile((0.1, 0.5, 0.8, 1.0, 1.3, 2.2), len(stage.persons))
    stage.renting[stage.persons] = dice.marks(0.6, len(stage.persons))
    stage.nightly[found[1]] = dice.marks(0.5, len(found[1]))
    _families(stage, dice)
    stage.clients = dice.some(stage.persons, max(20, int(len(stage.persons) * 0.06)))


def _families(stage: Stage, dice: Dice) -> None:
    """Have a third of the persons live with another one: address, surname, some the telephone."""
    people = dice.some(stage.persons, len(stage.persons) // 3)
    at = 0
    while at + 2 <= len(people):
        size = dice.whole(2, 5)
        members = people[at : at + size]
        at += size
        stage.accounts.share("address", members)
        same = members[: max(2, len(members) - dice.whole(0, 1))]
        first = stage.of("surname", int(same[0]))
        stage.accounts.change("surname", same, first)
        stage.accounts.change("country", members, stage.of("country", int(members[0])))
        stage.accounts.change("city", members, stage.of("city", int(members[0])))
        if dice.says(0.25):
            stage.accounts.share("phone", members[:2])
        if dice.says(0.2):
            stage.accounts.share("device", members)
