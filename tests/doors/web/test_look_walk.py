"""Every page can be reached, answers, and says what it is; in every language and without script."""

import re
from html.parser import HTMLParser
from pathlib import Path

import pytest
from tests.doors.web.conftest import Node
from tests.doors.web.walk import NOT_LINKED, STARTS, Seen, every_view, walk

import palermo

TEMPLATES = Path(palermo.__file__).parent
pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.xdist_group("pages")]


def test_every_address_is_reached_from_a_page(pages: list[Seen], reached: set[str]) -> None:
    """What no page of this node leads to is led to by a template in a state that it is not in."""
    known = set(every_view())
    reached = reached | led_to_by_templates()
    lost = sorted(known - reached - NOT_LINKED.keys())
    assert not lost, f"no page leads to {', '.join(lost)}"
    assert not sorted(NOT_LINKED.keys() - known), "no such address any more"
    assert {one.view for one in pages} >= {"cases:list", "cases:case", "account_login"}


def test_no_link_leads_to_nothing(pages: list[Seen]) -> None:
    assert not [one for one in pages if one.status >= 400]


def test_every_page_has_a_title_a_heading_and_a_way_out(pages: list[Seen]) -> None:
    for one in pages:
        if one.view == "calendar":
            continue
        title = re.search(r"<title>(.*?)</title>", one.html, re.DOTALL)
        assert title is not None, one.address
        assert title[1].strip(" ·\n").removesuffix(" · Palermo"), one.address
        assert one.html.count("<h1") == 1, one.address
        assert 'class="leave"' in one.html, one.address


def test_no_page_carries_style_or_script_of_its_own(pages: list[Seen]) -> None:
    for one in pages:
        found = _Inline()
        found.feed(one.html)
        assert not found.inline, (one.address, found.inline)


@pytest.mark.parametrize("language", ["fr", "es", "ar", "ru", "zh-hans"])
def test_the_page_for_signing_in_is_in_every_language(node: Node, language: str) -> None:
    with node.context() as context:
        cookie = {"name": "django_language", "value": language, "url": node.base}
        context.add_cookies([cookie])  # type: ignore[list-item]  # a TypedDict of Playwright
        page = context.new_page()
        page.goto("/account/login/")
        text = page.locator("main").inner_text()
        english = ("Sign in", "Username", "Password", "Accounts are made")
        assert not [word for word in english if word in text]
        assert page.locator("html").get_attribute("dir") == ("rtl" if language == "ar" else "ltr")
        assert page.locator("html").get_attribute("lang") == language


def test_all_can_be_read_without_script(node: Node, each_page: list[Seen]) -> None:
    """What a page shows with script, it shows without; a drawing has its table beside it."""
    for who in STARTS:
        with node.context(who) as with_script, node.context(who, java_script_enabled=False) as bare:
            told, plain = with_script.new_page(), bare.new_page()
            for one in (one for one in each_page if one.who == who):
                told.goto(one.address)
                plain.goto(one.address)
                words = [set(page.locator("main").inner_text().split()) for page in (told, plain)]
                drawn = set(" ".join(told.locator(".graph").all_inner_texts()).split())
                assert len(words[0] - words[1] - drawn) <= len(words[1]) / 10, one.address
                assert words[1], one.address


def led_to_by_templates() -> set[str]:
    """Return every view that a template names as the target of a link, a form or a script."""
    named = re.compile(r"""{% url ['"]([\w:-]+)['"]""")
    texts = (one.read_text("utf-8") for one in TEMPLATES.rglob("*.html"))
    return {view for text in texts for view in named.findall(text)}


class _Inline(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.inline: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        data = given.get("type") == "application/json"
        if tag == "style" or (tag == "script" and "src" not in given and not data):
            self.inline.append(tag)
        self.inline += [name for name in given if name == "style" or name.startswith("on")]


def test_the_walk_is_no_larger_than_the_node(node: Node) -> None:
    seen, _met = walk(node, "")
    assert "cases:case" not in {one.view for one in seen}
