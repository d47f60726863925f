"""Reading a table whose columns are known: text in, typed columns out, and no row lost in silence.

Guarantees that every row is either read whole or set aside with its number, its field and the
reason; that a number is read exactly or not at all; and that a moment without a time zone is read
as UTC and counted as that.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv
import pyarrow.parquet as pq

from palermo.formats.columns import plain
from palermo.formats.dates import read_date
from palermo.model import Unreadable

_INT64 = r"^[+-]?[0-9]{1,18}$"


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
    """Read CSV or Parquet as `schema`; fields that may be null may be missing.

    Args:
        path: the file; its ending tells the format.
        schema: strings, 64-bit whole numbers and UTC timestamps in microseconds.
        names: other names under which a field may stand, in order of preference.

    Raises:
        Unreadable: the file cannot be read, or a column that must be there is not.
    """
    raw = _raw(path)
    have = {plain(name): at for at, name in reversed(list(enumerate(raw.column_names)))}
    columns, trouble, without_zone = [], [], 0
    for field in schema:
        found = next(
            (
                have[plain(name)]
                for name in (field.name, *(names or {}).get(field.name, ()))
                if plain(name) in have
            ),
            None,
        )
        if found is None:
            if not field.nullable:
                raise Unreadable(
                    f"{path}: no column `{field.name}`; found {', '.join(raw.column_names)}"
                )
            columns.append(pa.nulls(raw.num_rows, field.type))
            continue
        column, bad, zoneless = _typed(raw.column(found), field)
        without_zone += zoneless
        trouble += bad
        columns.append(column)
    keep = pc.invert(
        pc.is_in(
            pa.array(range(raw.num_rows), pa.int64()),
            pa.array([one.row - 1 for one in trouble], pa.int64()),
        )
    )
    table = pa.Table.from_arrays(
        columns, schema=pa.schema([pa.field(one.name, one.type) for one in schema])
    )
    return TypedTable(
        table=table.filter(keep).cast(schema),
        rows=pa.array(range(1, raw.num_rows + 1), pa.int64()).filter(keep),
        set_aside=tuple(sorted(trouble, key=lambda one: (one.row, one.field))),
        without_zone=without_zone,
    )


def _raw(path: Path) -> pa.Table:
    try:
        if path.suffix.lower() == ".parquet":
            return pq.read_table(path)
        names = _csv_names(path)
        return pyarrow.csv.read_csv(
            path,
            read_options=pyarrow.csv.ReadOptions(block_size=1 << 24),
            parse_options=pyarrow.csv.ParseOptions(newlines_in_values=True),
            convert_options=pyarrow.csv.ConvertOptions(
                column_types=dict.fromkeys(names, pa.string()), strings_can_be_null=False
            ),
        )
    except (OSError, pa.ArrowInvalid, UnicodeDecodeError) as error:
        first = str(error).split("\n", maxsplit=1)[0]
        raise Unreadable(f"{path}: cannot be read as a table ({first})") from None


def _csv_names(path: Path) -> list[str]:
    with pyarrow.csv.open_csv(
        path, parse_options=pyarrow.csv.ParseOptions(newlines_in_values=True)
    ) as reader:
        names: list[str] = reader.schema.names
    return names


def _typed(column: pa.ChunkedArray, field: pa.Field) -> tuple[pa.Array, list[SetAside], int]:
    """Return the column as the field's type, the rows that could not be, and those without zone."""
    whole = column.combine_chunks()
    if isinstance(whole, pa.ChunkedArray):
        whole = pa.concat_arrays(whole.chunks) if whole.num_chunks else pa.nulls(0, field.type)
    if whole.type == field.type and not (whole.null_count and not field.nullable):
        return whole, [], 0
    if pa.types.is_timestamp(field.type):
        return _moments(whole, field)
    text = pc.utf8_trim_whitespace(whole.cast(pa.string()))
    blank = pc.or_kleene(pc.is_null(text), pc.equal(text, ""))
    blank = pc.fill_null(blank, True)  # noqa: FBT003  Arrow's own interface
    if pa.types.is_int64(field.type):
        fits = pc.fill_null(pc.match_substring_regex(text, _INT64), False)  # noqa: FBT003
        bad = _bad(text, pc.invert(fits), blank, field, "expected a whole number of minor units")
        numbers = pc.if_else(fits, pc.replace_substring_regex(text, r"^\+", ""), None)
        return numbers.cast(pa.int64()), bad, 0
    bad = _bad(text, pa.array([False] * len(text)), blank, field, "")
    return pc.if_else(blank, None, text), bad, 0


def _bad(
    text: pa.Array, wrong: pa.Array, blank: pa.Array, field: pa.Field, expected: str
) -> list[SetAside]:
    """List rows that are wrong, or blank where something must be."""
    listed = []
    failing = blank if not field.nullable else pa.array([False] * len(text))
    failing = pc.or_(failing, pc.and_(wrong, pc.invert(blank)))
    for at in pc.indices_nonzero(failing).to_pylist():
        value = text[at].as_py() or ""
        reason = expected if value else "is empty"
        listed.append(SetAside(row=at + 1, field=field.name, value=value[:80], reason=reason))
    return listed


def _moments(whole: pa.Array, field: pa.Field) -> tuple[pa.Array, list[SetAside], int]:
    if pa.types.is_timestamp(whole.type):
        zoneless = 0 if whole.type.tz else len(whole) - whole.null_count
        utc = whole.cast(pa.timestamp("us", whole.type.tz), safe=False)
        done = utc.cast(pa.timestamp("us")).cast(field.type) if zoneless else utc.cast(field.type)
        missing = pc.is_null(done)
        text = pa.array([""] * len(whole))
        return done, ([] if field.nullable else _bad(text, missing, missing, field, "")), zoneless
    text = pc.utf8_trim_whitespace(whole.cast(pa.string()))
    values: dict[str, tuple[int, bool] | None] = {}
    found: list[int | None] = []
    bad, zoneless = [], 0
    for at, one in enumerate(text.to_pylist()):
        if one is None or one == "":
            found.append(None)
            if not field.nullable:
                bad.append(SetAside(row=at + 1, field=field.name, value="", reason="is empty"))
            continue
        if one not in values:
            values[one] = read_date(one)
        moment = values[one]
        found.append(moment[0] if moment else None)
        if moment is None:
            reason = "expected a moment such as 2026-03-01T09:00:00Z"
            bad.append(SetAside(row=at + 1, field=field.name, value=one[:80], reason=reason))
        else:
            zoneless += not moment[1]
    return pa.array(found, pa.int64()).cast(field.type), bad, zoneless
