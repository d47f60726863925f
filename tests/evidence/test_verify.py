"""A sound case passes, and every attack on its log is found or the limit is written down."""

import hashlib
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from palermo.evidence import (
    CaseFolder,
    CustodyEvent,
    CustodyLog,
    Entry,
    EventType,
    ExhibitRef,
    Keystore,
    Outcome,
    verify_case,
)
from palermo.evidence.dsse import Envelope
from palermo.evidence.entry import PAYLOAD_TYPE, new_nonce
from palermo.evidence.merkle import leaf_hash
from palermo.evidence.schema import SCHEMA

EventMaker = Callable[..., CustodyEvent]
KEK = bytes(range(32))  # of conftest
LOG, KEY, NOTE = "custody.sqlite3", "custody.pub", "checkpoint.txt"


def failed(path: Path, **known: object) -> dict[str, str]:
    """Return the failing checks, by name, with the last detail of each."""
    checks = verify_case(path, **known)  # type: ignore[arg-type]  # passed through
    return {check.name: check.detail for check in checks if check.outcome is Outcome.FAIL}


def undecided(path: Path) -> dict[str, str]:
    return {
        check.name: check.detail
        for check in verify_case(path)
        if check.outcome is Outcome.NOT_CHECKABLE
    }


@contextmanager
def unfenced(case: Path) -> Iterator[sqlite3.Connection]:
    """Open the log as an attacker does who takes the fence down and puts it up again."""
    database = sqlite3.connect(case / LOG)
    triggers = {name: sql for name, sql in SCHEMA.items() if sql.startswith("CREATE TRIGGER")}
    for name in triggers:
        database.execute(f"DROP TRIGGER {name}")
    yield database
    for sql in triggers.values():
        database.execute(sql)
    database.commit()
    database.close()


def exhibits(case: Path) -> list[Path]:
    return sorted(path for path in (case / "vault").rglob("*") if len(path.name) == 64)


def test_a_sound_case_passes_every_check(case: Path, signer: Keystore) -> None:
    opener = CaseFolder(case).vault(KEK).check
    checks = verify_case(case, public_key=signer.public_key, opener=opener)
    undecided = [check.name for check in checks if check.outcome is not Outcome.PASS]
    assert undecided == ["time stamps", "witnesses"]  # nobody was asked for one
    assert [check.name for check in checks] == [
        "log file", "sequence", "leaf hashes", "signatures", "events", "chain", "times",
        "time stamps", "witnesses", "public key", "checkpoint signature", "checkpoint root",
        "exhibits", "contents", "vault",
        "outputs",
    ]  # fmt: skip


def test_without_a_key_from_elsewhere_the_origin_is_not_proved(case: Path) -> None:
    assert failed(case) == {}
    assert set(undecided(case)) == {"public key", "contents", "time stamps", "witnesses"}


def test_verifying_changes_nothing(case: Path) -> None:
    before = {path: path.read_bytes() for path in case.rglob("*") if path.is_file()}
    verify_case(case)
    assert {path: path.read_bytes() for path in case.rglob("*") if path.is_file()} == before


def test_a_read_only_case_can_be_verified(case: Path) -> None:
    for path in [*case.rglob("*"), case]:
        path.chmod(0o555 if path.is_dir() else 0o444)
    assert failed(case) == {}
    for path in [case, *case.rglob("*")]:
        path.chmod(0o755 if path.is_dir() else 0o644)


def test_a_removed_last_event(case: Path) -> None:
    with unfenced(case) as database:
        database.execute("DELETE FROM custody WHERE seq = 4")
    assert "5 events were signed for, 4 are there" in failed(case)["checkpoint root"]


def test_a_removed_middle_event(case: Path) -> None:
    with unfenced(case) as database:
        database.execute("DELETE FROM custody WHERE seq = 2")
        database.execute("UPDATE custody SET seq = seq - 1 WHERE seq > 2")
    assert set(failed(case)) >= {"sequence", "chain", "checkpoint root"}


