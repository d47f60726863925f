"""The officer's pages: the audit, what is unusual in it, what is new, and whether it holds."""

from typing import Any

from django import forms
from django.db import transaction
from django.http import HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.http import urlencode
from django.utils.translation import gettext_lazy

from palermo.desks.access import audit, counting, csv_cells, notices, reading
from palermo.desks.access.anomalies import rules
from palermo.desks.access.models import AuditEntry, Case, Notice, Person
from palermo.desks.access.pages import PersonRequest, duty_page, person_page
from palermo.desks.access.reading import Filter
from palermo.desks.access.views.acting import FirstDayField, LastDayField, PersonField

#: Sentences on the page that says whether the audit holds; there may be as many as entries.
_SHOWN = 200


class FilterForm(forms.Form):
    """What to look for in the audit."""

    person = PersonField(label=gettext_lazy("Person"), required=False)
    reference = forms.CharField(label=gettext_lazy("Case"), max_length=60, required=False)
    kind = forms.ChoiceField(
        label=gettext_lazy("Kind"),
        choices=[("", gettext_lazy("all")), *AuditEntry.Kind.choices],
        required=False,
    )
    what = forms.CharField(label=gettext_lazy("What"), max_length=60, required=False)
    since = FirstDayField(label=gettext_lazy("First day"), required=False)
    until = LastDayField(label=gettext_lazy("Last day"), required=False)

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        everybody = Person.objects.order_by("full_name", "username").select_related("unit")
        self.fields["person"].queryset = everybody  # type: ignore[attr-defined]

    def wanted(self) -> Filter:
        """Return the filter; one that cannot be understood asks for everything, and says so."""
        if not self.is_valid():
            return Filter()
        data = self.cleaned_data
        return Filter(
            person=data["person"],
            reference=data["reference"],
            kind=data["kind"],
            what=data["what"],
            since=data["since"],
            until=data["until"],
        )


@duty_page(notices.OFFICER, "GET")
def entries(request: PersonRequest) -> HttpResponse:
    """Show the entries that are asked for, a page at a time. Reading them is logged."""
    form = FilterForm(request.GET)
    wanted = form.wanted()
    before = request.GET.get("before", "")
    _read(request, "audit", detail=wanted.facts())
    found = reading.entries(wanted)
    shown, following = reading.page(found, int(before) if before.isdecimal() else None)
    asked = [(name, value) for name, value in request.GET.items() if name in form.fields and value]
    return render(
        request,
        "access/audit.html",
        {
            "form": form,
            "entries": shown,
            "totals": reading.totals(found),
            "asked": urlencode([(name, str(value)) for name, value in asked]),
            "following": following,
            "later": bool(before),
        },
    )


@duty_page(notices.OFFICER, "GET")
def entry(request: PersonRequest, seq: int) -> HttpResponse:
    """Show one entry with everything it says."""
    found = get_object_or_404(AuditEntry.objects.select_related("person", "case"), seq=seq)
    _read(request, "audit entry", of=str(seq))
    reading.name([found])
    return render(request, "access/entry.html", {"entry": found})


@duty_page(notices.OFFICER, "POST")
def export(request: PersonRequest) -> HttpResponseBase:
    """Hand out the filtered entries as CSV; that too is logged, as a disclosure."""
    form = FilterForm(request.POST)
    if not form.is_valid():
        return render(request, "access/audit.html", {"form": form, "entries": []}, status=400)
    wanted = form.wanted()
    found = reading.entries(wanted)
    newest = AuditEntry.objects.order_by("-seq").values_list("seq", flat=True).first()
    act = audit.Act(
        kind=audit.Kind.DISCLOSURE,
        what="audit exported",
        recipient=str(request.person),
        detail={**wanted.facts(), "entries": found.count()},
    )
    audit.record(act, by=request.person, at=request.viewer.at)
    # Up to what was there when it was asked for: the export is not in itself.
    lines = csv_cells.rows(reading.table(found.filter(seq__lte=newest or 0)))
    response = StreamingHttpResponse(lines, content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = 'attachment; filename="audit.csv"'
    return response


@duty_page(notices.OFFICER, "GET")
def anomalies(request: PersonRequest) -> HttpResponse:
    """Show what is unusual, why it is shown, and what would be an innocent reason."""
    _read(request, "unusual look-ups")
    found = counting.unusual(at=request.viewer.at)
    people = Person.objects.in_bulk({one.person for one in found})
    cases = Case.objects.in_bulk({one.case for one in found if one.case is not None})
    rows = [(one, people.get(one.person), cases.get(one.case or 0)) for one in found]
    groups = [(rule, [row for row in rows if row[0].rule is rule]) for rule in rules().rules]
    return render(request, "access/anomalies.html", {"groups": groups, "book": rules()})


@duty_page(notices.OFFICER, "GET", "POST")
def verify(request: PersonRequest) -> HttpResponse:
    """Compare the log with the words beside it, when asked to."""
    problems = None
    if request.method == "POST":
        problems = list(audit.verify_audit())
        _read(request, "audit verified", detail={"disagreements": len(problems)})
    return render(
        request,
        "access/verify.html",
        {
            "problems": None if problems is None else problems[:_SHOWN],
            "number": len(problems or ()),
            "entries": AuditEntry.objects.count(),
        },
    )


@duty_page(notices.OFFICER, "GET", "POST")
def notice_list(request: PersonRequest) -> HttpResponse:
    """Show what the officer is told and has not seen, and see it off."""
    if request.method == "POST":
        chosen = [int(one) for one in request.POST.getlist("notice") if one.isdecimal()]
        with transaction.atomic():
            number = notices.see(
                Notice.objects.filter(pk__in=chosen), by=request.person, at=request.viewer.at
            )
            _read(request, "notices seen", detail={"notices": number})
        return redirect("access:notices")
    seen = Notice.objects.exclude(seen_at=None).select_related(
        "entry__person", "entry__case", "seen_by"
    )
    waiting, lately = list(notices.unseen()), list(seen[:100])
    reading.name(one.entry for one in (*waiting, *lately))
    return render(request, "access/notices.html", {"waiting": waiting, "seen": lately})


@person_page("GET")
def own_looks(request: PersonRequest) -> HttpResponse:
    """Show a person what was logged about themselves."""
    before = request.GET.get("before", "")
    found = reading.entries(Filter(person=request.person))
    shown, following = reading.page(found, int(before) if before.isdecimal() else None)
    return render(request, "access/own_looks.html", {"entries": shown, "following": following})


def _read(request: PersonRequest, what: str, **more: Any) -> None:
    act = audit.Act(kind=audit.Kind.CONSULTATION, what=what, **more)
    audit.record(act, by=request.person, at=request.viewer.at)
