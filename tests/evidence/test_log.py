"""The custody log keeps what it was told, in order, through crashes and company."""

import json
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from palermo.evidence import (
    Actor,
    ActorKey,
    Clock,
    CustodyEvent,
    CustodyLog,
    Entry,
    EventType,
    ExhibitRef,
    FileRef,
    Keystore,
    Outcome,
    SignedCheckpoint,
    verify_case,
)
from palermo.evidence.dsse import canonical
from palermo.evidence.merkle import proves_consistency, proves_inclusion, root
from palermo.model import Refused, Unreadable

EventMaker = Callable[..., CustodyEvent]

TEXTS = st.text(max_size=40)
REFS = st.builds(ExhibitRef, id=TEXTS, size=st.integers(0), media_type=TEXTS, sealed_sha256=TEXTS)
FILES = st.builds(FileRef, path=TEXTS, commitment=TEXTS, size=st.integers(0))
NONCE = "0123456789abcdef" * 2


def failures(path: Path) -> list[str]:
    return [check.detail for check in verify_case(path) if check.outcome is Outcome.FAIL]


def test_events_come_back_as_they_were_told(
    tmp_path: Path, signer: Keystore, event: EventMaker
) -> None:
    told = [event(EventType.RECEIVE), event(EventType.ACCESS, refers_to="x"), event()]
    with CustodyLog(tmp_path / "custody.sqlite3", signer=signer) as log:
        logged = [log.append(one) for one in told]
        assert [one.seq for one in logged] == [0, 1, 2]
        assert [entry.event for entry in log.entries()] == told
    with CustodyLog(tmp_path / "custody.sqlite3", signer=signer) as log:
        assert [entry.event for entry in log.entries()] == told
        assert log.append(event()).entry.prev_leaf_hash == logged[2].leaf_hash.hex()
    assert failures(tmp_path) == []


@given(
    kind=st.sampled_from(EventType),
    exhibits=st.lists(REFS, max_size=3).map(tuple),
    inputs=st.lists(FILES, max_size=3).map(tuple),
    outputs=st.lists(FILES, max_size=3).map(tuple),
    refers_to=st.none() | TEXTS,
    on_behalf=st.none() | TEXTS,
    second=st.just(Actor(id="two", role="r", organisation="o")),
    clock=st.none() | st.builds(Clock, source=TEXTS, synced=st.none() | st.booleans()),
    place=st.none() | TEXTS,
    sender=st.none() | TEXTS,
    seal=st.none() | TEXTS,
    match=st.none() | st.booleans(),
    note=st.none() | TEXTS,
    key=st.none() | st.builds(ActorKey, actor=TEXTS, public_key=TEXTS),
    since=st.none() | st.datetimes(timezones=st.just(UTC)),
    seq=st.integers(0, 10**9),
)
def test_every_event_has_one_written_form(
    event: EventMaker, kind: EventType, seq: int, **parts: object
) -> None:
    entry = Entry(
        event=event(kind, **parts), log="log", seq=seq, prev_leaf_hash="0" * 64, nonce=NONCE
    )
    payload = entry.payload()
    assert payload == canonical(json.loads(payload))
    assert Entry.from_payload(payload) == entry
    for changed in (payload + b" ", payload.replace(b'"v":2', b'"v":1'), payload[1:], b"[]"):
        with pytest.raises(Unreadable):
            Entry.from_payload(changed)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b'"purpose":"find', b'"purpose":["find'),
        (b'"seq":3', b'"seq":"3"'),
        (b'"seq":3', b'"seq":true'),
        (b'"size":5', b'"size":"5"'),
        (b'"type":"access"', b'"type":"dance"'),
        (b'"actor":{', b'"actor":{"more":1,'),
        (b'"organisation":"Example', b'"organisation":7,"x":"Example'),
        (b'"match":true', b'"match":1'),
        (b'"size":5', b'"size":5.0'),
        (b'"logged_at":"2026-11-24T09:30:00+00:00"', b'"logged_at":"2026-11-24T09:30:00"'),
        (b'"v":2', b'"v":2,"w":1'),
        (NONCE.encode(), NONCE[:30].encode()),
    ],
)
def test_an_entry_of_another_form_is_unreadable(event: EventMaker, old: bytes, new: bytes) -> None:
    ref = ExhibitRef(id="a", size=5, media_type="t", sealed_sha256="b")
    told = event(exhibits=(ref,), match=True)
    entry = Entry(event=told, log="log", seq=3, prev_leaf_hash="0", nonce=NONCE)
    assert old in entry.payload()
    with pytest.raises(Unreadable):
        Entry.from_payload(entry.payload().replace(old, new, 1))


def test_the_same_event_twice_has_two_names_and_two_hashes(
    tmp_path: Path, signer: Keystore, event: EventMaker
) -> None:
    with CustodyLog(tmp_path / "custody.sqlite3", signer=signer) as log:
        one, two = log.append(event()), log.append(event())
    assert one.entry.event_id != two.entry.event_id
    assert one.entry.nonce != two.entry.nonce
    assert one.entry.nonce not in one.entry.event_id


def test_times_need_a_zone(event: EventMaker) -> None:
    from dataclasses import replace

    with pytest.raises(ValueError, match="time zone"):
        replace(event(), logged_at=datetime(2026, 1, 1, tzinfo=UTC).replace(tzinfo=None))


