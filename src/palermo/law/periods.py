"""Legal periods: how long, and when they are over.

Guarantees one arithmetic everywhere. Hours are elapsed time. Days, weeks, months and years move
the calendar and keep the clock; a month that has no such day ends on its last day (31 January plus
one month is 28 or 29 February). A renewal begins where the period before it ended, so one month
renewed from 31 January runs to 28 February and then to 28 March: never longer than the law gives.
"""

import calendar
from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum

_SATURDAY = 5


class Unit(StrEnum):
    """Units in which laws count."""

    HOURS = "hours"
    DAYS = "days"
    WORKING_DAYS = "working-days"
    WEEKS = "weeks"
    MONTHS = "months"
    YEARS = "years"


@dataclass(frozen=True, slots=True)
class Period:
    """`count` units of time, `Period(4, Unit.MONTHS)`."""

    count: int
    unit: Unit

    def __str__(self) -> str:
        """Write the period in words, `1 month`, `5 working days`."""
        words = self.unit.value.replace("-", " ")
        return f"{self.count} {words.removesuffix('s') if self.count == 1 else words}"


def after(start: datetime, period: Period, *, holidays: Collection[date] = ()) -> datetime:
    """Return the end of `period` from `start`, in the time zone of `start`.

    Working days are Monday to Friday without `holidays`. `start` must be timezone-aware.

    >>> after(datetime.fromisoformat("2027-01-31T09:00+01:00"), Period(1, Unit.MONTHS)).isoformat()
    '2027-02-28T09:00:00+01:00'

    Raises:
        ValueError: when `start` has no time zone.
        OverflowError: when the end lies beyond the year 9999.
    """
    if start.tzinfo is None:
        raise ValueError("a period needs a start with a time zone")
    match period.unit:
        case Unit.HOURS:
            zone = start.tzinfo
            return (start.astimezone(UTC) + timedelta(hours=period.count)).astimezone(zone)
        case Unit.DAYS:
            return start + timedelta(days=period.count)
        case Unit.WEEKS:
            return start + timedelta(weeks=period.count)
        case Unit.WORKING_DAYS:
            return _working_days(start, period.count, frozenset(holidays))
        case Unit.MONTHS:
            return _months(start, period.count)
        case Unit.YEARS:
            return _months(start, 12 * period.count)


def end_of_day(moment: datetime) -> datetime:
    """Return the midnight that ends the day of `moment`, in its own time zone."""
    return moment.replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=1)


def _months(start: datetime, count: int) -> datetime:
    year, month = divmod(start.year * 12 + start.month - 1 + count, 12)
    if year > date.max.year:
        raise OverflowError(f"{count} months from {start.date()} lie beyond the calendar")
    day = min(start.day, calendar.monthrange(year, month + 1)[1])
    return start.replace(year=year, month=month + 1, day=day)


def _working_days(start: datetime, count: int, holidays: frozenset[date]) -> datetime:
    moment = start
    for _ in range(count):
        moment += timedelta(days=1)
        while moment.weekday() >= _SATURDAY or moment.date() in holidays:
            moment += timedelta(days=1)
    return moment
