"""Reviewing links in a real browser, by keyboard alone and with JavaScript switched off."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from django.urls import reverse
from playwright.sync_api import Browser, Page, sync_playwright
from pytest_django.live_server_helper import LiveServer
from tests.desks.cases.work.conftest import Desk

from palermo.desks.cases.models import Judgement

CHROMIUM = "/usr/bin/chromium"
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    if not Path(CHROMIUM).exists():
        pytest.skip(f"no browser at {CHROMIUM}")
    # Playwright's synchronous interface runs a loop of its own in this thread.
    with pytest.MonkeyPatch.context() as patch, sync_playwright() as playwright:
        patch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "1")
        opened = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield opened
        opened.close()


@pytest.fixture
def page(chromium: Browser, live_server: LiveServer, desk: Desk) -> Iterator[Page]:
    """A page of the analyst, without JavaScript."""
    cookies = desk.sirocco.client("analyst").cookies
    context = chromium.new_context(base_url=live_server.url, java_script_enabled=False, locale="en")
    context.add_cookies(
        [
            {"name": name, "value": one.value, "url": live_server.url}
            for name, one in cookies.items()
        ]
    )
    yield context.new_page()
    context.close()


def alt(page: Page, key: str) -> None:
    """Press an access key as a keyboard does: Playwright's own `press` triggers none."""
    session = page.context.new_cdp_session(page)
    event = {"modifiers": 1, "key": key, "unmodifiedText": key}
    event["windowsVirtualKeyCode"] = ord(key.upper())
    for kind in ("keyDown", "keyUp"):
        session.send("Input.dispatchKeyEvent", {"type": kind, **event})
    session.detach()


def test_links_are_judged_by_keyboard_alone(page: Page, desk: Desk) -> None:
    network = desk.network()
    page.goto(reverse("cases:review_network", args=[desk.case.key, network.key]))
    asked = []
    for key in ("1", "2", "3"):
        asked.append(page.locator("#question").inner_text())
        alt(page, "w")
        page.keyboard.type(f"read both, {key}")
        with page.expect_navigation():
            alt(page, key)
        assert "Your judgement is on record." in page.locator("main").inner_text()
    verdicts = Judgement.rows.order_by("pk").values_list("verdict", "reason")
    assert list(verdicts) == [
        ("same", "read both, 1"),
        ("not_same", "read both, 2"),
        ("unsure", "read both, 3"),
    ]
    skipped = page.locator("#question").inner_text()
    with page.expect_navigation():
        alt(page, "n")
    assert page.locator("#question").inner_text() != skipped
    assert Judgement.rows.count() == 3


def test_a_judgement_without_a_reason_is_stopped_before_it_is_sent(page: Page, desk: Desk) -> None:
    page.goto(reverse("cases:review_network", args=[desk.case.key, desk.network().key]))
    alt(page, "1")
    page.wait_for_timeout(300)
    assert page.locator("#reason:invalid").count() == 1
    assert not Judgement.rows.exists()
