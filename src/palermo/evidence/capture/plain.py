"""Captures one response over HTTP/1.1, without a browser, with every byte as it came.

Guarantees that a redirect is judged like a first address, that nothing is sent beyond the few
headers below, and that a body is neither read nor unpacked past the limits.
"""

import http.client
import ssl
import time
import zlib
from typing import Any
from urllib.parse import urljoin, urlsplit

from palermo.evidence.capture.addresses import Target, check_url
from palermo.evidence.capture.exchange import Collected
from palermo.evidence.capture.limits import Limits, Screen
from palermo.evidence.capture.outlet import Barred, Outlet
from palermo.evidence.capture.overseer import Overseer
from palermo.evidence.capture.stoplist import StopList
from palermo.evidence.capture.tls import context, shown_chain
from palermo.evidence.capture.wire import Wire, read_head

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
                wire = Wire(opened.recv, opened.settimeout, self._until, self._limits)
                try:
                    return self._receive(target.url, name, wire)
                finally:
                    made.received += wire.received

    def _receive(self, url: str, name: str, wire: Wire) -> str:
        response = read_head(wire)
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

    def _entity(self, response: http.client.HTTPResponse, wire: Wire) -> tuple[bytes, str]:
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
