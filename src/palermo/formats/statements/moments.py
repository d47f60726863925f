"""Days and hours of statements become moments, in a stated time zone.

Guarantees that a day without an hour is the start of that day in its zone and marked `day_only`;
that an hour without a zone is read in the zone given, and counted where none was given (UTC); and
that an hour that the clocks skipped or had twice is read as the first and counted.
"""

import re
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta, timezone
from typing import NamedTuple
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from palermo.formats.statements.parts import Remark, Wrong
from palermo.model import Unreadable

_START = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_MOMENT = re.compile(
    r"([0-9]{4})-([0-9]{2})-([0-9]{2})"
    r"(?:[T ]([0-9]{2}):([0-9]{2})(?::([0-9]{2})(?:[.,]([0-9]{1,9}))?)?)?"
    r"(Z|[+-][0-9]{2}:?[0-9]{2})?"
)


class Moment(NamedTuple):
    """Microseconds since 1970, the zone, the day there, and whether only that is known."""

    ts: int
    zone: str | None
    day: date
    day_only: bool = False


def zone_named(name: str) -> ZoneInfo:
    """Return a time zone by its IANA name.

    Raises:
        Unreadable: there is none.
    """
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise Unreadable(
            f"time zone {name!r}: expected an IANA name such as Europe/Paris"
        ) from None


class Clock:
    """Reads days and hours as the clocks of one zone showed them."""

    def __init__(self, zone: str | None) -> None:
        self._named = zone
        self._zone = zone_named(zone) if zone else ZoneInfo("UTC")
        self._days: dict[date, Moment] = {}
        self._assumed = self._unsure = self._elsewhere = 0

    def day(self, day: date) -> Moment:
        """Return the start of `day`."""
        found = self._days.get(day)
        if found is None:
            try:
                start = datetime(day.year, day.month, day.day, tzinfo=self._zone)
                ts = (start - _START) // _MICROSECOND
            except OverflowError:
                raise Wrong("ts", str(day), "expected a year that a calendar can show") from None
            found = self._days[day] = Moment(ts, self._named, day, day_only=True)
        self._assumed += self._named is None
        return found

    def wall(self, naive: datetime) -> Moment:
        """Return the moment at which the clocks of the zone showed `naive`."""
        first = naive.replace(tzinfo=self._zone)
        ts = _micros(first)
        if self._named is None:
            self._assumed += 1
        elif first.utcoffset() != first.replace(fold=1).utcoffset():
            self._unsure += 1
        return Moment(ts, self._named, naive.date())

    def exact(self, aware: datetime) -> Moment:
        """Return a moment that states its own offset; night and day are the zone's, if given."""
        ts = _micros(aware)
        offset = aware.utcoffset() or timedelta()
        if self._named is not None:
            return Moment(ts, self._named, aware.astimezone(self._zone).date())
        hours, rest = divmod(int(offset.total_seconds()), 3600)
        # The sign of these names is the other way round: Etc/GMT-2 is two hours east.
        whole = not rest and -12 <= hours <= 14
        zone = ("UTC" if not hours else f"Etc/GMT{-hours:+d}") if whole else None
        return Moment(ts, zone, aware.date())

    def iso(self, text: str, field: str = "ts") -> Moment:
        """Read a date or moment of ISO 8601, as XML Schema writes it.

        Raises:
            Wrong: it is none.
        """
        found = _MOMENT.fullmatch(text.strip()) if len(text) < 50 else None
        if found is None:
            raise Wrong(field, text, "expected a date such as 2026-03-01 or 2026-03-01T09:00:00")
        year, month, day, hour, minute, second, fraction, offset = found.groups()
        try:
            if hour is None:
                return self.day(date(int(year), int(month), int(day)))
            naive = datetime(  # noqa: DTZ001  the zone is the clock's
                int(year), int(month), int(day), int(hour), int(minute), int(second or 0),
                int((fraction or "")[:6].ljust(6, "0")),
            )  # fmt: skip
            return self.wall(naive) if offset is None else self.exact(_aware(naive, offset))
        except (ValueError, OverflowError):
            raise Wrong(field, text, "there is no such day or hour") from None

    def refined(self, booked: Moment, told: Moment) -> Moment:
        """Return `told`, an hour that a row states besides, if it is of the day of its booking.

        Otherwise the order of the statement would be lost: the booking's day stands, and the row
        is counted.
        """
        if not booked.day_only or told.day_only:
            return booked
        if told.day == booked.day:
            return told
        self._elsewhere += 1
        return booked

    def remarks(self) -> Iterator[Remark]:
        """Say how many moments rest on an assumption."""
        for count, text in (
            (self._assumed, "without time zone, read as UTC; name it with --zone"),
            (self._unsure, "at an hour that the clocks skipped or had twice, read as the first"),
            (self._elsewhere, "tell an hour of another day than that of booking, which stands"),
        ):
            if count:
                yield Remark(text, count)


def _micros(moment: datetime) -> int:
    try:
        return (moment - _START) // _MICROSECOND
    except OverflowError:
        raise Wrong("ts", str(moment), "expected a year that a calendar can show") from None


def _aware(naive: datetime, offset: str) -> datetime:
    if offset == "Z":
        return naive.replace(tzinfo=UTC)
    digits = offset[1:].replace(":", "")
    east = timedelta(hours=int(digits[:2]), minutes=int(digits[2:]))
    shifted = naive - east if offset[0] == "+" else naive + east
    moment = shifted.replace(tzinfo=UTC)

    return moment.astimezone(timezone(east if offset[0] == "+" else -east))


def iso_day(text: str, field: str) -> date:
    """Read the day of an ISO date or moment.

    Raises:
        Wrong: there is none.
    """
    try:
        return date.fromisoformat(text.strip()[:10])
    except ValueError:
        raise Wrong(field, text, "expected a date such as 2026-03-01") from None
