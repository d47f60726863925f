"""Taking up an invitation: choosing a password, and with the first sign-in a second factor."""

from django import forms
from django.conf import settings
from django.contrib.auth.forms import SetPasswordForm
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache

from palermo.desks.access import audit
from palermo.desks.access.accounts import invitation
from palermo.desks.access.pages import anyone


@anyone
@never_cache
def accept(request: HttpRequest, token: str) -> HttpResponse:
    """Set the password of whoever was invited; the link then works no more."""
    at = settings.PALERMO_CLOCK()
    found = invitation(token, at=at)
    if found is None:
        raise Http404
    form = SetPasswordForm(found.person, request.POST or None)
    if request.method == "POST" and form.is_valid():
        with transaction.atomic():
            act = audit.Act(kind=audit.Kind.ACCESS, what="password set by invitation")
            audit.record(act, by=found.person, at=at)
            form.save()
            found.used_at = at
            found.save(update_fields=["used_at"])
        return redirect("account_login")
    form.fields["new_password1"].widget = forms.PasswordInput(
        attrs={"autocomplete": "new-password", "autofocus": True}
    )
    return render(request, "access/invitation.html", {"form": form, "person": found.person})
