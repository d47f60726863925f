"""Items: the list, and one with where it lies in which exhibit."""

from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render

from palermo.desks.access.pages import CaseRequest, case_page
from palermo.desks.cases.models import Indication, Item, Mention

PAGE = 50


@case_page("read", "GET", what="items")
def item_list(request: CaseRequest) -> HttpResponse:
    """Show the items of the case."""
    items = Item.rows.visible_to(request.viewer).of(request.case)
    page = Paginator(items, PAGE).get_page(request.GET.get("page"))
    return render(request, "cases/items.html", {"case": request.case, "page": page})


@case_page("read", "GET", what="item")
def item(request: CaseRequest, pk: int) -> HttpResponse:
    """Show one item."""
    found = get_object_or_404(Item.rows.visible_to(request.viewer).of(request.case), pk=pk)
    mentions = Mention.rows.visible_to(request.viewer).filter(item=found)
    return render(
        request,
        "cases/item.html",
        {
            "case": request.case,
            "item": found,
            "mentions": mentions.select_related("identifier").order_by("start"),
            "indications": Indication.rows.visible_to(request.viewer).filter(item=found),
        },
    )
