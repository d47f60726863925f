"""Addresses of the API."""

from django.urls import include, path

from palermo.doors.api import views
from palermo.doors.api.app import addresses

app_name = "api"
urlpatterns = [
    path("v1/openapi.json", views.openapi, name="openapi"),
    path("v1/reference", views.reference, name="reference"),
    path("v1/", include(addresses())),
]
