"""What happens around every request: headers that keep a page to itself, and the session's lock."""

from collections.abc import Callable

from django.conf import settings
from django.contrib.auth import logout
from django.http import HttpRequest, HttpResponseBase

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
POLICY = "; ".join(f"{what} {where}" for what, where in _SOURCES.items())
_PERMISSIONS = "camera=(), geolocation=(), microphone=(), payment=(), usb=()"
_SEEN = "palermo_seen"
#: Addresses that an open page asks by itself: no sign of somebody being there.
POLLED = "/progress/"


def headers(get_response: Answer) -> Answer:
    """Add the headers that Django does not."""

    def answer(request: HttpRequest) -> HttpResponseBase:
        response = get_response(request)
        response.headers.setdefault("Content-Security-Policy", POLICY)
        response.headers.setdefault("Permissions-Policy", _PERMISSIONS)
        response.headers.setdefault("Cross-Origin-Resource-Policy", "same-origin")
        return response

    return answer


def lock(get_response: Answer) -> Answer:
    """End a session in which nothing was done for `PALERMO_LOCK`; polling does not count."""

    def answer(request: HttpRequest) -> HttpResponseBase:
        if request.user.is_authenticated:
            now = settings.PALERMO_CLOCK().timestamp()
            seen = request.session.get(_SEEN)
            if seen is not None and now - seen > settings.PALERMO_LOCK.total_seconds():
                logout(request)
            elif not request.path.endswith(POLLED) and (seen is None or now - seen > 20):
                request.session[_SEEN] = now
        return get_response(request)

    return answer
