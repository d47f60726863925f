"""Shared by the tests of the desks.

`postgres` runs a test on a real PostgreSQL with all migrations applied: Django's default connection
is one to a database of the test's own, as the plain role that the desks use. Do not ask for it
together with `db`, which is SQLite.
"""

from collections.abc import Iterator
from itertools import count

import pytest
from django.core.management import call_command
from pytest_django import DjangoDbBlocker
from tests.desks.cluster import Cluster, Database, django_on, programs, running_cluster

_numbers = count()


@pytest.fixture(scope="session")
def postgres_cluster(django_db_blocker: DjangoDbBlocker) -> Iterator[tuple[Cluster, Database]]:
    """The server, and a database in it that is migrated and empty."""
    bin_folder = programs()
    if bin_folder is None:
        pytest.skip("no PostgreSQL on this machine: see tools/system-packages")
    with running_cluster(bin_folder) as cluster:
        template = cluster.database("palermo_template")
        with django_db_blocker.unblock(), django_on(template):
            call_command("migrate", verbosity=0)
            call_command("createcachetable", verbosity=0)
        yield cluster, template


@pytest.fixture
def postgres(
    postgres_cluster: tuple[Cluster, Database], django_db_blocker: DjangoDbBlocker
) -> Iterator[Database]:
    """A database of this test's own, to which Django is connected."""
    cluster, template = postgres_cluster
    database = cluster.database(f"palermo_{next(_numbers)}", template=template.name)
    try:
        with django_db_blocker.unblock(), django_on(database):
            yield database
    finally:
        cluster.drop(database)
