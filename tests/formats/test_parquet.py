"""Parquet: any type becomes text in the documented way; a damaged file is refused as a whole."""

import datetime as dt
import decimal
import json
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from palermo.formats import read_items
from palermo.formats.parquet_reader import _groups
from palermo.model import Unreadable, row_hash

NOON = dt.datetime(2024, 5, 6, 12, 0, tzinfo=dt.UTC)


@pytest.fixture
def read_table(tmp_path: Path, read: Any) -> Any:
    def write_and_read(columns: dict[str, Any], **options: Any) -> Any:
        path = tmp_path / "table.parquet"
        pq.write_table(pa.table(columns), path, **options)
        return read(path.read_bytes(), "ads.parquet")

    return write_and_read


def test_types_become_text(read_table: Any) -> None:
    outcome = read_table(
        {
            "id": pa.array([7, 8]),
            "text": pa.array(["one", "two"]).dictionary_encode(),
            "posted_at": pa.array([NOON, None], pa.timestamp("us", "Europe/Rome")),
            "user": pa.array(["u", None], pa.large_string()),
            "whole": pa.array([1, None]),
            "half": pa.array([0.5, float("nan")]),
            "price": pa.array([decimal.Decimal("1.10"), None]),
            "day": pa.array([NOON.date(), None]),
            "yes": pa.array([True, False]),
            "raw": pa.array([b"caf\xe9", b"x"]),
            "tags": pa.array([["a", "é"], None]),
            "deep": pa.array([{"a": 1, "b": [True]}, {"a": None, "b": []}]),
        }
    )
    assert outcome.ids == ["7", "8"]
    assert outcome.items[0]["posted_at"] == NOON
    assert outcome.items[1]["account"] is None
    assert json.loads(outcome.items[0]["extra"]) == {
        "whole": 1,
        "half": 0.5,
        "price": 1.1,
        "day": "2024-05-06",
        "yes": True,
        "raw": "café",
        "tags": ["a", "é"],
        "deep": {"a": 1, "b": [True]},
    }
    assert '"half":"nan"' in outcome.items[1]["extra"]
    assert outcome.only("encoding")["id"] == "7"


def test_the_hash_is_over_the_documented_text(read_table: Any) -> None:
    outcome = read_table({"text": ["x"], "n": [None], "t": [NOON], "l": [[1, 2]], "f": [1e20]})
    noon = "2024-05-06T12:00:00.000000Z"
    assert outcome.items[0]["row_hash"] == row_hash(
        [("text", "x"), ("n", None), ("t", noon), ("l", "[1,2]"), ("f", "1e+20")]
    )


@pytest.mark.parametrize("unit", ["s", "ms", "us", "ns"])
def test_moments_without_a_zone(read_table: Any, unit: str) -> None:
    plain = pa.array([NOON.replace(tzinfo=None)] * 2, pa.timestamp(unit))
    outcome = read_table({"text": ["x", "y"], "posted_at": plain})
    assert outcome.items[0]["posted_at"] == NOON
    assert outcome.only("no_zone")["detail"].startswith("2 dates")


def test_nested_values_of_every_shape(read_table: Any) -> None:
    moments = pa.array([1, None], pa.timestamp("ns"))
    twice = pa.StructArray.from_arrays([moments, pa.array([b"\xe9", b"x"])], ["a", "b"])
    items = read_table(
        {
            "text": ["x", "y"],
            "twice": twice,
            "lists": pa.array([[[1], None, []], None]),
            "fixed": pa.array([None, [1, 2]], pa.list_(pa.int8(), 2)),
            "map": pa.array([[("k", 0.5)], None], pa.map_(pa.string(), pa.float64())),
            "maybe": pa.array([None, {"a": "\0"}]),
        }
    )
    assert json.loads(items.items[0]["extra"]) == {
        "twice": {"a": "1970-01-01T00:00:00.000000001", "b": "é"},
        "lists": [[1], None, []],
        "fixed": None,
        "map": [{"key": "k", "value": 0.5}],
        "maybe": None,
    }
    assert json.loads(items.items[1]["extra"])["fixed"] == [1, 2]
    assert [(note["row"], note["reason"]) for note in items.notes] == [(1, "encoding"), (2, "nul")]


def test_strings_that_are_no_utf8_or_hold_nul(read_table: Any) -> None:
    raw = pa.array([b"caf\xe9", b"a\0b"])
    broken = pa.StringArray.from_buffers(2, raw.buffers()[1], raw.buffers()[2])
    outcome = read_table({"text": broken}, use_dictionary=False)
    assert outcome.texts == ["café", "ab"]
    assert outcome.reasons == {"encoding": 1, "nul": 1}


def test_row_groups_are_read_one_after_another(read_table: Any) -> None:
    outcome = read_table({"text": [f"ad {n}" for n in range(2500)]}, row_group_size=700)
    assert [item["row"] for item in outcome.items] == list(range(1, 2501))


def test_a_table_without_rows_or_without_text(read_table: Any) -> None:
    assert read_table({"text": pa.array([], pa.string())}).reasons == {"no_rows": 1}
    with pytest.raises(Unreadable, match="wording"):
        read_table({"wording": ["x"]})


def test_a_large_value_repeated_is_not_unpacked_at_once(tmp_path: Path) -> None:
    path = tmp_path / "ads.parquet"
    pq.write_table(pa.table({"text": ["x"] * 5 + ["y" * 900_000] * 400}), path)
    assert path.stat().st_size < 200_000
    file = pq.ParquetFile(path)
    assert [size for _, size in _groups(path, file.schema_arrow, file.metadata)] == [37]
    kept = sum(reading.items.num_rows for reading in read_items(path, exhibit="0" * 64))
    assert kept == 405


def test_damage_anywhere_is_unreadable_or_harmless(tmp_path: Path, read: Any) -> None:
    path = tmp_path / "table.parquet"
    pq.write_table(pa.table({"id": ["a", "b"], "text": ["one", "two"]}), path)
    whole = path.read_bytes()
    for data in (b"", b"PAR1", whole[:-1], whole[:-10], whole[: len(whole) // 2], b"x" * 500):
        with pytest.raises(Unreadable, match="Parquet"):
            read(data, "ads.parquet")
    for place in range(4, 60):
        damaged = whole[:place] + bytes([whole[place] ^ 0xFF]) + whole[place + 1 :]
        try:
            read(damaged, "ads.parquet")
        except Unreadable as error:
            assert "ads.parquet" in str(error)  # noqa: PT017 (both outcomes are right)
