"""The session's lock: nothing shown or done behind it, nothing lost by it."""

from collections.abc import Callable
from datetime import datetime, timedelta
from html.parser import HTMLParser

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from pytest_django import Settings
from tests.desks.access.conftest import World
from tests.desks.access.world import AT, PASSWORD, code, opening, signed_in

from palermo.desks.access.models import AuditEntry, Conflict

Clock = Callable[[datetime], None]
LATER = AT + timedelta(minutes=16)


@pytest.fixture
def lead(world: World) -> Client:
    """A lead who was there at `AT`."""
    world["lead"].set_password(PASSWORD)
    world["lead"].save()
    opening(world["lead"], world.case)
    client = signed_in(world["lead"])
    assert client.get(reverse("cases:list")).status_code == 200
    return client


@pytest.fixture
def locked(lead: Client, clock: Clock) -> Client:
    clock(LATER)
    return lead


def unlock(client: Client, password: str = PASSWORD, there: str = "") -> object:
    return client.post(reverse("unlock"), {"password": password, "next": there})


class Form(HTMLParser):
    """The form of a page that leads to `action`: its fields."""

    def __init__(self, page: str, action: str) -> None:
        super().__init__()
        self.fields: list[tuple[str, str]] = []
        self._action, self._inside = action, False
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = dict(attrs)
        if tag == "form":
            self._inside = values.get("action") == self._action
        elif tag == "input" and self._inside and values.get("name") != "csrfmiddlewaretoken":
            self.fields.append((values["name"] or "", values["value"] or ""))


def test_activity_keeps_a_session_open_and_quiet_locks_it(
    lead: Client, clock: Clock, settings: Settings
) -> None:
    for minutes in (10, 20, 30):
        clock(AT + timedelta(minutes=minutes))
        assert lead.get(reverse("cases:list")).status_code == 200
    clock(AT + timedelta(minutes=30) + settings.PALERMO_LOCK + timedelta(seconds=1))
    there = lead.get(reverse("cases:list"))
    assert there.headers["Location"] == f"{reverse('unlock')}?next=%2Fcases%2F"


def test_progress_that_a_page_asks_for_by_itself_keeps_nothing_open(
    lead: Client, world: World, clock: Clock
) -> None:
    there = reverse("cases:progress", args=[world.case.key, 1])
    for minutes in range(1, 16, 2):
        clock(AT + timedelta(minutes=minutes))
        lead.get(there)
    clock(LATER)
    assert lead.get(there).status_code == 204
    assert lead.get(reverse("cases:list")).status_code == 302


def test_a_locked_session_shows_no_page_at_all(locked: Client, world: World) -> None:
    for name, args in (
        ("cases:list", []),
        ("cases:case", [world.case.key]),
        ("cases:items", [world.case.key]),
        ("access:members", [world.case.key]),
        ("mfa_index", []),
        ("account_change_password", []),
        ("account_reauthenticate", []),
        ("socialaccount_connections", []),
    ):
        page = locked.get(reverse(name, args=args))
        assert page.status_code == 302, name
        assert page.headers["Location"].startswith(reverse("unlock")), name
    for name in ("unlock", "account_logout", "health"):
        page = locked.get(reverse(name))
        assert page.status_code == 200, name
        assert world.case.reference not in page.content.decode()


def test_the_lock_stays_until_it_is_opened_even_when_the_clock_goes_back(
    locked: Client, clock: Clock
) -> None:
    locked.get(reverse("cases:list"))
    clock(AT)
    assert locked.get(reverse("cases:list")).status_code == 302
    assert locked.get(reverse("locked")).json() == {"session": "locked"}


def test_the_password_leads_back_to_the_same_page(locked: Client, world: World) -> None:
    page = f"{reverse('cases:items', args=[world.case.key])}?page=2&q=a%20b"
    there = locked.get(page).headers["Location"]
    assert "This is not your password." in locked.post(there, {"password": "no"}).content.decode()
    assert locked.get(page).status_code == 302
    form = locked.get(there)
    assert form.context["next"] == page
    back = locked.post(reverse("unlock"), {"password": PASSWORD, "next": page})
    assert back.headers["Location"] == page
    assert locked.get(page).status_code == 200
    assert locked.get(reverse("locked")).json() == {"session": "open"}


