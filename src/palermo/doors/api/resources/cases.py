"""The token itself, and the cases it is for."""

from typing import Any

from django.db.models import QuerySet
from ninja import Router

from palermo.desks.access.models import Case
from palermo.desks.access.visibility import open_now, visible_cases
from palermo.desks.cases.models import Run
from palermo.doors.api.door import ApiRequest, case_needed, token_needed
from palermo.doors.api.shapes import CaseFacts, CaseOut, TokenOut

router = Router(tags=["cases"])


@router.get("/token", response=TokenOut)
@token_needed("token")
def token(request: ApiRequest) -> dict[str, Any]:
    """What the token is for, and whether it still gives that.

    A case that the token's owner may not know of any more is left out.
    """
    used = request.token
    known = used.openings.filter(case__in=Case.objects.filter(memberships__person=used.person_id))
    seen = set(visible_cases(request.viewer, "see").values_list("pk", flat=True))
    held = set(open_now(request.viewer).values_list("pk", flat=True))
    return {
        "ident": used.ident,
        "name": used.name,
        "owner": used.person,
        "actions": [one.action for one in used.scopes.all()],
        "made_at": used.made_at,
        "ends": used.ends,
        "openings": [
            {
                "case": one.case.key,
                "purpose": one.purpose,
                "authority": one.mandate.power,
                "authority_sha256": one.mandate.sha256,
                "reason": one.reason,
                "ends": one.ends,
                "holds": one.pk in held and one.case_id in seen,
            }
            for one in known.distinct().select_related("case", "mandate").order_by("pk")
        ],
    }


@router.get("/cases", response=list[CaseOut])
@token_needed("cases")
def cases(request: ApiRequest) -> QuerySet[Case]:
    """The cases that the token is for and that are open to it now."""
    return visible_cases(request.viewer, "see").select_related("unit")


@router.get("/cases/{key}", response=CaseFacts)
@case_needed("read", what="case")
def case(request: ApiRequest) -> dict[str, Any]:
    """A case, with what its last run found in numbers."""
    run = (
        Run.rows.visible_to(request.viewer)
        .of(request.case)
        .filter(state=Run.State.DONE)
        .values("pk", "counts")
        .first()
    )
    return {
        "case": request.case,
        "run": run["pk"] if run else 0,
        "counts": run["counts"] if run else {},
    }
