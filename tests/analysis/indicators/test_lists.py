from collections import Counter

import pyarrow as pa
import pytest

from palermo.analysis.indicators import Polarity, Rules, Status, default_rules, indicate
from palermo.analysis.indicators.loading import REQUIRED_LANGUAGES

RULES = default_rules()
EXAMPLES = [
    pytest.param(rule.id, rule.status, example, id=f"{rule.id}-{example.language}-{number}")
    for rule in RULES.rules
    for number, example in enumerate(rule.examples)
]


def fired(texts: list[str], status: Status) -> list[set[str]]:
    batch = pa.record_batch({"id": [str(n) for n in range(len(texts))], "text": texts})
    found: list[set[str]] = [set() for _ in texts]
    for answer in indicate(iter([batch]), status=status):
        for row in answer.to_pylist():
            found[int(row["id"])].add(row["rule"])
    return found


@pytest.fixture(scope="module")
def answers() -> dict[tuple[Status, str], set[str]]:
    found: dict[tuple[Status, str], set[str]] = {}
    for status in (Status.LIVE, Status.SHADOW):
        texts = sorted({e.text for r in RULES.rules if r.status == status for e in r.examples})
        for text, rules in zip(texts, fired(texts, status), strict=True):
            found[status, text] = rules
    return found


@pytest.mark.parametrize(("rule", "status", "example"), EXAMPLES)
def test_examples_of_the_lists(rule, status, example, answers) -> None:  # type: ignore[no-untyped-def]  # values of a pytest.param
    assert (rule in answers[status, example.text]) == example.match


def test_at_least_35_rules_are_live_in_three_languages() -> None:
    live = [rule for rule in RULES.rules if rule.status == Status.LIVE and rule.condition]
    assert all(set(REQUIRED_LANGUAGES) <= set(rule.languages) for rule in live)
    assert sum(rule.polarity == Polarity.FOR for rule in live) >= 35


def test_the_most_important_rules_speak_arabic_russian_and_chinese() -> None:
    important = ("A1.1", "A3.1", "A5.1", "C1.1", "D3.1", "E2.1", "E2.2", "E2.4", "E2.7", "G1.1")
    for rule in important:
        assert {"ar", "ru", "zh"} <= set(RULES.by_id[rule].languages), rule


def test_drafts_say_what_they_wait_for_and_never_run() -> None:
    drafts = [rule for rule in RULES.rules if rule.status == Status.DRAFT]
    assert drafts
    assert all(rule.needs and rule.condition is None for rule in drafts)


def test_groups_and_dimensions() -> None:
    groups = Counter(rule.group for rule in RULES.rules)
    assert set(groups) == set("ABCDEFGHIN")
    assert RULES.at_least["F"] == 2
    for rule in RULES.rules:
        if rule.group == "N":
            assert (rule.polarity, rule.dimension) == (Polarity.AGAINST, "counter")
        if rule.group == "F":
            # Third-party control only: never exploitation, whatever is advertised.
            assert rule.dimension == "coercion_at_destination"
        if rule.polarity == Polarity.SUPPORT:
            assert rule.id.startswith("E2")


def test_every_source_is_listed_and_no_check_is_claimed_without_a_date() -> None:
    for rule in RULES.rules:
        assert rule.sources
        for source in rule.sources:
            assert source.checked == "unchecked" or source.checked.startswith("20")


def test_shadow_rules_do_not_speak_among_the_live_ones() -> None:
    text = next(e.text for e in RULES.by_id["F6.1"].examples if e.match)
    live, shadow = fired([text], Status.LIVE), fired([text], Status.SHADOW)
    assert "F6.1" not in live[0]
    assert shadow == [{"F6.1"}]


def test_rules_are_deterministic() -> None:
    from palermo.analysis.indicators import load_rules, packaged_lists

    again = load_rules(packaged_lists())
    assert isinstance(again, Rules)
    assert again == RULES
