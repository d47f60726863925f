"""One request and what came back, as a capture keeps it until everything was looked at.

Guarantees nothing about the content: every text in here was written by a stranger.
"""

from dataclasses import dataclass, field
from typing import Any

_WARNINGS = 200  # of one kind

Headers = tuple[tuple[str, str], ...]


@dataclass(slots=True, kw_only=True)
class Exchange:
    """A request with its response.

    `began` and `ended` count seconds from the beginning of the capture. `body` is what the page was
    given: after transfer coding, and after content coding where `decoded` says so. `raw` is the
    response exactly as it came, where the way of capture sees it. `truncated` is a reason in the
    words of WARC 1.1 (`length`, `time`, `disconnect`, `unspecified`); `error` says why there is no
    whole response.
    """

    id: str
    url: str
    method: str = "GET"
    kind: str = "document"
    main: bool = False
    request_headers: Headers = ()
    request_body: bytes = b""
    status: int = 0
    reason: str = ""
    protocol: str = "http/1.1"
    response_headers: Headers = ()
    body: bytes = b""
    raw: bytes = b""
    decoded: bool = False
    began: float = 0.0
    ended: float | None = None
    redirected_from: str = ""
    truncated: str = ""
    error: str = ""
    address: str = ""
    port: int = 0

    def header(self, name: str) -> str:
        """Return the first response header of that name, empty when there is none."""
        wanted = name.lower()
        return next((value for key, value in self.response_headers if key.lower() == wanted), "")


@dataclass(slots=True, kw_only=True)
class Collected:
    """Everything a way of capture brought home, in memory.

    `files` are the page's renderings by file name. `facts` go into the record as they are. `absent`
    holds, for each item of the record that could not be had, a reason code and a sentence.
    """

    method: str
    requested: str
    final: str = ""
    exchanges: list[Exchange] = field(default_factory=list)
    files: dict[str, bytes] = field(default_factory=dict)
    facts: dict[str, Any] = field(default_factory=dict)
    certificates: dict[str, list[bytes]] = field(default_factory=dict)
    absent: dict[str, tuple[str, str]] = field(default_factory=dict)
    warnings: list[dict[str, str]] = field(default_factory=list)
    ended: float = 0.0

    def warn(self, code: str, detail: str) -> None:
        """Note something that a reader of the capture must know; a flood of one kind is cut."""
        same = sum(one["code"] == code for one in self.warnings)
        if same < _WARNINGS:
            self.warnings.append({"code": code, "detail": detail[:500]})
        elif same == _WARNINGS:
            self.warnings.append({"code": code, "detail": "and more of this kind"})

    def page(self) -> Exchange | None:
        """Return the exchange that brought the page itself, after all redirects."""
        found = [one for one in self.exchanges if one.main and one.status]
        found = [one for one in found if not one.error] or found
        settled = [one for one in found if not 300 <= one.status < 400]
        return settled[-1] if settled else (found[-1] if found else None)

    def redirects(self) -> list[Exchange]:
        """Return the redirects that led to the page, in order."""
        by_id = {one.id: one for one in self.exchanges}
        chain: list[Exchange] = []
        here = self.page()
        while here is not None and here.redirected_from in by_id and len(chain) < len(by_id):
            here = by_id[here.redirected_from]
            chain.append(here)
        return chain[::-1]