def test_proofs_hold_against_the_signed_checkpoint(
    tmp_path: Path, signer: Keystore, event: EventMaker
) -> None:
    with CustodyLog(tmp_path / "custody.sqlite3", signer=signer) as log:
        for _ in range(4):
            log.append(event())
        earlier = log.checkpoint()
        for _ in range(3):
            log.append(event())
    note = (tmp_path / "checkpoint.txt").read_text("utf-8")
    head = SignedCheckpoint.parse(note).checkpoint
    with CustodyLog(tmp_path / "custody.sqlite3", signer=signer) as log:
        leaves = log.leaves()
        assert head.root == root(leaves)
        assert proves_inclusion(leaves[5], 5, 7, log.inclusion_proof(5), head.root)
        assert proves_consistency(4, 7, earlier.root, head.root, log.consistency_proof(4))


def test_another_key_is_refused(tmp_path: Path, signer: Keystore) -> None:
    CustodyLog(tmp_path / "custody.sqlite3", signer=signer).close()
    other = Keystore.open(tmp_path / "keys", actor="somebody else")
    with pytest.raises(Refused, match="signed with another key"):
        CustodyLog(tmp_path / "custody.sqlite3", signer=other)


def test_a_file_that_is_no_log_is_unreadable(tmp_path: Path, signer: Keystore) -> None:
    path = tmp_path / "custody.sqlite3"
    path.write_bytes(b"not a database, but long enough to look like one" * 30)
    with pytest.raises(Unreadable, match="cannot be opened as a custody log"):
        CustodyLog(path, signer=signer)
    foreign = tmp_path / "foreign.sqlite3"
    with sqlite3.connect(foreign) as database:
        database.execute("CREATE TABLE t (x)")
    with pytest.raises(Unreadable, match="cannot be opened as a custody log"):
        CustodyLog(foreign, signer=signer)


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE custody SET seq = 7 WHERE seq = 0",
        "DELETE FROM custody WHERE seq = 1",
        "INSERT INTO custody VALUES (9, 'access', x'00', x'00')",
        "INSERT OR REPLACE INTO custody VALUES (0, 'access', x'00', x'00')",
        "UPDATE log SET key = 'mine'",
        "DELETE FROM log",
    ],
)
def test_the_fence_stops_accidents(case: Path, statement: str) -> None:
    database = sqlite3.connect(case / "custody.sqlite3")
    with pytest.raises(sqlite3.IntegrityError, match=r"custody events|the log keeps"):
        database.execute(statement)
    database.close()
    assert failures(case) == []


def test_nothing_is_appended_over_a_damaged_log(case: Path, signer: Keystore) -> None:
    database = sqlite3.connect(case / "custody.sqlite3")
    database.execute("DROP TRIGGER custody_remains")
    database.execute("DELETE FROM custody WHERE seq = 4")
    database.commit()
    database.close()
    with pytest.raises(Refused, match="1 of its events are gone; run palermo verify"):
        CustodyLog(case / "custody.sqlite3", signer=signer)


@pytest.mark.parametrize("content", [None, "", "rubbish\n"])
def test_nothing_is_appended_without_a_checkpoint(
    case: Path, signer: Keystore, content: str | None
) -> None:
    note = case / "checkpoint.txt"
    note.unlink()
    if content is not None:
        note.write_text(content)
    with pytest.raises(Refused, match="missing or damaged"):
        CustodyLog(case / "custody.sqlite3", signer=signer)


def test_a_lost_log_is_not_begun_anew(case: Path, signer: Keystore) -> None:
    (case / "custody.sqlite3").unlink()
    with pytest.raises(Refused, match="the log is gone"):
        CustodyLog(case / "custody.sqlite3", signer=signer)


APPEND = """
import pathlib, sys
sys.path.insert(0, sys.argv[3])
from conftest import make_event
from palermo.evidence import CustodyLog, Keystore
signer = Keystore.open(pathlib.Path(sys.argv[2]), actor="node")
with CustodyLog(pathlib.Path(sys.argv[1]), signer=signer) as log:
    print("ready", flush=True)
    for _ in range(int(sys.argv[4])):
        log.append(make_event())
"""


def append(path: Path, keys: Path, count: int) -> "subprocess.Popen[str]":
    here = str(Path(__file__).parent)
    command = [sys.executable, "-c", APPEND, str(path), str(keys), here, str(count)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True)


def test_processes_may_share_a_log(tmp_path: Path, keys: Path, signer: Keystore) -> None:
    path = tmp_path / "case" / "custody.sqlite3"
    started = [append(path, keys, 15) for _ in range(3)]
    for process in started:
        process.communicate(timeout=120)
        assert process.returncode == 0
    assert failures(path.parent) == []
    with CustodyLog(path, signer=signer) as log:
        assert [entry.seq for entry in log.entries()] == list(range(45))


def test_a_killed_writer_leaves_a_sound_log(tmp_path: Path, keys: Path, signer: Keystore) -> None:
    path = tmp_path / "case" / "custody.sqlite3"
    process = append(path, keys, 1_000_000)
    assert process.stdout is not None
    process.stdout.readline()
    time.sleep(0.3)
    process.kill()
    process.communicate()
    checks = verify_case(path.parent)
    assert [check for check in checks if check.outcome is Outcome.FAIL] == []
    (covered,) = [check for check in checks if check.name == "checkpoint root"]
    assert covered.outcome is Outcome.NOT_CHECKABLE
    with CustodyLog(path, signer=signer) as log:
        written = len(log.leaves())
    assert written > 0
    assert failures(path.parent) == []
