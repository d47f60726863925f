"""The practice case on PostgreSQL, and a second case beside the first."""

import pytest
from pytest_django import Settings
from tests.desks.cases.sirocco import Investigated, SiroccoCase, landed
from tests.desks.cluster import Database

from palermo.desks.access.models import Membership


@pytest.fixture
def on_postgres(postgres: Database, clock: Settings, investigated: Investigated) -> SiroccoCase:
    """The practice case on PostgreSQL."""
    return landed(investigated)


@pytest.fixture(params=["sqlite", "postgres"])
def either(request: pytest.FixtureRequest) -> SiroccoCase:
    """The practice case on each database in turn."""
    name = "on_postgres" if request.param == "postgres" else "sirocco_case"
    found: SiroccoCase = request.getfixturevalue(name)
    return found


@pytest.fixture
def other_case(sirocco_case: SiroccoCase, investigated: Investigated) -> SiroccoCase:
    """The same material in a case of which the analyst is no member."""
    other = landed(investigated, "OTHER-1")
    Membership.objects.filter(case=other.case, person=other.people["analyst"]).delete()
    return other
