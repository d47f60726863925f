"""The session's lock: after a while of nothing being done, a session asks who is there.

Guarantees that a locked session shows and changes nothing, whatever the page; that whoever unlocks
it comes back to the page they were on; and that a form which was sent into a locked session is
neither lost nor carried out: it is kept, sealed, and shown to whoever unlocked, to send or to drop.
"""

import json
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.http import urlencode

from palermo.desks.access.locking import HELD, LOCKED, SEEN
from palermo.desks.access.pages import Needs
from palermo.desks.access.sealed import seal

#: Addresses that an open page asks by itself: no sign of somebody being there.
POLLED = "/progress/"
#: A larger form is not kept.
_LARGEST = 200_000


class Lock:
    """Middleware that locks a session in which nothing was done for `PALERMO_LOCK`."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Lock the session of `request` if it is time to, then answer."""
        if request.user.is_authenticated:
            _look_at_clock(request)
        return self._get_response(request)

    def process_view(
        self, request: HttpRequest, view: Callable[..., object], *_: Any
    ) -> HttpResponseBase | None:
        """Lead a locked session to the page that unlocks it; pages for anyone stay open."""
        needs = getattr(view, "needs", Needs("person"))
        if needs.whom == "anyone" or not request.session.get(LOCKED):
            return None
        if request.path.endswith(POLLED):
            return HttpResponse(status=204)
        if request.method == "POST":
            _hold(request)
        return _to_unlock(request)


def _look_at_clock(request: HttpRequest) -> None:
    now = settings.PALERMO_CLOCK().timestamp()
    seen = request.session.get(SEEN)
    if seen is not None and now - seen > settings.PALERMO_LOCK.total_seconds():
        request.session[LOCKED] = True
    elif request.session.get(LOCKED) or request.path.endswith(POLLED):
        return
    elif seen is None or now - seen > 20:
        request.session[SEEN] = now


def _to_unlock(request: HttpRequest) -> HttpResponseBase:
    there = request.get_full_path() if request.method in {"GET", "HEAD"} else ""
    from_htmx = request.headers.get("HX-Request") == "true"
    if from_htmx:
        page = urlsplit(request.headers.get("HX-Current-URL", ""))
        there = f"{page.path}?{page.query}" if page.query else page.path
    unlock = f"{reverse('unlock')}?{urlencode({'next': there})}" if there else reverse("unlock")
    if from_htmx:
        return HttpResponse(status=204, headers={"HX-Redirect": unlock})
    return redirect(unlock)


def _hold(request: HttpRequest) -> None:
    """Keep a form that was sent; not one about the account itself, which may hold a password."""
    if request.path.startswith("/account/"):
        return
    fields = [
        (name, value)
        for name in request.POST
        if name != "csrfmiddlewaretoken"
        for value in request.POST.getlist(name)
    ]
    kept = json.dumps({"path": request.path, "fields": fields, "files": bool(request.FILES)})
    if len(kept) <= _LARGEST:
        request.session[HELD] = seal(kept, "form behind a lock")
