"""What an import says of itself: `import.json`, the lists beside it, and the report for a person.

Guarantees that every gap, duplicate and row set aside is in it with the place where it stands; and
that the same files give the same bytes.
"""

import json
import os
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from datetime import date
from pathlib import Path
from typing import Any

import pyarrow as pa

from palermo import __version__
from palermo.analysis.money.statements import REASONS, Gap, Proof, Repeat
from palermo.investigation.money.reading import FileRead
from palermo.model import Unreadable
from palermo.model.money import written
from palermo.model.statement import Statement

_SHOWN = 10


def duplicates_table(rows: pa.Table, repeats: Sequence[Repeat]) -> pa.Table:
    """List each row that was left out, the row that it repeats, and why that is believed."""
    left = rows.take(pa.array([one.row for one in repeats], pa.int64()))
    stays = rows.take(pa.array([one.of for one in repeats], pa.int64()))
    told = ("statement", "line", "tx_id")
    return pa.table(
        {
            **{name: left[name] for name in told},
            **{f"repeats_{name}": stays[name] for name in told},
            "reason": pa.array([REASONS[one.why] for one in repeats], pa.string()),
            **{name: left[name] for name in ("ts", "src", "dst", "amount_minor", "currency")},
            "bank_ref": left["bank_ref"],
            "memo": left["memo"],
        }
    )


def aside_table(files: Sequence[FileRead]) -> pa.Table:
    """List what could not be read: file, row, field, what stood there and the reason."""
    rows = [(file.name, one) for file in files for one in file.set_aside]
    rows.sort(key=lambda pair: (pair[0], pair[1].row, pair[1].field))
    return pa.table(
        {
            "file": pa.array([name for name, _ in rows], pa.string()),
            "row": pa.array([one.row for _, one in rows], pa.int64()),
            "field": pa.array([one.field for _, one in rows], pa.string()),
            "value": pa.array([one.value for _, one in rows], pa.string()),
            "reason": pa.array([one.reason for _, one in rows], pa.string()),
        }
    )


def report(
    files: Sequence[FileRead],
    proofs: Sequence[Proof],
    between: Sequence[Gap],
    repeats: Sequence[Repeat],
    rows: pa.Table,
) -> dict[str, Any]:
    """Return what `import.json` says, without hashes of the tables."""
    by_name = {one.statement.name: one for one in proofs}
    reversals = rows["reversal"].to_pylist().count(True)
    return {
        "palermo": __version__,
        "files": [_file(one, by_name) for one in files],
        "between": [_gap(gap) for gap in between],
        "transactions": rows.num_rows - len(repeats),
        "duplicates": dict(sorted(Counter(one.why for one in repeats).items())),
        "set_aside": sum(len(one.set_aside) for one in files),
        "gaps": sum(len(one.gaps) for one in proofs) + len(between),
        "reversals": reversals,
        "reversals_without_original": reversals - (len(rows) - rows["reverses"].null_count),
    }


def _file(one: FileRead, proofs: dict[str, Proof]) -> dict[str, Any]:
    return {
        "name": one.name,
        "sha256": one.sha256,
        "format": one.format,
        "unread": one.trouble,
        "same_as": one.again,
        "rows": sum(table.num_rows for table in one.tables),
        "set_aside": len(one.set_aside),
        "remarks": [{"text": remark.text, "count": remark.count} for remark in one.remarks],
        "statements": [_statement(proofs[each.name]) for each in one.statements],
    }


def _statement(proof: Proof) -> dict[str, Any]:
    told = {
        name: value.isoformat() if isinstance(value, date) else value
        for name, value in asdict(proof.statement).items()
        if name != "document"
    }
    return {
        **told,
        "state": proof.state,
        "rows": proof.rows,
        "sum_minor": proof.sum_minor,
        "newest_first": proof.backwards,
        "not_in_time_order": proof.unordered,
        "other_currency": proof.foreign,
        "gaps": [_gap(gap) for gap in proof.gaps],
    }


def _gap(gap: Gap) -> dict[str, Any]:
    return {name: value for name, value in asdict(gap).items() if value is not None}


