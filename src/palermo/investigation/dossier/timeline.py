"""Items over time: bins of equal meaning, and bars whose height and place follow the numbers.

Days are days in UTC. Empty bins are not stored; a bar stands where its date is, so gaps show.
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Literal

from palermo.investigation.dossier.content import Timeline

Unit = Literal["day", "week", "month", "year"]

WIDTH, HEIGHT = 960, 170
_LEFT, _RIGHT, _TOP, _BASE = 56, 16, 16, 136
_DAYS: dict[Unit, int] = {"day": 1, "week": 7, "month": 30, "year": 365}


def _bin(day: date, unit: Unit) -> date:
    if unit == "week":
        return day - timedelta(days=day.weekday())
    if unit == "month":
        return day.replace(day=1)
    return day.replace(month=1, day=1) if unit == "year" else day


def timeline(times: Iterable[datetime | None]) -> Timeline:
    """Count `times` by day, week (from Monday), month or year, so that at most some 120 bins show.

    `None` counts as undated. Raises ValueError for a time without a zone.
    """
    days: Counter[date] = Counter()
    undated = 0
    for moment in times:
        if moment is None:
            undated += 1
        elif moment.tzinfo is None:
            raise ValueError("a time has no time zone: expected timezone-aware times")
        else:
            days[moment.astimezone(UTC).date()] += 1
    if not days:
        return Timeline(undated=undated)
    span = (max(days) - min(days)).days
    unit: Unit = (
        "day" if span <= 92 else "week" if span <= 730 else "month" if span <= 3650 else "year"
    )
    bins: Counter[date] = Counter()
    for day, number in days.items():
        bins[_bin(day, unit)] += number
    return Timeline(unit=unit, bins=tuple(sorted(bins.items())), undated=undated)


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar in drawing units, with its date and count."""

    x: float
    y: float
    width: float
    height: float
    day: date
    count: int


@dataclass(frozen=True, slots=True)
class Bars:
    """A drawn timeline: bars, levels (y, count) and dated ticks (x, day, anchor)."""

    bars: tuple[Bar, ...]
    levels: tuple[tuple[float, int], ...]
    ticks: tuple[tuple[float, date, str], ...]
    width: int = WIDTH
    height: int = HEIGHT
    left: int = _LEFT
    right: int = WIDTH - _RIGHT
    base: int = _BASE


def _levels(top: int) -> list[int]:
    """Give round numbers between 0 and `top` for the scale: at most four, and always one."""
    step = 1
    while top // step > 4:
        step = {1: 2, 2: 5, 5: 10}[int(str(step)[0])] * 10 ** (len(str(step)) - 1)
    return list(range(step, top + 1, step)) or [top]


def draw(line: Timeline) -> Bars:
    """Lay `line` (at least one bin) out in a field of WIDTH x HEIGHT."""
    first = line.bins[0][0].toordinal()
    days = line.bins[-1][0].toordinal() - first + _DAYS[line.unit]
    top = max(count for _, count in line.bins)
    scale = (WIDTH - _LEFT - _RIGHT) / max(days, 14)  # a lone day is a bar, not a wall

    def across(day: date) -> float:
        return round(_LEFT + (day.toordinal() - first) * scale, 1)

    def up(count: int) -> float:
        return round(_BASE - (_BASE - _TOP) * count / top, 1)

    width = round(max(_DAYS[line.unit] * scale * 0.86, 1.5), 1)
    bars = tuple(
        Bar(across(day), up(n), width, round(_BASE - up(n), 1), day, n) for day, n in line.bins
    )
    ticks: list[tuple[float, date, str]] = []
    for fifth in range(5):
        day = date.fromordinal(first + (line.bins[-1][0].toordinal() - first) * fifth // 4)
        x = across(day)
        if not ticks or x - ticks[-1][0] >= 110:
            ticks.append((x, day, "end" if x > WIDTH - 90 else "start" if x < 100 else "middle"))
    return Bars(bars, tuple((up(n), n) for n in _levels(top)), tuple(ticks))
