"""Every address of the node, and what happens to whoever comes to it."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Literal

from django.db import transaction
from django.http import HttpResponseBase
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver

from palermo.desks.access.models import (
    AuditEntry,
)
from palermo.desks.access.pages import Needs


@dataclass(frozen=True, slots=True)
class Address:
    """An address of the resolver: its route, and the view behind it."""

    route: str
    view: Callable[..., HttpResponseBase]

    def __str__(self) -> str:
        return f"/{self.route}"

    @property
    def needs(self) -> Needs:
        needs = getattr(self.view, "needs", None)
        assert isinstance(needs, Needs), f"{self} states no needs; see desks/access/pages.py"
        return needs

    def filled(self, key: str, pk: int = 987_654, word: str = "nothing") -> str:
        """The address with the key of a case, and numbers and words of no object."""

        def value(found: re.Match[str]) -> str:
            converter, name = found[1] or "str", found[2]
            if name == "key":
                return key
            return str(pk) if converter == "int" else word

        route = re.sub(r"\(\?P<(?P<n>\w+)>[^)]*\)", r"<\1>", self.route).replace("^", "")
        return "/" + re.sub(r"<(?:(\w+):)?(\w+)>", value, route)


def addresses(patterns: list[Any] | None = None, before: str = "") -> Iterator[Address]:
    for one in get_resolver().url_patterns if patterns is None else patterns:
        route = before + str(one.pattern)
        if isinstance(one, URLResolver):
            yield from addresses(one.url_patterns, route)
        else:
            assert isinstance(one, URLPattern)
            yield Address(route, one.callback)


ALL = list(addresses())
IN_CASES = [one for one in ALL if getattr(one.view, "needs", None) and one.needs.whom == "case"]
METHODS: tuple[Literal["get", "post"], ...] = ("get", "post")


Outcome = Literal["let through", "sign in", "open first", "refused", "not found"]


def outcome(client: Client, method: str, address: str) -> Outcome:
    """What happened to whoever came."""
    with transaction.atomic():
        before = AuditEntry.objects.order_by("-seq").values_list("seq", flat=True).first() or -1
        answer = getattr(client, method)(address)
        if answer.status_code == 405:
            transaction.set_rollback(True)
            return "not found"
        refusals = AuditEntry.objects.filter(seq__gt=before, kind="refusal")
        refused = refusals.exclude(what__in=("opening", "signing in", "unlocking")).exists()
        transaction.set_rollback(True)
    there = answer.headers.get("Location", "")
    if there.startswith(("/account/login/", "/account/2fa/")) and answer.status_code == 302:
        return "sign in"
    if answer.status_code == 302 and re.match(r"/cases/[^/]+/open/", there):
        return "open first"
    if refused:
        return "refused" if answer.status_code == 403 else "not found"
    return "let through"


def allowed_methods(address: Address) -> list[str]:
    """The methods that a page takes; asked of the page, by one that it never takes."""
    answer = Client().delete(address.filled("nokey"))
    listed = answer.headers.get("Allow", "GET, POST")
    return [method for method in METHODS if method.upper() in listed]


METHODS_OF: dict[str, list[str]] = {}


def methods(address: Address) -> list[str]:
    """The methods that a page takes; asked of the page once."""
    if address.route not in METHODS_OF:
        METHODS_OF[address.route] = allowed_methods(address)
    return METHODS_OF[address.route]
