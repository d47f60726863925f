"""Bringing material in, and the run over it."""

from django import forms
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext_lazy as _

from palermo.desks.access import audit
from palermo.desks.access.pages import CaseRequest, case_page, write_down
from palermo.desks.cases.models import Material, Run
from palermo.desks.cases.runs import ask, keep


class Upload(forms.Form):
    """One file of material."""

    file = forms.FileField(label=_("File"))


@case_page("import", "GET", "POST", what="material")
def material(request: CaseRequest) -> HttpResponse:
    """Take a file in, and start the investigation over all that the case has."""
    assert request.opening is not None  # noqa: S101  an action beyond `see` needs one
    form = Upload(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        with transaction.atomic():
            kept = keep(request.case, form.cleaned_data["file"], request.person, request.viewer.at)
            write_down(
                request,
                audit.Kind.COLLECTION,
                "material",
                of=kept.name,
                detail={"sha256": kept.sha256},
            )
            run = ask(request.case, request.opening, at=request.viewer.at)
        return redirect("cases:run", request.case.key, run.pk)
    brought = Material.rows.visible_to(request.viewer).of(request.case)
    runs = Run.rows.visible_to(request.viewer).of(request.case)
    return render(
        request,
        "cases/material.html",
        {"case": request.case, "form": form, "material": brought, "runs": runs},
    )


@case_page("read", "GET", what="run")
def run(request: CaseRequest, pk: int) -> HttpResponse:
    """Show a run."""
    found = get_object_or_404(Run.rows.visible_to(request.viewer).of(request.case), pk=pk)
    return render(request, "cases/run.html", {"case": request.case, "run": found})


@case_page("read", "GET", what="")
def progress(request: CaseRequest, pk: int) -> HttpResponse:
    """Say how far a run is: asked again and again by its page."""
    found = get_object_or_404(Run.rows.visible_to(request.viewer).of(request.case), pk=pk)
    return render(request, "cases/_progress.html", {"case": request.case, "run": found})


@case_page("import", "POST", what="cancel")
def cancel(request: CaseRequest, pk: int) -> HttpResponse:
    """Ask a run to stop; it stops at its next step and leaves the case as it was."""
    found = get_object_or_404(Run.rows.visible_to(request.viewer).of(request.case), pk=pk)
    write_down(request, audit.Kind.ALTERATION, "cancel", of=str(pk))
    found.cancel_asked_by = request.person
    found.save(update_fields=["cancel_asked_by"])
    return redirect("cases:run", request.case.key, pk)
