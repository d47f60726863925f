"""Items: the list with its filters, and one with all that was found in it and where it lies."""

from collections.abc import Iterable
from typing import Any

from django.db.models import Q
from django.db.models.functions import Substr
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render

from palermo.desks.access.pages import CaseRequest, case_page
from palermo.desks.cases.figures import counted, total
from palermo.desks.cases.filters import ItemFilter
from palermo.desks.cases.keyset import page
from palermo.desks.cases.marking import Mark, Sort, cut, number
from palermo.desks.cases.models import Campaign, Indication, Item, Link, Mention, Network
from palermo.desks.cases.words import Indicator, indicator

PAGE = 50
#: Characters of a text that a list shows, and links of one item.
EXCERPT, LINKS = 200, 50

_SORTS: dict[str, Sort] = {"for": "for", "against": "against", "support": "support"}


@case_page("read", "GET", what="items")
def item_list(request: CaseRequest) -> HttpResponse:
    """Show the items of the case that fulfil the filter."""
    form = ItemFilter(request.GET, request.viewer, request.case)
    form.offer()
    rows = form.items()
    found = page(
        brief(rows),
        form.standing,
        after=request.GET.get("after", ""),
        before=request.GET.get("before", ""),
        size=PAGE,
    )
    return render(
        request,
        "cases/items.html",
        {
            "case": request.case,
            "form": form,
            "page": found,
            "words": form.words(),
            "number": counted(rows)
            if form.conditions
            else total(request.viewer, request.case, "items"),
            "helped": support_in(request, found.rows),
        },
    )


def brief(rows: Any) -> Any:
    """Leave the whole texts where they are and take what a list shows of them."""
    return rows.defer("text", "url", "row_hash").annotate(excerpt=Substr("text", 1, EXCERPT))


def support_in(request: CaseRequest, rows: Iterable[Item]) -> set[int]:
    """Return which of some items ask for help: these are marked in every list."""
    keys = [row.pk for row in rows]
    found = Indication.rows.visible_to(request.viewer).filter(item__in=keys, polarity="support")
    return set(found.values_list("item_id", flat=True))


@case_page("read", "GET", what="item")
def item(request: CaseRequest, pk: int) -> HttpResponse:
    """Show one item."""
    found = get_object_or_404(Item.rows.visible_to(request.viewer).of(request.case), pk=pk)
    mentions = list(
        Mention.rows.visible_to(request.viewer)
        .filter(item=found)
        .select_related("identifier")
        .order_by("start", "id")
    )
    indications = list(
        Indication.rows.visible_to(request.viewer).filter(item=found).order_by("start", "id")
    )
    marks = number(_found(mentions, indications))
    return render(
        request,
        "cases/item.html",
        {
            "case": request.case,
            "item": found,
            "pieces": cut(found.text, marks),
            "identifiers": [mark for mark in marks if mark.sort == "identifier"],
            "speaking": _speaking(marks),
            "links": _links(request, found),
            "most_links": LINKS,
            "campaign": _one(request, Campaign, found.campaign),
            "network": _one(request, Network, found.network),
        },
    )


def _found(
    mentions: list[Mention], indications: list[Indication]
) -> Iterable[tuple[Sort, int, int, Mention | Indication]]:
    for mention in mentions:
        yield "identifier", mention.start, mention.end, mention
    for one in indications:
        yield _SORTS[one.polarity], one.start, one.end, one


def _speaking(marks: list[Mark[Any]]) -> list[tuple[str, list[tuple[Mark[Any], Indicator]]]]:
    """Group the indications by what they say, with the rule that each rests on."""
    return [
        (polarity, lines)
        for polarity in ("support", "for", "against")
        if (
            lines := [(mark, indicator(mark.about.rule)) for mark in marks if mark.sort == polarity]
        )
    ]


def _links(request: CaseRequest, found: Item) -> list[tuple[Link, Item]]:
    """Return the item's proposed links with their other ends, the strongest first."""
    rows = Link.rows.visible_to(request.viewer).of(request.case)
    near = rows.filter(Q(a=found) | Q(b=found)).select_related("a", "b")
    chosen = near.order_by("-strength", "id")[:LINKS]
    return [(one, one.b if one.a_id == found.pk else one.a) for one in chosen]


def _one(request: CaseRequest, model: Any, key: str) -> Any:
    return model.rows.visible_to(request.viewer).of(request.case).filter(key=key).first()
