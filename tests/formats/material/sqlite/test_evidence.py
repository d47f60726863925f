"""Evidence is hostile: what it defines is not run, and it is never written to."""

import hashlib
import os
import sqlite3
import struct
from pathlib import Path

import pytest
from tests.formats.conftest import EXHIBIT, read_path
from tests.formats.material.evidence import at, database, extra, kinds, summary

from palermo.formats import read_items
from palermo.formats.material.sqlite.opening import opened
from palermo.model import Unreadable

SMS = "CREATE TABLE sms (_id INTEGER PRIMARY KEY, thread_id, address, date, type, body)"
NOW = 1_700_000_000_000
JOURNAL_MAGIC = bytes.fromhex("d9d505f920a163d7")


def row(number: int, body: str = "come at nine") -> tuple[object, ...]:
    return (number, 1, "+393330000001", NOW + number, 1, body)


def texts(path: Path) -> list[str]:
    return [item["text"] for item in read_path(path).items if item["kind"] == "message"]


def state(folder: Path) -> dict[str, tuple[str, int]]:
    return {
        file.name: (hashlib.sha256(file.read_bytes()).hexdigest(), file.stat().st_mtime_ns)
        for file in folder.iterdir()
    }


def test_a_view_in_place_of_a_table_is_a_trick(tmp_path: Path) -> None:
    path = database(
        tmp_path / "mmssms.db",
        """
        CREATE TABLE hidden (_id INTEGER PRIMARY KEY, thread_id, address, date, type, body);
        CREATE VIEW sms AS SELECT _id, thread_id, address, date, type, 'planted' AS body
            FROM hidden;
        """,
        {"hidden": [row(1)]},
    )
    outcome = read_path(path)
    assert kinds(outcome) == {"file": 1}
    assert outcome.reasons["unreadable_record"] == 1
    assert (
        "sms: a view stands where Android SMS and MMS keeps a table" in outcome.notes[0]["detail"]
    )
    assert "not run: view sms" in summary(outcome)
    assert "hidden (1 rows)" in summary(outcome)
    assert "planted" not in str(outcome)


def test_a_virtual_table_in_place_of_a_table_is_a_trick(tmp_path: Path) -> None:
    path = database(
        tmp_path / "mmssms.db",
        "CREATE VIRTUAL TABLE sms USING fts4(_id, thread_id, address, date, type, body)",
        {},
    )
    outcome = read_path(path)
    assert "a virtual table stands where" in outcome.only("unreadable_record")["detail"]


def test_a_view_with_a_usual_name_elsewhere_is_no_trick(tmp_path: Path) -> None:
    path = database(
        tmp_path / "shop.db",
        "CREATE TABLE goods (id INTEGER PRIMARY KEY); CREATE VIEW visits AS SELECT * FROM goods",
        {},
    )
    outcome = read_path(path)
    assert outcome.reasons["unreadable_record"] == 0
    assert "not run: view visits" in summary(outcome)


def test_the_connection_reads_tables_and_does_nothing_else(tmp_path: Path) -> None:
    path = database(
        tmp_path / "x.db",
        f"{SMS}; CREATE VIEW v AS SELECT * FROM sms",  # noqa: S608
        {"sms": [row(1)]},
    )
    other = tmp_path / "other.db"
    with opened(path, "x.db") as evidence:
        run = evidence.connection.execute
        assert run("SELECT body FROM sms").fetchall() == [("come at nine",)]
        for statement in (
            "SELECT * FROM v",
            "SELECT length(body) FROM sms",
            "SELECT load_extension('x')",
            "INSERT INTO sms DEFAULT VALUES",
            "DELETE FROM sms",
            "CREATE TABLE t (x)",
            "DROP TABLE sms",
            "PRAGMA user_version = 7",
            "PRAGMA query_only = OFF",
            f"ATTACH '{other}' AS other",
            f"VACUUM INTO '{other}'",
            "WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x FROM n) SELECT * FROM n",
        ):
            with pytest.raises(sqlite3.Error):
                run(statement).fetchall()
    assert not other.exists()
    assert list(tmp_path.iterdir()) == [path]


def test_computed_columns_are_not_computed(tmp_path: Path) -> None:
    path = database(
        tmp_path / "x.db",
        "CREATE TABLE sms (_id INTEGER PRIMARY KEY, thread_id, address, date, type, "
        "body, subject AS (replace(hex(zeroblob(9000)), '00', 'spam')))",
        {},
    )
    connection = sqlite3.connect(path)
    connection.execute("INSERT INTO sms VALUES (?, ?, ?, ?, ?, ?)", row(1))
    connection.commit()
    connection.close()
    assert texts(path) == ["come at nine"]


