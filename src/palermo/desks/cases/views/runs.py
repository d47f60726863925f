"""Bringing material in, and the runs over it."""

from django.conf import settings
from django.contrib import messages
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _

from palermo.desks.access import audit
from palermo.desks.access.pages import CaseRequest, case_page, write_down
from palermo.desks.cases.inbox import inbox
from palermo.desks.cases.intake_forms import HowForm, InboxForm, LeaveOutForm, UploadForm, zone_list
from palermo.desks.cases.material import (
    Brought,
    keep_from_inbox,
    keep_uploads,
    leave_out,
)
from palermo.desks.cases.models import Material, Run
from palermo.desks.cases.progress import Progress
from palermo.desks.cases.runs import ask


@case_page("import", "GET", "POST", what="material")
def material(request: CaseRequest) -> HttpResponse:
    """Show the material; take files in and start the investigation over all that the case has."""
    form = UploadForm(request.POST or None, request.FILES or None)
    if request.method == "POST":
        if getattr(request, "upload_too_large", False):
            form.add_error("uploads", _too_large())
        elif form.is_valid():
            brought = keep_uploads(
                request.case,
                form.cleaned_data["uploads"],
                form.choices(),
                by=request.person,
                at=request.viewer.at,
            )
            return _brought(request, brought, form.cleaned_data["language"])
    offered = inbox(request.case)
    return render(
        request,
        "cases/material.html",
        {
            "case": request.case,
            "form": form,
            "inbox": InboxForm(offered) if offered else None,
            "material": Material.rows.visible_to(request.viewer)
            .of(request.case)
            .select_related("added_by"),
            "runs": Run.rows.visible_to(request.viewer)
            .of(request.case)
            .filter(kind=Run.Kind.INVESTIGATE)
            .select_related("asked_by")[:20],
            "limit": settings.PALERMO_UPLOAD_BYTES,
            "zones": zone_list(),
        },
    )


@case_page("import", "POST", what="inbox")
def from_inbox(request: CaseRequest) -> HttpResponse:
    """Take files from the node's inbox."""
    form = InboxForm(inbox(request.case), request.POST)
    if not form.is_valid():
        for problems in form.errors.values():
            messages.error(request, " ".join(str(one) for one in problems))
        return redirect("cases:material", request.case.key)
    brought = keep_from_inbox(
        request.case,
        form.cleaned_data["places"],
        form.choices(),
        by=request.person,
        at=request.viewer.at,
    )
    return _brought(request, brought, form.cleaned_data["language"])


@case_page("import", "POST", what="investigation")
def investigate(request: CaseRequest) -> HttpResponse:
    """Investigate once more over all the material there is."""
    here = Material.rows.visible_to(request.viewer, "import").of(request.case)
    if not here.filter(left_out_at=None).exists():
        messages.error(request, _("There is no material in the case; bring some in first."))
        return redirect("cases:material", request.case.key)
    return _started(request, request.POST.get("language", "en"))


@case_page("import", "GET", "POST", what="material")
def one_material(request: CaseRequest, pk: int) -> HttpResponse:
    """Change how a file is read, or read it no more."""
    rows = Material.rows.visible_to(request.viewer, "import").of(request.case)
    found = get_object_or_404(rows.filter(left_out_at=None, lies_beside=None), pk=pk)
    how = HowForm(initial=HowForm.initial_of(found))
    out = LeaveOutForm()
    if request.method == "POST" and "why" in request.POST:
        out = LeaveOutForm(request.POST)
        if out.is_valid():
            with transaction.atomic():
                why = out.cleaned_data["why"]
                write_down(
                    request,
                    audit.Kind.ALTERATION,
                    "material left out",
                    of=str(pk),
                    reason=why,
                    detail={"sha256": found.sha256},
                )
                leave_out(found, why, by=request.person, at=request.viewer.at)
            return redirect("cases:material", request.case.key)
    elif request.method == "POST":
        how = HowForm(request.POST)
        if how.is_valid():
            with transaction.atomic():
                write_down(request, audit.Kind.ALTERATION, "how material is read", of=str(pk))
                found.columns, found.zone = dict(how.choices().columns), how.choices().zone
                found.save(update_fields=["columns", "zone"])
            return redirect("cases:material", request.case.key)
    return render(
        request,
        "cases/one_material.html",
        {
            "case": request.case,
            "material": found,
            "how": how,
            "out": out,
            "zones": zone_list(),
        },
    )


@case_page("read", "GET", what="run")
def run(request: CaseRequest, pk: int) -> HttpResponse:
    """Show a run."""
    rows = Run.rows.visible_to(request.viewer).of(request.case).select_related("asked_by")
    found = get_object_or_404(rows, pk=pk)
    return render(
        request,
        "cases/run.html",
        {"case": request.case, "run": found, "progress": Progress.of_run(found, request.viewer.at)},
    )


@case_page("read", "GET", what="")
def progress(request: CaseRequest, pk: int) -> HttpResponse:
    """Say how far a run is: asked again and again by its page."""
    found = get_object_or_404(Run.rows.visible_to(request.viewer).of(request.case), pk=pk)
    response = render(
        request,
        "cases/_progress.html",
        {"case": request.case, "run": found, "progress": Progress.of_run(found, request.viewer.at)},
    )
    if not found.at_work:
        # The page has more to show now: what came of it, and where to go on.
        response.headers["HX-Refresh"] = "true"
    return response


@case_page("import", "POST", what="cancel")
def cancel(request: CaseRequest, pk: int) -> HttpResponse:
    """Ask a run to stop; it stops at its next step and leaves the case as it was."""
    found = get_object_or_404(Run.rows.visible_to(request.viewer, "import").of(request.case), pk=pk)
    if found.at_work:
        with transaction.atomic():
            write_down(request, audit.Kind.ALTERATION, "cancel", of=str(pk))
            found.cancel_asked_by = request.person
            found.save(update_fields=["cancel_asked_by"])
    return redirect("cases:run", request.case.key, pk)


def _brought(request: CaseRequest, brought: Brought, language: str) -> HttpResponse:
    """Say what was refused; start the run when everything was kept."""
    with transaction.atomic():
        for one in brought.kept:
            write_down(
                request,
                audit.Kind.COLLECTION,
                "material",
                of=str(one.pk),
                detail={"sha256": one.sha256, "size": one.size, "inbox": one.from_inbox},
            )
    for name, why in brought.refused:
        messages.error(request, _("Not taken: %(name)s: %(why)s") % {"name": name, "why": why})
    if brought.refused:
        if brought.kept:
            messages.info(
                request,
                _("The other files were taken. Start the investigation when all that belongs to "
                  "it is there."),
            )  # fmt: skip
        return redirect("cases:material", request.case.key)
    return _started(request, language)


def _started(request: CaseRequest, language: str) -> HttpResponse:
    assert request.opening is not None  # noqa: S101  an action beyond `see` needs one
    with transaction.atomic():
        run = ask(
            request.case,
            request.opening,
            at=request.viewer.at,
            language="fr" if language == "fr" else "en",
        )
        write_down(request, audit.Kind.COMBINATION, "investigation", of=str(run.pk))
    return redirect("cases:run", request.case.key, run.pk)


def _too_large() -> str:
    limit = settings.PALERMO_UPLOAD_BYTES >> 20
    return _(
        "More than %(limit)s MB at once is not taken from a page. Put the files into the node's "
        "inbox and choose them here."
    ) % {"limit": f"{limit:,}"}
