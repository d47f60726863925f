"""How often a program may ask, and an address may fail: over all processes."""

import os
import subprocess
import sys
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from tests.doors.api.conftest import AT, Api, World

from palermo.desks.access.limits import Limit, take, tidy
from palermo.desks.access.models import Allowance, AuditEntry


def test_a_token_has_its_allowance_and_no_more(world: World, settings: Any) -> None:
    settings.PALERMO_API_RATE = (60, 5)
    api, other = world.api(), world.api("analyst")
    answers = [api.get("/cases") for _ in range(6)]
    assert [one.status_code for one in answers] == [200] * 5 + [429]
    assert answers[-1].headers["Retry-After"] == "1"
    assert answers[-1].headers["Content-Type"] == "application/problem+json"
    assert other.get("/cases").status_code == 200
    world.clock.pass_by(seconds=1)
    assert [api.get("/cases").status_code for _ in range(2)] == [200, 429]


def test_an_address_may_fail_so_often(world: World, settings: Any) -> None:
    settings.PALERMO_API_FAILURES = (6, 3)
    wrong, right = Api("palermo_nonsense"), world.api()
    answers = [wrong.get("/cases") for _ in range(6)]
    assert [one.status_code for one in answers] == [401] * 3 + [429] * 3
    assert answers[-1].headers["Retry-After"] == "10"
    assert right.get("/cases").status_code == 200, "a right token is not held up by its neighbours"
    told = AuditEntry.objects.filter(what="api: too many wrong tokens")
    assert [entry.of for entry in told] == ["127.0.0.1"]


def test_a_household_is_one_sender(world: World, settings: Any) -> None:
    settings.PALERMO_API_FAILURES = (6, 2)
    client = Client()

    def fail(address: str) -> int:
        status: int = client.get("/api/v1/cases", REMOTE_ADDR=address).status_code
        return status

    assert [fail(f"2001:db8:0:1::{number}") for number in (1, 2, 3)] == [401, 401, 429]
    assert fail("2001:db8:0:2::1") == 401
    assert fail("192.0.2.7") == 401
    assert [fail("") for _ in range(3)] == [401, 401, 429], "a socket file has no address"


def test_who_sends_is_not_what_a_header_claims(world: World, settings: Any) -> None:
    settings.PALERMO_API_FAILURES = (6, 2)
    statuses = [
        Api(**{"x-forwarded-for": f"192.0.2.{number}"}).get("/cases").status_code
        for number in range(3)
    ]
    assert statuses == [401, 401, 429]


@hypothesis_settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    waits=st.lists(st.integers(0, 20_000_000), min_size=1, max_size=30),
    per_minute=st.integers(1, 600),
    burst=st.integers(1, 20),
)
def test_in_no_span_is_more_given_than_stated(
    db: None, waits: list[int], per_minute: int, burst: int
) -> None:
    Allowance.objects.all().delete()
    limit, at, given_at = Limit(per_minute, burst), AT, []
    for wait in waits:
        at += timedelta(microseconds=wait)
        if not (after := take("x", limit, at=at)):
            given_at.append(at)
        else:
            # Whoever waits as long as was said, is served.
            assert 1 <= after <= 60
            at += timedelta(seconds=after)
            assert take("x", limit, at=at) == 0
            given_at.append(at)
    for first in range(len(given_at)):
        for last in range(first, len(given_at)):
            span = (given_at[last] - given_at[first]).total_seconds()
            assert last - first + 1 <= burst + span * per_minute / 60 + 0.01


def test_allowances_that_are_whole_again_are_removed(db: None) -> None:
    take("early", Limit(60, 5), at=AT)
    assert tidy(at=AT) == 0
    take("late", Limit(60, 5), at=AT + timedelta(minutes=1))
    assert [row.key for row in Allowance.objects.all()] == ["late"]


PROCESS = """
import sys
from datetime import datetime, UTC
from palermo.doors.web.serving import set_up
set_up()
from palermo.desks.access.limits import Limit, take
at = datetime(2026, 11, 25, 9, tzinfo=UTC)
print(sum(not take("shared", Limit(6, 40), at=at) for _ in range(30)))
"""


@pytest.mark.slow
def test_processes_share_an_allowance(tmp_path: Path) -> None:
    environment = {
        **os.environ,
        "PALERMO_HOME": str(tmp_path),
        "DJANGO_SETTINGS_MODULE": "palermo.doors.web.settings",
    }
    subprocess.run(
        [sys.executable, "-m", "django", "migrate", "--verbosity", "0"],
        env=environment,
        check=True,
    )
    running = [
        subprocess.Popen(
            [sys.executable, "-c", PROCESS], env=environment, stdout=subprocess.PIPE, text=True
        )
        for _ in range(3)
    ]
    given_to = [int(one.communicate(timeout=300)[0]) for one in running]
    assert sum(given_to) == 40, given_to
