"""Pages for when something does not work: each says what happened and what to do.

Guarantees that no such page tells whether something exists, and that the one for a failure of the
node itself needs neither the database nor a session.
"""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.utils.translation import get_language, get_language_bidi


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:  # noqa: ARG001
    """Say that the request could not be understood."""
    return _alone("errors/400.html", 400)


def forbidden(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:  # noqa: ARG001
    """Say that this is not allowed."""
    return render(request, "errors/403.html", status=403)


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:  # noqa: ARG001
    """Say that the form was not sent from a page of this session."""
    return render(request, "errors/403_form.html", status=403)


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:  # noqa: ARG001
    """Say that there is nothing here, or nothing for this person."""
    return render(request, "errors/404.html", status=404)


def too_many(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:  # noqa: ARG001
    """Say that there were too many attempts."""
    return render(request, "errors/429.html", status=429)


def failure(request: HttpRequest) -> HttpResponse:  # noqa: ARG001
    """Say that the node failed."""
    return _alone("errors/500.html", 500)


def _alone(template: str, status: int) -> HttpResponse:
    context: dict[str, Any] = {
        "language": get_language(),
        "direction": "rtl" if get_language_bidi() else "ltr",
    }
    return HttpResponse(render_to_string(template, context), status=status)
