"""The private PostgreSQL itself: a plain role, a database of one's own, nothing on the network."""

from datetime import UTC, datetime

import pytest
from django.db import connection
from tests.desks.cluster import ROLE, Database

from palermo.desks.access.models import Person, Unit


def test_django_is_connected_as_a_plain_role(postgres: Database) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT current_user, rolsuper, rolbypassrls, inet_server_addr() "
            "FROM pg_roles WHERE rolname = current_user"
        )
        assert cursor.fetchone() == (ROLE, False, False, None)


@pytest.mark.parametrize("turn", [1, 2])
def test_every_test_begins_empty(postgres: Database, turn: int) -> None:
    assert not Unit.objects.exists()
    Unit.objects.create(name="Cyber")
    Person.objects.create_user("ines", password=None, date_joined=datetime(2026, 1, 1, tzinfo=UTC))
    with postgres.connect("superuser") as beside:
        row = beside.execute("SELECT count(*) FROM access_person").fetchone()
    assert row == (1,)
