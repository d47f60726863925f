"""Damaged databases: what is whole is read, what is not is told, and it always ends."""

import sqlite3
import struct
import time
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.formats.conftest import EXHIBIT, Outcome, read_path

from palermo.formats import read_items
from palermo.formats.material.sqlite.database import Database
from palermo.formats.material.sqlite.opening import Opened
from palermo.formats.material.sqlite.scan import Scan
from palermo.model import Unreadable

PAGE = 1024
ROWS = 600
SCHEMA = f"""
PRAGMA page_size = {PAGE};
CREATE TABLE sms (_id INTEGER PRIMARY KEY, thread_id, address, date, type, body);
CREATE TABLE notes (_id INTEGER PRIMARY KEY, words);
"""


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    path = tmp_path_factory.mktemp("damage") / "whole.db"
    connection = sqlite3.connect(path)
    connection.executescript(SCHEMA)
    rows = [(n, 1, "+393330000001", 1_700_000_000_000 + n, 1, f"word {n}") for n in range(1, ROWS)]
    connection.executemany("INSERT INTO sms VALUES (?, ?, ?, ?, ?, ?)", rows)
    connection.execute("INSERT INTO notes VALUES (1, ?)", ("long " * 2_000,))
    connection.commit()
    connection.close()
    return path.read_bytes()


def read(path: Path, data: bytes) -> Outcome:
    path.write_bytes(data)
    return read_path(path)


def numbers(outcome: Outcome) -> list[int]:
    found = [int(i["within"].partition("=")[2]) for i in outcome.items if i["kind"] == "message"]
    assert all(
        item["text"] == f"word {number}"
        for item, number in zip(outcome.items, found, strict=False)
        if item["kind"] == "message"
    )
    return found


@pytest.fixture(scope="module")
def shelf(whole: bytes) -> "Shelf":
    return Shelf(whole)


class Shelf:
    """A database for hypothesis, which would print the bytes."""

    def __init__(self, data: bytes) -> None:
        self.data = data


def leaves(data: bytes) -> list[int]:
    """The leaf pages of `sms`, whose root is page 2, in order."""
    root = data[PAGE : 2 * PAGE]
    assert root[0] == 5
    count = struct.unpack(">H", root[3:5])[0]
    cells = struct.unpack(f">{count}H", root[12 : 12 + 2 * count])
    last = struct.unpack(">I", root[8:12])[0]
    return [struct.unpack(">I", root[cell : cell + 4])[0] for cell in cells] + [last]


def on_page(data: bytes, page: int) -> int:
    return int(struct.unpack(">H", data[(page - 1) * PAGE + 3 : (page - 1) * PAGE + 5])[0])


def overwrite(data: bytes, page: int, fill: bytes) -> bytes:
    start = (page - 1) * PAGE
    return data[:start] + fill + data[start + PAGE :]


@pytest.mark.parametrize("which", [0, 1, 10, -2, -1])
@pytest.mark.parametrize("fill", [bytes(PAGE), b"\xff" * PAGE, b"\x0d" + b"\xff" * (PAGE - 1)])
def test_one_page_is_lost(tmp_path: Path, whole: bytes, which: int, fill: bytes) -> None:
    pages = leaves(whole)
    page = pages[which]
    before = sum(on_page(whole, p) for p in pages[: pages.index(page)])
    lost = range(before + 1, before + 1 + on_page(whole, page))
    outcome = read(tmp_path / "x.db", overwrite(whole, page, fill))
    assert numbers(outcome) == [n for n in range(1, ROWS) if n not in lost]
    note = outcome.only("damaged_file")
    assert note["detail"].startswith("sms: rows numbered ")
    if 0 < which < 20:
        assert f"above {lost[0] - 1} up to {lost[-1]} could not be read" in note["detail"]


def test_two_pages_are_lost(tmp_path: Path, whole: bytes) -> None:
    pages = leaves(whole)
    data = overwrite(overwrite(whole, pages[3], bytes(PAGE)), pages[9], bytes(PAGE))
    outcome = read(tmp_path / "x.db", data)
    assert len(numbers(outcome)) == ROWS - 1 - on_page(whole, pages[3]) - on_page(whole, pages[9])
    assert outcome.reasons["damaged_file"] == 2


def test_one_row_is_lost(tmp_path: Path) -> None:
    """A long text runs over pages of its own; one of them leads nowhere."""
    size = 5_000
    path = tmp_path / "long.db"
    connection = sqlite3.connect(path)
    connection.executescript(SCHEMA)
    for number in (1, 2, 3):
        row = (number, 1, "+393330000001", 1_700_000_000_000, 1, f"{number}" * size)
        connection.execute("INSERT INTO sms VALUES (?, ?, ?, ?, ?, ?)", row)
    connection.commit()
    connection.close()
    data = path.read_bytes()
    place = data.index(b"2" * (PAGE - 4)) - 4  # the pointer to the next page of the text
    assert place % PAGE == 0
    outcome = read(path, data[:place] + b"\x7f\xff\xff\xff" + data[place + 4 :])
    assert [t[0] for t in outcome.texts[:2]] == ["1", "3"]
    assert "rows numbered above 1 up to 2 could not" in outcome.only("damaged_file")["detail"]


@pytest.mark.parametrize("pages", [5, 12, 20])
def test_a_file_that_breaks_off(tmp_path: Path, whole: bytes, pages: int) -> None:
    outcome = read(tmp_path / "x.db", whole[: pages * PAGE])
    left = [page for page in leaves(whole) if page <= pages]
    assert numbers(outcome) == list(range(1, 1 + sum(on_page(whole, page) for page in left)))
    assert "salvaged" in outcome.items[-1]["extra"]
    details = [note["detail"] for note in outcome.notes if note["reason"] == "damaged_file"]
    missing = len(whole) - pages * PAGE
    assert details[0] == f"database: the last {missing} of {len(whole)} bytes are missing"
    assert details[1].startswith("sms: rows numbered above")


