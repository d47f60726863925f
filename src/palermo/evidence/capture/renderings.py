"""What a page looks like once it has loaded: picture, document, text, archive, paper.

Guarantees that each is made without running a script of ours among the page's own, where it could
be answered by the page; that none is waited for longer than its share; and that what cannot be had
is told with a reason.
"""

import asyncio
import base64
from collections.abc import Awaitable, Callable
from typing import Any

from playwright.async_api import CDPSession
from playwright.async_api import Error as BrowserError

from palermo.evidence.capture.task import Task

#: Run in a world of its own, where the page's changes to built-in functions do not reach.
_FACTS = """(() => ({
  title: document.title, url: location.href, language: document.documentElement.lang,
  user_agent: navigator.userAgent, languages: [...navigator.languages],
  time_zone: Intl.DateTimeFormat().resolvedOptions().timeZone,
  pixel_ratio: devicePixelRatio, viewport: [innerWidth, innerHeight],
  automation_visible: navigator.webdriver === true, text: document.body?.innerText ?? ''
}))()"""
_SHARE = 15.0  # seconds for one rendering
_TEXT = 2_000_000  # characters of visible text


class Renderings:
    """Makes the renderings of one page and tells of each as soon as it is there."""

    def __init__(
        self,
        session: CDPSession,
        task: Task,
        *,
        frame: str,
        tell: Callable[[str, dict[str, Any]], None],
    ) -> None:
        self._session = session
        self._task = task
        self._frame = frame
        self._tell = tell

    async def make(self) -> None:
        """Make all of them, the most telling first."""
        steps: tuple[tuple[str, Callable[[], Awaitable[None]]], ...] = (
            ("screenshot", self._screenshot),
            ("page-facts", self._facts),
            ("dom", self._dom),
            ("mhtml", self._mhtml),
            ("pdf", self._pdf),
        )
        for item, step in steps:
            try:
                if item not in {"screenshot", "page-facts"}:
                    await self._refuse_huge()
                await asyncio.wait_for(step(), _SHARE)
            except TimeoutError:
                self._absent(item, "no-answer", f"not ready after {_SHARE:g} seconds")
            except BrowserError as error:
                self._absent(item, "browser-error", str(error).split("\n")[0])
            except _Absent as reason:
                self._absent(item, reason.code, str(reason))

    def _absent(self, item: str, code: str, detail: str) -> None:
        items = ("page-facts", "visible-text") if item == "page-facts" else (item,)
        for one in items:
            self._tell("absent", {"item": one, "code": code, "detail": detail})

    def _file(self, name: str, data: bytes) -> None:
        self._tell("file", {"name": name, "data": data})

    async def _refuse_huge(self) -> None:
        try:
            found = await asyncio.wait_for(self._session.send("Memory.getDOMCounters"), 5)
        except TimeoutError:
            raise _Absent("no-answer", "the page did not answer") from None
        if int(found["nodes"]) > self._task.limits.page_nodes:
            raise _Absent("over-limit", "the document has more nodes than the limit")

    async def _screenshot(self) -> None:
        found = await self._session.send("Page.getLayoutMetrics")
        size, limits, screen = found["cssContentSize"], self._task.limits, self._task.screen
        width = min(max(int(size["width"]), screen.width), 2 * screen.width)
        height = min(max(int(size["height"]), 1), limits.page_pixels)
        picture = await self._session.send(
            "Page.captureScreenshot",
            {
                "format": "png",
                "captureBeyondViewport": True,
                "clip": {"x": 0, "y": 0, "width": width, "height": height, "scale": 1},
            },
        )
        if size["height"] > height or size["width"] > width:
            detail = f"the page is {size['width']}x{size['height']}, the picture {width}x{height}"
            self._tell("warning", {"code": "screenshot-cut", "detail": detail})
        self._file("screenshot.png", base64.b64decode(picture["data"]))

    async def _facts(self) -> None:
        world = await self._session.send(
            "Page.createIsolatedWorld", {"frameId": self._frame, "worldName": "palermo"}
        )
        found = await self._session.send(
            "Runtime.evaluate",
            {
                "expression": _FACTS,
                "contextId": world["executionContextId"],
                "returnByValue": True,
                "timeout": 5000,
            },
        )
        facts = found.get("result", {}).get("value")
        if not isinstance(facts, dict):
            raise _Absent("no-answer", "the page could not be asked")
        text = str(facts.pop("text", ""))
        self._tell("facts", {"page": facts})
        if len(text) > _TEXT:
            self._tell("warning", {"code": "text-cut", "detail": f"{len(text):,} characters"})
        self._file("visible.txt", text[:_TEXT].encode("utf-8", "replace"))

    async def _dom(self) -> None:
        root = await self._session.send("DOM.getDocument", {"depth": 0})
        found = await self._session.send("DOM.getOuterHTML", {"nodeId": root["root"]["nodeId"]})
        self._file("dom.html", found["outerHTML"].encode("utf-8", "replace"))

    async def _mhtml(self) -> None:
        found = await self._session.send("Page.captureSnapshot", {"format": "mhtml"})
        self._file("page.mhtml", found["data"].encode("utf-8", "replace"))

    async def _pdf(self) -> None:
        found = await self._session.send(
            "Page.printToPDF",
            {
                "printBackground": True,
                "pageRanges": f"1-{self._task.limits.paper_pages}",
                "transferMode": "ReturnAsBase64",
            },
        )
        self._file("page.pdf", base64.b64decode(found["data"]))


class _Absent(Exception):
    def __init__(self, code: str, detail: str) -> None:
        super().__init__(detail)
        self.code = code
