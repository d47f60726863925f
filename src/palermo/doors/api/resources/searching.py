"""Search in a case, by the function that the page asks."""

from typing import Annotated, Any, Literal

from ninja import Query, Router, Schema
from pydantic import Field

from palermo.desks.access import audit
from palermo.desks.access.own_name import OWN_NAME, names
from palermo.desks.cases.search import MOST, Found, find
from palermo.doors.api.door import ApiRequest, case_needed, note_down
from palermo.doors.api.shapes import SearchOut
from palermo.doors.api.words import Question

router = Router(tags=["search"])


class Asked(Schema):
    """What is looked for, and which page of which kind; the other kinds show their first one."""

    q: Annotated[Question, Field(description="All words must occur; “quoted words” together.")]
    kind: Literal["items", "identifiers", "notes"] = "items"
    page: Annotated[int, Field(ge=1, le=MOST)] = 1


@router.get("/cases/{key}/search", response=SearchOut)
@case_needed("search", what="search", kind=None)
def search(request: ApiRequest, asked: Query[Asked]) -> dict[str, Any]:
    """Search items, identifiers and notes. A telephone number is found however it is written."""
    answer = find(request.viewer, asked.q, request.case, kind=asked.kind, page=asked.page)
    # Before anything is shown, and with what was asked and found, as the page does.
    found = {name: one.number.n for name, one in answer.kinds.items()}
    detail: dict[str, Any] = {"text": asked.q, "found": found}
    if names(request.person, asked.q):
        detail[OWN_NAME] = True
    note_down(request, audit.Kind.CONSULTATION, "search", detail=detail)
    return {"kinds": {name: _shown(one) for name, one in answer.kinds.items()}}


def _shown(found: Found) -> dict[str, Any]:
    return {
        "number": found.number.n,
        "more": found.number.more,
        "page": found.page,
        "pages": found.pages,
        "read_only": found.read_only,
        "hits": [
            {
                "id": hit.row.pk,
                "name": str(hit.row) if hit.kind != "notes" else "",
                "pieces": [
                    {"text": piece.text, "found": bool(piece.marks)} for piece in hit.pieces
                ],
                "at": hit.at,
            }
            for hit in found.hits
        ],
    }
