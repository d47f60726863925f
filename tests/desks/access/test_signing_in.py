"""Signing in: no page before a second factor, none from a session that only knew the password.

Whoever sets up a factor here needs real transactions (`COMMITTED`): allauth tells of a new factor
once it is committed.
"""

from collections.abc import Callable
from datetime import datetime

import pytest
from allauth.mfa.models import Authenticator
from django.test import Client
from django.urls import reverse
from pytest_django import Settings
from tests.desks.access.world import AT, PASSWORD, SECRET, code, give_factor, person, signed_in

from palermo.desks.access.models import AuditEntry, Person

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]
COMMITTED = pytest.mark.django_db(transaction=True)


@pytest.fixture
def ines() -> Person:
    return person("ines", password=PASSWORD)


def sign_in(client: Client, name: str = "ines", password: str = PASSWORD) -> str:
    """Give the password; return where that leads."""
    answer = client.post(reverse("account_login"), {"login": name, "password": password})
    return answer.headers.get("Location", "")


def enrol(client: Client) -> str:
    """Set up an authenticator app as a person does; return its secret."""
    page = client.get(reverse("mfa_activate_totp"))
    assert page.status_code == 200, page.headers
    secret: str = page.context["form"].secret
    done = client.post(reverse("mfa_activate_totp"), {"code": code(secret)})
    assert done.status_code == 302, done.content.decode()
    return secret


def test_the_password_alone_leads_to_setting_up_a_second_factor_and_nowhere_else(
    ines: Person,
) -> None:
    client = Client()
    assert sign_in(client) == reverse("cases:list")
    for name in ("cases:list", "access:own_looks", "access:emergencies"):
        assert client.get(reverse(name)).headers["Location"] == reverse("mfa_index")
    assert client.get(reverse("mfa_index")).status_code == 200


@COMMITTED
def test_setting_up_the_first_factor_counts_as_having_shown_it(ines: Person) -> None:
    client = Client()
    sign_in(client)
    enrol(client)
    assert client.get(reverse("cases:list")).status_code == 200


@COMMITTED
def test_the_next_sign_in_asks_for_the_code_before_there_is_a_session(ines: Person) -> None:
    first = Client()
    sign_in(first)
    secret = enrol(first)
    client = Client()
    assert sign_in(client) == reverse("mfa_authenticate")
    assert client.get(reverse("cases:list")).headers["Location"].startswith("/account/login/")
    wrong = client.post(reverse("mfa_authenticate"), {"code": "000000"})
    assert wrong.status_code == 200
    assert client.get(reverse("cases:list")).status_code == 302
    client.post(reverse("mfa_authenticate"), {"code": code(secret)})
    assert client.get(reverse("cases:list")).status_code == 200


@COMMITTED
def test_a_session_from_before_the_first_factor_ends_when_it_is_set_up(ines: Person) -> None:
    thief, owner = Client(), Client()
    sign_in(thief)
    sign_in(owner)
    enrol(owner)
    assert thief.get(reverse("mfa_index")).headers["Location"].startswith("/account/login/")


@pytest.mark.parametrize(
    "name",
    [
        "mfa_index",
        "mfa_activate_totp",
        "mfa_deactivate_totp",
        "mfa_add_webauthn",
        "mfa_list_webauthn",
        "mfa_view_recovery_codes",
        "mfa_generate_recovery_codes",
        "mfa_download_recovery_codes",
        "account_change_password",
        "socialaccount_connections",
    ],
)
def test_a_session_that_knew_the_password_only_touches_no_factor_and_no_password(
    ines: Person, name: str
) -> None:
    give_factor(ines)
    client = signed_in(ines, "password")
    for answer in (client.get(reverse(name)), client.post(reverse(name), {"code": code()})):
        assert answer.headers["Location"] == reverse("mfa_reauthenticate")
    assert (
        client.get(reverse("cases:list"))
        .headers["Location"]
        .startswith(reverse("mfa_reauthenticate"))
    )


def test_showing_the_factor_leads_back_to_the_page_that_was_asked_for(ines: Person) -> None:
    client = signed_in(ines, "password")
    there = client.get(reverse("access:own_looks")).headers["Location"]
    done = client.post(there, {"code": code()})
    assert done.headers["Location"] == reverse("access:own_looks")
    assert client.get(reverse("access:own_looks")).status_code == 200


def test_what_another_person_showed_counts_for_nothing(ines: Person) -> None:
    omar = person("omar")
    client = signed_in(omar)
    give_factor(ines)
    session = client.session
    client.force_login(ines)
    for key, value in session.items():
        if key.startswith("account_"):
            kept = client.session
            kept[key] = value
            kept.save()
    assert client.get(reverse("cases:list")).status_code == 302


