"""A case from its first day to the audit, by several people, in real Chromium, on `palermo serve`.

An administrator invites people; a registrar opens a case; its lead brings Sirocco in and watches;
an investigator of another unit explores a network and judges a link; a package leaves and is
verified; somebody else is refused; and the data-protection officer finds all of it.
"""

import os
import re
import signal
import socket
import subprocess
import sys
import urllib.request
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from allauth.mfa.totp.internal.auth import (
    format_hotp_value,
    hotp_value,
    yield_hotp_counters_from_time,
)
from playwright.sync_api import Browser, Page, expect
from tests.doors.web.conftest import ROOT

from palermo.doors.cli import run

PASSWORD = "a long enough sentence"  # noqa: S105  of a practice node


@dataclass
class Story:
    """The node that is served, and the windows of its people."""

    base: str
    first_link: str
    browser: Browser
    practice: Path

    def window(self) -> Page:
        """Return a page of somebody who has not signed in."""
        context = self.browser.new_context(base_url=self.base, locale="en")
        context.set_default_timeout(60_000)
        return context.new_page()

    def take_up(self, link: str, username: str) -> Page:
        """Choose a password by a one-time link, sign in, and set up an authenticator."""
        page = self.window()
        page.goto(link.replace("127.0.0.1", "localhost"))
        page.fill("[name=new_password1]", PASSWORD)
        page.fill("[name=new_password2]", PASSWORD)
        page.click("main form button")
        page.fill("[name=login]", username)
        page.fill("[name=password]", PASSWORD)
        page.click("main form button")
        page.goto("/account/2fa/totp/activate/")
        secret = page.locator("main form code").first.inner_text()
        page.fill("[name=code]", code(secret))
        page.click("main form button")
        return page


def code(secret: str) -> str:
    """Return what an authenticator app would show now."""
    counter = next(iter(yield_hotp_counters_from_time()))
    return str(format_hotp_value(hotp_value(secret, counter)))


@pytest.fixture
def story(browser: Browser, tmp_path: Path) -> Iterator[Story]:
    practice = tmp_path / "practice"
    assert run(["scenario", "sirocco", "--out", str(practice), "--size", "400"]) == 0
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    environment = {**os.environ, "PALERMO_HOME": str(tmp_path / "node"), "PYTHONUNBUFFERED": "1"}
    environment.pop("DJANGO_SETTINGS_MODULE", None)
    command = [sys.executable, "-c", "from palermo.doors.cli import main; main()"]
    with subprocess.Popen(
        [*command, "serve", "--port", str(port), "--processes", "1"],
        cwd=ROOT,
        env=environment | {"PYTHONPATH": str(ROOT / "src")},
        stdout=subprocess.PIPE,
        text=True,
    ) as server:
        assert server.stdout is not None
        told = ""
        while "The desks are at" not in told:
            line = server.stdout.readline()
            assert line, f"the server ended: {told}"
            told += line
        link = re.search(r"http://\S+/invitation/\S+", told)
        assert link, told
        for _ in range(240):
            try:
                with urllib.request.urlopen(f"http://127.0.0.1:{port}/health", timeout=2):  # noqa: S310
                    break
            except OSError:
                continue
        yield Story(
            base=f"http://localhost:{port}",
            first_link=link.group(),
            browser=browser,
            practice=practice,
        )
        server.send_signal(signal.SIGTERM)
        assert server.wait(60) == 0


def invite(admin: Page, username: str, unit: str, *duties: str) -> str:
    """Have the administrator make an account; return its one-time link."""
    admin.goto("/people/invite/")
    admin.fill("[name=username]", username)
    admin.fill("[name=full_name]", username.title())
    admin.select_option("[name=unit]", label=unit)
    admin.click("main form button")
    link = admin.locator("#link").input_value()
    admin.click("main a:has-text('Done')")
    for duty in duties:
        admin.select_option("[name=duty]", duty)
        admin.click("button:has-text('Give this duty')")
    return link


def open_for(page: Page, key: str, purpose: str) -> None:
    page.goto(f"/cases/{key}/")
    page.select_option("[name=purpose]", purpose)
    page.click("main form button")
    expect(page.locator(".band")).to_contain_text("SIR-1")


