"""Members of a case and its authorities, through the pages and under attack."""

import tempfile
from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from tests.desks.access.conftest import World
from tests.desks.access.world import (
    AT,
    DAY,
    authority,
    case,
    mandate,
    member,
    opening,
    person,
    seen_by,
    signed_in,
)

from palermo.desks.access import conflicts, members, people
from palermo.desks.access.models import AuditEntry, Membership, Opening
from palermo.model import Refused


def address(world: World, name: str, *more: object) -> str:
    return reverse(f"access:{name}", args=[world.case.key, *more])


def test_a_lead_lets_somebody_in_until_a_day_and_they_are_out_the_day_after(world: World) -> None:
    client, outsider = signed_in(world["lead"]), world["outsider"]
    form = {"person": outsider.pk, "role": "analyst", "until": "2026-03-04"}
    assert client.post(address(world, "members"), form).status_code == 302
    assert seen_by(outsider, "see") == {world.case.reference}
    last = AT.replace(day=5, hour=0)
    assert seen_by(outsider, "see", last - timedelta(microseconds=1))
    assert not seen_by(outsider, "see", last)
    entry = AuditEntry.objects.get(what="member added")
    assert (entry.person, entry.of) == (world["lead"], str(outsider.handle))
    assert entry.detail == {"role": "analyst", "until": last.isoformat()}


def test_a_change_ends_the_old_membership_and_begins_a_new_one(world: World) -> None:
    held = Membership.objects.get(person=world["analyst"])
    client = signed_in(world["lead"])
    client.post(address(world, "member", held.pk), {"role": "examiner", "until": ""})
    rows = list(
        Membership.objects.filter(person=world["analyst"])
        .order_by("pk")
        .values_list("role", "since", "until")
    )
    assert rows == [("analyst", AT - DAY, AT), ("examiner", AT, None)]
    page = client.get(address(world, "members")).content.decode()
    assert "Earlier members" in page


def test_removing_somebody_shuts_what_they_have_open(world: World) -> None:
    analyst = world["analyst"]
    opening(analyst, world.case)
    assert seen_by(analyst, "read")
    held = Membership.objects.get(person=analyst)
    signed_in(world["lead"]).post(address(world, "remove_member", held.pk))
    assert not seen_by(analyst, "see")
    assert Opening.objects.get(person=analyst).closed_at == AT
    members.add(world.case, analyst, "analyst", by=world["lead"], at=AT)
    assert seen_by(analyst, "see")
    assert not seen_by(analyst, "read"), "a new membership opens nothing by itself"


@pytest.mark.parametrize("otherwise", ["remove", "change role", "give an end"])
def test_the_last_lead_stays(world: World, otherwise: str) -> None:
    held = Membership.objects.get(person=world["lead"])
    client = signed_in(world["lead"])
    if otherwise == "remove":
        page = client.post(address(world, "remove_member", held.pk), follow=True)
    elif otherwise == "change role":
        page = client.post(address(world, "member", held.pk), {"role": "analyst"})
    else:
        form = {"role": "lead", "until": "2026-04-01"}
        page = client.post(address(world, "member", held.pk), form)
    assert "at least one lead without an end date" in page.content.decode()
    held.refresh_from_db()
    assert (held.role, held.until) == ("lead", None)
    assert Membership.objects.filter(person=world["lead"]).count() == 1


def test_with_another_lead_the_first_may_go(world: World) -> None:
    held = Membership.objects.get(person=world["lead"])
    members.add(world.case, world["outsider"], "lead", by=world["lead"], at=AT)
    members.remove(held, by=world["lead"], at=AT)
    assert not seen_by(world["lead"], "see")


def test_a_lead_who_left_or_is_in_conflict_is_no_other_lead(world: World) -> None:
    held = Membership.objects.get(person=world["lead"])
    other = person("other")
    member(other, world.case, "lead")
    people.deactivate(other, by=world["administrator"], at=AT)
    with pytest.raises(Refused, match="at least one lead"):
        members.remove(held, by=world["lead"], at=AT)
    third = person("third")
    member(third, world.case, "lead")
    conflicts.declare(world.case, third, "sister", by=third, at=AT)
    with pytest.raises(Refused, match="at least one lead"):
        members.remove(held, by=world["lead"], at=AT)


def test_nobody_is_a_member_twice_nor_with_a_conflict_nor_without_account(world: World) -> None:
    lead, of = world["lead"], world.case
    with pytest.raises(Refused, match="member already"):
        members.add(of, world["analyst"], "examiner", by=lead, at=AT)
    conflicts.declare(of, world["outsider"], "neighbour", by=lead, at=AT)
    with pytest.raises(Refused, match="conflict of interest"):
        members.add(of, world["outsider"], "analyst", by=lead, at=AT)
    gone = person("gone")
    people.deactivate(gone, by=world["administrator"], at=AT)
    with pytest.raises(Refused, match="deactivated"):
        members.add(of, gone, "analyst", by=lead, at=AT)
    with pytest.raises(Refused, match="future"):
        members.add(of, person("late"), "analyst", by=lead, at=AT, until=AT)


