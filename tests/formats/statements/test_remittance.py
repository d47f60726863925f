"""A remitter's book: both legs, people by telephone or name, and the Solar Hijri calendar."""

from datetime import date, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.formats.statements.samples import read, written

from palermo.formats.statements.parts import Wrong
from palermo.formats.statements.remittance import solar_hijri

HEAD = (
    "ledger_id,line,date,calendar,sender,s_phone,payer_id_seen,receiver,r_phone,corridor,amt_in,"
    "ccy_in,rate,amt_out,ccy_out,fee,token,hawaladar_from,hawaladar_to,settle_ref\n"
)


def row(**changes: str) -> str:
    cells = {
        "ledger_id": "L1", "line": "1", "date": "2026-03-01", "calendar": "", "sender": "Ali Khan",
        "s_phone": "+93 700 000 001", "payer_id_seen": "no", "receiver": "Sara", "r_phone": "",
        "corridor": "AF-FR", "amt_in": "1000", "ccy_in": "USD", "rate": "0.92", "amt_out": "920.50",
        "ccy_out": "EUR", "fee": "", "token": "T1", "hawaladar_from": "Haji", "hawaladar_to": "Rue",
        "settle_ref": "S1",
    } | changes  # fmt: skip
    return ",".join(cells.values()) + "\n"


def test_a_transfer_is_paid_in_here_and_paid_out_there(tmp_path: Path) -> None:
    found = read(written(tmp_path, HEAD + row()))
    paid, out = found.rows
    assert (paid["src"], paid["dst"]) == ("phone:+93700000001", "remitter:haji")
    assert (paid["amount_minor"], paid["currency"]) == (100_000, "USD")
    assert (out["src"], out["dst"]) == ("remitter:rue", "name:sara")
    assert (out["amount_minor"], out["currency"]) == (92_050, "EUR")
    assert (paid["bank_ref"], out["bank_ref"]) == ("T1", "T1")
    assert {paid["channel"], out["channel"]} == {"remittance"}
    assert (paid["src_name"], out["dst_name"]) == ("Ali Khan", "Sara")
    assert found.statements[0].kind == "ledger"


def test_a_fee_is_a_row_unless_it_is_within(tmp_path: Path) -> None:
    found = read(written(tmp_path, HEAD + row(fee="20")))
    assert [(one["channel"], one["amount_minor"]) for one in found.rows] == [
        ("remittance", 100_000), ("fee", 2_000), ("remittance", 92_050),
    ]  # fmt: skip
    assert len({one["tx_id"] for one in found.rows}) == 3


@pytest.mark.parametrize(
    ("changes", "field"),
    [({"amt_in": "-5"}, "amt_in"), ({"amt_out": "x"}, "amt_out"), ({"ccy_in": "dollars"}, "ccy_in"),
     ({"sender": "", "s_phone": ""}, "sender"), ({"date": "soon"}, "date"),
     ({"calendar": "lunar"}, "calendar"),
     ({"calendar": "solar_hijri", "date": "1404-13-01"}, "date")],
)  # fmt: skip
def test_a_transfer_that_cannot_be_read_gives_no_row_at_all(
    changes: dict[str, str], field: str, tmp_path: Path
) -> None:
    found = read(written(tmp_path, HEAD + row(**changes) + row(amt_in="7")))
    assert found.column("amount_minor") == [700, 92_050]
    assert [(one.row, one.field) for one in found.aside] == [(1, field)]


def test_days_of_the_solar_calendar(tmp_path: Path) -> None:
    found = read(written(tmp_path, HEAD + row(calendar="solar_hijri", date="1404/12/10")))
    assert found.column("day")[0] == date(2026, 3, 1)


@pytest.mark.parametrize(
    ("solar", "gregorian"),
    [((1300, 1, 1), date(1921, 3, 21)), ((1357, 11, 22), date(1979, 2, 11)),
     ((1399, 12, 30), date(2021, 3, 20)), ((1403, 12, 30), date(2025, 3, 20)),
     ((1404, 1, 1), date(2025, 3, 21)), ((1408, 1, 1), date(2029, 3, 20))],
)  # fmt: skip
def test_known_days(solar: tuple[int, int, int], gregorian: date) -> None:
    assert solar_hijri(*solar) == gregorian


@given(st.integers(1244, 1471), st.integers(1, 12), st.integers(1, 31))
def test_days_follow_each_other(year: int, month: int, day: int) -> None:
    try:
        this = solar_hijri(year, month, day)
    except Wrong:
        return
    following = None
    for step in ((year, month, day + 1), (year, month + 1, 1), (year + 1, 1, 1)):
        try:
            following = solar_hijri(*step)
        except Wrong:
            continue
        break
    assert following == this + timedelta(days=1)
