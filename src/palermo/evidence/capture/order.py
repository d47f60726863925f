"""What is asked of a capture, and what it leaves: plain data."""

from dataclasses import dataclass, field
from typing import Any, Literal

from palermo.evidence.capture.addresses import AddressRules
from palermo.evidence.capture.limits import Limits, Screen
from palermo.evidence.capture.outlet import Resolver, system_resolver
from palermo.evidence.capture.socks import Upstream
from palermo.evidence.capture.stoplist import StopList

#: What is said of a navigation that would have saved a file.
DOWNLOAD = "a download, refused"
Method = Literal["auto", "rendered", "plain"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """One page to capture. `persona` is an opaque id; who hides behind it is kept elsewhere.

    `suspected` is the reason why a person suspects the address of sexual abuse of children; then
    it is not asked for at all. `browser` is the path of Chromium, found on PATH when empty.
    """

    url: str
    method: Method = "auto"
    proxy: Upstream | None = None
    rules: AddressRules = field(default_factory=AddressRules)
    limits: Limits = field(default_factory=Limits)
    screen: Screen = field(default_factory=Screen)
    stop_list: StopList = field(default_factory=lambda: StopList({}))
    accept_invalid_tls: bool = False
    persona: str = ""
    collector: str = ""
    suspected: str = ""
    browser: str = ""
    resolver: Resolver = system_resolver


@dataclass(frozen=True, slots=True, kw_only=True)
class Context:
    """Who captures, under what: copied into the record. `authority` as in a custody event."""

    organisation: str
    authority: dict[str, str]
    tool: dict[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class CapturedFile:
    """One file of a capture: `item` as in items.yaml, `parent` the SHA-256 it was made from."""

    item: str
    name: str
    media_type: str
    data: bytes
    sha256: str
    parent: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Capture:
    """A finished capture, in memory: its files, the first of them the archive, and its record."""

    id: str
    files: tuple[CapturedFile, ...]
    record: dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class StopNotice:
    """All that is kept of a page that must not be kept. `sha256` is empty when nothing came."""

    url: str
    reason: str
    list_name: str = ""
    kind: str = ""
    value: str = ""
    sha256: str = ""
    size: int = 0

    def content(self) -> dict[str, Any]:
        """Return it as it is written down."""
        return {
            "palermo_capture_stopped": 1,
            "url": self.url,
            "reason": self.reason,
            "list": self.list_name,
            "listed_hash": {"kind": self.kind, "value": self.value},
            "sha256": self.sha256,
            "size": self.size,
        }
