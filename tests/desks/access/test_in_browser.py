"""Security keys and the lock in a real browser, with Chromium's own virtual authenticator."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright
from pytest_django import Settings
from pytest_django.live_server_helper import LiveServer
from tests.desks.access.world import PASSWORD, code, give_factor, person

from palermo.desks.access.models import Person

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

CHROMIUM = "/usr/bin/chromium"
FLAGS = ["--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking"]


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    if not Path(CHROMIUM).exists():
        pytest.skip(f"no browser at {CHROMIUM}")
    with pytest.MonkeyPatch.context() as patch, sync_playwright() as playwright:
        # Playwright keeps an event loop in this thread, which Django takes for asynchronous code.
        patch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "1")
        opened = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield opened
        opened.close()


@pytest.fixture
def window(
    browser: Browser, live_server: LiveServer, settings: Settings
) -> Iterator[BrowserContext]:
    """A window on the node, by its name: keys are bound to that."""
    settings.PALERMO_CLOCK = lambda: datetime.now(UTC)
    address = live_server.url.replace("127.0.0.1", "localhost")
    with browser.new_context(base_url=address, locale="en") as context:
        context.set_default_timeout(20_000)
        yield context


@pytest.fixture
def ines(db: None) -> Person:
    return person("ines", password=PASSWORD)


def key_for(page: Page) -> Any:
    """Plug a security key in that answers by itself."""
    session = page.context.new_cdp_session(page)
    session.send("WebAuthn.enable")
    session.send(
        "WebAuthn.addVirtualAuthenticator",
        {
            "options": {
                "protocol": "ctap2",
                "transport": "usb",
                "hasResidentKey": True,
                "hasUserVerification": True,
                "isUserVerified": True,
                "automaticPresenceSimulation": True,
            }
        },
    )
    return session


def sign_in(page: Page) -> None:
    page.goto("/account/login/")
    page.fill("[name=login]", "ines")
    page.fill("[name=password]", PASSWORD)
    page.click("main form button")


def test_a_security_key_is_set_up_and_then_signs_in(window: BrowserContext, ines: Person) -> None:
    page = window.new_page()
    trouble: list[str] = []
    page.on("console", lambda one: trouble.append(one.text) if one.type == "error" else None)
    key_for(page)
    sign_in(page)
    page.goto("/cases/")
    assert page.url.endswith("/account/2fa/")
    page.goto("/account/2fa/webauthn/add/")
    page.fill("[name=name]", "Blue key")
    page.click("#mfa_webauthn_add")
    page.wait_for_url("**/recovery-codes/**")
    assert Authenticator.objects.filter(user=ines, type="webauthn").count() == 1
    page.goto("/cases/")
    expect(page.locator("h1")).to_have_text("Cases")
    page.click(".me form[action*=logout] button")
    page.goto("/cases/")
    assert "/account/login/" in page.url
    sign_in(page)
    page.wait_for_url("**/2fa/authenticate/**")
    page.goto("/cases/")
    assert page.url.endswith("/2fa/authenticate/"), "the password alone opens nothing"
    page.click("#mfa_webauthn_authenticate")
    page.wait_for_url("**/cases/")
    expect(page.locator("h1")).to_have_text("Cases")
    assert not [line for line in trouble if "Content Security Policy" in line], trouble


def test_a_key_of_another_person_does_not_sign_in(window: BrowserContext, ines: Person) -> None:
    page = window.new_page()
    session = key_for(page)
    sign_in(page)
    page.goto("/account/2fa/webauthn/add/")
    page.fill("[name=name]", "Blue key")
    page.click("#mfa_webauthn_add")
    page.wait_for_url("**/recovery-codes/**")
    page.click(".me form[action*=logout] button")
    session.send("WebAuthn.disable")
    key_for(page)
    sign_in(page)
    page.click("#mfa_webauthn_authenticate")
    page.wait_for_timeout(1500)
    page.goto("/cases/")
    assert page.url.endswith("/2fa/authenticate/")


def test_a_page_covers_itself_and_what_was_typed_is_still_there_after_unlocking(
    window: BrowserContext, ines: Person, settings: Settings
) -> None:
    give_factor(ines)
    page = window.new_page()
    sign_in(page)
    page.fill("main [name=code]", code())
    page.click("main form:has([name=code]) button")
    settings.PALERMO_LOCK = timedelta(seconds=3)
    page.goto("/emergencies/")
    page.fill("[name=reason]", "half a sentence")
    page.wait_for_selector("#locked:not([hidden])")
    assert not page.locator("main").is_visible()
    page.wait_for_timeout(1200)
    with window.expect_page() as opened:
        page.click("#locked a")
    other = opened.value
    other.wait_for_load_state()
    assert other.locator("h1").inner_text() == "Locked"
    settings.PALERMO_LOCK = timedelta(minutes=15)
    other.fill("[name=password]", PASSWORD)
    other.click("main form:has([name=password]) button")
    other.wait_for_url("**/cases/")
    page.bring_to_front()
    page.evaluate("window.dispatchEvent(new Event('focus'))")
    page.wait_for_selector("#locked", state="hidden")
    assert page.input_value("[name=reason]") == "half a sentence"
