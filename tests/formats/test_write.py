"""Writing: whole or not at all, in three formats that read back as what was written."""

import csv
import datetime as dt
import json
import os
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from palermo.formats import read_items, write_table
from palermo.model import Unreadable

TABLE = pa.table(
    {
        "id": ["a", "b"],
        "text": ['say "hi",\nyou', "+39 02 555"],
        "start": pa.array([1, -2], pa.int32()),
        "at": pa.array([dt.datetime(2024, 5, 6, tzinfo=dt.UTC), None], pa.timestamp("us", "UTC")),
        "tags": [["x", None], None],
    }
)


def test_parquet(tmp_path: Path) -> None:
    write_table(TABLE, tmp_path / "out.parquet")
    assert pq.read_table(tmp_path / "out.parquet").equals(TABLE)


def test_csv(tmp_path: Path) -> None:
    write_table(TABLE, tmp_path / "out.csv")
    with (tmp_path / "out.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.reader(file))
    assert rows == [
        ["id", "text", "start", "at", "tags"],
        ["a", 'say "hi",\nyou', "1", "2024-05-06T00:00:00.000000Z", '["x",null]'],
        ["b", "+39 02 555", "-2", "", ""],
    ]


def test_json_lines(tmp_path: Path) -> None:
    write_table(TABLE, tmp_path / "out.jsonl")
    first, second = (tmp_path / "out.jsonl").read_text(encoding="utf-8").splitlines()
    assert json.loads(first)["tags"] == ["x", None]
    assert json.loads(second) == {
        "id": "b", "text": "+39 02 555", "start": -2, "at": None, "tags": None,
    }  # fmt: skip


@pytest.mark.parametrize("ending", ["csv", "jsonl", "parquet"])
def test_what_is_written_can_be_read(tmp_path: Path, ending: str) -> None:
    path = tmp_path / f"out.{ending}"
    write_table(TABLE, path)
    (reading,) = read_items(path, exhibit="0" * 64)
    assert reading.items["text"].to_pylist() == TABLE["text"].to_pylist()
    assert reading.rejected.num_rows == 0


@pytest.mark.parametrize(
    "start",
    ["=", "+", "-", "@", "\t", "\r", "\n", "＝", "＠", " =", "\u200b=", "\x85+", "\ufeff＝"],
)
def test_cells_that_a_spreadsheet_would_run(tmp_path: Path, start: str) -> None:
    table = pa.table({f"{start}x": [f"{start}1+1", "safe", None], "number": [-1, 2, 3]})
    write_table(table, tmp_path / "out.csv", spreadsheet_safe=True)
    with (tmp_path / "out.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.reader(file))
    assert [row[0] for row in rows] == [f"'{start}x", f"'{start}1+1", "safe", ""]
    assert [row[1] for row in rows] == ["number", "-1", "2", "3"]


def test_a_write_that_fails_leaves_what_was_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "out.csv"
    path.write_text("before", encoding="utf-8")

    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(Unreadable, match="No space left"):
        write_table(TABLE, path)
    assert path.read_text(encoding="utf-8") == "before"
    assert [entry.name for entry in tmp_path.iterdir()] == ["out.csv"]


def test_where_nothing_can_be_written(tmp_path: Path) -> None:
    with pytest.raises(Unreadable, match=r"\.parquet, \.csv, \.jsonl"):
        write_table(TABLE, tmp_path / "out.xlsx")
    with pytest.raises(Unreadable, match="cannot be written"):
        write_table(TABLE, tmp_path / "none" / "out.csv")
    (tmp_path / "folder.csv").mkdir()
    with pytest.raises(Unreadable, match="cannot be written"):
        write_table(TABLE, tmp_path / "folder.csv")
    assert [entry.name for entry in tmp_path.iterdir()] == ["folder.csv"]
