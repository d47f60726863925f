"""From tables of transactions and accounts to a folder of alerts.

Guarantees that the folder appears whole; that the same files give the same folder, byte for byte;
that what was set aside, what was not looked at and what lies below the budget is in it; and that
the hash in `alerts.json` is over the inputs, the rules and all alerts.
"""

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import yaml

from palermo import __version__
from palermo.analysis.money.typologies import (
    LISTS,
    Alert,
    Records,
    Typologies,
    alerts,
    default_typologies,
    dry_run,
    prepare,
    with_changes,
)
from palermo.engine import staged_directory
from palermo.formats import write_table
from palermo.formats.typed_table import SetAside, TypedTable, read_typed
from palermo.investigation.alerts.evaluate import look
from palermo.investigation.alerts.report import alert_records, alert_table, left_table, role_table
from palermo.model import Unreadable
from palermo.model.transaction import ACCOUNTS, STATEMENT_ROWS

_NAMES = {
    "tx_id": ("id", "transaction", "transaction_id"),
    "ts": ("timestamp", "time", "date", "booked_at"),
    "src": ("from", "source", "sender", "payer"),
    "dst": ("to", "target", "receiver", "payee"),
    "amount_minor": ("amount_minor_units",),
    "currency": ("ccy",),
}
_ACCOUNT_NAMES = {"account": ("id", "iban", "account_id"), "holder": ("name",)}
_TEXT, _TIME = pa.string(), pa.timestamp("us", tz="UTC")
#: Columns of the lists that may be added.
_LISTS: Mapping[str, pa.Schema] = {
    "ads": pa.schema([pa.field("value", _TEXT, nullable=False), pa.field("last_seen", _TIME)]),
    "tags": pa.schema(
        [pa.field("account", _TEXT, nullable=False), pa.field("category", _TEXT, nullable=False)]
    ),
    **{n: pa.schema([pa.field("account", _TEXT, nullable=False)]) for n in LISTS[2:]},
}
_LIST_NAMES = {"account": ("address", "wallet", "id"), "category": ("concept", "label")}
#: No rule file is larger than this.
_MOST_RULES = 1 << 20


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertRequest:
    """What is to be looked at, by which rules, into which folder.

    Args:
        transactions: STATEMENT_ROWS; `accounts` ACCOUNTS, if there are any.
        out: the folder.
        accounts: see above.
        rules: a rule file (YAML) that switches rules or changes parameters.
        lists: tables by name (ads, tags, register, licences, flags) that switch rules on.
        dry: count what rules would raise, raise nothing.
        budget: share of accounts that people can look at.
    """

    transactions: Path
    out: Path
    accounts: Path | None = None
    rules: Path | None = None
    lists: Mapping[str, Path] = field(default_factory=dict)
    dry: bool = False
    budget: str = "0.005"


@dataclass(frozen=True, slots=True, kw_only=True)
class Alerted:
    """What was done: numbers for the person, and the hash that others can compare."""

    sha256: str
    version: str
    transactions: int
    accounts: int
    alerts: int
    within_budget: int
    not_looked: int
    set_aside: int


def alert_files(
    request: AlertRequest, *, progress: Callable[[str, int, int], None] | None = None
) -> Alerted:
    """Look, and leave `request.out` with alerts (or, when dry, counts) and what was left out.

    Raises:
        Unreadable: a file cannot be read, or the rule file or the budget is not as expected.
    """
    budget = _budget(request.budget)
    typologies = _typologies(request.rules)
    paid = read_typed(request.transactions, STATEMENT_ROWS, names=_NAMES)
    known = request.accounts and read_typed(request.accounts, ACCOUNTS, names=_ACCOUNT_NAMES)
    accounts = _once(known, request.accounts) if known and request.accounts else None
    records = prepare(paid.table, accounts, typologies.words)
    looked = look(records, typologies, _lists(request.lists, records), progress=progress)
    made = alerts(records, looked.found, typologies)
    count = int(records.people.own.sum())
    within = min(len(made), max(1, int(count * budget))) if made else 0
    aside = [("transactions", one) for one in paid.set_aside]
    aside += [("accounts", one) for one in (known.set_aside if known else ())]
    facts: dict[str, Any] = {
        "palermo": __version__,
        "typologies": typologies.version,
        "inputs": _hashes(request),
        "budget": request.budget,
        "transactions": records.tx.num_rows,
        "accounts": count,
        "alerts": len(made),
        "within_budget": within,
        "set_aside": len(aside),
        "left_out": dict(records.left_out),
        "without_zone": paid.without_zone,
        "dry_run": request.dry,
    }
    with staged_directory(request.out) as stage:
        write_table(left_table(looked, records), stage / "not_looked_at.csv", spreadsheet_safe=True)
        write_table(_set_aside(aside), stage / "set_aside.csv", spreadsheet_safe=True)
        if request.dry:
            table = dry_run(records, looked.found, made, typologies).table
            sha256 = _write_dry(stage, facts, table)
        else:
            sha256 = _write_alerts(stage, facts, records, made, within)
    return Alerted(
        sha256=sha256,
        version=typologies.version,
        transactions=records.tx.num_rows,
        accounts=count,
        alerts=len(made),
        within_budget=within,
        not_looked=len(
            {one.rule for one in looked.not_looked if not one.why.startswith("in part")}
        ),
        set_aside=len(aside),
    )


