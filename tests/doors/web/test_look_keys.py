"""A security key in real Chromium with a virtual authenticator, under our policy of scripts."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect
from tests.doors.web.conftest import Node
from tests.doors.web.demo_node import PASSWORD
from tests.doors.web.test_access_axe import complaints

pytestmark = pytest.mark.browser


@pytest.fixture
def page(node: Node) -> Iterator[Page]:
    """A page of the newcomer, whose computer has a key."""
    with node.browser.new_context(base_url=node.base) as context:
        node.sign_in(context, "newcomer")
        opened = context.new_page()
        session = context.new_cdp_session(opened)
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
        yield opened


def confirm(page: Page) -> None:
    """Confirm once more who it is, as changing a factor asks for: by the key, else by password."""
    page.wait_for_load_state()
    if "reauthenticate" not in page.url:
        return
    assert not complaints(page)
    if page.locator("#mfa_webauthn_reauthenticate").count():
        page.click("#mfa_webauthn_reauthenticate")
    elif page.locator("main [name=code]").count():
        page.click("main .actions a >> nth=0")
        confirm(page)
    else:
        page.fill("main [name=password]", PASSWORD)
        page.click("main form button")


def test_a_key_is_added_used_renamed_and_removed(page: Page) -> None:
    page.goto("/account/2fa/webauthn/add/")
    confirm(page)
    page.fill("main [name=name]", "Blue key")
    page.click("#mfa_webauthn_add")
    page.wait_for_url("**/recovery-codes/")
    assert not complaints(page)
    expect(page.locator(".codes li")).to_have_count(10)

    page.goto("/account/2fa/webauthn/")
    expect(page.locator("tbody th")).to_have_text("Blue key")
    assert not complaints(page)
    page.click("main table a >> nth=0")
    page.wait_for_url("**/edit/**")
    assert not complaints(page)
    page.fill("main [name=name]", "Red key")
    page.click("main form button")
    expect(page.locator("main table")).to_contain_text("Red key")

    page.click("header.top .me form button >> nth=0")
    page.goto("/account/login/")
    page.fill("[name=login]", "newcomer")
    page.fill("[name=password]", PASSWORD)
    page.click("main form button")
    page.wait_for_url("**/2fa/authenticate/**")
    assert not complaints(page)
    page.click("#mfa_webauthn_authenticate")
    page.wait_for_url("**/cases/")
    expect(page.locator("main table")).to_contain_text("SIROCCO-1")

    page.goto("/account/2fa/webauthn/")
    page.click("main table a >> nth=1")
    confirm(page)
    page.wait_for_url("**/remove/**")
    assert not complaints(page)
    page.click("main button.danger")
    page.wait_for_url("**/webauthn/")
    expect(page.locator("main .empty")).to_be_visible()


def test_a_key_that_does_not_answer_is_said_in_the_page(node: Node) -> None:
    with node.browser.new_context(base_url=node.base) as context:
        node.sign_in(context, "keyless")
        page = context.new_page()
        page.goto("/account/2fa/webauthn/add/")
        confirm(page)
        # A browser that refuses at once, as one without any key does after a while.
        page.evaluate(
            "() => { navigator.credentials.create = () => Promise.reject(new Error('no key')); }"
        )
        page.click("#mfa_webauthn_add")
        expect(page.locator("#key-trouble")).to_be_visible()
