"""Reads the date and time at the head of a WhatsApp message, and infers the order of day and month.

`05/06/24` is 5 June or 6 May. Which, is decided for a file as a whole: by a date that is possible
in one order only, else by the only order in which the messages ascend in time, which is said;
where neither decides, the times are left open. Lines whose head has another form than most of the
file's are text: chats are pasted into chats.
"""

import re
from collections import Counter
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from typing import NamedTuple

from palermo.formats.material.wall_clock import MINUTES, joined
from palermo.formats.material.whatsapp_words import AFTERNOON, MORNING

#: Marks of writing direction, which phones strew into dates and names.
MARKS = "\u200e\u200f\u061c\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\ufeff"
_M = f"[{MARKS}]*"
_S = "[ \u00a0\u2009\u202f]"
_WORD = r"[^\W\d_](?:[^\W\d_]|[.\u0900-\u0fff \u00a0\u202f]){0,13}"
_HEAD = re.compile(
    rf"{_M}(?P<open>\[)?{_M}(?P<a>\d{{1,4}}){_M}(?P<dash>[./-]){_M}(?P<spaced>{_S}?)(?P<b>\d{{1,2}}){_M}(?P=dash)"
    rf"{_M}{_S}?(?P<c>\d{{1,4}})(?P<point>\.?)(?:{_S}?г\.)?{_M}(?P<comma>[,،]?){_M}{_S}{_M}"
    rf"(?:(?P<before>{_WORD}?){_M}{_S}?{_M})?"
    rf"(?P<hour>\d{{1,2}}){_M}[:.]{_M}(?P<minute>\d{{2}})(?:{_M}[:.]{_M}(?P<second>\d{{2}}))?"
    rf"(?:{_M}{_S}?(?P<after>{_WORD}?))?{_M}"
    rf"(?(open)\]|{_S}[-–]){_S}{_M}"
)
_BEGINNINGS = ("[", *MARKS)
#: WhatsApp began in 2009. Thai phones count from the Buddha's death, 543 years earlier.
_FIRST, _LAST, _BUDDHIST = 2009, 2099, 543
#: Messages may stand a little out of order: phones were offline, clocks were changed.
_SLACK = timedelta(days=1)
_ORDERS = {"day first": (2, 1, 0), "month first": (2, 0, 1), "year first": (0, 1, 2)}

_USUAL = ("day first", "month first")
_YEAR = "year first"
#: So many times more impossible dates exclude an order; fewer than a few exclude none for certain.
_OUTLIERS, _FEW = 10, 3
#: Which orders a date can have, by where its year stands.
_CANDIDATES = {"first": (_YEAR,), "last": _USUAL, "short": (*_USUAL, _YEAR)}

NOT_CERTAIN = "day and month not certain"
_NO_DATE = "no date of the calendar in use"


class Form(NamedTuple):
    """What all heads of one export have in common."""

    bracket: bool
    dash: str
    comma: bool
    seconds: bool
    halves: str
    year: str


@dataclass(frozen=True, slots=True)
class Stamp:
    """The head of a line: numbers as they stand, the word for the half of the day, the rest."""

    numbers: tuple[int, int, int]
    form: Form
    hour: int
    minute: int
    second: int | None
    half: str
    stated: str
    rest: str


def read_stamp(line: str) -> Stamp | None:
    """Return the head of a line, or None if it has none."""
    if not (line[:1].isdecimal() or line.startswith(_BEGINNINGS)):
        return None  # nearly always, and much sooner
    found = _HEAD.match(line)
    if found is None:
        return None
    numbers = (int(found["a"]), int(found["b"]), int(found["c"]))
    hour, minute, second = int(found["hour"]), int(found["minute"]), found["second"]
    if hour > 24 or minute > 59 or int(second or 0) > 59:
        return None
    halves = [(where, _half(found[where])) for where in ("before", "after") if found[where]]
    known = next((pair for pair in halves if pair[1] in MORNING | AFTERNOON), None)
    form = Form(
        bracket=found["open"] is not None,
        dash=found["dash"],
        comma=bool(found["comma"]),
        seconds=second is not None,
        halves=known[0] if known else "",
        year=_place_of_year(found),
    )
    return Stamp(
        numbers=numbers,
        form=form,
        hour=hour,
        minute=minute,
        second=None if second is None else int(second),
        half=known[1] if known else (halves[-1][1] if halves else ""),
        stated=found[0].strip(f"{MARKS}[]-– "),
        rest=line[found.end() :],
    )


def _place_of_year(found: re.Match[str]) -> str:
    if len(found["a"]) > 2:
        return "first"
    if len(found["c"]) > 2:
        return "last"
    # `20. 12. 31.` is how Korean writes it; no other language puts a short year before a point
    # (Unicode CLDR, short date formats; before a slash or hyphen some do).
    if found["dash"] == ".":
        return "first" if found["spaced"] and found["point"] else "last"
    return "short"


def _half(word: str) -> str:
    return re.sub(rf"[{MARKS}.\s\u00a0\u202f]", "", word).lower()


@dataclass(slots=True)
class _Trial:
    """How the dates of a form fare when read in one order."""

    impossible: int = 0
    back: int = 0
    last: date | None = None


