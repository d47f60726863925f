"""Unusual look-ups, by rules that a person can read and contradict (`anomalies.yaml`).

Guarantees that whatever is shown says why it is shown, in numbers, and what would be an innocent
reason; that a rule which lacks the history to compare with stays silent; and that nothing here
reads the clock or the database: it is a function of counts.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cache
from importlib.resources import files
from statistics import median
from typing import Any

import yaml

LOOK = "consultation"
REFUSAL = "refusal"
OPENED = "opening"
#: Acts by which somebody works in a case, other than looking.
WORK = frozenset({"collection", "alteration", "disclosure", "combination", "erasure"})


@dataclass(frozen=True, slots=True)
class Acts:
    """So many acts of one kind in one hour, by one person, in one case or (None) in none."""

    person: int
    case: int | None
    hour: datetime
    kind: str
    number: int
    what: str = ""
    own_name: bool = False


@dataclass(frozen=True, slots=True)
class Ended:
    """A membership that ended."""

    person: int
    case: int
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """A rule of the file; `numbers` are what its test compares with."""

    rule: str
    title: str
    why: str
    innocent: str
    source: str
    test: str
    numbers: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Anomaly:
    """Something unusual: which rule, whose, when, where, and the numbers that made it show."""

    rule: Rule
    person: int
    case: int | None
    since: datetime
    until: datetime
    number: int
    usual: float | None


@dataclass(frozen=True, slots=True)
class Rules:
    """The file."""

    rules: tuple[Rule, ...]
    window: timedelta
    history: timedelta
    source: str


_WORDS = frozenset({"rule", "title", "why", "innocent", "source", "test"})


@cache
def rules() -> Rules:
    """Return the rules of the file.

    Raises:
        ValueError: a rule names a test that there is not, or lacks a word.
    """
    raw = yaml.safe_load(files(__package__).joinpath("anomalies.yaml").read_text("utf-8"))
    found = []
    for one in raw["rules"]:
        if missing := sorted(_WORDS - one.keys()):
            raise ValueError(f"anomalies.yaml: rule {one.get('rule')} lacks {', '.join(missing)}")
        if one["test"] not in _TESTS:
            raise ValueError(f"anomalies.yaml: rule {one['rule']}: no test {one['test']!r}")
        numbers = {name: value for name, value in one.items() if name not in _WORDS}
        found.append(Rule(**{word: one[word] for word in _WORDS}, numbers=numbers))
    return Rules(
        rules=tuple(found),
        window=timedelta(days=raw["window"]),
        history=timedelta(days=raw["history"]),
        source=raw["source"],
    )


def find(
    acts: Iterable[Acts], ended: Iterable[Ended], *, at: datetime, by: Rules | None = None
) -> list[Anomaly]:
    """Return what is unusual in the window before `at`, the newest first."""
    book = by or rules()
    known = [one for one in acts if at - book.history <= one.hour < at]
    ends = [one for one in ended if at - book.window <= one.at < at]
    begins = at - book.window
    found = [
        anomaly
        for rule in book.rules
        for anomaly in _TESTS[rule.test](rule, known, ends)
        if anomaly.until > begins
    ]
    return sorted(found, key=lambda one: (one.until, one.person, one.rule.rule), reverse=True)


def _per_day(rule: Rule, acts: list[Acts], _: list[Ended]) -> Iterator[Anomaly]:
    """Cases looked at in a day, against the person's usual day."""
    days: dict[int, dict[date, set[int]]] = defaultdict(lambda: defaultdict(set))
    for one in acts:
        if one.kind == LOOK and one.case is not None:
            days[one.person][one.hour.date()].add(one.case)
    for person, cases in days.items():
        numbers = {day: len(seen) for day, seen in cases.items()}
        for day, number, usual in _out_of_range(rule, numbers):
            since = _midnight(day, acts)
            yield Anomaly(rule, person, None, since, since + timedelta(days=1), number, usual)


def _per_hour(rule: Rule, acts: list[Acts], _: list[Ended]) -> Iterator[Anomaly]:
    """Look-ups in an hour, against the person's usual hour."""
    hours: dict[int, Counter[datetime]] = defaultdict(Counter)
    for one in acts:
        if one.kind == LOOK:
            hours[one.person][one.hour] += one.number
    for person, numbers in hours.items():
        for hour, number, usual in _out_of_range(rule, numbers):
            yield Anomaly(rule, person, None, hour, hour + timedelta(hours=1), number, usual)


