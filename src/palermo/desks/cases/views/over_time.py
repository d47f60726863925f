"""The case over time, and by place."""

from typing import Any

from django.db.models import Count, Max, Min, QuerySet
from django.http import HttpResponse
from django.shortcuts import render

from palermo.desks.access.pages import CaseRequest, case_page
from palermo.desks.cases.figures import counted
from palermo.desks.cases.filters import ItemFilter
from palermo.desks.cases.models import Item
from palermo.desks.cases.timeline import UNITS, last_of, over_time

#: Places that are listed at most.
PLACES = 500


@case_page("read", "GET", what="timeline")
def timeline(request: CaseRequest) -> HttpResponse:
    """Show the items that fulfil the filter over time, drawn and as a table."""
    form = ItemFilter(request.GET, request.viewer, request.case)
    form.offer()
    asked = request.GET.get("unit")
    found = over_time(form.items(), next((unit for unit in UNITS if unit == asked), None))
    line = found.line
    return render(
        request,
        "cases/timeline.html",
        {
            "case": request.case,
            "form": form,
            "words": form.words(),
            "found": found,
            "units": UNITS,
            "asked": asked,
            "rows": [(day, last_of(day, line.unit), n) for day, n in line.bins],
        },
    )


@case_page("read", "GET", what="places")
def places(request: CaseRequest) -> HttpResponse:
    """Show the places that items name, with how many and from when to when."""
    form = ItemFilter(request.GET, request.viewer, request.case)
    form.offer()
    items = form.items()
    rows = _by_place(items)
    found = list(rows[: PLACES + 1])
    return render(
        request,
        "cases/places.html",
        {
            "case": request.case,
            "form": form,
            "words": form.words(),
            "rows": found[:PLACES],
            "more": len(found) > PLACES,
            "most": PLACES,
            "without": counted(items.filter(place="")),
        },
    )


def _by_place(items: QuerySet[Item]) -> Any:
    named = items.exclude(place="").order_by().values("place")
    return named.annotate(n=Count("pk"), first=Min("posted_at"), last=Max("posted_at")).order_by(
        "-n", "place"
    )
