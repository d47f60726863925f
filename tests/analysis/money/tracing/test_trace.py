"""Tracing: vectors worked out by hand, agreement with the reference, conservation, exactness."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.analysis.money.tracing.reference import (
    Claim,
    Event,
    Found,
    Payment,
    by_shares,
    by_tokens,
    pari_passu,
    touched,
)

from palermo.analysis.money.tracing import RULES, Trace, ledger, trace
from palermo.model import Unreadable
from palermo.model.transaction import CLAIMS, TRANSACTIONS

START = datetime(2026, 1, 1, tzinfo=UTC)


def tables(events: Sequence[Event]) -> tuple[pa.Table, pa.Table]:
    """Write events as tables: one a second, a claim half a second after what came before it."""
    payments = [(at, one) for at, one in enumerate(events) if isinstance(one, Payment)]
    claims = [(at, one) for at, one in enumerate(events) if isinstance(one, Claim)]
    transactions = pa.table(
        {
            "tx_id": [f"t{at}" for at, _ in payments],
            "ts": [START + timedelta(seconds=at) for at, _ in payments],
            "src": [one.giver for _, one in payments],
            "dst": [one.taker for _, one in payments],
            "amount_minor": [one.units for _, one in payments],
            "currency": ["EUR"] * len(payments),
        },
        schema=TRANSACTIONS,
    )
    return transactions, pa.table(
        {
            "claimant": [one.claimant for _, one in claims],
            "account": [one.account for _, one in claims],
            "amount_minor": [one.units for _, one in claims],
            "currency": ["EUR"] * len(claims),
            "from_ts": [START + timedelta(seconds=at) for at, _ in claims],
            "tx_id": pa.nulls(len(claims), pa.string()),
        },
        schema=CLAIMS,
    )


def traced(events: Sequence[Event], rules: Sequence[str] = RULES) -> Trace:
    return trace(ledger(*tables(events)), rules)


def held(found: Trace, rule: str) -> dict[tuple[str, str], int]:
    return {
        (row["account"], row["claimant"]): row["amount_minor"]
        for row in found.holdings.to_pylist()
        if row["rule"] == rule
    }


#: The vector of the research note: own 100, crime 50, X 60, own 30, Y 90 (in tenths here).
NOTE: list[Event] = [
    Payment("own", "M", 1000),
    Payment("crime", "M", 500),
    Claim("V", "M", 500),
    Payment("M", "X", 600),
    Payment("own", "M", 300),
    Payment("M", "Y", 900),
]


@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        ("haircut", {"M": 75, "X": 200, "Y": 225}),
        ("libr", {"M": 300, "Y": 200}),
        ("fifo", {"Y": 500}),
        ("lifo", {"X": 500}),
        ("pari_passu", {"M": 83}),
        ("poison", {"M": 300, "X": 600, "Y": 900}),
    ],
)
def test_the_vector_of_the_note(rule: str, expected: dict[str, int]) -> None:
    assert held(traced(NOTE), rule) == {(name, "V"): units for name, units in expected.items()}


@pytest.mark.parametrize("rule", ["fifo", "lifo", "haircut", "libr"])
@pytest.mark.parametrize("at", [0, 1])
def test_a_claim_on_the_account_it_came_from_gives_the_same(rule: str, at: int) -> None:
    """The victim's own account has no record: the claim itself is what came in undocumented."""
    events: list[Event] = [one for one in NOTE if isinstance(one, Payment)]
    transactions, _ = tables(events)
    claims = pa.table(
        {
            "claimant": ["V"],
            "account": ["crime"],
            "amount_minor": [500],
            "currency": ["EUR"],
            "from_ts": [START + timedelta(seconds=at)],
            "tx_id": pa.nulls(1, pa.string()),
        },
        schema=CLAIMS,
    )
    found = trace(ledger(transactions, claims))
    assert held(found, rule) == held(traced(NOTE), rule)
    gaps = {row["account"]: row["amount_minor"] for row in found.undocumented.to_pylist()}
    assert gaps["crime"] == 500


