"""HTML as the text that a reader sees, and what the page holds without showing it.

Guarantees a result for every input, in time linear in its length: no input is an error, as for
browsers. What is left out of the visible text (scripts and styles aside) is handed over as hidden
text, so that nothing a page says is lost. Not known here: what style sheets and scripts hide, show
or write; a capture of the page after its scripts ran has that.
"""

import html
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from palermo.formats.material.html_images import image_addresses


def _names(text: str) -> frozenset[str]:
    return frozenset(text.split())


_NAME = r"[A-Za-z][^\s/>]*"
_TAG = re.compile(rf"<(/?)({_NAME})")
_ATTRIBUTE = re.compile(
    r"[\s/]*+(?:(?P<end>>)|(?P<name>[^\s/>][^\s/>=]*+)"
    r"(?:\s*+=\s*+(?:\"(?P<double>[^\"]*+)\"|'(?P<single>[^']*+)'|(?P<bare>[^\s>\"'][^\s>]*+)))?+)"
)
#: In these, nothing but their own end tag counts as markup (HTML standard, 13.1.2).
_RAW = frozenset({"script", "style", "textarea", "title", "xmp", "iframe", "noembed", "noframes"})
_ENTITIES_IN_RAW = frozenset({"textarea", "title"})
_RAW_END = {name: re.compile(rf"</{name}(?=[\s/>])", re.IGNORECASE) for name in _RAW}
_VOID = _names("area base br col embed hr img input link meta param source track wbr frame keygen")
_NEVER_TEXT = frozenset({"script", "style"})
_HIDDEN = _names("head template noscript noembed noframes iframe datalist object")
_BLOCK = _names(
    "address article aside blockquote body br caption center dd details dialog dir div dl dt "
    "fieldset figcaption figure footer form h1 h2 h3 h4 h5 h6 header hgroup hr html legend li "
    "listing main menu nav ol optgroup option p plaintext pre search section select summary table "
    "tbody textarea tfoot thead title tr ul xmp"
)
_CELL = frozenset({"td", "th"})
_KEEPS_BLANKS = frozenset({"pre", "textarea", "listing", "xmp"})
#: Tags that close an open element without its end tag: opened tag -> (what it closes, up to where).
_CLOSES = {
    **dict.fromkeys(_BLOCK - {"br", "body", "html", "li", "dd", "dt", "tr", "option"},
                    ("p", "button td th caption table template")),
    "li": ("li", "ul ol menu template table"),
    "dd": ("dd dt", "dl template table"),
    "dt": ("dd dt", "dl template table"),
    "tr": ("tr td th", "table template"),
    "td": ("td th", "tr table template"),
    "th": ("td th", "tr table template"),
    "option": ("option", "select datalist template"),
    "body": ("head", ""),
}  # fmt: skip
_IMPLIED = {tag: (_names(a), _names(b)) for tag, (a, b) in _CLOSES.items()}
#: Browsers nest no deeper either; what stands deeper is a neighbour instead of a child.
_DEEPEST = 512
_STYLE_HIDES = re.compile(r"(?:display\s*:\s*none|visibility\s*:\s*hidden)", re.IGNORECASE)
_CONTACT = re.compile(r"(?:tel|sms|mailto|whatsapp|viber|tg|skype|callto|signal):", re.IGNORECASE)
_CONTACT_SITE = re.compile(
    r"https?://(?:www\.)?(?:wa\.me|api\.whatsapp\.com|t\.me|telegram\.me|signal\.me|line\.me|"
    r"m\.me|viber\.click)/",
    re.IGNORECASE,
)
_AROUND_TAB = re.compile(r" *\t[ \t]*")
_BLANKS_IN_ROW = re.compile(r" {2,}")
_BLANKS = re.compile(r"[ \t\n\r\f]+")


@dataclass(frozen=True, slots=True)
class PageText:
    """What a page says: `title`, `visible` and `hidden` text, language, contact links, images."""

    title: str
    visible: str
    hidden: str
    lang: str | None
    contacts: tuple[str, ...]
    images: tuple[str, ...] = ()


def page_text(source: str) -> PageText:
    """Turn HTML into text. Lines follow block elements, cells are parted by tabs."""
    page = _Page()
    for kind, value, attributes in _tokens(source):
        if kind == "text":
            page.text(value)
        elif kind == "open":
            page.open(value, attributes)
        else:
            page.close(value)
    return page.result()


def _tokens(source: str) -> Iterator[tuple[str, str, dict[str, str]]]:
    """Cut HTML into text and tags, as the tokeniser of the HTML standard does."""
    position, size = 0, len(source)
    while position < size:
        start = source.find("<", position)
        if start < 0:
            yield "text", html.unescape(source[position:]), {}
            return
        if start > position:
            yield "text", html.unescape(source[position:start]), {}
        tag = _TAG.match(source, start)
        if tag is None:
            after = _not_a_tag(source, start)
            if after == start + 1:
                yield "text", "<", {}
            position = after
            continue
        name = tag[2].lower()
        attributes, position = _attributes(source, tag.end())
        if position < 0:  # the file ends within a tag, which browsers drop
            return
        if tag[1]:
            yield "close", name, {}
            continue
        yield "open", name, attributes
        if name in _RAW:
            end = _RAW_END[name].search(source, position)
            stop = size if end is None else end.start()
            raw = source[position:stop]
            yield "text", html.unescape(raw) if name in _ENTITIES_IN_RAW else raw, {}
            position = stop
        elif name == "plaintext":
            yield "text", source[position:], {}
            return


