"""Legal periods move the calendar as the law does."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from palermo.law import Period, Unit, after

MOMENTS = st.integers(0, 90 * 366 * 24).map(
    lambda hours: datetime(2000, 1, 1, tzinfo=UTC) + timedelta(hours=hours)
)


@pytest.mark.parametrize(
    ("start", "count", "unit", "end"),
    [
        ("2027-01-31T09:00+01:00", 1, Unit.MONTHS, "2027-02-28T09:00+01:00"),
        ("2028-01-31T09:00+01:00", 1, Unit.MONTHS, "2028-02-29T09:00+01:00"),
        ("2027-01-31T09:00+01:00", 2, Unit.MONTHS, "2027-03-31T09:00+01:00"),
        ("2027-11-15T00:00+00:00", 4, Unit.MONTHS, "2028-03-15T00:00+00:00"),
        ("2028-02-29T12:00+00:00", 1, Unit.YEARS, "2029-02-28T12:00+00:00"),
        ("2027-12-31T23:59+00:00", 1, Unit.DAYS, "2028-01-01T23:59+00:00"),
        ("2027-01-01T00:00+00:00", 2, Unit.WEEKS, "2027-01-15T00:00+00:00"),
        ("2027-01-01T20:00+00:00", 8, Unit.HOURS, "2027-01-02T04:00+00:00"),
        # Friday plus five working days is the next Friday; the holiday pushes it to Monday.
        ("2027-01-08T10:00+00:00", 5, Unit.WORKING_DAYS, "2027-01-18T10:00+00:00"),
    ],
)
def test_known_ends(start: str, count: int, unit: Unit, end: str) -> None:
    found = after(datetime.fromisoformat(start), Period(count, unit), holidays=[date(2027, 1, 13)])
    assert found == datetime.fromisoformat(end)


def test_hours_are_elapsed_time_and_days_keep_the_clock_over_summer_time() -> None:
    paris = ZoneInfo("Europe/Paris")
    start = datetime(2027, 3, 27, 12, 0, tzinfo=paris)  # the night in which an hour is lost
    assert after(start, Period(1, Unit.DAYS)).hour == 12
    assert after(start, Period(24, Unit.HOURS)).hour == 13


@given(MOMENTS, st.integers(1, 60))
def test_months_never_skip_a_month(start: datetime, count: int) -> None:
    end = after(start, Period(count, Unit.MONTHS))
    months = (end.year - start.year) * 12 + end.month - start.month
    assert months == count
    assert end.day <= start.day
    assert end.time() == start.time()


@given(MOMENTS, st.integers(1, 30))
def test_working_days_end_on_a_working_day_and_are_never_shorter(
    start: datetime, count: int
) -> None:
    end = after(start, Period(count, Unit.WORKING_DAYS))
    assert end.weekday() < 5
    assert end - start >= timedelta(days=count)


def test_a_start_without_time_zone_is_an_error() -> None:
    with pytest.raises(ValueError, match="time zone"):
        after(datetime(2027, 1, 1), Period(1, Unit.DAYS))  # noqa: DTZ001 - that is the point


def test_periods_are_written_in_words() -> None:
    assert str(Period(1, Unit.MONTHS)) == "1 month"
    assert str(Period(5, Unit.WORKING_DAYS)) == "5 working days"
