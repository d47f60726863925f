"""The same table gives the same items whatever the format, and nothing ever goes missing."""

import csv
import gzip
import io
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from palermo.formats import read_items
from palermo.model import Unreadable, row_hash

NAMES = ["id", "text", "lang", "date", "price"]
CHARACTERS = st.characters(exclude_categories=["Cs"], exclude_characters="\0")
CELL = st.text(CHARACTERS, max_size=12) | st.sampled_from(
    ["", " ", "a", "2024-01-02", "2024-01-02T03:04:05Z", "1714990272", '"', ",", "\r", "\n", "é\\"]
)
TABLES = st.lists(st.tuples(*[CELL] * len(NAMES)), min_size=1, max_size=25)
QUIET = settings(
    max_examples=100,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)


def outcome(path: Path) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    items: list[dict[str, Any]] = []
    notes: list[dict[str, Any]] = []
    for reading in read_items(path, exhibit="f" * 64):
        items += reading.items.to_pylist()
        notes += reading.rejected.to_pylist()
    return items, notes


def written_as(kind: str, table: Sequence[tuple[str, ...]], folder: Path) -> Path:
    path = folder / f"table.{kind}"
    if kind == "parquet":
        columns = dict(zip(NAMES, zip(*table, strict=True), strict=True))
        pq.write_table(pa.table({name: list(cells) for name, cells in columns.items()}), path)
    elif kind == "csv":
        text = io.StringIO()
        csv.writer(text, quoting=csv.QUOTE_ALL).writerows([NAMES, *table])
        path.write_bytes(text.getvalue().encode())
    else:
        records = [dict(zip(NAMES, cells, strict=True)) for cells in table]
        text = io.StringIO()
        if kind == "json":
            json.dump(records, text)
        else:
            text.writelines(f"{json.dumps(record, ensure_ascii=False)}\n" for record in records)
        data = text.getvalue().encode()
        path.write_bytes(gzip.compress(data) if kind.endswith("gz") else data)
    return path


@QUIET
@given(TABLES)
def test_all_formats_agree(tmp_path: Path, table: list[tuple[str, ...]]) -> None:
    expected = outcome(written_as("csv", table, tmp_path))
    for kind in ("jsonl", "parquet", "json", "jsonl.gz"):
        assert outcome(written_as(kind, table, tmp_path)) == expected, kind


@QUIET
@given(TABLES)
def test_every_row_is_kept_or_set_aside_and_can_be_recomputed(
    tmp_path: Path, table: list[tuple[str, ...]]
) -> None:
    items, notes = outcome(written_as("csv", table, tmp_path))
    aside = [note["row"] for note in notes if not note["kept"]]
    assert sorted([item["row"] for item in items] + aside) == list(range(1, len(table) + 1))
    for item in items:
        cells = table[item["row"] - 1]
        assert item["text"] == cells[1]
        assert item["row_hash"] == row_hash(list(zip(NAMES, cells, strict=True)))
        assert json.loads(item["extra"]) == {"price": cells[4]}


@QUIET
@given(
    data=st.binary(max_size=300),
    ending=st.sampled_from(["csv", "tsv", "jsonl", "json", "parquet", "csv.gz"]),
    start=st.sampled_from([b"", b"id,text\n", b"id;text\n1;", b'{"text":"', b"[", b"PAR1"]),
)
def test_no_bytes_do_more_than_be_unreadable(
    tmp_path: Path, data: bytes, ending: str, start: bytes
) -> None:
    path = tmp_path / f"noise.{ending}"
    path.write_bytes(start + data)
    try:
        items, notes = outcome(path)
    except Unreadable as error:
        assert "noise" in str(error)  # noqa: PT017 (both outcomes are right)
        return
    rows = [item["row"] for item in items]
    rows += [note["row"] for note in notes if not note["kept"]]
    assert sorted(rows) == list(range(1, len(rows) + 1))


@pytest.mark.parametrize("kind", ["csv", "jsonl", "parquet"])
def test_real_messages_survive_every_format(tmp_path: Path, shared_data: Path, kind: str) -> None:
    with (shared_data / "scam_texts.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    items, notes = outcome(shared_data / "scam_texts.csv")
    assert [item["text"] for item in items] == [row["text"] for row in rows]
    assert len(items) == 1270
    assert notes == []
    table = [(row["id"], row["text"], "en", "", row["label"]) for row in rows]
    again, _ = outcome(written_as(kind, table, tmp_path))
    assert [item["text"] for item in again] == [row["text"] for row in rows]
