"""The practice case for all tests of the case desk: investigated once, landed for each test."""

import fcntl
import os
from pathlib import Path

import pytest
from pytest_django import Settings
from tests.desks.cases.sirocco import AT, Investigated, SiroccoCase, landed

from palermo.investigation import Node, Request, investigate
from palermo.scenario import SCENARIOS

SIZE = 400


@pytest.fixture(scope="session")
def investigated(tmp_path_factory: pytest.TempPathFactory) -> Investigated:
    """The practice case as files; processes of one test run share it."""
    base = tmp_path_factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        base = base.parent
    home = base / "sirocco-case"
    found = Investigated(source=home / "source", case=home / "case")
    with (base / "sirocco-case.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (home / "done").exists():
            home.mkdir()
            SCENARIOS["sirocco"](found.source, size=SIZE, seed=1)
            _investigate(found, home)
            (home / "done").touch()
    return found


def _investigate(found: Investigated, home: Path) -> None:
    request = Request(
        inputs=(found.source / "items.parquet",),
        authority=found.source / "authority.yaml",
        out=found.case,
        node=Node(folder=home / "node"),
        workers=1,
    )
    investigate(request, at=AT)


@pytest.fixture
def clock(settings: Settings) -> Settings:
    """Stop the clock of the desks at `AT`."""
    settings.PALERMO_CLOCK = lambda: AT
    return settings


@pytest.fixture
def sirocco_case(db: None, clock: Settings, investigated: Investigated) -> SiroccoCase:
    """The practice case in the desk, with somebody for each role."""
    return landed(investigated)
