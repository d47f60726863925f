"""Reads JSON Lines, or one JSON list of objects, as records; every piece becomes a row or a note.

Records need not have the same keys. Those of a batch that do are handled column by column; a batch
where they differ goes record by record, with the same result.
"""

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

import pyarrow as pa

from palermo.formats.canonical import literal
from palermo.formats.columns import Columns, distinct, find_columns
from palermo.formats.json_pieces import Oversized, Piece, Stray, elements, is_list, lines
from palermo.formats.json_values import Misread, json_form, read_object, text_form
from palermo.formats.lines import problem_notes, read_lines, read_text
from palermo.formats.notes import REASONS, Note
from palermo.formats.records import BATCH_ROWS, FIELD_CHARACTERS, RECORD_BYTES, Records
from palermo.formats.source import Buffer
from palermo.model import Unreadable

_BATCH_BYTES = 16 << 20
_PLAIN = {str, type(None)}


class Row(NamedTuple):
    """An object: its record number, its keys and its values."""

    number: int
    keys: tuple[str, ...]
    values: tuple[Any, ...]


def read_json(buffer: Buffer, columns: Columns, *, either: bool) -> Iterator[Records]:
    """Read records, 10,000 or 16 MB at most in a batch.

    `either`: the file may also be a list (`.json`); otherwise it has one object a line. Columns are
    sought among the keys of the first batch that holds any object.
    """
    as_list = is_list(buffer) if either else False
    if not buffer.data:
        buffer.fill(1)
    if not buffer.data:
        raise Unreadable(f"{buffer.name}: the file is empty; there is nothing to read")
    pieces = elements(buffer) if as_list else lines(buffer)
    names: dict[str, str] | None = None
    count = 0
    while batch := _batch(pieces):
        rows, notes = _objects(batch, count + 1)
        if count == 0 and either and not as_list and (not rows or rows[0].number > 1):
            raise Unreadable(
                f"{buffer.name}: neither a list of objects nor one object a line; give it one of "
                "these forms, or the ending .jsonl if only its first line is damaged"
            )
        count += len(batch)
        if names is None and rows:
            keys = list(dict.fromkeys(key for row in rows for key in row.keys))
            names = {
                part: keys[index]
                for part, index in find_columns(keys, columns, buffer.name).items()
            }
        yield _records(rows, names or {}, notes)
    if buffer.broken is not None:
        count += 1
        tail = read_text(buffer.tail[:RECORD_BYTES]).text
        yield Records([], [], [], notes=[Note(count, "damaged_file", buffer.broken, tail)])
    if count == 0:
        if not as_list:
            raise Unreadable(f"{buffer.name}: the file holds only blank lines")
        yield Records([], [], [], notes=[Note(0, "no_rows", "the list is empty")])


def _batch(pieces: Iterator[Piece]) -> list[Piece]:
    batch: list[Piece] = []
    size = 0
    for piece in pieces:
        batch.append(piece)
        size += len(_shown(piece))
        if len(batch) == BATCH_ROWS or size >= _BATCH_BYTES:
            break
    return batch


def _objects(pieces: Sequence[Piece], first: int) -> tuple[list[Row], list[Note]]:
    rows: list[Row] = []
    notes: list[Note] = []
    texts, troubles = read_lines([_shown(piece) for piece in pieces])
    for index, (piece, text) in enumerate(zip(pieces, texts, strict=True)):
        number = first + index
        if isinstance(piece, Oversized):
            notes.append(Note(number, "field_too_large", f"{piece.size} bytes", text))
            continue
        if isinstance(piece, Stray):
            notes.append(Note(number, "bad_json", piece.why, text))
            continue
        if index in troubles:
            notes += problem_notes(number, troubles[index], text)
        try:
            pairs, problems = read_object(text.strip())
        except Misread as error:
            notes.append(Note(number, error.reason, error.detail, text))
            continue
        if problems:
            notes += [Note(number, problem, REASONS[problem][1], text) for problem in problems]
        keys, values = zip(*pairs, strict=True) if pairs else ((), ())
        if len(text) > FIELD_CHARACTERS and (large := _too_large(keys, values)):
            notes.append(Note(number, "field_too_large", large, text))
            continue
        rows.append(Row(number, keys, values))
    return rows, notes


def _shown(piece: Piece) -> bytes:
    return piece if isinstance(piece, bytes) else piece.start


def _too_large(keys: Sequence[str], values: Sequence[Any]) -> str:
    for key, value in zip(keys, values, strict=True):
        length = max(len(key), len(text_form(value) or ""))
        if length > FIELD_CHARACTERS:
            return f"the field '{key[:100]}' has {length} characters"
    return ""


def _records(rows: Sequence[Row], names: dict[str, str], notes: list[Note]) -> Records:
    if not rows:
        return Records([], [], [], notes=notes)
    first = rows[0].keys
    alike = set(names.values()) <= set(first) and all(row.keys == first for row in rows)
    return (_alike if alike else _unlike)(rows, names, notes)


def _alike(rows: Sequence[Row], names: dict[str, str], notes: list[Note]) -> Records:
    """Records that all have the same keys in the same order."""
    keys = rows[0].keys
    texts, forms = [], {}
    for index, values in enumerate(zip(*[row.values for row in rows], strict=True)):
        if set(map(type, values)) <= _PLAIN:
            texts.append(pa.array(values, pa.string()))
        else:
            texts.append(pa.array([text_form(value) for value in values], pa.string()))
            forms[index] = pa.array([json_form(value) for value in values], pa.string())
    return Records(
        [row.number for row in rows],
        keys,
        texts,
        parts={part: keys.index(name) for part, name in names.items()},
        json=forms,
        notes=notes,
    )


def _unlike(rows: Sequence[Row], names: dict[str, str], notes: list[Note]) -> Records:
    """Records whose keys differ: hashes and other columns are written one by one."""
    wanted = list(dict.fromkeys(names.values()))
    columns: list[list[str | None]] = [[] for _ in wanted]
    canonical, extra = [], []
    for row in rows:
        # The first of repeated keys counts, as it does where all records are alike.
        found = dict(zip(reversed(row.keys), reversed(row.values), strict=True))
        for column, name in zip(columns, wanted, strict=True):
            column.append(text_form(found.get(name)))
        canonical.append(_canonical(row))
        extra.append(_extra(row, set(wanted)))
    return Records(
        [row.number for row in rows],
        wanted,
        [pa.array(column, pa.string()) for column in columns],
        parts={part: wanted.index(name) for part, name in names.items()},
        canonical=pa.array(canonical, pa.string()),
        extra=pa.array(extra, pa.string()),
        notes=notes,
    )


def _canonical(row: Row) -> str:
    fields = []
    for key, value in zip(row.keys, row.values, strict=True):
        text = text_form(value)
        fields.append(f"[{literal(key)},{'null' if text is None else literal(text)}]")
    return f"[{','.join(fields)}]"


def _extra(row: Row, taken: set[str]) -> str | None:
    """Write the pairs that are no part of the item, numbering repeated keys."""
    fields = [
        f"{literal(name)}:{json_form(value)}"
        for key, value, name in zip(row.keys, row.values, distinct(row.keys), strict=True)
        if key not in taken or name != key
    ]
    return f"{{{','.join(fields)}}}" if fields else None
