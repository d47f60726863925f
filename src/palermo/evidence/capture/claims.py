"""What a page says about itself: title, metadata, the times it claims.

Guarantees that these are kept as claims of the page, each with the place where it stands; nothing
here makes them true. Reads the markup only and runs nothing.
"""

import re
from dataclasses import dataclass, field
from html.parser import HTMLParser

_MOST = 200  # claims of one kind
_LONGEST = 2000  # characters of one
_TIMES = re.compile(
    r'"(datePublished|dateModified|dateCreated|uploadDate|datePosted|validThrough)"\s*:\s*'
    r'"([^"\\]{4,60})"'
)
_TIMELY = re.compile(r"time|date|published|modified|updated|created", re.IGNORECASE)
_CHARSET = re.compile(rb"charset\s*=\s*[\"']?([A-Za-z0-9_\-]{2,40})", re.IGNORECASE)


@dataclass(slots=True)
class Claims:
    """The claims of one page. Times are kept as they are written."""

    title: str = ""
    metadata: list[dict[str, str]] = field(default_factory=list)
    times: list[dict[str, str]] = field(default_factory=list)


def read_claims(markup: bytes, *, content_type: str, last_modified: str = "") -> Claims:
    """Read the claims out of HTML; anything that is none gives no claims."""
    reader = _Reader()
    text = decoded(markup, content_type)
    reader.feed(text)
    claims = reader.claims
    claims.title = " ".join(claims.title.split())[:_LONGEST]
    for found in list(_TIMES.finditer(text))[:_MOST]:
        claims.times.append({"where": f"JSON-LD {found.group(1)}", "value": found.group(2)})
    if last_modified:
        claims.times.append({"where": "header Last-Modified", "value": last_modified[:100]})
    return claims


def decoded(markup: bytes, content_type: str) -> str:
    """Decode HTML by its header, else by its own declaration, else as UTF-8."""
    found = _CHARSET.search(content_type.encode()) or _CHARSET.search(markup[:2048])
    for name in (found.group(1).decode() if found else "utf-8", "utf-8"):
        try:
            return markup.decode(name, "replace")
        except LookupError:
            continue
    return markup.decode("utf-8", "replace")


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.claims = Claims()
        self._in_title = False
        self._had_title = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = {key: (value or "")[:_LONGEST] for key, value in attrs}
        if tag == "title" and not self._had_title:
            self._in_title = self._had_title = True
        elif tag == "meta":
            self._meta(values)
        elif tag == "time" and values.get("datetime"):
            self._time("time element", values["datetime"])

    def handle_endtag(self, tag: str) -> None:
        if tag == "title":
            self._in_title = False

    def handle_data(self, data: str) -> None:
        if self._in_title and len(self.claims.title) < _LONGEST:
            self.claims.title += data[:_LONGEST]

    def _meta(self, values: dict[str, str]) -> None:
        name = values.get("property") or values.get("name") or values.get("itemprop") or ""
        content = values.get("content", "")
        if not name or not content or len(self.claims.metadata) >= _MOST:
            return
        self.claims.metadata.append({"name": name, "content": content})
        if _TIMELY.search(name):
            self._time(f"meta {name}", content)

    def _time(self, where: str, value: str) -> None:
        if len(self.claims.times) < _MOST:
            self.claims.times.append({"where": where[:100], "value": value[:100]})