def test_a_claim_by_transaction_is_the_money_that_it_brought() -> None:
    events: list[Event] = [
        Payment("v", "M", 5),
        Payment("own", "M", 7),
        Payment("M", "X", 5),
    ]
    transactions, _ = tables(events)
    claims = pa.table(
        {
            "claimant": ["V"],
            "account": ["M"],
            "amount_minor": [5],
            "currency": ["EUR"],
            "from_ts": [START + timedelta(days=1)],
            "tx_id": ["t0"],
        },
        schema=CLAIMS,
    )
    assert held(trace(ledger(transactions, claims)), "fifo") == {("X", "V"): 5}


ACCOUNTS = st.sampled_from("abcd")
UNITS = st.integers(1, 30)
EVENTS = st.lists(
    st.one_of(
        st.builds(Payment, ACCOUNTS, ACCOUNTS, UNITS),
        st.builds(Payment, ACCOUNTS, ACCOUNTS, UNITS),
        st.builds(Claim, st.sampled_from(["V", "W", "U"]), ACCOUNTS, UNITS),
    ),
    max_size=25,
)


@pytest.mark.parametrize("rule", ["fifo", "lifo", "haircut", "libr"])
@settings(max_examples=400, deadline=None)
@given(events=EVENTS)
def test_agrees_with_the_reference(rule: str, events: list[Event]) -> None:
    claimants = list(dict.fromkeys(one.claimant for one in events if isinstance(one, Claim)))
    if not claimants:
        return
    expected: Found = (
        by_tokens(events, last_first=rule == "lifo")
        if rule in {"fifo", "lifo"}
        else by_shares(events, claimants, own_first=rule == "libr")
    )
    found = traced(events, [rule])
    assert held(found, rule) == expected.held
    place = [at for at, one in enumerate(events) if isinstance(one, Payment)]
    carried = {
        (place[row["row"]], row["claimant"]): row["amount_minor"]
        for row in found.carried.to_pylist()
    }
    assert carried == expected.carried


@settings(max_examples=200, deadline=None)
@given(events=EVENTS)
def test_rules_without_an_order_agree_with_the_reference(events: list[Event]) -> None:
    claimants = list(dict.fromkeys(one.claimant for one in events if isinstance(one, Claim)))
    if not claimants:
        return
    found = traced(events, ["pari_passu", "poison"])
    assert held(found, "pari_passu") == pari_passu(events, claimants)
    reached = held(found, "poison")
    for claimant in claimants:
        mine = {account for account, whose in reached if whose == claimant}
        assert mine <= touched(events, claimant)
        # An account that is touched and holds nothing at the end stands in no line.
        for account in touched(events, claimant) - mine:
            assert not any(name == account for name, _ in reached)


@settings(max_examples=200, deadline=None)
@given(
    events=EVENTS,
    scale=st.sampled_from([1, 10**3, 10**9, 10**13]),
)
def test_claims_are_conserved_at_any_size(events: list[Event], scale: int) -> None:
    """`trace` raises when they are not; sums are compared once more, from the tables."""
    larger: list[Event] = [
        Payment(one.giver, one.taker, one.units * scale + 7)
        if isinstance(one, Payment)
        else Claim(one.claimant, one.account, one.units * scale + 3)
        for one in events
    ]
    found = traced(larger)
    for rule in ("fifo", "lifo", "haircut", "libr"):
        for claimant in ("U", "V", "W"):
            assert sum(
                units for (_, whose), units in held(found, rule).items() if whose == claimant
            ) == sum(
                one.units for one in larger if isinstance(one, Claim) and one.claimant == claimant
            )


@settings(max_examples=100, deadline=None)
@given(events=EVENTS)
def test_nothing_is_where_no_payment_could_bring_it(events: list[Event]) -> None:
    found = traced(events)
    reach = held(found, "poison").keys()
    for rule in ("fifo", "lifo", "haircut", "libr"):
        assert {key for key, _ in held(found, rule).items()} <= reach


def test_rows_of_one_second_keep_the_order_of_the_statement() -> None:
    transactions, claims = tables([Payment("v", "M", 5), Claim("V", "M", 5), Payment("M", "X", 5)])
    same = transactions.set_column(1, TRANSACTIONS.field("ts"), pa.array([START, START]))
    at_once = claims.set_column(4, CLAIMS.field("from_ts"), pa.array([START]))
    found = trace(ledger(same.cast(TRANSACTIONS), at_once.cast(CLAIMS)))
    assert held(found, "fifo") == {("X", "V"): 5}


