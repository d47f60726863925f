"""Accounts as an administrator keeps them, through the pages; and what the pages must not allow."""

import io
import logging
from datetime import timedelta

import pytest
from allauth.mfa.models import Authenticator
from django.apps import apps
from django.conf import settings
from django.test import Client
from django.urls import get_resolver, reverse
from django.utils.html import escape
from tests.desks.access.conftest import World
from tests.desks.access.world import (
    AT,
    DAY,
    PASSWORD,
    give_factor,
    opening,
    person,
    signed_in,
)

from palermo.desks.access import people
from palermo.desks.access.accounts import INVITATION_HOURS, invite
from palermo.desks.access.models import AuditEntry, Duty, FactorReset, Notice, Person, Unit
from palermo.doors.web.masking import Masking
from palermo.model import Refused


@pytest.fixture
def admin(world: World) -> Person:
    found = world["administrator"]
    found.set_password(PASSWORD)
    found.save()
    return found


@pytest.fixture
def second(world: World) -> Person:
    """A second administrator."""
    return person("second-administrator", "administrator", password=PASSWORD)


def link_in(page: str) -> str:
    """The one-time link that a page shows."""
    return page.split('value="http://testserver', 1)[1].split('"', 1)[0]


def test_from_invitation_to_a_session_with_two_factors(admin: Person) -> None:
    client = signed_in(admin)
    unit = Unit.objects.get()
    form = {"username": "ines", "full_name": "Ines Example", "unit": unit.pk}
    page = client.post(reverse("access:invite"), form)
    link = link_in(page.content.decode())
    assert "no-store" in page.headers["Cache-Control"]
    guest = Client()
    assert "ines" in guest.get(link).content.decode()
    short = guest.post(link, {"new_password1": "short", "new_password2": "short"})
    assert short.status_code == 200
    chosen = {"new_password1": PASSWORD, "new_password2": PASSWORD}
    assert guest.post(link, chosen).headers["Location"] == reverse("account_login")
    assert guest.get(link).status_code == 404
    assert guest.post(link, chosen).status_code == 404
    signing_in = guest.post(reverse("account_login"), {"login": "ines", "password": PASSWORD})
    assert signing_in.status_code == 302
    assert guest.get(reverse("cases:list")).headers["Location"] == reverse("mfa_index")
    told = list(AuditEntry.objects.order_by("seq").values_list("what", flat=True))
    assert told[1:] == ["account made", "invited", "password set by invitation", "signed in"]


def test_a_link_is_stored_as_a_hash_and_is_void_after_three_days_or_by_a_newer_one(
    admin: Person,
) -> None:
    ines, first = people.create("ines", "Ines", None, by=admin, at=AT)
    assert first not in str(list(ines.invitations.values()))
    again = people.invite_again(ines, by=admin, at=AT)
    assert Client().get(reverse("access:invitation", args=[first])).status_code == 404
    assert Client().get(reverse("access:invitation", args=[again])).status_code == 200
    late = invite(ines, at=AT - timedelta(hours=INVITATION_HOURS))
    assert Client().get(reverse("access:invitation", args=[late])).status_code == 404


def test_a_link_of_a_deactivated_account_opens_nothing(admin: Person) -> None:
    ines, token = people.create("ines", "Ines", None, by=admin, at=AT)
    people.deactivate(ines, by=admin, at=AT)
    assert Client().get(reverse("access:invitation", args=[token])).status_code == 404
    with pytest.raises(Refused, match="deactivated"):
        people.invite_again(ines, by=admin, at=AT)


def test_links_cannot_be_tried_out(world: World) -> None:
    tried = [
        Client().get(reverse("access:invitation", args=[f"guess{number}"])).status_code
        for number in range(21)
    ]
    assert tried == [404] * 20 + [429]


def test_no_log_line_holds_the_secret_of_a_link(admin: Person) -> None:
    _, token = people.create("ines", "Ines", None, by=admin, at=AT)
    there = reverse("access:invitation", args=[token])
    (handler,) = [
        one
        for one in logging.getLogger().handlers
        if any(isinstance(each, Masking) for each in one.filters)
    ]
    assert isinstance(handler, logging.StreamHandler)
    before = handler.setStream(written := io.StringIO())
    try:
        assert [Client().get(there).status_code for _ in range(21)][-1] == 429
        logging.getLogger("palermo").error("at %s", there)
    finally:
        handler.setStream(before)
    assert "/invitation/…/" in written.getvalue()
    assert token not in written.getvalue()


