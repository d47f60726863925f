"""Turns records into items; every record becomes an item or a row that is set aside, never neither.

The stages work on whole columns: hash, set aside what has no text or too much of it, give ids,
read dates, collect the remaining columns in `extra`.
"""

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from palermo.formats import canonical
from palermo.formats.dates import read_date
from palermo.formats.forms import Forms
from palermo.formats.identity import SeenIds
from palermo.formats.notes import Note, rejected
from palermo.formats.records import FIELD_CHARACTERS, Records
from palermo.model import ITEMS

_OPTIONAL = ("lang", "platform", "account", "url", "place", "kind", "within", "time_note")
_MEMO_LIMIT = 100_000
_TRUE = pa.scalar(value=True, type=pa.bool_())


@dataclass(frozen=True, slots=True)
class Reading:
    """A batch of items (schema `ITEMS`) and the notes on its rows (schema `REJECTED`)."""

    items: Any
    rejected: Any


@dataclass(slots=True)
class Assembly:
    """Makes items of the records of one file."""

    exhibit: str
    seen: SeenIds
    _zoneless: int = 0
    _first_zoneless: tuple[int, str, str] | None = None
    _memo: dict[str, tuple[int, bool] | None] = field(default_factory=dict)

    def reading(self, records: Records) -> Reading:
        """Turn `records` into items and notes."""
        batch = _Batch(records)
        if records.rows:
            batch.forms = Forms(records)
            batch.hashes = canonical.digests(batch.forms.canonical)
            self._judge(batch)
            self._name(batch)
        items = self._items(batch) if batch.ids else _no_items()
        noted = {note.row for note in batch.notes}
        rows = records.rows
        ids = {rows[i]: name for i, name in batch.ids.items() if rows[i] in noted} if noted else {}
        return Reading(items, rejected(batch.notes, exhibit=self.exhibit, ids=ids))

    def ending(self) -> Reading | None:
        """Return what can only be said at the end of the file, if there is anything to say."""
        if self._first_zoneless is None:
            return None
        row, name, value = self._first_zoneless
        detail = f"{self._zoneless} dates from this row on have no time zone and were read as UTC"
        notes = [Note(row, "no_zone", detail, value)]
        return Reading(_no_items(), rejected(notes, exhibit=self.exhibit, ids={row: name}))

    def _judge(self, batch: "_Batch") -> None:
        """Set aside what is too large or has no text."""
        records = batch.records
        aside: dict[int, tuple[str, str]] = {}
        for name, column in zip(records.names, records.columns, strict=True):
            if _longest(column) > FIELD_CHARACTERS:
                for index, length in enumerate(pc.utf8_length(column).to_pylist()):
                    if length is not None and length > FIELD_CHARACTERS:
                        detail = f"the field '{name[:100]}' has {length} characters"
                        aside.setdefault(index, ("field_too_large", detail))
        blank = pc.indices_nonzero(_blank(records.columns[batch.records.parts["text"]]))
        for index in blank.to_pylist():
            aside.setdefault(index, ("empty_text", "the text is empty"))
        for index, (reason, detail) in aside.items():
            batch.note(index, reason, detail)
        batch.worth = [index for index in range(len(records.rows)) if index not in aside]

    def _name(self, batch: "_Batch") -> None:
        """Give each record worth keeping its id; one that repeats an earlier one gets none."""
        where = batch.records.parts.get("id")
        rows = batch.records.rows
        stated = [None] * len(rows)
        if where is not None:
            column = _filled(batch.records.columns[where])
            stated = column.to_pylist()
            whole = not column.null_count and len(batch.worth) == len(rows)
            if whole and self.seen.assign_new(stated, batch.hashes):
                # Nearly always: every row has an id, and none was used before.
                batch.ids = dict(enumerate(stated))
                return
        for index in batch.worth:
            wanted = stated[index]
            if wanted is None:
                wanted = f"{self.exhibit[:8]}-{rows[index]}"
                # A table has a column that should be filled; other material has an id or none.
                if where is not None and batch.records.extra is None:
                    detail = f"kept under the id '{wanted}'"
                    batch.notes.append(Note(rows[index], "empty_id", detail))
            given = self.seen.assign(wanted, batch.hashes[index])
            if given is None:
                detail = f"the id '{wanted[:100]}' was read before with the same content"
                batch.note(index, "duplicate_row", detail)
                continue
            batch.ids[index] = given
            if given is not wanted:
                detail = f"the id '{wanted[:100]}' was read before with other content"
                batch.notes.append(Note(rows[index], "duplicate_id", detail, wanted))

    def _items(self, batch: "_Batch") -> Any:
        records, kept = batch.records, list(batch.ids)
        count = len(kept)
        chosen = None if count == len(records.rows) else pa.array(kept, pa.int64())

        def take(column: Any) -> Any:
            return column if chosen is None else column.take(chosen)

        columns = {
            "id": pa.array(list(batch.ids.values()), pa.string()),
            "text": take(records.columns[batch.records.parts["text"]]),
            "posted_at": self._dates(batch),
            "extra": take(batch.forms.others()),
            "exhibit": pa.repeat(canonical.string(self.exhibit), count),
            "row": take(pa.array(records.rows, pa.int64())),
            "row_hash": canonical.hexadecimal([batch.hashes[index] for index in kept]),
        }
        for part in _OPTIONAL:
            where = batch.records.parts.get(part)
            columns[part] = (
                pa.nulls(count, pa.string())
                if where is None
                else _filled(take(records.columns[where]))
            )
        return pa.RecordBatch.from_arrays([columns[name] for name in ITEMS.names], schema=ITEMS)

    def _dates(self, batch: "_Batch") -> Any:
        kind = ITEMS.field("posted_at").type
        where = batch.records.parts.get("posted_at")
        if where is None:
            return pa.nulls(len(batch.ids), kind)
        rows = batch.records.rows
        written = batch.records.columns[where].to_pylist()
        moments: list[int | None] = []
        for index, name in batch.ids.items():
            text = written[index]
            moment = self._date(text) if text else None
            moments.append(None if moment is None else moment[0])
            if moment is None:
                if text and not text.isspace():
                    detail = "neither an ISO 8601 nor an epoch nor a mail date"
                    batch.notes.append(Note(rows[index], "bad_date", detail, text))
            elif not moment[1]:
                self._zoneless += 1
                if self._first_zoneless is None:
                    self._first_zoneless = (rows[index], name, text)
        return pa.array(moments, pa.int64()).cast(kind)

    def _date(self, text: str) -> tuple[int, bool] | None:
        try:
            return self._memo[text]
        except KeyError:
            if len(self._memo) >= _MEMO_LIMIT:
                self._memo.clear()
            moment = self._memo[text] = read_date(text) if len(text) <= 100 else None
            return moment


