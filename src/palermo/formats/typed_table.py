"""Reading a table whose columns are known: text in, typed columns out, and no row lost in silence.

Guarantees that every row is either read whole or set aside with its number, its field and the
reason; that a number is read exactly or not at all; and that a moment without a time zone is read
as UTC and counted as that.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from palermo.formats.columns import plain
from palermo.formats.csv_reader import read_blocks, read_header
from palermo.formats.dates import read_date
from palermo.formats.source import Buffer, checked
from palermo.model import Unreadable

_INT64 = r"^[+-]?[0-9]{1,18}$"
_DATE = r"^[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])$"
_TRUTH = {"true": True, "1": True, "yes": True, "false": False, "0": False, "no": False}


@dataclass(frozen=True, slots=True, kw_only=True)
class SetAside:
    """A row that was not read: its number from 1, the field, what stood there, and the reason."""

    row: int
    field: str
    value: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TypedTable:
    """The rows read, in order; `rows` is the number of each in the file, from 1."""

    table: pa.Table
    rows: pa.Array
    set_aside: tuple[SetAside, ...]
    without_zone: int


def read_typed(
    path: Path, schema: pa.Schema, *, names: Mapping[str, tuple[str, ...]] | None = None
) -> TypedTable:
    """Read CSV, TSV or Parquet as `schema`; fields that may be null may be missing.

    Args:
        path: the file; its ending tells the format.
        schema: strings, 64-bit whole numbers, dates, truth values and UTC timestamps in
            microseconds.
        names: other names under which a field may stand, in order of preference.

    Raises:
        Unreadable: the file cannot be read, or a column that must be there is not.
    """
    raw, rows, aside = _raw(path)
    have = {plain(name): at for at, name in reversed(list(enumerate(raw.column_names)))}
    columns, failing, without_zone = [], [], 0
    for field in schema:
        known = [plain(name) for name in (field.name, *(names or {}).get(field.name, ()))]
        found = next((have[name] for name in known if name in have), None)
        if found is None and not field.nullable:
            raise Unreadable(
                f"{path}: no column `{field.name}`; found {', '.join(raw.column_names)}"
            )
        if found is None:
            columns.append(pa.nulls(raw.num_rows, field.type))
            continue
        column, bad, zoneless = _typed(raw.column(found).combine_chunks(), field)
        without_zone += zoneless
        for at, value, reason in bad:
            failing.append(at)
            row = rows[at].as_py()
            aside.append(SetAside(row=row, field=field.name, value=value[:80], reason=reason))
        columns.append(column)
    places = pa.array(range(raw.num_rows), pa.int64())
    keep = pc.invert(pc.is_in(places, pa.array(failing, pa.int64())))
    untold = pa.schema([pa.field(one.name, one.type) for one in schema])
    return TypedTable(
        table=pa.Table.from_arrays(columns, schema=untold).filter(keep).cast(schema),
        rows=rows.filter(keep),
        set_aside=tuple(sorted(aside, key=lambda one: (one.row, one.field))),
        without_zone=without_zone,
    )


def _raw(path: Path) -> tuple[pa.Table, pa.Array, list[SetAside]]:
    """Return the columns as they stand, the number of each row, and the rows that are none."""
    form = checked(path)
    if form.kind == "parquet":
        try:
            table = pq.read_table(path)
        except (OSError, pa.ArrowInvalid) as error:
            first = str(error).split("\n", maxsplit=1)[0]
            raise Unreadable(f"{path}: cannot be read as a table ({first})") from None
        return table, pa.array(range(1, table.num_rows + 1), pa.int64()), []
    if form.kind not in {"csv", "tsv"}:
        raise Unreadable(f"{path}: expected a table in CSV, TSV or Parquet; convert it")
    return _csv(path, compressed=form.compressed, delimiter="\t" if form.kind == "tsv" else None)


def _csv(
    path: Path, *, compressed: bool, delimiter: str | None
) -> tuple[pa.Table, pa.Array, list[SetAside]]:
    aside, numbers, batches = [], [], []
    with Buffer(path, str(path), compressed=compressed) as buffer:
        header = read_header(buffer, delimiter=delimiter)
        names = header.names
        for rows, columns, notes in read_blocks(buffer, header):
            aside += [
                SetAside(row=note.row, field="", value=(note.raw or "")[:80], reason=note.detail)
                for note in notes
                if not note.kept
            ]
            if columns:
                numbers.append(pa.array(rows, pa.int64()))
                batches.append(pa.RecordBatch.from_arrays(columns, names=names))
    text = pa.schema([pa.field(name, pa.string()) for name in names])
    table = pa.Table.from_batches(batches, schema=text)
    return table, pa.chunked_array(numbers, pa.int64()).combine_chunks(), aside


#: The place of a row in the table, with the value that stood there and what is wrong with it.
_Bad = list[tuple[int, str, str]]


def _typed(column: pa.Array, field: pa.Field) -> tuple[pa.Array, _Bad, int]:
    """Return the column as the field's type, the rows that could not be, and those without zone."""
    if column.type == field.type and not _gaps(column, field):
        return column, [], 0
    if pa.types.is_timestamp(field.type):
        return _moments(column, field)
    text = pc.utf8_trim_whitespace(column.cast(pa.string()))
    blank = pc.fill_null(pc.equal(text, ""), True)  # noqa: FBT003  Arrow's own interface
    text = pc.if_else(blank, None, text)
    if pa.types.is_boolean(field.type):
        return *_truths(text, field), 0
    if pa.types.is_date32(field.type):
        return *_dates(text, field), 0
    if not pa.types.is_int64(field.type):
        return text, _bad(text, blank, field, ""), 0
    fits = pc.fill_null(pc.match_substring_regex(text, _INT64), False)  # noqa: FBT003
    bad = _bad(text, pc.invert(fits), field, "expected a whole number of minor units")
    numbers = pc.if_else(fits, pc.replace_substring_regex(text, r"^\+", ""), None)
    return numbers.cast(pa.int64()), bad, 0


