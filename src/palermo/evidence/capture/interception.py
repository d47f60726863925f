"""Every request of a page, held twice: before it leaves, and before its body reaches the page.

Guarantees that the page is given no body before somebody said so, and that no body is read beyond
the limits, also not one that unpacks to more than it seemed.
"""

import asyncio
import base64
import time
from collections import defaultdict
from collections.abc import Awaitable, Callable
from typing import Any

from playwright.async_api import CDPSession
from playwright.async_api import Error as BrowserError

from palermo.evidence.capture.order import DOWNLOAD
from palermo.evidence.capture.task import Task

Event = dict[str, Any]
Told = dict[str, Any]

#: The browser fills a piece before it hands it over: of a body that only drips, so much is lost.
_PIECE = 64 << 10
#: Describe bytes on the wire; the page is given the body as unpacked.
_OF_THE_WIRE = frozenset({"content-encoding", "content-length", "transfer-encoding"})
#: What a browser shows; a navigation to anything else would begin a download.
_SHOWN = ("text/", "image/", "video/", "audio/", "multipart/")
_SHOWN_TOO = frozenset(
    {"", "application/xhtml+xml", "application/xml", "application/json", "application/javascript"}
    | {"application/pdf", "application/rss+xml", "application/atom+xml"}
)


class Interception:
    """Holds the requests of one page. `ask` returns the answer, `tell` does not wait for one."""

    def __init__(
        self,
        session: CDPSession,
        task: Task,
        *,
        main_frame: str,
        ask: Callable[[str, Told], str],
        tell: Callable[[str, Told], None],
    ) -> None:
        self._session = session
        self._task = task
        self._main = main_frame
        self._ask = ask
        self._tell = tell
        self._hops: dict[str, list[str]] = defaultdict(list)
        self._sent: dict[str, list[dict[str, str]]] = defaultdict(list)
        self._partial: dict[str, bytearray] = {}
        self._given: set[str] = set()
        self._total = 0
        self.busy: set[str] = set()
        self.last = time.monotonic()
        self.ended = False
        #: Loading was broken off: what ends from now on did not end by itself.
        self.stopping = False

    async def begin(self) -> None:
        """Hold everything from now on."""
        self._on("Fetch.requestPaused", self._paused)
        self._session.on("Network.requestWillBeSentExtraInfo", self._was_sent)
        self._session.on("Network.webSocketCreated", self._web_socket)
        self._session.on("Network.webTransportCreated", self._web_socket)
        await self._session.send("Network.enable")
        stages = [{"urlPattern": "*", "requestStage": stage} for stage in ("Request", "Response")]
        await self._session.send("Fetch.enable", {"patterns": stages})

    def flush(self) -> None:
        """Hand over what arrived of bodies that did not end in time."""
        self.ended = True
        for name, body in list(self._partial.items()):
            self._ask("body", self._body(name, bytes(body), "time"))
        self._partial.clear()

    def _on(self, event: str, handler: Callable[[Event], Awaitable[None]]) -> None:
        self._session.on(event, lambda found: asyncio.ensure_future(handler(found)))

    def _elapsed(self) -> float:
        return round(time.monotonic() - self._task.began, 6)

    async def _paused(self, event: Event) -> None:
        name = event["requestId"]
        self.last = time.monotonic()
        try:
            if "responseStatusCode" in event:
                await self._answered(name, event)
            elif "responseErrorReason" in event:
                self._failed(name, event["responseErrorReason"])
                await self._session.send("Fetch.continueRequest", {"requestId": name})
            else:
                await self._asked(name, event)
        except BrowserError as error:
            reason = str(error).split("\n")[0][:200]
            body = self._partial.pop(name, None)
            if body is not None and not self.ended:
                self.busy.discard(name)
                self._ask("body", self._body(name, bytes(body), "disconnect"))
            if name not in self._given:
                self._failed(name, f"not received whole ({reason})")
        finally:
            self.last = time.monotonic()

    async def _asked(self, name: str, event: Event) -> None:
        request, network = event["request"], event.get("networkId", name)
        if name not in self._hops[network]:
            self._hops[network].append(name)
        kind = event.get("resourceType", "Other")
        refused = self._ask(
            "request",
            {
                "id": name,
                "url": request["url"] + request.get("urlFragment", ""),
                "method": request["method"],
                "kind": kind.lower(),
                "main": kind == "Document" and event.get("frameId") == self._main,
                "request_headers": tuple(request["headers"].items()),
                "request_body": request.get("postData", "").encode(),
                "redirected_from": event.get("redirectedRequestId", ""),
                "began": self._elapsed(),
            },
        )
        self._pair(network)
        if refused or self.ended:
            await self._fail(name, kind)
            return
        self.busy.add(name)
        await self._session.send("Fetch.continueRequest", {"requestId": name})

    def _was_sent(self, event: Event) -> None:
        """Take the headers as they really left, cookies included; they come in order of hops."""
        self._sent[event["requestId"]].append(event["headers"])
        self._pair(event["requestId"])

    def _pair(self, network: str) -> None:
        hops, sent = self._hops[network], self._sent[network]
        if hops and len(sent) >= len(hops):
            headers = tuple(sent[len(hops) - 1].items())
            self._tell("sent", {"id": hops[-1], "request_headers": headers})

    def _web_socket(self, event: Event) -> None:
        self._tell("warning", {"code": "web-socket", "detail": str(event.get("url", ""))})

    async def _answered(self, name: str, event: Event) -> None:
        headers = [(one["name"], one["value"]) for one in event.get("responseHeaders", [])]
        status = event["responseStatusCode"]
        self._tell(
            "head",
            {
                "id": name,
                "status": status,
                "reason": event.get("responseStatusText", ""),
                "response_headers": tuple(headers),
            },
        )
        known = {key.lower(): value for key, value in headers}
        if 300 <= status < 400 and "location" in known:
            # A browser does not hand over the body of a redirect.
            self.busy.discard(name)
            self._ask("body", self._body(name, b"", ""))
            await self._session.send("Fetch.continueRequest", {"requestId": name})
            return
        if event.get("resourceType") == "Document" and _downloads(known):
            self._failed(name, DOWNLOAD)
            self._tell("warning", {"code": "download-refused", "detail": event["request"]["url"]})
            await self._fail(name, "Document")
            return
        body, truncated = await self._read(name)
        self.busy.discard(name)
        if self.ended:
            return
        truncated = truncated or ("time" if self.stopping else "")
        refused = self._ask("body", self._body(name, body, truncated))
        self._given.add(name)
        self._partial.pop(name, None)
        if refused or truncated:
            await self._fail(name, event.get("resourceType", ""))
            return
        kept = [one for one in event["responseHeaders"] if one["name"].lower() not in _OF_THE_WIRE]
        answer = {"requestId": name, "responseCode": status, "responseHeaders": kept}
        if event.get("responseStatusText"):
            answer["responsePhrase"] = event["responseStatusText"]
        answer["body"] = base64.b64encode(body).decode()
        await self._session.send("Fetch.fulfillRequest", answer)

    async def _read(self, name: str) -> tuple[bytes, str]:
        """Read a body piece by piece; return it with the reason why it was cut, if it was."""
        limits = self._task.limits
        self._partial[name] = body = bytearray()
        opened = await self._session.send("Fetch.takeResponseBodyAsStream", {"requestId": name})
        handle = opened["stream"]
        truncated = ""
        while not truncated:
            piece = await self._session.send("IO.read", {"handle": handle, "size": _PIECE})
            data = piece["data"]
            body += base64.b64decode(data) if piece.get("base64Encoded") else data.encode()
            self._total += len(data)
            if piece["eof"]:
                break
            if len(body) > limits.body_bytes or self._total > limits.total_bytes:
                truncated = "length"
        await self._session.send("IO.close", {"handle": handle})
        return bytes(body), truncated

    def _body(self, name: str, body: bytes, truncated: str) -> Told:
        return {"id": name, "body": body, "truncated": truncated, "ended": self._elapsed()}

    async def _fail(self, name: str, kind: str) -> None:
        """Refuse a request; a navigation is dropped, so that no error page replaces the page."""
        self.busy.discard(name)
        reason = "Aborted" if kind == "Document" else "BlockedByClient"
        await self._session.send("Fetch.failRequest", {"requestId": name, "errorReason": reason})

    def _failed(self, name: str, reason: str) -> None:
        self.busy.discard(name)
        self._tell("failed", {"id": name, "error": reason, "ended": self._elapsed()})


def _downloads(headers: dict[str, str]) -> bool:
    if headers.get("content-disposition", "").strip().lower().startswith("attachment"):
        return True
    media = headers.get("content-type", "").partition(";")[0].strip().lower()
    return not media.startswith(_SHOWN) and media not in _SHOWN_TOO
