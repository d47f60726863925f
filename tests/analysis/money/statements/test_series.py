"""Statements that follow each other, and what is missing between them."""

from itertools import pairwise
from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from tests.analysis.money.statements.samples import day, statement

from palermo.analysis.money.statements import missing_between, series_of
from palermo.model.statement import Statement


def chain(balances: list[int], **more: Any) -> list[Statement]:
    """Return statements of ten days each, from balance to balance."""
    return [
        statement(
            opening,
            closing,
            name=f"s{at}",
            document=f"d{at}",
            sequence=at + 1,
            opening_date=day(10 * at),
            closing_date=day(10 * at + 10),
            **more,
        )
        for at, (opening, closing) in enumerate(pairwise(balances))
    ]


@given(st.lists(st.integers(0, 3), min_size=2, max_size=12), st.data())
def test_a_whole_chain_is_one_series_in_whatever_order(
    balances: list[int], data: st.DataObject
) -> None:
    whole = chain(balances)
    mixed = data.draw(st.permutations(whole))
    found = series_of(mixed)
    assert [mixed[place] for place in found[0].places] == whole
    assert len(found) == 1
    assert missing_between(mixed, found) == []


@given(st.integers(1, 6), st.integers(1, 3))
def test_missing_pages_are_named(first: int, missing: int) -> None:
    whole = chain([100 * k for k in range(11)])
    left = whole[:first] + whole[first + missing :]
    found = series_of(left)
    gaps = missing_between(left, found)
    assert [(gap.kind, gap.before, gap.statement) for gap in gaps] == [
        ("between", f"s{first - 1}", f"s{first + missing}"),
        ("number", f"s{first - 1}", f"s{first + missing}"),
    ]
    assert (gaps[0].expected, gaps[0].found) == (100 * first, 100 * (first + missing))
    assert (gaps[1].expected, gaps[1].found) == (first + 1, first + missing + 1)


def test_a_number_left_out_is_named_even_where_balances_meet() -> None:
    whole = chain([5, 5, 5, 5])
    left = [whole[0], whole[2]]
    gaps = missing_between(left, series_of(left))
    assert [(gap.kind, gap.expected, gap.found) for gap in gaps] == [("number", 2, 3)]


def test_the_same_statement_twice_is_two_series() -> None:
    whole = chain([0, 0, 0])
    twice = [*whole, *chain([0, 0, 0])]
    assert sorted(len(one.places) for one in series_of(twice)) == [2, 2]


def test_overlapping_statements_are_two_series_without_gap() -> None:
    first = statement(0, 50, name="a", document="a", opening_date=day(0), closing_date=day(20))
    second = statement(30, 80, name="b", document="b", opening_date=day(10), closing_date=day(40))
    found = series_of([first, second])
    assert len(found) == 2
    assert missing_between([first, second], found) == []


def test_a_gap_behind_an_overlap_is_seen_from_where_the_record_ends() -> None:
    parts = [
        statement(0, 50, name="a", document="a", opening_date=day(0), closing_date=day(30)),
        statement(10, 20, name="b", document="b", opening_date=day(5), closing_date=day(8)),
        statement(60, 70, name="c", document="c", opening_date=day(30), closing_date=day(40)),
    ]
    gaps = missing_between(parts, series_of(parts))
    assert [(gap.before, gap.statement, gap.expected, gap.found) for gap in gaps] == [
        ("a", "c", 50, 60)
    ]


def test_accounts_and_currencies_are_apart() -> None:
    parts = [
        statement(0, 10, name="a", opening_date=day(0), closing_date=day(1)),
        statement(10, 20, name="b", account="ACC2", opening_date=day(1), closing_date=day(2)),
        statement(10, 20, name="c", currency="USD", opening_date=day(1), closing_date=day(2)),
    ]
    found = series_of(parts)
    assert len(found) == 3
    assert missing_between(parts, found) == []


def test_numbers_begin_anew_each_year() -> None:
    old = statement(0, 5, name="a", document="a", sequence=250, opening_date=day(-80),
                    closing_date=day(-60))  # fmt: skip
    new = statement(5, 9, name="b", document="b", sequence=1, opening_date=day(-60),
                    closing_date=day(-30))  # fmt: skip
    found = series_of([new, old])
    assert [one.places for one in found] == [(1, 0)]
    assert missing_between([new, old], found) == []


def test_pages_of_one_number() -> None:
    pages = [
        statement(k, k + 1, name=f"p{k}", document=f"p{k}", sequence=7, page=k + 1,
                  opening_date=day(0), closing_date=day(0))
        for k in (0, 1, 3)
    ]  # fmt: skip
    gaps = missing_between(pages, series_of(pages))
    assert [(gap.kind, gap.expected, gap.found) for gap in gaps] == [
        ("between", 2, 3), ("number", 3, 4),
    ]  # fmt: skip


def test_exports_without_balances_are_series_of_their_own() -> None:
    parts = [statement(name=f"e{k}", document=f"e{k}", kind="export") for k in range(2)]
    assert len(series_of(parts)) == 2