def test_a_forgotten_password_leaves_the_second_factor(admin: Person, world: World) -> None:
    lead = world["lead"]
    give_factor(lead)
    page = signed_in(admin).post(reverse("access:invite_again", args=[lead.pk]))
    chosen = {"new_password1": PASSWORD, "new_password2": PASSWORD}
    guest = Client()
    guest.post(link_in(page.content.decode()), chosen)
    signing_in = guest.post(reverse("account_login"), {"login": "lead", "password": PASSWORD})
    assert signing_in.headers["Location"] == reverse("mfa_authenticate")


def test_a_new_password_ends_the_sessions_of_the_old_one(admin: Person, world: World) -> None:
    lead = signed_in(world["lead"])
    assert lead.get(reverse("cases:list")).status_code == 200
    token = people.invite_again(world["lead"], by=admin, at=AT)
    chosen = {"new_password1": PASSWORD, "new_password2": PASSWORD}
    Client().post(reverse("access:invitation", args=[token]), chosen)
    assert lead.get(reverse("cases:list")).headers["Location"].startswith("/account/login/")


def test_duties_are_given_and_ended_and_stay_known(
    admin: Person, second: Person, world: World
) -> None:
    client, lead = signed_in(admin), world["lead"]
    client.post(reverse("access:give_duty", args=[lead.pk]), {"duty": "approver"})
    assert lead.has_duty("approver")
    held = Duty.objects.get(person=lead)
    client.post(reverse("access:end_duty", args=[held.pk]))
    assert not lead.has_duty("approver")
    held.refresh_from_db()
    assert (held.given_by, held.ended_at) == (admin, AT)
    client.post(reverse("access:give_duty", args=[lead.pk]), {"duty": "king"})
    assert not Duty.objects.filter(person=lead, ended_at=None).exists()


def test_nobody_gives_a_duty_to_themselves(admin: Person) -> None:
    page = signed_in(admin).post(
        reverse("access:give_duty", args=[admin.pk]), {"duty": "approver"}, follow=True
    )
    assert "Another administrator has to give you a duty." in page.content.decode()
    assert not admin.has_duty("approver")


@pytest.mark.parametrize("held", ["administrator", "approver"])
def test_the_officer_has_no_duty_that_the_officer_watches(
    admin: Person, world: World, held: str
) -> None:
    with pytest.raises(Refused, match="may not hold both"):
        people.give_duty(world["data-protection-officer"], held, by=admin, at=AT)
    lead = world["lead"]
    people.give_duty(lead, held, by=admin, at=AT)
    with pytest.raises(Refused, match="may not hold both"):
        people.give_duty(lead, "data-protection-officer", by=admin, at=AT)


def test_the_last_administrator_who_can_sign_in_stays(admin: Person, world: World) -> None:
    duty = Duty.objects.get(person=admin)
    with pytest.raises(Refused, match="last administrator"):
        people.end_duty(duty, by=admin, at=AT)
    # One who never took up the invitation cannot stand in, nor can one who is deactivated.
    idle, _ = people.create("idle", "Idle", None, by=admin, at=AT)
    people.give_duty(idle, "administrator", by=admin, at=AT)
    gone = person("gone", "administrator", password=PASSWORD)
    people.deactivate(gone, by=admin, at=AT)
    with pytest.raises(Refused, match="last administrator"):
        people.end_duty(duty, by=idle, at=AT)
    with pytest.raises(Refused, match="last administrator"):
        people.deactivate(admin, by=idle, at=AT)
    admin.refresh_from_db()
    assert admin.has_duty("administrator")
    idle.set_password(PASSWORD)
    idle.save()
    people.end_duty(duty, by=idle, at=AT)
    assert not admin.has_duty("administrator")
    with pytest.raises(Refused, match="last administrator"):
        people.end_duty(Duty.objects.get(person=idle), by=admin, at=AT)


def test_deactivating_ends_sessions_at_once_and_activating_gives_the_account_back(
    admin: Person, world: World
) -> None:
    lead = signed_in(world["lead"])
    address = reverse("access:activate", args=[world["lead"].pk])
    client = signed_in(admin)
    client.post(address, {})
    assert lead.get(reverse("cases:list")).status_code == 200, "a reason is asked for"
    client.post(address, {"reason": "left the service"})
    assert lead.get(reverse("cases:list")).headers["Location"].startswith("/account/login/")
    client.post(address)
    assert Person.objects.get(pk=world["lead"].pk).is_active
    assert lead.get(reverse("cases:list")).status_code == 302, "the old session stays ended"
    own = client.post(reverse("access:activate", args=[admin.pk]), {"reason": "tired"}, follow=True)
    assert "Another administrator has to deactivate" in own.content.decode()


