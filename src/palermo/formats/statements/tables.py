"""Tables in CSV or TSV as rows of text: where their header is, and what stands below it.

Banks put lines about the account above the header. It is the first line that has all the columns
that are looked for; whatever stands above is not part of the table.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from palermo.formats.columns import plain
from palermo.formats.csv_reader import Header, read_blocks, read_header, sniff
from palermo.formats.csv_scan import Scan, State
from palermo.formats.lines import read_text
from palermo.formats.source import Buffer
from palermo.formats.statements.parts import Source, shown
from palermo.formats.statements.profiled import Cells
from palermo.formats.typed_table import SetAside

#: How many lines a bank may put above its table.
_PREAMBLE = 100
_HEAD_BYTES = 1 << 20


@contextmanager
def opened(source: Source) -> Iterator[Buffer]:
    """Open the file of `source` as UTF-8."""
    encoding = source.profile.encoding if source.profile else None
    with Buffer(source.path, source.name, encoding=encoding) as buffer:
        yield buffer


def header_of(buffer: Buffer, wanted: Sequence[str], delimiter: str | None) -> Header:
    """Take everything up to the header off `buffer`, and return it.

    Raises:
        Unreadable: the file is empty or has no header that can be understood.
    """
    if not wanted:
        return read_header(buffer, delimiter=delimiter)
    buffer.fill(_HEAD_BYTES)
    lines = buffer.data[:_HEAD_BYTES].splitlines(keepends=True)[:_PREAMBLE]
    above = 0
    for line in lines:
        text = read_text(line).text
        for sign in (delimiter,) if delimiter else (";", "\t", ",", "|"):
            titles = {plain(title) for title in _fields(text, sign)}
            if all(plain(one) in titles for one in wanted):
                buffer.take(above)
                return read_header(buffer, delimiter=sign)
        above += len(line)
    return read_header(buffer, delimiter=delimiter)


def _fields(line: str, delimiter: str) -> list[str]:
    scan = Scan(delimiter)
    return scan.fields if scan.feed(line) is State.DONE else []


def first_titles(buffer: Buffer) -> Iterator[list[str]]:
    """Yield the fields of each of the first lines, divided as seems best, and take nothing."""
    buffer.fill(1 << 16)
    for line in buffer.data[: 1 << 16].splitlines(keepends=True)[:_PREAMBLE]:
        text = read_text(line).text
        if text.strip():
            yield _fields(text, sniff([text]))


def cells(buffer: Buffer, header: Header) -> Cells:
    """Yield the rows below the header, as text; what is not a row is set aside."""
    for rows, columns, notes in read_blocks(buffer, header):
        for note in notes:
            if not note.kept:
                value = shown(note.raw or "")
                yield SetAside(row=note.row, field="", value=value, reason=note.detail)
        if columns:
            values = (column.to_pylist() for column in columns)
            yield from zip(rows, zip(*values, strict=True), strict=True)
