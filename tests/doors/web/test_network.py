"""No page asks anything of another origin, and nothing in it offends the policy of its headers."""

from urllib.parse import urlsplit

import pytest
from playwright.sync_api import ConsoleMessage, Request
from tests.doors.web.conftest import Node
from tests.doors.web.walk import STARTS, Seen

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.xdist_group("pages")]


def test_no_page_asks_another_origin(node: Node, each_page: list[Seen]) -> None:
    ours = urlsplit(node.base).netloc
    foreign: set[str] = set()
    trouble: set[str] = set()

    def asked(request: Request) -> None:
        parts = urlsplit(request.url)
        if parts.scheme not in {"data", "blob"} and parts.netloc != ours:
            foreign.add(request.url)

    def told(message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"}:
            trouble.add(message.text)

    for who in STARTS:
        with node.context(who) as context:
            context.on("request", asked)
            context.on("console", told)
            context.on("weberror", lambda error: trouble.add(str(error.error)))
            page = context.new_page()
            for one in (one for one in each_page if one.who == who):
                page.goto(one.address)
                page.wait_for_load_state("networkidle")
    assert not foreign
    assert not trouble


def test_another_origin_would_be_noticed_and_refused(node: Node) -> None:
    """The test above can fail: the request is seen, and the policy stops it."""
    asked: list[str] = []
    with node.context() as context:
        context.on("request", lambda request: asked.append(request.url))
        page = context.new_page()
        page.goto("/account/login/")
        with page.expect_console_message(lambda message: "Content Security Policy" in message.text):
            page.evaluate("{ const i = new Image(); i.src = 'http://127.0.0.1:9/spy.png'; }")
        assert not any(urlsplit(one).port == 9 for one in asked[:1])


def test_every_page_carries_the_headers(node: Node, pages: list[Seen]) -> None:
    for who in STARTS:
        with node.context(who) as context:
            for one in (one for one in pages if one.who == who):
                headers = context.request.get(one.address).headers
                assert "script-src 'self'" in headers["content-security-policy"], one.address
                assert "unsafe" not in headers["content-security-policy"], one.address
                assert headers["x-content-type-options"] == "nosniff", one.address
                assert headers["referrer-policy"] == "same-origin", one.address
