"""MT940 and MT942: marks, dates, what field 86 tells, bad rows, and an outside judge."""

from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

import mt940
import pytest
from tests.formats.statements.samples import OWN, SHOP, THERE, read, swift, written

from palermo.formats.statements.swift_purpose import purpose

GERMAN = f":86:166?00SEPA CREDIT?20EREF+E1?21SVWZ+rent of?22 March?31{THERE}?32Jane Doe"


def test_a_statement_becomes_rows_and_balances(tmp_path: Path) -> None:
    rows = [":61:2603020302C50,00NTRFCUST1//BANK1", GERMAN, ":61:260303D4,5NCHGNONREF"]
    found = read(written(tmp_path, swift(*rows, closing="C260331EUR145,50")))
    first, second = found.rows
    assert (first["src"], first["dst"], first["effect_minor"]) == (THERE, OWN, 5000)
    assert (first["bank_ref"], first["end_to_end"], first["src_name"]) == (
        "BANK1",
        "E1",
        "Jane Doe",
    )
    assert first["memo"] == "SEPA CREDIT rent of March"
    assert (first["line"], second["line"]) == (5, 7)
    assert first["ts"] == datetime(2026, 3, 1, 23, tzinfo=UTC)
    assert (second["channel"], second["dst"]) == ("fee", f"bank:{OWN}:out")
    assert (second["bank_ref"], second["end_to_end"], second["day_only"]) == (None, None, True)
    (one,) = found.statements
    assert (one.account, one.opening_minor, one.closing_minor) == (OWN, 10000, 14550)
    assert (one.sequence, one.page, one.format, one.name) == (1, 1, "mt940", "sample#START")
    assert (one.opening_date, one.closing_date) == (date(2026, 3, 1), date(2026, 3, 31))


@pytest.mark.parametrize(
    ("mark", "effect", "reversal"),
    [("C", 100, False), ("D", -100, False), ("RC", -100, True), ("RD", 100, True),
     ("CR", 100, False), ("DR", -100, False), ("RCR", -100, True)],
)  # fmt: skip
def test_marks(mark: str, effect: int, reversal: bool, tmp_path: Path) -> None:
    (row,) = read(written(tmp_path, swift(f":61:260302{mark}1,00NTRF1"))).rows
    assert (row["effect_minor"], row["reversal"]) == (effect, reversal)
    assert (row["dst"] if effect > 0 else row["src"]) == OWN


def test_expected_entries_are_not_counted(tmp_path: Path) -> None:
    found = read(written(tmp_path, swift(":61:260302EC1,00NTRF1")))
    assert not found.rows
    assert "expected, not booked" in found.aside[0].reason


@pytest.mark.parametrize(
    ("valued", "entered", "booked"),
    [("260101", "1231", date(2025, 12, 31)), ("251231", "0102", date(2026, 1, 2)),
     ("260302", "", date(2026, 3, 2)), ("240228", "0229", date(2024, 2, 29))],
)  # fmt: skip
def test_the_year_of_booking_is_the_nearest(
    valued: str, entered: str, booked: date, tmp_path: Path
) -> None:
    (row,) = read(written(tmp_path, swift(f":61:{valued}{entered}C1,00NTRF1"))).rows
    assert row["day"] == booked


@pytest.mark.parametrize(
    "bad",
    [":61:26AB02C1,00NTRF1", ":61:260230C1,00NTRF1", ":61:2603020230C1,00NTRF1",
     ":61:260302X1,00NTRF1", ":61:260302C1,005NTRF1", f":61:260302C{'9' * 2000},00NTRF1",
     ":61:", ":61:260302C1.00NTRF1", ":61:260302C1,00NTRF" + "x" * 5000],
)  # fmt: skip
def test_a_bad_row_costs_that_row_alone(bad: str, tmp_path: Path) -> None:
    rows = [":61:260302C2,00NTRF1", bad, ":86:of the bad row", ":61:260303D1,00NTRF1", ":86:good"]
    found = read(written(tmp_path, swift(*rows)))
    assert found.column("effect_minor") == [200, -100]
    assert found.column("memo") == [None, "good"]
    assert [one.row for one in found.aside] == [6]
    assert found.statements[0].entries == 3


