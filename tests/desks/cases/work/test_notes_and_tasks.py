"""Notes and tasks: who may, what stays, what another case never shows."""

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from tests.desks.cases.work.conftest import Desk

from palermo.desks.access.models import AuditEntry, Case, Membership
from palermo.desks.cases.models import Note, Task


def test_a_note_about_an_item_is_shown_with_it_and_logged(desk: Desk) -> None:
    key = desk.item().ident
    answer = desk.post("analyst", "note_add", subject="item", subject_key=key, text="<b>look</b>")
    assert answer.status_code == 302
    note = Note.rows.get()
    assert (note.subject, note.subject_key, note.by) == (
        "item",
        key,
        desk.sirocco.people["analyst"],
    )
    page = desk.text("second", "about", "item", key)
    assert "&lt;b&gt;look&lt;/b&gt;" in page
    assert "<b>look</b>" not in page
    entry = desk.logged("note")
    assert (entry.kind, entry.of, entry.case) == ("alteration", str(note.pk), desk.case)
    assert "look" not in str(entry.detail)


def test_a_withdrawn_note_stays_marked(desk: Desk) -> None:
    desk.post("analyst", "note_add", text="wrong")
    note = Note.rows.get()
    desk.post("analyst", "note_withdraw", note.pk)
    note.refresh_from_db()
    assert note.withdrawn_by == desk.sirocco.people["analyst"]
    page = desk.text("analyst", "notebook")
    assert "<del>" in page
    assert "wrong" in page
    assert "withdrawn by Analyst" in page


def test_a_note_of_somebody_else_is_withdrawn_by_a_lead_only(desk: Desk) -> None:
    desk.post("analyst", "note_add", text="mine")
    pk = Note.rows.get().pk
    assert desk.post("investigator", "note_withdraw", pk).status_code == 404
    assert Note.rows.get().withdrawn_at is None
    assert desk.post("lead", "note_withdraw", pk).status_code == 302
    assert Note.rows.get().withdrawn_at is not None


def test_an_empty_note_is_not_kept_and_the_page_says_what_is_missing(desk: Desk) -> None:
    answer = desk.post("analyst", "note_add", text="  ")
    assert answer.status_code == 422
    assert b"It was not kept" in answer.content
    assert not Note.rows.exists()


@pytest.mark.parametrize(
    ("subject", "key"),
    [
        ("item", "foreign-0"),
        ("network", "n-foreign"),
        ("identifier", "phone:+1"),
        ("link", '["foreign-0","foreign-1","phone:+1"]'),
        ("case", "something"),
        ("person", "x"),
        ("item", ""),
        ("link", "no name"),
    ],
)
def test_nothing_is_written_about_a_thing_of_another_case(
    desk: Desk, foreign: Case, subject: str, key: str
) -> None:
    answer = desk.post("lead", "note_add", subject=subject, subject_key=key, text="x")
    assert answer.status_code == 404
    assert not Note.rows.exists()
    if key:
        assert desk.get("lead", "about", subject, key).status_code == 404


def test_the_key_of_one_case_does_not_open_rows_of_another(desk: Desk, foreign: Case) -> None:
    analyst = desk.sirocco.client("analyst")
    analyst.post(reverse("cases:note_add", args=[foreign.key]), {"text": "theirs"})
    analyst.post(reverse("cases:task_add", args=[foreign.key]), {"text": "theirs"})
    note, task = Note.rows.get(), Task.rows.get()
    assert note.case == foreign
    for who in ("lead", "analyst"):
        assert desk.post(who, "note_withdraw", note.pk).status_code == 404
        assert desk.post(who, "task_done", task.pk).status_code == 404
    assert Task.rows.get().done_at is None


@pytest.mark.parametrize("who", ["examiner", "reader"])
def test_readers_write_nothing(desk: Desk, who: str) -> None:
    for name in ("note_add", "task_add"):
        assert desk.post(who, name, text="x").status_code == 403
    assert not Note.rows.exists()
    assert not Task.rows.exists()
    assert "Write the note" not in desk.text(who, "notebook")


