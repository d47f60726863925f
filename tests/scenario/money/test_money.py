"""The generated money repeats, is exact in number, holds its truth, and gives nothing away."""

import hashlib
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest

from palermo.doors.cli import run
from palermo.model import Unreadable
from palermo.model.transaction import ACCOUNTS, CHANNELS, STATEMENT_ROWS
from palermo.scenario.money import TRUE_ACCOUNTS, TRUE_PAYMENTS, Money, make_money, statements
from palermo.scenario.money.look_alikes import LOOK_ALIKES
from palermo.scenario.money.writing import write
from palermo.scenario.sirocco.cast import Cast

COUNT = 250_000
KINDS = {"sexual", "labour", "child", "organ", "forced-crime"}


@pytest.fixture(scope="module", params=[3, 8])
def money(request: pytest.FixtureRequest) -> Money:
    return make_money(COUNT, seed=request.param)


def digests(folder: Path) -> dict[str, str]:
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*.parquet"))
    }


def test_the_same_seed_gives_the_same_bytes(tmp_path: Path) -> None:
    for name, seed in (("a", 5), ("b", 5), ("c", 6)):
        write(make_money(20_000, seed=seed), tmp_path / name)
    a, b, c = (digests(tmp_path / name) for name in "abc")
    assert a == b
    assert len(a) == 4
    assert not set(a.values()) & set(c.values())


@pytest.mark.parametrize("count", [2_000, 7_001, 33_333])
def test_there_are_exactly_as_many_as_asked(count: int) -> None:
    made = make_money(count, seed=1)
    table = made.transactions()
    assert table.num_rows == made.count == count
    assert len(set(table["tx_id"].to_pylist())) == count


def test_too_few_too_many_or_no_seed() -> None:
    for count, seed in ((100, 1), (6_000_000, 1), (5_000, -1)):
        with pytest.raises(Unreadable, match="payments"):
            make_money(count, seed=seed)


def test_tables_are_what_they_say(money: Money) -> None:
    table = money.transactions()
    assert table.schema == STATEMENT_ROWS
    assert money.accounts.schema == ACCOUNTS
    assert money.truth.schema == TRUE_ACCOUNTS
    assert money.crimes().schema == TRUE_PAYMENTS
    assert set(pc.unique(table["channel"]).to_pylist()) <= set(CHANNELS)
    assert pc.min(table["amount_minor"]).as_py() > 0
    ts = np.asarray(table["ts"].cast("int64"))
    assert (np.diff(ts) >= 0).all()
    known = set(money.accounts["account"].to_pylist())
    assert len(known) == money.accounts.num_rows
    for end in ("src", "dst"):
        assert set(pc.unique(table[end]).to_pylist()) <= known
    assert not pc.any(pc.equal(table["src"], table["dst"])).as_py()


def test_every_kind_of_crime_and_of_look_alike_is_there(money: Money) -> None:
    truth = money.truth.to_pylist()
    assert {one["kind"] for one in truth if one["kind"]} == KINDS
    assert {one["role"] for one in truth if one["role"]} == {
        "controller", "possible-victim", "buyer", "facilitator",
    }  # fmt: skip
    alike = Counter(one["look_alike"] for one in truth if one["look_alike"])
    assert len(alike) >= len(LOOK_ALIKES) - 2
    assert all(not (one["role"] and one["look_alike"]) for one in truth)
    share = sum(alike.values()) / money.accounts.num_rows
    assert 0.05 < share < 0.15
    guilty = sum(
        1 for one in truth if one["role"] and (one["kind"], one["role"]) != ("sexual", "buyer")
    )
    assert 0.005 < guilty / money.accounts.num_rows < 0.03


def test_the_payments_of_a_crime_touch_those_who_play_in_it(money: Money) -> None:
    table = money.transactions()
    ends = dict(
        zip(
            table["tx_id"].to_pylist(),
            zip(table["src"].to_pylist(), table["dst"].to_pylist(), strict=True),
            strict=True,
        )
    )
    scheme = {one["account"]: one["scheme"] for one in money.truth.to_pylist() if one["role"]}
    crimes = money.crimes().to_pylist()
    assert 0.002 < len(crimes) / COUNT < 0.1
    touching = [any(end in scheme for end in ends[one["tx_id"]]) for one in crimes]
    assert all(touching)


def values(money: Money, name: str, rows: np.ndarray[Any, Any]) -> Counter[Any]:
    return Counter(money.columns[name][rows].tolist())


