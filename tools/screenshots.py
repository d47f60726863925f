"""Makes the pictures of the documentation from a case of the practice scenario.

    python tools/screenshots.py CASE docs/images

Needs Debian's Chromium and the packages of requirements/dev.lock.
"""

import sys
from pathlib import Path

from playwright.sync_api import sync_playwright

ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
#: (name, width, colour scheme, what is scrolled to the top)
SHOTS = [
    ("help-first", 1280, "light", None),
    ("network", 1280, "light", "h3"),
    ("template", 1280, "light", "mark"),
    ("drawing", 1280, "light", "svg"),
    ("network-dark", 1280, "dark", "h3"),
    ("network-narrow", 400, "light", "h3"),
    ("template-narrow", 400, "light", "mark"),
]


def main() -> None:
    """Write one PNG a shot."""
    case, out = Path(sys.argv[1]).resolve(), Path(sys.argv[2])
    out.mkdir(parents=True, exist_ok=True)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=ARGUMENTS)
        for name, width, scheme, target in SHOTS:
            page = browser.new_page(
                viewport={"width": width, "height": 900},
                color_scheme="dark" if scheme == "dark" else "light",
            )
            page.goto((case / "dossier.html").as_uri())
            if target:
                page.evaluate("name => document.querySelector(name).scrollIntoView()", target)
            page.screenshot(path=out / f"{name}.png")
            page.close()
        browser.close()


if __name__ == "__main__":
    main()
