"""Opening a case for a purpose, under an authority that covers it; and shutting it again."""

from datetime import timedelta

from django import forms
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from palermo.desks.access import audit, emergencies
from palermo.desks.access.duties import duties
from palermo.desks.access.mandates import covers
from palermo.desks.access.models import Case, Mandate, Opening
from palermo.desks.access.pages import CaseRequest, case_page, ours, write_down
from palermo.desks.access.visibility import emergencies_now, open_now
from palermo.desks.access.words import meaning, said

#: A case shuts by itself after so long: a working day.
LONGEST = timedelta(hours=10)


class OpenForm(forms.Form):
    """Why, and under which authority."""

    purpose = forms.ChoiceField(
        label=_("Purpose"),
        choices=lambda: [
            (word, f"{said('purpose', word)}: {meaning('purpose', word)}")
            for word in duties().purposes
        ],
    )
    mandate = forms.ModelChoiceField(
        label=_("Authority"), queryset=Mandate.objects.none(), empty_label=None
    )
    reason = forms.CharField(
        label=_("Reason, in words that name nobody"), max_length=500, required=False
    )

    def __init__(self, case: Case, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        field = self.fields["mandate"]
        assert isinstance(field, forms.ModelChoiceField)  # noqa: S101
        field.queryset = case.mandates.filter(withdrawn_at=None)


@case_page("see", "GET", "POST", what="opening")
def open_case(request: CaseRequest) -> HttpResponse:
    """Ask for purpose and authority, and open the case when the authority covers it now."""
    case, at = request.case, request.viewer.at
    form = OpenForm(case, request.POST or None)
    if request.method == "POST" and form.is_valid():
        mandate = form.cleaned_data["mandate"]
        if problem := covers(mandate, at=at):
            write_down(request, audit.Kind.REFUSAL, "opening", mandate=mandate, reason=problem)
            form.add_error("mandate", problem)
        else:
            opening = Opening(
                person=request.person,
                case=case,
                mandate=mandate,
                purpose=form.cleaned_data["purpose"],
                reason=form.cleaned_data["reason"],
                opened_at=at,
                ends=min(at + LONGEST, mandate.ends),
            )
            request.opening = opening
            with transaction.atomic():
                write_down(request, audit.Kind.ACCESS, "opening", reason=opening.reason)
                opening.save()
            return redirect(ours(request) or reverse("cases:case", args=[case.key]))
    return render(request, "access/open.html", {"case": case, "form": form, "next": ours(request)})


@case_page("see", "POST", what="shutting")
def shut_case(request: CaseRequest) -> HttpResponse:
    """Shut the case for this person."""
    with transaction.atomic():
        write_down(request, audit.Kind.ACCESS, "shutting")
        open_now(request.viewer).filter(case=request.case).update(closed_at=request.viewer.at)
        for emergency in emergencies_now(request.viewer).filter(case=request.case):
            emergencies.end(emergency, by=request.person, at=request.viewer.at)
    return redirect("cases:list")
