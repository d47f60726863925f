"""The pages on PostgreSQL, behind both walls: what a person sees, and what is left after them."""

import os
import subprocess
import sys
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import pytest
from django.db import ProgrammingError, connection
from django.test import Client
from django.urls import reverse
from pytest_django import Settings
from tests.desks.access.two_cases import Two, note, notes
from tests.desks.access.world import AT, PASSWORD, case, code, member, person, seen_by, signed_in
from tests.desks.cluster import Database

from palermo.desks.access import emergencies
from palermo.desks.access.models import AuditEntry, Case
from palermo.desks.access.row_security import working_for
from palermo.desks.cases.models import Item
from palermo.investigation import Node


@pytest.fixture
def two(postgres: Database, clock: Callable[[datetime], None]) -> Two:
    made = Two()
    for one in (made.first, made.second):
        with working_for(one):
            Item.rows.create(
                case=one,
                ident=f"item of {one.reference}",
                text="t",
                exhibit="e",
                row=1,
                row_hash="",
            )
    return made


def items(client: Client, of: Case) -> str:
    page = client.get(reverse("cases:items", args=[of.key]))
    return str(page.content.decode()) if page.status_code == 200 else str(page.status_code)


def test_each_sees_the_rows_of_the_case_they_have_open(two: Two) -> None:
    ines, omar = signed_in(two.ines), signed_in(two.omar)
    for _ in range(2):  # one after the other, on one connection
        assert "item of 2026-0001" in items(ines, two.first)
        assert "item of 2026-0002" in items(omar, two.second)
        assert items(ines, two.second) == "404"
        assert items(Client(), two.first) == "302"


def test_after_a_request_the_connection_has_forgotten_who_asked(two: Two) -> None:
    assert "item of" in items(signed_in(two.ines), two.first)
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_setting('palermo.person', true)")
        assert cursor.fetchone() == ("",)
    assert notes() == []


def test_an_emergency_shows_rows_and_lets_nothing_be_written(two: Two) -> None:
    approver, outsider = person("approver", "approver"), person("outsider")
    at = AuditEntry.objects.count()
    one = emergencies.ask("2026-0001", "r", by=outsider, at=AT)
    emergencies.answer(one, agreed=True, by=approver, at=AT)
    client = signed_in(outsider)
    assert "item of 2026-0001" in items(client, two.first)
    two.show(outsider)
    with pytest.raises(ProgrammingError, match="row-level security"):
        note(two.first, outsider, "in an emergency")
    assert AuditEntry.objects.count() > at


def test_the_whole_of_signing_in_works_there_too(postgres: Database) -> None:
    lead = person("lead", password=PASSWORD)
    client = Client()
    client.post(reverse("account_login"), {"login": "lead", "password": PASSWORD})
    assert client.get(reverse("cases:list")).headers["Location"] == reverse("mfa_index")
    page = client.get(reverse("mfa_activate_totp"))
    secret = page.context["form"].secret
    client.post(reverse("mfa_activate_totp"), {"code": code(secret)})
    assert client.get(reverse("cases:list")).status_code == 200
    made = case("2026-0009", by=lead)
    member(lead, made, "lead")
    assert seen_by(lead, "see") == {"2026-0009"}
    people = signed_in(person("admin", "administrator")).get(reverse("access:people"))
    assert people.status_code == 200
    officer = signed_in(person("officer", "data-protection-officer"))
    for name in ("audit", "anomalies", "notices", "all_conflicts"):
        assert officer.get(reverse(f"access:{name}")).status_code == 200


TRYING = """
from palermo.doors.web.serving import prepare
prepare()
from django.test import Client
for number in range(5):
    data = {"login": "ines", "password": f"wrong {number}"}
    Client().post("/account/login/", data, headers={"Host": "localhost"})
"""


def test_tries_in_one_process_count_in_another(
    postgres: Database, tmp_path: Path, settings: Settings
) -> None:
    settings.PALERMO_NODE = Node(folder=tmp_path)
    person("ines", password=PASSWORD)
    (tmp_path / "node.yaml").write_text(
        f"palermo_node: 1\ndesks:\n  database: {postgres.url}\n", encoding="utf-8"
    )
    environment = {
        **os.environ,
        "PALERMO_HOME": str(tmp_path),
        "DJANGO_SETTINGS_MODULE": "palermo.doors.web.settings",
    }
    right = {"login": "ines", "password": PASSWORD}
    assert "Location" in Client().post(reverse("account_login"), right).headers
    subprocess.run([sys.executable, "-c", TRYING], env=environment, check=True)
    answer = Client().post(reverse("account_login"), right)
    assert "Location" not in answer.headers
    assert "Too many failed login attempts" in answer.content.decode()
