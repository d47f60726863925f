"""Cells that leave as CSV: no spreadsheet calculates them, nothing of them is lost."""

import csv
import io
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from palermo.desks.access.csv_cells import cell, original, rows


@pytest.mark.parametrize(
    "text",
    [
        "=1+1",
        "+39 333 000000",
        "-2+3",
        "@SUM(A1)",
        "\t=1",
        "\r=1",
        "\n=1",
        " =1+1",
        "\u00a0=1",
        "\u200b=1",
        "\ufeff=1",
        "\u202e=1",
        "＝1+1",
        "＠x",
        "=cmd|' /C calc'!A0",
        "'=1",
    ],
)
def test_a_text_that_a_spreadsheet_would_calculate_gets_an_apostrophe(text: str) -> None:
    assert cell(text) == f"'{text}"


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, ""),
        (-5, "-5"),
        (-0.5, "-0.5"),
        (Decimal("-1.50"), "-1.50"),
        (True, "true"),
        (date(2026, 3, 2), "2026-03-02"),
        (datetime(2026, 3, 2, 9, tzinfo=UTC), "2026-03-02T09:00:00+00:00"),
        ("a=b", "a=b"),
        ("", ""),
        ("شركة", "شركة"),
    ],
)
def test_numbers_times_and_plain_texts_stay_what_they_are(value: object, text: str) -> None:
    assert cell(value) == text


@given(st.text())
def test_nothing_is_lost_and_nothing_begins_a_formula(text: str) -> None:
    made = cell(text)
    assert original(made) == text
    assert not made.lstrip().startswith(("=", "+", "-", "@"))


@pytest.mark.parametrize(
    "before", ["\x85", "\u2028", "\u3000", "\x00", "\x1b", "\u2066", "\u200b \x85"]
)
def test_whatever_may_be_cut_off_before_it_hides_no_formula(before: str) -> None:
    assert cell(f"{before}=1+1") == f"'{before}=1+1"


@given(st.lists(st.lists(st.text(), min_size=2, max_size=2), max_size=5))
def test_a_table_reads_back_as_it_was(table: list[list[str]]) -> None:
    text = "".join(rows(table))
    read = list(csv.reader(io.StringIO(text, newline="")))
    assert [[original(one) for one in row] for row in read] == table