@pytest.mark.parametrize("cut", [1, 100, PAGE - 1])
def test_a_last_page_that_is_cut(tmp_path: Path, whole: bytes, cut: int) -> None:
    """SQLite would fill it with zeros and say nothing."""
    outcome = read(tmp_path / "x.db", whole[:-cut])
    assert len(numbers(outcome)) == ROWS - 1
    assert f"the last {cut} of" in outcome.only("damaged_file")["detail"]


def test_pages_that_lead_in_a_circle_end(tmp_path: Path, whole: bytes) -> None:
    """Every branch of the tree shows the same leaf: thousands of rows out of a dozen."""
    root = bytearray(whole[PAGE : 2 * PAGE])
    first = leaves(whole)[0]
    count = struct.unpack(">H", root[3:5])[0]
    for cell in struct.unpack(f">{count}H", root[12 : 12 + 2 * count]):
        root[cell : cell + 4] = struct.pack(">I", first)
    root[8:12] = struct.pack(">I", first)
    outcome = read(tmp_path / "x.db", overwrite(whole, 2, bytes(root)))
    assert numbers(outcome) == list(range(1, 1 + on_page(whole, first)))
    assert "the row numbers of this table do not rise" in outcome.only("damaged_file")["detail"]


def test_a_tree_of_forks_ends_soon(tmp_path: Path) -> None:
    """Interior pages whose children are all one page: a few kilobytes, 100^12 rows to walk."""
    path = tmp_path / "bomb.db"
    depth, fan = 12, 100
    connection = sqlite3.connect(path)
    connection.executescript(SCHEMA)
    connection.execute("INSERT INTO sms VALUES (1, 1, '+1', 1700000000000, 1, 'once')")
    connection.commit()
    connection.close()
    data = bytearray(path.read_bytes())
    leaf = bytes(data[PAGE : 2 * PAGE])
    first = len(data) // PAGE + 1
    for level in range(depth):
        child = first + level + 1
        page = bytearray(PAGE)
        cells = PAGE - 5 * fan
        page[0] = 5
        page[3:5], page[5:7] = struct.pack(">H", fan), struct.pack(">H", cells)
        page[8:12] = struct.pack(">I", child)
        for index in range(fan):
            at = cells + 5 * index
            page[12 + 2 * index : 14 + 2 * index] = struct.pack(">H", at)
            page[at : at + 5] = struct.pack(">I", child) + b"\x01"
        if level == 0:
            data[PAGE : 2 * PAGE] = page
        data += page
    data += leaf
    data[28:32] = struct.pack(">I", len(data) // PAGE)
    start = time.monotonic()
    outcome = read(path, bytes(data))
    assert time.monotonic() - start < 10
    assert outcome.texts[:-1] in ([], ["once"])
    assert outcome.reasons["damaged_file"]


def test_more_than_the_file_can_hold() -> None:
    """Rows that all share one long text would fill the memory: the sum is watched."""
    connection = sqlite3.connect(":memory:")
    connection.execute("CREATE TABLE t (x)")
    connection.executemany("INSERT INTO t VALUES (?)", [("y" * 10_000,)] * 50)
    scan = Scan(connection, "t", ["x"], "rowid", 100_000)
    assert len(list(scan.rows())) == 20
    assert scan.gaps == [
        "rows numbered above 21 could not be read: the table claims more than the file can hold"
    ]
    database = Database(Opened(connection, 1_000, (("table", "t", 2),)), 1_000)
    assert list(database.rows("t", ["x"])) == []
    connection.close()


@settings(
    max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    changes=st.lists(st.tuples(st.integers(0, 40_000), st.integers(0, 255)), max_size=12),
    kept=st.integers(100, 60_000),
)
def test_no_damage_raises_anything_else(
    tmp_path: Path, shelf: Shelf, changes: list[tuple[int, int]], kept: int
) -> None:
    data = bytearray(shelf.data[:kept])
    for place, byte in changes:
        data[16 + place % (len(data) - 16)] = byte
    path = tmp_path / "fuzz.db"
    path.write_bytes(data)
    try:
        outcome = read_path(path)
    except Unreadable:
        return
    assert outcome.items[-1]["within"] == "database"


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(place=st.integers(0, 10**6), byte=st.integers(0, 255))
def test_damage_in_the_leaves_costs_only_what_it_hits(
    tmp_path: Path, shelf: Shelf, place: int, byte: int
) -> None:
    """One byte of one page: every row of every other page is still read."""
    whole = shelf.data
    pages = leaves(whole)
    page = pages[place % len(pages)]
    data = bytearray(whole)
    data[(page - 1) * PAGE + place % PAGE] = byte
    outcome = read(tmp_path / "x.db", bytes(data))
    before = sum(on_page(whole, p) for p in pages[: pages.index(page)])
    spared = {*range(1, before + 1), *range(before + 1 + on_page(whole, page), ROWS)}
    found = [i["within"] for i in outcome.items if i["kind"] == "message"]
    assert {f"sms/_id={number}" for number in spared} <= set(found)


def test_the_end_of_a_generator_closes_the_file(tmp_path: Path, whole: bytes) -> None:
    path = tmp_path / "x.db"
    path.write_bytes(whole)
    readings = read_items(path, exhibit=EXHIBIT)
    next(readings)
    readings.close()  # type: ignore[attr-defined]  # it is a generator