def canonical(facts: dict[str, Any]) -> str:
    """Return facts as one line that is the same wherever they are."""
    return json.dumps(facts, sort_keys=True, separators=(",", ":"), ensure_ascii=True)


def write_text(path: Path, facts: dict[str, Any]) -> None:
    """Write facts for people and machines, whole or not at all.

    Raises:
        Unreadable: the place cannot be written to.
    """
    part = path.with_name(f".{path.name}.part")
    text = json.dumps(facts, indent=1, sort_keys=True, ensure_ascii=False) + "\n"
    try:
        with part.open("w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        part.replace(path)
    except OSError as error:
        part.unlink(missing_ok=True)
        raise Unreadable(f"{path}: cannot be written: {error.strerror or error}") from None


def spoken(
    files: Sequence[FileRead], proofs: Sequence[Proof], between: Sequence[Gap]
) -> Iterator[str]:
    """Yield the report for a person, a line at a time."""
    by_name = {one.statement.name: one for one in proofs}
    for one in files:
        if one.trouble is not None:
            yield f"NOT READ  {one.trouble}"
            continue
        if one.again is not None:
            yield f"AGAIN     {one.name}: the same file as {one.again}; read once"
            continue
        rows = sum(table.num_rows for table in one.tables)
        aside = f", {len(one.set_aside)} set aside" if one.set_aside else ""
        yield f"{one.name}: {one.format}, {rows:,} rows{aside}"
        for remark in one.remarks:
            yield f"  {remark.count} {remark.text}" if remark.count > 1 else f"  {remark.text}"
        states = [by_name[each.name] for each in one.statements]
        yield from _proofs(states)
    named = {one.name: one for file in files for one in file.statements}
    for gap in between[:_SHOWN]:
        yield f"  GAP {in_words(gap, named[gap.statement])}"
    if len(between) > _SHOWN:
        yield f"  and {len(between) - _SHOWN} more between statements: import.json"


def _proofs(proofs: Sequence[Proof]) -> Iterator[str]:
    counts = Counter(one.state for one in proofs)
    words = {
        "proven": "proven: opening balance and rows give the closing balance",
        "running": "agree with the balance of every row; no opening or closing is stated",
        "open": "cannot be proven: no balances are stated",
    }
    for state, text in words.items():
        if counts[state]:
            yield f"  {counts[state]} of {len(proofs)} statements {text}"
    gaps = [(gap, one.statement) for one in proofs for gap in one.gaps]
    for gap, statement in gaps[:_SHOWN]:
        yield f"  GAP {in_words(gap, statement)}"
    if len(gaps) > _SHOWN:
        yield f"  and {len(gaps) - _SHOWN} more gaps: import.json"


def in_words(gap: Gap, statement: Statement) -> str:
    """Say what does not add up, in one sentence."""
    currency = statement.currency or ""

    def money(units: int | None) -> str:
        return "nothing" if units is None else written(units, currency)

    match gap.kind:
        case "sum":
            said = (
                f"{gap.statement}: closes with {money(gap.expected)}, but opening balance and rows "
                f"give {money(gap.found)}"
            )
        case "balance":
            said = (
                f"{gap.statement}, row {gap.line}: states {money(gap.found)}, but "
                f"{money(gap.expected)} was to be expected; a row before it is missing or changed"
            )
        case "count":
            said = f"{gap.statement}: says it has {gap.expected} entries, has {gap.found}"
        case "total":
            said = (
                f"{gap.statement}: says its entries are {money(gap.expected)} together, they are "
                f"{money(gap.found)}"
            )
        case "broken":
            said = f"{gap.statement}: breaks off; what stood behind is missing"
        case "between":
            said = (
                f"between {gap.before} and {gap.statement}: closes with {money(gap.expected)}, "
                f"opens with {money(gap.found)}; a statement is missing"
            )
        case _:
            said = (
                f"between {gap.before} and {gap.statement}: number {gap.expected} is missing "
                f"(next is {gap.found})"
            )
    return said
