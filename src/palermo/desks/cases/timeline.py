"""Items over time: counted by the database, a day at a time, and gathered to what a page can show.

Days are days in UTC, as in the dossier. Days, weeks or months without items are gaps, not bars.
"""

from collections import Counter
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Literal

from django.db.models import CharField, Count, Func, QuerySet

from palermo.desks.cases.models import Item
from palermo.investigation.dossier import Bars, Timeline, draw

Unit = Literal["day", "week", "month", "year"]
UNITS: tuple[Unit, ...] = ("day", "week", "month", "year")
#: The longest span in days that is shown in a unit, unless somebody asks for another.
_SPANS: tuple[tuple[int, Unit], ...] = (
    (92, "day"),
    (730, "week"),
    (3650, "month"),
    (10**6, "year"),
)
#: More bars than this are a wall; then the next unit is taken.
_MOST_BARS = 400


class Day(Func):
    """The day of a time in UTC, as text `2026-03-01`.

    On SQLite times are texts in UTC already, so that no function of Python's is called for each.
    """

    output_field = CharField()

    def as_sqlite(self, compiler: Any, connection: Any, **_context: Any) -> Any:
        """Take the first ten characters."""
        return self.as_sql(compiler, connection, template="substr(%(expressions)s, 1, 10)")

    def as_postgresql(self, compiler: Any, connection: Any, **_context: Any) -> Any:
        """Take the day in UTC, whatever the session's zone."""
        template = "(%(expressions)s AT TIME ZONE 'UTC')::date::text"
        return self.as_sql(compiler, connection, template=template)


@dataclass(frozen=True, slots=True)
class OverTime:
    """Items by unit: `line` for the table, `bars` for the drawing; none without dated items."""

    line: Timeline
    bars: Bars | None
    dated: int


def over_time(items: QuerySet[Item], unit: Unit | None = None) -> OverTime:
    """Count `items` by day and gather the days in `unit`, or in one that fits their span."""
    found = items.exclude(posted_at=None).order_by().values(day=Day("posted_at"))
    days = {date.fromisoformat(row["day"]): row["n"] for row in found.annotate(n=Count("pk"))}
    undated = items.filter(posted_at=None).order_by().count()
    if not days:
        return OverTime(Timeline(undated=undated), None, 0)
    chosen = _fitting(days, unit)
    bins: Counter[date] = Counter()
    for day, n in days.items():
        bins[first_of(day, chosen)] += n
    line = Timeline(unit=chosen, bins=tuple(sorted(bins.items())), undated=undated)
    return OverTime(line, draw(line), sum(days.values()))


def first_of(day: date, unit: Unit) -> date:
    """Return the first day of the week (Monday), month or year in which `day` lies."""
    if unit == "week":
        return day - timedelta(days=day.weekday())
    if unit == "month":
        return day.replace(day=1)
    return day.replace(month=1, day=1) if unit == "year" else day


def last_of(first: date, unit: Unit) -> date:
    """Return the last day of the unit that begins on `first`."""
    if unit == "day":
        return first
    days = {"week": 7, "month": 31, "year": 366}[unit]
    return first_of(first + timedelta(days=days), unit) - timedelta(days=1)


def _fitting(days: dict[date, int], asked: Unit | None) -> Unit:
    span = (max(days) - min(days)).days
    unit: Unit = next(unit for most, unit in _SPANS if span <= most)
    if asked is not None:
        unit = asked
    while unit != "year" and len({first_of(day, unit) for day in days}) > _MOST_BARS:
        unit = UNITS[UNITS.index(unit) + 1]
    return unit
