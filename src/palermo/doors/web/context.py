"""What every page is given."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.utils.translation import get_language_bidi

from palermo.desks.access.models import Notice, Person
from palermo.desks.access.notices import OFFICER
from palermo.doors.web.middleware import DISCREET

#: In the order in which they build on each other.
STYLESHEETS = tuple(
    f"palermo/{name}.css" for name in ("tokens", "text", "page", "tables", "forms", "marks")
)


def everywhere(request: HttpRequest) -> dict[str, Any]:
    """Return what the frame of a page needs, and which duties the person holds.

    The data-protection officer sees on every page how much of what they are told is unseen.
    """
    user = getattr(request, "user", None)
    held = (
        set(user.duties.filter(ended_at=None).values_list("duty", flat=True))
        if isinstance(user, Person)
        else set()
    )
    return {
        "organisation": settings.PALERMO_ORGANISATION,
        "direction": "rtl" if get_language_bidi() else "ltr",
        "held_duties": held,
        "unseen_notices": Notice.objects.filter(seen_at=None).count() if OFFICER in held else 0,
        "lock_seconds": int(settings.PALERMO_LOCK.total_seconds()),
        "stylesheets": STYLESHEETS,
        "discreet": user.discreet if isinstance(user, Person) else DISCREET in request.COOKIES,
    }
