"""Reads the ways in which files write a moment; what could mean two moments is not read.

Accepted: ISO 8601 (also with a blank for the T, with or without seconds, fraction and zone, or the
date alone, which means midnight), seconds or milliseconds since 1970, and the dates of mail headers
(RFC 2822). `05/06/2024` is refused: half the world reads it as June, the other half as May. A
moment without a zone is read as UTC and reported as such.
"""

import re
from datetime import UTC, date, datetime, timedelta
from email.utils import parsedate_to_datetime

_ISO = re.compile(
    r"([0-9]{4})-([0-9]{2})-([0-9]{2})"
    r"(?:[Tt ]([0-9]{2}):([0-9]{2})(?::([0-9]{2})(?:[.,]([0-9]{1,9}))?)?"
    r" ?(Z|z|UTC|GMT|[+-][0-9]{2}(?::?[0-9]{2})?)?)?"
)
_EPOCH = re.compile(r"([0-9]{9,10})(?:\.([0-9]{1,9}))?|([0-9]{12,13})(?:\.0*)?")
_MAIL = re.compile(r"(?:[A-Za-z]{3}, ?)?[0-9]{1,2} [A-Za-z]{3} [0-9]{4} [0-9]{2}:[0-9]{2}")
_START = datetime(1970, 1, 1, tzinfo=UTC)
_DAY_ZERO = _START.toordinal()
_MICROSECOND = timedelta(microseconds=1)
#: The years 1 to 9999, in microseconds since 1970: what a calendar here can show.
_RANGE = (-62_135_596_800_000_000, 253_402_300_799_999_999)


def read_date(text: str) -> tuple[int, bool] | None:
    """Return microseconds since 1970 UTC and whether a zone was stated; None if unreadable.

    >>> read_date("2024-05-06T10:11:12+02:00")
    (1714983072000000, True)
    >>> read_date("06/05/2024") is None
    True
    """
    text = text.strip()
    for matcher, reader in _READERS:
        if match := matcher(text):
            try:
                moment = reader(match)
            except (ValueError, TypeError, OverflowError, IndexError):
                return None
            if moment is not None and _RANGE[0] <= moment[0] <= _RANGE[1]:
                return moment
            return None
    return None


def _iso(match: re.Match[str]) -> tuple[int, bool] | None:
    year, month, day, hour, minute, second, fraction, zone = match.groups()
    days = date(int(year), int(month), int(day)).toordinal() - _DAY_ZERO
    hours, minutes, seconds = int(hour or 0), int(minute or 0), int(second or 0)
    if hours > 23 or minutes > 59 or seconds > 59:
        return None
    total = ((days * 24 + hours) * 60 + minutes) * 60 + seconds - _offset(zone)
    return total * 1_000_000 + _micros(fraction), zone is not None


def _offset(zone: str | None) -> int:
    """Seconds east of Greenwich."""
    if zone is None or zone[0] not in "+-":
        return 0
    digits = zone[1:].replace(":", "")
    hours, minutes = int(digits[:2]), int(digits[2:] or 0)
    if hours > 15 or minutes > 59:
        raise ValueError(zone)
    seconds = hours * 3600 + minutes * 60
    return -seconds if zone[0] == "-" else seconds


def _micros(fraction: str | None) -> int:
    return int(fraction[:6].ljust(6, "0")) if fraction else 0


def _epoch(match: re.Match[str]) -> tuple[int, bool]:
    seconds, fraction, milliseconds = match.groups()
    if milliseconds:
        return int(milliseconds) * 1000, True
    return int(seconds) * 1_000_000 + _micros(fraction), True


def _mail(match: re.Match[str]) -> tuple[int, bool]:
    moment = parsedate_to_datetime(match.string)
    zoned = moment.tzinfo is not None
    offset = moment.utcoffset() or timedelta()
    wall = moment.replace(tzinfo=UTC)
    return (wall - _START - offset) // _MICROSECOND, zoned


_READERS = ((_ISO.fullmatch, _iso), (_EPOCH.fullmatch, _epoch), (_MAIL.match, _mail))
