"""A node with its pages served, real Chromium, and people who are signed in.

Everything is as installed: the settings, the static files, gunicorn, the policy of the headers.
"""

import json
import os
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from playwright.sync_api import Browser, BrowserContext, sync_playwright
from tests.doors.web.signing import open_case, sign_in

if TYPE_CHECKING:
    from tests.doors.web.walk import Seen

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
ROOT = Path(__file__).resolve().parents[3]


@dataclass(frozen=True, slots=True)
class Node:
    """The node that is served: its address, its case, an invitation, cookies of the signed in."""

    base: str
    case: str
    run: int
    invitation: str
    codes: dict[str, list[str]]
    browser: Browser
    states: dict[str, Any] = field(default_factory=dict)

    def sign_in(self, context: BrowserContext, who: str) -> None:
        """Sign `who` in, in a window of their own: what they do there ends no other session."""
        sign_in(context, who, self.codes[who])

    def context(self, who: str = "", **options: Any) -> BrowserContext:
        """Return a window of `who`, signed in; nobody if empty. The lead has the case open."""
        if who and who not in self.states:
            with self.browser.new_context(base_url=self.base, locale="en") as first:
                self.sign_in(first, who)
                if who == "lead":
                    open_case(first, self.case)
                self.states[who] = first.storage_state()
        options = {"base_url": self.base, "locale": "en", **options}
        return self.browser.new_context(storage_state=self.states.get(who), **options)


@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    if not Path(CHROMIUM).exists():
        pytest.skip(f"no browser at {CHROMIUM}")
    # Playwright's synchronous interface runs a loop of its own in this thread.
    with pytest.MonkeyPatch.context() as patch, sync_playwright() as playwright:
        patch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "1")
        opened = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield opened
        opened.close()


@pytest.fixture(scope="package")
def node(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Node]:
    """A node filled by `demo_node.py`, served by gunicorn on a free port of loopback."""
    folder = tmp_path_factory.mktemp("served")
    environment = {**os.environ, "PALERMO_HOME": str(folder), "PYTHONPATH": str(ROOT / "src")}
    environment.pop("DJANGO_SETTINGS_MODULE", None)
    filling = [sys.executable, "-m", "tests.doors.web.demo_node"]
    filled = subprocess.run(
        filling, cwd=ROOT, env=environment, check=True, text=True, stdout=subprocess.PIPE
    )
    facts = json.loads(filled.stdout.splitlines()[-1])
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    serving = [
        sys.executable, "-m", "gunicorn", "palermo.doors.web.wsgi", "--bind", f"127.0.0.1:{port}",
        "--workers", "1", "--threads", "4", "--worker-class", "gthread", "--log-level", "warning",
        "--no-control-socket",
    ]  # fmt: skip
    server = subprocess.Popen(serving, cwd=ROOT, env=environment)
    base = f"http://localhost:{port}"
    try:
        _until_it_answers(f"http://127.0.0.1:{port}/health", lambda: server.poll() is None)
        yield Node(base=base, browser=browser, **facts)
    finally:
        server.terminate()
        server.wait(30)


def _until_it_answers(address: str, alive: Callable[[], bool]) -> None:
    for _attempt in range(150):
        assert alive(), "the server ended before it answered"
        try:
            with urllib.request.urlopen(address, timeout=2):  # noqa: S310  our own
                return
        except OSError:
            time.sleep(0.2)
    pytest.fail("the server did not answer within half a minute")


@pytest.fixture(scope="package")
def walks(node: Node) -> "dict[str, tuple[list[Seen], set[str]]]":
    """What each person sees, page by page."""
    from tests.doors.web.walk import STARTS, walk

    return {who: walk(node, who) for who in STARTS}


@pytest.fixture(scope="package")
def pages(walks: "dict[str, tuple[list[Seen], set[str]]]") -> "list[Seen]":
    # The dossier is a document of its own, in a sandbox, and not a page of the desks.
    return [one for seen, _met in walks.values() for one in seen if one.view != "cases:dossier"]


@pytest.fixture(scope="package")
def each_page(pages: "list[Seen]") -> "list[Seen]":
    """One page of each view, by whoever comes to it first; for looks that take long."""
    return list({one.view: one for one in reversed(pages)}.values())


@pytest.fixture(scope="package")
def reached(walks: "dict[str, tuple[list[Seen], set[str]]]") -> set[str]:
    return set().union(*(met for _seen, met in walks.values()))
