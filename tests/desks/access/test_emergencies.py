"""Emergencies, through the pages: two persons, an hour, the officer told, and no oracle."""

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse
from tests.desks.access.conftest import World
from tests.desks.access.world import AT, HOUR, member, opening, person, seen_by, signed_in

from palermo.desks.access import conflicts, emergencies
from palermo.desks.access.models import AuditEntry, Emergency, Notice
from palermo.model import Refused

Clock = Callable[[datetime], None]


def address(world: World, name: str, *more: object) -> str:
    return reverse(f"access:{name}", args=[world.case.key, *more])


@pytest.fixture
def asker(world: World) -> Client:
    return signed_in(world["outsider"])


@pytest.fixture
def approver(world: World) -> Client:
    return signed_in(world["approver"])


def asked(client: Client, reference: str, reason: str = "a child in danger") -> Emergency:
    form = {"reference": reference, "reason": reason}
    assert client.post(reverse("access:emergencies"), form).status_code == 302
    return Emergency.objects.order_by("-pk")[0]


def answered(client: Client, one: Emergency, answer: str = "agree", minutes: int = 30) -> str:
    form = {"answer": answer, "minutes": minutes, "reason": "called back"}
    page = client.post(reverse("access:emergency", args=[one.pk]), form, follow=True)
    return page.content.decode()


def test_from_the_request_to_reading_and_its_end(
    world: World, asker: Client, approver: Client, clock: Clock
) -> None:
    page = reverse("cases:case", args=[world.case.key])
    one = asked(asker, world.case.reference)
    assert asker.get(page).status_code == 404, "nothing is open before somebody agrees"
    answered(approver, one)
    shown = asker.get(page)
    assert shown.status_code == 200
    assert "for reading only, until 09:30" in shown.content.decode()
    assert world.case.reference in asker.get(reverse("cases:list")).content.decode()
    look = AuditEntry.objects.get(kind="consultation", what="case")
    assert look.purpose == "emergency"
    assert look.detail == {"emergency": one.pk}
    for action in ("material", "notes"):
        answer = asker.post(f"{page}{action}/")
        assert answer.status_code in {403, 404}
    clock(AT + timedelta(minutes=30))
    session = asker.session
    session["palermo_seen"] = (AT + timedelta(minutes=29)).timestamp()
    session.save()
    assert asker.get(page).status_code == 404
    assert "was open until" in asker.get(reverse("access:emergencies")).content.decode()


def test_the_look_in_an_emergency_names_its_ground_in_the_custody_log(
    world: World, asker: Client, approver: Client
) -> None:
    from palermo.desks.access.audit import _log

    answered(approver, asked(asker, world.case.reference))
    asker.get(reverse("cases:case", args=[world.case.key]))
    (event,) = [
        one.event
        for one in _log().entries()
        if one.seq == AuditEntry.objects.get(kind="consultation", what="case").seq
    ]
    assert (event.ground.power, event.ground.case) == ("node/emergency", world.case.key)
    assert event.purpose == "emergency"


def test_the_officer_is_told_of_request_and_answer_and_sees_them_off(
    world: World, asker: Client, approver: Client
) -> None:
    officer = signed_in(world["data-protection-officer"])
    there = reverse("access:notices")
    answered(approver, asked(asker, world.case.reference))
    front = officer.get(reverse("cases:list"))
    assert front.context["unseen_notices"] == 2
    page = officer.get(there).content.decode()
    assert "emergency asked" in page
    assert "emergency agreed" in page
    assert "a child in danger" in page
    chosen = list(Notice.objects.values_list("pk", flat=True))
    officer.post(there, {"notice": chosen[:1]})
    assert officer.get(there).context["unseen_notices"] == 1
    officer.post(there, {"notice": chosen})
    assert officer.get(there).context["unseen_notices"] == 0
    assert set(Notice.objects.values_list("seen_by", flat=True)) == {
        world["data-protection-officer"].pk
    }


def test_an_officer_does_not_see_off_what_they_did_themselves(world: World) -> None:
    officer = world["data-protection-officer"]
    client = signed_in(officer)
    asked(client, world.case.reference)
    notice = Notice.objects.get()
    client.post(reverse("access:notices"), {"notice": notice.pk})
    notice.refresh_from_db()
    assert notice.seen_at is None
    other = signed_in(person("officer-2", "data-protection-officer"))
    other.post(reverse("access:notices"), {"notice": notice.pk})
    notice.refresh_from_db()
    assert notice.seen_at == AT


def test_whoever_asks_cannot_tell_an_unknown_reference_from_a_known_one(
    world: World, asker: Client, clock: Clock
) -> None:
    """The same pages, statuses and words, before and after the request lapses; two tables apart."""

    def seen(reference: str) -> tuple[str, str]:
        Emergency.objects.all().delete()
        asked(asker, reference)
        now = asker.get(reverse("access:emergencies")).content.decode()
        clock(AT + HOUR)
        session = asker.session
        session["palermo_seen"] = (AT + HOUR).timestamp()
        session.save()
        later = asker.get(reverse("access:emergencies")).content.decode()
        clock(AT)
        return now.replace(reference, "REF"), later.replace(reference, "REF")

    def plain(pages: tuple[str, str]) -> list[str]:
        return [line for page in pages for line in page.splitlines() if "csrf" not in line]

    known, unknown = plain(seen(world.case.reference)), plain(seen("2099-0001"))
    assert known == unknown
    assert any("waits for an answer" in line for line in known)
    assert any("nobody answered within an hour" in line for line in known)