@pytest.mark.parametrize(
    "there", ["https://evil.example/", "//evil.example", "javascript:alert(1)", "\\\\evil.example"]
)
def test_unlocking_leads_nowhere_else(locked: Client, there: str) -> None:
    locked.get(reverse("cases:list"))
    back = locked.post(reverse("unlock"), {"password": PASSWORD, "next": there})
    assert back.headers["Location"] == "/"


def test_a_form_sent_into_a_locked_session_is_kept_and_not_carried_out(
    locked: Client, world: World
) -> None:
    there = reverse("access:own_conflict", args=[world.case.key])
    words = 'my "cousin" <b>is</b> in it\nsecond line'
    locked.post(there, {"reason": words})
    assert not Conflict.objects.exists()
    assert words not in str(locked.session.items()), "what waits is sealed"
    page = locked.post(reverse("unlock"), {"password": PASSWORD})
    text = page.content.decode()
    assert not Conflict.objects.exists(), "unlocking alone sends nothing"
    assert "<b>is</b>" not in text
    assert Form(text, there).fields == [("reason", words)]
    assert "Its files could not be kept" not in text
    locked.post(there, {"reason": words})
    assert Conflict.objects.get().reason.replace("\r\n", "\n") == words


def test_what_was_kept_is_shown_once_and_files_are_missed_aloud(
    locked: Client, world: World
) -> None:
    there = reverse("access:mandates", args=[world.case.key])
    locked.post(there, {"file": SimpleUploadedFile("a.yaml", b"x"), "note": "n"})
    page = locked.post(reverse("unlock"), {"password": PASSWORD}).content.decode()
    assert "Its files could not be kept" in page
    assert "palermo_held" not in locked.session


def test_a_password_typed_into_a_form_of_the_account_is_not_kept(locked: Client) -> None:
    locked.post(reverse("account_change_password"), {"oldpassword": PASSWORD})
    assert "palermo_held" not in locked.session


def test_a_form_that_is_too_large_is_not_kept(locked: Client, world: World) -> None:
    there = reverse("access:own_conflict", args=[world.case.key])
    locked.post(there, {"reason": "x" * 300_000})
    assert "palermo_held" not in locked.session


def test_a_part_of_a_page_that_is_asked_for_leads_the_whole_page_to_the_lock(
    locked: Client, world: World
) -> None:
    answer = locked.get(
        reverse("cases:items", args=[world.case.key]),
        headers={"HX-Request": "true", "HX-Current-URL": "https://node.example/cases/k/?q=1"},
    )
    assert answer.status_code == 204
    assert answer.headers["HX-Redirect"] == f"{reverse('unlock')}?next=%2Fcases%2Fk%2F%3Fq%3D1"
    assert answer.content == b""


def test_too_many_wrong_passwords_end_the_session(locked: Client) -> None:
    locked.get(reverse("cases:list"))
    for _ in range(5):
        assert locked.post(reverse("unlock"), {"password": "no"}).status_code == 200
    assert (
        locked.post(reverse("unlock"), {"password": PASSWORD})
        .headers["Location"]
        .startswith("/account/login/")
    )
    assert locked.get(reverse("locked")).json() == {"session": "over"}
    refused = AuditEntry.objects.filter(kind="refusal", what="unlocking")
    assert refused.count() == 6


def test_whoever_has_no_password_unlocks_with_the_second_factor(
    lead: Client, world: World, clock: Clock
) -> None:
    world["lead"].set_unusable_password()
    world["lead"].save()
    client = signed_in(world["lead"])
    client.get(reverse("cases:list"))
    clock(LATER)
    client.get(reverse("cases:list"))
    assert client.post(reverse("unlock"), {"code": "000000"}).status_code == 200
    assert client.post(reverse("unlock"), {"code": code()}).status_code == 302
    assert client.get(reverse("cases:list")).status_code == 200


def test_unlocking_without_a_session_or_without_a_lock_shows_nothing(lead: Client) -> None:
    assert Client().get(reverse("unlock")).headers["Location"] == reverse("account_login")
    assert lead.get(reverse("unlock")).headers["Location"] == "/"
    assert Client().get(reverse("locked")).json() == {"session": "over"}


def test_unlocking_gives_the_session_a_new_key(locked: Client) -> None:
    locked.get(reverse("cases:list"))
    before = locked.session.session_key
    locked.post(reverse("unlock"), {"password": PASSWORD})
    assert locked.session.session_key != before
