"""Vectors worked by hand, from `vectors/*.yaml`: every rule of every ledger to the unit."""

import re
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
import yaml

from palermo.analysis.money.tracing import Trace, ledger, trace
from palermo.model.transaction import CLAIMS, TRANSACTIONS

FILES = sorted(Path(__file__).with_name("vectors").glob("*.yaml"))
START = datetime(2026, 1, 1, tzinfo=UTC)
_PAYMENT = re.compile(r"(\w+) > (\w+) (-?\d+)(?: (\w+))?")
_CLAIM = re.compile(r"claim (\w+) (\w+) (\d+)(?: (\w+))?(?: by (t\d+))?")
_MOMENT = re.compile(r"at (\d+): (.*)")

VECTORS = [
    pytest.param(one, rule, id=f"{path.stem}-{number}-{rule}")
    for path in FILES
    for number, one in enumerate(yaml.safe_load(path.read_text("utf-8"))["vectors"])
    for rule in one["expect"]
]


def tables(events: list[str]) -> tuple[pa.Table, pa.Table]:
    """Read the short form: see the head of vectors/single.yaml."""
    paid: list[dict[str, Any]] = []
    claimed: list[dict[str, Any]] = []
    for number, text in enumerate(events):
        second, words = number, text
        if moment := _MOMENT.fullmatch(text):
            second, words = int(moment[1]), moment[2]
        ts = START + timedelta(seconds=second)
        if payment := _PAYMENT.fullmatch(words):
            giver, taker, units, currency = payment.groups()
            paid.append(
                {
                    "tx_id": f"t{len(paid)}",
                    "ts": ts,
                    "src": giver,
                    "dst": taker,
                    "amount_minor": int(units),
                    "currency": currency or "EUR",
                }
            )
        elif claim := _CLAIM.fullmatch(words):
            who, account, units, currency, by = claim.groups()
            claimed.append(
                {
                    "claimant": who,
                    "account": account,
                    "amount_minor": int(units),
                    "currency": currency or "EUR",
                    "from_ts": ts,
                    "tx_id": by,
                }
            )
        else:
            raise AssertionError(f"{text!r} is no event")
    return (
        pa.Table.from_pylist(paid, schema=TRANSACTIONS),
        pa.Table.from_pylist(claimed, schema=CLAIMS),
    )


def named(account: str, currency: str, expected: dict[str, Any]) -> str:
    """An account as the vector calls it: with its currency only where it does so."""
    full = f"{account} {currency}"
    return full if full in expected else account


@cache
def traced(*events: str) -> Trace:
    """Trace a ledger once for all of its rules."""
    return trace(ledger(*tables(list(events))))


@pytest.mark.parametrize(("vector", "rule"), VECTORS)
def test_a_vector(vector: dict[str, Any], rule: str) -> None:
    found = traced(*vector["events"])
    expected = vector["expect"][rule]
    held: dict[str, dict[str, int]] = {}
    for row in found.holdings.to_pylist():
        if row["rule"] == rule:
            name = named(row["account"], row["currency"], expected)
            held.setdefault(name, {})[row["claimant"]] = row["amount_minor"]
    assert held == expected, vector["working"]
    if "gaps" in vector:
        gaps = {
            row["account"]: row["amount_minor"]
            for row in found.undocumented.to_pylist()
            if row["rule"] == rule and row["account"] in vector["gaps"]
        }
        assert gaps == vector["gaps"]


def test_there_are_enough_of_them_and_each_is_worked_out() -> None:
    assert len(VECTORS) >= 200
    for path in FILES:
        for one in yaml.safe_load(path.read_text("utf-8"))["vectors"]:
            assert len(one["working"]) > 20, one["name"]