@pytest.mark.browser
@pytest.mark.slow
def test_from_the_first_link_to_the_audit(story: Story, tmp_path: Path) -> None:  # noqa: PLR0914
    # The administrator: units, and people by invitation.
    admin = story.take_up(story.first_link, "administrator")
    for unit in ("Cyber unit", "Anti-trafficking unit"):
        admin.goto("/units/")
        admin.fill("[name=name]", unit)
        admin.click("button:has-text('Make it')")
    links = {
        "rosa": invite(admin, "rosa", "Cyber unit", "registrar"),
        "lena": invite(admin, "lena", "Cyber unit"),
        "ivan": invite(admin, "ivan", "Anti-trafficking unit"),
        "nina": invite(admin, "nina", "Anti-trafficking unit"),
        "otto": invite(admin, "otto", "Anti-trafficking unit", "data-protection-officer"),
    }
    page = {name: story.take_up(link, name) for name, link in links.items()}

    # The registrar opens the case under an authority; she herself sees nothing of it.
    rosa = page["rosa"]
    rosa.goto("/cases/new/")
    rosa.fill("[name=reference]", "SIR-1")
    rosa.fill("[name=title]", "Offers from the same hands")
    rosa.select_option("[name=unit]", label="Cyber unit")
    rosa.select_option("[name=lead]", label="Lena")
    rosa.set_input_files("[name=authority]", story.practice / "authority.yaml")
    rosa.click("main form button")
    rosa.goto("/cases/")
    assert "SIR-1" not in rosa.locator("main").inner_text()

    # The lead opens it for a purpose, brings Sirocco in, and watches it being investigated.
    lena = page["lena"]
    lena.goto("/cases/")
    lena.click("main table a:has-text('SIR-1')")
    key = re.search(r"/cases/([^/]+)/", lena.url)
    assert key
    case = key.group(1)
    open_for(lena, case, "investigate")
    lena.goto(f"/cases/{case}/material/")
    lena.set_input_files("[name=uploads]", story.practice / "items.parquet")
    lena.click("button:has-text('Bring in and investigate')")
    expect(lena.locator("[role=status]").first).to_be_visible()
    expect(lena.locator("main")).to_contain_text("done", timeout=180_000)

    # She adds an investigator of the other unit, and nobody else.
    lena.goto(f"/cases/{case}/members/")
    choice = lena.locator("[name=person] option", has_text="Ivan").get_attribute("value")
    lena.select_option("[name=person]", choice)
    lena.select_option("[name=role]", "investigator")
    lena.click("main form:has([name=person]) button")

    # The investigator explores the largest network and judges what matters most in it.
    ivan = page["ivan"]
    open_for(ivan, case, "protect")
    ivan.goto(f"/cases/{case}/networks/")
    ivan.locator("main table tbody a").first.click()
    expect(ivan.locator("main table").first).to_be_visible()
    network = re.search(r"/networks/([^/]+)/", ivan.url)
    assert network
    ivan.goto(f"/cases/{case}/networks/{network.group(1)}/review/")
    ivan.fill("[name=reason]", "the number is that of a hotel")
    ivan.click("button[value=not_same]")
    ivan.goto(f"/cases/{case}/judgements/")
    expect(ivan.locator("main")).to_contain_text("the number is that of a hotel")

    # What he judged, the lead sees; what she packs, anybody can check.
    lena.goto(f"/cases/{case}/judgements/")
    expect(lena.locator("main")).to_contain_text("Ivan")
    lena.goto(f"/cases/{case}/packages/")
    lena.fill("[name=recipient]", "Court of Example")
    lena.select_option("[name=act]", "export")
    lena.set_input_files("[name=authority]", story.practice / "hand-over.yaml")
    lena.click("button:has-text('Make the package')")
    expect(lena.locator("a:has-text('Fetch the package')")).to_be_visible(timeout=120_000)
    with lena.expect_download() as fetched:
        lena.click("a:has-text('Fetch the package')")
    archive = tmp_path / "package.zip"
    fetched.value.save_as(archive)
    with zipfile.ZipFile(archive) as packed:
        packed.extractall(tmp_path / "unpacked")
    bag = next((tmp_path / "unpacked").rglob("bagit.txt")).parent
    assert run(["verify", str(bag)]) == 0

    # Somebody else: the case is not there, and the attempt is written down.
    nina = page["nina"]
    nina.goto("/cases/")
    assert "SIR-1" not in nina.locator("main").inner_text()
    answer = nina.goto(f"/cases/{case}/networks/")
    assert answer is not None
    assert answer.status == 404

    # The officer finds all of it, and that he looked is written down as well.
    otto = page["otto"]
    found = audit_of(otto)
    assert ("Lena", "collection") in found
    assert ("Ivan", "consultation") in found
    assert ("Ivan", "alteration") in found
    assert ("Lena", "disclosure") in found
    assert ("Nina", "refusal") in found
    assert ("Otto", "consultation") in audit_of(otto)
    otto.goto("/audit/verify/")
    otto.click("main form button:has-text('Compare')")
    expect(otto.locator("main")).to_contain_text("Every entry agrees with the log")


def audit_of(officer: Page) -> set[tuple[str, str]]:
    """Return who did which kind of act, from all pages of the audit."""
    found: set[tuple[str, str]] = set()
    officer.goto("/audit/")
    for _ in range(40):
        for row in officer.locator("main table tbody tr").all():
            text = row.inner_text()
            for name in ("Lena", "Ivan", "Nina", "Otto", "Rosa"):
                for kind in ("collection", "consultation", "alteration", "disclosure", "refusal"):
                    if name in text and kind in text.lower():
                        found.add((name, kind))
        onward = officer.locator("nav.paging a:has-text('Older')")
        if not onward.count():
            return found
        onward.first.click()
    return found