def test_a_membership_of_another_case_cannot_be_touched_under_the_key_of_ones_own(
    world: World,
) -> None:
    other = case("2026-0043", by=world["registrar"])
    foreign = member(world["outsider"], other, "lead")
    paper = mandate(other, number=7)
    client = signed_in(world["lead"])
    kept = conflicts.declare(other, world["second"], "r", by=world["outsider"], at=AT)
    for name, pk in (
        ("member", foreign.pk),
        ("remove_member", foreign.pk),
        ("mandate", paper.pk),
        ("withdraw", paper.pk),
        ("conflict", kept.pk),
    ):
        reason = {"reason": "mine", "role": "examiner"}
        assert client.post(address(world, name, pk), reason).status_code in {404, 405}, name
        assert client.get(address(world, name, pk)).status_code in {404, 405}, name
    for one in (foreign, paper, kept):
        before = vars(type(one).objects.get(pk=one.pk))
        assert {name: before[name] for name in ("id", "case_id")} == {
            "id": one.pk,
            "case_id": other.pk,
        }
    paper.refresh_from_db()
    foreign.refresh_from_db()
    kept.refresh_from_db()
    assert (paper.withdrawn_at, foreign.until, kept.lifted_at) == (None, None, None)


@pytest.mark.parametrize("role", ["investigator", "analyst", "second", "examiner"])
def test_only_a_lead_keeps_members_and_authorities(world: World, role: str) -> None:
    client = signed_in(world[role])
    opening(world[role], world.case)
    form = {"person": world["outsider"].pk, "role": "lead"}
    for name in ("members", "mandates", "conflicts"):
        assert client.post(address(world, name), form).status_code == 403
    assert not seen_by(world["outsider"], "see")
    assert AuditEntry.objects.filter(kind="refusal", person=world[role]).count() == 3


def test_a_case_that_lost_its_lead_gets_one_from_a_registrar_who_sees_no_more(
    world: World,
) -> None:
    registrar = signed_in(world["registrar"])
    there = reverse("access:leaderless")
    assert world.case.reference not in registrar.get(there).content.decode()
    form = {"case": world.case.pk, "person": world["outsider"].pk}
    registrar.post(there, form)
    assert not seen_by(world["outsider"], "see"), "a case that has a lead gets no other"
    people.deactivate(world["lead"], by=world["administrator"], at=AT)
    page = registrar.get(there).content.decode()
    assert world.case.reference in page
    assert world.case.title not in page
    registrar.post(there, form)
    assert seen_by(world["outsider"], "members") == {world.case.reference}
    assert not seen_by(world["registrar"], "see")


# --- Authorities -----------------------------------------------------------------------------


def upload(document: bytes) -> dict[str, SimpleUploadedFile]:
    return {"file": SimpleUploadedFile("authority.yaml", document)}


def test_an_authority_is_judged_at_once_and_only_one_that_holds_is_taken(world: World) -> None:
    client = signed_in(world["lead"])
    there = address(world, "mandates")
    over = client.post(there, upload(authority(ends=AT - DAY, number=2)))
    assert "2026-03-01" in over.content.decode()
    not_covering = client.post(there, upload(authority(measures="report", number=3)))
    assert not_covering.status_code == 200
    for nonsense in (b"", b"\xff\xfe", b"a: [", b"palermo_authority: 1"):
        assert client.post(there, upload(nonsense)).status_code == 200
    assert world.case.mandates.count() == 1
    assert client.post(there, upload(authority(number=4))).status_code == 302
    assert world.case.mandates.count() == 2
    twice = client.post(there, upload(authority(number=4)))
    assert "this very authority file already" in twice.content.decode()
    assert client.post(there, upload(b"x" * 300_000)).status_code == 200
    added = AuditEntry.objects.get(what="authority added")
    assert added.of == world.case.mandates.last().sha256  # type: ignore[union-attr]


def test_an_error_of_an_authority_names_no_path_of_this_machine(world: World) -> None:
    page = signed_in(world["lead"]).post(address(world, "mandates"), upload(b"- not a file"))
    assert "authority.yaml" in page.content.decode()
    assert tempfile.gettempdir() not in page.content.decode()


def test_withdrawing_needs_a_reason_and_shuts_what_is_open_under_it(world: World) -> None:
    analyst, client = world["analyst"], signed_in(world["lead"])
    paper = world.case.mandates.get()
    opening(analyst, world.case)
    there = address(world, "withdraw", paper.pk)
    client.post(there, {"reason": "  "})
    assert seen_by(analyst, "read")
    client.post(there, {"reason": "the order was set aside"})
    assert not seen_by(analyst, "read")
    assert Opening.objects.get(person=analyst).closed_at == AT
    paper.refresh_from_db()
    assert (paper.withdrawn_by, paper.withdrawn_reason) == (
        world["lead"],
        "the order was set aside",
    )
    again = client.post(there, {"reason": "again"}, follow=True)
    assert "withdrawn already" in again.content.decode()
    shown = client.get(address(world, "mandates")).content.decode()
    assert "does not hold" in shown


def test_a_case_whose_authorities_have_all_ended_can_be_given_another(world: World) -> None:
    world.case.mandates.update(ends=AT)
    client = signed_in(world["lead"])
    blocked = client.get(reverse("cases:case", args=[world.case.key]))
    assert blocked.headers["Location"].startswith(address(world, "open"))
    client.post(address(world, "mandates"), upload(authority(number=5)))
    made = world.case.mandates.order_by("-pk")[0]
    opened = client.post(address(world, "open"), {"purpose": "investigate", "mandate": made.pk})
    assert opened.status_code == 302
    assert seen_by(world["lead"], "read")
