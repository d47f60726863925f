"""Unlocking a session: the password again, or a second factor; then back to where one was."""

import json
from typing import Any

from allauth.account.adapter import get_adapter
from allauth.mfa.base.forms import ReauthenticateForm as FactorForm
from django import forms
from django.conf import settings
from django.contrib.auth import logout
from django.http import HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from palermo.desks.access import audit
from palermo.desks.access.accounts import too_often
from palermo.desks.access.locking import HELD, LOCKED, SEEN
from palermo.desks.access.models import Person
from palermo.desks.access.pages import anyone, ours
from palermo.desks.access.sealed import unseal
from palermo.model import Unreadable


class PasswordForm(forms.Form):
    """The password of whoever the session belongs to."""

    password = forms.CharField(
        label=gettext_lazy("Password"),
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password", "autofocus": True}),
    )

    def __init__(self, *args: Any, request: HttpRequest, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._request = request

    def clean_password(self) -> str:
        """Refuse another password than the person's."""
        given: str = self.cleaned_data["password"]
        if not get_adapter().reauthenticate(self._request.user, given):
            raise forms.ValidationError(_("This is not your password."))
        return given


@anyone
@never_cache
@sensitive_post_parameters("password", "code")
@require_http_methods(["GET", "HEAD", "POST"])
def unlock(request: HttpRequest) -> HttpResponseBase:
    """Ask who is there. Too many wrong answers end the session."""
    there = ours(request)
    if not isinstance(request.user, Person):
        return redirect("account_login")
    if not request.session.get(LOCKED):
        return redirect(there or "home")
    form: Any
    if request.user.has_usable_password():
        form = PasswordForm(request.POST or None, request=request)
    else:
        form = FactorForm(request.POST or None, user=request.user)
    if request.method == "POST":
        if too_often(request, "unlock", key=f"person-{request.user.pk}"):
            _log(request.user, audit.Kind.REFUSAL, "unlocking")
            logout(request)
            return redirect("account_login")
        if form.is_valid():
            return _unlocked(request, request.user, there)
        _log(request.user, audit.Kind.REFUSAL, "unlocking")
    return render(request, "access/unlock.html", {"form": form, "next": there})


@anyone
@never_cache
def state(request: HttpRequest) -> HttpResponse:
    """Say whether the session is open, locked or over; an open page asks this when looked at."""
    if not request.user.is_authenticated:
        now = "over"
    else:
        now = "locked" if request.session.get(LOCKED) else "open"
    return JsonResponse({"session": now})


def _unlocked(request: HttpRequest, person: Person, there: str) -> HttpResponseBase:
    _log(person, audit.Kind.ACCESS, "unlocking")
    request.session.cycle_key()
    del request.session[LOCKED]
    request.session[SEEN] = settings.PALERMO_CLOCK().timestamp()
    held = request.session.pop(HELD, None)
    if held is None:
        return redirect(there or "home")
    try:
        kept = json.loads(unseal(held, "form behind a lock"))
    except Unreadable:
        return redirect(there or "home")
    return render(request, "access/held.html", {"held": kept})


def _log(person: Person, kind: audit.Kind, what: str) -> None:
    audit.record(audit.Act(kind=kind, what=what), by=person, at=settings.PALERMO_CLOCK())
