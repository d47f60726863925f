"""The clock of the desks, stopped; and a small world in which a case has somebody for each role."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import pytest
from pytest_django import Settings
from tests.desks.access.world import AT, case, mandate, member, person

from palermo.desks.access.duties import duties
from palermo.desks.access.models import Case, Person
from palermo.investigation import Node


@pytest.fixture
def clock(settings: Settings) -> Callable[[datetime], None]:
    """The clock stands at `AT`; calling the fixture sets it."""

    def to(moment: datetime) -> None:
        settings.PALERMO_CLOCK = lambda: moment

    to(AT)
    return to


@pytest.fixture
def own_log(settings: Settings, tmp_path: Path) -> Path:
    """A node of this test's own, whose custody log holds nothing of other tests."""
    settings.PALERMO_NODE = Node(folder=tmp_path / "node")
    return tmp_path / "node"


@dataclass(frozen=True, slots=True)
class World:
    """A case with an authority and, by role and duty, people; nobody has opened it."""

    case: Case
    people: dict[str, Person]

    def __getitem__(self, who: str) -> Person:
        return self.people[who]


@pytest.fixture
def world(db: None, clock: Callable[[datetime], None]) -> World:
    """Somebody for each role and each duty, and an outsider."""
    names = [*duties().roles, *duties().duties, "outsider"]
    holders = {name: person(name, *([name] if name in duties().duties else [])) for name in names}
    made = case(by=holders["registrar"])
    mandate(made)
    for role in duties().roles:
        member(holders[role], made, role)
    return World(made, holders)