@dataclass(slots=True)
class _Batch:
    """What is known of a batch so far. `worth` and the keys of `ids` are indices of records."""

    records: Records
    notes: list[Note] = field(init=False)
    forms: Forms = field(init=False)
    hashes: list[bytes] = field(default_factory=list)
    worth: list[int] = field(default_factory=list)
    ids: dict[int, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.notes = list(self.records.notes)

    def note(self, index: int, reason: str, detail: str) -> None:
        """Note something about record `index`, showing the whole of it."""
        row = self.records.rows[index]
        self.notes.append(Note(row, reason, detail, self.forms.raw(index)))


def _no_items() -> Any:
    return pa.RecordBatch.from_pylist([], schema=ITEMS)


def _longest(column: Any) -> int:
    """Bytes of the longest value: never fewer than its characters."""
    offsets = np.frombuffer(column.buffers()[1], dtype=np.int32)
    own = offsets[column.offset : column.offset + len(column) + 1]
    return int(np.diff(own).max(initial=0))


def _blank(column: Any) -> Any:
    """True where a string column has null, nothing, or nothing but blanks."""
    empty = pc.or_(pc.equal(column, canonical.NOTHING), pc.utf8_is_space(column))
    return pc.fill_null(empty, _TRUE)


def _filled(column: Any) -> Any:
    """The column with null in place of blanks."""
    blank = _blank(column)
    if not pc.any(blank).as_py():
        return column
    return pc.if_else(blank, canonical.string(None), column)
