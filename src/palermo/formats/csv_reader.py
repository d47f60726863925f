"""Reads a CSV or TSV file as records: quickly where it is clean, carefully where it is not.

Both ways give the same result. Every line below the header is part of a record, blank, or set aside
with a reason; memory does not grow with the file or with anything in it.
"""

import re
from collections import Counter, deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import pyarrow as pa

from palermo.formats.columns import Columns, find_columns, listed
from palermo.formats.csv_blocks import clean_block, clean_end
from palermo.formats.csv_records import Parsed, RecordReader
from palermo.formats.csv_scan import Scan, State
from palermo.formats.lines import read_text
from palermo.formats.notes import Note
from palermo.formats.records import BATCH_ROWS, BLOCK_BYTES, RECORD_BYTES, Records
from palermo.formats.source import Buffer
from palermo.model import Unreadable

#: Delimiters that are tried, the first preferred when all else is equal.
DELIMITERS = (",", ";", "\t", "|")

#: More columns than this are no table of items.
COLUMNS = 10_000

_HEADER_BYTES = 1 << 20
_SAMPLE_LINES = 100
_SEPARATOR_LINE = re.compile(rb'"?sep=([,;\t|])"?(?:\r\n|\n|\r)')


@dataclass(frozen=True, slots=True)
class Header:
    """The names of the columns, and how the file is written."""

    names: list[str]
    delimiter: str
    lines: int
    notes: list[Note]


def read_header(buffer: Buffer, *, delimiter: str | None = None) -> Header:
    """Take the header off `buffer`; `Unreadable` if there is none that can be understood.

    Without `delimiter`, the one that divides the first lines most evenly is chosen; a first line
    `sep=;`, as spreadsheets write it, says it outright.
    """
    buffer.fill(_HEADER_BYTES)
    lines = 1
    if told := _SEPARATOR_LINE.match(buffer.data):
        delimiter = told[1].decode("ascii")
        buffer.take(told.end())
        lines += 1
    raw = buffer.data.splitlines(keepends=True)
    blank = next((i for i, line in enumerate(raw) if line.strip(b"\r\n\0")), len(raw))
    lines += blank
    head = raw[blank:]
    if not head:
        raise Unreadable(f"{buffer.name}: the file is empty; there is nothing to read")
    texts = [read_text(line) for line in head[: _SAMPLE_LINES * 2]]
    samples = [line.text for line in texts]
    chosen = delimiter or sniff(samples[:_SAMPLE_LINES])
    names, used = _first_record(samples, chosen, buffer)
    if blank + used == len(raw) and not buffer.ended:
        raise Unreadable(f"{buffer.name}: the first line is longer than any header can be")
    if len(names) > COLUMNS:
        raise Unreadable(
            f"{buffer.name}: {len(names)} columns in the header, and {COLUMNS} are the most that "
            "are read; check the delimiter"
        )
    buffer.take(sum(map(len, raw[: blank + used])))
    notes = [
        Note(0, problem, "in the header", line.text)
        for line in texts[:used]
        for problem in line.problems
    ]
    if repeated := [name for name, times in Counter(names).items() if times > 1]:
        notes.append(
            Note(0, "duplicate_column", f"the header names twice: {listed(repeated)}", None)
        )
    return Header(names, chosen, lines + used, notes)


def sniff(lines: list[str]) -> str:
    """Choose the delimiter that gives most of `lines` the width of the first, and more than one.

    >>> sniff(["id;text", "1;hello, world"])
    ';'
    """

    def evenness(delimiter: str) -> tuple[float, int]:
        header = _width(lines[0], delimiter)
        if header < 2:
            return (0.0, 0)
        widths = [width for line in lines if (width := _width(line, delimiter))]
        return (widths.count(header) / len(widths), header)

    return max(DELIMITERS, key=evenness)


def _width(line: str, delimiter: str) -> int:
    """Fields of a line that is a whole record; 0 for a blank line or part of a record."""
    if not line.strip("\r\n"):
        return 0
    scan = Scan(delimiter)
    return len(scan.fields) if scan.feed(line) is State.DONE else 0


