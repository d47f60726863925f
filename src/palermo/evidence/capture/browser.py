"""The process that drives the browser: `python -m palermo.evidence.capture.browser FD`.

Guarantees a fresh, empty profile, no way to the network but the filtering proxy, and that nothing
is decided here: what a page may load is asked of the process that started this one. It writes no
file; the browser's own temporary files go where `TMPDIR` says.
"""

import asyncio
import hashlib
import os
import re
import resource
import sys
import time
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from playwright.async_api import Browser, BrowserContext, CDPSession, Page, async_playwright
from playwright.async_api import Error as BrowserError

from palermo.evidence.capture.interception import Interception
from palermo.evidence.capture.renderings import Renderings
from palermo.evidence.capture.task import DONE, Task

_FLAGS = (
    "--proxy-bypass-list=<-loopback>",  # by default browsers reach loopback past the proxy
    "--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE 127.0.0.1",
    "--dns-prefetch-disable",
    "--disable-quic",
    "--force-webrtc-ip-handling-policy=disable_non_proxied_udp",
    "--webrtc-ip-handling-policy=disable_non_proxied_udp",
    "--no-pings",
    "--no-first-run",
    "--no-default-browser-check",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-domain-reliability",
    "--disable-sync",
    "--disable-breakpad",
    "--disable-crash-reporter",
    "--disable-extensions",
    "--disable-notifications",
    "--deny-permission-prompts",
    # All frames in one process, so that one session holds the requests of all. Nothing of value
    # lies in this browser for one frame to take from another; the system's sandbox stays.
    "--disable-site-isolation-trials",
)
#: What a page sees whose pop-ups the browser refuses.
_NO_POPUPS = "Object.defineProperty(window, 'open', {value: function open() { return null }})"
_TICK = 0.05  # seconds between two looks at the state of the page
_SCROLL = """async (limit) => {
  const wait = () => new Promise(done => setTimeout(done, 120));
  for (let y = 0; y < Math.min(document.documentElement.scrollHeight, limit); y += innerHeight) {
    window.scrollTo(0, y); await wait();
  }
  window.scrollTo(0, 0); await wait();
}"""
SCROLL_SHA256 = hashlib.sha256(_SCROLL.encode()).hexdigest()


