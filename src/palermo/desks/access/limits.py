"""How often something may be asked, over all processes of the node.

Guarantees that an allowance is taken in one statement of the database, so that processes which ask
at the same time get no more together than one alone would. Time is passed in.
"""

import math
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from django.db.models import F, Value
from django.db.models.functions import Greatest

from palermo.desks.access.models import Allowance

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


class Limit(NamedTuple):
    """`burst` at once, then `per_minute`, steadily (the generic cell rate algorithm)."""

    per_minute: int
    burst: int


def take(key: str, limit: Limit, *, at: datetime) -> int:
    """Take one of what `key` is allowed; return 0, or after how many seconds to ask again."""
    now = (at - _EPOCH) // _MICROSECOND
    step = 60_000_000 // limit.per_minute
    ahead = step * (limit.burst - 1)
    if _taken(key, now, step, ahead):
        return 0
    # Two processes may find no row at once; the second one's is ignored, and it takes as usual.
    tidy(at=at)
    Allowance.objects.bulk_create([Allowance(key=key, back_at=now)], ignore_conflicts=True)
    if _taken(key, now, step, ahead):
        return 0
    back_at = Allowance.objects.values_list("back_at", flat=True).get(key=key)
    return max(1, math.ceil((back_at - ahead - now) / 1_000_000))


def tidy(*, at: datetime) -> int:
    """Remove allowances that are whole again; return how many."""
    now = (at - _EPOCH) // _MICROSECOND
    return Allowance.objects.filter(back_at__lt=now).delete()[0]


def _taken(key: str, now: int, step: int, ahead: int) -> bool:
    return bool(
        Allowance.objects.filter(key=key, back_at__lte=now + ahead).update(
            back_at=Greatest(F("back_at"), Value(now)) + Value(step)
        )
    )
