"""Walks the pages by their links, as each person would, so that a new page is tested by itself.

Guarantees that every address of the resolver was reached, or is named in `NOT_LINKED` with why.
"""

from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from html.parser import HTMLParser
from urllib.parse import urljoin, urlsplit

from django.urls import Resolver404, URLPattern, URLResolver, get_resolver, resolve
from tests.doors.web.conftest import Node

#: Addresses to which no page leads, and why that is right.
NOT_LINKED = {
    "api:None": "the API: its addresses are tested by its document (tests/doors/api)",
    "cases:about": "what is said of a thing that the last run no longer found",
    "locked": "asked by the script of every page",
    "openid_connect_login": "where an outside login is set up (test_outside)",
    "openid_connect_callback": "the other login leads there",
    "socialaccount_connections": "where an outside login is set up (test_outside)",
    "socialaccount_login_cancelled": "the other login leads there",
    "socialaccount_login_error": "the other login leads there",
    "socialaccount_signup": "closed; allauth wants the name",
    "health": "asked by whoever supervises the node",
    "account_inactive": "allauth leads there when an account was switched off",
    "account_signup": "closed; allauth wants the name",
    "account_reauthenticate": "allauth leads there",
    "mfa_reauthenticate": "asked for when a session began without a second factor",
    "mfa_reauthenticate_webauthn": "offered to those who have a key (test_look_keys)",
    "mfa_authenticate": "the second step of signing in",
    "mfa_edit_webauthn": "for those who have a key (test_look_keys)",
    "mfa_remove_webauthn": "for those who have a key (test_look_keys)",
    "mfa_view_recovery_codes": "shown once the codes were made (test_look_keys)",
    "mfa_download_recovery_codes": "shown once the codes were made (test_look_keys)",
    "mfa_deactivate_totp": "for those who have an app",
    "mfa_activate_totp": "for those who have none",
    "mfa_list_webauthn": "for those who have a key (test_look_keys)",
    "cases:run": "the page that takes material in leads there",
    "cases:progress": "asked by the page of a run that is not over",
    "cases:cancel": "on the page of a run that is not over",
}
#: Where each person begins; nobody is "".
STARTS = {
    "": ("/account/login/", "/account/closed/", "/account/inactive/", "/calendar/"),
    "lead": ("/", "/account/reauthenticate/", "/account/2fa/reauthenticate/"),
    "administrator": ("/",),
    "officer": ("/",),
    "approver": ("/",),
    "analyst": ("/",),
    "newcomer": ("/account/2fa/",),
}


@dataclass(frozen=True, slots=True)
class Seen:
    """A page that somebody saw."""

    who: str
    address: str
    view: str
    status: int
    html: str


class _Links(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.follow: list[str] = []
        self.named: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "a" and "href" in given:
            self.follow.append(given["href"])
        if tag == "form":
            posts = given.get("method", "get").lower() == "post"
            (self.named if posts else self.follow).append(given.get("action", ""))
        self.named += [given[name] for name in ("formaction", "hx-get", "hx-post") if name in given]


def view_of(address: str) -> str:
    """Return the name of the view at `address`; empty if there is none."""
    try:
        return resolve(urlsplit(address).path).view_name
    except Resolver404:
        return ""


def every_view(patterns: Iterable[URLPattern | URLResolver] = (), space: str = "") -> Iterator[str]:
    """Return the name of every view that the resolver knows."""
    for one in patterns or get_resolver().url_patterns:
        if isinstance(one, URLResolver):
            inner = f"{space}{one.namespace}:" if one.namespace else space
            yield from every_view(one.url_patterns, inner)
        else:
            yield f"{space}{one.name}"


def walk(node: Node, who: str) -> tuple[list[Seen], set[str]]:
    """Return one page of every view that `who` comes to, and the views named by forms."""
    starts = STARTS[who] + _more(node).get(who, ())
    todo, met, named = deque(starts), set(map(view_of, starts)), set()
    seen: list[Seen] = []
    with node.context(who) as context:
        while todo:
            address = todo.popleft()
            response = context.request.get(address)
            here = urlsplit(response.url)
            if here.path != urlsplit(address).path:
                met.add(view_of(response.url))
            if "html" not in response.headers.get("content-type", ""):
                continue
            html = response.text()
            seen.append(
                Seen(who, _local(response.url), view_of(response.url), response.status, html)
            )
            links = _Links()
            links.feed(html)
            named |= {view_of(urljoin(response.url, there)) for there in links.named}
            for there in links.follow:
                target = urljoin(response.url, there)
                if urlsplit(target).netloc != here.netloc or view_of(target) in met:
                    continue
                met.add(view_of(target))
                todo.append(_local(target))
    return seen, met | named


def _more(node: Node) -> dict[str, tuple[str, ...]]:
    """Return where people come by a link in a message, or by what they just did."""
    return {
        "": (f"/invitation/{node.invitation}/",),
        "lead": (f"/cases/{node.case}/runs/{node.run}/", f"/cases/{node.case}/open/"),
    }


def _local(address: str) -> str:
    parts = urlsplit(address)
    return parts.path + (f"?{parts.query}" if parts.query else "")
