"""The dossier in a real browser: wide and narrow, light and dark, by keyboard, on paper."""

import dataclasses
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, sync_playwright
from tests.investigation.dossier.sample import sample

from palermo.investigation.dossier import Listed, render_dossier

pytestmark = pytest.mark.browser

CHROMIUM = "/usr/bin/chromium"
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]

#: Ratio of contrast (WCAG 2.2) of every text node that is seen, with the worst of each kind.
CONTRAST = """() => {
  const paint = document.createElement('canvas').getContext('2d', {willReadFrequently: true});
  const rgb = (colour) => {
    paint.clearRect(0, 0, 1, 1); paint.fillStyle = colour; paint.fillRect(0, 0, 1, 1);
    return [...paint.getImageData(0, 0, 1, 1).data];
  };
  const light = ([r, g, b]) => [r, g, b].map(v => v / 255)
    .map(v => v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4)
    .reduce((sum, v, i) => sum + v * [0.2126, 0.7152, 0.0722][i], 0);
  const ground = (element) => {
    for (let e = element; e; e = e.parentElement) {
      if (e.closest('svg') && e.tagName !== 'svg') {
        if (e.classList && e.classList.contains('node')) return rgb(getComputedStyle(e).fill);
        continue;
      }
      const colour = rgb(getComputedStyle(e).backgroundColor);
      if (colour[3] === 255) return colour;
    }
    return [255, 255, 255, 255];
  };
  const worst = {};
  const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walk.nextNode()) {
    const element = walk.currentNode.parentElement;
    if (!walk.currentNode.data.trim() || element.closest('.vh, .skip, title, desc')) continue;
    if (!element.checkVisibility()) continue;
    const style = getComputedStyle(element);
    const ink = rgb(element.closest('svg') ? style.fill : style.color);
    const [a, b] = [light(ink), light(ground(element))].sort((x, y) => y - x);
    const ratio = (a + 0.05) / (b + 0.05);
    const name = element.tagName + '.' + (element.getAttribute('class') || '');
    if (!(name in worst) || ratio < worst[name]) worst[name] = ratio;
  }
  return worst;
}"""


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    if not Path(CHROMIUM).exists():
        pytest.skip(f"no browser at {CHROMIUM}")
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield opened
        opened.close()


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("dossier") / "dossier.html"
    path.write_text(render_dossier(sample()), encoding="utf-8")
    return path


def opened(browser: Browser, file: Path, width: int, **more: Any) -> Page:
    page = browser.new_page(viewport={"width": width, "height": 900}, **more)
    page.goto(file.as_uri())
    return page


@pytest.mark.parametrize("width", [1280, 400, 320])
@pytest.mark.parametrize("language", ["en", "fr"])
def test_the_page_itself_never_scrolls_sideways(
    browser: Browser, file: Path, width: int, language: str
) -> None:
    page = opened(browser, file, width)
    page.check(f"#language-{language}")
    page.evaluate("document.querySelectorAll('details').forEach(d => d.open = true)")
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    outside = page.evaluate(
        """width => [...document.querySelectorAll('body *')].filter(e => e.checkVisibility()
        && !e.closest('.scroll, .vh, .skip, svg') && e.getBoundingClientRect().right > width + 1)
        .map(e => e.tagName + '.' + e.className)""",
        width,
    )
    assert outside == []
    page.close()


def test_the_language_changes_by_keyboard_and_only_one_is_there(
    browser: Browser, file: Path
) -> None:
    page = opened(browser, file, 1280)
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.id") == "language-en"
    assert page.locator("#networks").inner_text() == "6 Networks"
    page.keyboard.press("ArrowRight")
    assert page.locator("#networks").inner_text() == "6 Réseaux"
    assert page.locator("main .t[lang=en]:visible").count() == 0
    tree = page.locator("main").aria_snapshot()
    assert "Méthode" in tree
    assert "Method" not in tree.replace("Méthode", "")
    page.close()


def test_the_first_link_skips_to_the_text(browser: Browser, file: Path) -> None:
    page = opened(browser, file, 1280)
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "text"
    page.close()


def test_a_claim_leads_to_its_row_and_the_row_is_marked(browser: Browser, file: Path) -> None:
    page = opened(browser, file, 1280)
    page.locator("section.network a.ref").first.click()
    assert page.url.endswith("#row-1-1")
    top = page.evaluate("document.querySelector(':target').getBoundingClientRect().top")
    assert 0 <= top < 900
    page.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_all_text_has_enough_contrast(browser: Browser, file: Path, scheme: Any) -> None:
    page = opened(browser, file, 1280, color_scheme=scheme)
    page.evaluate("document.querySelectorAll('details').forEach(d => d.open = true)")
    worst = page.evaluate(CONTRAST)
    assert len(worst) > 30
    assert {name: round(ratio, 2) for name, ratio in worst.items() if ratio < 4.5} == {}
    page.close()


def test_marked_rows_keep_their_contrast(browser: Browser, file: Path) -> None:
    for scheme in ("light", "dark"):
        page = browser.new_page(color_scheme=scheme)
        page.goto(file.as_uri() + "#row-1-3")
        assert min(page.evaluate(CONTRAST).values()) >= 4.5
        page.close()


def test_nothing_is_requested_and_nothing_is_complained_about(browser: Browser, file: Path) -> None:
    page = browser.new_page()
    requests: list[str] = []
    messages: list[str] = []
    page.on("request", lambda request: requests.append(request.url))
    page.on("console", lambda message: messages.append(message.text))
    page.goto(file.as_uri())
    assert requests == [file.as_uri()]
    assert messages == []
    page.close()


def test_paper_holds_what_is_folded_on_screen_and_no_choices(browser: Browser, file: Path) -> None:
    page = opened(browser, file, 1280, color_scheme="dark")
    page.emulate_media(media="print", color_scheme="dark")
    assert page.evaluate("getComputedStyle(document.documentElement).backgroundColor") == (
        "rgb(255, 255, 255)"
    )
    assert page.locator("#n1-graph-nodes").evaluate("e => e.checkVisibility()")
    assert not page.locator(".toc").is_visible()
    assert not page.locator("label.choice").first.is_visible()
    page.close()


def test_an_arabic_quotation_runs_from_right_to_left(browser: Browser, file: Path) -> None:
    page = opened(browser, file, 1280)
    directions = page.locator(".member[lang=ar], .template[lang=ar]").evaluate_all(
        "all => all.map(e => getComputedStyle(e).direction)"
    )
    assert set(directions) == {"rtl"}
    page.close()


def test_a_dossier_without_anything_still_fits(browser: Browser, tmp_path: Path) -> None:
    bare = dataclasses.replace(
        sample(), networks=Listed(), campaigns_without_network=Listed(), support_first=Listed()
    )
    file = tmp_path / "bare.html"
    file.write_text(render_dossier(bare), encoding="utf-8")
    page = opened(browser, file, 400)
    assert page.evaluate("document.documentElement.scrollWidth") <= 400
    page.close()