def test_a_bad_balance_is_set_aside(tmp_path: Path) -> None:
    found = read(written(tmp_path, swift(":61:260302C1,00NTRF1", closing="C260331USD1,00")))
    assert found.statements[0].closing_minor is None
    assert "the account is in EUR" in found.aside[0].reason


def test_the_envelope_of_the_network_and_several_messages(tmp_path: Path) -> None:
    one = swift(":61:260302C1,00NTRF1").removesuffix("-\r\n")
    text = "".join(
        f"{{1:F01COBADEFFXXXX0000000000}}{{2:O940}}{{4:\r\n{one}-}}{{5:{{CHK:1}}}}\r\n"
        for _ in range(2)
    )
    found = read(written(tmp_path, text))
    assert found.column("effect_minor") == [100, 100]
    assert [one.name for one in found.statements] == ["sample#START", "sample#START (2)"]


def test_what_is_told_after_the_closing_is_not_of_a_row(tmp_path: Path) -> None:
    text = swift(":61:260302C1,00NTRF1").replace("-\r\n", ":86:of the statement\r\n-\r\n")
    assert read(written(tmp_path, text)).column("memo") == [None]


def test_a_report_of_the_day_proves_by_count_and_sum(tmp_path: Path) -> None:
    lines = [":20:R", f":25:{OWN}", ":28C:1", ":34F:EURD0,", ":13D:2603021200+0100",
             ":61:260302D4,00NTRF1", ":61:260302C5,00NTRF1",
             ":90D:1EUR4,00", ":90C:1EUR5,00", "-"]  # fmt: skip
    found = read(written(tmp_path, "\n".join(lines)))
    (one,) = found.statements
    assert (one.format, one.kind, one.stated_rows, one.stated_minor) == ("mt942", "interim", 2, 900)
    assert found.column("effect_minor") == [-400, 500]


def test_carriage_returns_alone_end_lines_too(tmp_path: Path) -> None:
    text = swift(":61:260302C1,00NTRF1", ":86:told").replace("\r\n", "\r")
    assert read(written(tmp_path, text)).column("memo") == ["told"]


def test_numbers_of_bank_and_account(tmp_path: Path) -> None:
    text = swift(":61:260302C1,00NTRF1").replace(f":25:{OWN}", ":25:37040044/0532013000")
    assert read(written(tmp_path, text)).statements[0].account == "37040044/0532013000"
    text = text.replace(":25:37040044/0532013000", f":25:{OWN}EUR")
    assert read(written(tmp_path, text)).statements[0].account == OWN


@pytest.mark.parametrize(
    ("told", "name", "account", "end_to_end", "memo"),
    [
        (f"/TRTP/SEPA/IBAN/{SHOP}/BIC/BNPAFRPP/NAME/The Shop/REMI/goods 12/EREF/E9", "The Shop",
         SHOP, "E9", "goods 12"),
        (f"/CNTP/{SHOP}/BNPAFRPP/The Shop/PARIS///REMI/USTD//goods/", "The Shop", SHOP, None,
         "goods"),
        ("just words / with a slash", None, None, None, "just words / with a slash"),
        ("020?00CASH?20from the till", None, None, None, "CASH from the till"),
        (f"105?00DEBIT?20EREF+NOTPROVIDED SVWZ+x IBAN+{SHOP}?32A?33B", "AB", SHOP, None, "DEBIT x"),
    ],
)  # fmt: skip
def test_ways_of_telling(
    told: str, name: str | None, account: str | None, end_to_end: str | None, memo: str
) -> None:
    found = purpose(told)
    assert (found.name, found.account, found.end_to_end, found.memo) == (
        name,
        account,
        end_to_end,
        memo,
    )


def test_an_outside_reader_finds_the_same(tmp_path: Path) -> None:
    rows = [
        line
        for day in range(1, 28)
        for line in (f":61:2603{day:02}03{day:02}{'CD'[day % 2]}{day},{day:02}NTRFC{day}//B{day}",
                     f":86:166?00X?20told {day}")
    ]  # fmt: skip
    text = swift(*rows)
    ours = read(written(tmp_path, text)).rows
    theirs = mt940.parse(text)
    assert [Decimal(row["effect_minor"]) / 100 for row in ours] == [
        one.data["amount"].amount for one in theirs
    ]
    assert [row["bank_ref"] for row in ours] == [one.data["bank_reference"] for one in theirs]
    assert [row["day"] for row in ours] == [one.data["entry_date"] for one in theirs]
