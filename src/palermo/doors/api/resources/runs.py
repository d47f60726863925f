"""Bringing material in, and the runs over it."""

from typing import Annotated, Any

from django.db import transaction
from django.shortcuts import get_object_or_404
from ninja import File, Query, Router, Status
from ninja.files import UploadedFile

from palermo.desks.access import audit
from palermo.desks.cases.material import Choices, keep_uploads
from palermo.desks.cases.models import Material, Run
from palermo.desks.cases.runs import ask
from palermo.doors.api.door import ApiRequest, case_needed, note_down
from palermo.doors.api.paging import Page, Paging, page_of
from palermo.doors.api.problems import Problem
from palermo.doors.api.shapes import Brought, MaterialOut, Progress, RunOut
from palermo.doors.api.words import Number

router = Router(tags=["runs"])

Files = Annotated[list[UploadedFile], File(min_length=1, max_length=100)]


@router.get("/cases/{key}/material", response=Page[MaterialOut])
@case_needed("read", what="material")
def material(request: ApiRequest, paging: Query[Paging]) -> dict[str, Any]:
    """Files that were brought into the case, the newest first."""
    rows = Material.rows.visible_to(request.viewer).of(request.case).select_related("added_by")
    return page_of(rows, paging, request, order=("-id",))


@router.post("/cases/{key}/material", response={202: Brought})
@case_needed("import", what="material", kind=None)
def bring_in(request: ApiRequest, files: Files) -> Status[dict[str, Any]]:
    """Bring files in, and ask for a run over all the material of the case.

    No run begins when a file was refused: bring in what is missing, or ask for a run by itself.
    """
    brought = keep_uploads(request.case, files, Choices(), by=request.person, at=request.viewer.at)
    with transaction.atomic():
        for kept in brought.kept:
            detail = {"sha256": kept.sha256, "size": kept.size, "inbox": False}
            note_down(request, audit.Kind.COLLECTION, "material", of=str(kept.pk), detail=detail)
        run = None if brought.refused else ask(request.case, request.opening, at=request.viewer.at)
    refused = [{"name": name, "why": str(why)} for name, why in brought.refused]
    return Status(202, {"material": brought.kept, "refused": refused, "run": run})


@router.get("/cases/{key}/runs", response=Page[RunOut])
@case_needed("read", what="runs")
def runs(request: ApiRequest, paging: Query[Paging]) -> dict[str, Any]:
    """Runs, the newest first."""
    rows = Run.rows.visible_to(request.viewer).of(request.case).select_related("asked_by")
    return page_of(rows, paging, request, order=("-id",))


@router.get("/cases/{key}/runs/{number}", response=RunOut)
@case_needed("read", what="run")
def run(request: ApiRequest, number: Number) -> Run:
    """One run."""
    return _run(request, number, "read")


@router.get("/cases/{key}/runs/{number}/progress", response=Progress)
@case_needed("read", what="")
def progress(request: ApiRequest, number: Number) -> Run:
    """How far a run is. It shows nothing of the case, so that asking again is not logged."""
    return _run(request, number, "read")


@router.post("/cases/{key}/runs/{number}/cancel", response={202: RunOut})
@case_needed("import", what="cancel", kind=None)
def cancel(request: ApiRequest, number: Number) -> Status[Run]:
    """Ask a run to stop; it does so at its next step and leaves the case as it was."""
    found = _run(request, number, "import")
    if found.state not in {Run.State.WAITING, Run.State.RUNNING}:
        raise Problem("conflict", "The run has ended.")
    with transaction.atomic():
        note_down(request, audit.Kind.ALTERATION, "cancel", of=str(number))
        found.cancel_asked_by = request.person
        found.save(update_fields=["cancel_asked_by"])
    return Status(202, found)


def _run(request: ApiRequest, number: int, action: str) -> Run:
    rows = Run.rows.visible_to(request.viewer, action).of(request.case)
    found: Run = get_object_or_404(rows.select_related("asked_by"), pk=number)
    return found
