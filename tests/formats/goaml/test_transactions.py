"""Payments of a report as rows, exact or set aside."""

from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from palermo.formats.goaml import parse_xml, read_profile, transactions
from palermo.formats.reports import ReportRows, report_format
from palermo.model import Unreadable
from palermo.model.transaction import STATEMENT_ROWS

GOLDEN = Path(__file__).parent / "golden" / "report-5.xml"


def rows(text: str) -> ReportRows:
    return transactions(parse_xml(text.encode()), profile=read_profile("example-5"), name="r.xml")


def test_the_golden_report_gives_its_payments() -> None:
    read = report_format("goaml").payments(GOLDEN, "example-5")
    assert read.table.schema == STATEMENT_ROWS
    assert read.set_aside == ()
    first, second = read.table.to_pylist()
    assert first["tx_id"] == "t1"
    assert first["ts"] == datetime(2026, 3, 1, 22, 10, tzinfo=UTC)
    assert (first["src"], first["dst"]) == ("B-100", "GB82WEST12345698765432")
    assert (first["amount_minor"], first["currency"]) == (15000, "EUR")
    assert first["memo"] == 'rent & "deposit"'
    assert first["dst_name"] == "Kim Sample"
    assert first["day_only"] is False
    assert (second["src"], second["dst"]) == ("person:Kim Sample", "entity:Example Trading")
    assert (second["amount_minor"], second["day_only"]) == (14050, True)
    assert second["channel"] == "remittance"
    assert second["value_date"] is None
    assert first["line"] == GOLDEN.read_text().splitlines().index("  <transaction>") + 1


@pytest.mark.parametrize(
    ("old", "new", "field"),
    [
        ("<amount_local>150.00", "<amount_local>150.005", "amount_local"),
        ("<amount_local>150.00", "<amount_local>-1", "amount_local"),
        ("<amount_local>150.00", "<amount_local>1e400", "amount_local"),
        ("<amount_local>150.00", "<amount_local>NaN", "amount_local"),
        ("<amount_local>150.00", f"<amount_local>{'9' * 5000}", "amount_local"),
        ("2026-03-01T22:10:00", "yesterday", "date_transaction"),
        ("<transactionnumber>t1", "<transactionnumber>", "transactionnumber"),
        ("<role>SENDR", "<role>OTHER", "involved_parties"),
    ],
)
def test_what_cannot_be_read_is_set_aside_and_costs_no_other(
    old: str, new: str, field: str
) -> None:
    read = rows(GOLDEN.read_text().replace(old, new, 1))
    assert read.table.num_rows == 1
    (aside,) = read.set_aside
    assert aside.field == field
    assert aside.reason


def test_a_yen_has_no_part_and_a_value_date_is_a_day() -> None:
    text = GOLDEN.read_text().replace("<currency_code_local>EUR", "<currency_code_local>JPY")
    text = text.replace(
        "</date_transaction>",
        "</date_transaction><value_date>2026-03-03T00:00:00</value_date>",
        1,
    )
    read = rows(text)
    (row,) = read.table.to_pylist()
    assert (row["amount_minor"], row["value_date"]) == (150, date(2026, 3, 3))
    assert read.set_aside[0].reason == "JPY has 0 digits"


def test_an_unknown_format_is_refused() -> None:
    with pytest.raises(Unreadable, match="expected one of goaml"):
        report_format("eu-its")
