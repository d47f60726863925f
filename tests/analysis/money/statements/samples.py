"""Rows and statements for the tests of proof and comparison."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pyarrow as pa

from palermo.model.statement import READ_ROWS, Statement

START = date(2026, 3, 1)
OWN = "ACC1"


def day(number: int) -> date:
    return START + timedelta(days=number)


def row(effect: int, when: int = 0, **more: Any) -> dict[str, Any]:
    """Return one row of account OWN on day `when`."""
    own, other = more.get("own", OWN), more.pop("other", "name:somebody")
    moment = day(when)
    src, dst = (other, own) if effect > 0 else (own, other)
    plain: dict[str, Any] = dict.fromkeys(READ_ROWS.names)
    return (
        plain
        | {
            "tx_id": "t",
            "ts": datetime(moment.year, moment.month, moment.day, tzinfo=UTC),
            "day": moment,
            "value_date": moment,
            "src": src,
            "dst": dst,
            "amount_minor": abs(effect),
            "currency": "EUR",
            "own": own,
            "effect_minor": effect,
            "reversal": False,
            "line": 1,
        }
        | more
    )


def table(rows: Sequence[dict[str, Any]]) -> pa.Table:
    numbered = [one | {"tx_id": f"t{at}", "line": at + 1} for at, one in enumerate(rows)]
    return pa.Table.from_pylist(numbered, READ_ROWS)


def statement(opening: int | None = None, closing: int | None = None, **more: Any) -> Statement:
    plain: dict[str, Any] = {
        "name": "s",
        "document": "d",
        "format": "camt.053",
        "kind": "statement",
        "account": OWN,
        "currency": "EUR",
        "opening_minor": opening,
        "closing_minor": closing,
    }
    return Statement(**(plain | more))
