"""What every reader hands over, whatever the format: columns of text with their record numbers.

From here on CSV, JSON Lines and Parquet are the same thing.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from palermo.formats.notes import Note

#: The longest field that is taken, in characters, and the longest record, in bytes of the file.
FIELD_CHARACTERS = 1_000_000
RECORD_BYTES = 8 << 20

#: About how many items come in one batch, and how many bytes of a file are looked at together.
BATCH_ROWS = 10_000
BLOCK_BYTES = 4 << 20


@dataclass(slots=True)
class Records:
    """Consecutive records. `columns` are Arrow string columns named by `names`, in file order.

    `parts` maps the parts of an item to indices of columns; `text` is always among them.

    `json` gives, by column index, the values as they stand in a JSON object where that is not
    simply the text in quotes. `canonical` and `extra` are set by readers whose records do not all
    have the same fields; then they are not built from `columns`.
    """

    rows: Sequence[int]
    names: Sequence[str]
    columns: list[Any]
    parts: Mapping[str, int] = field(default_factory=dict)
    json: dict[int, Any] = field(default_factory=dict)
    canonical: Any = None
    extra: Any = None
    notes: list[Note] = field(default_factory=list)
