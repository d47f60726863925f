"""Asking to open a case in an emergency, answering, and ending it before its time."""

from datetime import datetime

from django import forms
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from palermo.desks.access import emergencies
from palermo.desks.access.models import Emergency
from palermo.desks.access.models.opening import EMERGENCY_MINUTES
from palermo.desks.access.pages import PersonRequest, duty_page, person_page
from palermo.desks.access.views.acting import ReasonForm, attempt
from palermo.model import Refused


class AskForm(ReasonForm):
    """Which case, and why it cannot wait."""

    reference = forms.CharField(label=gettext_lazy("Reference of the case"), max_length=60)
    field_order = ("reference", "reason")


class AnswerForm(ReasonForm):
    """For how long, and why."""

    minutes = forms.IntegerField(
        label=gettext_lazy("Minutes"),
        min_value=1,
        max_value=EMERGENCY_MINUTES,
        initial=EMERGENCY_MINUTES,
    )
    field_order = ("minutes", "reason")


@person_page("GET", "POST")
def ask(request: PersonRequest) -> HttpResponse:
    """Ask; and show what became of one's requests, the same for cases that do not exist."""
    at = request.viewer.at
    form = AskForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        reference, reason = form.cleaned_data["reference"], form.cleaned_data["reason"]
        try:
            emergencies.ask(reference, reason, by=request.person, at=at)
        except Refused as problem:
            form.add_error(None, str(problem))
        else:
            return redirect("access:emergencies")
    asked = Emergency.objects.filter(person=request.person).select_related("case", "answered_by")
    rows = [(one, _state(one, at=at)) for one in asked[:50]]
    return render(request, "access/emergencies.html", {"rows": rows, "form": form})


@person_page("POST")
def end(request: PersonRequest, pk: int) -> HttpResponse:
    """End an emergency opening of one's own, or one that one agreed to."""
    found = get_object_or_404(Emergency.objects.select_related("case"), pk=pk)
    if request.person.pk not in {found.person_id, found.answered_by_id}:
        raise Http404
    emergencies.end(found, by=request.person, at=request.viewer.at)
    mine = found.person_id == request.person.pk
    return redirect("access:emergencies" if mine else "access:approvals")


@duty_page(emergencies.APPROVER, "GET")
def approvals(request: PersonRequest) -> HttpResponse:
    """Show what waits for an answer, and what is open."""
    at = request.viewer.at
    waiting = emergencies.waiting(at=at).select_related("person__unit", "case")
    running = Emergency.objects.filter(agreed=True, ends__gt=at).select_related(
        "person", "case", "answered_by"
    )
    return render(request, "access/approvals.html", {"waiting": waiting, "running": running})


@duty_page(emergencies.APPROVER, "GET", "POST")
def answer(request: PersonRequest, pk: int) -> HttpResponse:
    """Agree, for so many minutes, or refuse; with a reason."""
    at = request.viewer.at
    found = get_object_or_404(
        emergencies.waiting(at=at).select_related("person__unit", "case"), pk=pk
    )
    form = AnswerForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        agreed = request.POST.get("answer") == "agree"
        minutes, reason = form.cleaned_data["minutes"], form.cleaned_data["reason"]
        if attempt(
            request,
            _("The case is open to whoever asked.") if agreed else _("The request was refused."),
            lambda: emergencies.answer(
                found,
                agreed=agreed,
                by=request.person,
                at=at,
                minutes=minutes,
                reason=reason,
            ),
        ):
            return redirect("access:approvals")
    barred = emergencies.barred(found, by=request.person)
    return render(
        request,
        "access/answer.html",
        {
            "emergency": found,
            "form": form,
            "barred": barred,
            "obstacle": barred or emergencies.obstacle(found),
        },
    )


def _state(emergency: Emergency, *, at: datetime) -> str:
    if emergency.answered_at is None:
        lapsed = emergency.asked_at + emergencies.LAPSES <= at
        return "lapsed" if lapsed else "waiting"
    if not emergency.agreed or emergency.ends is None:
        return "refused"
    return "over" if emergency.ends <= at else "open"