def _outside_hours(rule: Rule, acts: list[Acts], _: list[Ended]) -> Iterator[Anomaly]:
    """Look-ups at an hour of the day at which the person, on other days, hardly ever looks."""
    looks: dict[int, Counter[datetime]] = defaultdict(Counter)
    for one in acts:
        if one.kind == LOOK:
            looks[one.person][one.hour] += one.number
    for person, hours in looks.items():
        for hour, number in hours.items():
            others = {when: n for when, n in hours.items() if when.date() != hour.date()}
            all_others = sum(others.values())
            then = sum(n for when, n in others.items() if when.hour == hour.hour)
            if (
                number >= rule.numbers["at_least"]
                and all_others >= rule.numbers["least_history"]
                and then <= rule.numbers["share"] * all_others
            ):
                end = hour + timedelta(hours=1)
                yield Anomaly(rule, person, None, hour, end, number, float(then))


def _never_worked_in(rule: Rule, acts: list[Acts], _: list[Ended]) -> Iterator[Anomaly]:
    """A case opened several times and read in, without anything ever done in it."""
    seen: dict[tuple[int, int], list[Acts]] = defaultdict(list)
    for one in acts:
        if one.case is not None:
            seen[one.person, one.case].append(one)
    for (person, case), group in seen.items():
        opened = sum(one.number for one in group if one.what == OPENED and one.kind != REFUSAL)
        looks = [one for one in group if one.kind == LOOK]
        number = sum(one.number for one in looks)
        if (
            opened >= rule.numbers["times"]
            and number >= rule.numbers["at_least"]
            and not any(one.kind in WORK for one in group)
        ):
            hours = [one.hour for one in looks]
            end = max(hours) + timedelta(hours=1)
            yield Anomaly(rule, person, case, min(hours), end, number, None)


def _own_name(rule: Rule, acts: list[Acts], _: list[Ended]) -> Iterator[Anomaly]:
    """A word of one's own name asked for."""
    for one in acts:
        if one.own_name and one.number >= rule.numbers["at_least"]:
            end = one.hour + timedelta(hours=1)
            yield Anomaly(rule, one.person, one.case, one.hour, end, one.number, None)


def _refusals(rule: Rule, acts: list[Acts], _: list[Ended]) -> Iterator[Anomaly]:
    """Refused repeatedly within an hour."""
    hours: Counter[tuple[int, datetime]] = Counter()
    for one in acts:
        if one.kind == REFUSAL:
            hours[one.person, one.hour] += one.number
    for (person, hour), number in hours.items():
        if number >= rule.numbers["at_least"]:
            yield Anomaly(rule, person, None, hour, hour + timedelta(hours=1), number, None)


def _before_leaving(rule: Rule, acts: list[Acts], ended: list[Ended]) -> Iterator[Anomaly]:
    """Many look-ups in a case shortly before one's membership of it ended."""
    for end in ended:
        days: Counter[date] = Counter()
        begins, late = end.at - timedelta(hours=rule.numbers["hours"]), 0
        for one in acts:
            if one.kind == LOOK and one.person == end.person and one.case == end.case:
                if begins <= one.hour < end.at:
                    late += one.number
                elif one.hour < begins:
                    days[one.hour.date()] += one.number
        # Two days may hold twice what is usual in one.
        usual = median(days.values()) * rule.numbers["hours"] / 24 if days else 0.0
        if late >= rule.numbers["at_least"] and late > rule.numbers["factor"] * usual:
            yield Anomaly(rule, end.person, end.case, begins, end.at, late, usual)


def _out_of_range(rule: Rule, numbers: Mapping[Any, int]) -> Iterator[tuple[Any, int, float]]:
    """Yield where a number is many times the median of the others, if there are enough others."""
    for where, number in numbers.items():
        others = [n for elsewhere, n in numbers.items() if elsewhere != where]
        if number < rule.numbers["at_least"] or len(others) < rule.numbers["least_history"]:
            continue
        usual = median(others)
        if number >= rule.numbers["factor"] * usual:
            yield where, number, usual


def _midnight(day: date, acts: list[Acts]) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=acts[0].hour.tzinfo)


_TESTS: Mapping[str, Callable[[Rule, list[Acts], list[Ended]], Iterator[Anomaly]]] = {
    "per_day": _per_day,
    "per_hour": _per_hour,
    "outside_hours": _outside_hours,
    "never_worked_in": _never_worked_in,
    "own_name": _own_name,
    "refusals": _refusals,
    "before_leaving": _before_leaving,
}