def test_an_outsider_learns_nothing_and_somebody_who_has_not_opened_is_asked_why(
    desk: Desk,
) -> None:
    assert desk.post("outsider", "note_add", text="x").status_code == 404
    answer = desk.post("idle", "note_add", text="x")
    assert answer["Location"] == reverse("access:open", args=[desk.case.key])
    assert not Note.rows.exists()


def test_a_form_without_the_token_is_refused(desk: Desk) -> None:
    client = desk.sirocco.client("lead")
    strict = Client(enforce_csrf_checks=True)
    strict.cookies = client.cookies
    answer = strict.post(reverse("cases:note_add", args=[desk.case.key]), {"text": "x"})
    assert answer.status_code == 403
    assert not Note.rows.exists()


@pytest.mark.parametrize("there", ["https://example.org/", "//example.org", "javascript:alert(1)"])
def test_a_form_leads_back_to_this_origin_only(desk: Desk, there: str) -> None:
    answer = desk.post("analyst", "note_add", text="x", next=there)
    assert "example.org" not in answer["Location"]
    assert "javascript" not in answer["Location"]


def test_a_task_for_oneself_done_and_reopened(desk: Desk) -> None:
    me = desk.sirocco.people["analyst"]
    due = desk.sirocco.at.date() + timedelta(days=2)
    desk.post("analyst", "task_add", text="call the hotline", assignee=me.pk, due=due.isoformat())
    task = Task.rows.get()
    assert (task.assignee, task.due) == (me, due)
    assert "call the hotline" in desk.text("analyst", "case")
    desk.post("investigator", "task_done", task.pk)
    task.refresh_from_db()
    assert task.done_by == desk.sirocco.people["investigator"]
    assert "call the hotline" not in desk.text("analyst", "tasks")
    assert "call the hotline" in desk.text("analyst", "tasks", done="1")
    desk.post("analyst", "task_reopen", task.pk)
    task.refresh_from_db()
    assert Task.rows.filter(done_at=None, done_by=None).exists()
    kinds = AuditEntry.objects.filter(what__startswith="task", kind="alteration")
    assert list(kinds.order_by("seq").values_list("what", flat=True)) == [
        "task",
        "task done",
        "task reopened",
    ]


def test_tasks_go_to_members_only_and_only_a_lead_gives_them_to_others(desk: Desk) -> None:
    people = desk.sirocco.people
    assert (
        desk.post("lead", "task_add", text="x", assignee=people["outsider"].pk).status_code == 422
    )
    assert desk.post("analyst", "task_add", text="x", assignee=people["lead"].pk).status_code == 422
    assert not Task.rows.exists()
    desk.post("lead", "task_add", text="x", assignee=people["analyst"].pk)
    task = Task.rows.get()
    assert desk.post("analyst", "task_assign", task.pk, assignee="").status_code == 403
    for bad in (people["outsider"].pk, "x", "9" * 40):
        assert desk.post("lead", "task_assign", task.pk, assignee=bad).status_code == 404
    desk.post("lead", "task_assign", task.pk, assignee=people["second"].pk)
    task.refresh_from_db()
    assert task.assignee == people["second"]


def test_a_former_member_gets_no_task(desk: Desk) -> None:
    person = desk.sirocco.people["analyst"]
    Membership.objects.filter(person=person).update(until=desk.sirocco.at)
    assert desk.post("lead", "task_add", text="x", assignee=person.pk).status_code == 422


def test_a_day_that_is_over_is_refused(desk: Desk) -> None:
    answer = desk.post("analyst", "task_add", text="x", due="2020-01-01")
    assert answer.status_code == 422
    assert b"This day is over" in answer.content


def test_my_tasks_on_the_list_of_cases_only_of_those_that_are_open(desk: Desk) -> None:
    people = desk.sirocco.people
    for who in ("analyst", "idle"):
        desk.post("lead", "task_add", text=f"secret of {who}", assignee=people[who].pk)
    there = reverse("cases:list")
    page = desk.sirocco.client("analyst").get(there).content.decode()
    assert "secret of analyst" in page
    assert desk.logged("own tasks").person == people["analyst"]
    page = desk.sirocco.client("idle").get(there).content.decode()
    assert "secret of idle" not in page
    assert "Tasks in cases that you have not opened are not shown" in page
    assert "secret" not in desk.sirocco.client("outsider").get(there).content.decode()
