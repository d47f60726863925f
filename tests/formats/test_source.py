"""Opening a file: every reason not to is one clear line."""

import gzip
from pathlib import Path
from typing import Any

import pytest

from palermo.formats import SeenIds, media_type, read_items, source
from palermo.model import Unreadable

CSV = b"id,text\n" + b"".join(b"%d,offer number %d\n" % (n, n * n) for n in range(50_000))


def test_media_types() -> None:
    assert media_type(Path("a.CSV")) == "text/csv"
    assert media_type(Path("a.b.jsonl.gz")) == "application/gzip"
    assert media_type(Path("a.parquet")) == "application/vnd.apache.parquet"
    for name in ("a", "a.xlsx", "a.gz", "a.parquet.gz", ".csv"):
        with pytest.raises(Unreadable, match=r"\.csv, \.tsv, \.jsonl"):
            media_type(Path(name))


def test_what_is_no_readable_file_is_refused_at_once(tmp_path: Path) -> None:
    for path, why in (
        (tmp_path / "none.csv", "no such file"),
        (tmp_path, "not a file"),
        (tmp_path / ("x" * 300 + ".csv"), "cannot be opened|no such file"),
        (tmp_path / "a\0.csv", "cannot be opened|no such file"),
    ):
        with pytest.raises(Unreadable, match=why):
            read_items(path, exhibit="0" * 64)


def test_a_file_closed_to_us(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "ads.csv"
    path.write_text("id,text\n", encoding="utf-8")

    def closed(*_: Any, **__: Any) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "open", closed)
    with pytest.raises(Unreadable, match=r"ads\.csv: cannot be opened: Permission denied"):
        read_items(path, exhibit="0" * 64)


def test_a_sealed_copy_is_read_under_its_own_name(tmp_path: Path) -> None:
    path = tmp_path / "0123abcd"
    path.write_bytes(b"id,text\na,x\n")
    (reading,) = read_items(path, exhibit="0" * 64, name="ads.csv")
    assert reading.items["text"].to_pylist() == ["x"]
    path.write_bytes(b"id,wording\na,x\n")
    with pytest.raises(Unreadable, match=r"^ads\.csv: "):
        list(read_items(path, exhibit="0" * 64, name="ads.csv"))


def test_ids_are_kept_across_files(tmp_path: Path) -> None:
    seen = SeenIds()
    found = []
    for number, text in enumerate(("one", "two", "one")):
        path = tmp_path / f"{number}.csv"
        path.write_text(f"id,text\na,{text}\n", encoding="utf-8")
        for reading in read_items(path, exhibit="0" * 64, seen=seen):
            found += reading.items["id"].to_pylist()
    assert found == ["a", "a#2"]


def test_a_packed_file_reads_as_the_plain_one(read: Any) -> None:
    assert read(gzip.compress(CSV), "ads.csv.gz").items == read(CSV, "ads.csv").items


def test_a_packed_file_that_breaks_off_keeps_what_was_read(read: Any) -> None:
    packed = gzip.compress(CSV)
    outcome = read(packed[: len(packed) // 2], "ads.csv.gz")
    assert 10_000 < len(outcome.items) < 40_000
    assert outcome.reasons == {"damaged_file": 1}
    assert outcome.items[-1]["text"] == f"offer number {(len(outcome.items) - 1) ** 2}"
    checksum = packed[:-8] + b"\0" * 8
    assert read(checksum, "ads.csv.gz").reasons == {"damaged_file": 1}


def test_packed_json_that_breaks_off(read: Any) -> None:
    lines = b"".join(b'{"text":"offer %d"}\n' % (n * n) for n in range(50_000))
    for data, name in ((lines, "a.jsonl.gz"), (b"[" + lines.replace(b"\n", b",\n"), "a.json.gz")):
        packed = gzip.compress(data)
        outcome = read(packed[: len(packed) // 2], name)
        assert len(outcome.items) > 10_000
        assert outcome.reasons == {"damaged_file": 1}


@pytest.mark.parametrize("data", [b"", b"id,text\n", b"\x1f\x8b\x08"])
def test_what_is_not_packed_at_all_is_unreadable(read: Any, data: bytes) -> None:
    with pytest.raises(Unreadable, match=r"gzip|empty"):
        read(data, "ads.csv.gz")


def test_a_packed_file_that_grows_beyond_measure_is_refused(
    read: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(source, "GZIP_FREE", 1_000_000)
    with pytest.raises(Unreadable, match="200 times its size"):
        read(gzip.compress(b"id,text\n" + b"a,b\n" * 5_000_000), "ads.csv.gz")
