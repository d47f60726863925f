"""What the last run proposes: campaigns, networks, links."""

from typing import Annotated, Any

from django.db.models import Q
from django.shortcuts import get_object_or_404
from ninja import Query, Router, Schema
from pydantic import Field

from palermo.desks.cases.graph import MOST, USUAL, choose
from palermo.desks.cases.models import Campaign, Link, Network
from palermo.doors.api.door import ApiRequest, case_needed
from palermo.doors.api.paging import FoundPage, Paging, page_of
from palermo.doors.api.shapes import (
    CampaignOut,
    CampaignWhole,
    GraphOut,
    LinkOut,
    NetworkOut,
    NetworkWhole,
)
from palermo.doors.api.words import Number, Word

router = Router(tags=["proposed"])


class LinkFilter(Paging):
    """Which links."""

    network: Annotated[Word | None, Field(description="Within this network.")] = None
    item: Annotated[Number | None, Field(description="From or to this item.")] = None
    reason: Annotated[Word | None, Field(description="For this reason.")] = None


class CampaignFilter(Paging):
    """Which campaigns."""

    network: Annotated[Word | None, Field(description="Within this network.")] = None


class GraphSize(Schema):
    """How much of a graph."""

    limit: Annotated[int, Field(ge=1, le=MOST, description="Nodes at most.")] = USUAL


@router.get("/cases/{key}/campaigns", response=FoundPage[CampaignOut])
@case_needed("read", what="campaigns", found=True)
def campaigns(request: ApiRequest, which: Query[CampaignFilter]) -> dict[str, Any]:
    """Campaigns, the largest first."""
    rows = Campaign.rows.visible_to(request.viewer).of(request.case)
    if which.network is not None:
        rows = rows.filter(network=which.network)
    return page_of(rows, which, request, order=("-items", "key"))


@router.get("/cases/{key}/campaigns/{name}", response=CampaignWhole)
@case_needed("read", what="campaign", found=True)
def campaign(request: ApiRequest, name: Word) -> Campaign:
    """One campaign with its template."""
    rows = Campaign.rows.visible_to(request.viewer).of(request.case)
    found: Campaign = get_object_or_404(rows, key=name)
    found.run = request.run  # type: ignore[attr-defined]
    return found


@router.get("/cases/{key}/networks", response=FoundPage[NetworkOut])
@case_needed("read", what="networks", found=True)
def networks(request: ApiRequest, which: Query[Paging]) -> dict[str, Any]:
    """Networks, in the order in which the run ranked them."""
    rows = Network.rows.visible_to(request.viewer).of(request.case)
    return page_of(rows, which, request, order=("rank", "key"))


@router.get("/cases/{key}/networks/{name}", response=NetworkWhole)
@case_needed("read", what="network", found=True)
def network(request: ApiRequest, name: Word) -> Network:
    """One network, with its reasons and what speaks against it."""
    found = _network(request, name)
    found.run = request.run  # type: ignore[attr-defined]
    return found


@router.get("/cases/{key}/networks/{name}/graph", response=GraphOut)
@case_needed("read", what="network graph", found=True)
def graph(request: ApiRequest, name: Word, size: Query[GraphSize]) -> dict[str, Any]:
    """A network as a graph of at most so many nodes, and how much of the whole that is.

    It is the graph of the page: the nodes that stand in most items come first.
    """
    whole = _network(request, name)
    drawn = choose(request.viewer, request.case, whole, most=size.limit)
    return {
        "run": request.run,
        "network": whole.key,
        "nodes": drawn.dots,
        "ties": [{"a": line.a.key, "b": line.b.key, "items": line.items} for line in drawn.lines],
        "shown": {
            "nodes": len(drawn.dots),
            "of_nodes": drawn.of_dots,
            "ties": len(drawn.lines),
            "of_ties": drawn.of_lines,
        },
    }


@router.get("/cases/{key}/links", response=FoundPage[LinkOut])
@case_needed("read", what="links", found=True)
def links(request: ApiRequest, which: Query[LinkFilter]) -> dict[str, Any]:
    """Proposed links between items."""
    rows = Link.rows.visible_to(request.viewer).of(request.case).select_related("a", "b")
    if which.network is not None:
        rows = rows.filter(network=which.network)
    if which.reason is not None:
        rows = rows.filter(reason=which.reason)
    if which.item is not None:
        rows = rows.filter(Q(a=which.item) | Q(b=which.item))
    return page_of(rows, which, request)


def _network(request: ApiRequest, name: str) -> Network:
    rows = Network.rows.visible_to(request.viewer).of(request.case)
    found: Network = get_object_or_404(rows, key=name)
    return found
