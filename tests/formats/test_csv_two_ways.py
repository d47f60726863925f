"""The quick way and the careful way of reading CSV give the same result, whatever the bytes."""

from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from palermo.formats import Columns, SeenIds, csv_reader, records
from palermo.formats.assemble import Assembly
from palermo.formats.csv_blocks import clean_block, clean_end
from palermo.formats.source import Buffer
from palermo.model import Unreadable

PIECES = st.sampled_from(
    ['"', '""', '","', ",", ";", "\n", "\r\n", "\r", "a", "é", "\0", " ", "x,y\n", '1,"z', 'b"\n']
)
TEXT = st.lists(PIECES, max_size=40).map(lambda parts: "".join(parts).encode())
BROKEN = st.binary(max_size=3)


def result(path: Path, *, careful: bool) -> Any:
    assembly = Assembly("e" * 64, SeenIds())
    items, notes = [], []
    try:
        with Buffer(path, "ads.csv") as buffer:
            for batch in csv_reader.read_csv(buffer, Columns(), delimiter=",", careful=careful):
                reading = assembly.reading(batch)
                items += reading.items.to_pylist()
                notes += reading.rejected.to_pylist()
    except Unreadable as error:
        return str(error)
    return items, sorted(notes, key=str)


@settings(
    max_examples=400,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(start=TEXT, broken=BROKEN, end=TEXT, block=st.sampled_from([16, 64, 4096]))
def test_both_ways_agree(
    tmp_path: Path, start: bytes, broken: bytes, end: bytes, block: int
) -> None:
    path = tmp_path / "ads.csv"
    path.write_bytes(b"id,text\na,one\n" + start + broken + end)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(csv_reader, "BLOCK_BYTES", block)
        assert result(path, careful=False) == result(path, careful=True)


@settings(
    max_examples=200,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(
    rows=st.lists(st.tuples(st.text(max_size=5), st.text(max_size=20)), max_size=30),
    block=st.sampled_from([32, 100, 1000]),
)
def test_the_size_of_blocks_changes_nothing(
    tmp_path: Path, rows: list[tuple[str, str]], block: int
) -> None:
    path = tmp_path / "ads.csv"
    quoted = ('"{}","{}"'.format(*(cell.replace('"', '""') for cell in row)) for row in rows)
    path.write_text("\n".join(["id,text", *quoted]), encoding="utf-8", errors="replace", newline="")
    whole = result(path, careful=False)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(csv_reader, "BLOCK_BYTES", block)
        assert result(path, careful=False) == whole


def test_the_quick_way_is_taken_for_clean_files() -> None:
    data = b'a,"one\r\ntwo ""three"""\r\nb,\r\n\r\n'
    end, lines, sound = clean_end(data, last=True)
    assert (end, lines, sound) == (len(data), 4, True)
    columns = clean_block(data, ",", 2)
    assert columns is not None
    assert [column.to_pylist() for column in columns] == [["a", "b"], ['one\r\ntwo "three"', ""]]


@pytest.mark.parametrize(
    "data", [b"a,b,c\n", b"a,\xff\n", b"a,b\0\n", b"a,b\rc,d\n", b'a,b"c\n', b'a,"b"c\n', b'a,"b\n']
)
def test_the_quick_way_leaves_trouble_to_the_careful_one(data: bytes) -> None:
    end, _, sound = clean_end(data, last=True)
    assert not sound or clean_block(data[:end], ",", 2) is None


def test_batches_hold_ten_thousand_rows_at_most(tmp_path: Path) -> None:
    path = tmp_path / "ads.csv"
    path.write_text("id,text\n" + "".join(f"{n},x\n" for n in range(25_000)), encoding="utf-8")
    with Buffer(path, "ads.csv") as buffer:
        sizes = [len(batch.rows) for batch in csv_reader.read_csv(buffer, Columns())]
    assert sizes == [records.BATCH_ROWS, records.BATCH_ROWS, 5000, 0, 0]
