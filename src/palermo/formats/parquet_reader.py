"""Reads a Parquet file as records, row group by row group; damage makes the file `Unreadable`.

Parquet has no damaged rows to set aside: a page is whole or lost. Columns of any type are read as
text in the way `arrow_text` documents. However well a value is packed, no more than about 32 MB of
text are unpacked together.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from palermo.formats.arrow_text import written
from palermo.formats.columns import Columns, find_columns
from palermo.formats.lines import problem_notes
from palermo.formats.notes import Note
from palermo.formats.records import BATCH_ROWS, Records
from palermo.model import Unreadable

_TOGETHER = 32 << 20


def read_parquet(path: Path, name: str, columns: Columns) -> Iterator[Records]:
    """Read the records of `path`, 10,000 at most in a batch; `name` is the file's in messages."""
    try:
        with pq.ParquetFile(path, pre_buffer=False) as file:
            schema = file.schema_arrow
            parts = find_columns(schema.names, columns, name)
            row = 0
            for group, size in _groups(path, schema, file.metadata):
                for batch in file.iter_batches(size, row_groups=[group], use_threads=False):
                    yield _records(batch, row + 1, parts)
                    row += len(batch)
            if not row:
                note = Note(0, "no_rows", "the table has no rows")
                yield Records([], schema.names, [], parts=parts, notes=[note])
    except (pa.ArrowException, OSError, UnicodeDecodeError) as error:
        reason = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise Unreadable(
            f"{name}: not a readable Parquet file ({reason[:200]}); fetch or export it again"
        ) from error


def _groups(path: Path, schema: Any, metadata: Any) -> Iterator[tuple[int, int]]:
    """Yield each row group with the number of its rows that make up 32 MB at the very most.

    A value that is stored once and repeated a million times takes no room in the file. How large
    such values are is seen by reading one row of the group in packed form.
    """
    packed = [field.name for field in schema if _may_repeat(field.type)]
    with pq.ParquetFile(path, read_dictionary=packed, pre_buffer=False) as file:
        for group in range(metadata.num_row_groups):
            sizes = metadata.row_group(group)
            if not sizes.num_rows:
                continue
            largest = sizes.total_byte_size // sizes.num_rows
            for batch in file.iter_batches(
                1, row_groups=[group], columns=packed, use_threads=False
            ):
                largest += sum(_longest(column) for column in batch.columns)
                break
            yield group, max(1, min(BATCH_ROWS, _TOGETHER // max(largest, 1)))


def _may_repeat(kind: Any) -> bool:
    return any(
        test(kind)
        for test in (
            pa.types.is_string,
            pa.types.is_large_string,
            pa.types.is_binary,
            pa.types.is_large_binary,
        )
    )


def _longest(column: Any) -> int:
    """Bytes of the longest value in the dictionary of a column."""
    if not pa.types.is_dictionary(column.type) or not len(column.dictionary):
        return 0
    return int(pc.max(pc.binary_length(column.dictionary)).as_py() or 0)


def _records(batch: Any, first: int, parts: dict[str, int]) -> Records:
    names = batch.schema.names
    texts, forms, notes = [], {}, []
    for index, column in enumerate(batch.columns):
        result = written(column)
        texts.append(result.text)
        if result.json is not None:
            forms[index] = result.json
        for place, problems in result.problems.items():
            shown = result.text[place].as_py() or ""
            notes += problem_notes(first + place, problems, shown)
    rows = range(first, first + len(batch))
    return Records(rows, names, texts, parts=parts, json=forms, notes=notes)