def test_a_lost_factor_takes_two_administrators_and_the_officer_is_told(
    admin: Person, second: Person, world: World
) -> None:
    lead = world["lead"]
    client, session = signed_in(admin), signed_in(lead)
    client.post(reverse("access:ask_reset", args=[lead.pk]), {"reason": "telephone in the river"})
    reset = FactorReset.objects.get()
    answer = reverse("access:answer_reset", args=[reset.pk])
    yes = {"reason": "came to my office", "answer": "agree"}
    page = client.post(answer, yes, follow=True)
    assert "Another administrator than the one who asked" in page.content.decode()
    assert Authenticator.objects.filter(user=lead).exists()
    other = signed_in(second)
    other.post(answer, {"reason": "", "answer": "agree"})
    assert Authenticator.objects.filter(user=lead).exists(), "a reason of their own"
    other.post(answer, yes)
    assert not Authenticator.objects.filter(user=lead).exists()
    assert session.get(reverse("cases:list")).headers["Location"].startswith("/account/login/")
    told = list(Notice.objects.order_by("pk").values_list("entry__what", flat=True))
    assert told == ["second factor reset asked", "second factor reset agreed"]
    again = other.post(answer, yes, follow=True)
    assert "answered already" in again.content.decode()


def test_a_reset_can_be_refused_and_is_nobodys_own(
    admin: Person, second: Person, world: World
) -> None:
    give_factor(admin)
    with pytest.raises(Refused, match="Another administrator has to ask"):
        people.ask_reset(admin, "mine", by=admin, at=AT)
    reset = people.ask_reset(admin, "lost", by=second, at=AT)
    with pytest.raises(Refused):
        people.answer_reset(reset, "I am me", agreed=True, by=admin, at=AT)
    third = person("third", "administrator")
    people.answer_reset(reset, "do not know the voice", agreed=False, by=third, at=AT)
    assert Authenticator.objects.filter(user=admin).exists()


def test_units_are_made_and_renamed(admin: Person) -> None:
    client = signed_in(admin)
    client.post(reverse("access:units"), {"name": "Anti-trafficking unit"})
    unit = Unit.objects.get(name="Anti-trafficking unit")
    client.post(reverse("access:unit", args=[unit.pk]), {"name": "Protection unit"})
    assert Unit.objects.filter(name="Protection unit").exists()
    twice = client.post(reverse("access:units"), {"name": "Protection unit"})
    assert "already exists" in twice.content.decode()


def test_an_administrator_finds_no_word_of_a_case_on_any_page(admin: Person, world: World) -> None:
    opening(world["lead"], world.case)
    client = signed_in(admin)
    secret = [world.case.key, world.case.reference, world.case.title]
    lead = world["lead"]
    for name, args in (
        ("access:people", []),
        ("access:person", [lead.pk]),
        ("access:units", []),
        ("access:invite", []),
        ("cases:list", []),
        ("access:own_looks", []),
        ("access:emergencies", []),
    ):
        page = client.get(reverse(name, args=args))
        assert page.status_code == 200
        for word in secret:
            assert escape(word) not in page.content.decode(), name


def test_names_that_are_markup_are_shown_as_text(admin: Person) -> None:
    bad = person("eve", full_name="<script>alert(1)</script>")
    page = signed_in(admin).get(reverse("access:person", args=[bad.pk])).content.decode()
    assert "<script>alert" not in page
    assert "&lt;script&gt;alert" in page


def test_there_is_no_django_admin_anywhere() -> None:
    assert not any("admin" in app for app in settings.INSTALLED_APPS)
    assert not apps.is_installed("django.contrib.admin")
    assert "admin" not in get_resolver().namespace_dict
    assert Client().get("/admin/").status_code == 404


def test_what_happened_at_another_time_is_not_changed_by_it(admin: Person) -> None:
    """The clock is passed in: an account made yesterday says so."""
    ines, _ = people.create("ines", "Ines", None, by=admin, at=AT - DAY)
    assert ines.date_joined == AT - DAY
    assert AuditEntry.objects.get(what="account made").at == AT - DAY
