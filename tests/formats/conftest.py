"""Reading a few bytes as a file, and what came of it."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from palermo.formats import Columns, SeenIds, read_items
from palermo.model import ITEMS, REJECTED

USUAL = Columns()
EXHIBIT = "0123456789abcdef" * 4


@dataclass(frozen=True)
class Outcome:
    items: list[dict[str, Any]]
    notes: list[dict[str, Any]]

    @property
    def texts(self) -> list[str]:
        return [item["text"] for item in self.items]

    @property
    def ids(self) -> list[str]:
        return [item["id"] for item in self.items]

    @property
    def reasons(self) -> Counter[str]:
        return Counter(note["reason"] for note in self.notes)

    @property
    def set_aside(self) -> list[int]:
        return [note["row"] for note in self.notes if not note["kept"]]

    def only(self, reason: str) -> dict[str, Any]:
        (note,) = [note for note in self.notes if note["reason"] == reason]
        return note

    def check(self) -> None:
        """Every record is an item or set aside, once; the numbers have no gap; notes are honest."""
        rows = [item["row"] for item in self.items]
        assert sorted(rows + self.set_aside) == list(range(1, len(rows) + len(self.set_aside) + 1))
        ids = {item["row"]: item["id"] for item in self.items}
        assert len(set(ids.values())) == len(ids)
        for note in self.notes:
            assert note["detail"]
            assert note["raw"] is None or len(note["raw"]) <= 2000
            if note["kept"]:
                assert note["id"] == ids.get(note["row"]) or note["row"] == 0
            else:
                assert note["id"] is None


def read_path(
    path: Path,
    columns: Columns = USUAL,
    seen: SeenIds | None = None,
) -> Outcome:
    items, notes = [], []
    for reading in read_items(path, exhibit=EXHIBIT, columns=columns, seen=seen):
        assert reading.items.schema == ITEMS
        assert reading.rejected.schema == REJECTED
        assert reading.items.num_rows <= 10_000
        reading.items.validate(full=True)
        items += pa.Table.from_batches([reading.items]).to_pylist()
        notes += pa.Table.from_batches([reading.rejected]).to_pylist()
    outcome = Outcome(items, notes)
    outcome.check()
    return outcome


Read = Callable[..., Outcome]


@pytest.fixture
def read(tmp_path: Path) -> Read:
    """Write `data` to a file called `name` and read it."""

    def write_and_read(
        data: bytes | str,
        name: str = "ads.csv",
        columns: Columns = USUAL,
    ) -> Outcome:
        path = tmp_path / name
        path.write_bytes(data.encode("utf-8") if isinstance(data, str) else data)
        return read_path(path, columns)

    return write_and_read
