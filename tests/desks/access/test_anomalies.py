"""The rules of unusual look-ups: each shows what it should, and is silent about what is usual."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from palermo.desks.access.anomalies import LOOK, OPENED, REFUSAL, Acts, Anomaly, Ended, find, rules

#: A Monday noon; everything lies before it.
NOW = datetime(2026, 3, 30, 12, tzinfo=UTC)
DAY, HOUR = timedelta(days=1), timedelta(hours=1)


def at(days: int, hour: int = 9) -> datetime:
    """So many days ago, at an hour."""
    return (NOW - days * DAY).replace(hour=hour)


def look(days: int, hour: int = 9, case: int | None = 1, number: int = 10, who: int = 1) -> Acts:
    return Acts(who, case, at(days, hour), LOOK, number, "item")


def usual() -> list[Acts]:
    """Forty days on which the person looks at one case at nine and at ten."""
    return [look(days, hour) for days in range(2, 42) for hour in (9, 10)]


def shown(acts: list[Acts], *ended: Ended) -> dict[str, list[Anomaly]]:
    found: dict[str, list[Anomaly]] = {}
    for one in find(acts, ended, at=NOW):
        found.setdefault(one.rule.rule, []).append(one)
    return found


def test_the_usual_shows_nothing() -> None:
    assert shown([]) == {}
    quiet = shown(usual())
    assert set(quiet) <= {"never-worked-in"}


CASES: dict[str, tuple[Callable[[], list[Acts]], Callable[[], list[Acts]]]] = {
    "many-cases": (
        lambda: [look(1, case=case) for case in range(1, 9)],
        lambda: [look(1, case=case) for case in range(1, 5)],
    ),
    "many-looks": (lambda: [look(1, number=60)], lambda: [look(1, number=59)]),
    "outside-hours": (
        lambda: [look(1, hour=3, number=5)],
        lambda: [look(1, hour=3, number=4)],
    ),
    "refusals": (
        lambda: [Acts(1, None, at(1), REFUSAL, 3, w) for w in ("duty", "read")],
        lambda: [Acts(1, None, at(1, hour), REFUSAL, 3, "duty") for hour in (9, 10)],
    ),
    "own-name": (
        lambda: [Acts(1, 1, at(1), "own_name", 1, own_name=True)],
        lambda: [look(1)],
    ),
    "never-worked-in": (
        lambda: [
            Acts(1, 7, at(1), "access", 3, OPENED),
            look(1, case=7, number=20),
        ],
        lambda: [
            Acts(1, 7, at(1), "access", 3, OPENED),
            look(1, case=7, number=20),
            Acts(1, 7, at(1), "alteration", 1, "note"),
        ],
    ),
}


@pytest.mark.parametrize("rule", CASES)
def test_a_rule_shows_what_is_unusual_and_not_what_is_nearly_so(rule: str) -> None:
    unusual, nearly = CASES[rule]
    (one,) = shown([*usual(), *unusual()])[rule]
    assert one.person == 1
    assert one.until.date() >= at(1).date()
    assert rule not in shown([*usual(), *nearly()])


def test_a_person_is_compared_with_themselves_and_not_with_others() -> None:
    busy = [look(days, case=case, who=2) for days in range(1, 30) for case in range(1, 9)]
    found = shown([*usual(), *busy])
    assert "many-cases" not in found


def test_a_rule_without_history_to_compare_with_is_silent() -> None:
    assert shown([look(1, case=case) for case in range(1, 20)]) == {}
    assert shown([look(1, hour=3, number=50)]) == {}


def test_looks_before_leaving_show_the_number_and_what_was_usual() -> None:
    left = Ended(1, 1, at(1, 18))
    calm = [look(days) for days in range(5, 25)]
    (one,) = shown([*calm, look(2, number=70), look(1, number=30)], left)["before-leaving"]
    assert (one.number, one.usual, one.case) == (100, 20.0, 1)
    assert "before-leaving" not in shown([*calm, look(2), look(1)], left)
    other = [*calm, look(2, number=70, case=2), look(1, number=30, case=2)]
    assert "before-leaving" not in shown(other, left)


def test_what_lies_before_the_window_is_history_and_not_shown() -> None:
    old = [Acts(1, None, at(40), REFUSAL, 50, "duty")]
    assert shown(old) == {}


def test_every_rule_says_why_what_is_innocent_and_where_it_comes_from() -> None:
    assert {one.rule for one in rules().rules} == {*CASES, "before-leaving"}
    for one in rules().rules:
        assert all(len(text) > 20 for text in (one.why, one.innocent, one.source)), one.rule
    assert "2016/680" in rules().source


@given(
    st.lists(
        st.builds(
            Acts,
            st.integers(1, 3),
            st.one_of(st.none(), st.integers(1, 4)),
            st.builds(at, st.integers(0, 60), st.integers(0, 23)),
            st.sampled_from([LOOK, REFUSAL, "access", "alteration"]),
            st.integers(1, 100),
            st.sampled_from(["item", OPENED]),
        ),
        max_size=40,
    )
)
def test_nothing_is_shown_of_the_future_and_the_newest_comes_first(acts: list[Acts]) -> None:
    found = find(acts, [], at=NOW)
    assert all(one.since < NOW for one in found)
    assert [one.until for one in found] == sorted((one.until for one in found), reverse=True)
