"""Taking up an invitation: choosing a password, or linking a login elsewhere."""

from allauth.core.ratelimit import respond_429
from allauth.socialaccount.adapter import get_adapter
from django import forms
from django.conf import settings
from django.contrib.auth.forms import SetPasswordForm
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from palermo.desks.access.accounts import INVITED, invitation, take_up, too_often
from palermo.desks.access.pages import anyone


@anyone
@never_cache
@sensitive_post_parameters()
@require_http_methods(["GET", "HEAD", "POST"])
def accept(request: HttpRequest, token: str) -> HttpResponseBase:
    """Set the password of whoever was invited; the link then works no more."""
    if too_often(request, "invitation"):
        response: HttpResponse = respond_429(request)
        return response
    at = settings.PALERMO_CLOCK()
    found = invitation(token, at=at)
    if found is None:
        raise Http404
    providers = get_adapter().list_providers(request)
    if request.method == "POST" and "provider" in request.POST:
        return _elsewhere(request, token, request.POST["provider"])
    form = SetPasswordForm(found.person, request.POST or None)
    if request.method == "POST" and form.is_valid():
        with transaction.atomic():
            take_up(found, "password set by invitation", at=at)
            form.save()
        return redirect("account_login")
    form.fields["new_password1"].widget = forms.PasswordInput(
        attrs={"autocomplete": "new-password", "autofocus": True}
    )
    return render(
        request,
        "access/invitation.html",
        {"form": form, "person": found.person, "providers": providers},
    )


def _elsewhere(request: HttpRequest, token: str, wanted: str) -> HttpResponse:
    """Go to the login elsewhere that shall be linked; `OutsideLogins` takes the invitation up."""
    for provider in get_adapter().list_providers(request):
        if provider.app.provider_id == wanted:
            request.session[INVITED] = token
            response: HttpResponse = provider.redirect(request, process="login")
            return response
    raise Http404