class Visit:
    """One visit to one page."""

    def __init__(self, parent: Connection, task: Task) -> None:
        self._parent = parent
        self._task = task
        self._loaded = asyncio.Event()
        self._halt = ""
        self._ending: asyncio.Future[None] | None = None
        self._counts = {"dialogs": 0, "messages": 0, "popups": 0}

    def tell(self, kind: str, what: dict[str, Any]) -> None:
        """Tell the parent."""
        self._parent.send((kind, what))

    def ask(self, kind: str, what: dict[str, Any]) -> str:
        """Ask the parent; it answers at once, so that nothing else need go on meanwhile."""
        self._parent.send((kind, what))
        answer: str = self._parent.recv()
        return answer

    async def run(self) -> None:
        """Visit and tell."""
        task = self._task
        async with async_playwright() as playwright:
            browser = await playwright.chromium.launch(
                executable_path=task.executable,
                args=[*_FLAGS, f"--proxy-server=socks5://127.0.0.1:{task.filter_port}"],
                # Without it the browser refuses pop-ups by itself as well.
                ignore_default_args=["--disable-popup-blocking"],
                chromium_sandbox=task.sandbox,
            )
            agent = await self._introduce(browser)
            screen = task.screen
            context = await browser.new_context(
                accept_downloads=False,
                service_workers="block",
                ignore_https_errors=task.accept_invalid_tls,
                viewport={"width": screen.width, "height": screen.height},
                locale=screen.locale,
                timezone_id=screen.time_zone,
                user_agent=screen.user_agent or agent,
            )
            await context.add_init_script(_NO_POPUPS)
            await context.route_web_socket(re.compile(".*"), lambda socket: socket.close())
            await self._visit(context)
            await browser.close()

    async def _introduce(self, browser: Browser) -> str:
        """Tell which program really runs; return its user agent without the word Headless."""
        session = await browser.new_browser_cdp_session()
        found = await session.send("SystemInfo.getProcessInfo")
        pid = next(one["id"] for one in found["processInfo"] if one["type"] == "browser")
        self.tell("started", {"pid": pid})
        version = await session.send("Browser.getVersion")
        binary, digest = _program(pid)
        self.tell(
            "facts",
            {
                "browser": {
                    "name": version["product"].partition("/")[0].replace("Headless", ""),
                    "version": browser.version,
                    "binary": binary,
                    "sha256": digest,
                    "sandbox": self._task.sandbox,
                },
                "interaction": {"scroll_script_sha256": SCROLL_SHA256},
            },
        )
        await session.detach()
        agent: str = version["userAgent"]
        return agent.replace("HeadlessChrome", "Chrome")

    async def _visit(self, context: BrowserContext) -> None:
        page = await context.new_page()
        session = await context.new_cdp_session(page)
        await self._hold_popups(context)
        tree = await session.send("Page.getFrameTree")
        frame = tree["frameTree"]["frame"]["id"]
        requests = Interception(session, self._task, main_frame=frame, ask=self.ask, tell=self.tell)
        self._listen(context, page, session)
        await session.send("Page.enable")
        await requests.begin()
        await self._load(page, requests)
        if self._halt:
            await (self._ending or self._freeze(session))
            await self._break_off(session, requests)
        if page.url.startswith(("http:", "https:")):
            # A page that is busy is stopped before anything else is asked of it; one that becomes
            # busy while it is scrolled, after that.
            if await self._answers(session):
                await self._scroll(page, requests)
            if not await self._answers(session):
                await self._freeze(session)
            await Renderings(session, self._task, frame=frame, tell=self.tell).make()
        requests.flush()

    async def _hold_popups(self, context: BrowserContext) -> None:
        """Hold every window that opens from now on before it asks for anything; it is closed."""
        if context.browser is None:
            raise AssertionError("a context of a browser of its own")
        session = await context.browser.new_browser_cdp_session()
        await session.send(
            "Target.setAutoAttach",
            {
                "autoAttach": True,
                "waitForDebuggerOnStart": True,
                "flatten": True,
                "filter": [{"type": "page"}],
            },
        )

    def _listen(self, context: BrowserContext, page: Page, session: CDPSession) -> None:
        page.on("load", lambda _: self._loaded.set())
        page.on("dialog", lambda dialog: asyncio.ensure_future(self._dialog(dialog)))
        page.on("console", lambda message: self._message(message.type, message.text, session))
        page.on("pageerror", lambda error: self._message("exception", str(error), session))
        page.on("crash", lambda _: self._stop("the page crashed"))
        context.on("page", lambda other: asyncio.ensure_future(self._popup(other)))

    async def _dialog(self, dialog: Any) -> None:
        self._counts["dialogs"] += 1
        if self._counts["dialogs"] <= self._task.limits.dialogs:
            self.tell("warning", {"code": "dialog", "detail": f"{dialog.type}: {dialog.message}"})
        else:
            self._stop("the page opens one dialog after the other")
        try:
            await dialog.dismiss()
        except BrowserError:
            return

    async def _popup(self, other: Page) -> None:
        self._counts["popups"] += 1
        self.tell("warning", {"code": "pop-up-refused", "detail": other.url})
        try:
            await other.close()
        except BrowserError:
            return

    def _message(self, kind: str, text: str, session: CDPSession) -> None:
        self._counts["messages"] += 1
        if self._counts["messages"] > self._task.limits.messages:
            if not self._halt:
                self._stop("the page writes to the console without end")
                # At once: the longer it writes, the longer every answer waits behind it.
                self._ending = asyncio.ensure_future(self._freeze(session))
            return
        if kind in {"error", "exception", "warning"}:
            self.tell("warning", {"code": f"console-{kind}", "detail": text})

    def _stop(self, why: str) -> None:
        if not self._halt:
            self._halt = why
            self.tell("warning", {"code": "stopped-loading", "detail": why})

    async def _load(self, page: Page, requests: Interception) -> None:
        limits = self._task.limits
        until = time.monotonic() + limits.load_seconds
        try:
            await page.goto(self._task.url, wait_until="commit", timeout=limits.load_seconds * 1000)
        except BrowserError as error:
            first = str(error).split("\n")[0]
            self.tell("warning", {"code": "navigation", "detail": first})
        while not self._halt and not self._settled(page, requests):
            if time.monotonic() > until:
                self._stop(f"still loading after {limits.load_seconds:g} seconds")
            await asyncio.sleep(_TICK)

    def _settled(self, page: Page, requests: Interception) -> bool:
        quiet = time.monotonic() - requests.last > self._task.limits.quiet_seconds
        nothing = not page.url.startswith(("http:", "https:"))
        return quiet and not requests.busy and (self._loaded.is_set() or nothing)

    async def _scroll(self, page: Page, requests: Interception) -> None:
        """Scroll to the end once, so that what loads on sight is loaded."""
        if self._halt:
            return
        limits = self._task.limits
        try:
            await asyncio.wait_for(page.evaluate(_SCROLL, limits.page_pixels), 10)
        except (TimeoutError, BrowserError) as error:
            self.tell("warning", {"code": "not-scrolled", "detail": str(error).split("\n")[0]})
        until = time.monotonic() + 5
        while (  # noqa: ASYNC110 - what is waited for is quiet, which no event announces
            time.monotonic() < until and not self._settled(page, requests) and not self._halt
        ):
            await asyncio.sleep(_TICK)

    async def _answers(self, session: CDPSession, seconds: float = 3) -> bool:
        """Tell whether the page is at rest enough to be drawn."""
        try:
            await asyncio.wait_for(session.send("Page.getLayoutMetrics"), seconds)
        except (TimeoutError, BrowserError):
            return False
        return True

    async def _freeze(self, session: CDPSession) -> None:
        """End what the page is running and let it run nothing more."""
        self.tell("warning", {"code": "scripts-ended", "detail": self._halt or "no answer"})
        off = asyncio.ensure_future(
            session.send("Emulation.setScriptExecutionDisabled", {"value": True})
        )
        for _ in range(10):
            try:
                await asyncio.wait_for(session.send("Runtime.terminateExecution"), 1)
            except (TimeoutError, BrowserError):
                continue
            # What ran before the ban may have been ended only now, so look once more.
            if off.done() and await self._answers(session, 0.5):
                break

    async def _break_off(self, session: CDPSession, requests: Interception) -> None:
        """End all loading; what came of bodies until now is handed over by that."""
        requests.stopping = True
        try:
            await asyncio.wait_for(session.send("Page.stopLoading"), 2)
        except (TimeoutError, BrowserError):
            return
        await asyncio.sleep(4 * _TICK)


def _program(pid: int) -> tuple[str, str]:
    """Return path and SHA-256 of the program that process `pid` runs, not of a wrapper."""
    binary = Path(f"/proc/{pid}/exe")
    with binary.open("rb") as file:
        return str(binary.readlink()), hashlib.file_digest(file, "sha256").hexdigest()


def main() -> None:
    """Take the task from the parent, visit, and say when it is done."""
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    parent = Connection(int(sys.argv[1]))
    task = parent.recv()
    try:
        asyncio.run(Visit(parent, task).run())
    except BrowserError as error:
        parent.send(("warning", {"code": "browser", "detail": str(error).split("\n")[0]}))
    parent.send((DONE, {}))
    parent.close()
    os._exit(0)  # what may still be running belongs to a page that was seen


if __name__ == "__main__":
    main()
