"""Campaigns: the list, and one with its template, its slots and its members."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from django.db.models import Count, F, Max, Min, QuerySet
from django.db.models.functions import Substr
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render

from palermo.analysis.campaigns import align, build_template
from palermo.desks.access.pages import CaseRequest, case_page
from palermo.desks.cases.figures import total
from palermo.desks.cases.filters import ORDERS
from palermo.desks.cases.keyset import Order, page
from palermo.desks.cases.models import Campaign, Item
from palermo.desks.cases.views.items import brief, support_in
from palermo.investigation import template_json
from palermo.model import Segment, Template, TemplatePart

PAGE, MEMBERS, EXAMPLES, ACCOUNTS = 50, 25, 5, 12
#: A template is built here from so many members where the run made none.
BUILT_FROM = 40
#: Characters of an example and of a constant part that are shown.
LONG = 1600

ORDER = Order("largest", "items", descending=True, tie="key")


@case_page("read", "GET", what="campaigns")
def campaign_list(request: CaseRequest) -> HttpResponse:
    """Show the campaigns of the case, the largest first."""
    rows = Campaign.rows.visible_to(request.viewer).of(request.case)
    found = page(
        rows,
        ORDER,
        after=request.GET.get("after", ""),
        before=request.GET.get("before", ""),
        size=PAGE,
    )
    return render(
        request,
        "cases/campaigns.html",
        {
            "case": request.case,
            "page": found,
            "number": total(request.viewer, request.case, "campaigns"),
        },
    )


@case_page("read", "GET", what="campaign")
def campaign(request: CaseRequest, name: str) -> HttpResponse:
    """Show a campaign: what its texts share, where they differ, and whose they are."""
    found = get_object_or_404(Campaign.rows.visible_to(request.viewer).of(request.case), key=name)
    items = Item.rows.visible_to(request.viewer).of(request.case).filter(campaign=name)
    template = stated(found.template) or built(items)
    members = page(
        brief(items.order_by()),
        ORDERS["oldest"],
        after=request.GET.get("after", ""),
        before=request.GET.get("before", ""),
        size=MEMBERS,
    )
    accounts = _accounts(items)
    return render(
        request,
        "cases/campaign.html",
        {
            "case": request.case,
            "campaign": found,
            "template": template,
            "parts": parts(template),
            "share": round(100 * template.get("compression", 1)),
            "examples": _examples(name, template, items),
            "page": members,
            "helped": support_in(request, members.rows),
            "export_query": urlencode({"campaign": name}),
            "accounts": accounts[:ACCOUNTS],
            "more_accounts": len(accounts) > ACCOUNTS,
            "platforms": items.order_by("platform").values_list("platform", flat=True).distinct(),
        },
    )


def stated(template: Mapping[str, Any]) -> dict[str, Any]:
    """Return the template that the run made, or nothing."""
    return dict(template) if template.get("parts") else {}


def built(items: QuerySet[Item]) -> dict[str, Any]:
    """Build the template of a campaign for which the run made none (it makes the largest only)."""
    texts = list(items.order_by("id").values_list("text", flat=True)[:BUILT_FROM])
    if not texts:
        return {}
    return template_json(build_template("", texts))


def parts(template: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return the parts of a template with its slots numbered 1, 2, 3 … in reading order."""
    numbers: dict[int, int] = {}
    shown = []
    for part in template.get("parts", ()):
        if "slot" in part:
            number = numbers.setdefault(part["slot"], len(numbers) + 1)
            shown.append({**part, "number": number})
        else:
            text = part["text"]
            shown.append({"text": text[:LONG], "cut": max(0, len(text) - LONG)})
    return shown


def _accounts(items: QuerySet[Item]) -> list[Any]:
    found = items.exclude(account="").order_by().values("platform", "account")
    counted = found.annotate(n=Count("pk"), first=Min("posted_at"), last=Max("posted_at"))
    return list(counted.order_by("-n", "platform", "account")[: ACCOUNTS + 1])


def _examples(
    name: str, template: Mapping[str, Any], items: QuerySet[Item]
) -> list[tuple[Item, list[Segment]]]:
    """Lay a few members against the template, the first and the last among them."""
    if not template.get("parts"):
        return []
    numbers = {p["slot"]: p["number"] for p in parts(template) if "number" in p}
    whole = Template(
        campaign=name,
        parts=tuple(
            TemplatePart(
                text=part.get("text", ""),
                slot=numbers.get(part.get("slot")),
                kind=part.get("kind", "free"),
                fillers=tuple(part.get("fillers", ())),
            )
            for part in template["parts"]
        ),
        support=template.get("support", 0),
        compression=template.get("compression", 1.0),
    )
    ends: Any = items.annotate(shown=Substr("text", 1, LONG)).defer("text")
    first = list(ends.order_by("posted_at", "id")[: EXAMPLES - 1])
    last = [
        one
        for one in ends.order_by(F("posted_at").desc(nulls_last=True), "-id")[:1]
        if one not in first
    ]
    return [(one, list(align(whole, one.shown))) for one in [*first, *last]]
