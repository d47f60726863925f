"""Whole tables, as JSON Lines.

Guarantees that the first line says whose export it is, of which run, when and under which
authority; that the last one says how many rows there were, so that a cut-off file is known for one;
and that access which ends meanwhile ends the export too.
"""

import json
from collections.abc import Iterator
from typing import Any, Literal

from django.conf import settings
from django.db.models import QuerySet
from django.http import StreamingHttpResponse
from ninja import Router, Schema

from palermo.desks.access import audit
from palermo.desks.access.visibility import Viewer, visible_cases
from palermo.desks.cases.models import (
    Campaign,
    Identifier,
    Indication,
    Item,
    Link,
    Mention,
    Network,
)
from palermo.doors.api import shapes
from palermo.doors.api.door import ApiRequest, case_needed, last_run

router = Router(tags=["export"])

MEDIA_TYPE = "application/jsonl"
_BATCH = 1000

Table = Literal["items", "identifiers", "mentions", "indications", "campaigns", "networks", "links"]
_TABLES: dict[str, tuple[Any, type[Schema], tuple[str, ...]]] = {
    "items": (Item, shapes.ItemOut, ()),
    "identifiers": (Identifier, shapes.IdentifierOut, ()),
    "mentions": (Mention, shapes.MentionOut, ("item", "identifier")),
    "indications": (Indication, shapes.IndicationOut, ("item",)),
    "campaigns": (Campaign, shapes.CampaignOut, ()),
    "networks": (Network, shapes.NetworkOut, ()),
    "links": (Link, shapes.LinkOut, ("a", "b")),
}

_STREAM = {
    200: {
        "description": "A line about the export, a line for each row, a line with their number.",
        "content": {MEDIA_TYPE: {"schema": {"type": "string"}}},
    }
}


@router.get("/cases/{key}/export/{table}", openapi_extra={"responses": _STREAM})
@case_needed("export", what="export", kind=audit.Kind.DISCLOSURE)
def export(request: ApiRequest, table: Table) -> StreamingHttpResponse:
    """A whole table of what the last run found, row after row."""
    model, shape, joined = _TABLES[table]
    rows = model.rows.visible_to(request.viewer, "export").of(request.case).order_by("id")
    if joined:
        rows = rows.select_related(*joined)
    answer = StreamingHttpResponse(
        _lines(request, rows, shape, _head(request, table)), content_type=MEDIA_TYPE
    )
    answer.headers["Content-Disposition"] = f'attachment; filename="{table}.jsonl"'
    return answer


def _head(request: ApiRequest, table: str) -> dict[str, Any]:
    mandate = request.opening.mandate
    return {
        "palermo_export": 1,
        "table": table,
        "case": request.case.reference,
        "run": last_run(request, "export")[0],
        "at": request.viewer.at.isoformat(),
        "by": str(request.person.handle),
        "token": request.token.ident,
        "purpose": request.opening.purpose,
        "authority": mandate.power,
        "authority_sha256": mandate.sha256,
    }


def _lines(
    request: ApiRequest, rows: QuerySet[Any], shape: type[Schema], head: dict[str, Any]
) -> Iterator[str]:
    yield _line(head)
    count = 0
    for row in rows.iterator(chunk_size=_BATCH):
        if count and count % _BATCH == 0 and not _still(request):
            yield _line({"end": "cut off: the token gives this no more", "rows": count})
            return
        yield shape.from_orm(row).model_dump_json() + "\n"
        count += 1
    yield _line({"end": "complete", "rows": count})


def _still(request: ApiRequest) -> bool:
    now = Viewer(request.viewer.person, settings.PALERMO_CLOCK(), request.viewer.token)
    return visible_cases(now, "export").filter(pk=request.case.pk).exists()


def _line(value: dict[str, Any]) -> str:
    return json.dumps(value, ensure_ascii=False) + "\n"
