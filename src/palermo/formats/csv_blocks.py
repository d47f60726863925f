"""Reads blocks of clean delimited text as Arrow columns, with the answer the careful reader gives.

A block is read here only if nothing in it needs care: valid UTF-8, no NUL, no lone CR, every quote
where a quote belongs, every record of the same width. For all else `clean_block` returns None and
`csv_records` does the work.
"""

import io
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.csv

from palermo.formats.csv_records import RUN

_QUOTE, _LF, _CR = 0x22, 0x0A, 0x0D


def clean_end(data: bytes, *, last: bool) -> tuple[int, int, bool]:
    """Find where the last complete record of `data` ends.

    Returns the number of bytes before that place, the number of lines among them, and whether the
    quotes and line ends before it are as they should be (fields are not looked at).
    """
    bytes_ = np.frombuffer(data, dtype=np.uint8)
    quotes = np.flatnonzero(bytes_ == _QUOTE)
    breaks = np.flatnonzero(bytes_ == _LF)
    outside = (
        np.flatnonzero(np.searchsorted(quotes, breaks) % 2 == 0)
        if quotes.size
        else np.arange(breaks.size)
    )
    if last and (not breaks.size or breaks[-1] != len(data) - 1):
        end, lines, closed = len(data), breaks.size + 1, quotes.size % 2 == 0
    elif outside.size:
        end, lines, closed = int(breaks[outside[-1]]) + 1, int(outside[-1]) + 1, True
    else:
        return 0, 0, False
    steps = np.diff(outside, prepend=-1, append=lines)
    return end, lines, closed and int(steps.max(initial=0)) <= RUN


def clean_block(data: bytes, delimiter: str, width: int) -> list[Any] | None:
    """Read whole records as `width` string columns, or return None if any needs care."""
    if b"\0" in data or (b"\r" in data and data.count(b"\r") != data.count(b"\r\n")):
        return None
    if b'"' in data and not _quotes_in_place(data, delimiter):
        return None
    names = [str(index) for index in range(width)]
    try:
        table = pyarrow.csv.read_csv(
            io.BytesIO(data),
            read_options=pyarrow.csv.ReadOptions(
                use_threads=False, block_size=len(data) + 1, column_names=names
            ),
            parse_options=pyarrow.csv.ParseOptions(delimiter=delimiter, newlines_in_values=True),
            convert_options=pyarrow.csv.ConvertOptions(
                column_types=dict.fromkeys(names, pa.string()), strings_can_be_null=False
            ),
        )
    except pa.ArrowInvalid:  # ragged, or not UTF-8
        return None
    return [_whole(column) for column in table.columns]


def _whole(column: Any) -> Any:
    return column.chunk(0) if column.num_chunks == 1 else column.combine_chunks()


def _quotes_in_place(data: bytes, delimiter: str) -> bool:
    """Tell whether every quote opens a field, closes one, or is doubled inside one."""
    padded = np.frombuffer(b"\n" + data + b"\n", dtype=np.uint8)
    places = np.flatnonzero(padded == _QUOTE)
    if places.size % 2:
        return False
    opening, closing = places[0::2], places[1::2]
    allowed = np.array([ord(delimiter), _LF, _CR], dtype=np.uint8)
    opens_well = np.isin(padded[opening - 1], allowed)
    closes_well = np.isin(padded[closing + 1], allowed)
    # A doubled quote closes and opens at once: both its halves are then accounted for.
    doubled = opening[1:] - closing[:-1] == 1
    opens_well[1:] |= doubled
    closes_well[:-1] |= doubled
    return bool(opens_well.all() and closes_well.all())