@dataclass(slots=True)
class Survey:
    """What the heads of a whole file tell; `add` each, then ask for the `reading`."""

    _forms: Counter[Form] = field(default_factory=Counter)
    _trials: dict[Form, dict[str, _Trial]] = field(default_factory=dict)
    _hours24: set[Form] = field(default_factory=set)

    def add(self, stamp: Stamp) -> None:
        """Take the head of one line into account."""
        self._forms[stamp.form] += 1
        if not stamp.form.halves and (stamp.hour > 12 or stamp.hour == 0):
            self._hours24.add(stamp.form)
        trials = self._trials.setdefault(stamp.form, {order: _Trial() for order in _ORDERS})
        for order, trial in trials.items():
            day = _date(stamp, order)
            if day is None:
                trial.impossible += 1
                continue
            if trial.last is not None and day < trial.last - _SLACK:
                trial.back += 1
            trial.last = day

    def reading(self) -> "Reading | None":
        """Return how this file's heads are to be read; None if it has none."""
        if not self._forms:
            return None
        form = self._forms.most_common(1)[0][0]
        trials = {order: self._trials[form][order] for order in _CANDIDATES[form.year]}
        order, rivals = _decided(trials)
        return Reading(form, order, rivals, hours24=form in self._hours24)


def _decided(trials: dict[str, _Trial]) -> tuple[str | None, tuple[str, ...]]:
    """Return the order, None if it stays open, and the orders that cannot be excluded."""
    ranks = sorted(trials, key=lambda order: trials[order].impossible)
    least = trials[ranks[0]].impossible
    # Anyone can write a line into a chat that looks like the head of a message: a few against
    # very many decide nothing, and a few alone decide nothing for certain.
    possible = [
        order
        for order in ranks
        if trials[order].impossible <= (_OUTLIERS * least if order in _USUAL else 0)
    ]
    if len(possible) == 1:
        order, *_ = possible
        others = [trials[other].impossible for other in ranks if other in _USUAL and other != order]
        doubtful = trials[order].back > 0 and min(others, default=_FEW) < _FEW
        return order, (order, *_USUAL) if doubtful else (order,)
    if least:
        # Some dates can only be read in one order, some only in another: each for itself.
        return None, _USUAL
    fewest = min(trials[order].back for order in possible)
    if fewest == 0 and any(trials[order].back == 0 for order in possible if order in _USUAL):
        # Two digits of a year in front are rare: taken only where the usual orders fail.
        possible = [name for name in possible if name in _USUAL or trials[name].back == 0]
    best = [order for order in possible if trials[order].back == fewest]
    usual = [order for order in best if order in _USUAL] or best
    clearly = all(
        trials[order].back > 10 * fewest for order in possible if order not in {*usual, _YEAR}
    )
    if len(usual) == 1 and clearly:
        return usual[0], tuple(possible)
    return None, tuple(order for order in possible if order in _USUAL) or tuple(possible)


@dataclass(frozen=True, slots=True)
class Reading:
    """How the heads of one file are read: in `order`, while `rivals` cannot be excluded."""

    form: Form
    order: str | None
    rivals: tuple[str, ...]
    hours24: bool

    def time(self, stamp: Stamp) -> tuple[datetime | None, str | None]:
        """Return the local time of a message, and what it leaves open."""
        day, note = self._day(stamp)
        if day is None:
            return None, note
        hour = self._hour(stamp)
        if hour is None:
            return None, joined(note, "half of the day not known")
        at = datetime.combine(day, time(hour % 24, stamp.minute, stamp.second or 0))
        return at, joined(MINUTES if stamp.second is None else None, note)

    def _day(self, stamp: Stamp) -> tuple[date | None, str | None]:
        # 13/13 is no date, and 25/12 and 05/05 are one in whatever order.
        days = {day for order in self.rivals if (day := _date(stamp, order)) is not None}
        if self.order is None:
            if len(days) == 1:
                return days.pop(), _era(stamp)
            return None, NOT_CERTAIN if days else _NO_DATE
        day = _date(stamp, self.order)
        if day is None:
            return None, _NO_DATE
        note = f"{NOT_CERTAIN}: read {self.order}" if days - {day} else None
        return day, joined(note, _era(stamp))

    def _hour(self, stamp: Stamp) -> int | None:
        if stamp.half in AFTERNOON:
            return stamp.hour % 12 + 12 if stamp.hour <= 12 else stamp.hour
        if stamp.half in MORNING:
            return stamp.hour % 12 if stamp.hour <= 12 else stamp.hour
        return stamp.hour if self.hours24 or not stamp.half else None


def _date(stamp: Stamp, order: str) -> date | None:
    return _day_of(stamp.numbers, order)


@lru_cache(maxsize=4096)
def _day_of(numbers: tuple[int, int, int], order: str) -> date | None:
    year, month, day = (numbers[place] for place in _ORDERS[order])
    if year < 100:
        year += 2000
    elif year >= _FIRST + _BUDDHIST:
        year -= _BUDDHIST
    try:
        return date(year, month, day) if _FIRST <= year <= _LAST else None
    except ValueError:
        return None


def _era(stamp: Stamp) -> str | None:
    return "Buddhist era" if max(stamp.numbers) >= _FIRST + _BUDDHIST else None
