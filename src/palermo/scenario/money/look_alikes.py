"""Innocent people who look like crime, each kind made to be hard to tell apart.

The truth names the kind of each, so that it can be measured how many of them are alerted.
"""

from collections.abc import Callable, Mapping
from types import MappingProxyType

from palermo.scenario.money.alike_causes import charity, organiser, patient, trader
from palermo.scenario.money.alike_homes import (
    landlord,
    pooling_couple,
    remitting_family,
    savings_club,
    students,
    young_players,
)
from palermo.scenario.money.alike_work import (
    artist,
    cash_shop,
    freelancers,
    independent_worker,
    seasonal_payroll,
    traveller,
)
from palermo.scenario.money.dice import Dice
from palermo.scenario.money.stage import Stage

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
        kind = (
            waiting.pop()
            if waiting
            else kinds[int(dice.weighted(list(LOOK_ALIKES.values()), 1)[0])]
        )
        made = kind(stage, dice)
        if not made and not waiting:
            return  # everybody has been taken
        done += made
