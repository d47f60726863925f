"""Search in a case, and across all cases that a person has open."""

from django import forms
from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext_lazy as _

from palermo.desks.access import audit
from palermo.desks.access.models import Case
from palermo.desks.access.pages import CaseRequest, PersonRequest, case_page, person_page
from palermo.desks.access.visibility import open_now, visible_cases
from palermo.desks.cases.search import MOST, Answer, find

#: Cases whose log is told of one search at most; nobody has more open.
CASES = 200


class SearchForm(forms.Form):
    """What is looked for."""

    q = forms.CharField(
        label=_("Search for"),
        max_length=200,
        help_text=_(
            "All words must occur; “quoted words” must stand together. A telephone number is "
            "found however it is written."
        ),
        widget=forms.TextInput({"type": "search", "dir": "auto", "autocomplete": "off"}),
    )
    kind = forms.CharField(required=False, max_length=20, widget=forms.HiddenInput)
    page = forms.IntegerField(required=False, min_value=1, max_value=MOST, widget=forms.HiddenInput)


@case_page("search", "GET", what="")
def search_case(request: CaseRequest) -> HttpResponse:
    """Search in one case."""
    form, answer = _ask(request)
    if answer is not None:
        # Written down here and not by the decorator, because the log holds what was asked.
        _write_down(request, answer, request.case)
    return render(request, "cases/search.html", _shown(form, answer) | {"case": request.case})


@person_page("GET")
def search_all(request: PersonRequest) -> HttpResponse:
    """Search in all cases that the person has open now."""
    form, answer = _ask(request)
    cases = list(visible_cases(request.viewer, "search").order_by("reference")[:CASES])
    if answer is not None:
        for case in cases:
            _write_down(request, answer, case)
    return render(request, "cases/search_all.html", _shown(form, answer) | {"cases": cases})


def _ask(request: PersonRequest) -> tuple[SearchForm, Answer | None]:
    if not request.GET.get("q", "").strip():
        return SearchForm(), None
    form = SearchForm(request.GET)
    if not form.is_valid():
        return form, None
    given = form.cleaned_data
    case = getattr(request, "case", None)
    return form, find(request.viewer, given["q"], case, kind=given["kind"], page=given["page"] or 1)


def _write_down(request: PersonRequest, answer: Answer, case: Case) -> None:
    opening = (
        open_now(request.viewer)
        .filter(case=case)
        .select_related("mandate")
        .order_by("-opened_at")
        .first()
    )
    found = {name: one.number.n for name, one in answer.kinds.items()}
    audit.record(
        audit.Act(
            kind=audit.Kind.CONSULTATION,
            what="search",
            case=case,
            opening=opening,
            detail={"text": answer.question.text, "found": found},
        ),
        by=request.person,
        at=request.viewer.at,
    )


def _shown(form: SearchForm, answer: Answer | None) -> dict[str, object]:
    return {"form": form, "answer": answer, "most": MOST}
