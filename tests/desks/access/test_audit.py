"""The audit: what is in it, who reads it, and that whatever is done behind its back is found."""

import csv
import io
import sqlite3
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction
from django.test import Client
from django.urls import reverse
from tests.desks.access.conftest import World
from tests.desks.access.world import AT, DAY, opening, person, signed_in
from tests.desks.cluster import Database

from palermo.desks.access import audit, members
from palermo.desks.access.audit import Act, Kind, record, verify_audit
from palermo.desks.access.models import AuditEntry, Membership, Person
from palermo.desks.access.reading import PAGE
from palermo.model import Refused


@pytest.fixture
def officer(world: World) -> Client:
    return signed_in(world["data-protection-officer"])


def acts(by: Person, number: int = 1, **more: object) -> list[AuditEntry]:
    values: dict[str, object] = {"kind": Kind.CONSULTATION, "what": "item", **more}
    return [
        record(Act(**values, of=str(n)), by=by, at=AT)  # type: ignore[arg-type]
        for n in range(number)
    ]


def behind_the_back(statement: str, *values: Any) -> None:
    """Change the database as somebody would who can write its file: without the fence."""
    with connection.cursor() as cursor:
        for what in ("UPDATE", "DELETE"):
            cursor.execute(f"DROP TRIGGER IF EXISTS access_auditentry_keep_{what}")
        cursor.execute(statement, values)


# --- It is written once ----------------------------------------------------------------------


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE access_auditentry SET what = 'nothing'",
        "DELETE FROM access_auditentry",
        "UPDATE access_auditentry SET person_id = NULL",
    ],
)
def test_the_database_refuses_to_change_an_entry(world: World, statement: str) -> None:
    acts(world["lead"])
    with (
        pytest.raises(DatabaseError, match="append-only"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(statement)
    assert AuditEntry.objects.get().what == "item"


def test_the_orm_meets_the_same_fence(world: World) -> None:
    (entry,) = acts(world["lead"])
    entry.what = "other"
    for change in (entry.save, entry.delete, AuditEntry.objects.all().delete):
        with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
            change()


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE access_auditentry SET what = 'nothing'",
        "DELETE FROM access_auditentry",
        "TRUNCATE access_auditentry CASCADE",
    ],
)
def test_postgresql_refuses_too(
    postgres: Database, clock: Callable[[datetime], None], statement: str
) -> None:
    acts(person("ines"))
    with (
        pytest.raises(DatabaseError, match="append-only"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(statement)
    assert list(verify_audit())[-1:] != ["entry 0: stands beside the log and not in it"]
    assert AuditEntry.objects.get().what == "item"


# --- What is done behind its back ------------------------------------------------------------


def test_an_audit_that_nobody_touched_holds(world: World, own_log: Path) -> None:
    acts(world["lead"], 3, reason="ناصر", detail={"n": [1, None]}, case=world.case)
    record(Act(kind=Kind.ACCESS, what="first administrator invited"), by=None, at=AT)
    assert list(verify_audit()) == []


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("what", "nothing"),
        ("of", "2"),
        ("reason", "other"),
        ("purpose", "protect"),
        ("recipient", "somebody"),
        ("kind", "access"),
        ("at", "2026-03-02 10:00:00"),
        ("detail", "{}"),
        ("person_id", None),
        ("case_id", None),
        ("salt", b"0" * 16),
    ],
)
def test_a_changed_entry_is_found_whatever_was_changed(
    world: World, own_log: Path, column: str, value: object
) -> None:
    entry = acts(world["lead"], 3, case=world.case, detail={"a": 1}, purpose="investigate")[1]
    behind_the_back(
        f'UPDATE access_auditentry SET "{column}" = %s WHERE seq = %s',  # noqa: S608
        value,
        entry.seq,
    )
    assert list(verify_audit()) == [
        f"entry {entry.seq}: its words were changed after they were logged"
    ]


def test_two_entries_that_changed_places_are_both_found(world: World, own_log: Path) -> None:
    first, second = acts(world["lead"], 2)
    for old, new in ((first.seq, 999), (second.seq, first.seq), (999, second.seq)):
        behind_the_back("UPDATE access_auditentry SET seq = %s WHERE seq = %s", new, old)
    assert len(list(verify_audit())) == 2


def test_removed_entries_are_found(world: World, own_log: Path) -> None:
    first, second, last = acts(world["lead"], 3)
    for gone in (first, last):
        behind_the_back("DELETE FROM access_auditentry WHERE seq = %s", gone.seq)
    assert list(verify_audit()) == [
        f"entry {seq}: its words are missing (removed, or the act failed)"
        for seq in (first.seq, last.seq)
    ]
    assert AuditEntry.objects.get() == second


def test_added_entries_are_found(world: World, own_log: Path) -> None:
    (entry,) = acts(world["lead"])
    for seq in (entry.seq + 1, 10**6):
        entry.pk, entry.seq = None, seq
        entry.save(force_insert=True)
    assert list(verify_audit()) == [
        f"entry {seq}: stands beside the log and not in it" for seq in (1, 10**6)
    ]


