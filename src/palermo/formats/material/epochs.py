"""Times as devices count them: from which moment, in which unit.

Guarantees exact arithmetic (whole numbers and fractions, never floating point), and that a value
that no clock of a phone or computer could have shown gives no time but a note.
"""

import re
from datetime import UTC, datetime, timedelta
from fractions import Fraction
from typing import NamedTuple

_SECOND = 1_000_000
_UNIX = datetime(1970, 1, 1, tzinfo=UTC)
#: What is outside is a default, a sentinel or damage: no device keeps records from before 1990.
EARLIEST = datetime(1990, 1, 1, tzinfo=UTC)
LATEST = datetime(2100, 1, 1, tzinfo=UTC)
#: No exponents: eleven characters could ask for a number of a thousand million digits.
_DIGITS = re.compile(r"\s*[-+]?[0-9]{1,20}(\.[0-9]{0,20})?\s*")
_SHOWN = 40


class Epoch(NamedTuple):
    """A way to count time: microseconds from 1970 to its start, and its units in a second."""

    start: int
    per_second: int


UNIX_SECONDS = Epoch(0, 1)
UNIX_MILLIS = Epoch(0, 1_000)
#: Also Mozilla's PRTime.
UNIX_MICROS = Epoch(0, _SECOND)
#: Apple's Core Data and CFAbsoluteTime count from 2001-01-01T00:00:00Z.
APPLE_SECONDS = Epoch(978_307_200 * _SECOND, 1)
APPLE_NANOS = Epoch(978_307_200 * _SECOND, 1_000_000_000)
#: Chromium counts microseconds from 1601-01-01T00:00:00Z, as Windows does in tenths of them.
WEBKIT_MICROS = Epoch(-11_644_473_600 * _SECOND, _SECOND)


class Moment(NamedTuple):
    """A time in UTC, or None and why."""

    at: datetime | None
    note: str | None = None


def moment(value: object, epoch: Epoch) -> Moment:
    """Read a number, or digits, as a time counted in `epoch`.

    Null gives neither a time nor a note: the source says nothing. Fractions of a microsecond are
    rounded.
    """
    if value is None or value == "":
        return Moment(None)
    number = _number(value)
    if number is None:
        return Moment(None, "the time is no number")
    if number == 0:
        return Moment(None, "time not set (0)")
    if isinstance(number, int):
        micros = (number * _SECOND + epoch.per_second // 2) // epoch.per_second
    else:
        micros = round(number * _SECOND / epoch.per_second)
    return _within_reason(epoch.start + micros, value)


def apple(value: object) -> Moment:
    """Read a time of Apple's Messages: seconds from 2001, nanoseconds since iOS 11 and macOS 10.13.

    The two cannot be confused: 10¹¹ seconds are more than three thousand years, 10¹¹ nanoseconds
    less than two minutes.
    """
    return moment(value, APPLE_NANOS if _large(value) else APPLE_SECONDS)


def chromium(value: object) -> Moment:
    """Read a time of Chromium: microseconds from 1601, but seconds from 1970 in early downloads."""
    return moment(value, WEBKIT_MICROS if _large(value) else UNIX_SECONDS)


def _large(value: object) -> bool:
    number = _number(value)
    return number is not None and not -(10**11) < number < 10**11


def _number(value: object) -> int | Fraction | None:
    if isinstance(value, int):
        return value
    if not isinstance(value, float | str):
        return None
    if isinstance(value, str) and not _DIGITS.fullmatch(value):
        return None
    try:
        number = Fraction(value)
    except (ValueError, OverflowError, ZeroDivisionError):  # not a number, or infinite
        return None
    return number.numerator if number.denominator == 1 else number


def _within_reason(micros: int, value: object) -> Moment:
    first = (EARLIEST - _UNIX) // timedelta(microseconds=1)
    last = (LATEST - _UNIX) // timedelta(microseconds=1)
    if not first <= micros < last:
        return Moment(None, f"time outside 1990 to 2099: {str(value)[:_SHOWN]}")
    return Moment(_UNIX + timedelta(microseconds=micros))
