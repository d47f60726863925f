"""What of a case is exported: the tables, and payments added up by pair, month and currency."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from palermo.model import IDENTIFIERS, ITEMS, LINKS
from palermo.model.report import Alert
from palermo.model.transaction import ACCOUNTS, STATEMENT_ROWS

#: Payments from one account to another in one month. `tx_ids` are their numbers, in order of time;
#: `first` and `last` days; reversals are taken off, so a sum may be zero or below.
FLOWS = pa.schema(
    [
        pa.field("src", pa.string(), nullable=False),
        pa.field("dst", pa.string(), nullable=False),
        pa.field("month", pa.string(), nullable=False),
        pa.field("currency", pa.string(), nullable=False),
        pa.field("amount_minor", pa.int64(), nullable=False),
        pa.field("payments", pa.int64(), nullable=False),
        pa.field("first", pa.date32(), nullable=False),
        pa.field("last", pa.date32(), nullable=False),
        pa.field("channels", pa.list_(pa.string()), nullable=False),
        pa.field("memos", pa.list_(pa.string()), nullable=False),
        pa.field("tx_ids", pa.list_(pa.string()), nullable=False),
    ]
)


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseTables:
    """The tables of a case; each may be empty. `assets` are rows of the asset ledger."""

    accounts: pa.Table = field(default_factory=ACCOUNTS.empty_table)
    payments: pa.Table = field(default_factory=STATEMENT_ROWS.empty_table)
    items: pa.Table = field(default_factory=ITEMS.empty_table)
    identifiers: pa.Table = field(default_factory=IDENTIFIERS.empty_table)
    links: pa.Table = field(default_factory=LINKS.empty_table)
    alerts: Sequence[Alert] = ()
    assets: Sequence[Mapping[str, Any]] = ()


def flows(payments: pa.Table) -> pa.Table:
    """Add up `payments` (STATEMENT_ROWS) as FLOWS, in order of pair, month and currency."""
    month = pc.strftime(payments["ts"], format="%Y-%m")
    order = pc.sort_indices(
        payments.append_column("month", month).append_column(
            "place", pa.array(range(payments.num_rows), pa.int64())
        ),
        [(name, "ascending") for name in ("src", "dst", "month", "currency", "ts", "place")],
    )
    rows: dict[tuple[str, str, str, str], dict[str, Any]] = {}
    for row in payments.append_column("month", month).take(order).to_pylist():
        key = (row["src"], row["dst"], row["month"], row["currency"])
        day = row["ts"].date()
        flow = rows.setdefault(
            key,
            {
                **dict(zip(("src", "dst", "month", "currency"), key, strict=True)),
                "amount_minor": 0,
                "payments": 0,
                "first": day,
                "channels": {},
                "memos": {},
                "tx_ids": [],
            },
        )
        flow["amount_minor"] += row["amount_minor"]
        flow["payments"] += 1
        flow["last"] = day
        flow["tx_ids"].append(row["tx_id"])
        for name, column in (("channels", "channel"), ("memos", "memo")):
            if row[column]:
                flow[name][row[column]] = None
    listed = [
        {**flow, "channels": sorted(flow["channels"]), "memos": list(flow["memos"])}
        for flow in rows.values()
    ]
    return pa.Table.from_pylist(listed, schema=FLOWS)
