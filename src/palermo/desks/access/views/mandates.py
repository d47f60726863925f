"""The authorities of a case: what may be done in it, until when; adding one, withdrawing one."""

from django import forms
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from palermo.desks.access import audit, mandates
from palermo.desks.access.pages import CaseRequest, case_page
from palermo.desks.access.views.acting import ReasonForm, attempt, say_errors
from palermo.model import Refused, Unreadable

#: An authority file is a page of text.
_LARGEST = 256 * 1024


class AuthorityForm(forms.Form):
    """An authority file."""

    file = forms.FileField(label=gettext_lazy("Authority file"))

    def clean_file(self) -> bytes:
        """Return the bytes of a file that is not too large for what it is."""
        given = self.cleaned_data["file"]
        if given.size > _LARGEST:
            raise forms.ValidationError(_("This is too large for an authority file."))
        document: bytes = given.read()
        return document


@case_page("members", "GET", "POST", what="authorities")
def mandate_list(request: CaseRequest) -> HttpResponse:
    """Show the authorities with how each stands now, and take another, judged at once."""
    case, at = request.case, request.viewer.at
    form = AuthorityForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        try:
            _add(request, form.cleaned_data["file"])
        except (Refused, Unreadable) as problem:
            form.add_error("file", str(problem))
        else:
            return redirect("access:mandates", case.key)
    rows = [
        (one, mandates.covers(one, at=at))
        for one in case.mandates.select_related("added_by", "withdrawn_by")
    ]
    return render(request, "access/mandates.html", {"case": case, "rows": rows, "form": form})


@case_page("members", "GET", what="authority")
def mandate(request: CaseRequest, pk: int) -> HttpResponse:
    """Show one authority: its facts, and the file as it was given."""
    found = get_object_or_404(
        request.case.mandates.select_related("added_by", "withdrawn_by"), pk=pk
    )
    return render(
        request,
        "access/mandate.html",
        {
            "case": request.case,
            "mandate": found,
            "problem": mandates.covers(found, at=request.viewer.at),
            "text": bytes(found.document).decode("utf-8", "replace"),
            "reason_form": ReasonForm(),
        },
    )


@case_page("members", "POST", what="authority")
def withdraw(request: CaseRequest, pk: int) -> HttpResponse:
    """Withdraw an authority; what is open under it shuts."""
    found = get_object_or_404(request.case.mandates.select_related("case"), pk=pk)
    form = ReasonForm(request.POST)
    if form.is_valid():
        reason = form.cleaned_data["reason"]
        attempt(
            request,
            _("The authority was withdrawn, and what was open under it has shut."),
            lambda: mandates.withdraw(found, reason, by=request.person, at=request.viewer.at),
        )
    else:
        say_errors(request, form)
    return redirect("access:mandate", request.case.key, pk)


def _add(request: CaseRequest, document: bytes) -> None:
    with transaction.atomic():
        made = mandates.add(request.case, document, by=request.person, at=request.viewer.at)
        act = audit.Act(
            kind=audit.Kind.ACCESS,
            what="authority added",
            of=made.sha256,
            case=request.case,
            mandate=made,
        )
        audit.record(act, by=request.person, at=request.viewer.at)
