"""The addresses of signing in and of second factors: allauth's views, each with what it needs.

Guarantees that a second factor, once set up, guards itself: no factor is added, shown or removed,
no password changed and no outside login linked, from a session that only knew the password.

Left out on purpose: signing up, and everything by e-mail. People come by invitation, and a
forgotten password is set anew by another one.
"""

from collections.abc import Callable, Iterable
from functools import wraps
from typing import Any

from allauth.account import views
from allauth.mfa.urls import urlpatterns as second_factor
from allauth.socialaccount import views as outside
from allauth.socialaccount.providers.openid_connect.urls import urlpatterns as openid_connect
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect
from django.urls import URLPattern, URLResolver, include, path
from django.views.decorators.cache import never_cache

from palermo.desks.access.pages import Needs, anyone
from palermo.desks.access.signing_in import factor_shown, has_factor
from palermo.desks.access.views import locking

View = Callable[..., HttpResponseBase]
#: Where a second factor is shown; these ask for a session, or for one that is about to begin.
_SHOWING = frozenset({"mfa_authenticate", "mfa_reauthenticate", "mfa_reauthenticate_webauthn"})


def _state(patterns: Iterable[URLPattern | URLResolver], needs: Needs) -> None:
    for one in patterns:
        if isinstance(one, URLResolver):
            _state(one.url_patterns, needs)
        elif one.name in _SHOWING or needs.whom == "anyone":
            one.callback = _stated(never_cache(one.callback), needs)
        else:
            one.callback = guarded(one.callback)


def guarded(view: View) -> View:
    """Let `view` be used only in a session that showed the second factor, where there is one."""

    @wraps(view)
    def page(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if request.user.is_authenticated and has_factor(request.user) and not factor_shown(request):
            return redirect("mfa_reauthenticate")
        return view(request, *args, **kwargs)

    return _stated(never_cache(page), Needs("person"))


def _stated(view: View, needs: Needs) -> View:
    view.needs = needs  # type: ignore[attr-defined]  # read by the test of every address
    return view


_state(second_factor, Needs("person"))
_state(openid_connect, Needs("anyone"))

urlpatterns = [
    path("login/", anyone(views.login), name="account_login"),
    path("logout/", anyone(views.logout), name="account_logout"),
    path("inactive/", anyone(views.account_inactive), name="account_inactive"),
    path("closed/", anyone(views.signup), name="account_signup"),
    path(
        "reauthenticate/",
        _stated(never_cache(views.reauthenticate), Needs("person")),
        name="account_reauthenticate",
    ),
    path("password/", guarded(views.password_change), name="account_change_password"),
    path("unlock/", locking.unlock, name="unlock"),
    path("locked/", locking.state, name="locked"),
    path("2fa/", include(second_factor)),
    path("outside/", guarded(outside.connections), name="socialaccount_connections"),
    path(
        "outside/cancelled/", anyone(outside.login_cancelled), name="socialaccount_login_cancelled"
    ),
    path("outside/error/", anyone(outside.login_error), name="socialaccount_login_error"),
    path("outside/closed/", anyone(outside.signup), name="socialaccount_signup"),
    path("", include(openid_connect)),
]
