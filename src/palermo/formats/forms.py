"""The JSON forms of a batch of records: what is hashed, what is shown, what goes into `extra`."""

from typing import Any

import pyarrow as pa

from palermo.formats import canonical
from palermo.formats.columns import distinct
from palermo.formats.records import Records


class Forms:
    """The JSON forms of records, each built once."""

    def __init__(self, records: Records) -> None:
        self._records = records
        self._quoted: dict[int, Any] = {}
        self.canonical = (
            canonical.records_as_json(
                records.names, [self._text(index) for index in range(len(records.columns))]
            )
            if records.canonical is None
            else records.canonical
        )

    def _text(self, index: int) -> Any:
        if index not in self._quoted:
            self._quoted[index] = canonical.as_json(self._records.columns[index])
        return self._quoted[index]

    def raw(self, index: int) -> str:
        """Show record `index` for a note, its fields as they were read."""
        return str(self.canonical[index].as_py())

    def others(self) -> Any:
        """Return the columns that are no part of an item as JSON objects, or nulls."""
        records = self._records
        if records.extra is not None:
            return records.extra
        taken = set(records.parts.values())
        rest = [index for index in range(len(records.names)) if index not in taken]
        if not rest:
            return pa.nulls(len(records.rows), pa.string())
        names = distinct(records.names)
        forms = [records.json[i] if i in records.json else self._text(i) for i in rest]
        return canonical.objects_as_json([names[index] for index in rest], forms)
