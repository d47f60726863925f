"""What happens around every request: headers, and each person's own way."""

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponseBase, HttpResponseNotAllowed
from django.utils import translation

from palermo.desks.access.models import Person

Answer = Callable[[HttpRequest], HttpResponseBase]

#: This origin alone: no script or style in the page itself, no frame, no form to elsewhere.
_SOURCES = {
    "default-src": "'none'",
    "script-src": "'self'",
    "style-src": "'self'",
    "img-src": "'self' data:",
    "font-src": "'self'",
    "connect-src": "'self'",
    "form-action": "'self'",
    "base-uri": "'none'",
    "frame-ancestors": "'none'",
}
POLICY = "; ".join(
    " ".join((what, where, *(settings.PALERMO_OUTSIDE_ORIGINS if what == "form-action" else ())))
    for what, where in _SOURCES.items()
)
_PERMISSIONS = "camera=(), geolocation=(), microphone=(), payment=(), usb=()"


def headers(get_response: Answer) -> Answer:
    """Add the headers that Django does not."""

    def answer(request: HttpRequest) -> HttpResponseBase:
        response = get_response(request)
        response.headers.setdefault("Content-Security-Policy", POLICY)
        response.headers.setdefault("Permissions-Policy", _PERMISSIONS)
        response.headers.setdefault("Cross-Origin-Resource-Policy", "same-origin")
        return response

    return answer


_API = "/api/"
_METHODS = frozenset({"GET", "HEAD", "OPTIONS", "POST", "PUT", "PATCH", "DELETE"})


def methods(get_response: Answer) -> Answer:
    """Refuse methods that no page has, such as TRACE, before any page sees them.

    The API says in its own form which methods an address of it has.
    """

    def answer(request: HttpRequest) -> HttpResponseBase:
        if request.method not in _METHODS and not request.path.startswith(_API):
            return HttpResponseNotAllowed(sorted(_METHODS))
        return get_response(request)

    return answer


#: Says on this device, before anybody is signed in, that titles and icon shall say nothing.
DISCREET = "plain"
_YEAR = 365 * 24 * 3600


def own_way(get_response: Answer) -> Answer:
    """Write the page in the person's language, and keep titles neutral where they want that."""

    def answer(request: HttpRequest) -> HttpResponseBase:
        person = request.user if isinstance(request.user, Person) else None
        if person is not None and person.language:
            translation.activate(person.language)
            request.LANGUAGE_CODE = translation.get_language()
        response = get_response(request)
        if person is not None and person.discreet != (DISCREET in request.COOKIES):
            if person.discreet:
                secure = settings.SESSION_COOKIE_SECURE
                response.set_cookie(
                    DISCREET, "1", max_age=_YEAR, httponly=True, samesite="Lax", secure=secure
                )
            else:
                response.delete_cookie(DISCREET, samesite="Lax")
        return response

    return answer
