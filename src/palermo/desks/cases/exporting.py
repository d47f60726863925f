"""Tables that leave the desk, as CSV or JSON, with what they are and who took them out.

Guarantees that the first lines name the case, the person, the purpose and the time; that a table
which was cut says so there; and that no cell of a CSV is run by a spreadsheet.
"""

import csv
import io
import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from palermo.desks.access.csv_cells import cell

#: Rows of one export at most; who needs more takes the tables of the case folder as a package.
MOST_ROWS = 10_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """What leaves: `about` says what it is, line by line; `beside` goes into JSON only."""

    about: Mapping[str, str]
    columns: Sequence[str]
    rows: Sequence[Sequence[Any]]
    beside: Mapping[str, Any] = field(default_factory=dict)


def as_csv(table: Table) -> bytes:
    """Return `table` as CSV in UTF-8 with a byte order mark, which spreadsheets look for."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    for name, value in table.about.items():
        writer.writerow([f"# {name}", cell(value)])
    writer.writerow(table.columns)
    for row in table.rows:
        writer.writerow([cell(_plain(value)) for value in row])
    return b"\xef\xbb\xbf" + out.getvalue().encode("utf-8", "replace")


def as_json(table: Table) -> bytes:
    """Return `table` as JSON, a row an object."""
    rows = [dict(zip(table.columns, map(_plain, row), strict=True)) for row in table.rows]
    whole = {"about": dict(table.about), **table.beside, "rows": rows}
    return (json.dumps(whole, ensure_ascii=False, indent=1) + "\n").encode("utf-8", "replace")


FORMATS: dict[str, tuple[str, Callable[[Table], bytes]]] = {
    "csv": ("text/csv; charset=utf-8", as_csv),
    "json": ("application/json", as_json),
}


def taken(rows: Iterable[Any], columns: Sequence[str]) -> tuple[list[list[Any]], bool]:
    """Return the columns of at most `MOST_ROWS` rows, and whether there were more."""
    found: list[list[Any]] = []
    for row in rows:
        if len(found) == MOST_ROWS:
            return found, True
        found.append([getattr(row, column) for column in columns])
    return found, False


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, datetime) else value
