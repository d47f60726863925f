"""Cells of a table that leaves as CSV, such that no spreadsheet takes a text for a formula.

Guarantees that a text which a spreadsheet would calculate, or take apart, is shown as the text it
is: it gets an apostrophe in front, which spreadsheets hide and other readers can cut off again.
Numbers stay numbers, also negative ones. Every other character is kept, so that nothing is lost.
"""

import csv
from collections.abc import Iterable, Iterator
from datetime import date, datetime
from decimal import Decimal

#: What begins a formula, or ends the cell for a program that reads carelessly.
_BEGINNINGS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
#: Spaces that a spreadsheet may cut off before it looks; and marks that nobody sees.
_UNSEEN = " \u00a0\u200b\u200c\u200d\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2060\ufeff"


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
    if text.lstrip(_UNSEEN).startswith(_BEGINNINGS) or text.startswith("'"):
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
