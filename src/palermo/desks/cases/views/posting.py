"""What all pages that write something share: what it is about, and where to go afterwards.

Guarantees that nothing is written about a thing that the viewer's case does not show, and that a
page leads back to this origin only.
"""

from typing import Any

from django import forms
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.http import url_has_allowed_host_and_scheme

from palermo.desks.access.pages import CaseRequest
from palermo.desks.cases.things import Thing, find


def thing_of(request: CaseRequest) -> Thing:
    """Return what the form is about, as its hidden fields or its address say.

    Raises:
        Http404: the case shows no such thing.
    """
    given = request.POST if request.method == "POST" else request.GET
    thing = find(
        request.viewer, request.case, given.get("subject", "case"), given.get("subject_key", "")
    )
    if thing is None:
        raise Http404
    return thing


def about(thing: Thing) -> dict[str, Any]:
    """Return the columns by which a row of work says what it is about."""
    return {"case": thing.case, "subject": thing.subject, "subject_key": thing.key}


def back(request: CaseRequest, otherwise: str, *, said: str = "") -> HttpResponse:
    """Go back to the page that the form stood on, with one sentence on what was done."""
    there = request.POST.get("next", "")
    ours = url_has_allowed_host_and_scheme(
        there, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )
    if said:
        messages.success(request, said)
    return redirect(there if ours else otherwise)


def again(
    request: CaseRequest, form: forms.BaseForm, *, title: str, button: str, thing: Thing
) -> HttpResponse:
    """Show a form by itself, with what is wrong in it."""
    return render(
        request,
        "cases/work/form.html",
        {
            "case": request.case,
            "form": form,
            "title": title,
            "button": button,
            "thing": thing,
            "next": request.POST.get("next") or request.GET.get("next", ""),
        },
        status=422 if form.is_bound else 200,
    )
