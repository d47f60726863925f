"""What is owed, and until when: deadlines and retention as pure functions of events.

Guarantees that a due time is never a stored counter: the same events always give the same times,
each with its rule and article. Time that passes while a clock is stopped does not count.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta, tzinfo

from palermo.law.pack import DeadlineRule, LawBook, RetentionRule, Stop
from palermo.law.periods import Period, after, end_of_day


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """Something that happened to `subject` (an order, a notice, a record), with known `facts`."""

    kind: str
    at: datetime
    subject: str = ""
    facts: frozenset[str] = frozenset()

    def __post_init__(self) -> None:
        if self.at.tzinfo is None:
            raise ValueError(f"the event {self.kind} has no time zone")


@dataclass(frozen=True, slots=True, kw_only=True)
class Due:
    """One deadline of one subject. `due` is None while the clock stands still.

    `met` is when it was fulfilled, `paused` the time that did not count.
    """

    rule: DeadlineRule
    subject: str
    triggered: datetime
    due: datetime | None
    met: datetime | None
    paused: timedelta

    def overdue(self, at: datetime) -> bool:
        """Tell whether the latest moment has passed unmet at `at`, or was met too late."""
        if self.rule.earliest or self.due is None:
            return False
        return (self.met or at) > self.due


@dataclass(frozen=True, slots=True, kw_only=True)
class Keeping:
    """How long one record is kept. None means that the rule sets no such limit.

    `erase_at` is also None while `held` says that something forbids erasing.
    """

    rule: RetentionRule
    subject: str
    triggered: datetime
    keep_until: datetime | None
    review_at: datetime | None
    erase_at: datetime | None
    held: bool


def deadlines(
    book: LawBook,
    pack: str,
    events: Iterable[Event],
    *,
    zone: tzinfo | None = None,
    holidays: Collection[date] = (),
) -> tuple[Due, ...]:
    """Return the deadlines that `events` set off under `pack`, ordered by subject and due time.

    Calendar days are those of `zone`, or of the triggering event's own offset. A deadline in days
    ends at the same time of day, which is never later than the law's own counting; an earliest
    moment is rounded up to the end of its day, which is never too early.

    Raises:
        KeyError: when no pack has that name.
    """
    ordered = sorted(events, key=lambda event: event.at)
    found = [
        _due(rule, event, [one for one in ordered if one.subject == event.subject], zone, holidays)
        for rule in book.packs[pack].deadlines
        for event in ordered
        if _triggers(rule, event)
    ]
    return tuple(sorted(found, key=_order))


def _order(one: Due) -> tuple[str, bool, float, str]:
    """Order by subject and due time; clocks that stand still come last."""
    return (one.subject, one.due is None, one.due.timestamp() if one.due else 0.0, one.rule.key)


def retention(
    book: LawBook, pack: str, events: Iterable[Event], *, zone: tzinfo | None = None
) -> tuple[Keeping, ...]:
    """Return how long the records that `events` tell of are kept under `pack`, by subject.

    Raises:
        KeyError: when no pack has that name.
    """
    ordered = sorted(events, key=lambda event: event.at)
    found = [
        _keeping(rule, event, [one for one in ordered if one.subject == event.subject], zone)
        for rule in book.packs[pack].retention
        for event in ordered
        if event.kind == rule.trigger and rule.validity.holds(event.at)
    ]
    return tuple(sorted(found, key=lambda one: (one.subject, one.rule.key, one.triggered)))


def _triggers(rule: DeadlineRule, event: Event) -> bool:
    return (
        event.kind == rule.trigger
        and rule.when <= event.facts
        and not rule.unless & event.facts
        and rule.validity.holds(event.at)
    )


def _due(
    rule: DeadlineRule,
    trigger: Event,
    events: Sequence[Event],
    zone: tzinfo | None,
    holidays: Collection[date],
) -> Due:
    later = [event for event in events if event.at >= trigger.at]
    met = next((event.at for event in later if event.kind in rule.met_by), None)
    paused, standing = _paused(rule.stops, later, met)
    due = None
    if not standing:
        start = trigger.at.astimezone(zone) if zone else trigger.at
        due = after(start, rule.length, holidays=holidays) + paused
        if rule.earliest:
            due = end_of_day(due)
    return Due(
        rule=rule,
        subject=trigger.subject,
        triggered=trigger.at,
        due=due,
        met=met,
        paused=paused,
    )


def _keeping(
    rule: RetentionRule, trigger: Event, events: Sequence[Event], zone: tzinfo | None
) -> Keeping:
    start = trigger.at.astimezone(zone) if zone else trigger.at

    def end(period: Period | None) -> datetime | None:
        return None if period is None else after(start, period)

    _, held = _paused(rule.held_by, events, None)
    return Keeping(
        rule=rule,
        subject=trigger.subject,
        triggered=trigger.at,
        keep_until=end(rule.least),
        review_at=end(rule.review),
        erase_at=None if held else end(rule.most),
        held=held,
    )


def _paused(
    stops: Sequence[Stop], events: Iterable[Event], until: datetime | None
) -> tuple[timedelta, bool]:
    """Sum the time in which any stop ran (never twice), and tell whether one still runs."""
    paused, open_stops = timedelta(), set[Stop]()
    since: datetime | None = None
    for event in events:
        if until is not None and event.at > until:
            break
        open_stops = {stop for stop in open_stops if stop.ends != event.kind}
        open_stops |= {stop for stop in stops if stop.begins == event.kind}
        if open_stops and since is None:
            since = event.at
        elif since is not None and not open_stops:
            paused += event.at - since
            since = None
    return paused, since is not None and until is None
