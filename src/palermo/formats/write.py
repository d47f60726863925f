"""Writes a table to a file that is there whole or not at all, in the format its ending names.

The new file is written beside its place, flushed to the disk and only then given its name, so that
no reader and no power cut ever finds half of it.
"""

import csv
import io
import os
import secrets
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, BinaryIO

import pyarrow as pa
import pyarrow.parquet as pq

from palermo.formats import canonical
from palermo.formats.arrow_text import written
from palermo.formats.formulas import runs_as_formula
from palermo.model import Unreadable

_ROWS = 10_000


def write_table(table: Any, path: Path, *, spreadsheet_safe: bool = False) -> None:
    """Write an Arrow table to `path`: `.parquet`, `.csv` or `.jsonl`, replacing what was there.

    Args:
        table: any Arrow table. In CSV null is an empty cell and lists are JSON; times are ISO 8601.
        path: where to; its folder must exist.
        spreadsheet_safe: in CSV, put `'` before text cells that a spreadsheet would run as a
            formula (`runs_as_formula`). This changes values,
            phone numbers among them, so it is only for files that people open by hand.

    Raises:
        Unreadable: the ending is none of these, or the file cannot be written.
    """
    writer = _WRITERS.get(path.suffix.lower())
    if writer is None:
        raise Unreadable(f"{path}: end the name in one of {', '.join(_WRITERS)}")
    part = path.with_name(f".{path.name[:100]}.{secrets.token_hex(4)}.part")
    try:
        try:
            with part.open("xb") as file:
                writer(table, file, spreadsheet_safe)
                file.flush()
                os.fsync(file.fileno())
            part.replace(path)
            _flush_folder(path.parent)
        finally:
            part.unlink(missing_ok=True)
    except OSError as error:
        raise Unreadable(f"{path}: cannot be written: {error.strerror or error}") from error


def _flush_folder(folder: Path) -> None:
    """Make the new name as lasting as the contents; not every system can, which is no harm."""
    try:
        handle = os.open(folder, os.O_RDONLY)
    except PermissionError:
        return
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _parquet(table: Any, file: BinaryIO, _: bool) -> None:
    pq.write_table(table, file, compression="zstd")


def _csv(table: Any, file: BinaryIO, safe: bool) -> None:
    names = [_safe_cell(name) if safe else name for name in table.schema.names]
    file.write(_csv_rows([names]))
    for batch in table.to_batches(_ROWS):
        columns = [
            _cells(column, safe=safe and not _is_numeric(column.type)) for column in batch.columns
        ]
        file.write(_csv_rows(zip(*columns, strict=True)))


def _csv_rows(rows: Any) -> bytes:
    text = io.StringIO()
    csv.writer(text, lineterminator="\r\n").writerows(rows)
    return text.getvalue().encode("utf-8")


def _cells(column: Any, *, safe: bool) -> list[str]:
    values = ("" if value is None else value for value in written(column).text.to_pylist())
    return [_safe_cell(value) if safe else value for value in values]


def _safe_cell(value: str) -> str:
    return f"'{value}" if runs_as_formula(value) else value


def _is_numeric(kind: Any) -> bool:
    return bool(
        pa.types.is_integer(kind) or pa.types.is_floating(kind) or pa.types.is_decimal(kind)
    )


def _jsonl(table: Any, file: BinaryIO, _: bool) -> None:
    file.writelines(f"{line}\n".encode() for line in _objects(table))


def _objects(table: Any) -> Iterator[str]:
    for batch in table.to_batches(_ROWS):
        forms = []
        for column in batch.columns:
            result = written(column)
            forms.append(canonical.as_json(result.text) if result.json is None else result.json)
        yield from canonical.objects_as_json(table.schema.names, forms).to_pylist()


_WRITERS: dict[str, Callable[[Any, BinaryIO, bool], None]] = {
    ".parquet": _parquet,
    ".csv": _csv,
    ".jsonl": _jsonl,
}