def _first_record(lines: list[str], delimiter: str, buffer: Buffer) -> tuple[list[str], int]:
    scan = Scan(delimiter)
    for used, line in enumerate(lines, start=1):
        state = scan.feed(line)
        if state is State.DONE:
            return scan.fields, used
        if state is State.BROKEN:
            break
    raise Unreadable(
        f"{buffer.name}: the quotes of the header line do not match; mend the first line "
        f"({lines[0][:60].strip()!r})"
    )


def read_csv(
    buffer: Buffer, columns: Columns, *, delimiter: str | None = None, careful: bool = False
) -> Iterator[Records]:
    """Read the header and the records below it, 10,000 at most in a batch.

    `careful` forgoes the quick way; it is there so that tests can compare the two.
    """
    header = read_header(buffer, delimiter=delimiter)
    parts = find_columns(header.names, columns, buffer.name)
    nothing = True
    for rows, values, notes in read_blocks(buffer, header, careful=careful):
        nothing = nothing and not rows and not notes
        yield from _batches(header.names, parts, rows, values, notes)
    notes = list(header.notes)
    if nothing:
        notes.append(Note(0, "no_rows", "there is nothing below the header"))
    yield Records([], header.names, [], parts=parts, notes=notes)


def read_blocks(
    buffer: Buffer, header: Header, *, careful: bool = False
) -> Iterator[tuple[Sequence[int], list[Any], list[Note]]]:
    """Read block by block: the numbers of sound records, their columns as text, and notes."""
    width = len(header.names)
    reader = RecordReader(header.delimiter, width, line=header.lines)
    window = BLOCK_BYTES
    while True:
        buffer.fill(BLOCK_BYTES)
        if buffer.ended and not buffer.data:
            break
        first = reader.row + 1
        columns = None if careful or not reader.at_record else _quick(buffer, reader, window)
        if columns is None:
            # One bad row should not cost the quick way a whole block.
            window = max(1, BLOCK_BYTES // 16)
            parsed = _with_care(buffer, reader, BLOCK_BYTES if careful else window)
            yield parsed.rows, _columns_of(parsed, width), parsed.notes
        else:
            window = min(2 * window, BLOCK_BYTES)
            yield range(first, reader.row + 1), columns, []
    notes = reader.read(b"", last=True, full=False)[0].notes
    if buffer.broken is not None:
        tail = read_text(buffer.tail[:RECORD_BYTES]).text
        notes.append(Note(reader.row + 1, "damaged_file", buffer.broken, tail))
    yield [], [], notes


def _quick(buffer: Buffer, reader: RecordReader, window: int) -> list[Any] | None:
    data = buffer.data[:window]
    end, lines, sound = clean_end(data, last=buffer.ended and len(buffer.data) <= window)
    if not sound:
        return None
    columns = clean_block(data[:end], reader.delimiter, reader.width)
    if columns is not None:
        reader.row += len(columns[0])
        reader.line += lines
        buffer.take(end)
    return columns


def _with_care(buffer: Buffer, reader: RecordReader, window: int) -> Parsed:
    """Read what can be read in a window, or in a larger one if no record is complete in it."""
    for size in (window, BLOCK_BYTES, RECORD_BYTES):
        buffer.fill(size)
        data = buffer.data[:size]
        last = buffer.ended and len(buffer.data) <= size
        parsed, taken = reader.read(data, last=last, full=len(data) >= RECORD_BYTES)
        if taken or last:
            break
    buffer.take(taken)
    return parsed


def _columns_of(parsed: Parsed, width: int) -> list[Any]:
    values: Any = zip(*parsed.fields, strict=True) if parsed.fields else [()] * width
    return [pa.array(column, pa.string()) for column in values]


def _batches(
    names: list[str],
    parts: dict[str, int],
    rows: Sequence[int],
    columns: list[Any],
    notes: list[Note],
) -> Iterator[Records]:
    """Divide what one block gave into batches, each with the notes on its own rows."""
    waiting = deque(sorted(notes, key=lambda note: note.row))
    for start in range(0, max(len(rows), 1), BATCH_ROWS):
        part = rows[start : start + BATCH_ROWS]
        further = start + BATCH_ROWS < len(rows)
        own = []
        while waiting and (not further or waiting[0].row <= part[-1]):
            own.append(waiting.popleft())
        pieces = [column.slice(start, BATCH_ROWS) for column in columns]
        yield Records(part, names, pieces, parts=parts, notes=own)
