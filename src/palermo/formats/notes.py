"""Every row that is not taken as it stands has one reason from this table, and keeps it.

A note belongs to a record number (1 = first record after any header); number 0 stands for the file
itself. A row that is set aside has exactly one note with `kept` false, whatever else was wrong.
"""

from collections.abc import Iterable
from typing import Any, NamedTuple

import pyarrow as pa

from palermo.model import REJECTED

#: How much of a damaged record is shown. The whole of it stays in the exhibit.
RAW_CHARACTERS = 2_000

#: Reason -> (is the row kept?, what it means). The reference page lists the same table.
REASONS: dict[str, tuple[bool, str]] = {
    "ragged": (False, "more or fewer fields than the header names"),
    "bad_quotes": (False, "characters follow a closing quote on the same line"),
    "unclosed_quote": (False, "a quote that is opened is not closed where a record could end"),
    "field_too_large": (False, "a field of more than 1,000,000 characters, or a record over 8 MiB"),
    "empty_text": (False, "no text, or only blanks"),
    "duplicate_row": (False, "the same id with the same content was read before"),
    "bad_json": (False, "the line is not a JSON value"),
    "not_an_object": (False, "the line is JSON but not an object"),
    "damaged_file": (False, "the file is damaged or breaks off; what was readable is kept"),
    "unreadable_record": (False, "a message, contact, visit or file could not be read"),
    "does_not_hold": (False, "a stored digest or signature does not hold; what it covers was read"),
    "encoding": (True, "bytes that are not UTF-8 were read as Windows-1252"),
    "nul": (True, "NUL characters were taken out"),
    "empty_id": (True, "the id was empty, so one was made"),
    "duplicate_id": (True, "the id was already used for other content, so a number was added"),
    "bad_date": (True, "the date could not be read, so the item has none"),
    "no_zone": (True, "dates without a time zone were read as UTC; once a file, with the count"),
    "duplicate_key": (True, "a JSON object names a key twice; the later ones have a number added"),
    "control_characters": (True, "a JSON string holds unescaped control characters"),
    "surrogate": (True, "half a surrogate pair, which no text can hold, became U+FFFD"),
    "after_damage": (True, "the first record read after a damaged one"),
    "duplicate_column": (True, "the header names a column twice; the later ones have a number"),
    "no_rows": (True, "there is a header and nothing below it"),
}


class Note(NamedTuple):
    """Something that was wrong with record `row`; `raw` shows the record or the value."""

    row: int
    reason: str
    detail: str
    raw: str | None = None

    @property
    def kept(self) -> bool:
        """Whether the record is among the items all the same."""
        return REASONS[self.reason][0]


def merged(notes: Iterable[Note]) -> list[Note]:
    """Give every row that is set aside a single note, and order notes by row.

    The first reason to set a row aside counts; whatever else was noted is added to its detail.
    """
    by_row: dict[int, list[Note]] = {}
    for note in notes:
        by_row.setdefault(note.row, []).append(note)
    result: list[Note] = []
    for row in sorted(by_row):
        found = by_row[row]
        aside = next((note for note in found if not note.kept), None)
        if row == 0 or aside is None:
            result.extend(found)
            continue
        others = sorted({note.reason for note in found if note is not aside})
        detail = f"{aside.detail} (also: {', '.join(others)})" if others else aside.detail
        result.append(aside._replace(detail=detail))
    return result


def rejected(notes: Iterable[Note], *, exhibit: str, ids: dict[int, str]) -> Any:
    """Lay `notes` out as a `REJECTED` batch; `ids` names the items of kept rows."""
    rows = [
        {
            "exhibit": exhibit,
            "row": note.row,
            "id": ids.get(note.row),
            "reason": note.reason,
            "detail": note.detail,
            "kept": note.kept,
            "raw": None if note.raw is None else note.raw[:RAW_CHARACTERS],
        }
        for note in merged(notes)
    ]
    return pa.RecordBatch.from_pylist(rows, schema=REJECTED)
