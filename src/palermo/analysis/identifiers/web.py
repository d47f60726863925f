"""Addresses on the web and e-mail addresses written out plainly, and what a link's path names.

A link gives its URL and its domain; links of known services also give the handle or the telephone
number in their path. A bare host gives a domain only if its last part is a top-level domain; with a
path it is a URL too, to which `https` is supplied, so that one page has one value.
"""

import re
from collections.abc import Iterator
from functools import cache, lru_cache

from palermo.analysis.identifiers import lexer
from palermo.analysis.identifiers.characters import plain
from palermo.analysis.identifiers.chunk import Chunk
from palermo.analysis.identifiers.mention import HIGH, MEDIUM, Found
from palermo.analysis.identifiers.numbering import international
from palermo.analysis.identifiers.services import linked_handle
from palermo.analysis.identifiers.tables import load
from palermo.model import IdentifierKind

_EMAIL = re.compile(
    r"(?<![\w.+%-])([^\W_](?:[\w.+%'-]{0,62}[\w+-])?)@((?:[^\W_](?:[\w-]{0,61}[^\W_])?\.)+[^\W\d_]{2,24})(?![\w@])"
)
_LINK = re.compile(r"\b(h(?:tt|xx)ps?|ftp)://([^\s/?#]+)([/?#]\S*)?", re.IGNORECASE)
_BARE = re.compile(
    r"(?<![\w.@/%-])((?:[^\W_](?:[\w-]{0,61}[^\W_])?\.)+)([^\W\d_]{2,24}|xn--[a-z0-9-]+)(?::\d{2,5})?(?![\w@-])([/?#]\S*)?",
    re.IGNORECASE,
)
_HOST = re.compile(
    r"(?:[^\W_](?:[\w-]{0,61}[^\W_])?\.)+(?:[^\W\d_]{2,24}|xn--[a-z0-9-]+)\.?", re.IGNORECASE
)
_ADDRESS = re.compile(r"\d{1,3}(?:\.\d{1,3}){3}")
_TAIL = ".,;:!?'\"*…»”’_~"
_PAIRS = {")": "(", "]": "[", "}": "{"}
_PHONE_PARAMETER = re.compile(r".*[?&]phone=\+?(\d{8,15})")
_TELEPHONE = {
    "wa.me": re.compile(r"/\+?(\d{8,15})"),
    "api.whatsapp.com": _PHONE_PARAMETER,
    "web.whatsapp.com": _PHONE_PARAMETER,
}
_INVITATION = re.compile(r"/(?:invite/)?([A-Za-z0-9]{18,24})")


@cache
def top_level() -> tuple[frozenset[str], frozenset[str], frozenset[str]]:
    """Return the known ends of a host, those that are words as well, and those that are files."""
    table = load("web")
    known = frozenset(" ".join((table["country"], table["generic"], table["reserved"])).split())
    return known, frozenset(table["wordlike"].split()), frozenset(table["files"])


def is_host_end(end: str, *, certain: bool) -> bool:
    """Tell whether `end` can end a host; if `certain` by a sign or scheme, also an unknown one."""
    known, _, files = top_level()
    end = end.lower().rstrip(".")
    return (
        end in known or end.startswith("xn--") or (certain and end not in files and len(end) >= 3)
    )


def _trimmed(link: str) -> str:
    """Drop the punctuation of the sentence from the end of a link."""
    while link:
        last = link[-1]
        if last in _TAIL or (last in _PAIRS and link.count(last) > link.count(_PAIRS[last])):
            link = link[:-1]
        else:
            break
    return link


def _from_path(start: int, host: str, path: str) -> Iterator[Found]:
    """Yield what the path of a known service's link names. `start` is where the path begins."""
    number = _TELEPHONE.get(host)
    if number and (told := number.match(path)):
        checked = international(told.group(1))
        if checked:
            place = start + told.start(1)
            reason = f"number in a WhatsApp link; {checked.reason}"
            yield Found(
                place,
                place + len(told.group(1)),
                IdentifierKind.PHONE,
                checked.value,
                checked.confidence,
                reason,
            )
    if host == "chat.whatsapp.com" and (told := _INVITATION.match(path)):
        reason = "invitation to a WhatsApp group"
        yield Found(
            start + told.start(1),
            start + told.end(1),
            IdentifierKind.WHATSAPP,
            told.group(1),
            HIGH,
            reason,
        )
    handle = linked_handle(host, path)
    if handle:
        kind, value, first, last = handle
        yield Found(start + first, start + last, kind, value, HIGH, f"handle in a link to {host}")


