"""Signing in and opening a case in the browser, as a person does it."""

import base64
import hashlib
import hmac
import struct
import time

from playwright.sync_api import BrowserContext
from tests.doors.web.demo_node import PASSWORD, SECRET


def code(secret: str = SECRET) -> str:
    """Return what an authenticator app shows now (RFC 6238)."""
    counter = struct.pack(">Q", int(time.time()) // 30)
    digest = hmac.new(base64.b32decode(secret), counter, hashlib.sha1).digest()
    start = digest[-1] & 15
    number = struct.unpack(">I", digest[start : start + 4])[0] & 0x7FFFFFFF
    return f"{number % 1_000_000:06d}"


def sign_in(context: BrowserContext, who: str) -> None:
    """Sign `who` in by the pages: a password and, where one is set up, a second factor."""
    page = context.new_page()
    page.goto("/account/login/")
    page.fill("[name=login]", who)
    page.fill("[name=password]", PASSWORD)
    page.click("main form button")
    if "authenticate" in page.url:
        page.fill("main [name=code]", code())
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