@COMMITTED
def test_a_recovery_code_works_once(ines: Person) -> None:
    client = Client()
    sign_in(client)
    enrol(client)
    codes = client.get(reverse("mfa_view_recovery_codes"))
    text = codes.content.decode()
    stored = Authenticator.objects.get(user=ines, type="recovery_codes").wrap().get_unused_codes()
    assert stored[0] in text
    for expected in (302, 200):
        again = Client()
        sign_in(again)
        assert again.post(reverse("mfa_authenticate"), {"code": stored[0]}).status_code == expected


def test_recovery_codes_alone_are_no_second_factor(ines: Person) -> None:
    client = signed_in(ines)
    client.post(reverse("mfa_generate_recovery_codes"))
    Authenticator.objects.filter(user=ines, type="totp").delete()
    assert client.get(reverse("cases:list")).headers["Location"] == reverse("mfa_index")


@COMMITTED
def test_the_last_factor_cannot_be_switched_off(ines: Person) -> None:
    client = Client()
    sign_in(client)
    enrol(client)
    page = client.post(reverse("mfa_deactivate_totp"))
    assert page.status_code == 200
    assert Authenticator.objects.filter(user=ines, type="totp").exists()


@COMMITTED
def test_the_secret_of_an_app_lies_sealed_in_the_database(ines: Person) -> None:
    client = Client()
    sign_in(client)
    secret = enrol(client)
    data = str(Authenticator.objects.get(user=ines, type="totp").data)
    assert secret not in data
    give_factor(person("omar"))
    assert SECRET not in str(Authenticator.objects.get(user__username="omar").data)


def test_nobody_signs_up(ines: Person) -> None:
    data = {"username": "eve", "password1": PASSWORD, "password2": PASSWORD}
    page = Client().post(reverse("account_signup"), data)
    assert "eve" not in set(Person.objects.values_list("username", flat=True))
    assert page.status_code == 200


def test_a_deactivated_account_signs_in_no_more_and_loses_its_session(ines: Person) -> None:
    client = signed_in(ines)
    assert client.get(reverse("cases:list")).status_code == 200
    Person.objects.filter(pk=ines.pk).update(is_active=False)
    assert client.get(reverse("cases:list")).headers["Location"].startswith("/account/login/")
    assert sign_in(Client()) in {"", reverse("account_inactive")}


def test_five_wrong_passwords_stop_a_sixth_even_a_right_one(ines: Person) -> None:
    for number in range(5):
        assert sign_in(Client(), password=f"wrong {number}") == ""
    assert sign_in(Client()) == ""
    assert sign_in(Client(), "omar") == ""  # a name nobody has is answered the same


def test_another_host_or_port_or_case_gives_no_more_tries(ines: Person) -> None:
    for number in range(5):
        data = {"login": "Ines" if number % 2 else "ines", "password": "wrong"}
        Client().post(
            reverse("account_login"), data, headers={"Host": f"localhost:{8000 + number}"}
        )
    assert sign_in(Client()) == ""


def test_wrong_codes_are_counted_too(ines: Person) -> None:
    give_factor(ines)
    client = Client()
    sign_in(client)
    for number in range(5):
        client.post(reverse("mfa_authenticate"), {"code": f"{number:06}"})
    assert client.post(reverse("mfa_authenticate"), {"code": code()}).status_code == 200
    assert client.get(reverse("cases:list")).status_code == 302


def test_a_code_works_once(ines: Person) -> None:
    give_factor(ines)
    shown = code()
    for expected in (302, 200):
        client = Client()
        sign_in(client)
        answer = client.post(reverse("mfa_authenticate"), {"code": shown})
        assert answer.status_code == expected


def test_counts_of_tries_are_in_the_database_for_every_process_to_see(settings: Settings) -> None:
    backend = settings.CACHES["default"]["BACKEND"]
    assert backend == "django.core.cache.backends.db.DatabaseCache"


def test_signing_in_and_failing_to_are_in_the_audit_and_a_mistyped_password_is_not(
    ines: Person,
) -> None:
    sign_in(Client(), password="wrong")  # noqa: S106  nobody's
    sign_in(Client(), "hunter2-typed-as-a-name", "x")
    sign_in(Client())
    told = [(one.kind, one.what, one.person) for one in AuditEntry.objects.order_by("seq")]
    assert told == [
        ("refusal", "signing in", ines),
        ("refusal", "signing in", None),
        ("access", "signed in", ines),
    ]
    assert not any("hunter2" in str(vars(one)) for one in AuditEntry.objects.all())


@COMMITTED
def test_a_factor_set_up_is_in_the_audit(ines: Person) -> None:
    client = Client()
    sign_in(client)
    enrol(client)
    added = AuditEntry.objects.filter(what="second factor added").order_by("seq")
    assert [one.of for one in added] == ["totp", "recovery_codes"]


def test_a_right_password_does_not_help_where_the_clock_says_the_session_is_over(
    ines: Person, clock: Callable[[datetime], None]
) -> None:
    client = signed_in(ines)
    client.get(reverse("cases:list"))
    clock(AT.replace(hour=23))
    assert client.get(reverse("cases:list")).headers["Location"].startswith(reverse("unlock"))