def test_an_act_that_failed_after_it_was_logged_is_told_as_that(
    world: World, own_log: Path
) -> None:
    def act_and_fail() -> None:
        with transaction.atomic():
            acts(world["lead"])
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        act_and_fail()
    assert list(verify_audit()) == ["entry 0: its words are missing (removed, or the act failed)"]


@pytest.mark.django_db(transaction=True)
def test_a_database_that_was_set_back_is_found(
    own_log: Path, clock: Callable[[datetime], None], tmp_path: Path
) -> None:
    """The database as it was yesterday, over the log of today: the looks since then show."""
    who = person("ines")
    acts(who, 2)
    connection.ensure_connection()
    kept = sqlite3.connect(tmp_path / "yesterday.sqlite3")
    connection.connection.backup(kept)
    lost = acts(who, 2)
    kept.backup(connection.connection)
    kept.close()
    assert AuditEntry.objects.count() == 2
    assert list(verify_audit()) == [
        f"entry {one.seq}: its words are missing (removed, or the act failed)" for one in lost
    ]


def test_a_log_that_was_cut_is_refused(world: World, own_log: Path) -> None:
    acts(world["lead"], 3)
    path = audit._log().path
    audit._log().close()
    audit._own.folder = None
    with sqlite3.connect(path) as log:
        fences = log.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall()
        for (name,) in fences:
            log.execute(f"DROP TRIGGER {name}")
        log.execute("DELETE FROM custody WHERE seq = 2")
    with pytest.raises(Refused, match="1 of its events are gone"):
        list(verify_audit())


def test_the_page_says_whether_it_holds(world: World, own_log: Path, officer: Client) -> None:
    entry = acts(world["lead"])[0]
    there = reverse("access:audit_verify")
    assert "Every entry agrees with the log." in officer.post(there).content.decode()
    behind_the_back("UPDATE access_auditentry SET what = 'x' WHERE seq = %s", entry.seq)
    page = officer.post(there).content.decode()
    assert "1 entry does not agree with the log." in page
    assert f"entry {entry.seq}: its words were changed" in page


# --- What is written, and who reads it --------------------------------------------------------


def test_every_look_has_person_case_purpose_and_page(world: World) -> None:
    opening(world["lead"], world.case)
    client = signed_in(world["lead"])
    client.get(reverse("cases:items", args=[world.case.key]))
    client.head(reverse("cases:items", args=[world.case.key]))
    looks = AuditEntry.objects.filter(kind="consultation")
    assert [(one.person, one.case, one.purpose, one.what) for one in looks] == [
        (world["lead"], world.case, "investigate", "items")
    ] * 2


