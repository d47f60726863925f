"""The small parts: dates, columns, ids, canonical text."""

import datetime as dt

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from palermo.formats import Columns, SeenIds, canonical
from palermo.formats.columns import PARTS, USUAL, distinct, find_columns, plain
from palermo.formats.dates import read_date
from palermo.formats.notes import Note, merged
from palermo.model import Unreadable, row_hash

NOON = 1_714_990_272_000_000  # 2024-05-06T10:11:12Z


@pytest.mark.parametrize(
    ("text", "moment", "zoned"),
    [
        ("2024-05-06T10:11:12Z", NOON, True),
        ("2024-05-06 10:11:12", NOON, False),
        ("2024-05-06T10:11:12.5+00:00", NOON + 500_000, True),
        ("2024-05-06T10:11:12,123456789Z", NOON + 123_456, True),
        ("2024-05-06T12:11:12+0200", NOON, True),
        ("2024-05-06T12:11:12 +02", NOON, True),
        ("2024-05-06T04:41:12-05:30", NOON, True),
        ("2024-05-06 10:11:12 UTC", NOON, True),
        ("2024-05-06T10:11", NOON - 12_000_000, False),
        ("2024-05-06", 1_714_953_600_000_000, False),
        (" 1714990272 ", NOON, True),
        ("1714990272.25", NOON + 250_000, True),
        ("1714990272000", NOON, True),
        ("1714990272123.0", NOON + 123_000, True),
        ("Mon, 6 May 2024 12:11:12 +0200", NOON, True),
        ("6 May 2024 10:11:12 -0000", NOON, False),
        ("0001-01-01T00:00:00Z", -62_135_596_800_000_000, True),
    ],
)
def test_moments_that_are_read(text: str, moment: int, zoned: bool) -> None:
    assert read_date(text) == (moment, zoned)


@pytest.mark.parametrize(
    "text",
    [
        "", "yesterday", "05/06/2024", "6.5.2024", "20240506", "2024-13-01", "2024-02-30",
        "2024-05-06T24:00:00Z", "2024-05-06T10:11:60Z", "2024-05-06T10:11:12+25:00",
        "2024-05-06T10:11:12Z and more", "12345", "1714990272000000", "٢٠٢٤-٠٥-٠٦",
        "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-01:00", "Mon, 32 May 2024 12:11:12 +0200",
        "6 Foo 2024 12:11:12 +0200", "6 May 2024 12:11:12 +999999999", "0000-01-01",
    ],
)  # fmt: skip
def test_moments_that_are_not(text: str) -> None:
    assert read_date(text) is None


@given(st.text(max_size=40) | st.from_regex(r"[0-9]{1,2} [A-Z][a-z]{2} [0-9]{4} [0-9:]{5}.*"))
def test_any_text_is_a_moment_or_none(text: str) -> None:
    moment = read_date(text)
    assert moment is None or isinstance(moment[0], int)


@given(st.datetimes(timezones=st.timezones()))
def test_iso_8601_as_python_writes_it(moment: dt.datetime) -> None:
    offset = moment.utcoffset()
    read = read_date(moment.isoformat())
    if offset is not None and offset % dt.timedelta(minutes=1):
        assert read is None  # offsets with seconds are older than standard time
        return
    start = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
    wanted = (moment.replace(tzinfo=dt.UTC) - start - (offset or dt.timedelta())) // dt.timedelta(
        microseconds=1
    )
    if read is not None:
        assert read == (wanted, True)
    else:
        assert not -62_135_596_800_000_000 <= wanted <= 253_402_300_799_999_999


def test_usual_names_are_written_as_they_are_compared_and_belong_to_one_part() -> None:
    names = [name for part in PARTS for name in USUAL[part]]
    assert [plain(name) for name in names] == names
    assert len(set(names)) == len(names)


@pytest.mark.parametrize(
    ("header", "found"),
    [
        (["ID", " Ad-Text ", "Posted At"], {"id": 0, "text": 1, "posted_at": 2}),
        (["description", "text"], {"text": 1}),
        (["Número", "Descripción", "Fecha", "Ubicación"], {"text": 1, "posted_at": 2, "place": 3}),
        (["номер", "Текст", "город"], {"text": 1, "place": 2}),
        (["编号", "内容", "平台"], {"id": 0, "text": 1, "platform": 2}),
        (["المعرف", "النص"], {"id": 0, "text": 1}),
        (["text", "text"], {"text": 0}),
    ],
)
def test_columns_are_found_by_usual_names(header: list[str], found: dict[str, int]) -> None:
    assert find_columns(header, Columns(), "f.csv") == found


def test_named_columns_come_first() -> None:
    header = ["text", "body", "Key"]
    found = find_columns(header, Columns(text="body", id="key"), "f.csv")
    assert found == {"text": 1, "id": 2}
    assert find_columns(["url", "text"], Columns(id="url"), "f.csv") == {"id": 0, "text": 1}
    with pytest.raises(Unreadable, match="no column 'KEY'"):
        find_columns(["key", "Key", "text"], Columns(id="KEY"), "f.csv")


@given(st.lists(st.sampled_from(["", "a", "a#2", "a#2#2", "b"])))
def test_repeated_names_become_distinct(names: list[str]) -> None:
    numbered = distinct(names)
    assert len(set(numbered)) == len(names)
    assert set(names) <= set(numbered)


def test_ids_across_files() -> None:
    seen = SeenIds()
    given_ids = [
        seen.assign(name, bytes([n]) * 32) for name, n in zip("aabaa", [1, 1, 1, 2, 3], strict=True)
    ]
    assert given_ids == ["a", None, "b", "a#2", "a#3"]


@given(st.lists(st.tuples(st.sampled_from(["a", "a#2", "a#2#2", "b"]), st.integers(0, 5))))
def test_given_ids_never_clash(rows: list[tuple[str, int]]) -> None:
    seen = SeenIds()
    given_ids = [seen.assign(name, bytes([n]) * 32) for name, n in rows]
    names = [name for name in given_ids if name is not None]
    assert len(set(names)) == len(names)
    assert len(names) == len(set(rows))


@given(
    st.lists(
        st.tuples(*[st.none() | st.text(st.characters(exclude_categories=["Cs"]))] * 2), min_size=1
    ),
    st.integers(0, 3),
)
def test_hashes_of_columns_are_those_of_the_model(
    rows: list[tuple[str | None, str | None]], skipped: int
) -> None:
    names = ['a "b"\n', "é"]
    columns = [pa.array(cells, pa.string()).slice(skipped) for cells in zip(*rows, strict=True)]
    written = canonical.records_as_json(names, [canonical.as_json(column) for column in columns])
    assert [digest.hex() for digest in canonical.digests(written)] == [
        row_hash(list(zip(names, row, strict=True))) for row in rows[skipped:]
    ]
    assert canonical.hexadecimal([b"\xab" * 32] * 2).to_pylist() == ["ab" * 32] * 2


def test_a_row_set_aside_keeps_one_note() -> None:
    notes = [Note(2, "nul", "x"), Note(1, "encoding", "x"), Note(2, "ragged", "y")]
    assert merged(notes) == [Note(1, "encoding", "x"), Note(2, "ragged", "y (also: nul)")]