def test_evidence_is_not_touched(tmp_path: Path) -> None:
    path = database(tmp_path / "x.db", "PRAGMA journal_mode=WAL;" + SMS, {"sms": [row(1)]})
    assert path.read_bytes()[18] == 2
    path.chmod(0o444)
    before = state(tmp_path)
    outcome = read_path(path)
    assert state(tmp_path) == before
    assert extra(at(outcome, "database"))["write_ahead_log"] is True
    assert texts(path) == ["come at nine"]


def test_a_write_ahead_log_beside_the_file_is_applied_to_a_copy(tmp_path: Path) -> None:
    live, seized = tmp_path / "live", tmp_path / "seized"
    live.mkdir()
    seized.mkdir()
    path = database(live / "x.db", "PRAGMA journal_mode=WAL;" + SMS, {"sms": [row(1)]})
    writer = sqlite3.connect(path)
    writer.execute("PRAGMA wal_autocheckpoint=0")
    writer.execute("INSERT INTO sms VALUES (?, ?, ?, ?, ?, ?)", row(2, "bring the papers"))
    writer.commit()
    for file in ("x.db", "x.db-wal"):
        (seized / file).write_bytes((live / file).read_bytes())
    writer.close()
    before = state(seized)
    outcome = read_path(seized / "x.db")
    assert state(seized) == before
    last = at(outcome, "sms/_id=2")
    assert last["text"] == "bring the papers"
    digest = hashlib.sha256((seized / "x.db-wal").read_bytes()).hexdigest()
    for item in outcome.items:  # what was read is not in the exhibit alone: every item says so
        assert digest in extra(item)["read_with"]
    assert digest in extra(at(outcome, "database"))["applied"]
    alone = tmp_path / "alone.db"
    alone.write_bytes((seized / "x.db").read_bytes())
    assert texts(alone) == ["come at nine"]


def hot(folder: Path) -> Path:
    """Leave a database as a crash does: half written, with the journal that undoes it."""
    live, seized = folder / "live", folder / "seized"
    live.mkdir()
    seized.mkdir()
    rows = [row(number, f"message {number} " + "x" * 300) for number in range(1, 60)]
    path = database(live / "x.db", "PRAGMA page_size=1024;" + SMS, {"sms": rows})
    writer = sqlite3.connect(path, isolation_level=None)
    writer.execute("PRAGMA cache_size=1")
    writer.execute("PRAGMA cache_spill=1")
    writer.execute("BEGIN")
    writer.execute("UPDATE sms SET body = 'overwritten' || body")
    for file in ("x.db", "x.db-journal"):
        (seized / file).write_bytes((live / file).read_bytes())
    writer.execute("ROLLBACK")
    writer.close()
    assert (seized / "x.db-journal").read_bytes()[:8] == JOURNAL_MAGIC  # else it is not hot
    return seized / "x.db"


def test_a_rollback_journal_is_applied_to_a_copy(tmp_path: Path) -> None:
    path = hot(tmp_path)
    assert b"overwritten" in path.read_bytes()
    before = state(path.parent)
    found = texts(path)
    assert state(path.parent) == before
    assert len(found) == 59
    assert found[0].startswith("message 1 ")


def test_a_journal_cannot_make_us_delete_a_file(tmp_path: Path) -> None:
    """SQLite deletes the super-journal that a journal names, once it is of no use any more."""
    path = hot(tmp_path)
    victim = tmp_path / "victim"
    victim.write_bytes(b"of value")
    name = os.fsencode(victim)
    journal = path.with_name("x.db-journal")
    check = sum(byte if byte < 128 else byte - 256 for byte in name) & 0xFFFFFFFF
    page = (1 << 30) // 1024 + 1
    tail = struct.pack(">I", page) + name + struct.pack(">II", len(name), check) + JOURNAL_MAGIC
    journal.write_bytes(journal.read_bytes() + tail)
    outcome = read_path(path)
    assert victim.exists()
    assert "names another journal" in extra(at(outcome, "database"))["not_applied"]
    # The attack is real: SQLite itself follows the path.
    copy = sqlite3.connect(path)
    copy.execute("SELECT count(*) FROM sms").fetchall()
    copy.close()
    assert not victim.exists()


def test_a_column_that_takes_the_name_of_the_row_number(tmp_path: Path) -> None:
    path = database(
        tmp_path / "x.db",
        "CREATE TABLE message (rowid TEXT, oid TEXT, text, date, is_from_me, handle_id);"
        "CREATE TABLE handle (rowid TEXT, _rowid_ TEXT, oid TEXT, id)",
        {"message": [("9", "8", "one", 1, 0, 1)], "handle": [("1", "1", "1", "+393330000001")]},
    )
    outcome = read_path(path)
    assert at(outcome, "message/ROWID=1")["text"] == "one"
    assert [i["text"] for i in outcome.items if i["kind"] == "contact"] == ["+393330000001"]


