"""Identifiers: the list, and one with where else it stands and how good a link it is."""

from collections.abc import Callable
from typing import Any

from django.db.models import Count, F, Min, QuerySet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render

from palermo.analysis.networks import link_kinds
from palermo.desks.access import audit
from palermo.desks.access.pages import CaseRequest, case_page, write_down
from palermo.desks.cases.figures import Number, counted, total
from palermo.desks.cases.filters import ORDERS
from palermo.desks.cases.keyset import Order, page
from palermo.desks.cases.models import Identifier, Item, Mention
from palermo.desks.cases.views.items import brief, support_in
from palermo.desks.cases.words import KINDS

PAGE, ITEMS, ACCOUNTS, NEIGHBOURS, ELSEWHERE = 50, 25, 5, 20, 20
#: Neighbours are looked for in so many of its items: a hotline may stand in all of them.
LOOKED_IN = 2000

ORDER = Order("most", "items", descending=True)
#: Whether an identifier linked items, as a filter.
LINKING: dict[str, Callable[[QuerySet[Identifier]], QuerySet[Identifier]]] = {
    "used": lambda rows: rows.filter(used=True),
    "held-back": lambda rows: rows.filter(used=False),
    "alone": lambda rows: rows.filter(used=None),
}


@case_page("read", "GET", what="identifiers")
def identifier_list(request: CaseRequest) -> HttpResponse:
    """Show the identifiers of the case, those in most items first."""
    rows = chosen(Identifier.rows.visible_to(request.viewer).of(request.case), request.GET)
    narrowed = any(request.GET.get(name) for name in ("kind", "linking", "value"))
    found = page(
        rows,
        ORDER,
        after=request.GET.get("after", ""),
        before=request.GET.get("before", ""),
        size=PAGE,
    )
    return render(
        request,
        "cases/identifiers.html",
        {
            "case": request.case,
            "page": found,
            "kinds": KINDS,
            "kind": request.GET.get("kind", ""),
            "linking": request.GET.get("linking", ""),
            "value": request.GET.get("value", ""),
            "number": counted(rows)
            if narrowed
            else total(request.viewer, request.case, "identifiers"),
        },
    )


def chosen(rows: QuerySet[Identifier], asked: Any) -> QuerySet[Identifier]:
    """Keep the identifiers that an address asks for; without order."""
    rows = rows.order_by()
    if kind := asked.get("kind"):
        rows = rows.filter(kind=_text(kind))
    if value := asked.get("value"):
        rows = rows.filter(value=_text(value))
    narrow = LINKING.get(asked.get("linking", ""))
    return narrow(rows) if narrow else rows


def _text(value: str) -> str:
    """Leave out what no database takes in a text; nothing is called so."""
    return value.replace("\0", "")


@case_page("read", "GET", what="identifier")
def identifier(request: CaseRequest, pk: int) -> HttpResponse:
    """Show an identifier, where it stands, and what speaks for and against it as a link."""
    found = get_object_or_404(Identifier.rows.visible_to(request.viewer).of(request.case), pk=pk)
    mentions = Mention.rows.visible_to(request.viewer).filter(identifier=found)
    items = Item.rows.visible_to(request.viewer).of(request.case)
    items = items.filter(pk__in=mentions.values("item")).order_by()
    members = page(
        brief(items),
        ORDERS["oldest"],
        after=request.GET.get("after", ""),
        before=request.GET.get("before", ""),
        size=ITEMS,
    )
    known = link_kinds()
    return render(
        request,
        "cases/identifier.html",
        {
            "case": request.case,
            "identifier": found,
            "subject": f"{found.kind}:{found.value}",
            "links_at_all": found.kind in known.kinds,
            "generic": known.is_generic(found.kind, found.value),
            "page": members,
            "helped": support_in(request, members.rows),
            "accounts": _first_accounts(items),
            "networks": _networks(items),
            "neighbours": _neighbours(request, found),
            "looked_in": LOOKED_IN,
            "written": _written(mentions),
            "elsewhere": _elsewhere(request, found),
        },
    )


def _first_accounts(items: QuerySet[Item]) -> Any:
    named = items.exclude(account="").order_by().values("platform", "account")
    seen = named.annotate(first=Min("posted_at"), n=Count("pk"))
    return seen.order_by(F("first").asc(nulls_last=True), "platform", "account")[:ACCOUNTS]


def _networks(items: QuerySet[Item]) -> Any:
    named = items.exclude(network="").order_by().values("network")
    return named.annotate(n=Count("pk")).order_by("-n", "network")[:NEIGHBOURS]


def _neighbours(request: CaseRequest, found: Identifier) -> list[tuple[Identifier, int]]:
    """Return the identifiers that stand in the same items, those that do so most first."""
    mentions = Mention.rows.visible_to(request.viewer)
    where = mentions.filter(identifier=found).order_by("item").values("item").distinct()
    beside = mentions.filter(item__in=list(where.values_list("item", flat=True)[:LOOKED_IN]))
    counts = (
        beside.exclude(identifier=found)
        .order_by()
        .values("identifier")
        .annotate(n=Count("item", distinct=True))
        .order_by("-n", "identifier")[:NEIGHBOURS]
    )
    together = {row["identifier"]: row["n"] for row in counts}
    rows = Identifier.rows.visible_to(request.viewer).in_bulk(list(together))
    return [(rows[key], n) for key, n in together.items()]


def _written(mentions: QuerySet[Mention]) -> list[tuple[str, str]]:
    """Return some of the ways in which it is written, with why each was read as this."""
    seen = mentions.order_by("item", "start").values_list("raw", "reason")[:200]
    return list(dict.fromkeys(seen))[:8]


def _elsewhere(request: CaseRequest, found: Identifier) -> tuple[list[Identifier], Number]:
    """Return the same identifier in other cases that the viewer may read now.

    That a person combined cases is written down in each of them.
    """
    same = Identifier.rows.visible_to(request.viewer).filter(kind=found.kind, value=found.value)
    others = list(
        same.exclude(case=request.case).select_related("case").order_by("-items", "id")[:ELSEWHERE]
    )
    for other in others:
        write_down(
            request,
            audit.Kind.COMBINATION,
            "identifier elsewhere",
            of=str(other.pk),
            detail={"with": other.case.key},
        )
    return others, Number(sum(other.items for other in others), more=len(others) == ELSEWHERE)
