"""Conflicts of interest: one's own, those of members, and all of them for the officer."""

from django import forms
from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from palermo.desks.access import conflicts, members
from palermo.desks.access.models import Case, Conflict
from palermo.desks.access.pages import CaseRequest, PersonRequest, case_page, duty_page
from palermo.desks.access.views.acting import (
    PersonField,
    ReasonForm,
    attempt,
    people,
    say_errors,
)
from palermo.model import Refused


class DeclareForm(ReasonForm):
    """Whose conflict, and why."""

    person = PersonField(label=gettext_lazy("Person"))
    field_order: tuple[str, ...] = ("person", "reason")

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        self.fields["person"].queryset = people().select_related("unit")  # type: ignore[attr-defined]


class DeclareAnywhereForm(DeclareForm):
    """The officer, who sees no case, names it by its reference."""

    reference = forms.CharField(label=gettext_lazy("Reference of the case"), max_length=60)
    field_order = ("reference", "person", "reason")

    def clean_reference(self) -> Case:
        """Return the case of the reference."""
        found = Case.objects.filter(reference=self.cleaned_data["reference"].strip()).first()
        if found is None:
            raise forms.ValidationError(_("No case has this reference."))
        return found


@case_page("see", "GET", "POST", what="own conflict of interest")
def declare_own(request: CaseRequest) -> HttpResponse:
    """Declare a conflict of one's own; the case is then out of sight, at once."""
    form = ReasonForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        reason = form.cleaned_data["reason"]
        conflicts.declare(
            request.case, request.person, reason, by=request.person, at=request.viewer.at
        )
        messages.success(request, _("You are kept out of the case from now on."))
        return redirect("cases:list")
    return render(request, "access/own_conflict.html", {"case": request.case, "form": form})


@case_page("members", "GET", "POST", what="conflicts of interest")
def conflict_list(request: CaseRequest) -> HttpResponse:
    """Show the conflicts of a case; its lead declares those of others."""
    case = request.case
    form = DeclareForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        person, reason = form.cleaned_data["person"], form.cleaned_data["reason"]
        try:
            conflicts.declare(case, person, reason, by=request.person, at=request.viewer.at)
        except Refused as problem:
            form.add_error("person", str(problem))
        else:
            own = person.pk == request.person.pk
            return redirect("cases:list") if own else redirect("access:conflicts", case.key)
    leads = members.lasting_leads(at=request.viewer.at).filter(case=case).count()
    return render(
        request,
        "access/conflicts.html",
        {
            "case": case,
            "conflicts": _all().filter(case=case),
            "form": form,
            "leads": leads,
        },
    )


@case_page("members", "GET", "POST", what="conflict of interest")
def conflict(request: CaseRequest, pk: int) -> HttpResponse:
    """Lift the conflict of somebody else, with a reason."""
    found = get_object_or_404(_all().filter(case=request.case, lifted_at=None), pk=pk)
    form = ReasonForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        _lift(request, found, form)
        return redirect("access:conflicts", request.case.key)
    return render(
        request, "access/conflict.html", {"case": request.case, "conflict": found, "form": form}
    )


@duty_page("data-protection-officer", "GET", "POST")
def all_conflicts(request: PersonRequest) -> HttpResponse:
    """Show every conflict of the node, and declare one."""
    form = DeclareAnywhereForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        try:
            conflicts.declare(
                data["reference"],
                data["person"],
                data["reason"],
                by=request.person,
                at=request.viewer.at,
            )
        except Refused as problem:
            form.add_error("person", str(problem))
        else:
            return redirect("access:all_conflicts")
    return render(
        request,
        "access/all_conflicts.html",
        {"conflicts": _all().order_by("-pk")[:500], "form": form, "reason_form": ReasonForm()},
    )


@duty_page("data-protection-officer", "POST")
def lift(request: PersonRequest, pk: int) -> HttpResponse:
    """Lift a conflict as the officer."""
    found = get_object_or_404(_all().filter(lifted_at=None), pk=pk)
    form = ReasonForm(request.POST)
    if form.is_valid():
        _lift(request, found, form)
    else:
        say_errors(request, form)
    return redirect("access:all_conflicts")


def _all() -> QuerySet[Conflict]:
    return Conflict.objects.select_related("person", "case", "declared_by", "lifted_by")


def _lift(request: PersonRequest, found: Conflict, form: ReasonForm) -> None:
    reason = form.cleaned_data["reason"]
    attempt(
        request,
        _("The conflict of interest was lifted."),
        lambda: conflicts.lift(found, reason, by=request.person, at=request.viewer.at),
    )
