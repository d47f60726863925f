"""How long an authority may last under a regime.

Guarantees that renewals are counted one after the other, never as one long period, and that summer
time neither lengthens nor shortens a period that is counted in days or months.
"""

from datetime import datetime, timedelta

from palermo.law.pack import Regime
from palermo.law.periods import Period, Unit, after


def duration(regime: Regime) -> str:
    """Say in words how long an authority under `regime` may last."""
    if regime.length is None:
        return "no limit in the law"
    words = str(regime.length)
    if regime.renewals != 0:
        count = {None: "without limit in number", 1: "once"}.get(
            regime.renewals, f"{regime.renewals} times"
        )
        each = f" by {regime.renewal}" if regime.renewal else ""
        words += f", renewable{each} {count}"
    return words + (f", {regime.total} in all" if regime.total else "")


def exceeded(start: datetime, until: datetime, regime: Regime, renewals: int) -> datetime | None:
    """Return the limit that an authority from `start` to `until` oversteps, or None.

    `renewals` is how many were granted; their number itself is not judged here.
    """
    if regime.length is None:
        return None
    chain = [regime.length] + [regime.renewal or regime.length] * renewals
    limits = [(_end(start, chain), chain[0].unit)]
    if regime.total is not None:
        limits.append((_end(start, [regime.total]), regime.total.unit))
    over = [limit for limit, unit in limits if limit is not None and _later(until, limit, unit)]
    return min(over, default=None)


def _end(start: datetime, chain: list[Period]) -> datetime | None:
    """Return the end of the periods of `chain`, one after the other; None beyond the calendar."""
    try:
        for period in chain:
            start = after(start, period)
    except OverflowError:
        return None
    return start


def _later(until: datetime, limit: datetime, unit: Unit) -> bool:
    """Tell whether `until` lies after `limit`.

    Calendar periods keep the clock on the wall and the two times may carry the offsets of winter
    and summer: then the wall-clock readings decide, if the offsets differ by no more than an hour.
    """
    if until <= limit:
        return False
    shift = (until.utcoffset() or timedelta()) - (limit.utcoffset() or timedelta())
    if unit is Unit.HOURS or abs(shift) > timedelta(hours=1):
        return True
    return until.replace(tzinfo=None) > limit.replace(tzinfo=None)
