"""Killed at any line, or out of room, the log keeps what it acknowledged and stays sound."""

import os
import random
import shutil
import sqlite3
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from tests.evidence.conftest import make_event
from tests.evidence.crash import Say, killed, lines_of

from palermo.evidence import (
    ActorKey,
    CaseFolder,
    CustodyLog,
    EventType,
    Keystore,
    Outcome,
    verify_case,
)
from palermo.model import Refused, Unreadable

LOG = "custody.sqlite3"
POINTS = 40  # for each task


def failures(case: Path) -> list[str]:
    return [f"{c.name}: {c.detail}" for c in verify_case(case) if c.outcome is Outcome.FAIL]


Task = Callable[[Path, Keystore, Say], None]


def begin(case: Path, signer: Keystore, say: Say) -> None:
    with CustodyLog(case / LOG, signer=signer) as log:
        say(str(log.append(make_event()).seq))


def append(case: Path, signer: Keystore, say: Say) -> None:
    with CustodyLog(case / LOG, signer=signer) as log:
        for _ in range(3):
            say(str(log.append(make_event()).seq))
        log.checkpoint(keep=True)
        for seq in log.append_many([make_event()] * 5):
            say(str(seq))


def record(case: Path, signer: Keystore, say: Say) -> None:
    folder = CaseFolder(case)
    with folder.log(signer) as log:
        (case / "findings.json").write_text("{}")
        say(str(log.append(make_event(EventType.ANALYSE, outputs=folder.record())).seq))


def change_keys(case: Path, signer: Keystore, say: Say) -> None:
    ada = Keystore.open(case.parent / "keys", actor="ada")
    key = ActorKey(actor="ada", public_key=ada.public_key.hex())
    with CustodyLog(case / LOG, signer=signer) as log:
        say(str(log.append(make_event(EventType.KEY_ADD, key=key)).seq))
        say(str(log.append(make_event(EventType.KEY_REVOKE, key=key)).seq))


@pytest.mark.parametrize("task", [begin, append, record, change_keys])
def test_a_crash_at_any_line_leaves_a_sound_log(
    task: Task, tmp_path: Path, signer: Keystore
) -> None:
    begun = tmp_path / "begun" / "case"
    if task is not begin:
        with CustodyLog(begun / LOG, signer=signer) as log:
            log.append(make_event())

    def copied(name: str) -> Path:
        place = tmp_path / name / "case"
        if begun.exists():
            shutil.copytree(begun, place)
        return place

    def job(case: Path) -> Callable[[Say], None]:
        return lambda say: task(case, signer, say)

    lines = lines_of(job(copied("counted")))
    chance = random.Random(task.__name__)
    points = sorted({1, lines, *(chance.randint(1, lines) for _ in range(POINTS))})
    deaths = 0
    for point in points:
        case = copied(f"at{point}")
        said, died = killed(job(case), at=point)
        deaths += died
        if said:
            # What was acknowledged is there before anything is opened for writing again.
            assert [one for one in failures(case) if not one.startswith("outputs")] == []
        with CustodyLog(case / LOG, signer=signer) as log:
            there = [entry.seq for entry in log.entries()]
            assert set(map(int, said)) <= set(there)
            log.append(make_event())
        if task is not record:
            assert failures(case) == []
        else:
            # An output that was written but not yet recorded is none of the log's business.
            again = CaseFolder(case)
            with again.log(signer) as log:
                log.append(make_event(EventType.ANALYSE, outputs=again.record()))
            assert failures(case) == []
    assert deaths >= len(points) * 3 // 4  # runs differ by a few lines


@contextmanager
def small_disk(place: Path, size: str) -> Iterator[Path]:
    place.mkdir()
    if os.geteuid() != 0:
        pytest.skip("mounting a small disk needs root")
    subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", place], check=True)
    try:
        yield place
    finally:
        subprocess.run(["umount", "--lazy", place], check=True)


def test_a_full_disk_is_told_and_nothing_acknowledged_is_lost(
    tmp_path: Path, signer: Keystore
) -> None:
    with small_disk(tmp_path / "disk", "300k") as disk:
        log = CustodyLog(disk / "case" / LOG, signer=signer)
        acknowledged: list[int] = []

        def fill(count: int) -> None:
            for _ in range(10_000):
                acknowledged.extend(log.append_many([make_event()] * count))

        with pytest.raises(Unreadable, match="make room"):
            fill(20)
        with pytest.raises(Unreadable, match="make room"):
            fill(1)
        assert acknowledged
        # The checkpoint of before is still whole: no event it covers can go unnoticed.
        assert failures(disk / "case") == []
        subprocess.run(["mount", "-o", "remount,size=3m", disk], check=True)
        assert len(list(log.entries())) == len(acknowledged)
        log.append(make_event())
        log.close()
        assert failures(disk / "case") == []


def test_a_read_only_disk_is_told(tmp_path: Path, signer: Keystore) -> None:
    with small_disk(tmp_path / "disk", "1m") as disk:
        with CustodyLog(disk / LOG, signer=signer) as log:
            log.append(make_event())
        subprocess.run(["mount", "-o", "remount,ro", disk], check=True)
        log = CustodyLog(disk / LOG, signer=signer)
        with pytest.raises(Unreadable, match="cannot be written"):
            log.append(make_event())
        log.close()
        assert failures(disk) == []  # it can still be verified where it lies


@pytest.mark.parametrize("keep", [0, 512, 4096, -100])
def test_a_truncated_journal_never_hides_an_event(
    tmp_path: Path, signer: Keystore, keep: int
) -> None:
    """A write that was cut short is undone, or the damage is told; never a shorter log believed."""
    case = tmp_path / "case"
    with CustodyLog(case / LOG, signer=signer) as log:
        log.append_many([make_event()] * 30)
    database = sqlite3.connect(case / LOG, isolation_level=None)
    database.execute("PRAGMA cache_size = 1")
    database.execute("BEGIN")
    for seq in range(31, 300):
        database.execute("INSERT INTO custody VALUES (?, 'access', ?, x'00')", (seq, b"x" * 3000))
    died = tmp_path / "died"
    shutil.copytree(case, died)
    database.execute("ROLLBACK")
    database.close()
    journal = died / f"{LOG}-journal"
    data = journal.read_bytes()
    journal.write_bytes(data[:keep])
    told = failures(died)
    try:
        with CustodyLog(died / LOG, signer=signer) as log:
            assert len(list(log.entries())) >= 30
    except (Refused, Unreadable):
        assert told


def test_a_write_ahead_log_that_was_planted_is_refused(tmp_path: Path, signer: Keystore) -> None:
    """SQLite reads events from one that lies there; ours has none, so it is never followed."""
    case = tmp_path / "case"
    with CustodyLog(case / LOG, signer=signer) as log:
        log.append(make_event())
    shutil.copytree(case, tmp_path / "other")
    other = sqlite3.connect(tmp_path / "other" / LOG, isolation_level=None)
    other.execute("PRAGMA journal_mode = WAL")
    other.execute("PRAGMA wal_autocheckpoint = 0")
    other.execute("INSERT INTO custody VALUES (1, 'access', x'00', x'00')")
    wal = (tmp_path / "other" / f"{LOG}-wal").read_bytes()
    other.close()
    for size in (len(wal), len(wal) // 2, 10):
        (case / f"{LOG}-wal").write_bytes(wal[:size])
        assert [one for one in failures(case) if "which this log never has" in one]
        with pytest.raises(Refused, match="somebody put it there"):
            CustodyLog(case / LOG, signer=signer)
        (case / f"{LOG}-wal").unlink(missing_ok=True)
    assert failures(case) == []
