"""Pages of the node itself."""

from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.i18n import set_language

from palermo.desks.access.pages import anyone


@anyone
def home(request: HttpRequest) -> HttpResponse:  # noqa: ARG001
    """Lead to the list of cases."""
    return redirect("cases:list")


@anyone
def health(request: HttpRequest) -> HttpResponse:  # noqa: ARG001
    """Say whether the node answers and reaches its database, and nothing else."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    return HttpResponse("ok\n", content_type="text/plain")


@anyone
def language(request: HttpRequest) -> HttpResponse:
    """Change the language of the pages (Django's own view; POST only)."""
    response: HttpResponse = set_language(request)
    return response
