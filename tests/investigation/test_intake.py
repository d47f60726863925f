"""Material comes in whole: what lies beside a database is sealed and read with it."""

import shutil
import sqlite3
from datetime import UTC, datetime
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from palermo.evidence import CaseFolder, Outcome, verify_case
from palermo.investigation import Node, Request, investigate

AT = datetime(2026, 3, 1, 9, tzinfo=UTC)
AUTHORITY = """\
palermo_authority: 1
organisation: Example unit
power: eu/led-processing
legal_basis: a law
purpose: a test
case: T-1
authorised_by: {name: A. Example, role: competent-authority}
from: 2026-01-01T00:00:00Z
until: 2027-01-01T00:00:00Z
offences: [trafficking-in-persons]
scope: {material: [devices], measures: [detect, preserve]}
"""


@pytest.fixture
def phone(tmp_path: Path) -> Path:
    """Messages of a phone that was seized while the application ran: the last one is not in it."""
    live = tmp_path / "live.db"
    database = sqlite3.connect(live, isolation_level=None)
    database.execute(
        "CREATE TABLE sms (_id INTEGER PRIMARY KEY, thread_id INTEGER, address TEXT, "
        "date INTEGER, type INTEGER, body TEXT)"
    )
    database.execute("INSERT INTO sms VALUES (1, 1, '+12025550143', 1700000000000, 1, 'the first')")
    database.execute("PRAGMA journal_mode = WAL")
    database.execute("PRAGMA wal_autocheckpoint = 0")
    database.execute("INSERT INTO sms VALUES (2, 1, '+12025550143', 1700000060000, 1, 'the last')")
    seized = tmp_path / "seized"
    seized.mkdir()
    for suffix in ("", "-wal"):
        shutil.copy(f"{live}{suffix}", seized / f"mmssms.db{suffix}")
    database.close()
    return seized / "mmssms.db"


def run(tmp_path: Path, phone: Path) -> list[str]:
    (tmp_path / "authority.yaml").write_text(AUTHORITY)
    investigate(
        Request(
            inputs=(phone,),
            authority=tmp_path / "authority.yaml",
            out=tmp_path / "case",
            node=Node(folder=tmp_path / "node"),
            workers=1,
        ),
        at=AT,
    )
    items = pq.read_table(tmp_path / "case" / "tables" / "items.parquet").to_pylist()
    return [item["text"] for item in items if item["kind"] == "message"]


def test_the_write_ahead_log_beside_a_database_is_sealed_and_read(
    tmp_path: Path, phone: Path
) -> None:
    before = {path.name: path.read_bytes() for path in phone.parent.iterdir()}
    assert run(tmp_path, phone) == ["the first", "the last"]
    assert {path.name: path.read_bytes() for path in phone.parent.iterdir()} == before
    case = CaseFolder(tmp_path / "case")
    vault = Node(folder=tmp_path / "node").vault(case)
    assert {one.name for one in vault.exhibits()} == {"mmssms.db", "mmssms.db-wal"}
    assert not [c for c in verify_case(case.path) if c.outcome is Outcome.FAIL]
    assert not list((case.path / "vault" / ".plain").iterdir())


def test_without_it_only_what_is_in_the_database_is_read(tmp_path: Path, phone: Path) -> None:
    phone.with_name("mmssms.db-wal").unlink()
    assert run(tmp_path, phone) == ["the first"]