def test_events_numbered_anew(case: Path) -> None:
    with unfenced(case) as database:
        database.execute("UPDATE custody SET seq = seq + 10")
    assert set(failed(case)) == {"sequence"}


def test_all_events_removed(case: Path) -> None:
    with unfenced(case) as database:
        database.execute("DELETE FROM custody")
    assert set(failed(case)) >= {"checkpoint root", "vault"}


def test_two_events_exchanged(case: Path) -> None:
    with unfenced(case) as database:
        rows = dict(database.execute("SELECT seq, data FROM custody"))
        for place, taken in ((1, 2), (2, 1)):
            database.execute(
                "UPDATE custody SET data = ?, leaf_hash = ? WHERE seq = ?",
                (rows[taken], leaf_hash(rows[taken]), place),
            )
    assert set(failed(case)) >= {"sequence", "chain", "checkpoint root"}


def forged(signer: Keystore, event: CustodyEvent, log: str, seq: int, before: str) -> bytes:
    payload = Entry(
        event=event, log=log, seq=seq, prev_leaf_hash=before, nonce=new_nonce()
    ).payload()
    return Envelope.sign(PAYLOAD_TYPE, payload, signer).to_bytes()


def log_name(case: Path) -> str:
    return (case / KEY).read_text().split("+")[0]


def test_a_well_formed_event_signed_with_another_key(
    case: Path, tmp_path: Path, event: EventMaker
) -> None:
    stranger = Keystore.open(tmp_path / "stranger", actor="x")
    database = sqlite3.connect(case / LOG)
    (last,) = database.execute("SELECT leaf_hash FROM custody WHERE seq = 4").fetchone()
    data = forged(stranger, event(), log_name(case), 5, last.hex())
    database.execute("INSERT INTO custody VALUES (5, 'access', ?, ?)", (data, leaf_hash(data)))
    database.commit()
    database.close()
    assert failed(case) == {"signatures": "event 5 is not signed with node's key"}


def test_a_stranger_s_signature_under_the_right_key_id(
    case: Path, tmp_path: Path, event: EventMaker, signer: Keystore
) -> None:
    class Pretender:
        public_key = signer.public_key
        sign = Keystore.open(tmp_path / "stranger", actor="x").sign

    database = sqlite3.connect(case / LOG)
    (last,) = database.execute("SELECT leaf_hash FROM custody WHERE seq = 4").fetchone()
    data = forged(Pretender(), event(), log_name(case), 5, last.hex())  # type: ignore[arg-type]  # a Signer
    database.execute("INSERT INTO custody VALUES (5, 'access', ?, ?)", (data, leaf_hash(data)))
    database.commit()
    database.close()
    assert failed(case) == {"signatures": "event 5 has an invalid signature of node"}


def test_a_genuine_event_of_another_log(
    case: Path, tmp_path: Path, signer: Keystore, event: EventMaker
) -> None:
    with CustodyLog(tmp_path / "other" / LOG, signer=signer) as log:
        for _ in range(6):
            log.append(event())
    other = sqlite3.connect(tmp_path / "other" / LOG)
    row = other.execute("SELECT * FROM custody WHERE seq = 5").fetchone()
    other.close()
    database = sqlite3.connect(case / LOG)
    database.execute("INSERT INTO custody VALUES (?, ?, ?, ?)", row)
    database.commit()
    database.close()
    assert set(failed(case)) == {"events", "chain"}


def test_an_edited_payload(case: Path) -> None:
    with unfenced(case) as database:
        (data,) = database.execute("SELECT data FROM custody WHERE seq = 3").fetchone()
        read = Envelope.from_bytes(data)
        payload = read.payload.replace(b'"analyst"', b'"student"')
        edited = Envelope(
            payload_type=read.payload_type,
            payload=payload,
            signatures=read.signatures,
        ).to_bytes()
        database.execute(
            "UPDATE custody SET data = ?, leaf_hash = ? WHERE seq = 3",
            (edited, leaf_hash(edited)),
        )
    found = failed(case)
    assert set(found) >= {"signatures", "chain", "checkpoint root"}


