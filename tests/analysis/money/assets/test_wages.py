"""Claims for wages: worked out by hand, nothing counted twice, interest exact."""

from datetime import date
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from palermo.analysis.money.assets.interest import DAY_COUNTS, Rate, Terms, half_up, interest
from palermo.analysis.money.assets.wages import LegalWage, Loss, Work, schedule

JANUARY = (date(2026, 1, 1), date(2026, 1, 31))
DUE = date(2026, 2, 5)
LEGAL = LegalWage(
    place="XX",
    first=date(2026, 1, 1),
    last=date(2026, 12, 31),
    hourly=1200,
    overtime_percent=150,
    currency="EUR",
    source="decree",
)


def work(**more: object) -> Work:
    facts: dict[str, object] = {
        "row": 1,
        "victim": "Blue",
        "place": "XX",
        "first": JANUARY[0],
        "last": JANUARY[1],
        "due": DUE,
        "ordinary": 168 * 60,
        "overtime": 60 * 60,
        "received": 40_000,
        "received_is": "net",
        "currency": "EUR",
        "evidence": "exhibit 1",
    }
    return Work(**(facts | more))  # type: ignore[arg-type]


def loss(**more: object) -> Loss:
    facts: dict[str, object] = {
        "row": 1,
        "victim": "Blue",
        "head": "deduction",
        "day": date(2026, 1, 15),
        "amount": 10_000,
        "currency": "EUR",
        "from_wage": True,
        "evidence": "exhibit 1",
    }
    return Loss(**(facts | more))  # type: ignore[arg-type]


def test_legal_wage_and_overtime_less_what_was_received() -> None:
    """168 h at 12.00 are 2,016.00; 60 h at 18.00 are 1,080.00; 3,096.00 less 400.00 is 2,696.00."""
    found = schedule([work()], [], [LEGAL])
    (line,) = found.lines
    assert (line.owed, line.claimed) == (309_600, 269_600)
    assert found.totals == {("Blue", "EUR"): 269_600}
    assert line.evidence == "exhibit 1"


def test_the_contract_counts_where_it_is_better() -> None:
    assert schedule([work(agreed=1300)], [], [LEGAL]).lines[0].owed == 168 * 1300 + 60 * 1950
    assert schedule([work(agreed=1100)], [], [LEGAL]).lines[0].owed == 309_600


def test_what_was_overpaid_takes_nothing_from_another_period() -> None:
    february = work(
        row=2, first=date(2026, 2, 1), last=date(2026, 2, 28), received=10**9, overtime=0
    )
    found = schedule([work(), february], [], [LEGAL])
    assert [one.claimed for one in found.lines] == [269_600, 0]
    assert found.totals == {("Blue", "EUR"): 269_600}


@pytest.mark.parametrize(
    ("received_is", "lines", "aside"), [("net", 1, "in the shortfall already"), ("gross", 2, None)]
)
def test_a_deduction_is_not_counted_twice(received_is: str, lines: int, aside: str | None) -> None:
    found = schedule([work(received_is=received_is)], [loss()], [LEGAL])
    assert len(found.lines) == lines
    assert [aside in one.reason for one in found.not_counted if aside] == ([True] if aside else [])


@pytest.mark.parametrize(
    ("period", "words"),
    [
        (work(place="YY"), "no legal wage for YY"),
        (work(first=date(2025, 12, 15)), "divide the period at 2026-01-01"),
        (work(currency="USD"), "the legal wage is in EUR"),
    ],
)
def test_a_period_that_no_legal_wage_covers_is_not_counted(period: Work, words: str) -> None:
    found = schedule([period, work(row=2, victim="Green")], [], [LEGAL])
    assert [one.victim for one in found.lines] == ["Green"]
    assert words in found.not_counted[0].reason


def test_a_change_of_the_legal_wage_divides_periods() -> None:
    later = LegalWage(
        place="XX",
        first=date(2026, 1, 16),
        last=date(2026, 12, 31),
        hourly=1300,
        overtime_percent=150,
        currency="EUR",
        source="decree 2",
    )
    found = schedule([work()], [], [LEGAL, later])
    assert "divide the period at 2026-01-16" in found.not_counted[0].reason


def test_the_same_days_are_not_claimed_twice() -> None:
    again = work(row=2, first=date(2026, 1, 31), last=date(2026, 2, 2))
    found = schedule([work(), again], [], [LEGAL])
    assert len(found.lines) == 1
    assert found.not_counted[0].reason == "overlaps row 1, 2026-01-01 to 2026-01-31"


def rate(since: date, hundredths: int) -> Rate:
    return Rate(since=since, hundredths=hundredths, source="decree")


def test_interest_over_two_rates_by_hand() -> None:
    """10,000.00, act/365: 181 days at 4 % are 198.356..., 147 days at 3.5 % are 140.958..."""
    terms = Terms(
        rates=(rate(date(2026, 7, 1), 350), rate(date(2026, 1, 1), 400)),
        day_count="act/365",
        until=date(2026, 11, 25),
    )
    found = interest(1_000_000, date(2026, 1, 1), terms)
    assert [days for *_, days, _ in found.steps] == [181, 147]
    assert found.minor == 33_932  # 19,835.616... + 14,095.890... = 33,931.506...


@pytest.mark.parametrize(
    ("first", "last", "days"),
    [
        (date(2026, 1, 31), date(2026, 3, 1), 31),
        (date(2026, 1, 15), date(2026, 1, 31), 15),
        (date(2025, 12, 31), date(2026, 12, 31), 360),
    ],
)
def test_thirty_days_a_month(first: date, last: date, days: int) -> None:
    assert DAY_COUNTS["30/360"][0](first, last) == days


@given(
    principal=st.integers(0, 10**15),
    days=st.integers(0, 4000),
    hundredths=st.integers(0, 10_000),
)
def test_interest_is_exact_to_half_a_unit(principal: int, days: int, hundredths: int) -> None:
    since = date(2020, 1, 1)
    until = date.fromordinal(since.toordinal() + days)
    terms = Terms(rates=(rate(since, hundredths),), day_count="act/365", until=until)
    exact = Fraction(principal * hundredths * days, 3_650_000)
    assert abs(interest(principal, since, terms).minor - exact) <= Fraction(1, 2)


def test_halves_are_rounded_up() -> None:
    assert [half_up(Fraction(one, 2)) for one in range(4)] == [0, 1, 1, 2]


def test_an_unsafe_account_is_refused_for_that_victim_alone() -> None:
    found = schedule(
        [work()],
        [],
        [LEGAL],
        payees=[("Blue", "bad"), ("Green", "good")],
        unsafe=lambda _, account: "a controller has it" if account == "bad" else "",
    )
    assert [(one.victim, one.refused) for one in found.payees] == [
        ("Blue", "a controller has it"),
        ("Green", ""),
    ]
