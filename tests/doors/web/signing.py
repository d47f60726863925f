"""Signing in and opening a case in the browser, as a person does it."""

from playwright.sync_api import BrowserContext
from tests.doors.web.demo_node import PASSWORD


def sign_in(context: BrowserContext, who: str, codes: list[str]) -> None:
    """Sign `who` in by the pages: a password and, where there is one, the next recovery code."""
    page = context.new_page()
    page.goto("/account/login/")
    page.fill("[name=login]", who)
    page.fill("[name=password]", PASSWORD)
    page.click("main form button")
    if "authenticate" in page.url:
        page.fill("main [name=code]", codes.pop())
        page.click("main form button")
    assert page.locator("header.top .me a").count(), page.locator("main").inner_text()
    page.close()


def open_case(context: BrowserContext, key: str) -> None:
    """Open the case for the first purpose and authority that are offered."""
    page = context.new_page()
    page.goto(f"/cases/{key}/")
    page.click("main form button")
    assert page.url.endswith(f"/cases/{key}/"), page.locator("main").inner_text()
    page.close()
