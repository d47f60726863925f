"""Captures one response over HTTP/1.1, without a browser, with every byte as it came.

Guarantees that a redirect is judged like a first address, that nothing is sent beyond the few
headers below, and that a body is neither read nor unpacked past the limits.
"""

import http.client
import io
import ssl
import time
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import urljoin, urlsplit

from palermo.evidence.capture.addresses import Target, check_url
from palermo.evidence.capture.exchange import Collected
from palermo.evidence.capture.limits import Limits, Screen
from palermo.evidence.capture.outlet import Barred, Outlet
from palermo.evidence.capture.overseer import Overseer
from palermo.evidence.capture.stoplist import StopList
from palermo.evidence.capture.tls import context, shown_chain

_PIECE = 1 << 16
_UNPACKED = {"gzip": 31, "x-gzip": 31, "deflate": 15}
_NOT_RENDERED = ("screenshot", "dom", "mhtml", "pdf", "visible-text", "browser", "viewport")


def collect_plain(
    url: str,
    *,
    outlet: Outlet,
    screen: Screen,
    limits: Limits,
    stop_list: StopList,
    accept_invalid_tls: bool,
) -> Collected:
    """Ask for `url`, follow its redirects, and return what came.

    Raises:
        Stopped: when something on the stop list came in.
    """
    collected = Collected(method="plain", requested=url, final=url)
    overseer = Overseer(
        collected,
        rules=outlet.rules,
        limits=limits,
        stop_list=stop_list,
        proxied=outlet.upstream is not None,
        expect=lambda _host, _port: None,
    )
    client = _Client(overseer, outlet, limits, screen, accept_invalid=accept_invalid_tls)
    here, before = url, ""
    while here:
        collected.final = here
        here, before = client.follow(here, before)
    for item in _NOT_RENDERED:
        collected.absent[item] = ("not-rendered", "captured without a browser")
    if overseer.page_refused and collected.page() is None:
        collected.absent["page"] = ("refused", overseer.page_refused)
    collected.ended = outlet.elapsed()
    return collected


class _Client:
    """Follows one chain of redirects, a connection each."""

    def __init__(
        self,
        overseer: Overseer,
        outlet: Outlet,
        limits: Limits,
        screen: Screen,
        *,
        accept_invalid: bool,
    ) -> None:
        self._overseer = overseer
        self._outlet = outlet
        self._limits = limits
        self._screen = screen
        self._accept_invalid = accept_invalid
        self._until = time.monotonic() + limits.load_seconds
        self._count = 0

    def follow(self, url: str, before: str) -> tuple[str, str]:
        """Ask for `url`; return where it redirects to, if anywhere, and the request's id."""
        self._count += 1
        name = f"request-{self._count}"
        headers = self._headers(url)
        refused = self._overseer.request(
            {
                "id": name,
                "url": url,
                "main": True,
                "request_headers": headers,
                "redirected_from": before,
                "began": self._outlet.elapsed(),
            }
        )
        if refused:
            return "", name
        target = check_url(url, self._outlet.rules, proxied=self._outlet.upstream is not None)
        try:
            return self._exchange(target, name, headers), name
        except (Barred, OSError, http.client.HTTPException) as trouble:
            detail = str(trouble) or type(trouble).__name__
            self._tell("failed", name, error=detail, ended=self._outlet.elapsed())
            self._overseer.collected.warn("navigation", detail)
            return "", name

    def _headers(self, url: str) -> tuple[tuple[str, str], ...]:
        host = urlsplit(url).netloc.rpartition("@")[2]
        agent = self._screen.user_agent or "Mozilla/5.0 (compatible)"
        return (
            ("Host", host),
            ("User-Agent", agent),
            ("Accept", "text/html,application/xhtml+xml,*/*;q=0.8"),
            ("Accept-Language", self._screen.locale),
            ("Accept-Encoding", "identity"),
            ("Connection", "close"),
        )

    def _tell(self, kind: str, name: str, **what: Any) -> None:
        self._overseer.told(kind, {"id": name, **what})

    def _exchange(self, target: Target, name: str, headers: tuple[tuple[str, str], ...]) -> str:
        opened, made = self._outlet.open(target.host, target.port)
        with opened:
            if target.scheme == "https":
                settings = context(accept_invalid=self._accept_invalid)
                opened = settings.wrap_socket(opened, server_hostname=target.host)
                if isinstance(opened, ssl.SSLSocket):
                    self._overseer.collected.certificates[target.origin] = shown_chain(opened)
            with opened:
                self._tell("sent", name, address=made.address, port=target.port)
                rest = target.url.partition("#")[0].split("/", 3)
                path = "/" + (rest[3] if len(rest) > 3 else "")
                lines = [f"GET {path} HTTP/1.1", *(f"{key}: {value}" for key, value in headers)]
                opened.sendall("".join(f"{line}\r\n" for line in [*lines, ""]).encode())
                wire = _Wire(opened.recv, opened.settimeout, self._until, self._limits)
                try:
                    return self._receive(target.url, name, wire)
                finally:
                    made.received += wire.received

    def _receive(self, url: str, name: str, wire: "_Wire") -> str:
        response = _head(wire)
        headers = tuple(response.getheaders())
        self._tell(
            "head", name, status=response.status, reason=response.reason, response_headers=headers
        )
        entity, truncated = self._entity(response, wire)
        body, unpacked = unpack(
            entity, response.headers.get("Content-Encoding", ""), self._limits.body_bytes
        )
        self._overseer.body(
            {
                "id": name,
                "body": body,
                "raw_body": entity,
                "raw": bytes(wire.raw),
                "truncated": truncated or unpacked,
                "ended": self._outlet.elapsed(),
            }
        )
        location = response.headers.get("Location", "")
        if not 300 <= response.status < 400 or not location:
            return ""
        return urljoin(url, location.encode("latin-1", "replace").decode("utf-8", "replace"))

    def _entity(self, response: http.client.HTTPResponse, wire: "_Wire") -> tuple[bytes, str]:
        """Read the body; return it with the reason why it was cut, if it was."""
        body = bytearray()
        try:
            while piece := response.read(_PIECE):
                body += piece
                if len(body) > self._limits.body_bytes:
                    return bytes(body), "length"
        except TimeoutError:
            return bytes(body), "time"
        except http.client.IncompleteRead as error:
            inner = getattr(error.__cause__, "partial", b"")  # of the chunk that broke off
            rest = error.partial + inner
            return bytes(body + rest), "time" if wire.late else "disconnect"
        except (OSError, http.client.HTTPException):
            return bytes(body), "disconnect"
        return bytes(body), "disconnect" if response.length else ""


