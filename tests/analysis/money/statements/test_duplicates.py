"""Rows that are in two records: each real payment stays exactly once, whatever the overlap."""

from collections import Counter
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.analysis.money.statements.samples import row, table

from palermo.analysis.money.statements import Repeat, repeated, reversed_rows

STAND_INS = ("name:", "cash:", "bank:", "unnamed:")


def found(parts: list[list[dict[str, Any]]], formats: list[str] | None = None) -> list[Repeat]:
    rows = table([one for part in parts for one in part])
    series = np.repeat(np.arange(len(parts)), [len(part) for part in parts]).astype(np.int64)
    names = formats or ["camt.053"] * len(parts)
    each = [name for name, part in zip(names, parts, strict=True) for _ in part]
    return repeated(rows, series, each, STAND_INS)


PAYMENTS = st.lists(
    st.tuples(st.sampled_from([-5, 5, 7]), st.integers(0, 4), st.sampled_from(["A1", "name:jo"])),
    max_size=25,
)


@given(
    PAYMENTS, st.lists(st.tuples(st.integers(0, 4), st.integers(0, 4)), max_size=3), st.booleans()
)
def test_each_payment_stays_once(
    payments: list[tuple[int, int, str]], windows: list[tuple[int, int]], referenced: bool
) -> None:
    """The first record has all; the others have all of their days: nothing more may stay."""
    ordered = sorted(payments, key=lambda one: one[1])
    real = [
        row(effect, when, other=other, bank_ref=f"R{at}" if referenced else None)
        for at, (effect, when, other) in enumerate(ordered)
    ]
    parts = [real, *([one for one in real if first <= (one["day"].day - 1) <= last]
                     for first, last in windows)]  # fmt: skip
    gone = {one.row for one in found(parts)}
    assert gone == set(range(len(real), sum(map(len, parts))))


@given(PAYMENTS, st.integers(0, 4), st.integers(0, 4))
def test_records_that_overlap_give_their_union(
    payments: list[tuple[int, int, str]], first: int, last: int
) -> None:
    """One record ends on day `last`, the other begins on day `first`: nothing is lost or twice."""
    real = [row(e, when, other=other) for e, when, other in sorted(payments, key=lambda p: p[1])]
    parts = [
        [one for one in real if one["day"].day - 1 <= last],
        [one for one in real if one["day"].day - 1 >= min(first, last + 1)],
    ]
    everything = [one for part in parts for one in part]
    gone = {one.row for one in found(parts)}
    kept = Counter(
        (one["effect_minor"], one["day"], one["src"], one["dst"])
        for at, one in enumerate(everything)
        if at not in gone
    )
    assert kept == Counter((o["effect_minor"], o["day"], o["src"], o["dst"]) for o in real)


def test_two_equal_payments_of_one_day_stay_two() -> None:
    twins = [row(-5), row(-5)]
    assert found([twins]) == []
    assert {(one.row, one.of) for one in found([twins, twins])} == {(2, 0), (3, 1)}
    assert [(one.row, one.of) for one in found([twins, [*twins, row(-5)]])] == [(2, 0), (3, 1)]
    assert [(one.row, one.of) for one in found([[row(-5)], twins])] == [(1, 0)]


def test_three_records_of_one_payment() -> None:
    assert [(one.row, one.of) for one in found([[row(5)], [row(5)], [row(5)]])] == [(1, 0), (2, 0)]


@pytest.mark.parametrize(
    ("first", "second", "formats", "why"),
    [
        ({"bank_ref": "R1"}, {"bank_ref": "R1"}, None, "reference"),
        ({"bank_ref": "R1"}, {"bank_ref": "R1", "other": "A9"}, None, "reference"),
        ({"bank_ref": "R1"}, {"bank_ref": "R2"}, None, None),
        ({"bank_ref": "R1"}, {"bank_ref": "R2"}, ["camt.053", "mt940"], "counterparty"),
        ({"bank_ref": "R1"}, {}, None, "counterparty"),
        ({"end_to_end": "E1"}, {"end_to_end": "E2"}, None, None),
        ({"other": "A1"}, {"other": "A2"}, ["camt.053", "csv"], None),
        ({"other": "A1"}, {"other": "name:jo"}, ["camt.053", "csv"], "amount"),
        ({"other": "name:jo"}, {"other": "unnamed:ACC1:in"}, ["camt.053", "csv"], "amount"),
        ({"other": "name:joanna smith"}, {"other": "name:joanna sm"}, None, "amount"),
        ({"other": "name:joanna"}, {"other": "name:peter"}, ["camt.053", "csv"], None),
        ({"currency": "USD"}, {}, None, None),
        ({"own": "ACC2"}, {}, None, None),
    ],
)
def test_what_makes_a_repeat(
    first: dict[str, Any], second: dict[str, Any], formats: list[str] | None, why: str | None
) -> None:
    got = found([[row(5, **first)], [row(5, **second)]], formats)
    assert [one.why for one in got] == ([why] if why else [])


