"""From tables and lists to matches: `palermo money screen`.

Guarantees that what could not be read of either side is counted and written, and that the same
files give the same bytes.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa

from palermo.analysis.money.screening import Screened, of_accounts, of_payments, screen
from palermo.formats import write_table
from palermo.formats.entities import read_entities
from palermo.formats.money_tables import read_accounts, read_payments
from palermo.formats.tagpack import listed, read_tagpack
from palermo.formats.typed_table import SetAside, TypedTable
from palermo.model import Unreadable
from palermo.model.screening import LISTED


@dataclass(frozen=True, slots=True, kw_only=True)
class ScreeningRequest:
    """Whom to look up (`table`: accounts or payments), in which lists, and where to write."""

    table: Path
    lists: Sequence[Path]
    out: Path
    least: str = "possible"


@dataclass(frozen=True, slots=True, kw_only=True)
class ScreeningDone:
    """How much was compared, what was found by grade, and what was set aside, by file."""

    subjects: int
    entries: int
    by_grade: Mapping[str, int]
    written: int
    set_aside: Mapping[str, tuple[SetAside, ...]]
    not_compared: Mapping[str, int]


def screen_files(request: ScreeningRequest) -> ScreeningDone:
    """Screen, and write the matches to `request.out` (`.csv`, `.parquet` or `.jsonl`).

    Raises:
        Unreadable: an input cannot be read, or no list is given.
    """
    if not request.lists:
        raise Unreadable("no list to screen against; name one with --list")
    read, subjects = _subjects(request.table)
    aside = {str(request.table): read.set_aside}
    tables, links = [], {}
    for path in request.lists:
        table, lost, others = read_list(path)
        tables.append(table)
        aside[str(path)] = lost
        links.update({f"{path.name}: {schema}": count for schema, count in others.items()})
    everything = pa.concat_tables(tables).combine_chunks() if tables else LISTED.empty_table()
    found: Screened = screen(subjects, everything, least=request.least)
    write_table(found.matches, request.out, spreadsheet_safe=request.out.suffix.lower() == ".csv")
    return ScreeningDone(
        subjects=subjects.num_rows,
        entries=everything.num_rows,
        by_grade=found.by_grade,
        written=found.matches.num_rows,
        set_aside=aside,
        not_compared=links,
    )


def read_list(path: Path) -> tuple[pa.Table, tuple[SetAside, ...], Mapping[str, int]]:
    """Read a list of any known format: the entries, what was set aside, what is not compared."""
    if path.suffix.lower() in {".yaml", ".yml"}:
        pack = read_tagpack(path)
        return listed(pack, path.name), pack.set_aside, {}
    if path.suffix.lower() in {".json", ".jsonl", ".ndjson", ".ijson"}:
        read = read_entities(path)
        return read.table, read.set_aside, read.not_compared
    raise Unreadable(
        f"{path}: expected a TagPack (.yaml) or entities, one JSON object a line (.json, .jsonl)"
    )


def _subjects(path: Path) -> tuple[TypedTable, pa.Table]:
    """Read accounts; where the table has none, payments."""
    try:
        read = read_payments(path)
    except Unreadable as no_payments:
        try:
            read = read_accounts(path)
        except Unreadable:
            raise no_payments from None
        return read, of_accounts(read.table)
    return read, of_payments(read.table)
