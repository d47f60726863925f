"""The addresses of signing in and of second factors: allauth's views, each with what it needs.

Left out on purpose: signing up, and everything by e-mail. People come by invitation, and a
forgotten password is set anew by another one.
"""

from collections.abc import Iterable

from allauth.account import views
from allauth.mfa.urls import urlpatterns as second_factor
from django.urls import URLPattern, URLResolver, include, path

from palermo.desks.access.pages import Needs, anyone


def _state(patterns: Iterable[URLPattern | URLResolver], needs: Needs) -> None:
    for one in patterns:
        if isinstance(one, URLResolver):
            _state(one.url_patterns, needs)
        else:
            one.callback.needs = needs  # type: ignore[attr-defined]


# allauth itself asks these for a session, or for one that is about to be begun.
_state(second_factor, Needs("person"))

urlpatterns = [
    path("login/", anyone(views.login), name="account_login"),
    path("logout/", anyone(views.logout), name="account_logout"),
    path("inactive/", anyone(views.account_inactive), name="account_inactive"),
    path("closed/", anyone(views.signup), name="account_signup"),
    path("reauthenticate/", anyone(views.reauthenticate), name="account_reauthenticate"),
    path("password/", anyone(views.password_change), name="account_change_password"),
    path("2fa/", include(second_factor)),
]
