"""The tables of a database that is evidence, as rows that say exactly where they stand.

Only real tables are read, and only columns that are there: versions of an application differ. A
view or a virtual table is code of the evidence and is not run. Whatever is damaged becomes a
`Trouble`; the rest is read.
"""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from palermo.formats.material.found import Trouble, Value
from palermo.formats.material.sqlite.opening import Opened
from palermo.formats.material.sqlite.scan import FAILURES, Cell, Scan, quoted

_ROWIDS = ("_rowid_", "oid", "rowid")
_SHOWN_BYTES = 64
#: Stands in a name for bytes that are no UTF-8. Such a column cannot be asked for.
_UNDECODED = "\ufffd"


@dataclass(frozen=True, slots=True)
class Table:
    """A real table. `columns` are in lower case; `key` is a primary key of a single column."""

    name: str
    columns: frozenset[str]
    key: str | None
    rowid: str | None


@dataclass(frozen=True, slots=True)
class Row:
    """A row: `within` is its place, `values` holds the columns asked for that the table has."""

    within: str
    values: Mapping[str, Cell]

    def text(self, column: str) -> str | None:
        """Return the cell as text, None if it is null or blank."""
        cell = self.values.get(column)
        text = as_text(cell) if cell is not None else ""
        return None if not text or text.isspace() else text

    def whole(self, column: str) -> int | None:
        """Return the cell as a whole number, None if it is none."""
        cell = self.values.get(column)
        if isinstance(cell, str):
            digits = cell.strip()
            short = len(digits) <= 20 and digits.isascii() and digits.lstrip("-").isdigit()
            return int(digits) if short and "-" not in digits[1:] else None
        if isinstance(cell, float):
            return int(cell) if cell.is_integer() else None
        return cell if isinstance(cell, int) else None

    def kept(self, *leave_out: str) -> dict[str, Value]:
        """Return all cells that are not null, under the names of their columns."""
        return {
            name: shown(cell)
            for name, cell in self.values.items()
            if cell is not None and cell != "" and name not in leave_out
        }


@dataclass(slots=True)
class Database:
    """What can be read of an open database. `read` counts the rows taken from each table."""

    opened: Opened
    capacity: int
    tables: dict[str, Table] = field(default_factory=dict)
    unreal: dict[str, str] = field(default_factory=dict)
    read: dict[str, int] = field(default_factory=dict)
    troubles: list[Trouble] = field(default_factory=list)
    _told: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        for kind, name, root in self.opened.schema:
            if not isinstance(name, str) or name.lower().startswith("sqlite_"):
                continue
            if kind == "view":
                self.unreal[name.lower()] = "view"
            elif kind == "table" and not root:
                self.unreal[name.lower()] = "virtual table"
            elif kind == "table":
                self._add(name)

    def rows(self, table: str, columns: Sequence[str] = ()) -> Iterator[Row]:
        """Yield the rows of `table`; nothing if there is no such table."""
        known = self.tables.get(table.lower())
        if known is None:
            return
        wanted = [column for column in columns if column.lower() in known.columns]
        asked = wanted if known.key is None or known.key in wanted else [*wanted, known.key]
        scan = Scan(self.opened.connection, known.name, asked, known.rowid, self.capacity)
        count = 0
        for number, cells in scan.rows():
            count += 1
            stated = dict(zip(asked, cells, strict=True))
            key = stated.get(known.key) if known.key is not None else None
            counted = "row" if known.rowid is None else "ROWID"
            place = f"{known.key}={key}" if isinstance(key, int) else f"{counted}={number}"
            values = {column: stated[column] for column in wanted}
            yield Row(f"{known.name}/{place}", values)
        self.read[known.name] = max(count, self.read.get(known.name, 0))
        for gap in scan.gaps:
            self.tell(Trouble(within=known.name, detail=gap, reason="damaged_file"))

    def index(self, table: str, key: str, columns: Sequence[str]) -> dict[int, Row]:
        """Return the rows of `table` by the whole number in `key`, the first if several have it."""
        found: dict[int, Row] = {}
        for row in self.rows(table, [key, *columns]):
            number = row.whole(key)
            if number is not None:
                found.setdefault(number, row)
        return found

    def groups(self, table: str, key: str, columns: Sequence[str]) -> dict[int, list[Row]]:
        """Return the rows of `table` by the whole number in `key`, all of them."""
        found: dict[int, list[Row]] = {}
        for row in self.rows(table, [key, *columns]):
            number = row.whole(key)
            if number is not None:
                found.setdefault(number, []).append(row)
        return found

    def has(self, table: str, columns: Sequence[str] = ()) -> bool:
        """Tell whether there is a real table of this name with these columns."""
        known = self.tables.get(table.lower())
        return known is not None and all(column.lower() in known.columns for column in columns)

    def tell(self, trouble: Trouble) -> None:
        """Keep a trouble to be handed over; once, however often a table is read."""
        said = f"{trouble.within}: {trouble.detail}"
        if said not in self._told:
            self._told.add(said)
            self.troubles.append(trouble)

    def _add(self, name: str) -> None:
        connection = self.opened.connection
        try:
            stated = connection.execute(f"PRAGMA table_info({quoted(name)})").fetchall()
        except FAILURES as error:
            detail = f"the columns of this table could not be read: {error}"
            self.tell(Trouble(within=name, detail=detail, reason="damaged_file"))
            return
        columns = frozenset(str(column[1]).lower() for column in stated)
        keys = [str(column[1]) for column in stated if column[5]]
        single = len(keys) == 1 and _UNDECODED not in keys[0]
        self.tables[name.lower()] = Table(
            name, columns, keys[0] if single else None, self._rowid(name, columns)
        )

    def _rowid(self, name: str, columns: frozenset[str]) -> str | None:
        """Find a name under which SQLite gives row numbers; evidence may use it for a column."""
        for rowid in _ROWIDS:
            if rowid in columns:
                continue
            try:
                self.opened.connection.execute(f"SELECT {rowid} AS n FROM {quoted(name)} LIMIT 0")  # noqa: S608
            except FAILURES:
                return None  # a table WITHOUT ROWID, or a key whose name is no text
            return rowid
        return None


def as_text(cell: Cell) -> str:
    """Return a cell as text; bytes are read as UTF-8, and what is none becomes U+FFFD."""
    if isinstance(cell, bytes):
        return cell.decode("utf-8", "replace")
    return "" if cell is None else str(cell)


def shown(cell: Cell) -> Value:
    """Return a cell as a value of `extra`: bytes in hexadecimal, long ones by their number."""
    if isinstance(cell, bytes):
        return cell.hex() if len(cell) <= _SHOWN_BYTES else f"[{len(cell)} bytes]"
    if isinstance(cell, float) and not math.isfinite(cell):
        return str(cell)  # JSON has no infinity
    return cell
