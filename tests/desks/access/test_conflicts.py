"""Conflicts of interest, through the pages: at once, and lifted by somebody else only."""

from collections.abc import Callable
from datetime import datetime

import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse
from tests.desks.access.conftest import World
from tests.desks.access.world import AT, opening, seen_by, signed_in

from palermo.desks.access import conflicts
from palermo.desks.access.models import Conflict, Opening
from palermo.model import Refused

Clock = Callable[[datetime], None]


def address(world: World, name: str, *more: object) -> str:
    return reverse(f"access:{name}", args=[world.case.key, *more])


def test_ones_own_conflict_works_at_once_on_the_open_case(world: World) -> None:
    analyst = world["analyst"]
    opening(analyst, world.case)
    client = signed_in(analyst)
    assert client.get(reverse("cases:case", args=[world.case.key])).status_code == 200
    done = client.post(address(world, "own_conflict"), {"reason": "my cousin is in it"})
    assert done.headers["Location"] == reverse("cases:list")
    assert client.get(reverse("cases:case", args=[world.case.key])).status_code == 404
    assert world.case.reference not in client.get(reverse("cases:list")).content.decode()
    assert Opening.objects.get(person=analyst).closed_at == AT


def test_a_lead_declares_that_of_a_member_and_lifts_it_with_a_reason(world: World) -> None:
    lead, analyst = world["lead"], world["analyst"]
    client = signed_in(lead)
    client.post(address(world, "conflicts"), {"person": analyst.pk, "reason": "neighbour"})
    assert not seen_by(analyst, "see")
    found = Conflict.objects.get()
    client.post(address(world, "conflict", found.pk), {"reason": "   "})
    assert not seen_by(analyst, "see")
    client.post(address(world, "conflict", found.pk), {"reason": "another person of that name"})
    assert seen_by(analyst, "see")
    found.refresh_from_db()
    assert (found.lifted_by, found.lifted_reason) == (lead, "another person of that name")


def test_nobody_lifts_their_own_neither_by_page_nor_by_function_nor_in_the_database(
    world: World,
) -> None:
    lead, officer = world["lead"], world["data-protection-officer"]
    found = conflicts.declare(world.case, lead, "r", by=lead, at=AT)
    with pytest.raises(Refused, match="Somebody else"):
        conflicts.lift(found, "no longer", by=lead, at=AT)
    with pytest.raises(IntegrityError), transaction.atomic():
        Conflict.objects.filter(pk=found.pk).update(lifted_at=AT, lifted_by=lead)
    own = conflicts.declare(world.case, officer, "r", by=officer, at=AT)
    signed_in(officer).post(reverse("access:lift", args=[own.pk]), {"reason": "mine"})
    own.refresh_from_db()
    assert own.lifted_at is None
    signed_in(officer).post(reverse("access:lift", args=[found.pk]), {"reason": "cleared"})
    assert seen_by(lead, "see")


def test_the_officer_declares_by_reference_and_sees_no_title(world: World) -> None:
    client = signed_in(world["data-protection-officer"])
    there = reverse("access:all_conflicts")
    form = {"reference": world.case.reference, "person": world["lead"].pk, "reason": "brother"}
    assert client.post(there, form).status_code == 302
    page = client.get(there).content.decode()
    assert world.case.reference in page
    assert world.case.title not in page
    assert not seen_by(world["lead"], "see")
    unknown = client.post(there, {**form, "reference": "2099-1"})
    assert "No case has this reference" in unknown.content.decode()


def test_a_second_declaration_is_refused(world: World) -> None:
    conflicts.declare(world.case, world["lead"], "r", by=world["lead"], at=AT)
    with pytest.raises(Refused, match="declared already"):
        conflicts.declare(world.case, world["lead"], "r", by=world["lead"], at=AT)
