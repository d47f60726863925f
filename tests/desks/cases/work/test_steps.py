"""The steps people decide on: what the file may not say."""

from importlib.resources import files

import pytest
import yaml

from palermo.desks.cases.deciding import follows, suggested
from palermo.desks.cases.models import Decision
from palermo.desks.cases.oversight import Act, rates, wilson
from palermo.desks.cases.steps import read_steps, steps

TEXT = files("palermo.desks.cases").joinpath("steps.yaml").read_text("utf-8")


def test_support_waits_for_nobody_and_is_not_adverse() -> None:
    support = steps().steps["support"]
    assert not support.adverse
    assert not support.needs_second


def test_every_adverse_step_takes_two_and_rests_on_the_article_on_automated_decisions() -> None:
    adverse = [one for one in steps().steps.values() if one.adverse]
    assert len(adverse) >= 3
    for one in adverse:
        assert one.needs_second
        assert any("2016/680, Article 11" in source.article for source in one.rests_on)


def test_sources_are_checked_on_a_day_or_said_to_be_unchecked() -> None:
    for step in steps().steps.values():
        for source in step.rests_on:
            assert source.checked == "unchecked" or source.checked.startswith("20")
            assert source.says
            assert source.seen


@pytest.mark.parametrize(
    ("step", "change", "said"),
    [
        ("referral", {"persons": 1}, "takes two persons"),
        ("support", {"persons": 2}, "takes one person"),
        ("nothing", {"rests_on": ["hearsay"]}, "unknown sources"),
        ("nothing", {"rests_on": []}, "rests on nothing"),
    ],
)
def test_a_file_that_contradicts_this_is_refused(
    step: str, change: dict[str, object], said: str
) -> None:
    raw = yaml.safe_load(TEXT)
    raw["steps"][step].update(change)
    with pytest.raises(ValueError, match=said):
        read_steps(yaml.safe_dump(raw))


def test_an_unknown_step_in_what_follows_is_refused() -> None:
    raw = yaml.safe_load(TEXT)
    raw["follows"]["adult_pattern"].append("arrest")
    with pytest.raises(ValueError, match="arrest"):
        read_steps(yaml.safe_dump(raw))


NOTHING = {
    "support_first": False,
    "adult_pattern": False,
    "child_review": False,
    "indicated": [],
    "open": [],
    "items": 3,
}


@pytest.mark.parametrize(
    ("found", "step", "expected"),
    [
        ({}, "nothing", True),
        ({}, "referral", False),
        ({"items": 0}, "nothing", None),
        ({"open": ["deception"]}, "referral", None),
        ({"open": ["deception"]}, "nothing", None),
        ({"support_first": True}, "support", True),
        ({"support_first": True}, "referral", False),
        ({"support_first": True}, "nothing", False),
        ({"adult_pattern": True, "indicated": ["a", "b"]}, "referral", True),
        ({"adult_pattern": True, "indicated": ["a", "b"]}, "nothing", False),
        ({"adult_pattern": True, "support_first": True}, "referral", True),
        ({"child_review": True}, "platform-notice", False),
    ],
)
def test_whether_a_step_follows_what_was_indicated(
    found: dict[str, object], step: str, expected: bool | None
) -> None:
    assert follows(step, NOTHING | found) is expected


def test_a_person_in_need_never_by_itself_suggests_a_step_against_anybody() -> None:
    assert suggested(NOTHING | {"support_first": True}) == {"support"}


@pytest.mark.parametrize(
    ("row", "state"),
    [
        ({"needs_second": True}, "waits"),
        ({"needs_second": False}, "holds"),
        ({"needs_second": True, "agreed": True}, "holds"),
        ({"needs_second": True, "agreed": False}, "refused"),
        ({"needs_second": True, "agreed": True, "undone_at": "2026-01-01"}, "undone"),
    ],
)
def test_where_a_decision_stands(row: dict[str, object], state: str) -> None:
    assert Decision(**row).state == state


def test_rates_by_unit_and_role_with_what_they_are_worth() -> None:
    acts = [Act("decision", "A", "lead", agreed=True)] * 30
    acts += [Act("decision", "B", "lead", agreed=one) for one in (True, True, True, False)]
    acts += [Act("decision", "B", "analyst", agreed=None)]
    biased, unknown, small = rates(acts)
    assert biased.never_departed
    assert not biased.few
    assert biased.departed_between[1] == pytest.approx(0.1135, abs=1e-3)
    assert (unknown.n, unknown.not_counted, unknown.never_departed) == (0, 1, False)
    assert (small.agreed, small.departed, small.few) == (3, 1, True)


@pytest.mark.parametrize(
    ("hits", "n", "low", "high"),
    # Published values of Wilson's interval (Newcombe 1998, method 3).
    [
        (81, 263, 0.2553, 0.3662),
        (15, 148, 0.0624, 0.1605),
        (0, 20, 0.0, 0.1611),
        (1, 29, 0.0061, 0.1718),
    ],
)
def test_the_interval_is_wilsons(hits: int, n: int, low: float, high: float) -> None:
    assert list(wilson(hits, n)) == pytest.approx([low, high], abs=1e-4)
