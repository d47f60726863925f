"""Migrations forward on a filled database of every released shape, and back where that is possible.

A release adds its shape to `RELEASED`; what a later one gives up on purpose is named in `GIVEN_UP`.
"""

import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection, connections
from django.db.migrations.exceptions import IrreversibleError
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.state import StateApps
from pytest_django import DjangoDbBlocker
from tests.desks.cluster import Cluster, programs, running_cluster
from tests.doors.web.filling import Rows, contents, differences, fill

from palermo.doors.web.node_settings import database

#: Of each release, the last migration of each app of ours.
RELEASED = {"0.1": {"access": "0001_initial", "cases": "0001_initial"}}
#: Tables and table.columns that are not there any more, on purpose.
GIVEN_UP: set[str] = set()
#: A migration that cannot be undone says so, and why, in these words at its top.
WORDS = "cannot be undone"
_numbers = count()


@pytest.fixture(scope="module")
def cluster() -> Iterator[Cluster]:
    found = programs()
    if found is None:
        pytest.skip("no PostgreSQL on this machine: see tools/system-packages")
    with running_cluster(found) as running:
        yield running


@pytest.fixture(params=["sqlite", "postgresql"])
def empty(
    request: pytest.FixtureRequest, tmp_path: Path, django_db_blocker: DjangoDbBlocker
) -> Iterator[None]:
    """Django is connected to an empty database, as somebody who works for every case."""
    settings = database("", tmp_path)
    if request.param == "postgresql":
        running: Cluster = request.getfixturevalue("cluster")
        made = running.database(f"shape_{next(_numbers)}")
        settings = database(made.url, tmp_path)
        settings["OPTIONS"] = {"options": "-c palermo.case=every"}
    with django_db_blocker.unblock(), _connected(settings):
        yield


@contextmanager
def _connected(settings: dict[str, Any]) -> Iterator[None]:
    before, kept = connections["default"], connections.settings["default"]
    connections.settings["default"] = {**kept, "OPTIONS": {}, **settings, "CONN_MAX_AGE": 0}
    connections["default"] = connections.create_connection("default")
    try:
        yield
    finally:
        connections["default"].close()
        connections.settings["default"] = kept
        connections["default"] = before


def migrated_to(targets: list[tuple[str, str | None]]) -> StateApps:
    executor = MigrationExecutor(connection)
    state = executor.migrate(targets)
    return state.apps


def targets(shape: Mapping[str, str]) -> list[tuple[str, str | None]]:
    """Return where to go for a release: its own apps there, everybody else's to the newest."""
    leaves = MigrationExecutor(connection).loader.graph.leaf_nodes()
    return [(app, shape.get(app, name)) for app, name in leaves]


def newest() -> list[tuple[str, str | None]]:
    return [*MigrationExecutor(connection).loader.graph.leaf_nodes()]


def what_cannot_be_undone(shape: Mapping[str, str]) -> list[str]:
    """Return the migrations after `shape` that cannot be undone and do not say so."""
    loader = MigrationExecutor(connection).loader
    silent = []
    for (app, name), migration in loader.disk_migrations.items():
        reversible = all(operation.reversible for operation in migration.operations)
        if app in shape and not reversible:
            words = sys.modules[type(migration).__module__].__doc__ or ""
            silent += [] if WORDS in words else [f"{app} {name}"]
    return silent


@pytest.mark.slow
@pytest.mark.parametrize("release", RELEASED)
def test_rows_of_a_release_are_intact_in_the_newest_shape_and_back(
    empty: None, release: str
) -> None:
    shape = RELEASED[release]
    apps = migrated_to(targets(shape))
    fill(apps)
    before = contents(apps)
    assert sum(map(len, before.values())) > 3 * 20

    call_command("migrate", verbosity=0)
    after = contents(migrated_to(newest()))
    assert list(differences(before, after, GIVEN_UP)) == []
    assert connection.introspection.table_names(), "the database is there"

    assert what_cannot_be_undone(shape) == []
    try:
        back = migrated_to(targets(shape))
    except IrreversibleError:
        return
    assert list(differences(before, contents(back), set())) == []


def test_a_loss_is_noticed() -> None:
    """The comparison itself: each way of losing something."""
    before: Rows = {"a": {1: {"id": 1, "x": "1"}, 2: {"id": 2, "x": "2"}}, "b": {1: {"id": 1}}}
    assert list(differences(before, before, set())) == []
    losses: list[tuple[Rows, str]] = [
        ({"a": before["a"]}, "b is gone"),
        ({**before, "a": {1: before["a"][1]}}, "a 2 is gone"),
        ({**before, "a": {1: {"id": 1, "x": ""}, 2: before["a"][2]}}, "a 1: x was '1' and is ''"),
        ({**before, "a": {1: {"id": 1}, 2: {"id": 2, "x": "2"}}}, "a.x is gone"),
    ]
    for after, said in losses:
        assert list(differences(before, after, set())) == [said]
    assert list(differences(before, {"b": before["b"]}, {"a"})) == []


@pytest.mark.slow
def test_every_table_of_the_newest_shape_can_be_filled(empty: None) -> None:
    """So that the next release can be added to `RELEASED` without further work."""
    apps = migrated_to(newest())
    fill(apps)
    assert all(len(rows) >= 3 for rows in contents(apps).values())


def test_no_model_changed_without_a_migration(
    capsys: pytest.CaptureFixture[str], django_db_blocker: DjangoDbBlocker
) -> None:
    with django_db_blocker.unblock():
        try:
            call_command("makemigrations", "--check", "--dry-run", verbosity=1)
        except SystemExit:
            pytest.fail(f"models changed without a migration:\n{capsys.readouterr().out}")