def _not_a_tag(source: str, start: int) -> int:
    """Return where reading goes on after a `<` that opens no tag."""
    if source.startswith("<!--", start):
        if source.startswith((">", "->"), start + 4):
            return source.index(">", start) + 1
        end = source.find("-->", start + 4)
        return len(source) if end < 0 else end + 3
    if source.startswith("<![CDATA[", start):
        end = source.find("]]>", start)
        return len(source) if end < 0 else end + 3
    if source.startswith(("<!", "<?", "</"), start):
        end = source.find(">", start)
        return len(source) if end < 0 else end + 1
    return start + 1


def _attributes(source: str, position: int) -> tuple[dict[str, str], int]:
    """Read attributes up to the end of the tag; the place after it, or -1 if there is no end."""
    attributes: dict[str, str] = {}
    while match := _ATTRIBUTE.match(source, position):
        position = match.end()
        if match["end"]:
            return attributes, position
        value = match["double"] or match["single"] or match["bare"] or ""
        if source.startswith(('="', "='"), position):  # a quote that nobody closes
            return attributes, -1
        attributes.setdefault(match["name"].lower(), html.unescape(value))
    return attributes, -1


class _Page:
    """The text of a page while it is read."""

    def __init__(self) -> None:
        self._open: list[tuple[str, bool]] = []
        self._count: Counter[str] = Counter()  # of names that are open: most searches end here
        self._keeping = 0  # how many open elements keep blanks
        self._title: list[str] = []
        self._visible: list[str] = []
        self._hidden: list[str] = []
        self._lang: str | None = None
        self._contacts: dict[str, None] = {}
        self._images: dict[str, None] = {}

    def text(self, value: str) -> None:
        name, hidden = self._open[-1] if self._open else ("", False)
        if name in _NEVER_TEXT:
            return
        if name == "title" and not self._title and not self._count["svg"]:
            self._title.append(value)
            return
        keeps = self._keeping > 0
        (self._hidden if hidden else self._visible).append(
            value if keeps else _BLANKS.sub(" ", value)
        )

    def open(self, name: str, attributes: dict[str, str]) -> None:
        self._close_implied(name)
        hidden = (
            bool(self._open and self._open[-1][1])
            or _is_hidden(name, attributes)
            or (name in {"title", "desc", "metadata"} and bool(self._count["svg"]))
        )
        self._break(name, hidden=hidden)
        if name == "html" and self._lang is None:
            self._lang = attributes.get("lang") or attributes.get("xml:lang")
        self._images.update(dict.fromkeys(image_addresses(name, attributes)))
        if name == "a" and not hidden:
            self._contact(attributes.get("href", "").strip())
        if name == "input" and attributes.get("type", "text").lower() in {
            "submit",
            "button",
            "reset",
        }:
            self.text(f" {attributes.get('value', '')} ")
        if name not in _VOID and len(self._open) < _DEEPEST:
            self._open.append((name, hidden))
            self._count[name] += 1
            self._keeping += name in _KEEPS_BLANKS

    def close(self, name: str) -> None:
        if not self._count[name]:
            if name in {"p", "br"}:
                self._break(name, hidden=bool(self._open and self._open[-1][1]))
            return
        for index in range(len(self._open) - 1, -1, -1):
            if self._open[index][0] == name:
                self._break(name, hidden=self._open[index][1])
                self._drop(index)
                return
            if self._open[index][0] in {"table", "template"} and name not in {"body", "html"}:
                return

    def result(self) -> PageText:
        visible, hidden = _lines(self._visible), _lines(self._hidden)
        contacts = tuple(c for c in self._contacts if not _shown(c, visible))
        title = " ".join("".join(self._title).split())
        return PageText(title, visible, hidden, self._lang, contacts, tuple(self._images))

    def _close_implied(self, name: str) -> None:
        if name not in _IMPLIED:
            return
        closes, bounds = _IMPLIED[name]
        for wanted in closes:
            if self._count[wanted]:
                break
        else:
            return
        for index in range(len(self._open) - 1, -1, -1):
            if self._open[index][0] in closes:
                self._break(self._open[index][0], hidden=self._open[index][1])
                self._drop(index)
            elif self._open[index][0] in bounds:
                return

    def _drop(self, index: int) -> None:
        for name, _ in self._open[index:]:
            self._count[name] -= 1
            self._keeping -= name in _KEEPS_BLANKS
        del self._open[index:]

    def _break(self, name: str, *, hidden: bool) -> None:
        pieces = self._hidden if hidden else self._visible
        if name in _BLOCK:
            pieces.append("\n")
        elif name in _CELL:
            pieces.append("\t")

    def _contact(self, href: str) -> None:
        if _CONTACT.match(href) or _CONTACT_SITE.match(href):
            self._contacts.setdefault(href)


def _is_hidden(name: str, attributes: dict[str, str]) -> bool:
    return (
        name in _HIDDEN
        or "hidden" in attributes
        or (name == "dialog" and "open" not in attributes)
        or bool(_STYLE_HIDES.search(attributes.get("style", "")))
    )


def _lines(pieces: list[str]) -> str:
    """Join pieces into lines without blanks at their ends; empty lines are left out."""
    lines = "".join(pieces).replace("\u00a0", " ").replace("\r\n", "\n").replace("\r", "\n")
    stripped = (
        (_AROUND_TAB.sub("\t", line) if "\t" in line else line).strip()
        for line in lines.split("\n")
    )
    return "\n".join(_BLANKS_IN_ROW.sub(" ", line) for line in stripped if line)


def _shown(contact: str, visible: str) -> bool:
    """Tell whether the text already shows where a contact link leads."""
    target = contact.split(":", 1)[1].split("?", maxsplit=1)[0].strip("/")
    digits = re.sub(r"\D", "", target)
    if len(digits) >= 6:
        return digits in re.sub(r"\D", "", visible)
    return target.lower() in visible.lower()