def test_a_table_without_row_numbers(tmp_path: Path) -> None:
    path = database(
        tmp_path / "x.db",
        "CREATE TABLE sms (_id INTEGER PRIMARY KEY, thread_id, address, date, type, body) "
        "WITHOUT ROWID",
        {"sms": [row(4), row(7, "again")]},
    )
    outcome = read_path(path)
    assert [i["within"] for i in outcome.items] == ["sms/_id=4", "sms/_id=7", "database"]


def test_a_table_without_row_numbers_that_is_not_read_is_counted(tmp_path: Path) -> None:
    path = database(
        tmp_path / "x.db",
        "CREATE TABLE pairs (a, b, PRIMARY KEY (a, b)) WITHOUT ROWID",
        {"pairs": [(1, 2), (1, 3)]},
    )
    assert "tables not read: pairs (2 rows)" in summary(read_path(path))


def test_cells_of_any_type(tmp_path: Path) -> None:
    cells = (b"\xff\xfe", 7, 1.5, "not a time", b"1", b"caf\xc3\xa9 \xff")
    path = database(
        tmp_path / "x.db",
        SMS,
        {
            "sms": [
                (1, *cells[1:]),
                (2, None, None, None, None, None),
                (3, *cells[:1], 9e999, *"abc"),
            ]
        },
    )
    outcome = read_path(path)
    first = at(outcome, "sms/_id=1")
    assert first["text"] == "café �"
    assert first["time_note"] == "the time is no number"
    assert at(outcome, "sms/_id=2")["text"] == "[SMS, no text]"
    assert extra(at(outcome, "sms/_id=3"))["address"] == "inf"


def test_names_in_any_case_and_utf_16(tmp_path: Path) -> None:
    path = database(
        tmp_path / "x.db",
        "PRAGMA encoding='UTF-16be'; CREATE TABLE SMS "
        "(_ID INTEGER PRIMARY KEY, THREAD_ID, Address, Date, Type, Body)",
        {"SMS": [row(1, "кафе ☎")]},
    )
    outcome = read_path(path)
    assert outcome.texts[0] == "кафе ☎"
    assert extra(at(outcome, "database"))["encoding"] == "UTF-16be"


def test_a_database_of_no_known_application_names_its_tables(tmp_path: Path) -> None:
    path = database(
        tmp_path / "unknown",
        'CREATE TABLE "odd ""name" (x); CREATE TABLE other (y)',
        {"other": [(1,), (2,)]},
    )
    outcome = read_path(path)
    (item,) = outcome.items
    assert item["kind"] == "file"
    assert item["text"] == (
        "[SQLite database: of no application that is read]\n"
        "tables read: none\n"
        'tables not read: odd "name (0 rows), other (2 rows)'
    )


@pytest.mark.parametrize(
    "data", [b"SQLite format 3\0", b"SQLite format 3\0" + bytes(84), b"SQLite format 3\0" * 300]
)
def test_what_is_no_database_after_all(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "x.db"
    path.write_bytes(data)
    with pytest.raises(Unreadable, match=r"x\.db: SQLite cannot read this database"):
        list(read_items(path, exhibit=EXHIBIT))


def test_an_odd_path(tmp_path: Path) -> None:
    path = database(tmp_path / "a?mode=rw#%41 é.db", SMS, {"sms": [row(1)]})
    assert texts(path) == ["come at nine"]
    assert list(tmp_path.iterdir()) == [path]


def test_names_that_are_no_text(tmp_path: Path) -> None:
    """SQLite keeps any bytes as a name; Python would decode them, and fail."""
    path = database(
        tmp_path / "x.db",
        "CREATE TABLE handle (XXid INTEGER PRIMARY KEY, id); CREATE TABLE YYtable (x);"
        "CREATE TABLE message (ZZid INTEGER PRIMARY KEY, text, date, is_from_me, handle_id)",
        {"handle": [(5, "+393330000001")], "message": [(7, "hello", 700_000_000, 0, 5)]},
    )
    data = path.read_bytes()
    for name in (b"XXid", b"YYtable", b"ZZid"):
        data = data.replace(name, b"\xff\xfe" + name[2:])
    path.write_bytes(data)
    outcome = read_path(path)
    # Where the key cannot be asked for, rows are counted.
    assert at(outcome, "message/row=1")["text"] == "hello"
    assert at(outcome, "handle/row=1")["text"] == "+393330000001"
    assert "table: the rows after the first 0" in outcome.only("damaged_file")["detail"]
