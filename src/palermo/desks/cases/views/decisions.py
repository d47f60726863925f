"""Decisions: proposed by one person, confirmed by another one, undone with a reason.

Guarantees that no step is taken without a person's reason, with what is indicated and what speaks
against it before their eyes; that an adverse step holds only when another person agreed, once; that
an offer of support waits for nobody; and that an adverse step where somebody asks for help states
what is done for them, and sets a task to look at it under the principle of non-punishment.
"""

from typing import Any

from django import forms
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from palermo.desks.access import audit
from palermo.desks.access.pages import CaseRequest, case_page, write_down
from palermo.desks.cases.deciding import follows, indicated, suggested
from palermo.desks.cases.models import Decision
from palermo.desks.cases.signing import may, role_of
from palermo.desks.cases.steps import steps
from palermo.desks.cases.things import Thing, find, titled
from palermo.desks.cases.views.claims import not_punished
from palermo.desks.cases.views.posting import about, again, back, thing_of
from palermo.desks.cases.work_forms import Why

_PAGE = 50


class Proposal(forms.Form):
    """Which step, and why; where somebody asks for help, what is done for them."""

    step = forms.ChoiceField(label=gettext_lazy("Step"), widget=forms.RadioSelect)
    reason = forms.CharField(
        label=gettext_lazy("Why"),
        help_text=gettext_lazy("In your own words: an indication by itself is no reason."),
        min_length=10,
        max_length=5000,
        widget=forms.Textarea(attrs={"rows": 4, "dir": "auto"}),
    )
    care = forms.CharField(
        label=gettext_lazy("What is done for those who ask for help"),
        required=False,
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 3, "dir": "auto"}),
    )

    def __init__(self, found: dict[str, Any], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["step"]
        assert isinstance(field, forms.ChoiceField)  # noqa: S101
        field.choices = [
            (key, f"{_(one.title)}: {_(one.means)}{_two(needed=one.needs_second)}")
            for key, one in steps().steps.items()
        ]
        self._support_first = found["support_first"]
        if not self._support_first:
            del self.fields["care"]

    def clean(self) -> dict[str, Any]:
        """Help comes before any adverse step."""
        data = super().clean() or {}
        step = steps().steps.get(data.get("step", ""))
        if self._support_first and step and step.adverse and not data.get("care"):
            self.add_error("care", _("Somebody here asks for help: write what is done for them."))
        return data


class Answer(Why):
    """The second person's answer."""

    agreed = forms.ChoiceField(
        label=gettext_lazy("Answer"),
        choices=[("yes", gettext_lazy("I confirm")), ("no", gettext_lazy("I refuse"))],
        widget=forms.RadioSelect,
    )
    field_order = ["agreed", "reason"]


@case_page("read", "GET", what="decisions")
def decision_list(request: CaseRequest) -> HttpResponse:
    """Show the decisions of the case, the newest first."""
    rows = Decision.rows.visible_to(request.viewer).of(request.case)
    before = request.GET.get("before", "")
    if before.isdecimal():
        rows = rows.filter(pk__lt=int(before[:18]))
    page = list(rows.select_related("by", "seconded_by", "undone_by")[: _PAGE + 1])
    return render(
        request,
        "cases/work/decisions.html",
        {
            "case": request.case,
            "decisions": [_shown(one) for one in page[:_PAGE]],
            "next": page[_PAGE - 1].pk if len(page) > _PAGE else None,
            "may_decide": may(request, "decide"),
            "steps": steps().steps.values(),
        },
    )


@case_page("decide", "GET", "POST", what="decision form")
def propose(request: CaseRequest) -> HttpResponse:
    """Propose a step about something, with what is indicated beside what speaks against it."""
    thing = thing_of(request)
    found = indicated(request.viewer, thing)
    form = Proposal(found, request.POST or None)
    if form.is_valid():
        decision = _propose(request, thing, form.cleaned_data, found)
        return redirect("cases:decision", request.case.key, decision.pk)
    return render(
        request,
        "cases/work/propose.html",
        {
            "case": request.case,
            "thing": thing,
            "form": form,
            "found": found,
            "suggested": _titles(suggested(found)),
        },
        status=422 if form.is_bound else 200,
    )


@case_page("read", "GET", what="decision")
def decision(request: CaseRequest, pk: int) -> HttpResponse:
    """Show a decision: what was indicated then, and what is now."""
    rows = Decision.rows.visible_to(request.viewer).of(request.case)
    found = get_object_or_404(
        rows.select_related("by", "seconded_by", "undone_by", "unit", "second_unit"), pk=pk
    )
    thing = find(request.viewer, request.case, found.subject, found.subject_key)
    now = indicated(request.viewer, thing) if thing else None
    waits = found.state == "waits"
    return render(
        request,
        "cases/work/decision.html",
        {
            "case": request.case,
            **_shown(found),
            "thing": thing,
            "then": found.indicated,
            "now": now,
            "changed": now is not None and _essence(now) != _essence(found.indicated),
            "answer": Answer()
            if waits and found.by_id != request.person.pk and may(request, "second")
            else None,
            "own": waits and found.by_id == request.person.pk,
            "undo": Why() if found.state in {"holds", "waits"} and may(request, "decide") else None,
        },
    )


@case_page("second", "POST", what="decision seconded")
def second(request: CaseRequest, pk: int) -> HttpResponse:
    """Confirm or refuse, as another person, what somebody proposed."""
    form = Answer(request.POST)
    with transaction.atomic():
        found = _locked(request, pk, "second")
        if found.by_id == request.person.pk:
            said = _("It takes another person than the one who proposed it.")
            write_down(
                request, audit.Kind.REFUSAL, "decision seconded", of=str(pk), reason="same person"
            )
        elif found.state != "waits":
            said = _("It was answered already; nothing was changed.")
        elif not form.is_valid():
            return again(request, form, title=_("Answer"), button=_("Answer"), thing=_thing(found))
        else:
            _second(request, found, form.cleaned_data)
            said = _("Your answer is on record.")
    return _there(request, pk, said)


@case_page("decide", "POST", what="decision undone")
def undo(request: CaseRequest, pk: int) -> HttpResponse:
    """Undo a decision, with a reason; it stays on record."""
    form = Why(request.POST)
    with transaction.atomic():
        found = _locked(request, pk, "decide")
        if found.state not in {"holds", "waits"}:
            return _there(request, pk, _("It does not hold any more; nothing was changed."))
        if not form.is_valid():
            return again(request, form, title=_("Undo"), button=_("Undo"), thing=_thing(found))
        found.undone_by, found.undone_at = request.person, request.viewer.at
        found.undone_reason = form.cleaned_data["reason"]
        found.save(update_fields=["undone_by", "undone_at", "undone_reason"])
        write_down(request, audit.Kind.ALTERATION, "decision undone", of=str(pk))
    return _there(request, pk, _("The decision was undone; it stays on record."))


def _propose(
    request: CaseRequest, thing: Thing, data: dict[str, Any], found: dict[str, Any]
) -> Decision:
    step = steps().steps[data["step"]]
    with transaction.atomic():
        made: Decision = Decision.rows.create(
            **about(thing),
            by=request.person,
            at=request.viewer.at,
            step=step.key,
            reason=data["reason"],
            care=data.get("care", ""),
            indicated=found,
            follows=follows(step.key, found),
            needs_second=step.needs_second,
            role=role_of(request, "decide"),
            unit=request.person.unit,
        )
        write_down(
            request,
            audit.Kind.ALTERATION,
            "decision",
            of=str(made.pk),
            detail={"on": thing.subject, "step": step.key, "follows": made.follows},
        )
        if step.adverse and found["support_first"]:
            not_punished(request, thing)
    return made


def _second(request: CaseRequest, found: Decision, data: dict[str, Any]) -> None:
    found.seconded_by, found.seconded_at = request.person, request.viewer.at
    found.agreed, found.second_reason = data["agreed"] == "yes", data["reason"]
    found.second_role, found.second_unit = role_of(request, "second"), request.person.unit
    found.save()
    write_down(
        request,
        audit.Kind.ALTERATION,
        "decision seconded",
        of=str(found.pk),
        detail={"agreed": found.agreed},
    )


def _locked(request: CaseRequest, pk: int, action: str) -> Decision:
    """Fetch the decision for a change: of two who answer at once the later sees the answer."""
    rows = Decision.rows.visible_to(request.viewer, action).of(request.case).select_for_update()
    found: Decision = get_object_or_404(rows, pk=pk)
    return found


def _shown(found: Decision) -> dict[str, Any]:
    step = steps().steps[found.step]
    return {
        "decision": found,
        "step": step,
        "title": titled(found.subject, found.subject_key),
        "state": _STATES[found.state],
    }


def _essence(found: dict[str, Any]) -> dict[str, Any]:
    names = ("indicated", "open", "counter", "adult_pattern", "child_review", "support_first")
    return {name: found.get(name) for name in names}


def _titles(keys: frozenset[str]) -> list[str]:
    return [_(one.title) for key, one in steps().steps.items() if key in keys]


def _two(*, needed: bool) -> str:
    return f" ({_('takes a second person')})" if needed else ""


def _thing(found: Decision) -> Thing:
    return Thing(case=found.case, subject=found.subject, key=found.subject_key, title=str(found.pk))


def _there(request: CaseRequest, pk: int, said: str) -> HttpResponse:
    return back(request, reverse("cases:decision", args=[request.case.key, pk]), said=said)


_STATES = {
    "waits": gettext_lazy("waits for a second person"),
    "holds": gettext_lazy("holds"),
    "refused": gettext_lazy("refused by the second person"),
    "undone": gettext_lazy("undone"),
}
