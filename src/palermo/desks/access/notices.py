"""What the data-protection officer is told, and whether it was seen.

Guarantees that a notice of somebody's own act is seen off by another officer, never by themselves.
"""

from datetime import datetime

from django.db.models import Q, QuerySet

from palermo.desks.access.models import Notice, Person

OFFICER = "data-protection-officer"


def unseen() -> QuerySet[Notice]:
    """Return what waits to be seen, the newest first."""
    return Notice.objects.filter(seen_at=None).select_related("entry__person", "entry__case")


def see(notices: QuerySet[Notice], *, by: Person, at: datetime) -> int:
    """Mark notices as seen; return how many, since those of one's own acts stay."""
    others = Q(entry__person=None) | ~Q(entry__person=by)
    return notices.filter(others, seen_at=None).update(seen_at=at, seen_by=by)
