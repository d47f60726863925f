"""Sharing a case with another unit, or handing it over.

Guarantees that nobody sees the case before they took it up; that whoever takes it up is the person
who was asked, belongs to that unit and has no conflict with the case at that moment; that
memberships follow in the same transaction; and that every step is logged as disclosure, with the
recipient.
"""

from datetime import datetime, time
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.db.models import Exists, OuterRef, Q
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from palermo.desks.access import audit
from palermo.desks.access.duties import duties
from palermo.desks.access.models import Case, Conflict, Membership, Person
from palermo.desks.access.pages import (
    CaseRequest,
    PersonRequest,
    case_page,
    person_page,
    write_down,
)
from palermo.desks.cases import handling
from palermo.desks.cases.models import HandOver
from palermo.desks.cases.work_forms import Why

#: The role that is left to a unit that handed a case over and goes on reading for a while.
READING = "reader"


class _Leads(forms.ModelChoiceField):  # type: ignore[type-arg]  # takes none when it runs
    """People with their unit."""

    def label_from_instance(self, obj: Any) -> str:
        """Name the unit first."""
        return f"{obj.unit}: {obj}"


class HandOverForm(forms.Form):
    """To which unit and lead, shared or handed over, until when the own unit goes on reading."""

    to_lead = _Leads(
        label=gettext_lazy("To the lead of another unit"), queryset=Person.objects.none()
    )
    share = forms.ChoiceField(
        label=gettext_lazy("How"),
        choices=[
            ("share", gettext_lazy("share: both units work on it")),
            ("over", gettext_lazy("hand over: the other unit goes on alone")),
        ],
        widget=forms.RadioSelect,
    )
    keeps_until = forms.DateField(
        label=gettext_lazy("When handed over, our unit goes on reading until (empty: not at all)"),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )
    reason = forms.CharField(
        label=gettext_lazy("Why; the other lead reads this before they see the case"),
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 3, "dir": "auto"}),
    )

    permit = forms.BooleanField(
        label=gettext_lazy("I permit that the other unit reads the claims held back by their code")
    )

    def __init__(self, request: CaseRequest, *args: Any, held: int, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not held:
            del self.fields["permit"]
        field = self.fields["to_lead"]
        assert isinstance(field, forms.ModelChoiceField)  # noqa: S101
        field.queryset = (
            Person.objects.filter(is_active=True, unit__isnull=False)
            .exclude(unit=request.case.unit)
            .exclude(pk=request.person.pk)
            .select_related("unit")
            .order_by("unit__name", "full_name", "username")
        )
        self._today = request.viewer.at.date()

    def clean_keeps_until(self) -> datetime | None:
        """Return the first instant after the day."""
        day = self.cleaned_data["keeps_until"]
        if day is None:
            return None
        if day < self._today:
            raise ValidationError(_("This day is over; choose today or a later one."))
        return timezone.make_aware(datetime.combine(day, time.max))


def offered(request: PersonRequest) -> Any:
    """Return what waits for an answer of whoever asks: theirs by being named in it.

    It lapses when whoever proposed it may no longer hand the case over, or the case is closed.
    """
    at = request.viewer.at
    still = Membership.objects.filter(
        Q(until=None) | Q(until__gt=at),
        person=OuterRef("by"),
        case=OuterRef("case"),
        role__in=duties().roles_with("hand-over"),
    )
    conflict = Conflict.objects.filter(
        Q(person=request.person) | Q(person=OuterRef("by")), case=OuterRef("case"), lifted_at=None
    )
    return HandOver.objects.filter(
        Exists(still),
        ~Exists(conflict),
        to_lead=request.person,
        to_unit=request.person.unit_id,
        case__status=Case.Status.OPEN,
        taken_at=None,
        refused_at=None,
        recalled_at=None,
    )


@case_page("hand-over", "GET", "POST", what="hand-over form")
def offer(request: CaseRequest) -> HttpResponse:
    """Propose that another unit shares the case or takes it over."""
    held = handling.leaving(
        request.viewer, request.case, handling.Way.UNIT, action="hand-over"
    ).held
    form = HandOverForm(request, request.POST or None, held=held)
    if form.is_valid():
        try:
            _offer(request, form.cleaned_data)
        except IntegrityError:
            form.add_error(None, _("One is proposed already; wait for the answer, or recall it."))
        else:
            return redirect("cases:hand_over", request.case.key)
    rows = HandOver.objects.filter(case=request.case)
    return render(
        request,
        "cases/work/hand_over.html",
        {
            "case": request.case,
            "form": form,
            "offers": rows.select_related("by", "to_lead", "to_unit", "from_unit"),
            "held": held,
        },
        status=422 if form.is_bound else 200,
    )


@case_page("hand-over", "POST", what="hand-over recalled")
def recall(request: CaseRequest, pk: int) -> HttpResponse:
    """Recall what was proposed and not answered yet."""
    with transaction.atomic():
        rows = HandOver.objects.filter(case=request.case)
        found = get_object_or_404(rows.select_for_update(), pk=pk)
        if found.state == "waits":
            found.recalled_at, found.recalled_by = request.viewer.at, request.person
            found.save(update_fields=["recalled_at", "recalled_by"])
            write_down(request, audit.Kind.ALTERATION, "hand-over recalled", of=str(pk))
    return redirect("cases:hand_over", request.case.key)


@person_page("GET")
def offers(request: PersonRequest) -> HttpResponse:
    """Show what was proposed to this person: reference, title and reason, nothing of the case."""
    rows = offered(request).select_related("case", "by", "from_unit", "to_unit")
    return render(request, "cases/work/offers.html", {"offers": rows, "answer": Why()})


@person_page("POST")
def take_up(request: PersonRequest, pk: int) -> HttpResponse:
    """Take a case up, as its lead."""
    return _answered(request, pk, taken=True)


@person_page("POST")
def refuse(request: PersonRequest, pk: int) -> HttpResponse:
    """Refuse a case, with a reason."""
    return _answered(request, pk, taken=False)


def _offer(request: CaseRequest, data: dict[str, Any]) -> None:
    lead: Person = data["to_lead"]
    assert lead.unit is not None  # noqa: S101  the form offers nobody else
    share = data["share"] == "share"
    with transaction.atomic():
        released = handling.release_all(
            request.viewer, request.case, handling.Way.UNIT, by=request.person, why=data["reason"]
        )
        made = HandOver.objects.create(
            case=request.case,
            by=request.person,
            at=request.viewer.at,
            from_unit=request.case.unit,
            to_unit=lead.unit,
            to_lead=lead,
            share=share,
            keeps_until=None if share else data["keeps_until"],
            reason=data["reason"],
        )
        write_down(
            request,
            audit.Kind.DISCLOSURE,
            "hand-over proposed",
            of=str(made.pk),
            reason=made.reason,
            recipient=f"{lead.unit}: {lead}"[:200],
            detail={"share": share, "claims_released": released},
        )


def _answered(request: PersonRequest, pk: int, *, taken: bool) -> HttpResponse:
    form = Why(request.POST)
    with transaction.atomic():
        found: HandOver = get_object_or_404(
            offered(request).select_related("case").select_for_update(of=("self",)), pk=pk
        )
        if not form.is_valid():
            rows = offered(request).select_related("case", "by", "from_unit", "to_unit")
            return render(
                request, "cases/work/offers.html", {"offers": rows, "answer": form}, status=422
            )
        at = request.viewer.at
        found.answer = form.cleaned_data["reason"]
        if taken:
            found.taken_at = at
        else:
            found.refused_at = at
        found.save(update_fields=["answer", "taken_at", "refused_at"])
        if taken:
            _members_follow(found, at)
        _log_answer(request, found, taken=taken)
    if not taken:
        return redirect("cases:offers")
    return redirect("access:open", found.case.key)


def _members_follow(found: HandOver, at: datetime) -> None:
    """Make the new lead a member; when handed over, end those of the old unit or leave reading."""
    case = found.case
    if not found.share:
        old = Membership.objects.filter(
            Q(until=None) | Q(until__gt=at),
            Q(person__unit=found.from_unit) | Q(person__unit=None),
            case=case,
        )
        people = {one.person_id for one in old}
        old.update(until=at)
        if found.keeps_until is not None:
            Membership.objects.bulk_create(
                Membership(
                    person_id=person,
                    case=case,
                    role=READING,
                    since=at,
                    until=found.keeps_until,
                    added_by=found.to_lead,
                )
                for person in sorted(people)
            )
        case.unit = found.to_unit
        case.save(update_fields=["unit"])
    Membership.objects.create(
        person=found.to_lead, case=case, role="lead", since=at, added_by=found.by
    )


def _log_answer(request: PersonRequest, found: HandOver, *, taken: bool) -> None:
    audit.record(
        audit.Act(
            kind=audit.Kind.DISCLOSURE if taken else audit.Kind.ALTERATION,
            what="hand-over taken up" if taken else "hand-over refused",
            of=str(found.pk),
            case=found.case,
            reason=found.answer,
            recipient=f"{found.to_unit}: {request.person}"[:200] if taken else "",
            detail={"share": found.share},
        ),
        by=request.person,
        at=request.viewer.at,
    )
