"""Which address leads where. Every one states what it needs (`desks.access.pages`)."""

from django.urls import include, path

from palermo.doors.web import views

urlpatterns = [
    path("", views.home, name="home"),
    path("health", views.health, name="health"),
    path("language", views.language, name="language"),
    path("account/", include("palermo.doors.web.account_urls")),
    path("api/", include("palermo.doors.api.urls")),
    path("", include("palermo.desks.access.urls")),
    path("", include("palermo.desks.cases.urls")),
]