def unpack(entity: bytes, coding: str, limit: int) -> tuple[bytes, str]:
    """Undo a content coding; what does not unpack stays as it is, what unpacks too far is cut."""
    window = _UNPACKED.get(coding.strip().lower())
    if window is None:
        return entity, ""
    for bits in (window, -15):  # some servers send `deflate` without its header
        machine = zlib.decompressobj(bits)
        try:
            body = machine.decompress(entity, limit)
        except zlib.error:
            continue
        return body, "length" if machine.unconsumed_tail else ""
    return entity, ""


def _head(wire: "_Wire") -> http.client.HTTPResponse:
    """Read the head of the response, past interim ones (RFC 9110, section 15.2)."""
    for _ in range(10):
        wire.raw.clear()
        response = http.client.HTTPResponse(_Socket(wire), method="GET")  # type: ignore[arg-type]
        response.begin()
        if wire.raw.startswith((b"HTTP/1.1 100", b"HTTP/1.0 100")):
            del wire.raw[: wire.raw.index(b"\r\n\r\n") + 4]  # the library passes over these
        if b"\r\n\r\n" not in wire.raw and b"\n\n" not in wire.raw:
            raise http.client.HTTPException("the connection ended within the head")
        if not 100 <= response.status < 200:
            return response
    raise http.client.HTTPException("nothing but interim responses")


@dataclass(slots=True)
class _Socket:
    """The only thing that the library's response asks of a socket."""

    wire: "_Wire"

    def makefile(self, mode: str) -> "_Wire":
        if mode != "rb":
            raise ValueError(mode)
        return self.wire


class _Wire(io.BufferedIOBase):
    """Reads from a connection until a moment and keeps what was consumed in `raw`."""

    def __init__(
        self,
        receive: Callable[[int], bytes],
        timeout: Callable[[float], None],
        until: float,
        limits: Limits,
    ) -> None:
        self._receive = receive
        self._timeout = timeout
        self._until = until
        self._limits = limits
        self._buffer = b""
        self.raw = bytearray()
        self.received = 0
        self.late = False

    def _fill(self) -> bool:
        left = self._until - time.monotonic()
        if left <= 0:
            self.late = True
            raise TimeoutError("the time for loading is over")
        self._timeout(min(left, self._limits.connect_seconds))
        try:
            piece = self._receive(_PIECE)
        except TimeoutError:
            self.late = True
            raise
        self.received += len(piece)
        self._buffer += piece
        return bool(piece)

    def _take(self, size: int) -> bytes:
        taken, self._buffer = self._buffer[:size], self._buffer[size:]
        self.raw += taken
        return taken

    def readable(self) -> bool:
        """It can be read."""
        return True

    def close(self) -> None:
        """Stay open: the library closes the file it believes to own, the bytes are still wanted."""

    def readline(self, size: int | None = -1, /) -> bytes:
        """Read to the end of the line, at most `size` bytes."""
        most = size if size is not None and size >= 0 else self._limits.head_bytes
        while b"\n" not in self._buffer[:most] and len(self._buffer) < most and self._fill():
            pass
        if len(self.raw) > self._limits.head_bytes + self._limits.body_bytes:
            raise http.client.HTTPException("the response passes the limit")
        end = self._buffer.find(b"\n", 0, most) + 1
        return self._take(end or min(most, len(self._buffer)))

    def read(self, size: int | None = -1, /) -> bytes:
        """Read at most `size` bytes, fewer only at the end or when the time is over."""
        most = size if size is not None and size >= 0 else self._limits.body_bytes + 1
        try:
            while len(self._buffer) < most and self._fill():
                pass
        except TimeoutError:
            if not self._buffer:
                raise
        return self._take(most)

    def read1(self, size: int = -1, /) -> bytes:
        """Read what one look at the connection brings."""
        if not self._buffer:
            self._fill()
        return self._take(size if size >= 0 else _PIECE)

    def readinto(self, buffer: Any, /) -> int:
        """Read into `buffer`."""
        data = self.read(len(buffer))
        buffer[: len(data)] = data
        return len(data)