def test_no_value_is_used_by_crime_alone(money: Money) -> None:
    """References, trades, channels, hours and round sums of crime are those of everybody."""
    crime = money.columns["scheme"] >= 0
    memos = money.memos.to_pylist()
    for name in ("mcc", "channel", "country"):
        guilty, rest = values(money, name, crime), values(money, name, ~crime)
        assert set(guilty) <= set(rest), name
        assert all(rest[value] >= guilty[value] for value in guilty if name == "mcc")
    kinds = [
        {(memos[m] or "").split()[0] if memos[m] else "" for m in values(money, "memo", part)}
        for part in (crime, ~crime)
    ]
    assert kinds[0] <= kinds[1]
    hour = money.columns["ts"] // 3600 % 24
    assert set(hour[crime].tolist()) <= set(hour[~crime].tolist())
    minor = money.columns["minor"]
    for step in (100, 500, 1000):
        guilty, rest = (minor[part] % step == 0 for part in (crime, ~crime))
        assert guilty.mean() < 0.98
        assert rest.sum() > guilty.sum()
    same = np.isin(np.unique(minor[crime]), np.unique(minor[~crime])).mean()
    assert same > 0.5


def test_neither_name_nor_order_of_an_account_tells_anything(money: Money) -> None:
    role = {one["account"] for one in money.truth.to_pylist() if one["role"]}
    rows = [
        one
        for one in money.accounts.to_pylist()
        if one["kind"] == "bank" and one["country"][0] != "X"
    ]
    marks = np.array([one["account"] in role for one in rows])
    place = np.arange(len(rows)) / len(rows)
    assert abs(place[marks].mean() - 0.5) < 0.12
    digit = np.array([int(one["account"][-1]) for one in rows])
    assert abs(digit[marks].mean() - digit[~marks].mean()) < 1.2
    surnames = [
        {one["holder"].split()[-1] for one, mark in zip(rows, marks, strict=True) if mark == which}
        for which in (True, False)
    ]
    assert len(surnames[0] & surnames[1]) > 0.5 * len(surnames[0])
    for name in ("phone", "address", "device", "email"):
        known = np.array([one[name] is not None for one in rows])
        assert abs(known[marks].mean() - known[~marks].mean()) < 0.2, name
    segments = [
        {one["segment"] for one, mark in zip(rows, marks, strict=True) if mark == which}
        for which in (True, False)
    ]
    assert segments[0] <= segments[1]


def test_nobody_is_known_by_origin(money: Money) -> None:
    assert not {"nationality", "ethnicity", "religion"} & set(money.accounts.column_names)


def test_the_case_can_be_linked_to_its_advertisements(tmp_path: Path) -> None:
    out = tmp_path / "case"
    assert (
        run(
            [
                "scenario",
                "sirocco",
                "--out",
                str(out),
                "--size",
                "400",
                "--seed",
                "2",
                "--money",
                "12000",
            ]
        )
        == 0
    )
    accounts = pq.read_table(out / "accounts.parquet").to_pylist()
    stated = pq.read_table(out / "truth" / "identifiers.parquet").to_pylist()
    said = {one["value"] for one in stated}
    held = {one["account"] for one in accounts} | {one["phone"] for one in accounts}
    rings = Cast(2, 400).rings.values()
    for ring in rings:
        assert {phone.e164 for phone in ring.phones} & held & said
        assert {address for kind in ring.wallets.values() for address in kind} <= held
    truth = {
        one["account"]: one for one in pq.read_table(out / "truth" / "accounts.parquet").to_pylist()
    }
    ibans = {iban for ring in rings for iban in ring.wallets["iban"]}
    assert {truth[iban]["role"] for iban in ibans} == {"controller"}
    assert pq.read_table(out / "transactions.parquet").num_rows == 12_000


def test_statements_add_up() -> None:
    made = make_money(12_000, seed=2, cast=Cast(2, 400))
    found = statements(made, made.case)
    assert len(found) > 20
    assert {one.currency for one in found} >= {"EUR", "USDT", "BTC"}
    for one in found:
        balance = one.opening_minor
        for row in one.rows.to_pylist():
            balance += row["amount_minor"] if row["dst"] == one.account else -row["amount_minor"]
            assert row["balance_minor"] == balance >= 0
        assert balance == one.closing_minor
        assert one.rows["line"].to_pylist() == list(range(1, one.rows.num_rows + 1))
