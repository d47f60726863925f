"""Makes the pictures of the desks for the documentation, from a practice node that it serves.

    python tools/desk_pictures.py demo/sirocco docs/images/desks

Every page in light; the ones named in VARIED also dark, narrow (400 px) and in Arabic. Needs
Debian's Chromium and the packages of requirements/dev.lock.
"""

import base64
import hmac
import io
import os
import re
import socket
import struct
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from PIL import Image
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

FLAGS = ["--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking"]
PASSWORD = "a long enough sentence"  # noqa: S105  of a practice node that ends with this program
#: Picture, whose page, address. `{case}` is the case's, `first:` follows the first link of a table.
PAGES = (
    ("sign-in", "", "/account/login/"),
    ("second-factor", "newcomer", "/account/2fa/totp/activate/"),
    ("cases", "lead", "/cases/"),
    ("case", "lead", "{case}/"),
    ("search", "lead", "{case}/search/?q=hotel"),
    ("networks", "lead", "{case}/networks/"),
    ("network", "lead", "first:{case}/networks/"),
    ("graph", "lead", "first:{case}/networks/|graph/"),
    ("review", "lead", "first:{case}/networks/|review/"),
    ("campaigns", "lead", "{case}/campaigns/"),
    ("campaign", "lead", "first:{case}/campaigns/"),
    ("identifiers", "lead", "{case}/identifiers/"),
    ("identifier", "lead", "first:{case}/identifiers/"),
    ("items", "lead", "{case}/items/"),
    ("item", "lead", "first:{case}/items/"),
    ("timeline", "lead", "{case}/timeline/"),
    ("places", "lead", "{case}/places/"),
    ("material", "lead", "{case}/material/"),
    ("run", "lead", "{case}/runs/1/"),
    ("evidence", "lead", "{case}/evidence/"),
    ("exhibit", "lead", "first:{case}/evidence/"),
    ("custody", "lead", "{case}/custody/"),
    ("verify", "lead", "{case}/verify/"),
    ("packages", "lead", "{case}/packages/"),
    ("notebook", "lead", "{case}/notebook/"),
    ("tasks", "lead", "{case}/tasks/"),
    ("claims", "lead", "{case}/claims/"),
    ("judgements", "lead", "{case}/judgements/"),
    ("decisions", "lead", "{case}/decisions/"),
    ("hand-over", "lead", "{case}/hand-over/"),
    ("activity", "lead", "{case}/activity/"),
    ("oversight", "lead", "{case}/oversight/"),
    ("members", "lead", "{case}/members/"),
    ("authorities", "lead", "{case}/authorities/"),
    ("emergency", "investigator", "/emergencies/"),
    ("looks", "lead", "/looks/"),
    ("people", "administrator", "/people/"),
    ("audit", "officer", "/audit/"),
    ("unusual", "officer", "/audit/unusual/"),
)
VARIED = ("case", "network", "graph", "campaign", "item", "networks", "review", "audit", "sign-in")
VARIANTS: dict[str, dict[str, Any]] = {
    "": {"viewport": {"width": 1280, "height": 900}},
    "-dark": {"viewport": {"width": 1280, "height": 900}, "color_scheme": "dark"},
    "-narrow": {"viewport": {"width": 400, "height": 860}},
    "-arabic": {"viewport": {"width": 1280, "height": 900}, "locale": "ar"},
}


@contextmanager
def served(practice: Path) -> Iterator[tuple[str, dict[str, str]]]:
    """Serve a practice node; yield its address and the one-time link of each person."""
    with tempfile.TemporaryDirectory() as folder, socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
        free.close()
        environment = {**os.environ, "PALERMO_HOME": folder, "PYTHONUNBUFFERED": "1"}
        command = [sys.executable, "-c", "from palermo.doors.cli import main; main()", "serve"]
        options = ["--port", str(port), "--practice", str(practice)]
        with subprocess.Popen(  # noqa: S603
            [*command, *options], env=environment, stdout=subprocess.PIPE, text=True
        ) as server:
            told = ""
            while server.stdout is not None and "Listening" not in told:
                line = server.stdout.readline()
                if not line:
                    break
                told += line
                if "The desks are at" in line:
                    break
            links = dict(
                re.findall(r"^\s+(\w+)\s+http://[^/]+(/invitation/\S+)", told, re.MULTILINE)
            )
            first = re.search(r"http://[^/\s]+(/invitation/\S+)", told)
            if first and first.group(1) not in links.values():
                links["administrator"] = first.group(1)
            try:
                yield f"http://localhost:{port}", links
            finally:
                server.terminate()