def test_a_refusal_looks_the_same_for_both(world: World, asker: Client, approver: Client) -> None:
    for reference in (world.case.reference, "2099-0001"):
        answered(approver, asked(asker, reference), "refuse")
    page = asker.get(reverse("access:emergencies")).content.decode()
    assert page.count("refused: ") == 2


def test_an_unknown_reference_can_only_be_refused(
    world: World, asker: Client, approver: Client
) -> None:
    one = asked(asker, "2099-0001")
    assert "no such case" in approver.get(reverse("access:approvals")).content.decode()
    assert "No case has this reference" in answered(approver, one)
    one.refresh_from_db()
    assert one.answered_at is None


def test_references_cannot_be_tried_out(world: World, asker: Client) -> None:
    for number in range(emergencies.ASKED_AN_HOUR):
        asked(asker, f"2026-00{number}")
    form = {"reference": "2026-0042", "reason": "one more"}
    page = asker.post(reverse("access:emergencies"), form)
    assert "Too many requests" in page.content.decode()
    assert Emergency.objects.count() == emergencies.ASKED_AN_HOUR


def test_nobody_agrees_to_their_own_request(world: World, approver: Client) -> None:
    one = asked(approver, world.case.reference)
    assert "request of their own" in answered(approver, one)
    with pytest.raises(IntegrityError), transaction.atomic():
        Emergency.objects.filter(pk=one.pk).update(answered_by=world["approver"])
    assert not seen_by(world["approver"], "read")


def test_a_conflict_of_either_keeps_it_shut(world: World, asker: Client, approver: Client) -> None:
    one = asked(asker, world.case.reference)
    conflicts.declare(world.case, world["approver"], "r", by=world["lead"], at=AT)
    assert "keeps you out" in answered(approver, one)
    assert "keeps you out" in answered(approver, one, "refuse")
    conflicts.declare(world.case, world["outsider"], "r", by=world["lead"], at=AT)
    other = signed_in(person("approver-2", "approver"))
    assert "keeps whoever asks out" in answered(other, one)
    assert not seen_by(world["outsider"], "read")


def test_a_conflict_declared_during_an_emergency_shuts_it(
    world: World, asker: Client, approver: Client
) -> None:
    answered(approver, asked(asker, world.case.reference))
    assert seen_by(world["outsider"], "read")
    conflicts.declare(world.case, world["outsider"], "r", by=world["lead"], at=AT)
    assert not seen_by(world["outsider"], "read")


@pytest.mark.parametrize("minutes", [0, -5, 61, 10**9])
def test_no_emergency_lasts_longer_than_an_hour(
    world: World, asker: Client, approver: Client, minutes: int
) -> None:
    one = asked(asker, world.case.reference)
    answered(approver, one, minutes=minutes)
    one.refresh_from_db()
    assert one.answered_at is None
    with pytest.raises(Refused, match="between 1 and 60"):
        emergencies.answer(one, agreed=True, by=world["approver"], at=AT, minutes=minutes)


def test_a_request_lapses_and_is_answered_once(
    world: World, asker: Client, approver: Client
) -> None:
    one = asked(asker, world.case.reference)
    with pytest.raises(Refused, match="lapsed"):
        emergencies.answer(one, agreed=True, by=world["approver"], at=AT + HOUR)
    emergencies.answer(one, agreed=False, by=world["approver"], at=AT)
    with pytest.raises(Refused, match="answered already"):
        emergencies.answer(one, agreed=True, by=world["approver"], at=AT)


def test_only_an_approver_answers(world: World, asker: Client) -> None:
    one = asked(asker, world.case.reference)
    for who in ("lead", "administrator", "registrar", "data-protection-officer"):
        page = signed_in(world[who]).post(reverse("access:emergency", args=[one.pk]))
        assert page.status_code == 404
        with pytest.raises(Refused, match="hold the duty"):
            emergencies.answer(one, agreed=True, by=world[who], at=AT)


def test_whoever_asked_and_whoever_agreed_can_end_it_and_nobody_else(
    world: World, asker: Client, approver: Client
) -> None:
    for ender in (asker, approver):
        one = asked(asker, world.case.reference)
        answered(approver, one)
        there = reverse("access:end_emergency", args=[one.pk])
        assert signed_in(world["lead"]).post(there).status_code == 404
        assert seen_by(world["outsider"], "read")
        ender.post(there)
        assert not seen_by(world["outsider"], "read")


def test_shutting_the_case_ends_the_emergency(
    world: World, asker: Client, approver: Client
) -> None:
    answered(approver, asked(asker, world.case.reference))
    asker.post(address(world, "shut"))
    assert not seen_by(world["outsider"], "see")
    assert AuditEntry.objects.filter(what="emergency ended").exists()


def test_a_member_whose_authority_has_ended_reads_in_an_emergency_and_writes_nothing(
    world: World, approver: Client
) -> None:
    lead = world["lead"]
    world.case.mandates.update(ends=AT)
    answered(approver, asked(signed_in(lead), world.case.reference))
    assert seen_by(lead, "read")
    assert not any(seen_by(lead, action) for action in ("note", "import", "export", "package"))


def test_an_opening_is_used_before_an_emergency_as_the_ground(
    world: World, asker: Client, approver: Client
) -> None:
    answered(approver, asked(asker, world.case.reference))
    member(world["outsider"], world.case, "analyst")
    opening(world["outsider"], world.case)
    asker.get(reverse("cases:case", args=[world.case.key]))
    look = AuditEntry.objects.get(kind="consultation", what="case")
    assert (look.purpose, look.detail) == ("investigate", {})