def test_a_reversal_brings_the_money_back() -> None:
    found = traced(
        [
            Payment("v", "M", 5),
            Claim("V", "M", 5),
            Payment("M", "X", 5),
            Payment("M", "X", -5),
        ]
    )
    assert held(found, "fifo") == {("M", "V"): 5}


def test_currencies_are_never_mixed() -> None:
    transactions, claims = tables([Payment("v", "M", 5), Claim("V", "M", 5), Payment("M", "X", 5)])
    dollars = transactions.set_column(
        5, TRANSACTIONS.field("currency"), pa.array(["EUR", "USD"], pa.string())
    )
    assert held(trace(ledger(dollars, claims)), "fifo") == {("M", "V"): 5}


@pytest.mark.parametrize(
    ("column", "value", "words"),
    [
        ("amount_minor", 0, "row 1: amount_minor is 0"),
        ("amount_minor", -5, "row 1: amount_minor is -5"),
        ("tx_id", "nowhere", "no transaction has tx_id nowhere"),
        ("tx_id", "t2", "transaction t2 brought nothing into account M"),
    ],
)
def test_wrong_claims_are_refused_with_their_row(column: str, value: object, words: str) -> None:
    transactions, claims = tables([Payment("v", "M", 5), Claim("V", "M", 5), Payment("M", "X", 5)])
    at = claims.schema.get_field_index(column)
    field = CLAIMS.field(column)
    wrong = claims.set_column(at, field, pa.array([value], field.type))
    with pytest.raises(Unreadable, match=words):
        ledger(transactions, wrong)


@pytest.mark.parametrize(
    ("amounts", "words"), [((6,), "brought 5, 6 is claimed"), ((3, 3), "brought 5, 6 is claimed")]
)
def test_no_more_is_claimed_of_a_transaction_than_it_brought(
    amounts: tuple[int, ...], words: str
) -> None:
    transactions, _ = tables([Payment("v", "M", 5), Payment("own", "M", 100)])
    claims = pa.table(
        {
            "claimant": [f"V{at}" for at in range(len(amounts))],
            "account": ["M"] * len(amounts),
            "amount_minor": list(amounts),
            "currency": ["EUR"] * len(amounts),
            "from_ts": [START] * len(amounts),
            "tx_id": ["t0"] * len(amounts),
        },
        schema=CLAIMS,
    )
    with pytest.raises(Unreadable, match=words):
        ledger(transactions, claims)


def test_a_name_that_two_transactions_have_names_none() -> None:
    transactions, claims = tables([Payment("v", "M", 5), Claim("V", "M", 5)])
    twice = pa.concat_tables([transactions, transactions])
    named = claims.set_column(5, CLAIMS.field("tx_id"), pa.array(["t0"], pa.string()))
    with pytest.raises(Unreadable, match="2 transactions have tx_id t0"):
        ledger(twice, named)


def test_a_claim_without_currency_takes_the_only_one_of_its_account() -> None:
    transactions, claims = tables([Payment("v", "M", 5), Claim("V", "M", 5), Payment("M", "X", 5)])
    none = claims.set_column(3, CLAIMS.field("currency"), pa.nulls(1, pa.string()))
    assert held(trace(ledger(transactions, none)), "fifo") == {("X", "V"): 5}
    two = pa.concat_tables(
        [
            transactions,
            transactions.set_column(
                5, TRANSACTIONS.field("currency"), pa.array(["USD", "USD"], pa.string())
            ),
        ]
    )
    with pytest.raises(Unreadable, match="account M has EUR and USD"):
        ledger(two, none)


@pytest.mark.parametrize(("units", "fits"), [(2**61 - 2, True), (2**61, False)])
def test_sums_that_would_leave_64_bits_are_refused(units: int, fits: bool) -> None:
    events: list[Event] = [Payment("v", "M", units), Claim("V", "M", 1), Payment("M", "X", units)]
    if fits:
        assert held(traced(events), "fifo") == {("X", "V"): 1}
    else:
        with pytest.raises(Unreadable, match="more than can be counted exactly"):
            traced(events)


def test_what_came_in_and_what_is_claimed_count_together() -> None:
    """An account may hold both: the claim first, from nowhere that a record names."""
    units = 2**61 + 5
    events: list[Event] = [Claim("V", "M", units), Payment("v", "M", units), Payment("M", "X", 9)]
    with pytest.raises(Unreadable, match="more than can be counted exactly"):
        traced(events)
