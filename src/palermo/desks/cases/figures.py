"""Numbers that lists show without counting long tables on every page.

Guarantees that a number is either exact or said to be a lower bound.
"""

from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet

from palermo.desks.access.models import Case
from palermo.desks.access.visibility import Viewer
from palermo.desks.cases.facts import counts

#: Rows are counted up to here; beyond, a page says "more than".
COUNTED = 1000


@dataclass(frozen=True, slots=True)
class Number:
    """How many; with `more`, there are more than that."""

    n: int
    more: bool = False


def counted(rows: QuerySet[Any], limit: int = COUNTED) -> Number:
    """Count `rows`, but no further than `limit`."""
    n = rows.order_by()[: limit + 1].count()
    return Number(min(n, limit), more=n > limit)


def total(viewer: Viewer, case: Case, name: str) -> Number:
    """Return how many items, identifiers, campaigns or networks the last run left in the case."""
    return Number(counts(viewer, case).get(name, 0))
