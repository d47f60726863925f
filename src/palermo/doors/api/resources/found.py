"""What the last run found: items, identifiers, where they stand, indications."""

from typing import Annotated, Any

from django.db.models import Exists, OuterRef, QuerySet
from django.shortcuts import get_object_or_404
from ninja import Query, Router
from pydantic import Field

from palermo.desks.cases.models import Identifier, Indication, Item, Mention
from palermo.doors.api.door import ApiRequest, case_needed
from palermo.doors.api.paging import FoundPage, Paging, page_of
from palermo.doors.api.shapes import IdentifierOut, IndicationOut, ItemOut, MentionOut
from palermo.doors.api.words import Instant, Number, Word

router = Router(tags=["found"])

Of = Annotated[Word | None, Field()]


class ItemFilter(Paging):
    """Which items."""

    ident: Of = None
    lang: Of = None
    platform: Of = None
    account: Of = None
    place: Of = None
    kind: Of = None
    exhibit: Of = None
    campaign: Of = None
    network: Of = None
    posted_from: Annotated[Instant | None, Field(description="First instant.")] = None
    posted_until: Annotated[Instant | None, Field(description="First instant after.")] = None
    identifier: Annotated[Number | None, Field(description="With this identifier.")] = None
    rule: Annotated[Word | None, Field(description="With an indication of this rule.")] = None


class IdentifierFilter(Paging):
    """Which identifiers."""

    kind: Of = None
    value: Of = None
    used: bool | None = None


class MentionFilter(Paging):
    """Which mentions."""

    item: Annotated[Number | None, Field(description="In this item.")] = None
    identifier: Annotated[Number | None, Field(description="Of this identifier.")] = None


class IndicationFilter(Paging):
    """Which indications."""

    item: Annotated[Number | None, Field(description="In this item.")] = None
    rule: Of = None
    dimension: Of = None
    polarity: Of = None


#: Filters that are columns of the same name.
_COLUMNS = {
    "ident", "lang", "platform", "account", "place", "kind", "exhibit", "campaign", "network",
    "value", "used", "item", "identifier", "rule", "dimension", "polarity",
}  # fmt: skip


@router.get("/cases/{key}/items", response=FoundPage[ItemOut])
@case_needed("read", what="items", found=True)
def items(request: ApiRequest, which: Query[ItemFilter]) -> dict[str, Any]:
    """Items, each with its text and where it lies."""
    rows = _kept(
        Item.rows.visible_to(request.viewer).of(request.case), which, but={"identifier", "rule"}
    )
    if which.posted_from is not None:
        rows = rows.filter(posted_at__gte=which.posted_from)
    if which.posted_until is not None:
        rows = rows.filter(posted_at__lt=which.posted_until)
    here = {"case": request.case, "item": OuterRef("pk")}
    if which.identifier is not None:
        mentions = Mention.rows.visible_to(request.viewer)
        rows = rows.filter(Exists(mentions.filter(identifier=which.identifier, **here)))
    if which.rule is not None:
        indications = Indication.rows.visible_to(request.viewer)
        rows = rows.filter(Exists(indications.filter(rule=which.rule, **here)))
    return page_of(rows, which, request)


@router.get("/cases/{key}/items/{number}", response=ItemOut)
@case_needed("read", what="item", found=True)
def item(request: ApiRequest, number: Number) -> Item:
    """One item."""
    found: Item = get_object_or_404(
        Item.rows.visible_to(request.viewer).of(request.case), pk=number
    )
    return found


@router.get("/cases/{key}/identifiers", response=FoundPage[IdentifierOut])
@case_needed("read", what="identifiers", found=True)
def identifiers(request: ApiRequest, which: Query[IdentifierFilter]) -> dict[str, Any]:
    """Identifiers, each with how good a link it is."""
    rows = Identifier.rows.visible_to(request.viewer).of(request.case)
    return page_of(_kept(rows, which), which, request)


@router.get("/cases/{key}/identifiers/{number}", response=IdentifierOut)
@case_needed("read", what="identifier", found=True)
def identifier(request: ApiRequest, number: Number) -> Identifier:
    """One identifier."""
    found: Identifier = get_object_or_404(
        Identifier.rows.visible_to(request.viewer).of(request.case), pk=number
    )
    return found


@router.get("/cases/{key}/mentions", response=FoundPage[MentionOut])
@case_needed("read", what="mentions", found=True)
def mentions(request: ApiRequest, which: Query[MentionFilter]) -> dict[str, Any]:
    """Where identifiers stand in texts."""
    rows = Mention.rows.visible_to(request.viewer).of(request.case)
    return page_of(_kept(rows.select_related("item", "identifier"), which), which, request)


@router.get("/cases/{key}/indications", response=FoundPage[IndicationOut])
@case_needed("read", what="indications", found=True)
def indications(request: ApiRequest, which: Query[IndicationFilter]) -> dict[str, Any]:
    """Indications found in items, for and against."""
    rows = Indication.rows.visible_to(request.viewer).of(request.case)
    return page_of(_kept(rows.select_related("item"), which), which, request)


def _kept(
    rows: QuerySet[Any], which: Paging, *, but: frozenset[str] | set[str] = frozenset()
) -> QuerySet[Any]:
    wanted = which.model_dump(exclude_none=True)
    return rows.filter(**{name: wanted[name] for name in wanted if name in _COLUMNS - but})