def test_a_reference_may_be_booked_a_day_later_if_its_value_date_is_the_same() -> None:
    late = row(5, 1, bank_ref="R", value_date=row(5, 0)["day"])
    assert [one.why for one in found([[row(5, 0, bank_ref="R")], [late]])] == ["reference"]
    monthly = [[row(5, 0, bank_ref="R")], [row(5, 20, bank_ref="R")]]
    assert found(monthly) == []


def test_the_surer_match_goes_first() -> None:
    vague, exact = row(5, other="unnamed:ACC1:in"), row(5, other="A1")
    got = found([[vague, exact], [exact]])
    assert [(one.row, one.of, one.why) for one in got] == [(2, 1, "counterparty")]


def test_both_sides_of_a_payment_are_one() -> None:
    debit = row(-5, 0, own="A", other="B", end_to_end="E1")
    credit = row(5, 1, own="B", other="A", end_to_end="E1")
    assert [(one.row, one.of, one.why) for one in found([[debit], [credit]])] == [
        (1, 0, "other_side")
    ]
    assert [(one.row, one.of) for one in found([[credit], [debit]])] == [(0, 1)]
    late = row(5, 9, own="B", other="A", end_to_end="E1")
    other = row(5, 1, own="B", other="A", end_to_end="E2")
    assert found([[debit], [late]]) == found([[debit], [other]]) == []


def test_equal_payments_between_two_accounts_pair_by_time() -> None:
    debits = [row(-5, when, own="A", other="B") for when in (0, 2, 3)]
    credits_there = [row(5, when, own="B", other="A") for when in (0, 2)]
    assert {(one.row, one.of) for one in found([debits, credits_there])} == {(3, 0), (4, 1)}


def test_a_banks_message_and_two_statements_are_one_payment() -> None:
    debit = row(-5, 0, own="A", other="B")
    credit = row(5, 0, own="B", other="A")
    message = row(-5, 0, own="A", other="B") | {"own": None, "effect_minor": None}
    assert {(one.row, one.of) for one in found([[debit], [credit], [message]])} == {(1, 0), (2, 0)}
    assert [(one.row, one.of) for one in found([[credit], [message]])] == [(1, 0)]


def test_many_equal_rows_are_compared_in_reasonable_time() -> None:
    same = [row(5) for _ in range(3_000)]
    apart = [row(5, bank_ref=f"R{at}") for at in range(3_000)]
    assert len(found([same, same])) == 3_000
    assert found([apart, [one | {"bank_ref": f"Q{at}"} for at, one in enumerate(apart)]]) == []


def test_a_reversal_names_what_it_takes_back() -> None:
    rows = table(
        [
            row(-5, 0, other="SHOP"),
            row(-5, 1, other="SHOP"),
            row(-5, 1, other="OTHER"),
            row(5, 2, other="SHOP", reversal=True),
            row(5, 3, other="SHOP", reversal=True),
            row(5, 4, other="SHOP", reversal=True),
            row(6, 5, other="SHOP", reversal=True),
        ]
    )
    assert reversed_rows(rows) == {3: 1, 4: 0}


def test_a_reversal_prefers_its_reference() -> None:
    rows = table(
        [
            row(-5, 0, other="SHOP", end_to_end="E1"),
            row(-5, 1, other="SHOP"),
            row(5, 2, other="SHOP", reversal=True, end_to_end="E1"),
        ]
    )
    assert reversed_rows(rows) == {2: 0}
    assert reversed_rows(table([row(5)])) == {}


def test_a_batch_told_one_by_one_elsewhere_gives_way() -> None:
    total = row(12, bank_ref="B", other="unnamed:ACC1:in")
    parts = [row(5, bank_ref="B", other="A1"), row(7, bank_ref="B", other="A2")]
    assert [(one.row, one.of, one.why) for one in found([[total], parts])] == [(0, 1, "batch")]
    assert found([[row(13, bank_ref="B")], parts]) == []
    assert found([[row(12, 1, bank_ref="B")], parts]) == []