def _write_alerts(
    stage: Path, facts: dict[str, Any], records: Records, made: tuple[Alert, ...], within: int
) -> str:
    listed = alert_records(records, made[:within])
    write_table(alert_table(listed), stage / "alerts.csv", spreadsheet_safe=True)
    write_table(role_table(records, made, within), stage / "roles.csv", spreadsheet_safe=True)
    return _write_json(stage / "alerts.json", {**facts, "alerts_listed": listed})


def _write_dry(stage: Path, facts: dict[str, Any], table: pa.Table) -> str:
    write_table(table, stage / "dry_run.csv", spreadsheet_safe=True)
    return _write_json(stage / "dry_run.json", {**facts, "counts": table.to_pylist()})


def _write_json(path: Path, content: dict[str, Any]) -> str:
    """Write canonical JSON with the hash of itself without the hash; return the hash."""
    canonical = json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    sha256 = hashlib.sha256(canonical.encode()).hexdigest()
    text = json.dumps({**content, "sha256": sha256}, sort_keys=True, indent=1, ensure_ascii=False)
    path.write_text(text + "\n", "utf-8")
    return sha256


def _budget(text: str) -> Fraction:
    try:
        share = Fraction(text)
    except (ValueError, ZeroDivisionError):
        share = Fraction(0)
    if not 0 < share <= 1:
        raise Unreadable(f"--budget {text}: expected a share above 0 and at most 1, such as 0.005")
    return share


def _typologies(path: Path | None) -> Typologies:
    if path is None:
        return default_typologies()
    try:
        if path.stat().st_size > _MOST_RULES:
            raise Unreadable(f"{path}: larger than a rule file can be")
        document = yaml.safe_load(path.read_text("utf-8"))
    except (OSError, UnicodeDecodeError, yaml.YAMLError, RecursionError) as error:
        raise Unreadable(f"{path}: not a rule file: {' '.join(str(error).split())[:200]}") from None
    return with_changes(default_typologies(), document, name=str(path))


def _once(known: TypedTable, path: Path) -> pa.Table:
    """Check that every account is there once: which of two to believe is not ours to say."""
    names = known.table["account"].to_pylist()
    seen: set[str] = set()
    for name in names:
        if name in seen:
            raise Unreadable(f"{path}: account {name} is there twice; keep one row an account")
        seen.add(name)
    return known.table


def _lists(paths: Mapping[str, Path], records: Records) -> dict[str, pa.Table]:
    """Read the lists; accounts that the records do not know are of no use and left out."""
    found = {}
    for name, path in paths.items():
        if name not in _LISTS:
            raise Unreadable(f"list {name}: expected one of {', '.join(_LISTS)}")
        read = read_typed(path, _LISTS[name], names=_LIST_NAMES)
        if read.set_aside:
            first = read.set_aside[0]
            raise Unreadable(f"{path}: row {first.row}: {first.field}: {first.reason}")
        table = read.table
        if "account" in table.column_names:
            codes = pa.array(records.people.codes(table["account"]), pa.int32())
            table = table.set_column(0, "account", codes)
            table = table.filter(pa.array([code >= 0 for code in codes.to_pylist()], pa.bool_()))
        else:
            seconds = pc.divide(table["last_seen"].cast(pa.int64()), 1_000_000)
            table = table.set_column(1, "last_seen", seconds)
        found[name] = table
    return found


def _hashes(request: AlertRequest) -> dict[str, str]:
    paths = {
        "transactions": request.transactions,
        "accounts": request.accounts,
        "rules": request.rules,
        **request.lists,
    }
    return {name: _sha256(path) for name, path in sorted(paths.items()) if path is not None}


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _set_aside(rows: list[tuple[str, SetAside]]) -> pa.Table:
    return pa.table(
        {
            "table": pa.array([name for name, _ in rows], pa.string()),
            "line": pa.array([one.row for _, one in rows], pa.int64()),
            "field": pa.array([one.field for _, one in rows], pa.string()),
            "value": pa.array([one.value for _, one in rows], pa.string()),
            "reason": pa.array([one.reason for _, one in rows], pa.string()),
        }
    )
