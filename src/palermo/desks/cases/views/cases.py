"""The list of cases, a new case, and the first page of one."""

from django import forms
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext_lazy as _

from palermo.desks.access import audit, mandates
from palermo.desks.access.models import Case, Membership, Person, Unit
from palermo.desks.access.pages import (
    CaseRequest,
    PersonRequest,
    case_page,
    duty_page,
    person_page,
)
from palermo.desks.access.visibility import open_now, visible_cases
from palermo.desks.cases.models import Campaign, Identifier, Item, Network, Run
from palermo.model import Refused, Unreadable


class NewCase(forms.Form):
    """A new case under an authority."""

    reference = forms.CharField(label=_("Reference"), max_length=60)
    title = forms.CharField(label=_("Title"), max_length=200)
    unit = forms.ModelChoiceField(label=_("Unit"), queryset=Unit.objects.order_by("name"))
    lead = forms.ModelChoiceField(
        label=_("Lead"), queryset=Person.objects.filter(is_active=True).order_by("username")
    )
    authority = forms.FileField(label=_("Authority file"))


@person_page("GET")
def case_list(request: PersonRequest) -> HttpResponse:
    """Show the cases that the person is a member of."""
    cases = visible_cases(request.viewer, "see").select_related("unit")
    opened = set(open_now(request.viewer).values_list("case_id", flat=True))
    return render(request, "cases/list.html", {"cases": cases, "opened": opened})


@duty_page("registrar", "GET", "POST")
def new_case(request: PersonRequest) -> HttpResponse:
    """Open a new case: without an authority that holds now there is none."""
    form = NewCase(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        try:
            _make(form, request)
        except (Refused, Unreadable) as problem:
            form.add_error("authority", str(problem))
        else:
            return redirect("cases:list")
    return render(request, "cases/new.html", {"form": form})


def _make(form: NewCase, request: PersonRequest) -> None:
    at, data = request.viewer.at, form.cleaned_data
    with transaction.atomic():
        case = Case.objects.create(
            reference=data["reference"],
            title=data["title"],
            unit=data["unit"],
            created_at=at,
            created_by=request.person,
        )
        mandate = mandates.add(case, data["authority"].read(), by=request.person, at=at)
        Membership.objects.create(
            person=data["lead"], case=case, role="lead", since=at, added_by=request.person
        )
        audit.record(
            audit.Act(
                kind=audit.Kind.ALTERATION,
                what="new case",
                of=case.reference,
                case=case,
                mandate=mandate,
                detail={"lead": str(data["lead"].handle)},
            ),
            by=request.person,
            at=at,
        )


@case_page("read", "GET", what="case")
def case(request: CaseRequest) -> HttpResponse:
    """Show what is in the case, its largest networks first."""
    rows = {
        name: model.rows.visible_to(request.viewer).of(request.case)
        for name, model in (
            ("items", Item),
            ("identifiers", Identifier),
            ("campaigns", Campaign),
            ("networks", Network),
        )
    }
    return render(
        request,
        "cases/case.html",
        {
            "case": request.case,
            "counts": {name: found.count() for name, found in rows.items()},
            "networks": rows["networks"].order_by("-items", "rank")[:10],
            "run": Run.rows.visible_to(request.viewer).of(request.case).first(),
        },
    )
