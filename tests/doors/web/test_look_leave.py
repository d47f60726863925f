"""The quick exit, titles that say nothing, and each person's own language."""

import re

import pytest
from playwright.sync_api import Page, expect
from tests.doors.web.conftest import Node
from tests.doors.web.signing import open_case

pytestmark = pytest.mark.browser


def signed_out(page: Page) -> None:
    """Assert that the session is over, whatever the browser still shows."""
    response = page.context.request.get("/cases/", max_redirects=0)
    assert response.status == 302
    assert "/account/login/" in response.headers["location"]


def test_the_button_leaves_and_nothing_leads_back(node: Node) -> None:
    with node.browser.new_context(base_url=node.base) as context:
        node.sign_in(context, "approver")
        page = context.new_page()
        page.goto("/cases/")
        page.goto("/account/preferences/")
        page.click("button.leave")
        page.wait_for_url("**/calendar/")
        assert "palermo" not in page.title().lower()
        signed_out(page)
        page.go_back()
        # The page that was left is not in the history; the one before it shows nothing any more.
        page.wait_for_url("**/account/login/**")
        page.go_forward()
        page.wait_for_url("**/calendar/")


@pytest.mark.parametrize(("presses", "left"), [(3, True), (2, False)])
def test_escape_three_times_leaves(node: Node, presses: int, left: bool) -> None:
    with node.browser.new_context(base_url=node.base) as context:
        node.sign_in(context, "administrator")
        page = context.new_page()
        page.goto("/cases/")
        for _press in range(presses):
            page.keyboard.press("Escape")
        if left:
            page.wait_for_url("**/calendar/")
            signed_out(page)
        else:
            page.wait_for_timeout(300)
            assert page.url.endswith("/cases/")
            assert context.request.get("/cases/", max_redirects=0).status == 200


def test_leaving_works_without_script(node: Node) -> None:
    with node.browser.new_context(base_url=node.base, java_script_enabled=False) as context:
        node.sign_in(context, "officer")
        page = context.new_page()
        page.goto("/cases/")
        page.click("button.leave")
        page.wait_for_url("**/calendar/")
        signed_out(page)


def test_leaving_works_from_a_page_that_is_stale(node: Node) -> None:
    """The token of the form may be of an earlier session: leaving asks for none."""
    with node.browser.new_context(base_url=node.base) as context:
        node.sign_in(context, "approver")
        answer = context.request.post("/leave", form={"csrfmiddlewaretoken": "stale"})
        assert answer.url.endswith("/calendar/")
        signed_out(context.new_page())
        assert context.request.get("/leave").status == 405


def test_the_neutral_page_says_nothing_of_what_was_left(node: Node) -> None:
    with node.context() as context:
        page = context.new_page()
        page.goto("/calendar/")
        assert "palermo" not in page.content().lower()


def test_titles_and_icon_say_nothing_where_somebody_wants_that(node: Node) -> None:
    with node.browser.new_context(base_url=node.base) as context:
        node.sign_in(context, "approver")
        page = context.new_page()
        page.goto("/account/preferences/")
        assert "Palermo" in page.title()
        page.check("[name=discreet]")
        page.click("main form button")
        expect(page.locator(".message")).to_have_text("Saved.")
        for address in ("/cases/", "/account/2fa/", "/nothing/here/"):
            page.goto(address)
            assert page.title() == "Documents"
            assert "plain/icon" in (page.locator("link[rel=icon]").get_attribute("href") or "")
            assert "palermo" not in page.locator("body").inner_text().lower()
        page.click("button.leave")
        page.goto("/account/login/")
        assert page.title() == "Documents", "on this device, also before signing in"
        node.sign_in(context, "approver")
        page.goto("/account/preferences/")
        page.uncheck("[name=discreet]")
        page.click("main form button")
        page.goto("/cases/")
        assert "Palermo" in page.title()


def test_a_person_keeps_their_language(node: Node) -> None:
    with node.browser.new_context(base_url=node.base) as context:
        node.sign_in(context, "analyst")
        open_case(context, node.case)
        page = context.new_page()
        page.goto(f"/cases/{node.case}/items/")
        page.click("footer button[lang=ar]")
        page.wait_for_url("**/items/")
        assert page.locator("html").get_attribute("dir") == "rtl"
    with node.browser.new_context(base_url=node.base, locale="en") as elsewhere:
        node.sign_in(elsewhere, "analyst")
        page = elsewhere.new_page()
        page.goto("/cases/")
        assert page.locator("html").get_attribute("lang") == "ar"
        page.click("footer button[lang=en]")
        page.wait_for_load_state()
        assert page.locator("html").get_attribute("lang") == "en"


@pytest.mark.parametrize(
    ("address", "status", "says"),
    [
        ("/nothing/here/", 404, "Nothing here for you"),
        ("/cases/doesnotexist/", 404, "Nothing here for you"),
    ],
)
def test_errors_say_what_to_do(node: Node, address: str, status: int, says: str) -> None:
    with node.context("lead") as context:
        page = context.new_page()
        response = page.goto(address)
        assert response is not None
        assert response.status == status
        expect(page.locator("h1")).to_have_text(says)
        assert page.locator("main p").count()


def test_a_form_of_another_session_is_explained(node: Node) -> None:
    with node.context("lead") as context:
        page = context.new_page()
        page.goto("/account/preferences/")
        page.evaluate(
            "document.querySelectorAll('[name=csrfmiddlewaretoken]').forEach((i) => i.value = 'x')"
        )
        page.click("main form button")
        expect(page.locator("h1")).to_have_text("The form has expired")


def test_many_attempts_are_stopped_and_explained(node: Node) -> None:
    with node.context() as context:
        page = context.new_page()
        for _attempt in range(12):
            page.goto("/account/login/")
            page.fill("[name=login]", "nobody")
            page.fill("[name=password]", "wrong")
            page.click("main form button")
            text = page.locator("main").inner_text()
            if re.search("Too many", text):
                return
        pytest.fail(f"never stopped: {text}")
