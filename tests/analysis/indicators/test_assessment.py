import itertools

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from palermo.analysis.indicators import assess, assess_bodies, default_rules, indicate
from palermo.model import INDICATIONS, Assessment

STRENGTHS = ("strong", "medium", "weak")


def row(
    rule: str, dimension: str, strength: str, polarity: str = "for", item: str = "i"
) -> dict[str, object]:
    return {
        "id": item,
        "rule": rule,
        "dimension": dimension,
        "strength": strength,
        "polarity": polarity,
    }


def rows(dimension: str, *strengths: str) -> list[dict[str, object]]:
    return [row(f"Z{n}", dimension, strength) for n, strength in enumerate(strengths)]


def read(*texts: str) -> pa.Table:
    batch = pa.record_batch({"id": [f"t{n}" for n in range(len(texts))], "text": list(texts)})
    return pa.Table.from_batches(indicate(iter([batch])), schema=INDICATIONS)


@pytest.mark.parametrize("strengths", list(itertools.product(range(4), repeat=3)))
def test_the_operational_rule(strengths: tuple[int, int, int]) -> None:
    strong, medium, weak = strengths
    expected = (
        strong >= 2
        or (strong == 1 and medium + weak >= 1)
        or medium >= 3
        or (medium == 2 and weak >= 1)
    )
    found = rows("exploitation", *itertools.chain(*map(itertools.repeat, STRENGTHS, strengths)))
    answer = assess(found)
    assert (answer.indicated == ("exploitation",)) == expected
    assert (answer.open == ("exploitation",)) == (not expected and bool(found))


@given(st.lists(st.tuples(st.integers(0, 5), st.sampled_from(STRENGTHS)), max_size=8), st.data())
def test_more_hits_of_the_same_rules_change_nothing(
    picked: list[tuple[int, str]], data: st.DataObject
) -> None:
    once = [row(f"Z{n}", "exploitation", s) for n, s in dict(picked).items()]
    again = [*once, *data.draw(st.lists(st.sampled_from(once), max_size=9))] if once else once
    assert assess(again).indicated == assess(once).indicated


def test_an_adult_pattern_needs_a_means_and_a_purpose() -> None:
    purpose = rows("exploitation", "strong", "strong")
    means = [
        row("M1", "deceptive_recruitment", "strong"),
        row("M2", "deceptive_recruitment", "weak"),
    ]
    assert not assess(purpose).adult_pattern
    assert not assess(means).adult_pattern
    assert assess([*purpose, *means]).adult_pattern


def test_means_at_destination_are_means() -> None:
    held = [
        row("M1", "coercion_at_destination", "strong"),
        row("M2", "coercion_at_destination", "weak"),
    ]
    assert assess([*rows("exploitation", "strong", "strong"), *held]).adult_pattern


def test_one_strong_sign_of_a_child_asks_for_an_expert() -> None:
    assert assess([row("G1.1", "child", "strong")]).child_review
    assert not assess([row("G1.2", "child", "medium")]).child_review
    assert assess([row("G1.2", "child", "medium"), row("G3.1", "child", "medium")]).child_review
    # No means: exploitation and any sign of a child are enough.
    exploited = rows("exploitation", "strong", "strong")
    assert assess([*exploited, row("G1.2", "child", "weak")]).child_review


def test_counter_evidence_is_shown_and_clears_nothing() -> None:
    found = rows("exploitation", "strong", "strong")
    answer = assess([*found, row("N3.1", "counter", "medium", "against")])
    assert answer.counter == ("N3.1",)
    assert answer.indicated == ("exploitation",)


def test_help_comes_first_and_is_never_used_against_its_author() -> None:
    text = (
        "Please help me escape from here. They took my passport and force us to scam people. "
        "The boss said: nobody may leave before the debt is paid, we know where your mother lives. "
        "14 hours a day work, no days off, salary is paid at the end of the contract."
    )
    answer = assess(read(text))
    assert answer.support_first
    assert answer.indicated == answer.open == ()
    assert not answer.adult_pattern
    assert set(answer.reported) == {"coercion_at_destination", "exploitation"}
    # The same sentences without the call for help are an ordinary finding.
    cold = assess(read(text.split("people. ")[1]))
    assert not cold.support_first
    assert "exploitation" in cold.indicated


def test_one_call_for_help_does_not_silence_the_rest_of_a_network() -> None:
    table = read(
        "They won't let me leave.",
        "Hotel work abroad, the agency keeps your passport, you work until the debt is paid.",
    )
    answer = assess(table)
    assert answer.support_first
    assert answer.indicated == ("coercion_at_destination",)
    assert answer.reported == ("coercion_at_destination",)


def test_a_child_who_asks_for_help_is_a_child() -> None:
    found = [
        row("E2.1", "coercion_at_destination", "strong", "support"),
        row("G1.1", "child", "strong"),
    ]
    answer = assess(found)
    assert answer.child_review
    assert answer.support_first


def test_sex_advertisements_count_only_in_combination() -> None:
    one = assess(read("Escort service, new girls every week."))
    assert one.held_back == ("F4.1",)
    assert one.indicated == ()
    assert one.open == ("coercion_at_destination",)
    three = assess(
        read(
            "Escort service, new girls every week, our driver brings them.",
            "Escorts: we bring the girl to your hotel, pay the money to the driver.",
            "Escort ladies, the girls never refuse.",
        )
    )
    assert three.held_back == ()
    assert three.indicated == ("coercion_at_destination",)
    assert not three.adult_pattern


def test_held_back_rules_do_not_support_others() -> None:
    answer = assess(
        [
            row("C1.1", "coercion_at_destination", "strong"),
            row("F4.1", "coercion_at_destination", "medium"),
        ]
    )
    assert answer.indicated == ()


def test_rules_are_counted_with_their_items() -> None:
    table = read(*["The agency keeps your passport."] * 3, "Nothing here.")
    (count,) = assess(table).rules
    assert (count.rule, count.items) == ("C1.1", 3)


def test_networks_are_assessed_one_by_one() -> None:
    table = read(
        "The agency keeps your passport.", "You work until the debt is paid.", "Nothing here."
    )
    networks = pa.table({"id": ["t0", "t1", "t2", "t9"], "network": ["b", "b", "a", None]})
    answers = assess_bodies(table, networks, "network")
    assert list(answers) == ["a", "b"]
    assert answers["b"].indicated == ("coercion_at_destination",)
    assert answers["a"].indicated == answers["a"].open == ()


def test_nothing_gives_an_empty_assessment() -> None:
    answer = assess([])
    assert isinstance(answer, Assessment)
    assert (answer.indicated, answer.open, answer.counter, answer.rules) == ((), (), (), ())
    assert not (answer.adult_pattern)
    assert not (answer.child_review)
    assert not (answer.support_first)


def test_order_of_rows_does_not_matter() -> None:
    table = read(*[e.text for r in default_rules().rules for e in r.examples if e.match][:60])
    found = table.to_pylist()
    assert assess(found) == assess(list(reversed(found))) == assess(table)
