"""Times of clocks on walls and phones: what such a time leaves open is always said.

A time without a zone stays naive unless somebody who knows the zone has given it.
"""

from datetime import UTC, datetime, tzinfo

NO_ZONE = "zone not stated"
GIVEN_ZONE = "zone given by the user"
MINUTES = "minute precision"
CLOCK_CHANGE = "within an hour that the clock change repeats or leaves out"


def local_time(
    clock: datetime, zone: tzinfo | None, *notes: str | None
) -> tuple[datetime, str | None]:
    """Return the time a local clock showed, aware if `zone` is given, and what it leaves open.

    Args:
        clock: the naive time that the source states.
        zone: what the user said about the zone.
        notes: what else the time leaves open; None is skipped.
    """
    said = [NO_ZONE if zone is None else GIVEN_ZONE, *notes]
    at = clock
    if zone is not None:
        at = clock.replace(tzinfo=zone)
        try:
            shifted = at.utcoffset() != at.replace(fold=1).utcoffset()
            at.astimezone(UTC)
        except (OverflowError, ValueError):  # the first or last day a calendar can show
            return clock, joined(NO_ZONE, *notes)
        if shifted:
            said.append(CLOCK_CHANGE)
    return at, joined(*said)


def utc_time(seconds: float) -> datetime | None:
    """Return seconds since 1970 as a time in UTC; None outside the years 1 to 9999."""
    try:
        return datetime.fromtimestamp(seconds, UTC)
    except (OverflowError, OSError, ValueError):
        return None


def joined(*notes: str | None) -> str | None:
    """Join what there is to say about a time; None if there is nothing."""
    return "; ".join(note for note in notes if note) or None
