"""The balance proof: what adds up is proven, what does not is named at its row."""

from itertools import accumulate
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.analysis.money.statements.samples import row, statement, table

from palermo.analysis.money.statements import prove

EFFECTS = st.lists(st.integers(-(10**12), 10**12), min_size=1, max_size=30)
LARGE = st.lists(st.sampled_from([10**18 - 1, -(10**18 - 1), 1]), min_size=1, max_size=60)


@given(st.one_of(EFFECTS, LARGE), st.integers(-(10**12), 10**12))
def test_what_adds_up_is_proven(effects: list[int], opening: int) -> None:
    rows = table([row(effect) for effect in effects])
    closing = opening + sum(effects)
    proof = prove(statement(opening, closing), rows)
    assert (proof.state, proof.sum_minor, proof.gaps) == ("proven", sum(effects), ())
    wrong = prove(statement(opening, closing + 1), rows)
    ((kind, expected, found),) = [(gap.kind, gap.expected, gap.found) for gap in wrong.gaps]
    assert (wrong.state, kind, expected, found) == ("gap", "sum", closing + 1, closing)


def running(effects: list[int], opening: int) -> list[int]:
    return list(accumulate(effects, initial=opening))[1:]


@given(EFFECTS.filter(lambda some: len(some) > 2), st.integers(-1000, 1000), st.data())
def test_a_missing_row_is_named_once_at_the_row_behind_it(
    effects: list[int], opening: int, data: st.DataObject
) -> None:
    balances = running(effects, opening)
    rows = [row(e, balance_minor=b) for e, b in zip(effects, balances, strict=True)]
    assert prove(statement(opening, balances[-1]), table(rows)).state == "proven"
    at = data.draw(st.integers(0, len(rows) - 2).filter(lambda place: effects[place] != 0))
    left = rows[:at] + rows[at + 1 :]
    proof = prove(statement(opening), table(left))
    assert [(gap.kind, gap.line, gap.expected, gap.found) for gap in proof.gaps] == [
        ("balance", at + 1, balances[at + 1] - effects[at], balances[at + 1])
    ]


@given(EFFECTS.filter(lambda some: len(some) > 1), st.integers(-1000, 1000))
def test_the_way_that_adds_up_is_found(effects: list[int], opening: int) -> None:
    balances = running(effects, opening)
    rows = [row(e, balance_minor=b) for e, b in zip(effects, balances, strict=True)]
    turned = table(list(reversed(rows)))
    proof = prove(statement(newest_first=True), turned)
    assert (proof.state, proof.backwards) == ("running", True)
    assert prove(statement(newest_first=None), turned).state == "running"


def test_balances_on_some_rows_only() -> None:
    rows = [row(5), row(7, balance_minor=12), row(1), row(1, balance_minor=15)]
    (gap,) = prove(statement(), table(rows)).gaps
    assert (gap.line, gap.expected, gap.found) == (4, 14, 15)
    assert prove(statement(0), table(rows[:2])).state == "open"


def test_a_break_is_named_once_and_the_sum_besides() -> None:
    rows = [row(5, balance_minor=5), row(5, balance_minor=20), row(5, balance_minor=25)]
    proof = prove(statement(0, 25), table(rows))
    assert [(gap.kind, gap.line) for gap in proof.gaps] == [("balance", 2), ("sum", None)]


@pytest.mark.parametrize(
    ("more", "kinds"),
    [
        ({"stated_rows": 2, "entries": 2}, []),
        ({"stated_rows": 3, "entries": 2}, ["count"]),
        ({"stated_minor": 12, "stated_rows": 2, "entries": 2}, []),
        ({"stated_minor": 13}, ["total"]),
        ({"whole": False}, ["broken"]),
    ],
)
def test_counts_and_totals(more: dict[str, Any], kinds: list[str]) -> None:
    proof = prove(statement(**more), table([row(5), row(-7)]))
    assert [gap.kind for gap in proof.gaps] == kinds


def test_rows_of_another_currency_are_outside_the_sum() -> None:
    proof = prove(statement(0, 5), table([row(5), row(7, currency="USD")]))
    assert (proof.state, proof.foreign, proof.rows) == ("proven", 1, 2)


def test_rows_out_of_time_order_are_counted() -> None:
    assert prove(statement(), table([row(1, 2), row(1, 1), row(1, 3)])).unordered == 1
    nothing = prove(statement(5, 5), table([]))
    assert (nothing.state, nothing.sum_minor) == ("proven", 0)
