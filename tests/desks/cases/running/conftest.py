"""An empty case, somebody who brings material in, and what they bring."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
from django.test import Client
from pytest_django import Settings
from tests.desks.cases.sirocco import AT, let_in, person, signed_in

from palermo.desks.access import mandates
from palermo.desks.access.models import Case, Mandate, Opening, Person, Unit
from palermo.desks.cases.background import case_folder
from palermo.desks.cases.models import Run
from palermo.desks.cases.runs import work
from palermo.investigation import Node

AUTHORITY = """\
palermo_authority: 1
organisation: Example unit
power: {power}
legal_basis: a law
purpose: a test
case: T-1
authorised_by: {{name: A. Example, role: competent-authority}}
from: 2026-01-01T00:00:00Z
until: {until}
offences: [trafficking-in-persons]
scope: {{material: [posts], measures: [{measures}]}}
"""


def authority(
    *,
    until: str = "2027-01-01T00:00:00Z",
    measures: str = "detect, preserve",
    power: str = "eu/led-processing",
) -> bytes:
    return AUTHORITY.format(until=until, measures=measures, power=power).encode()


def to_hand_over() -> bytes:
    return authority(measures="disclose", power="eu/led-transmission")


def posts(*numbers: int, text: str = "text", day: int = 1) -> bytes:
    """A table of posts that share a number each two."""
    lines = [f"id,{text},account,platform,posted_at"]
    lines += [
        f"p{n},Great pay in the south call +1 202 555 0{100 + n // 2} today and ask for {n},"
        f"a{n},board,2026-02-{day:02d}T10:00:00Z"
        for n in numbers
    ]
    return ("\n".join(lines) + "\n").encode()


@dataclass(frozen=True, slots=True)
class Desk:
    """A case in an empty node, and its lead."""

    case: Case
    mandate: Mandate
    lead: Person
    client: Client

    @property
    def folder(self) -> Path:
        return case_folder(self.case)

    def opening(self) -> Opening:
        return Opening.objects.get(person=self.lead, case=self.case)

    def url(self, page: str) -> str:
        return f"/cases/{self.case.key}/{page}"

    def last(self) -> Run:
        run: Run | None = Run.rows.of(self.case).first()
        assert run is not None
        return run


@pytest.fixture
def node_home(tmp_path: Path, settings: Settings) -> Path:
    """A node of the test's own."""
    home = tmp_path / "node"
    for folder in ("incoming", "cases", "inbox"):
        (home / folder).mkdir(parents=True)
    settings.PALERMO_NODE = Node(folder=home)
    settings.PALERMO_CASES = home / "cases"
    settings.FILE_UPLOAD_TEMP_DIR = home / "incoming"
    settings.PALERMO_CLOCK = lambda: AT
    return home


@pytest.fixture
def make_desk(node_home: Path) -> Callable[[], Desk]:
    def made() -> Desk:
        unit = Unit.objects.create(name="Unit")
        lead = person("lead", unit)
        case = Case.objects.create(
            reference="T-1", title="A test", unit=unit, created_at=AT, created_by=lead
        )
        mandate = mandates.add(case, authority(), by=lead, at=AT)
        let_in(case, lead, "lead")
        return Desk(case, mandate, lead, signed_in(lead))

    return made


@pytest.fixture
def desk(transactional_db: None, make_desk: Callable[[], Desk]) -> Desk:
    """On SQLite, with real transactions: work in the background needs them."""
    return make_desk()


def do_all(case: Case) -> None:
    """Do what waits, as the worker would."""
    while (
        run := Run.rows.of(case).filter(state=Run.State.WAITING).order_by("id").first()
    ) is not None:
        work.call(run.pk, case.pk)
