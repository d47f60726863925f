"""Without a mouse: the skip link, the order, a focus that is seen, and a case opened by keys."""

import re

import pytest
from playwright.sync_api import Page, expect
from tests.doors.web.conftest import Node
from tests.doors.web.walk import STARTS, Seen

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.xdist_group("pages")]

#: Where the focus is, whether it is drawn and whether the window shows it.
FOCUS = """() => {
  const here = document.activeElement;
  const style = getComputedStyle(here), box = here.getBoundingClientRect();
  return {
    name: here.tagName + ' ' + (here.innerText || here.name || here.id || '').slice(0, 40),
    drawn: parseFloat(style.outlineWidth) >= 2 && style.outlineStyle !== 'none',
    shown: box.bottom > 0 && box.top < innerHeight && box.width > 0,
    covered: (() => {
      const top = document.elementFromPoint(box.x + box.width / 2, box.y + box.height / 2);
      return top !== null && !here.contains(top) && !top.contains(here);
    })(),
    body: here === document.body,
  };
}"""


def tab_until(page: Page, text: str, most: int = 80) -> None:
    """Press Tab until what has the focus says `text`."""
    for _press in range(most):
        page.keyboard.press("Tab")
        said = page.evaluate(
            "(document.activeElement.innerText || document.activeElement.value || '').trim()"
        )
        if said == text:
            return
    pytest.fail(f"no Tab leads to {text!r}")


def test_the_first_tab_skips_to_the_content(node: Node) -> None:
    with node.context("lead") as context:
        page = context.new_page()
        page.goto("/cases/")
        page.keyboard.press("Tab")
        expect(page.locator(".skip")).to_be_focused()
        expect(page.locator(".skip")).to_be_in_viewport()
        page.keyboard.press("Enter")
        expect(page.locator("main")).to_be_focused()


def test_every_focus_is_seen(node: Node, each_page: list[Seen]) -> None:
    trouble: list[str] = []
    for who in STARTS:
        with node.context(who) as context:
            page = context.new_page()
            for one in (one for one in each_page if one.who == who):
                page.goto(one.address)
                for _press in range(40):
                    page.keyboard.press("Tab")
                    at = page.evaluate(FOCUS)
                    if at["body"]:
                        break
                    if not at["drawn"] or not at["shown"] or at["covered"]:
                        trouble.append(f"{one.address}: {at}")
    assert not trouble, "\n".join(trouble)


def test_a_case_is_opened_and_read_by_keys_alone(node: Node) -> None:
    with node.context("analyst") as context:
        page = context.new_page()
        page.goto("/cases/")
        tab_until(page, "SIROCCO-1")
        page.keyboard.press("Enter")
        page.wait_for_url("**/open/**")
        tab_until(page, "Open the case")
        page.keyboard.press("Enter")
        page.wait_for_url(re.compile(rf"/cases/{node.case}/$"))
        tab_until(page, "Items")
        page.keyboard.press("Enter")
        page.wait_for_url("**/items/")
        expect(page.locator("nav.side [aria-current=page]")).to_have_text("Items")
        tab_until(page, "Shut the case")
        page.keyboard.press("Enter")
        page.wait_for_url("**/cases/")


def test_a_wide_table_is_scrolled_by_keys(node: Node) -> None:
    with node.context("lead", viewport={"width": 400, "height": 800}) as context:
        page = context.new_page()
        page.goto(f"/cases/{node.case}/")
        box = page.locator(".scroll[tabindex='0']").first
        expect(box).to_have_attribute("role", "region")
        box.focus()
        page.keyboard.press("ArrowRight")
        page.wait_for_function("document.querySelector('.scroll').scrollLeft > 0")


def test_nothing_moves_for_those_who_want_no_motion(node: Node) -> None:
    with node.context("lead", reduced_motion="reduce") as context:
        page = context.new_page()
        page.goto(f"/cases/{node.case}/")
        moving = page.evaluate(
            "[...document.querySelectorAll('*')].filter((one) =>"
            " parseFloat(getComputedStyle(one).transitionDuration) > .01).length"
        )
        assert moving == 0
