"""The hash of every row of a table, the very one `palermo.model.row_hash` gives, for whole columns.

Writing a million rows as JSON one by one costs more than reading them, so the canonical text is
built column by column and only the hashing itself goes row by row.
"""

import hashlib
import itertools
from collections.abc import Sequence
from json.encoder import encode_basestring
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

# In this order: the backslash first, lest the backslashes of the others be doubled.
_ESCAPES = (
    (0x5C, "\\", "\\\\"),
    (0x22, '"', '\\"'),
    (0x0A, "\n", "\\n"),
    (0x0D, "\r", "\\r"),
    (0x09, "\t", "\\t"),
)
_KNOWN_CONTROLS = np.array([0x0A, 0x0D, 0x09], dtype=np.uint8)


def string(value: str | None) -> Any:
    """Make an Arrow scalar. Left to guess the type, Arrow would look for pandas every time."""
    return pa.scalar(value, pa.string())


NOTHING = string("")
_QUOTE = string('"')


def literal(text: str) -> str:
    """Write `text` as a JSON string, non-ASCII characters unescaped."""
    return str(encode_basestring(text))


def text_bytes(column: Any) -> Any:
    """The UTF-8 bytes of all values of a string column, one after another, as uint8."""
    _, offsets, values = column.buffers()
    if values is None or len(column) == 0:
        return np.zeros(0, dtype=np.uint8)
    bounds = np.frombuffer(offsets, dtype=np.int32)
    start, stop = bounds[column.offset], bounds[column.offset + len(column)]
    return np.frombuffer(values, dtype=np.uint8)[start:stop]


def as_json(column: Any) -> Any:
    """Write every value of a string column as a JSON string, and null as `null`."""
    data = text_bytes(column)
    escaped = column
    special = np.flatnonzero((data < 0x20) | (data == 0x22) | (data == 0x5C))
    if special.size:
        present = np.unique(data[special])
        controls = present[present < 0x20]
        if np.isin(controls, _KNOWN_CONTROLS).all():
            for byte, plain, replacement in _ESCAPES:
                if byte in present:
                    escaped = pc.replace_substring(escaped, plain, replacement)
        else:
            values = column.to_pylist()
            return pa.array(
                ["null" if value is None else literal(value) for value in values], pa.string()
            )
    quoted = pc.binary_join_element_wise(_QUOTE, escaped, _QUOTE, NOTHING)
    return pc.fill_null(quoted, string("null")) if column.null_count else quoted


def records_as_json(names: Sequence[str], values: Sequence[Any]) -> Any:
    """Write rows as JSON arrays of `[column, value]` pairs; `values` are columns of JSON."""
    return _joined("[", [f"[{literal(name)}," for name in names], "]", values, "]")


def objects_as_json(names: Sequence[str], values: Sequence[Any]) -> Any:
    """Write rows as JSON objects; `values` are columns of JSON."""
    return _joined("{", [f"{literal(name)}:" for name in names], "", values, "}")


def _joined(start: str, heads: Sequence[str], tail: str, values: Sequence[Any], end: str) -> Any:
    parts: list[Any] = []
    before = start
    for head, column in zip(heads, values, strict=True):
        parts += [string(before + head), column]
        before = f"{tail},"
    return pc.binary_join_element_wise(*parts, string(tail + end), NOTHING)


def digests(canonical: Any) -> list[bytes]:
    """SHA-256 of every value of a string column."""
    _, offsets, values = canonical.buffers()
    if len(canonical) == 0:
        return []
    first = canonical.offset
    bounds = np.frombuffer(offsets, dtype=np.int32)[first : first + len(canonical) + 1].tolist()
    data = memoryview(values)
    sha256 = hashlib.sha256
    return [sha256(data[start:stop]).digest() for start, stop in itertools.pairwise(bounds)]


def hexadecimal(hashes: Sequence[bytes]) -> Any:
    """Lay 32-byte hashes out as a string column of 64 hexadecimal digits each."""
    text = b"".join(hashes).hex().encode("ascii")
    offsets = np.arange(len(hashes) + 1, dtype=np.int32) * 64
    return pa.StringArray.from_buffers(len(hashes), pa.py_buffer(offsets), pa.py_buffer(text))
