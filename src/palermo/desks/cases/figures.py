"""Numbers that lists show without counting long tables on every page.

Guarantees that a number is either exact or said to be a lower bound.
"""

from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Model, QuerySet

from palermo.desks.access.models import Case
from palermo.desks.access.visibility import Viewer
from palermo.desks.cases.models import Campaign, Identifier, Item, Network

#: Rows are counted up to here; beyond, a page says "more than".
COUNTED = 1000
#: Choices of a filter: the most frequent values of a column.
CHOICES = 200

_TOTALS: dict[str, type[Item | Identifier | Campaign | Network]] = {
    "items": Item,
    "identifiers": Identifier,
    "campaigns": Campaign,
    "networks": Network,
}


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
    """Return how many items, identifiers, campaigns or networks the case has."""
    return Number(_TOTALS[name].rows.visible_to(viewer).of(case).count())


def facet(viewer: Viewer, case: Case, column: str) -> list[tuple[str, int]]:
    """Return the values of a column of the items with their number, the most frequent first."""
    rows: QuerySet[Model] = Item.rows.visible_to(viewer).of(case).exclude(**{column: ""})
    found = rows.order_by().values(column).annotate(n=Count("pk")).order_by("-n", column)
    return [(row[column], row["n"]) for row in found[:CHOICES]]
