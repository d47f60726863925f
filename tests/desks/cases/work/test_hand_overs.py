"""Sharing a case with another unit and handing it over: who sees it when, and what is logged."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from tests.desks.cases.sirocco import person, signed_in
from tests.desks.cases.work.conftest import Desk

from palermo.desks.access.models import (
    AuditEntry,
    Case,
    Conflict,
    Membership,
    Opening,
    Person,
    Unit,
)
from palermo.desks.access.visibility import Viewer, visible_cases
from palermo.desks.cases.models import Claim, HandOver, Release


@dataclass(frozen=True, slots=True)
class Cyber:
    """The other unit: its lead, and somebody else of it."""

    unit: Unit
    lead: Person
    colleague: Person

    def answer(self, who: Person, name: str, **fields: Any) -> Any:
        pk = HandOver.objects.get().pk
        return signed_in(who).post(reverse(f"cases:{name}", args=[pk]), {"reason": "ours"} | fields)


@pytest.fixture
def cyber(desk: Desk) -> Cyber:
    unit = Unit.objects.create(name="Cyber unit")
    return Cyber(unit, person("cyberlead", unit), person("cybercolleague", unit))


def offer(desk: Desk, cyber: Cyber, who: str = "lead", **fields: Any) -> Any:
    given = {"to_lead": cyber.lead.pk, "share": "share", "reason": "seized phones"} | fields
    return desk.post(who, "hand_over", **given)


def roles(desk: Desk, who: Person) -> set[str]:
    """Return the actions a person may do without opening: which tells whether they are members."""
    viewer = Viewer(person=who.pk, at=desk.sirocco.at)
    return {a for a in ("see",) if visible_cases(viewer, a).filter(pk=desk.case.pk).exists()}


def opened(desk: Desk, who: Person) -> Client:
    """Open the case for `who` through the page, and return their browser."""
    client = signed_in(who)
    there = reverse("access:open", args=[desk.case.key])
    mandate = desk.case.mandates.get().pk
    assert client.post(there, {"purpose": "investigate", "mandate": mandate}).status_code == 302
    return client


def test_a_shared_case_is_seen_by_both_units_after_it_was_taken_up(
    desk: Desk, cyber: Cyber
) -> None:
    assert offer(desk, cyber).status_code == 302
    made = HandOver.objects.get()
    assert (made.from_unit, made.to_unit, made.state) == (desk.case.unit, cyber.unit, "waits")
    assert not roles(desk, cyber.lead)
    page = signed_in(cyber.lead).get(reverse("cases:offers")).content.decode()
    assert "SIROCCO-1" in page
    assert "seized phones" in page
    assert "s1-0000" not in page
    answer = cyber.answer(cyber.lead, "take_up")
    assert answer["Location"] == reverse("access:open", args=[desk.case.key])
    theirs = opened(desk, cyber.lead)
    theirs.post(reverse("cases:note_add", args=[desk.case.key]), {"text": "from the cyber unit"})
    assert "from the cyber unit" in desk.text("analyst", "notebook")
    desk.case.refresh_from_db()
    assert desk.case.unit == made.from_unit


def test_every_step_is_logged_as_disclosure_with_the_recipient(desk: Desk, cyber: Cyber) -> None:
    offer(desk, cyber)
    cyber.answer(cyber.lead, "take_up")
    for what in ("hand-over proposed", "hand-over taken up"):
        entry = desk.logged(what)
        assert (entry.kind, entry.case) == ("disclosure", desk.case)
        assert entry.recipient == "Cyber unit: Cyberlead"
    assert desk.logged("hand-over taken up").person == cyber.lead


def test_a_case_handed_over_leaves_the_old_unit_reading_until_the_day(
    desk: Desk, cyber: Cyber
) -> None:
    day = desk.sirocco.at.date() + timedelta(days=10)
    assert offer(desk, cyber, share="over", keeps_until=day.isoformat()).status_code == 302
    assert desk.post("analyst", "note_add", text="still ours").status_code == 302
    cyber.answer(cyber.lead, "take_up")
    desk.case.refresh_from_db()
    assert desk.case.unit == cyber.unit
    assert "still ours" in desk.text("analyst", "notebook")
    assert desk.post("analyst", "note_add", text="too late").status_code == 403
    assert desk.get("lead", "hand_over").status_code == 403
    # The opening of an hour ago does not outlive the membership.
    later = Viewer(
        person=desk.sirocco.people["analyst"].pk, at=desk.sirocco.at + timedelta(days=11)
    )
    Opening.objects.update(ends=later.at + timedelta(days=1))
    desk.case.mandates.update(ends=later.at + timedelta(days=1))
    assert not visible_cases(later, "read").exists()
    earlier = Viewer(person=later.person, at=later.at - timedelta(days=1, hours=9))
    assert visible_cases(earlier, "read").exists()
    assert not visible_cases(earlier, "note").exists()


def test_a_case_handed_over_without_a_day_is_gone_for_the_old_unit(
    desk: Desk, cyber: Cyber
) -> None:
    offer(desk, cyber, share="over")
    cyber.answer(cyber.lead, "take_up")
    for who in ("lead", "analyst", "reader", "second"):
        assert desk.get(who, "case").status_code == 404
    assert (
        "SIROCCO-1"
        in opened(desk, cyber.lead)
        .get(reverse("cases:case", args=[desk.case.key]))
        .content.decode()
    )


def test_members_of_a_third_unit_stay(desk: Desk, cyber: Cyber) -> None:
    third = Unit.objects.create(name="Financial unit")
    analyst = desk.sirocco.people["analyst"]
    Person.objects.filter(pk=analyst.pk).update(unit=third)
    offer(desk, cyber, share="over")
    cyber.answer(cyber.lead, "take_up")
    assert desk.get("analyst", "case").status_code == 200


def test_a_refusal_needs_a_reason_and_opens_nothing(desk: Desk, cyber: Cyber) -> None:
    offer(desk, cyber)
    assert cyber.answer(cyber.lead, "refuse", reason="").status_code == 422
    assert cyber.answer(cyber.lead, "refuse", reason="not ours").status_code == 302
    assert HandOver.objects.get().state == "refused"
    assert not roles(desk, cyber.lead)
    assert cyber.answer(cyber.lead, "take_up").status_code == 404
    assert "not ours" in desk.text("lead", "hand_over")


def test_nobody_else_answers(desk: Desk, cyber: Cyber) -> None:
    offer(desk, cyber)
    for who in (cyber.colleague, *desk.sirocco.people.values()):
        assert cyber.answer(who, "take_up").status_code == 404
        assert cyber.answer(who, "refuse").status_code == 404
        assert "SIROCCO-1" not in signed_in(who).get(reverse("cases:offers")).content.decode()
    assert HandOver.objects.get().state == "waits"


def test_it_is_answered_once(desk: Desk, cyber: Cyber) -> None:
    offer(desk, cyber)
    cyber.answer(cyber.lead, "take_up")
    assert cyber.answer(cyber.lead, "take_up").status_code == 404
    assert cyber.answer(cyber.lead, "refuse").status_code == 404
    assert Membership.objects.filter(person=cyber.lead).count() == 1


def conflict(who: Person, case: Case) -> None:
    Conflict.objects.create(
        person=who, case=case, reason="a relative", declared_at=case.created_at, declared_by=who
    )


def test_what_makes_an_offer_lapse(desk: Desk, cyber: Cyber) -> None:
    offer(desk, cyber)
    lead = desk.sirocco.people["lead"]

    def waits() -> bool:
        page = signed_in(cyber.lead).get(reverse("cases:offers")).content.decode()
        return "SIROCCO-1" in page

    assert waits()
    conflict(cyber.lead, desk.case)
    assert not waits()
    assert cyber.answer(cyber.lead, "take_up").status_code == 404
    Conflict.objects.all().delete()
    Person.objects.filter(pk=cyber.lead.pk).update(unit=desk.case.unit)
    assert not waits()
    Person.objects.filter(pk=cyber.lead.pk).update(unit=cyber.unit)
    Case.objects.filter(pk=desk.case.pk).update(status="closed")
    assert not waits()
    Case.objects.filter(pk=desk.case.pk).update(status="open")
    assert waits()
    Membership.objects.filter(person=lead).update(until=desk.sirocco.at)
    assert not waits()
    assert cyber.answer(cyber.lead, "take_up").status_code == 404
    assert not roles(desk, cyber.lead)


@pytest.mark.parametrize("who", ["investigator", "analyst", "second", "examiner", "reader"])
def test_only_a_lead_offers(desk: Desk, cyber: Cyber, who: str) -> None:
    assert offer(desk, cyber, who).status_code == 403
    assert not HandOver.objects.exists()


@pytest.mark.parametrize("whom", ["lead", "analyst"])
def test_not_to_oneself_nor_within_the_unit(desk: Desk, cyber: Cyber, whom: str) -> None:
    assert offer(desk, cyber, to_lead=desk.sirocco.people[whom].pk).status_code == 422
    assert not HandOver.objects.exists()


def test_one_offer_at_a_time_which_can_be_recalled(desk: Desk, cyber: Cyber) -> None:
    offer(desk, cyber)
    answer = offer(desk, cyber)
    assert answer.status_code == 422
    assert b"One is proposed already" in answer.content
    assert AuditEntry.objects.filter(what="hand-over proposed").count() == 1
    desk.post("lead", "recall", HandOver.objects.get().pk)
    assert cyber.answer(cyber.lead, "take_up").status_code == 404
    assert offer(desk, cyber).status_code == 302


def test_an_offer_of_another_case_is_not_recalled(desk: Desk, cyber: Cyber, foreign: Case) -> None:
    desk.sirocco.client("analyst").post(
        reverse("cases:hand_over", args=[foreign.key]),
        {"to_lead": cyber.lead.pk, "share": "share", "reason": "x"},
    )
    assert desk.post("lead", "recall", HandOver.objects.get(case=foreign).pk).status_code == 404
    assert HandOver.objects.get().state == "waits"


def test_claims_held_back_by_their_code_go_along_only_with_permission(
    desk: Desk, cyber: Cyber
) -> None:
    Claim.rows.create(
        case=desk.case,
        by=desk.sirocco.people["analyst"],
        at=desk.sirocco.at,
        predicate="p",
        value="v",
        source="s",
        said_at=desk.sirocco.at,
        handling="H2",
    )
    answer = offer(desk, cyber)
    assert answer.status_code == 422
    assert "permit" in answer.context["form"].errors
    assert not HandOver.objects.exists()
    assert offer(desk, cyber, permit="on").status_code == 302
    permission = Release.rows.get()
    assert (permission.way, permission.reason) == ("unit", "seized phones")
    assert desk.logged("hand-over proposed").detail == {"share": True, "claims_released": 1}


def test_a_day_in_the_past_is_refused(desk: Desk, cyber: Cyber) -> None:
    assert offer(desk, cyber, share="over", keeps_until="2020-01-01").status_code == 422
