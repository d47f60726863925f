"""The Django app of the API: templates of its reference, and no tables."""

from django.apps import AppConfig


class ApiConfig(AppConfig):
    """Its label keeps it apart from other apps."""

    name = "palermo.doors.api"
    label = "api"
