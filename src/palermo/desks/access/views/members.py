"""The members of a case, and cases that have lost their lead."""

from django import forms
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from palermo.desks.access import members
from palermo.desks.access.duties import duties
from palermo.desks.access.models import Case
from palermo.desks.access.pages import CaseRequest, PersonRequest, case_page, duty_page
from palermo.desks.access.views.acting import (
    LastDayField,
    PersonField,
    attempt,
    people,
    say_errors,
)
from palermo.model import Refused


class RoleForm(forms.Form):
    """A role, and how long it holds."""

    role = forms.ChoiceField(
        label=gettext_lazy("Role"),
        choices=[
            (role, f"{role}: {', '.join(sorted(given))}") for role, given in duties().roles.items()
        ],
    )
    until = LastDayField(label=gettext_lazy("Last day"), required=False)


class MemberForm(RoleForm):
    """Somebody to let into the case."""

    person = PersonField(label=gettext_lazy("Person"))
    field_order = ("person", "role", "until")

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        self.fields["person"].queryset = people().select_related("unit")  # type: ignore[attr-defined]


class LeadForm(forms.Form):
    """A new lead for a case without one."""

    case = forms.ModelChoiceField(label=gettext_lazy("Case"), queryset=Case.objects.none())
    person = PersonField(label=gettext_lazy("Person"))

    def __init__(self, cases: object, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        self.fields["case"].queryset = cases  # type: ignore[attr-defined]
        self.fields["case"].label_from_instance = lambda one: one.reference  # type: ignore[attr-defined]
        self.fields["person"].queryset = people().select_related("unit")  # type: ignore[attr-defined]


@case_page("members", "GET", "POST", what="members")
def member_list(request: CaseRequest) -> HttpResponse:
    """Show who belongs to the case and who did, and let somebody in."""
    case, at = request.case, request.viewer.at
    form = MemberForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        try:
            members.add(
                case,
                data["person"],
                data["role"],
                by=request.person,
                at=at,
                until=data["until"],
            )
        except Refused as problem:
            form.add_error(None, str(problem))
        else:
            return redirect("access:members", case.key)
    held = members.current(case, at=at).select_related("person__unit", "added_by")
    past = case.memberships.filter(until__lte=at).select_related("person", "added_by")
    return render(
        request,
        "access/members.html",
        {"case": case, "members": held, "past": past.order_by("-until")[:200], "form": form},
    )


@case_page("members", "GET", "POST", what="member")
def member(request: CaseRequest, pk: int) -> HttpResponse:
    """Give a member another role or end."""
    held = members.current(request.case, at=request.viewer.at)
    found = get_object_or_404(held.select_related("person", "case"), pk=pk)
    form = RoleForm(request.POST or None, initial={"role": found.role})
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        try:
            members.change(
                found, data["role"], data["until"], by=request.person, at=request.viewer.at
            )
        except Refused as problem:
            form.add_error(None, str(problem))
        else:
            return redirect("access:members", request.case.key)
    return render(
        request, "access/member.html", {"case": request.case, "member": found, "form": form}
    )


@case_page("members", "POST", what="member")
def remove_member(request: CaseRequest, pk: int) -> HttpResponse:
    """End a membership now."""
    held = members.current(request.case, at=request.viewer.at)
    found = get_object_or_404(held.select_related("person", "case"), pk=pk)
    attempt(
        request,
        _("The membership has ended."),
        lambda: members.remove(found, by=request.person, at=request.viewer.at),
    )
    return redirect("access:members", request.case.key)


@duty_page("registrar", "GET", "POST")
def leaderless(request: PersonRequest) -> HttpResponse:
    """Show the references of cases without a lead who can act, and name one."""
    at = request.viewer.at
    led = members.lasting_leads(at=at).values("case_id")
    cases = Case.objects.exclude(pk__in=led).order_by("reference")
    form = LeadForm(cases, request.POST or None)
    if request.method == "POST":
        if form.is_valid():
            data = form.cleaned_data
            attempt(
                request,
                _("The case has a lead."),
                lambda: members.name_lead(data["case"], data["person"], by=request.person, at=at),
            )
            return redirect("access:leaderless")
        say_errors(request, form)
    return render(request, "access/leaderless.html", {"cases": cases, "form": form})