def code(secret: str) -> str:
    """Return what an authenticator app shows now (RFC 6238, six digits, 30 seconds)."""
    key = base64.b32decode(secret.replace(" ", "") + "=" * (-len(secret) % 8))
    digest = hmac.digest(key, struct.pack(">Q", int(time.time()) // 30), "sha1")
    at = digest[-1] & 15
    return f"{(int.from_bytes(digest[at : at + 4], 'big') & 0x7FFFFFFF) % 1_000_000:06d}"


def signed_in(browser: Browser, base: str, link: str, username: str, *, factor: bool) -> Any:
    """Choose a password by a one-time link, sign in, set up a factor; return the session."""
    context = browser.new_context(base_url=base, locale="en")
    page = context.new_page()
    page.goto(link)
    page.fill("[name=new_password1]", PASSWORD)
    page.fill("[name=new_password2]", PASSWORD)
    page.click("main form button")
    page.fill("[name=login]", username)
    page.fill("[name=password]", PASSWORD)
    page.click("main form button")
    if factor:
        page.goto("/account/2fa/totp/activate/")
        secret = page.locator("main form code").first.inner_text()
        page.fill("[name=code]", code(secret))
        page.click("main form button")
    return context.storage_state()


def opened(context: BrowserContext) -> str:
    """Open the one case for a purpose; return its address."""
    page = context.new_page()
    page.goto("/cases/")
    page.locator("main table a").first.click()
    page.select_option("[name=purpose]", "investigate")
    page.click("main form button")
    found = re.search(r"(/cases/[^/]+)/", page.url)
    if not found:
        raise SystemExit(f"expected a case, found {page.url}")
    page.close()
    return found.group(1)


def show(page: Page, address: str, case: str) -> None:
    """Go to `address`, or where the first row of the table there leads, and on from that."""
    where = address.format(case=case)
    if not where.startswith("first:"):
        page.goto(where)
        return
    table, _, onward = where.removeprefix("first:").partition("|")
    page.goto(table)
    target = page.locator("main table tbody a").first.get_attribute("href") or table
    page.goto(target + onward)


def kept(picture: bytes, path: Path) -> None:
    """Write a screenshot in 64 colours: a fifth of the size, and no difference to the eye."""
    with Image.open(io.BytesIO(picture)) as image:
        image.convert("RGB").quantize(64).save(path, optimize=True)


def main() -> None:
    """Write one PNG a page and variant."""
    practice, out = Path(sys.argv[1]).resolve(), Path(sys.argv[2])
    out.mkdir(parents=True, exist_ok=True)
    with served(practice) as (base, links), sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=FLAGS)
        people = {who for _, who, _ in PAGES if who}
        names = {"newcomer": "analyst"}
        states = {
            who: signed_in(
                browser,
                base,
                links[names.get(who, who)],
                names.get(who, who),
                factor=who != "newcomer",
            )
            for who in sorted(people)
        }
        with browser.new_context(base_url=base, storage_state=states["lead"]) as context:
            case = opened(context)
            states["lead"] = context.storage_state()
        for variant, options in VARIANTS.items():
            for name, who, address in PAGES:
                if variant and name not in VARIED:
                    continue
                state = states.get(who)
                with browser.new_context(
                    base_url=base, storage_state=state, **{"locale": "en", **options}
                ) as context:
                    page = context.new_page()
                    show(page, address, case)
                    page.wait_for_timeout(1500 if name == "graph" else 200)
                    kept(page.screenshot(), out / f"{name}{variant}.png")
        browser.close()


if __name__ == "__main__":
    main()
