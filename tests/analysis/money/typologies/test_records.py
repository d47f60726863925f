"""What rules see: hours of the place, euro cents, kinship, payments taken back, passengers."""

from datetime import UTC, date, datetime
from typing import Any

import numpy as np
import pyarrow as pa
from hypothesis import given
from hypothesis import strategies as st

from palermo.analysis.money.typologies import Records, default_typologies, prepare
from palermo.model.transaction import ACCOUNTS, STATEMENT_ROWS

NOON = datetime(2026, 1, 10, 12, tzinfo=UTC)


def rows(*given: dict[str, Any]) -> pa.Table:
    base = {"ts": NOON, "src": "a", "dst": "b", "amount_minor": 100, "currency": "EUR"}
    full = [{"tx_id": f"t{at}", **base, **one} for at, one in enumerate(given)]
    return pa.Table.from_pylist(full, schema=STATEMENT_ROWS)


def accounts(*given: dict[str, Any]) -> pa.Table:
    return pa.Table.from_pylist(list(given), schema=ACCOUNTS)


def seen(table: pa.Table, known: pa.Table | None = None) -> Records:
    return prepare(table, known, default_typologies().words)


def test_the_hour_is_that_of_the_place() -> None:
    late = datetime(2026, 7, 1, 21, 30, tzinfo=UTC)
    found = seen(
        rows(
            {"ts": late, "zone": "Europe/Paris"},  # summer time: 23:30
            {"ts": late, "zone": "Asia/Manila"},  # the next day, 05:30
            {"ts": late, "zone": "No/Where"},
            {"ts": late},
            {"ts": late, "zone": "Europe/Paris", "day_only": True},
        )
    )
    assert found.column("hour").tolist() == [23, 5, -1, -1, -1]
    assert np.diff(found.column("day")[:2]).tolist() == [1]
    assert found.limits["rows without an hour of the day (no zone, or a date only)"] == 3


def test_amounts_are_euro_cents_whatever_the_digits() -> None:
    found = seen(
        rows(
            {"amount_minor": 1234},
            {"amount_minor": 1_000_000, "currency": "USDT"},
            {"amount_minor": 100_000_000, "currency": "BTC"},
            {"amount_minor": 500, "currency": "ZZZ"},
            {"amount_minor": 2**62, "currency": "BTC"},
            {"amount_minor": 0},
        )
    )
    assert found.column("eur").tolist()[:2] == [1234, 92]
    assert found.column("eur").tolist()[2] == 5_900_000
    assert found.left_out["currency without a rate"] == 1
    assert found.left_out["amount of nothing"] == 1


@given(
    st.lists(st.integers(-(2**63) + 1, 2**63 - 1), max_size=20),
    st.sampled_from(["EUR", "ETH", "PHP"]),
)
def test_no_amount_overflows_or_is_lost(amounts: list[int], currency: str) -> None:
    found = seen(rows(*({"amount_minor": one, "currency": currency} for one in amounts)))
    assert found.tx.num_rows + sum(found.left_out.values()) == len(amounts)
    assert (found.column("eur") > 0).all()
    assert (found.column("eur") <= 10**15).all()


def test_a_payment_taken_back_is_left_out_with_its_reversal() -> None:
    found = seen(
        rows(
            {"tx_id": "one"},
            {"tx_id": "two", "amount_minor": -100, "reverses": "one"},
            {"tx_id": "three", "amount_minor": -40, "reverses": "one"},
            {"tx_id": "four", "reverses": "elsewhere"},
        )
    )
    assert found.tx_id.to_pylist() == ["three", "four"]
    assert found.left_out["payment taken back, or taking one back"] == 2
    names = found.people.accounts.values.to_pylist()
    assert [names[code] for code in found.column("src").tolist()] == ["b", "a"]


def test_rows_come_in_the_order_of_time_and_ties_in_that_of_the_table() -> None:
    early = datetime(2026, 1, 1, tzinfo=UTC)
    found = seen(rows({"tx_id": "x"}, {"tx_id": "y", "ts": early}, {"tx_id": "z"}))
    assert found.tx_id.to_pylist() == ["y", "x", "z"]


def test_kinship_is_what_both_share() -> None:
    known = accounts(
        {"account": "a", "holder": "Ana Lopo", "holder_kind": "person"},
        {"account": "b", "holder": "Bea LOPO ", "holder_kind": "person"},
        {"account": "c", "holder": "Lopo", "holder_kind": "person", "phone": "+1"},
        {"account": "d", "holder": "Dan Lopo", "holder_kind": "business"},
        {"account": "e", "holder": "Eva Ruzo", "holder_kind": "person", "phone": "+1"},
    )
    pairs = [("a", "b"), ("a", "c"), ("a", "d"), ("c", "e"), ("a", "e")]
    found = seen(rows(*({"src": one, "dst": other} for one, other in pairs)), known)
    assert found.column("related").tolist() == [True, False, False, True, False]


def test_what_a_payment_is_for() -> None:
    known = accounts({"account": "board", "segment": " Ad Platform ", "holder_kind": "business"})
    found = seen(
        rows(
            {"mcc": "7011"},
            {"mcc": "3620"},
            {"dst": "board"},
            {"mcc": "5411", "dst": "board"},
            {"mcc": "nonsense"},
            {},
        ),
        known,
    )
    expected = ["lodging", "lodging", "ads", "groceries", None, None]
    assert found.tx["spend"].to_pylist() == expected


def test_references_are_read_as_words() -> None:
    texts = ["March SALARY", "sale", "parents", "rent March", "Salaire 3", None, "loyer,mars"]
    found = seen(rows(*({"memo": text} for text in texts)))
    assert found.column("m_wage").tolist() == [True, False, False, False, True, False, False]
    assert found.column("m_rent").tolist() == [False, False, False, True, False, False, True]


def test_a_passenger_is_who_the_ticket_names() -> None:
    known = accounts(
        {"account": "a", "holder": "Ana Lopo", "holder_kind": "person"},
        {"account": "z", "holder": "Bea Ruzo", "holder_kind": "person"},
    )
    found = seen(rows({"memo": "e-ticket for Bea Ruzo"}, {"memo": "Bea Ruzo"}), known)
    passenger = found.column("passenger").tolist()
    of = found.people.table["name"].to_pylist()
    assert passenger[0] == of[found.people.accounts.values.to_pylist().index("z")] >= 0
    assert passenger[1] == -1


def test_without_accounts_every_account_is_looked_at() -> None:
    assert seen(rows({})).people.own.tolist() == [True, True]
    listed = accounts(
        {"account": "a"}, {"account": "b", "kind": "outside"}, {"account": "k", "kind": "cash"}
    )
    assert seen(rows({}, {"dst": "c"}), listed).people.own.tolist() == [True, False, False, False]


def test_a_column_of_nationality_is_not_even_seen() -> None:
    known = accounts(
        {"account": "a", "holder": "Ana Lopo", "holder_kind": "person", "opened": date(2020, 1, 1)}
    )
    marked = known.append_column("nationality", pa.array(["XX"]))
    plain, told = seen(rows({}), known), seen(rows({}), marked)
    assert plain.people.table.equals(told.people.table)
    assert not {"nationality", "ethnicity", "religion"} & set(told.people.table.column_names)


def test_an_empty_table_is_no_trouble() -> None:
    found = seen(STATEMENT_ROWS.empty_table(), ACCOUNTS.empty_table())
    assert found.tx.num_rows == 0
