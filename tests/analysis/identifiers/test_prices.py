"""Amounts with currencies; amounts without one are not prices."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from palermo.analysis.identifiers import extract_text
from palermo.analysis.identifiers.money import amount, written


def prices(text: str, lang: str | None = None, regions: tuple[str, ...] = ()) -> list[str]:
    found = extract_text(text, lang=lang, regions=regions)
    assert all(text[m.start : m.end] == m.raw for m in found)
    return [m.value for m in found if m.kind == "price"]


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1,200 EUR", "1200 EUR"),
        ("€1.200", "1200 EUR"),
        ("$ 900/week", "900 USD"),
        ("1200 евро", "1200 EUR"),
        ("3000元", "3000 CNY"),
        ("٣٠٠٠ درهم", "3000 AED"),
        ("800 euros par mois", "800 EUR"),
        ("2k USD", "2000 USD"),
        ("£9.99", "9.99 GBP"),
        ("9.50 GBP", "9.5 GBP"),
        ("1200.00 EUR", "1200 EUR"),
        ("1 200,50 €", "1200.5 EUR"),
        ("1'200 CHF", "1200 CHF"),
        ("Rs.2,00,000", "200000 INR"),
        ("R$ 500", "500 BRL"),
        ("US$ 1,200", "1200 USD"),
        ("1.5k €", "1500 EUR"),
        ("3 mil euros", "3000 EUR"),
        ("50 тыс. руб.", "50000 RUB"),
        ("1.5万元", "15000 CNY"),
        ("$2.5 million", "2500000 USD"),
        ("5000 р.", "5000 RUB"),
        ("人民币8000", "8000 CNY"),
        ("EUR 2000", "2000 EUR"),
        ("１２００ €", "1200 EUR"),
        ("500 جنيه إسترليني", "500 GBP"),
        ("1.234.567,89 €", "1234567.89 EUR"),
        ("500 zł", "500 PLN"),
        ("₽5000", "5000 RUB"),
        ("800€", "800 EUR"),
        ("1200EUR", "1200 EUR"),
        ("5 000 ₴", "5000 UAH"),
    ],
)
def test_prices(text: str, value: str) -> None:
    assert prices(text) == [value]
    assert prices(f"Pay: {text} now") == [value]


@pytest.mark.parametrize(
    "text",
    [
        "Euro 2024",
        "I won 3 prizes",
        "20 mad people",
        "5 PHP developers",
        "6 ft tall",
        "100 %",
        "12.05.2026",
        "size 42",
        "500 kr",
        "3 m",
        "call 07700 900123",
        "€",
        "KL341 rooms",
        "0 euros",
    ],
)
def test_no_prices(text: str) -> None:
    assert prices(text) == []


def test_both_bounds_of_a_range() -> None:
    assert prices("800-1000€") == ["800 EUR", "1000 EUR"]
    assert prices("€1,200–1,500") == ["1200 EUR", "1500 EUR"]
    assert prices("de 800 à 1 000 euros", "fr") == ["800 EUR", "1000 EUR"]


def test_neighbours_keep_their_own() -> None:
    assert prices("€5 €10") == ["5 EUR", "10 EUR"]
    assert prices("5 EUR 10 EUR") == ["5 EUR", "10 EUR"]
    assert prices("USD 500 2 rooms, 30 GBP 4 days") == ["500 USD", "30 GBP"]


def test_shared_names_go_by_region() -> None:
    assert prices("$500") == ["500 USD"]
    assert prices("$500", "es-MX") == ["500 MXN"]
    assert prices("$500", regions=("AU",)) == ["500 AUD"]
    assert prices("500 kr", "sv") == ["500 SEK"]
    assert prices("¥8000", "zh") == ["8000 CNY"]
    assert prices("¥8000", "ja") == ["8000 JPY"]


@given(st.integers(1, 10**9), st.sampled_from(["", ",", ".", " ", "'", "\u00a0", "\u202f"]))
def test_grouping_never_changes_a_whole_amount(number: int, separator: str) -> None:
    literal = f"{number:,}".replace(",", separator)
    value = amount(literal.encode())
    assert value is not None
    assert written(value) == str(number)
    assert prices(f"{literal} EUR") == [f"{number} EUR"]
