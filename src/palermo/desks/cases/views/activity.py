"""Who did what in a case; and how often people followed what was indicated, and each other."""

from datetime import datetime, time, timedelta
from typing import Any

from django import forms
from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from palermo.desks.access.models import AuditEntry, Person
from palermo.desks.access.pages import CaseRequest, PersonRequest, case_page, person_page
from palermo.desks.cases.activity import entries, told
from palermo.desks.cases.counting import acts
from palermo.desks.cases.oversight import FEW, rates
from palermo.desks.cases.signing import may

PAGE = 50


class Filters(forms.Form):
    """By person, kind of act and day."""

    person = forms.ModelChoiceField(
        label=_("Person"),
        queryset=Person.objects.none(),
        required=False,
        empty_label=_("everybody"),
    )
    kind = forms.ChoiceField(label=_("Kind"), required=False)
    since = forms.DateField(
        label=_("From"), required=False, widget=forms.DateInput(attrs={"type": "date"})
    )
    until = forms.DateField(
        label=_("Until"), required=False, widget=forms.DateInput(attrs={"type": "date"})
    )

    def __init__(self, seen: Any, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field, kind = self.fields["person"], self.fields["kind"]
        assert isinstance(field, forms.ModelChoiceField)  # noqa: S101
        assert isinstance(kind, forms.ChoiceField)  # noqa: S101
        people = seen.order_by().exclude(person=None).values("person").distinct()
        field.queryset = Person.objects.filter(pk__in=people).order_by("full_name", "username")
        kinds = [
            (value, label) for value, label in AuditEntry.Kind.choices if value != "consultation"
        ]
        kind.choices = [("", _("every kind")), *kinds]


@case_page("read", "GET", what="activity")
def activity(request: CaseRequest) -> HttpResponse:
    """Show what was done in the case, the newest first; looks are not shown."""
    seen = entries(request.case, refusals=may(request, "members"))
    form = Filters(seen, request.GET)
    found = _filtered(seen, form.cleaned_data) if form.is_valid() else seen.none()
    before = request.GET.get("before", "")
    if before.isdecimal():
        found = found.filter(seq__lt=int(before[:18]))
    page = list(found.select_related("person")[: PAGE + 1])
    kept = request.GET.copy()
    kept.pop("before", None)
    return render(
        request,
        "cases/work/activity.html",
        {
            "case": request.case,
            "form": form,
            "acts": told(request.viewer, request.case, page[:PAGE]),
            "next": page[PAGE - 1].seq if len(page) > PAGE else None,
            "filters": kept.urlencode(),
        },
    )


@case_page("read", "GET", what="oversight")
def oversight(request: CaseRequest) -> HttpResponse:
    """Show agreement and departures in one case."""
    counted = rates(acts(request.viewer, request.case))
    return render(
        request, "cases/work/oversight.html", {"case": request.case, "rates": counted, "few": FEW}
    )


@person_page("GET")
def oversight_everywhere(request: PersonRequest) -> HttpResponse:
    """Show agreement and departures in all cases that the person has open: counts, no contents."""
    counted = rates(acts(request.viewer))
    return render(request, "cases/work/oversight_everywhere.html", {"rates": counted, "few": FEW})


def _filtered(seen: Any, data: dict[str, Any]) -> Any:
    if data["person"]:
        seen = seen.filter(person=data["person"])
    if data["kind"]:
        seen = seen.filter(kind=data["kind"])
    if data["since"]:
        seen = seen.filter(at__gte=_midnight(data["since"]))
    if data["until"]:
        seen = seen.filter(at__lt=_midnight(data["until"]) + timedelta(days=1))
    return seen


def _midnight(day: Any) -> datetime:
    return timezone.make_aware(datetime.combine(day, time.min))
