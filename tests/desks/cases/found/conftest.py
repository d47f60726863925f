"""The practice case on PostgreSQL, and a second case beside the first."""

from collections.abc import Iterator

import pytest
from pytest_django import Settings
from tests.desks.cases.sirocco import Investigated, SiroccoCase, landed
from tests.desks.cluster import Database

from palermo.desks.access.models import Membership
from palermo.desks.access.row_security import show_nobody, show_to


@pytest.fixture
def on_postgres(postgres: Database, clock: Settings, investigated: Investigated) -> SiroccoCase:
    """The practice case on PostgreSQL."""
    return landed(investigated)


@pytest.fixture(params=["sqlite", "postgres"])
def either(request: pytest.FixtureRequest) -> Iterator[SiroccoCase]:
    """The practice case on each database in turn; rows are asked for as its investigator."""
    name = "on_postgres" if request.param == "postgres" else "sirocco_case"
    found: SiroccoCase = request.getfixturevalue(name)
    show_to(found.viewer())
    yield found
    show_nobody()


@pytest.fixture
def other_case(sirocco_case: SiroccoCase, investigated: Investigated) -> SiroccoCase:
    """The same material in a case of which the analyst is no member."""
    other = landed(investigated, "OTHER-1")
    Membership.objects.filter(case=other.case, person=other.people["analyst"]).delete()
    return other
