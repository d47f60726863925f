"""Networks: the list, one with its reasons and what speaks against it, and its drawing."""

from typing import Any
from urllib.parse import urlencode

from django.db.models import QuerySet
from django.http import Http404, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, render

from palermo.desks.access.pages import CaseRequest, case_page
from palermo.desks.cases import graph
from palermo.desks.cases.figures import total
from palermo.desks.cases.keyset import Order, page
from palermo.desks.cases.models import Identifier, Indication, Item, Network, Node
from palermo.desks.cases.timeline import over_time
from palermo.desks.cases.views.items import brief
from palermo.desks.cases.words import KINDS, Indicator, indicator

PAGE, SHOWN, SUPPORT = 50, 12, 20

ORDER = Order("rank", "rank", tie="id")
NODES = Order("nodes", "items", descending=True)
#: How many nodes a drawing may be asked for.
SIZES = (60, graph.USUAL, 250, 500, graph.MOST)
#: By what the tables of a drawing may stand.
_SORTS = {
    "items": lambda dot: (-dot.items, dot.kind, dot.value),
    "kind": lambda dot: (dot.kind, -dot.items, dot.value),
    "value": lambda dot: (dot.value, dot.kind),
}


@case_page("read", "GET", what="networks")
def network_list(request: CaseRequest) -> HttpResponse:
    """Show the networks that are proposed, in their order of rank."""
    found = page(
        Network.rows.visible_to(request.viewer).of(request.case),
        ORDER,
        after=request.GET.get("after", ""),
        before=request.GET.get("before", ""),
        size=PAGE,
    )
    number = total(request.viewer, request.case, "networks")
    return render(
        request, "cases/networks.html", {"case": request.case, "page": found, "number": number}
    )


@case_page("read", "GET", what="network")
def network(request: CaseRequest, name: str) -> HttpResponse:
    """Show a network: what ties it, what is indicated in it, and what speaks against it."""
    found = _network(request, name)
    nodes = _nodes(request, found)
    items = Item.rows.visible_to(request.viewer).of(request.case).filter(network=name).order_by()
    return render(
        request,
        "cases/network.html",
        {
            "case": request.case,
            "network": found,
            "rules": _rules(found),
            "ties": _described(request, nodes.filter(used=True)),
            "campaigns": nodes.filter(kind="campaign")[:SHOWN],
            "accounts": nodes.filter(kind="account")[:SHOWN],
            "held_back": _described(request, nodes.filter(used=False)),
            "asking": _asking(request, items) if found.support_first else [],
            "over_time": over_time(items),
            "shown": SHOWN,
        },
    )


@case_page("read", "GET", what="network nodes")
def nodes(request: CaseRequest, name: str) -> HttpResponse:
    """Show everything that items of a network share, those in most items first."""
    found = _network(request, name)
    rows = _nodes(request, found).order_by()
    kind = request.GET.get("kind", "")
    if kind in KINDS:
        rows = rows.filter(kind=kind)
    listed = page(
        rows,
        NODES,
        after=request.GET.get("after", ""),
        before=request.GET.get("before", ""),
        size=PAGE,
    )
    return render(
        request,
        "cases/nodes.html",
        {
            "case": request.case,
            "network": found,
            "page": listed,
            "export_query": urlencode({"network": name}),
            "described": _described(request, listed.rows),
            "kinds": KINDS,
            "kind": kind,
        },
    )


@case_page("read", "GET", what="graph")
def drawing(request: CaseRequest, name: str) -> HttpResponse:
    """Show the drawing of a network, with the same as tables."""
    found = _network(request, name)
    drawn = _drawn(request, found)
    by = request.GET.get("by", "items")
    key = _SORTS.get(by, _SORTS["items"])
    return render(
        request,
        "cases/graph.html",
        {
            "case": request.case,
            "network": found,
            "drawn": drawn,
            "by": by if by in _SORTS else "items",
            "dots": sorted(drawn.dots, key=key),
            "sizes": SIZES,
            "size": _size(request),
        },
    )


@case_page("read", "GET", what="graph")
def drawing_data(request: CaseRequest, name: str) -> HttpResponse:
    """Return the drawing, or the surroundings of one node, for the script."""
    return JsonResponse(_drawn(request, _network(request, name)).payload())


def _network(request: CaseRequest, name: str) -> Network:
    found: Network = get_object_or_404(
        Network.rows.visible_to(request.viewer).of(request.case), key=name
    )
    return found


def _nodes(request: CaseRequest, found: Network) -> QuerySet[Node]:
    rows = Node.rows.visible_to(request.viewer).of(request.case).filter(network=found.key)
    return rows.order_by("-items", "id")


def _drawn(request: CaseRequest, found: Network) -> graph.Drawing:
    middle = request.GET.get("around", "")
    if not middle:
        return graph.choose(request.viewer, request.case, found, most=_size(request))
    if not (middle.isascii() and middle.isdecimal() and len(middle) < 19):
        raise Http404
    node = get_object_or_404(_nodes(request, found), pk=int(middle))
    return graph.around(request.viewer, request.case, node)


def _size(request: CaseRequest) -> int:
    asked = request.GET.get("most", "")
    return int(asked) if asked in {str(size) for size in SIZES} else graph.USUAL


def _described(request: CaseRequest, rows: Any) -> list[tuple[Node, Identifier | None]]:
    """Put beside each node its identifier, where it is one, with the reason it links or not."""
    shown = list(rows[:SHOWN]) if isinstance(rows, QuerySet) else list(rows)
    kinds, values = {node.kind for node in shown}, {node.value for node in shown}
    known = Identifier.rows.visible_to(request.viewer).of(request.case)
    known = known.filter(kind__in=kinds, value__in=values)
    by_name = {(one.kind, one.value): one for one in known}
    return [(node, by_name.get((node.kind, node.value))) for node in shown]


def _rules(found: Network) -> dict[str, list[tuple[Indicator, int]]]:
    """Group the rules that were found in the network by what they say."""
    said: dict[str, list[tuple[Indicator, int]]] = {}
    for hit in found.facts.get("rules", ()):
        known = indicator(hit["rule"])
        said.setdefault(known.polarity, []).append((known, hit["items"]))
    for lines in said.values():
        lines.sort(key=lambda line: -line[1])
    return said


def _asking(request: CaseRequest, items: QuerySet[Item]) -> list[Item]:
    """Return the first items of the network in which somebody asks for help."""
    asking = Indication.rows.visible_to(request.viewer).of(request.case).filter(polarity="support")
    rows = brief(items.filter(pk__in=asking.values("item")))
    return list(rows.order_by("posted_at", "id")[:SUPPORT])
