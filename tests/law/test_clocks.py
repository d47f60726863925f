"""Deadlines and retention follow from events alone."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from palermo.law import Event, deadlines, law_book, retention

BOOK = law_book()
T0 = datetime(2026, 11, 2, 9, 0, tzinfo=UTC)


def event(kind: str, after_hours: float = 0, *facts: str, subject: str = "o") -> Event:
    return Event(
        kind=kind, at=T0 + timedelta(hours=after_hours), subject=subject, facts=frozenset(facts)
    )


def due_of(rule: str, *events: Event, pack: str = "eu") -> datetime | None:
    (found,) = [one for one in deadlines(BOOK, pack, events) if one.rule.key == f"{pack}/{rule}"]
    return found.due


def keys(*events: Event) -> set[str]:
    return {one.rule.key.partition("/")[2] for one in deadlines(BOOK, "eu", events)}


def test_the_facts_of_an_order_choose_its_deadline() -> None:
    assert keys(event("epoc-received")) == {"epoc-10-days", "epoc-objection"}
    assert keys(event("epoc-received", 0, "notified")) == {"epoc-not-before", "epoc-objection"}
    emergency = keys(event("epoc-received", 0, "notified", "emergency"))
    assert emergency == {"epoc-emergency", "epoc-objection"}


def test_ten_days_eight_hours_and_five_working_days() -> None:
    assert due_of("epoc-10-days", event("epoc-received")) == T0 + timedelta(days=10)
    assert due_of("epoc-emergency", event("epoc-received", 0, "emergency")) == T0 + timedelta(
        hours=8
    )
    requested = event("enforcement-requested")  # a Monday
    assert due_of("epoc-recognition", requested) == T0 + timedelta(days=7)


def test_an_earliest_moment_is_rounded_up_to_the_end_of_its_day() -> None:
    found = due_of("epoc-not-before", event("epoc-received", 0, "notified"))
    assert found == datetime(2026, 11, 13, 0, 0, tzinfo=UTC)


def test_the_clock_stands_still_while_a_clarification_is_open() -> None:
    received, asked = event("epoc-received"), event("clarification-requested", 24)
    assert due_of("epoc-10-days", received, asked) is None
    given_ = event("clarification-given", 72)
    assert due_of("epoc-10-days", received, asked, given_) == T0 + timedelta(days=12)
    other = event("clarification-requested", 24, subject="another")
    assert due_of("epoc-10-days", received, other) == T0 + timedelta(days=10)


def test_overdue_is_judged_at_a_time_that_is_passed_in() -> None:
    received = event("epoc-received", 0, "emergency")
    (open_,) = [d for d in deadlines(BOOK, "eu", [received]) if "emergency" in d.rule.key]
    assert not open_.overdue(T0 + timedelta(hours=8))
    assert open_.overdue(T0 + timedelta(hours=8, seconds=1))
    met = deadlines(BOOK, "eu", [received, event("data-transmitted", 7)])
    assert not any(one.overdue(T0 + timedelta(days=99)) for one in met)


def test_calendar_days_are_those_of_the_zone_that_is_asked_for() -> None:
    # 23:30 UTC on the 2nd is the 3rd in Paris: the end of the tenth day is a day later.
    late = Event(
        kind="epoc-received",
        at=datetime(2026, 11, 2, 23, 30, tzinfo=UTC),
        facts=frozenset({"notified"}),
    )
    paris = ZoneInfo("Europe/Paris")
    (found,) = [one for one in deadlines(BOOK, "eu", [late], zone=paris) if one.rule.earliest]
    assert found.due == datetime(2026, 11, 14, 0, 0, tzinfo=paris)


def test_a_rule_that_was_not_in_force_sets_nothing_off() -> None:
    early = Event(kind="epoc-received", at=datetime(2026, 8, 17, tzinfo=UTC))
    assert deadlines(BOOK, "eu", [early]) == ()


def test_retention_and_holds() -> None:
    kept = event("epoc-preservation-received")
    (free,) = retention(BOOK, "eu", [kept])
    assert free.erase_at == T0 + timedelta(days=60)
    assert not free.held
    (held,) = retention(BOOK, "eu", [kept, event("production-request-confirmed", 24)])
    assert held.held
    assert held.erase_at is None
    done = [kept, event("production-request-confirmed", 24), event("data-transmitted", 48)]
    (after,) = retention(BOOK, "eu", done)
    assert not after.held
    (report,) = retention(BOOK, "eu", [event("report-published")])
    assert report.keep_until == T0.replace(year=2031)
    assert report.erase_at is None


@given(
    st.lists(
        st.builds(
            event,
            st.sampled_from(
                [
                    "epoc-received",
                    "clarification-requested",
                    "clarification-given",
                    "data-transmitted",
                ]
            ),
            st.floats(0, 500, allow_nan=False),
        ),
        max_size=8,
    ),
    st.randoms(use_true_random=False),
)
def test_the_order_in_which_events_are_told_does_not_matter(
    events: list[Event], random: object
) -> None:
    shuffled = list(events)
    random.shuffle(shuffled)  # type: ignore[attr-defined]  # hypothesis gives a random.Random
    times = {one.at for one in events}
    if len(times) == len(events):
        assert deadlines(BOOK, "eu", events) == deadlines(BOOK, "eu", shuffled)


@given(st.floats(1, 100), st.floats(1, 100))
def test_a_pause_moves_the_deadline_by_exactly_its_length(start: float, length: float) -> None:
    found = due_of(
        "epoc-10-days",
        event("epoc-received"),
        event("clarification-requested", start),
        event("clarification-given", start + length),
    )
    assert found is not None
    moved = found - T0 - timedelta(days=10)
    assert abs(moved - timedelta(hours=length)) < timedelta(milliseconds=1)
