"""The drawing in a real browser, under the pages' own security policy."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Position, sync_playwright
from pytest_django import Settings
from pytest_django.live_server_helper import LiveServer
from tests.desks.cases.sirocco import Investigated, SiroccoCase, landed

from palermo.desks.cases.models import Network

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
def made(live_server: LiveServer, clock: Settings, investigated: Investigated) -> SiroccoCase:
    return landed(investigated)


@pytest.fixture
def context(
    chromium: Browser, live_server: LiveServer, made: SiroccoCase
) -> Iterator[BrowserContext]:
    opened = chromium.new_context(base_url=live_server.url, locale="en")
    session = made.client().cookies["sessionid"].value
    opened.add_cookies([{"name": "sessionid", "value": session, "url": live_server.url}])
    yield opened
    opened.close()


def _drawn(context: BrowserContext, made: SiroccoCase, complaints: list[str]) -> Page:
    page = context.new_page()
    page.on("console", lambda said: complaints.append(said.text) if said.type == "error" else None)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    found = Network.rows.of(made.case).get(rank=1)
    page.goto(f"/cases/{made.case.key}/networks/{found.key}/graph/")
    page.wait_for_selector("#graph[data-drawn]")
    return page


#: Where every node stands, as the script tells the frame.
PLACES = "() => document.getElementById('graph').dataset.places"


def test_the_drawing_is_drawn_and_the_same_every_time(
    context: BrowserContext, made: SiroccoCase
) -> None:
    complaints: list[str] = []
    first = _drawn(context, made, complaints)
    drawn = first.get_attribute("#graph", "data-drawn")
    assert drawn == str(first.locator("table:has(caption):has([aria-label]) tbody tr").count())
    again = _drawn(context, made, complaints)
    places = first.evaluate(PLACES)
    assert places
    assert places == again.evaluate(PLACES)
    assert complaints == []


def test_a_second_click_on_a_node_draws_what_is_around_it(
    context: BrowserContext, made: SiroccoCase
) -> None:
    complaints: list[str] = []
    page = _drawn(context, made, complaints)
    before = page.inner_text("#graph-shown")
    # The first node stands where the script says; the frame has no other way to be pointed at.
    x, y = (float(part) for part in page.evaluate(PLACES).split(";")[0].split(","))
    place: Position = {"x": x, "y": y}
    page.locator("#graph").scroll_into_view_if_needed()
    page.wait_for_timeout(300)  # the library learns of the scrolling a little later
    page.dblclick("#graph", position=place)
    page.wait_for_function(
        "said => document.getElementById('graph-shown').innerText !== said", arg=before
    )
    assert complaints == []


def test_without_script_the_tables_say_it_all(
    chromium: Browser, context: BrowserContext, made: SiroccoCase
) -> None:
    plain = chromium.new_context(
        storage_state=context.storage_state(), java_script_enabled=False, locale="en"
    )
    page = plain.new_page()
    found = Network.rows.of(made.case).get(rank=1)
    base = context.new_page()
    base.goto("/health")
    address = base.url.removesuffix("/health")
    page.goto(f"{address}/cases/{made.case.key}/networks/{found.key}/graph/")
    page.get_by_role("link", name="Skip the drawing: the tables say the same").click()
    page.locator("#nodes + table a", has_text="Around it").first.click()
    assert page.get_by_text("The surroundings of").is_visible()
    assert page.locator('#nodes + table tr[aria-current="true"]').count() == 1
    plain.close()
