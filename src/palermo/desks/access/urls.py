"""Addresses of the access desk."""

from django.urls import path

from palermo.desks.access.views import invitations, openings, tokens

app_name = "access"
urlpatterns = [
    path("invitation/<str:token>/", invitations.accept, name="invitation"),
    path("cases/<str:key>/open/", openings.open_case, name="open"),
    path("cases/<str:key>/shut/", openings.shut_case, name="shut"),
    path("tokens/", tokens.mine, name="tokens"),
    path("tokens/<str:ident>/revoke/", tokens.revoke, name="token-revoke"),
    path("tokens/everybody/", tokens.everybodys, name="tokens-all"),
    path("tokens/everybody/<str:ident>/revoke/", tokens.revoke_any, name="token-revoke-any"),
]
