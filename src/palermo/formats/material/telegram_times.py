"""The two times of a Telegram record: UTC in seconds, and the exporting device's local time.

Newer exports state both. The first is taken; where the second is not the same moment in some time
zone, the item says that they do not agree. Older exports state the local time alone.
"""

from collections.abc import Mapping
from datetime import datetime, tzinfo
from typing import Any

from palermo.formats.material.wall_clock import joined, local_time, utc_time

#: No clock on Earth is further from UTC than this, in seconds.
_FURTHEST = 14 * 3600


def seconds(value: Any) -> float | None:
    """Read seconds since 1970, which the export writes as text."""
    try:
        return None if isinstance(value, bool) else float(value)
    except (TypeError, ValueError):
        return None


def read_time(
    record: Mapping[str, Any], zone: tzinfo | None, key: str = "date"
) -> tuple[datetime | None, str | None]:
    """Read the time of a record; the local time only where there is no other."""
    local = _local(record.get(key))
    stated = record.get(f"{key}_unixtime")
    moment = seconds(stated)
    at = None if moment is None else utc_time(moment)
    if at is not None:
        if local is None or local.tzinfo is not None:
            return at, None
        apart = (local - at.replace(tzinfo=None)).total_seconds()
        agree = abs(apart) <= _FURTHEST and apart % 900 == 0
        return at, None if agree else "date and date_unixtime do not agree"
    if stated is not None:
        note = "date_unixtime cannot be read"
        return (None, note) if local is None else _zoned(local, zone, note)
    return (None, "no time stated") if local is None else _zoned(local, zone, None)


def _local(value: Any) -> datetime | None:
    try:
        return datetime.fromisoformat(value) if isinstance(value, str) else None
    except ValueError:
        return None


def _zoned(
    local: datetime, zone: tzinfo | None, note: str | None
) -> tuple[datetime | None, str | None]:
    if local.tzinfo is not None:
        return local, joined(note)
    return local_time(local, zone, note)
