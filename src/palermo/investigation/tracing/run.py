"""From tables of transactions and claims to a folder of answers and its exhibit.

Guarantees that the folder appears whole; that the same files give the same folder, byte for byte;
and that what was set aside is in it, with the reason. The hash in `trace.json` is over the
inputs and all tables, so that two people can compare their results by one line.
"""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa

from palermo import __version__
from palermo.analysis.money.tracing import RULES, Trace, ledger, trace, with_currencies
from palermo.engine import staged_directory
from palermo.formats import write_table
from palermo.formats.typed_table import SetAside, TypedTable, read_typed
from palermo.investigation.tracing.exhibit import Exhibit, render
from palermo.investigation.tracing.words import Language
from palermo.model import Unreadable
from palermo.model.transaction import CLAIMS, TRANSACTIONS

_NAMES = {
    "tx_id": ("id", "transaction", "transaction_id"),
    "ts": ("timestamp", "time", "date", "booked_at"),
    "src": ("from", "source", "sender", "payer"),
    "dst": ("to", "target", "receiver", "payee"),
    "amount_minor": ("amount_minor_units",),
    "currency": ("ccy",),
}
_CLAIM_NAMES = {"from_ts": ("from", "since", "ts")}


@dataclass(frozen=True, slots=True, kw_only=True)
class TraceRequest:
    """What is to be traced, by which rules, into which folder; the exhibit in which languages."""

    transactions: Path
    claims: Path
    out: Path
    rules: Sequence[str] = RULES
    languages: Sequence[Language] = ("en",)


@dataclass(frozen=True, slots=True, kw_only=True)
class Tracing:
    """What was done: numbers for the person, and the hash that others can compare."""

    sha256: str
    transactions: int
    claims: int
    set_aside: int
    without_zone: int
    trace: Trace


def trace_files(request: TraceRequest) -> Tracing:
    """Trace, and leave `request.out` with tables, `trace.json` and `exhibit.html`.

    The exhibit of the first language has that name, others their language in it.

    Raises:
        Unreadable: a file cannot be read, a claim cannot be placed, or no claim is left.
    """
    paid = read_typed(request.transactions, TRANSACTIONS, names=_NAMES)
    claimed = read_typed(request.claims, CLAIMS, names=_CLAIM_NAMES)
    if claimed.set_aside:
        first = claimed.set_aside[0]
        raise Unreadable(
            f"{request.claims}: row {first.row}: {first.field} {first.value!r}: {first.reason}; "
            "a claim left out would change every other one"
        )
    if not claimed.table.num_rows:
        raise Unreadable(f"{request.claims}: no claims; nothing to trace")
    claims = with_currencies(claimed.table, paid.table)
    found = trace(ledger(paid.table, claims), request.rules)
    tables = _tables(paid, found)
    inputs = {"transactions": _sha256(request.transactions), "claims": _sha256(request.claims)}
    with staged_directory(request.out) as stage:
        for name, table in tables.items():
            write_table(table, stage / f"{name}.csv")
        hashes = {name: _sha256(stage / f"{name}.csv") for name in tables}
        facts = {
            "palermo": __version__,
            "rules": list(request.rules),
            "inputs": inputs,
            "tables": hashes,
            "transactions": paid.table.num_rows,
            "claims": claimed.table.num_rows,
            "set_aside": len(paid.set_aside),
            "without_zone": paid.without_zone + claimed.without_zone,
        }
        canonical = json.dumps(facts, sort_keys=True, separators=(",", ":"))
        sha256 = hashlib.sha256(canonical.encode()).hexdigest()
        (stage / "trace.json").write_text(
            json.dumps({**facts, "sha256": sha256}, indent=1, sort_keys=True) + "\n", "utf-8"
        )
        exhibit = Exhibit(
            facts=facts,
            sha256=sha256,
            claims=claims,
            transactions=paid.table,
            trace=found,
            set_aside=paid.set_aside,
        )
        for number, language in enumerate(request.languages):
            name = f"exhibit.{language}.html" if number else "exhibit.html"
            (stage / name).write_text(render(exhibit, language), "utf-8")
    return Tracing(
        sha256=sha256,
        transactions=paid.table.num_rows,
        claims=claimed.table.num_rows,
        set_aside=len(paid.set_aside),
        without_zone=paid.without_zone + claimed.without_zone,
        trace=found,
    )


def _tables(paid: TypedTable, found: Trace) -> dict[str, pa.Table]:
    row = found.carried["row"]
    of = paid.table.take(row)
    path = pa.table(
        {
            "rule": found.carried["rule"],
            "claimant": found.carried["claimant"],
            "line": paid.rows.take(row.combine_chunks()),
            **{name: of[name] for name in ("tx_id", "ts", "src", "dst", "currency")},
            "paid_minor": of["amount_minor"],
            "carried_minor": found.carried["amount_minor"],
        }
    )
    return {
        "holdings": found.holdings,
        "common": found.common,
        "path": path,
        "undocumented": found.undocumented,
        "set_aside": _set_aside(paid.set_aside),
    }


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _set_aside(rows: Sequence[SetAside]) -> pa.Table:
    return pa.table(
        {
            "line": pa.array([one.row for one in rows], pa.int64()),
            "field": pa.array([one.field for one in rows], pa.string()),
            "value": pa.array([one.value for one in rows], pa.string()),
            "reason": pa.array([one.reason for one in rows], pa.string()),
        }
    )