def test_a_whole_log_made_anew_with_another_key(
    case: Path, tmp_path: Path, signer: Keystore, event: EventMaker
) -> None:
    for name in (LOG, KEY, NOTE):
        (case / name).unlink()
    stranger = Keystore.open(tmp_path / "stranger", actor="x")
    folder = CaseFolder(case)
    refs = tuple(
        ExhibitRef(
            id=path.name,
            size=path.stat().st_size,
            media_type="text/csv",
            sealed_sha256=hashlib.sha256(path.read_bytes()).hexdigest(),
        )
        for path in exhibits(case)
    )
    with folder.log(stranger) as log:
        log.append(event(EventType.ANALYSE, exhibits=refs, outputs=folder.record()))
    assert failed(case) == {}  # nothing in the folder can tell …
    assert set(failed(case, public_key=signer.public_key)) == {"public key"}  # … a key can


def test_a_rollback_is_found_only_with_a_checkpoint_kept_elsewhere(
    tmp_path: Path, signer: Keystore, event: EventMaker
) -> None:
    path = tmp_path / "case"
    with CustodyLog(path / LOG, signer=signer) as log:
        log.append(event())
    shutil.copytree(path, tmp_path / "earlier")
    with CustodyLog(path / LOG, signer=signer) as log:
        log.append(event(EventType.EXPORT))
    kept = (path / NOTE).read_text("utf-8")
    assert failed(path, checkpoints=[kept]) == {}
    earlier = tmp_path / "earlier"
    assert failed(earlier) == {}  # the limit of this floor: an older copy is sound in itself
    assert set(failed(earlier, checkpoints=[kept])) == {"kept checkpoint root"}
    older = (earlier / NOTE).read_text("utf-8")
    assert failed(path, checkpoints=[older]) == {}  # the log grew out of it


@pytest.mark.parametrize("foreign", ["CREATE VIEW v AS SELECT 1", "CREATE TABLE t (x)"])
def test_foreign_objects_in_the_database(case: Path, foreign: str) -> None:
    database = sqlite3.connect(case / LOG)
    database.execute(foreign)
    database.commit()
    database.close()
    assert "missing, foreign or changed" in failed(case)["log file"]


def test_a_fence_that_stays_down(case: Path) -> None:
    database = sqlite3.connect(case / LOG)
    database.execute("DROP TRIGGER custody_remains")
    database.commit()
    database.close()
    assert "custody_remains" in failed(case)["log file"]


def test_a_table_replaced_by_an_endless_view(case: Path) -> None:
    database = sqlite3.connect(case / LOG)
    database.execute("DROP TABLE custody")
    database.execute(
        "CREATE VIEW custody AS WITH RECURSIVE n(seq) AS "
        "(SELECT 0 UNION ALL SELECT seq + 1 FROM n) "
        "SELECT seq, '' kind, x'' data, x'' leaf_hash FROM n"
    )
    database.commit()
    database.close()
    assert "custody" in failed(case)["log file"]


def test_a_clock_that_was_set_back_is_told(
    tmp_path: Path, signer: Keystore, event: EventMaker
) -> None:
    today = event()
    year = timedelta(days=365)
    with CustodyLog(tmp_path / LOG, signer=signer) as log:
        log.append(today)
        log.append(replace(today, occurred_at=today.occurred_at - year))  # reported late: usual
        log.append(replace(today, logged_at=today.logged_at - year))
    details = [check.detail for check in verify_case(tmp_path) if check.name == "times"]
    assert [detail.partition(":")[0] for detail in details] == [
        "event 2 was logged before the event it follows",
        "event 2 was logged before it occurred",
    ]
    assert failed(tmp_path) == {}
