"""Addresses of the access desk."""

from django.urls import path

from palermo.desks.access.views import invitations, openings

app_name = "access"
urlpatterns = [
    path("invitation/<str:token>/", invitations.accept, name="invitation"),
    path("cases/<str:key>/open/", openings.open_case, name="open"),
    path("cases/<str:key>/shut/", openings.shut_case, name="shut"),
]
