"""Who did what in a case, as its members see it."""

from typing import Any

import pytest
from django.urls import reverse
from tests.desks.cases.work.conftest import Desk

from palermo.desks.access.models import Case


def acts(desk: Desk, who: str = "lead", **query: str) -> list[Any]:
    found: list[Any] = desk.get(who, "activity", **query).context["acts"]
    return found


def test_what_was_done_is_told_with_what_it_was_about(desk: Desk) -> None:
    key = desk.item().ident
    desk.post("analyst", "note_add", subject="item", subject_key=key, text="two phones")
    desk.post("analyst", "judge", verdict="unsure", reason="too short", **desk.link())
    desk.text("reader", "claims")
    newest, before = acts(desk)[:2]
    assert (str(newest.words), newest.text) == ("judged", "unsure: too short")
    assert (str(before.words), before.about, before.text) == (
        "wrote a note",
        f"item {key}",
        "two phones",
    )
    assert before.entry.person == desk.sirocco.people["analyst"]
    page = desk.text("reader", "activity")
    assert "two phones" in page
    assert "two phones" in desk.text("reader", "case")


def test_looks_are_left_out_and_refusals_are_for_those_who_manage_members(desk: Desk) -> None:
    desk.text("reader", "claims")
    desk.post("reader", "note_add", text="x")
    desk.get("outsider", "case")
    kinds = {one.entry.kind for one in acts(desk)}
    assert "consultation" not in kinds
    assert "refusal" in kinds
    for who in ("analyst", "reader"):
        assert "refusal" not in {one.entry.kind for one in acts(desk, who)}
        assert not acts(desk, who, kind="refusal")
    assert desk.get("lead", "activity", kind="consultation").context["form"].errors


def test_filters_by_person_kind_and_day(desk: Desk) -> None:
    desk.post("analyst", "note_add", text="of the analyst")
    desk.post("investigator", "note_add", text="of the investigator")
    desk.post("investigator", "claims_export")
    analyst = desk.sirocco.people["analyst"]
    assert [one.text for one in acts(desk, person=str(analyst.pk))] == ["of the analyst"]
    assert {one.entry.what for one in acts(desk, kind="disclosure")} == {"claims export"}
    day = desk.sirocco.at.date().isoformat()
    assert len(acts(desk, since=day, until=day)) == 3
    assert acts(desk, until="2026-11-24") == []
    assert acts(desk, since="2026-11-26") == []


@pytest.mark.parametrize(
    "query", [{"person": "x"}, {"since": "tomorrow"}, {"kind": "magic"}, {"person": "999999"}]
)
def test_filters_that_mean_nothing_show_nothing_and_say_so(
    desk: Desk, query: dict[str, str]
) -> None:
    desk.post("analyst", "note_add", text="x")
    page = desk.get("lead", "activity", **query)
    assert page.status_code == 200
    assert page.context["form"].errors
    assert page.context["acts"] == []


def test_pages_follow_each_other_without_gap(desk: Desk) -> None:
    client = desk.sirocco.client("analyst")
    for n in range(60):
        client.post(reverse("cases:note_add", args=[desk.case.key]), {"text": f"note {n}"})
    first = desk.get("lead", "activity")
    assert len(first.context["acts"]) == 50
    second = acts(desk, before=str(first.context["next"]))
    texts = [one.text for one in [*first.context["acts"], *second]]
    assert [one for one in texts if one.startswith("note")] == [
        f"note {n}" for n in reversed(range(60))
    ]


def test_another_case_is_not_told(desk: Desk, foreign: Case) -> None:
    analyst = desk.sirocco.client("analyst")
    analyst.post(reverse("cases:note_add", args=[foreign.key]), {"text": "theirs"})
    assert "theirs" not in desk.text("lead", "activity")
    there = reverse("cases:activity", args=[foreign.key])
    assert desk.sirocco.client("lead").get(there).status_code == 404


def test_a_page_costs_the_same_number_of_queries_however_much_was_done(
    desk: Desk, django_assert_max_num_queries: Any
) -> None:
    client = desk.sirocco.client("analyst")
    for n in range(30):
        client.post(reverse("cases:note_add", args=[desk.case.key]), {"text": f"note {n}"})
        client.post(reverse("cases:task_add", args=[desk.case.key]), {"text": f"task {n}"})
    reader = desk.sirocco.client("reader")
    with django_assert_max_num_queries(30):
        reader.get(reverse("cases:activity", args=[desk.case.key]))
