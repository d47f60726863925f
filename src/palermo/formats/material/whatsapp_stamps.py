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
from typing import NamedTuple

from palermo.formats.material.wall_clock import MINUTES, joined
from palermo.formats.material.whatsapp_words import AFTERNOON, MORNING

#: Marks of writing direction, which phones strew into dates and names.
MARKS = "\u200e\u200f\u061c\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\ufeff"
_M = f"[{MARKS}]*"
_S = "[ \u00a0\u2009\u202f]"
_WORD = r"[^\W\d_](?:[^\W\d_]|[.\u0900-\u0fff \u00a0\u202f]){0,13}"
_HEAD = re.compile(
    rf"{_M}(?P<open>\[)?{_M}(?P<a>\d{{1,4}}){_M}(?P<dash>[./-]){_M}{_S}?(?P<b>\d{{1,2}}){_M}(?P=dash)"
    rf"{_M}{_S}?(?P<c>\d{{1,4}})\.?(?:{_S}?г\.)?{_M}(?P<comma>[,،]?){_M}{_S}{_M}"
    rf"(?:(?P<before>{_WORD}?){_M}{_S}?{_M})?"
    rf"(?P<hour>\d{{1,2}}){_M}[:.]{_M}(?P<minute>\d{{2}})(?:{_M}[:.]{_M}(?P<second>\d{{2}}))?"
    rf"(?:{_M}{_S}?(?P<after>{_WORD}?))?{_M}"
    rf"(?(open)\]|{_S}[-–]){_S}{_M}"
)
#: WhatsApp began in 2009. Thai phones count from the Buddha's death, 543 years earlier.
_FIRST, _LAST, _BUDDHIST = 2009, 2099, 543
#: Messages may stand a little out of order: phones were offline, clocks were changed.
_SLACK = timedelta(days=1)
_ORDERS = {"day first": (2, 1, 0), "month first": (2, 0, 1), "year first": (0, 1, 2)}

NOT_CERTAIN = "day and month not certain"


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
        year="first" if len(found["a"]) > 2 else "last" if len(found["c"]) > 2 else "short",
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
        form, count = self._forms.most_common(1)[0]
        trials = self._trials[form]
        names = {"first": ["year first"], "last": ["day first", "month first"]}.get(form.year)
        if names is None:
            # Two digits for the year in front are possible, but only where nothing else is.
            names = ["day first", "month first"]
            if all(trials[name].impossible == count for name in names):
                names = ["year first"]
        order, certain = _decided({name: trials[name] for name in names})
        return Reading(form, order, certain=certain, hours24=form in self._hours24)


def _decided(trials: dict[str, _Trial]) -> tuple[str | None, bool]:
    """Return the order, and whether it is certain."""
    possible = [order for order, trial in trials.items() if not trial.impossible]
    if len(possible) == 1:
        return possible[0], True
    if not possible:
        # Some dates can only be read in one order, some only in the other.
        return (next(iter(trials)), True) if len(trials) == 1 else (None, False)
    backs = sorted((trial.back, order) for order, trial in trials.items())
    (fewest, order), (more, _) = backs[:2]
    ascending = fewest == 0 and more > 0
    return (order, False) if ascending or more > 10 * fewest > 0 else (None, False)


@dataclass(frozen=True, slots=True)
class Reading:
    """How the heads of one file are read."""

    form: Form
    order: str | None
    certain: bool
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
        if self.order is not None:
            day = _date(stamp, self.order)
            if day is None:
                return None, "no date of the calendar in use"
            others = {_date(stamp, order) for order in ("day first", "month first")}
            if self.certain or self.order == "year first" or others == {day}:
                return day, _era(stamp)
            return day, joined(f"{NOT_CERTAIN}: read {self.order}", _era(stamp))
        both = {_date(stamp, order) for order in ("day first", "month first")} - {None}
        if len(both) == 1:  # 13/13 is none, 25/12 and 05/05 are one
            return both.pop(), _era(stamp)
        return None, NOT_CERTAIN if both else "no date of the calendar in use"

    def _hour(self, stamp: Stamp) -> int | None:
        if stamp.half in AFTERNOON:
            return stamp.hour % 12 + 12 if stamp.hour <= 12 else stamp.hour
        if stamp.half in MORNING:
            return stamp.hour % 12 if stamp.hour <= 12 else stamp.hour
        return stamp.hour if self.hours24 or not stamp.half else None


def _date(stamp: Stamp, order: str) -> date | None:
    year, month, day = (stamp.numbers[place] for place in _ORDERS[order])
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
