"""The moment at which log and words agree, on a real PostgreSQL."""

import threading
from typing import Any

import psycopg
import pytest
from django.db import connection, transaction
from tests.desks.cluster import Database

from palermo.desks.access import standstill as module
from palermo.desks.access.standstill import standstill, writing_down
from palermo.model import Unreadable


def acting(postgres: Database) -> "psycopg.Connection[tuple[Any, ...]]":
    """Return a session in the middle of writing an act down."""
    session = postgres.connect()
    session.execute("BEGIN")
    session.execute("SELECT pg_advisory_xact_lock_shared(%s)", [module._LOCK])
    return session


def test_it_waits_for_an_act_that_is_half_written_down(
    postgres: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "_PAUSE_SECONDS", 0.05)
    session = acting(postgres)
    threading.Timer(0.5, lambda: session.execute("COMMIT")).start()
    with standstill():
        assert session.info.transaction_status == psycopg.pq.TransactionStatus.IDLE
    session.close()


def test_it_gives_up_in_words_and_lets_others_go_on(
    postgres: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "_PATIENCE", "50ms")
    monkeypatch.setattr(module, "_PAUSE_SECONDS", 0.01)
    monkeypatch.setattr(module, "_TRIES", 3)
    session = acting(postgres)
    with pytest.raises(Unreadable, match="without a pause"), standstill():
        pytest.fail("it did not wait")
    with transaction.atomic():
        writing_down()
    session.close()


def test_no_act_begins_meanwhile_and_acts_do_not_wait_for_each_other(postgres: Database) -> None:
    with transaction.atomic():
        writing_down()
        writing_down()
        acting(postgres).close()
    with standstill(), postgres.connect() as other:
        other.execute("SET lock_timeout = '100ms'")
        with pytest.raises(psycopg.errors.LockNotAvailable):
            other.execute("SELECT pg_advisory_xact_lock_shared(%s)", [module._LOCK])
    assert connection.in_atomic_block is False
