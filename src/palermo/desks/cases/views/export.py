"""Taking a list out as a table: what the page shows, all of it, up to a stated number of rows."""

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import F
from django.http import Http404, HttpResponse, QueryDict
from django.utils.translation import gettext

from palermo.desks.access import audit
from palermo.desks.access.pages import CaseRequest, case_page, write_down
from palermo.desks.cases import exporting
from palermo.desks.cases.filters import ItemFilter
from palermo.desks.cases.models import Campaign, Identifier, Item, Network, Node
from palermo.desks.cases.views.campaigns import built, stated
from palermo.desks.cases.views.identifiers import chosen

ITEMS = (
    "ident", "posted_at", "platform", "account", "lang", "place", "url", "text", "campaign",
    "network", "exhibit", "row", "row_hash",
)  # fmt: skip
IDENTIFIERS = (
    "kind", "value", "items", "accounts", "campaigns", "first_seen", "last_seen", "used", "reason",
)  # fmt: skip
CAMPAIGNS = ("key", "items", "accounts", "first_seen", "last_seen", "network")
NETWORKS = (
    "key", "rank", "items", "accounts", "first_seen", "last_seen", "support_first", "child_review",
)  # fmt: skip
NODES = ("kind", "value", "items", "used", "first_seen", "last_seen")


@dataclass(frozen=True, slots=True)
class List:
    """The rows that are asked for, their columns, and the conditions in words."""

    rows: Any
    columns: Sequence[str]
    words: Sequence[str] = ()
    beside: Any = None


def _items(request: CaseRequest, asked: QueryDict) -> List:
    form = ItemFilter(asked, request.viewer, request.case)
    order = form.standing
    column = F(order.column)
    by = column.desc(nulls_last=True) if order.descending else column.asc(nulls_last=True)
    tie = "-id" if order.tie_descending else "id"
    return List(form.items("export").order_by(by, tie), ITEMS, form.words())


def _campaign(request: CaseRequest, asked: QueryDict) -> List:
    found = _mine(Campaign, request).filter(key=asked.get("campaign", "")).first()
    if found is None:
        raise Http404
    items = _mine(Item, request).filter(campaign=found.key).order_by("posted_at", "id")
    template = stated(found.template) or built(items)
    words = [gettext("of the campaign %(value)s") % {"value": found.key}]
    return List(items, ITEMS, words, {"template": template})


def _identifiers(request: CaseRequest, asked: QueryDict) -> List:
    rows = chosen(_mine(Identifier, request), asked)
    words = [f"{name}: {asked[name]}" for name in ("kind", "linking", "value") if asked.get(name)]
    return List(rows.order_by("-items", "id"), IDENTIFIERS, words)


def _nodes(request: CaseRequest, asked: QueryDict) -> List:
    name = asked.get("network", "")
    rows = _mine(Node, request).filter(network=name).order_by("-items", "id")
    return List(rows, NODES, [gettext("of the network %(value)s") % {"value": name}])


_LISTS: dict[str, Callable[[CaseRequest, QueryDict], List]] = {
    "items": _items,
    "identifiers": _identifiers,
    "campaign": _campaign,
    "campaigns": lambda request, _: List(_mine(Campaign, request), CAMPAIGNS),
    "networks": lambda request, _: List(_mine(Network, request), NETWORKS),
    "nodes": _nodes,
}


@case_page("export", "POST", what="export")
def export(request: CaseRequest, what: str) -> HttpResponse:
    """Give a list out to the person who asks, once it is written down what they took."""
    form = request.POST.get("as", "csv")
    if what not in _LISTS or form not in exporting.FORMATS:
        raise Http404
    asked = QueryDict(request.POST.get("query", ""))
    chosen_list = _LISTS[what](request, asked)
    rows, more = exporting.taken(chosen_list.rows.iterator(chunk_size=2000), chosen_list.columns)
    table = exporting.Table(
        about=_about(request, what, chosen_list, len(rows), more=more),
        columns=chosen_list.columns,
        rows=rows,
        beside=chosen_list.beside or {},
    )
    media_type, write = exporting.FORMATS[form]
    body = write(table)
    write_down(
        request,
        audit.Kind.DISCLOSURE,
        f"export of {what}",
        of="; ".join(chosen_list.words)[:200],
        recipient=str(request.person.handle),
        detail={
            "rows": len(rows),
            "cut": more,
            "as": form,
            "sha256": hashlib.sha256(body).hexdigest(),
        },
    )
    return _download(body, media_type, f"{what}.{form}")


def _mine(model: Any, request: CaseRequest) -> Any:
    return model.rows.visible_to(request.viewer, "export").of(request.case)


def _about(
    request: CaseRequest, what: str, found: List, rows: int, *, more: bool
) -> dict[str, str]:
    opening = request.opening
    quota = gettext("cut: there are more, and an export takes %(most)s at most")
    return {
        gettext("case"): request.case.reference,
        gettext("list"): what,
        gettext("conditions"): "; ".join(found.words) or gettext("none"),
        gettext("taken out by"): str(request.person),
        gettext("purpose"): opening.purpose if opening else "",
        gettext("authority"): str(opening.mandate) if opening else "",
        gettext("at"): request.viewer.at.isoformat(),
        gettext("rows"): str(rows)
        + (f" ({quota % {'most': exporting.MOST_ROWS}})" if more else ""),
    }


def _download(body: bytes, media_type: str, name: str) -> HttpResponse:
    response = HttpResponse(body, content_type=media_type)
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response
