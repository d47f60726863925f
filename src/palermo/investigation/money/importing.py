"""From files of statements to one table of transactions, with the proof of what it rests on.

Guarantees that every row of every file is in the table, among the duplicates or set aside; that the
same files give the same bytes; and that the report names what does not add up. Rows of one moment
keep the order of their statement, the oldest first.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from palermo.analysis.money.statements import (
    Gap,
    Proof,
    Repeat,
    Series,
    missing_between,
    prove,
    repeated,
    reversed_rows,
    series_of,
)
from palermo.formats import write_table
from palermo.formats.statements import STAND_INS, read_profile
from palermo.investigation.money.reading import FileRead, read_files
from palermo.investigation.money.report import (
    aside_table,
    canonical,
    duplicates_table,
    report,
    write_text,
)
from palermo.model import Unreadable
from palermo.model.statement import READ_ROWS
from palermo.model.transaction import STATEMENT_ROWS


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportRequest:
    """Which files, read how, into which table; what is beside it is written beside it."""

    files: Sequence[Path]
    out: Path
    profiles: Sequence[Path] = ()
    zone: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Import:
    """What was done.

    Args:
        facts: what `import.json` says; `files`, `proofs` and `between` are what it was made of.
        transactions: rows written; `duplicates` and `set_aside` rows that were not.
    """

    facts: dict[str, Any]
    files: Sequence[FileRead]
    proofs: Sequence[Proof]
    between: Sequence[Gap]
    transactions: int
    duplicates: int
    set_aside: int


def import_statements(request: ImportRequest) -> Import:
    """Read, prove, compare, and write the table and its report.

    Raises:
        Unreadable: a profile or the time zone is none, no file could be read, or the result cannot
            be written.
    """
    if request.out.suffix != ".parquet":
        raise Unreadable(f"{request.out}: end the name in .parquet")
    profiles = [read_profile(path) for path in request.profiles]
    files = read_files(request.files, zone=request.zone, profiles=profiles)
    if all(one.format is None for one in files):
        raise Unreadable("; ".join(one.trouble or "" for one in files if one.trouble))
    return _written(request, files)


def _written(request: ImportRequest, files: Sequence[FileRead]) -> Import:
    statements = [one for file in files for one in file.statements]
    tables = [one for file in files for one in file.tables]
    proofs = [prove(one, table) for one, table in zip(statements, tables, strict=True)]
    series = series_of(statements)
    between = missing_between(statements, series)
    rows, number = _ordered(tables, proofs, series)
    repeats = repeated(rows, number, _formats(rows, proofs), STAND_INS)
    linked = _with_reversals(rows)
    written = _kept(linked, repeats)
    beside = {"duplicates": duplicates_table(rows, repeats), "set_aside": aside_table(files)}
    request.out.parent.mkdir(parents=True, exist_ok=True)
    write_table(written, request.out)
    for name, table in beside.items():
        write_table(table, request.out.with_name(f"{name}.csv"), spreadsheet_safe=True)
    facts = report(files, proofs, between, repeats, linked)
    facts["tables"] = {
        path.name: _sha256(path)
        for path in (request.out, *(request.out.with_name(f"{name}.csv") for name in beside))
    }
    facts["sha256"] = hashlib.sha256(canonical(facts).encode()).hexdigest()
    write_text(request.out.with_name("import.json"), facts)
    return Import(
        facts=facts,
        files=files,
        proofs=proofs,
        between=between,
        transactions=written.num_rows,
        duplicates=len(repeats),
        set_aside=beside["set_aside"].num_rows,
    )


def _ordered(
    tables: Sequence[pa.Table], proofs: Sequence[Proof], series: Sequence[Series]
) -> tuple[pa.Table, npt.NDArray[np.int64]]:
    """Put statements in the order of their series, the oldest row first; and number the series."""
    places = [place for one in series for place in one.places]
    numbers = [number for number, one in enumerate(series) for _ in one.places]
    parts = []
    for place in places:
        table = tables[place]
        backwards = proofs[place].backwards
        parts.append(
            table.take(pa.array(range(table.num_rows - 1, -1, -1))) if backwards else table
        )
    rows = pa.concat_tables([READ_ROWS.empty_table(), *parts]).combine_chunks()
    return rows, np.repeat(np.array(numbers, np.int64), [part.num_rows for part in parts])


def _formats(rows: pa.Table, proofs: Sequence[Proof]) -> list[str]:
    """Return the format of each row."""
    names = pa.array([one.statement.name for one in proofs], pa.string())
    formats = pa.array([one.statement.format for one in proofs], pa.string())
    found: list[str] = formats.take(
        pc.index_in(rows["statement"].combine_chunks(), names)
    ).to_pylist()
    return found


def _with_reversals(rows: pa.Table) -> pa.Table:
    """Name in each reversal the row that it takes back."""
    taken = reversed_rows(rows)
    if not taken:
        return rows
    ids = rows["tx_id"].to_pylist()
    column = [ids[taken[row]] if row in taken else None for row in range(rows.num_rows)]
    at = READ_ROWS.get_field_index("reverses")
    return rows.set_column(at, READ_ROWS.field(at), pa.array(column, pa.string()))


def _kept(rows: pa.Table, repeats: Sequence[Repeat]) -> pa.Table:
    """Leave out what repeats, and put the rest in order of time."""
    keep = np.ones(rows.num_rows, bool)
    keep[[one.row for one in repeats]] = False
    times = np.asarray(rows["ts"].cast(pa.int64()))
    order = np.argsort(times, kind="stable")
    order = order[keep[order]]
    return rows.take(pa.array(order)).select(STATEMENT_ROWS.names).cast(STATEMENT_ROWS)


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
