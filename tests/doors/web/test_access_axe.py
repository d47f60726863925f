"""WCAG 2.2 AA by axe in real Chromium, over every page that the walk finds.

Light and wide in English; dark; narrow (400 px) in Arabic. A new page is tested by being linked.
"""

from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page
from tests.doors.web.conftest import Node
from tests.doors.web.walk import STARTS, Seen

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.xdist_group("pages")]

RULES = {
    "runOnly": [
        "wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice",
    ]
}  # fmt: skip
WINDOWS: dict[str, dict[str, Any]] = {
    "light": {"viewport": {"width": 1280, "height": 900}},
    "dark": {"viewport": {"width": 1280, "height": 900}, "color_scheme": "dark"},
    "narrow": {"viewport": {"width": 400, "height": 800}},
}


def complaints(page: Page, rules: dict[str, Any] | None = None) -> list[str]:
    """Return what axe finds on `page`, a line for each thing."""
    found = Axe().run(page, options=rules or RULES).response
    return [
        f"{one['id']}: {node['target']} {node['failureSummary']!r}"
        for one in found["violations"]
        for node in one["nodes"]
    ]


@pytest.mark.parametrize("window", WINDOWS)
def test_axe_has_no_complaint(node: Node, each_page: list[Seen], window: str) -> None:
    rules = {"runOnly": {"type": "rule", "values": ["color-contrast"]}}
    trouble: list[str] = []
    for who in STARTS:
        with node.context(who, **WINDOWS[window]) as context:
            if window == "narrow":
                arabic = {"name": "django_language", "value": "ar", "url": node.base}
                context.add_cookies([arabic])  # type: ignore[list-item]
            page = context.new_page()
            for one in (one for one in each_page if one.who == who):
                page.goto(one.address)
                given = complaints(page, rules if window == "dark" else None)
                trouble += [f"{one.address}: {line}" for line in given]
    assert not trouble, "\n".join(trouble)


def test_axe_has_no_complaint_about_the_dossier(node: Node) -> None:
    """A document of its own, in a sandbox without scripts, for which axe would wait forever."""
    with node.context("lead", bypass_csp=True) as context:
        page = context.new_page()
        page.goto(f"/cases/{node.case}/dossier/")
        assert page.locator("h1").count() == 1
        # Its sections are named alike for each network; "best-practice" would want other names.
        assert not complaints(page, {"runOnly": [one for one in RULES["runOnly"] if "wcag" in one]})


@pytest.mark.parametrize("width", [400, 640])
def test_nothing_is_wider_than_the_window(node: Node, each_page: list[Seen], width: int) -> None:
    """A window of 1280 at 200 % is 640 wide; tables scroll by themselves, the page does not."""
    wide: list[str] = []
    for who in STARTS:
        with node.context(who, viewport={"width": width, "height": 800}) as context:
            page = context.new_page()
            for one in (one for one in each_page if one.who == who):
                page.goto(one.address)
                over = page.evaluate("document.documentElement.scrollWidth - innerWidth")
                if over > 0:
                    wide.append(f"{one.address}: {over} px")
    assert not wide, "\n".join(wide)


def test_axe_does_find_faults(node: Node) -> None:
    """The test above can fail."""
    with node.context() as context:
        page = context.new_page()
        page.goto("/account/login/")
        page.evaluate(
            "document.querySelector('main label').remove();"
            "document.querySelector('main [name=login]').removeAttribute('placeholder')"
        )
        assert any("label" in line for line in complaints(page))
