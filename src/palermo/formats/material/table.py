"""Lays found records out as columns, so that from here on they are like rows of any table."""

import json
from collections.abc import Iterator
from typing import Any

import pyarrow as pa

from palermo.formats import canonical
from palermo.formats.material.found import Found, Trouble
from palermo.formats.material.found import Records as FoundRecords
from palermo.formats.notes import REASONS, Note
from palermo.formats.records import BATCH_ROWS, Records

#: Columns of a batch; all but `extra` are parts of an item.
_PARTS = (
    "id", "text", "posted_at", "lang", "platform", "account", "url", "place", "kind", "within",
    "time_note",
)  # fmt: skip
_BATCH_CHARACTERS = 16 << 20


def as_records(found: FoundRecords) -> Iterator[Records]:
    """Batch what a reader yields: at most 10,000 records, or about 16 MB of text."""
    row = 0
    batch: list[tuple[int, Found]] = []
    notes: list[Note] = []
    size = 0
    for record in found:
        row += 1
        if isinstance(record, Trouble):
            if record.reason not in REASONS:
                raise KeyError(record.reason)
            detail = f"{record.within}: {record.detail}"
            notes.append(Note(row, record.reason, detail, _shown(record.raw)))
        else:
            batch.append((row, record))
            size += len(record.text)
        if len(batch) + len(notes) >= BATCH_ROWS or size >= _BATCH_CHARACTERS:
            yield _records(batch, notes)
            batch, notes, size = [], [], 0
    if batch or notes:
        yield _records(batch, notes)
    if row == 0:
        yield Records([], [], [], notes=[Note(0, "no_rows", "there is nothing in it")])


def _records(batch: list[tuple[int, Found]], notes: list[Note]) -> Records:
    columns: list[list[str | None]] = [[] for _ in _PARTS]
    extras: list[str | None] = []
    rows = []
    for row, found in batch:
        stated = (
            found.id,
            found.text,
            found.at.isoformat() if found.at is not None else None,
            found.lang,
            found.platform,
            found.account,
            found.url,
            found.place,
            found.kind.value,
            found.within,
            found.time_note,
        )
        for column, value in zip(columns, stated, strict=True):
            column.append(None if value is None else _clean(value))
        extras.append(_extra(found))
        rows.append(row)
    if not rows:
        return Records([], [], [], notes=notes)
    texts: list[Any] = [pa.array(column, pa.string()) for column in columns]
    extra = pa.array(extras, pa.string())
    # What is hashed is the record as found: every part and what has no part of its own.
    values = [canonical.as_json(column) for column in [*texts, extra]]
    return Records(
        rows,
        [*_PARTS, "extra"],
        [*texts, extra],
        parts={part: index for index, part in enumerate(_PARTS)},
        canonical=canonical.records_as_json([*_PARTS, "extra"], values),
        extra=extra,
        notes=notes,
    )


def _extra(found: Found) -> str | None:
    if not found.extra:
        return None
    kept = {name: value for name, value in found.extra.items() if value is not None}
    return _clean(json.dumps(kept, ensure_ascii=False, sort_keys=True)) if kept else None


def _clean(text: str) -> str:
    """Take out what no Arrow text can hold: NUL, and halves of surrogate pairs."""
    return text.replace("\0", "").encode("utf-8", "replace").decode("utf-8")


def _shown(raw: str | None) -> str | None:
    return None if raw is None else _clean(raw)
