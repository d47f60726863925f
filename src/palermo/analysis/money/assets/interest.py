"""Simple interest on whole minor units, over rates that change: exact, rounded once at the end.

Rate and day count are the user's data; nothing here knows the law of a country. Rounded half up.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from types import MappingProxyType


@dataclass(frozen=True, slots=True, kw_only=True)
class Rate:
    """Hundredths of a per cent a year that hold from a day until the next rate."""

    since: date
    hundredths: int
    source: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """By which rates interest runs, how days are counted, and until which day (not counted)."""

    rates: tuple[Rate, ...]
    day_count: str
    until: date


@dataclass(frozen=True, slots=True, kw_only=True)
class Interest:
    """What interest comes to, and how: one step a rate, as (from, until, days, hundredths)."""

    minor: int
    steps: tuple[tuple[date, date, int, int], ...]


def _actual(first: date, last: date) -> int:
    return (last - first).days


def _thirty(first: date, last: date) -> int:
    """Months of thirty days: the 31st counts as the 30th (30E/360, ISDA 2006 section 4.16(g))."""
    years, months = last.year - first.year, last.month - first.month
    return 360 * years + 30 * months + min(last.day, 30) - min(first.day, 30)


#: How days are counted, and how many make a year.
DAY_COUNTS: Mapping[str, tuple[Callable[[date, date], int], int]] = MappingProxyType(
    {"act/365": (_actual, 365), "act/360": (_actual, 360), "30/360": (_thirty, 360)}
)


def half_up(value: Fraction) -> int:
    """Round to a whole number, halves away from nothing; `value` is 0 or more."""
    return (value + Fraction(1, 2)).__floor__()


def interest(principal: int, since: date, terms: Terms) -> Interest:
    """Work out simple interest on `principal` from `since` until the day of the terms.

    Days before the first rate bear none.

    Raises:
        KeyError: the day count is not one of DAY_COUNTS.
    """
    days_between, year = DAY_COUNTS[terms.day_count]
    rates: Sequence[Rate] = sorted(terms.rates, key=lambda one: one.since)
    ends = [*(one.since for one in rates[1:]), terms.until]
    steps, whole = [], Fraction(0)
    for rate, end in zip(rates, ends, strict=True):
        first, last = max(rate.since, since), min(end, terms.until)
        if first < last:
            days = days_between(first, last)
            steps.append((first, last, days, rate.hundredths))
            whole += Fraction(principal * rate.hundredths * days, 10_000 * year)
    return Interest(minor=half_up(whole), steps=tuple(steps))