def _link(start: int, scheme: str, authority: str, path: str, *, bare: bool) -> Iterator[Found]:
    """Yield the URL, domain and further identifiers of a link that begins at `start`."""
    whole = f"{scheme}://{authority}{path}" if not bare else authority + path
    whole = _trimmed(whole)
    path = whole[len(whole) - len(path) :] if len(path) and len(whole) > len(authority) else ""
    lead = 0 if bare else len(scheme) + 3
    path = whole[lead + len(authority) :]
    authority = whole[lead : lead + len(authority)]
    user, _, rest = authority.rpartition("@")
    written = rest.split(":")[0].rstrip(".")
    host = written.replace("[.]", ".")
    if not _HOST.fullmatch(host) and not _ADDRESS.fullmatch(host):
        return
    if not _ADDRESS.fullmatch(host) and not is_host_end(host.rpartition(".")[2], certain=not bare):
        return
    normal_scheme = "https" if bare else scheme.lower().replace("xx", "tt")
    port = rest[len(written) :].rstrip(".")
    port = "" if (normal_scheme, port) in {("https", ":443"), ("http", ":80")} else port
    tail = path.split("#")[0]
    before = f"{normal_scheme}://{user}{'@' if user else ''}"
    value = f"{before}{host.lower()}{port}{'' if tail == '/' else tail}"
    domain = host.lower().removeprefix("www.")
    end = start + len(whole)
    host_start = start + lead + len(user) + (1 if user else 0)
    if not bare or path.strip("/?#"):
        reason = "link with a scheme" if not bare else "host with a path; https supplied"
        yield Found(start, end, IdentifierKind.URL, value, HIGH, reason)
    reason = "host of a link" if not bare else "bare host with a known top-level domain"
    yield Found(
        host_start,
        host_start + len(written),
        IdentifierKind.DOMAIN,
        domain,
        HIGH if not bare else MEDIUM,
        reason,
    )
    yield from _from_path(start + lead + len(authority), domain, path)


def _is_bare_host(labels: str, end: str, path: str) -> bool:
    """Tell whether a bare `labels` + `end` is a host, not two words without a space."""
    known, wordlike, files = top_level()
    host, lower = labels + end, end.lower()
    names = labels.rstrip(".").split(".")
    if host.lower() in load("web")["short_hosts"]:
        return True
    if host.lower() in load("web")["not_hosts"]:
        return False
    ends = lower in known or lower.startswith("xn--")
    if not ends or len(names[-1]) < 2 or (lower in files and not path):
        return False
    # "work.It" is the end of a sentence; WORK.IT and work.it are hosts.
    if end[0].isupper() and not host.isupper():
        return False
    told = bool(path.strip("/")) or len(names) > 1 or any(c.isdigit() or c == "-" for c in names[0])
    return lower not in wordlike or told


@lru_cache(maxsize=1 << 16)
def in_run(run: str) -> tuple[Found, ...]:
    """Return the identifiers in one web run (plain text), by characters of the run."""
    found: list[Found] = []
    busy: list[tuple[int, int]] = []
    for told in _LINK.finditer(run):
        scheme, authority, path = told.group(1), told.group(2), told.group(3) or ""
        before = len(found)
        found.extend(_link(told.start(), scheme, authority, path, bare=False))
        if len(found) > before:
            busy.append((told.start(), told.end()))
    if "@" in run:
        for told in _EMAIL.finditer(run):
            inside = any(start <= told.start() < end for start, end in busy)
            host = told.group(2)
            if (
                not inside
                and ".." not in told.group(1)
                and is_host_end(host.rpartition(".")[2], certain=True)
            ):
                known = is_host_end(host.rpartition(".")[2], certain=False)
                reason = (
                    "e-mail address"
                    if known
                    else "e-mail address with an uncommon top-level domain"
                )
                found.append(
                    Found(
                        told.start(),
                        told.end(),
                        IdentifierKind.EMAIL,
                        told.group(0).lower(),
                        HIGH if known else MEDIUM,
                        reason,
                    )
                )
                busy.append(told.span())
    for told in _BARE.finditer(run):
        inside = any(start < told.end() and told.start() < end for start, end in busy)
        labels, end, path = told.group(1), told.group(2), told.group(3) or ""
        if not inside and _is_bare_host(labels, end, path):
            host_end = told.start(3) if told.group(3) else told.end()
            authority = run[told.start() : host_end]
            found.extend(_link(told.start(), "", authority, path, bare=True))
    return tuple(found)


def placed(
    found: Iterator[Found] | tuple[Found, ...], window: str, places: list[int] | None, start: int
) -> list[Found]:
    """Move mentions from characters of a (plain) window to bytes of the chunk it starts at."""
    moved: list[Found] = []
    for one in found:
        first, last = one.start, one.end
        if places is not None:
            first, last = places[first], places[last - 1] + 1
        if not window.isascii():
            last = len(window[:last].encode())
            first = len(window[:first].encode())
        moved.append(one._replace(start=start + first, end=start + last))
    return moved


def find_web(chunk: Chunk) -> list[Found]:
    """Return every URL, domain and e-mail address, and what links name."""
    found: list[Found] = []
    runs = chunk.runs[:, chunk.runs[lexer.WORD] == lexer.WEB_RUN]
    for start, end in zip(*runs[[lexer.START, lexer.END]].tolist(), strict=True):
        window = chunk.slice(start, end)
        text, places = plain(window)
        told = in_run(text)
        if told:
            found.extend(placed(told, window, places, start))
    return found
