"""Cells of a table that leaves as CSV, such that no spreadsheet takes a text for a formula.

Guarantees that a text which a spreadsheet would calculate, or take apart, is shown as the text it
is: it gets an apostrophe in front, which spreadsheets hide and other readers can cut off again.
Numbers stay numbers, also negative ones. Every other character is kept, so that nothing is lost.
"""

import csv
from collections.abc import Iterable, Iterator
from datetime import date, datetime
from decimal import Decimal

from palermo.formats.formulas import runs_as_formula


def cell(value: object) -> str:
    """Return `value` as a cell may hold it."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float | Decimal):
        return str(value)
    if isinstance(value, datetime | date):
        return value.isoformat()
    text = str(value)
    if text.startswith("'") or runs_as_formula(text):
        return f"'{text}"
    return text


def original(text: str) -> str:
    """Return what `cell` was given, for a text."""
    return text.removeprefix("'")


def rows(table: Iterable[Iterable[object]]) -> Iterator[str]:
    """Yield the lines of a CSV file, made safe; the first is what the columns are called."""
    writer = csv.writer(_Echo(), lineterminator="\r\n")
    for row in table:
        yield writer.writerow([cell(value) for value in row])


class _Echo:
    """A file that hands back what is written, so that a long table needs no memory."""

    def write(self, text: str) -> str:
        return text
