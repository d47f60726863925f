"""Decides what a capture may ask for and keep, and holds all of it in memory meanwhile.

Guarantees that every address is checked before a request leaves, that every body is compared with
the stop list before it is given to anybody, and that at the first hit everything held is dropped.
Both ways of capture pass through here.
"""

from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

from palermo.evidence.capture.addresses import PORTS, AddressRules, check_url
from palermo.evidence.capture.exchange import Collected, Exchange
from palermo.evidence.capture.limits import Limits
from palermo.evidence.capture.stoplist import Hit, StopList
from palermo.model import Refused, Unreadable

_BODILESS = frozenset({204, 205, 304})
_INLINE = frozenset({"data", "blob", "about"})
_RENDERING_ITEMS = {"visible.txt": "visible-text"}


class Stopped(Exception):
    """Something on the stop list came in: nothing of the page is kept."""

    def __init__(self, hit: Hit, url: str) -> None:
        super().__init__(hit.value)
        self.hit = hit
        self.url = url


class Overseer:
    """The conscience of one capture. `expect` is told each host that may now be connected to."""

    def __init__(
        self,
        collected: Collected,
        *,
        rules: AddressRules,
        limits: Limits,
        stop_list: StopList,
        proxied: bool,
        expect: Callable[[str, int], None],
    ) -> None:
        self.collected = collected
        self._rules = rules
        self._limits = limits
        self._stop_list = stop_list
        self._proxied = proxied
        self._expect = expect
        self._by_id: dict[str, Exchange] = {}
        self._navigations = 0
        self._requests = 0
        self._kept = 0
        #: Why the page itself was not asked for, when it was not.
        self.page_refused = ""

    def request(self, what: dict[str, Any]) -> str:
        """Judge a request before it leaves; return why it is refused, or the empty text."""
        one = Exchange(**what)
        known = one.id in self._by_id
        if not known:
            self._requests += 1
            self._navigations += one.main and not one.redirected_from
        reason = self._judge(one)
        self._by_id[one.id] = one
        if known:
            self.collected.exchanges = [e for e in self.collected.exchanges if e.id != one.id]
        self.collected.exchanges.append(one)
        if reason:
            one.error = f"refused: {reason}"
            self.collected.warn("request-refused", f"{one.url[:300]}: {reason}")
            if one.main:
                self.page_refused = reason
        return reason

    def _judge(self, one: Exchange) -> str:
        limits = self._limits
        if self._requests > limits.requests:
            return f"more than {limits.requests} requests"
        if self._navigations > limits.navigations:
            return f"the page moved on more than {limits.navigations} times"
        if self._depth(one) > limits.redirects:
            return f"more than {limits.redirects} redirects in a row"
        scheme = urlsplit(one.url).scheme.lower()
        if scheme in _INLINE and not one.main:
            return ""
        try:
            target = check_url(one.url, self._rules, proxied=self._proxied)
        except (Refused, Unreadable) as reason:
            return str(reason)
        one.port = target.port
        self._expect(target.host, target.port)
        return ""

    def _depth(self, one: Exchange) -> int:
        depth, here = 0, one
        while here.redirected_from in self._by_id and depth <= self._limits.redirects:
            depth, here = depth + 1, self._by_id[here.redirected_from]
        return depth

    def body(self, what: dict[str, Any]) -> str:
        """Take a body in and return the empty text.

        Raises:
            Stopped: when it is on the stop list; nothing is held any more then.
        """
        one = self._by_id[what["id"]]
        for data in (what["body"], what.get("raw_body", b"")):
            self.look(data, one.url)
        one.body = what["body"]
        one.raw = what.get("raw", b"")
        one.truncated = what["truncated"] or ("disconnect" if _short(one) else "")
        one.ended = what["ended"]
        if one.truncated:
            self.collected.warn("body-cut", f"{one.url[:300]}: cut ({one.truncated})")
        return ""

    def look(self, data: bytes, url: str) -> None:
        """Compare bytes with the stop list.

        Raises:
            Stopped: when they are on it.
        """
        hit = self._stop_list.find(data)
        if hit is not None:
            self.collected.exchanges.clear()
            self.collected.files.clear()
            self.collected.warnings.clear()
            self._by_id.clear()
            raise Stopped(hit, url)

    def told(self, kind: str, what: dict[str, Any]) -> None:
        """Take in what a way of capture reports without waiting."""
        match kind:
            case "sent" | "head" | "failed":
                one = self._by_id.get(what["id"])
                if one is not None:
                    for key, value in what.items():
                        setattr(one, key, value)
            case "file":
                self._file(what["name"], what["data"])
            case "facts":
                self.collected.facts |= what
            case "absent":
                self.collected.absent[what["item"]] = (what["code"], what["detail"])
            case "warning":
                self.collected.warn(what["code"], what["detail"])
            case _:
                raise AssertionError(f"unknown message {kind}")

    def _file(self, name: str, data: bytes) -> None:
        self._kept += len(data)
        if self._kept > self._limits.total_bytes:
            item = _RENDERING_ITEMS.get(name, name.rpartition(".")[0].replace("page", "mhtml"))
            self.collected.absent[item] = ("over-limit", f"{name} would pass the limit of bytes")
            return
        self.look(data, self.collected.requested)
        self.collected.files[name] = data


def whole(one: Exchange) -> bool | None:
    """Tell whether a body has the length its head announced; None when that says nothing."""
    announced = one.header("content-length").strip()
    if one.method == "HEAD" or one.status in _BODILESS or one.header("content-encoding"):
        return None
    return len(one.body) >= int(announced) if announced.isdecimal() else None


def _short(one: Exchange) -> bool:
    redirect = 300 <= one.status < 400  # its body is not handed over by a browser
    return not one.raw and not redirect and whole(one) is False


def port_of(url: str) -> tuple[str, int]:
    """Return host and port that a request for `url` connects to."""
    parts = urlsplit(url)
    return (parts.hostname or "").rstrip("."), parts.port or PORTS.get(parts.scheme, 0)