def test_a_page_is_not_shown_when_the_look_cannot_be_written(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    opening(world["lead"], world.case)
    client = signed_in(world["lead"])
    client.raise_request_exception = False

    def broken(*_: object) -> None:
        raise OSError("the disk is full")

    monkeypatch.setattr(audit, "_log", broken)
    page = client.get(reverse("cases:case", args=[world.case.key]))
    assert page.status_code == 500
    assert world.case.title not in page.content.decode()


def test_only_the_officer_reads_the_audit(world: World) -> None:
    for who in ("lead", "administrator", "registrar", "approver", "outsider"):
        client = signed_in(world[who])
        for name in ("audit", "anomalies", "audit_verify", "notices", "all_conflicts"):
            assert client.get(reverse(f"access:{name}")).status_code == 404, (who, name)
        assert client.post(reverse("access:audit_export")).status_code == 404
        assert AuditEntry.objects.filter(kind="refusal", person=world[who]).count() == 6


def test_reading_the_audit_is_in_the_audit(world: World, officer: Client) -> None:
    entry = acts(world["lead"])[0]
    officer.get(reverse("access:audit"), {"person": str(world["lead"].pk), "kind": "consultation"})
    officer.get(reverse("access:entry", args=[entry.seq]))
    officer.get(reverse("access:anomalies"))
    read = AuditEntry.objects.filter(person=world["data-protection-officer"]).order_by("seq")
    assert [one.what for one in read][1:] == ["audit", "audit entry", "unusual look-ups"]
    assert read[1].detail["person"] == str(world["lead"].handle)


def test_filters(world: World, officer: Client) -> None:
    lead, analyst = world["lead"], world["analyst"]
    acts(lead, 2, case=world.case)
    acts(analyst, 1, what="network")
    record(Act(kind=Kind.DISCLOSURE, what="package"), by=lead, at=AT - 2 * DAY)

    def found(**asked: str | int) -> list[str]:
        page = officer.get(reverse("access:audit"), asked)
        return [one.what for one in page.context["entries"]]

    assert found(person=analyst.pk) == ["network"]
    assert found(reference=world.case.reference) == ["item", "item"]
    assert found(reference="2099") == []
    assert found(kind="disclosure") == ["package"]
    assert found(what="netw") == ["network"]
    assert found(until="2026-02-28") == ["package"]
    assert found(since="2026-02-28", until="2026-02-28") == ["package"]
    assert "package" not in found(since="2026-03-01")
    page = officer.get(reverse("access:audit"), {"person": lead.pk})
    assert dict(page.context["totals"]) == {"consultation": 2, "disclosure": 1}
    bad = officer.get(reverse("access:audit"), {"since": "yesterday"})
    assert "Enter a valid date" in bad.content.decode()


def test_pages_of_the_audit_follow_on_each_other_without_gap(world: World, officer: Client) -> None:
    acts(world["lead"], PAGE + 5)
    asked: dict[str, int] = {"person": world["lead"].pk}
    first = officer.get(reverse("access:audit"), asked).context
    second = officer.get(
        reverse("access:audit"), {**asked, "before": int(first["following"])}
    ).context
    seqs = [one.seq for one in (*first["entries"], *second["entries"])]
    assert len(first["entries"]) == PAGE
    assert seqs == sorted(
        AuditEntry.objects.filter(person=world["lead"]).values_list("seq", flat=True), reverse=True
    )
    assert second["following"] is None
    for odd in ("-1", "x", "1e9", "٣"):
        assert officer.get(reverse("access:audit"), {"before": odd}).status_code == 200


def test_the_export_is_safe_filtered_and_itself_written_down(world: World, officer: Client) -> None:
    lead = world["lead"]
    evil = '=HYPERLINK("http://evil.example";"x")'
    acts(lead, 1, reason=evil, recipient="@SUM(A1)", case=world.case)
    acts(world["analyst"], 3)
    answer = officer.post(reverse("access:audit_export"), {"person": lead.pk})
    assert answer.headers["Content-Type"] == "text/csv; charset=utf-8"
    assert "attachment" in answer.headers["Content-Disposition"]
    text = b"".join(answer).decode()
    rows = list(csv.DictReader(io.StringIO(text)))
    assert [row["person"] for row in rows] == ["lead"]
    assert rows[0]["reason"] == f"'{evil}"
    assert rows[0]["recipient"] == "'@SUM(A1)"
    told = AuditEntry.objects.get(kind="disclosure", what="audit exported")
    assert told.detail["entries"] == 1
    assert told.detail["person"] == str(lead.handle)
    refused = officer.post(reverse("access:audit_export"), {"since": "yesterday"})
    assert refused.status_code == 400


def test_people_see_what_was_written_about_themselves_and_about_nobody_else(
    world: World,
) -> None:
    acts(world["lead"], 1, what="own look")
    acts(world["analyst"], 1, what="look of another")
    page = signed_in(world["lead"]).get(reverse("access:own_looks")).content.decode()
    assert "own look" in page
    assert "look of another" not in page


def test_asking_for_ones_own_name_is_noted_as_yes_and_never_in_words(world: World) -> None:
    lead = world["lead"]
    lead.full_name = "Inès Núñez"
    lead.save()
    opening(lead, world.case)
    client = signed_in(lead)
    there = reverse("cases:items", args=[world.case.key])
    for asked, yes in (("NUNEZ +39", True), ("inés nunez", True), ("ines", False), ("+39", False)):
        client.get(there, {"q": asked})
        entry = AuditEntry.objects.order_by("-seq")[0]
        assert entry.detail.get("own_name", False) is yes, asked
        assert asked not in str(vars(entry))


def test_unusual_look_ups_show_why_and_what_may_be_innocent(world: World, officer: Client) -> None:
    lead = world["lead"]
    lead.full_name = "Ines Ashgrove"
    lead.save()
    opening(lead, world.case)
    signed_in(lead).get(reverse("cases:items", args=[world.case.key]), {"q": "ashgrove"})
    for _ in range(6):
        signed_in(world["outsider"]).get(reverse("cases:case", args=[world.case.key]))
    page = officer.get(reverse("access:anomalies"))
    # What happens now counts from the next moment on.
    from palermo.desks.access.counting import unusual

    found = {one.rule.rule: one for one in unusual(at=AT + timedelta(minutes=1))}
    assert set(found) == {"own-name", "refusals"}
    assert found["own-name"].person == lead.pk
    assert found["refusals"].number == 6
    text = page.content.decode()
    assert "Why it is shown" in text
    assert "What may be innocent in it" in text


def test_a_membership_that_ended_is_followed_back_to_the_looks_before(world: World) -> None:
    from palermo.desks.access.counting import unusual

    analyst = world["analyst"]
    acts(analyst, 40, case=world.case)
    held = Membership.objects.get(person=analyst)
    members.remove(held, by=world["lead"], at=AT + timedelta(hours=5))
    (one,) = [
        each for each in unusual(at=AT + timedelta(hours=6)) if each.rule.rule == "before-leaving"
    ]
    assert (one.person, one.case, one.number) == (analyst.pk, world.case.pk, 40)
    members.add(world.case, analyst, "analyst", by=world["lead"], at=AT + timedelta(hours=5))
    assert not [
        each for each in unusual(at=AT + timedelta(hours=6)) if each.rule.rule == "before-leaving"
    ], "a changed role is no leaving"