def _gaps(column: pa.Array, field: pa.Field) -> bool:
    """Whether a cell says nothing: where something must be, or as a blank that should be null."""
    if column.null_count and not field.nullable:
        return True
    if not pa.types.is_string(column.type):
        return False
    return bool(pc.any(pc.equal(pc.utf8_trim_whitespace(column), "")).as_py())


def _truths(text: pa.Array, field: pa.Field) -> tuple[pa.Array, _Bad]:
    read = [None if one is None else _TRUTH.get(one.lower()) for one in text.to_pylist()]
    values = pa.array(read, pa.bool_())
    return values, _bad(text, pc.is_null(values), field, "expected true or false")


def _dates(text: pa.Array, field: pa.Field) -> tuple[pa.Array, _Bad]:
    """Read days as YYYY-MM-DD; a day that no calendar has is none."""
    read = []
    for one in text.to_pylist():
        try:
            read.append(date.fromisoformat(one) if one and re.match(_DATE, one) else None)
        except ValueError:
            read.append(None)
    values = pa.array(read, pa.date32())
    return values, _bad(text, pc.is_null(values), field, "expected a day such as 2026-03-01")


def _bad(text: pa.Array, wrong: pa.Array, field: pa.Field, expected: str) -> _Bad:
    """List rows that are `wrong`; one that says nothing is so where something must be."""
    listed: _Bad = []
    for at in pc.indices_nonzero(wrong).to_pylist():
        value = text[at].as_py()
        if value is not None:
            listed.append((at, value, expected))
        elif not field.nullable:
            listed.append((at, "", "is empty"))
    return listed


def _moments(column: pa.Array, field: pa.Field) -> tuple[pa.Array, _Bad, int]:
    if pa.types.is_timestamp(column.type):
        zoneless = 0 if column.type.tz else len(column) - column.null_count
        done = column.cast(pa.timestamp("us", column.type.tz), safe=False).cast(field.type)
        return done, _bad(pa.nulls(len(column)), pc.is_null(done), field, ""), zoneless
    text = pc.utf8_trim_whitespace(column.cast(pa.string()))
    # Statements repeat their times: each is read once.
    said = pc.dictionary_encode(text)
    read = [read_date(one) for one in said.dictionary.to_pylist()]
    values = pa.array([one and one[0] for one in read], pa.int64()).take(said.indices)
    zoned = pa.array([bool(one and not one[1]) for one in read], pa.bool_()).take(said.indices)
    blank = pc.equal(text, "")
    bad = _bad(
        pc.if_else(blank, None, text),
        pc.is_null(values),
        field,
        "expected a moment such as 2026-03-01T09:00:00Z",
    )
    return values.cast(field.type), bad, pc.sum(zoned).as_py() or 0
