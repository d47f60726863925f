"""Which address leads where. Every one states what it needs (`desks.access.pages`)."""

from django.urls import include, path

from palermo.doors.web import views

urlpatterns = [
    path("", views.home, name="home"),
    path("health", views.health, name="health"),
    path("language", views.language, name="language"),
    path("leave", views.leave, name="leave"),
    path("calendar/", views.calendar, name="calendar"),
    path("account/preferences/", views.preferences, name="preferences"),
    path("account/", include("palermo.doors.web.account_urls")),
    path("api/", include("palermo.doors.api.urls")),
    path("", include("palermo.desks.access.urls")),
    path("", include("palermo.desks.cases.urls")),
]

handler400 = "palermo.doors.web.errors.bad_request"
handler403 = "palermo.doors.web.errors.forbidden"
handler404 = "palermo.doors.web.errors.not_found"
handler429 = "palermo.doors.web.errors.too_many"
handler500 = "palermo.doors.web.errors.failure"
