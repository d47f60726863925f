"""The Django app of what all pages share."""

from django.apps import AppConfig


class WebConfig(AppConfig):
    """It has templates and static files, and no tables."""

    name = "palermo.doors.web"
    label = "web"
