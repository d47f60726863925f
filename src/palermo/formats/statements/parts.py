"""What every reader of statements takes in and gives out.

Guarantees that rows come in blocks of bounded size, in the order of the document; that `tx_id` is
the document's hash and the row's number, so that whoever has the file finds the row; and that what
is not a row is set aside with number, field, value and reason.
"""

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import date
from pathlib import Path
from typing import Any, NamedTuple, TypeAlias

import pyarrow as pa

from palermo.formats.statements.profile import Profile
from palermo.formats.typed_table import SetAside
from palermo.model.statement import READ_ROWS, Statement

BLOCK_ROWS = 10_000
_SHOWN = 80


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """A file to be read.

    Args:
        path: where it is; `name` is what it is called in the result, `sha256` its hash.
        zone: IANA time zone in which hours without one were meant; None means UTC, and is counted.
        profile: columns of a table that does not explain itself.
    """

    path: Path
    name: str
    sha256: str
    zone: str | None = None
    profile: Profile | None = None


@dataclass(frozen=True, slots=True)
class Remark:
    """Something to be known about a whole file; `count` rows are concerned."""

    text: str
    count: int = 1


class Wrong(Exception):
    """A value that cannot be read: the field, what stood there, and the reason."""

    def __init__(self, field: str, value: str, reason: str) -> None:
        super().__init__(f"{field} {value[:_SHOWN]!r}: {reason}")
        self.field, self.value, self.reason = field, value, reason

    def at(self, row: int) -> SetAside:
        """Return what is set aside, as row number `row`."""
        return SetAside(row=row, field=self.field, value=shown(self.value), reason=self.reason)


class Row(NamedTuple):
    """One row of READ_ROWS, in its order; `ts` in microseconds since 1970."""

    tx_id: str
    ts: int
    src: str
    dst: str
    amount_minor: int
    currency: str
    value_date: date | None = None
    day_only: bool | None = None
    zone: str | None = None
    channel: str | None = None
    mcc: str | None = None
    memo: str | None = None
    src_name: str | None = None
    dst_name: str | None = None
    city: str | None = None
    country: str | None = None
    device: str | None = None
    bank_ref: str | None = None
    status: str | None = None
    reverses: str | None = None
    balance_minor: int | None = None
    statement: str | None = None
    line: int | None = None
    own: str | None = None
    effect_minor: int | None = None
    reversal: bool | None = None
    end_to_end: str | None = None
    day: date | None = None


@dataclass(slots=True, kw_only=True)
class Draft:
    """A statement while it is being read; the fields are those of Statement."""

    name: str
    document: str
    format: str
    kind: str
    account: str | None = None
    holder: str | None = None
    currency: str | None = None
    sequence: int | None = None
    page: int | None = None
    first: date | None = None
    last: date | None = None
    opening_minor: int | None = None
    opening_date: date | None = None
    closing_minor: int | None = None
    closing_date: date | None = None
    stated_rows: int | None = None
    stated_minor: int | None = None
    entries: int = 0
    entries_minor: int = 0
    newest_first: bool | None = False
    whole: bool = True

    @property
    def own(self) -> str:
        """The account that the statement is of, or a stand-in where it names none."""
        return self.account or f"unnamed:{self.document[:12]}"

    def count(self, units: int) -> None:
        """Count an entry of so many units, whatever its sign."""
        self.entries += 1
        self.entries_minor += abs(units)

    def sealed(self) -> Statement:
        """Return the statement as it stands."""
        return Statement(**asdict(self))


#: Minor units, and the day on which they stood.
Balance: TypeAlias = tuple[int, date | None]
#: What a reader yields: blocks of rows (record batches of READ_ROWS) and what is told of them.
Piece: TypeAlias = Any | Statement | SetAside | Remark
Pieces: TypeAlias = Iterator[Piece]
_UNTOLD = pa.schema([pa.field(one.name, one.type) for one in READ_ROWS])


class Gathered:
    """Rows and what was set aside, until there are enough for a block."""

    def __init__(self) -> None:
        self.rows: list[Row] = []
        self.aside: list[SetAside] = []

    @property
    def full(self) -> bool:
        """Whether it is time to flush."""
        return len(self.rows) + len(self.aside) >= BLOCK_ROWS

    def flush(self) -> Iterator[Any]:
        """Yield what was gathered, and forget it."""
        if self.rows:
            yield block(self.rows)
        yield from self.aside
        self.rows, self.aside = [], []


def block(rows: list[Row]) -> Any:
    """Lay rows out as a record batch of READ_ROWS."""
    arrays = []
    for field, column in zip(READ_ROWS, zip(*rows, strict=True), strict=True):
        if pa.types.is_timestamp(field.type):
            arrays.append(pa.array(column, pa.int64()).cast(field.type))
        else:
            arrays.append(pa.array(column, field.type))
    return pa.RecordBatch.from_arrays(arrays, schema=READ_ROWS)


class Names:
    """Names for the statements of one file: what they call themselves, each once."""

    def __init__(self, file: str) -> None:
        self._file = file
        self._taken: dict[str, int] = {}

    def given(self, stated: str | None) -> str:
        """Return a name for the next statement; without one of its own, its number."""
        bare = "".join((clean(stated) or "").split())[:60] or str(len(self._taken) + 1)
        self._taken[bare] = times = self._taken.get(bare, 0) + 1
        return f"{self._file}#{bare}" if times == 1 else f"{self._file}#{bare} ({times})"


def tx_id(source: Source, line: int, part: str = "") -> str:
    """Name row `line` of a document; `part` tells apart what one row became."""
    return f"{source.sha256[:12]}-{line}{part}"


def shown(value: str) -> str:
    """Return what of `value` is shown: no more than a line, and nothing that Arrow cannot hold."""
    return clean(value[:_SHOWN]) or ""


def clean(text: str | None) -> str | None:
    """Take out what no Arrow text can hold; nothing left is None."""
    if text is None:
        return None
    if text.isascii() and "\0" not in text:
        return text.strip() or None
    return text.replace("\0", "").encode("utf-8", "replace").decode("utf-8").strip() or None
