"""Any damage at all is found or changes nothing that is said, and never stops verification."""

import base64
import json
import shutil
import sqlite3
import string
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from palermo.evidence import Check, CustodyEvent, CustodyLog, Keystore, Outcome, verify_case
from palermo.evidence.checkpoint import SignedCheckpoint
from palermo.model import Unreadable

EventMaker = Callable[..., CustodyEvent]
LOG, KEY, NOTE = "custody.sqlite3", "custody.pub", "checkpoint.txt"


def failed(path: Path, **known: object) -> dict[str, str]:
    """Return the failing checks, by name, with the last detail of each."""
    checks = verify_case(path, **known)  # type: ignore[arg-type]  # passed through
    return {check.name: check.detail for check in checks if check.outcome is Outcome.FAIL}


def facts(case: Path) -> list[bytes]:
    """Return what the log says, read without judging it."""
    database = sqlite3.connect(f"file:{case / LOG}?mode=ro&immutable=1", uri=True)
    try:
        rows = list(database.execute("SELECT seq, data, leaf_hash FROM custody ORDER BY seq"))
        return [json.dumps([seq, data.hex(), leaf.hex()]).encode() for seq, data, leaf in rows]
    finally:
        database.close()


def test_a_writer_that_died_half_way_is_rolled_back_for_reading(
    case: Path, tmp_path: Path, signer: Keystore, event: EventMaker
) -> None:
    with CustodyLog(case / LOG, signer=signer) as log:
        log.append_many([event()] * 200)  # so that the events fill many pages
    database = sqlite3.connect(case / LOG, isolation_level=None)
    database.execute("PRAGMA cache_size = 1")  # so that uncommitted pages reach the file
    database.execute("BEGIN")
    database.execute("DROP TRIGGER custody_stays")
    database.execute("UPDATE custody SET data = zeroblob(length(data))")
    for seq in range(206, 800):
        database.execute("INSERT INTO custody VALUES (?, 'access', ?, x'00')", (seq, b"x" * 4000))
    died = tmp_path / "died"
    shutil.copytree(case, died)
    database.execute("ROLLBACK")
    database.close()
    assert facts(died) != facts(case)  # what lies in the file alone is half a change
    assert failed(died) == {}
    (died / f"{LOG}-journal").unlink()
    assert failed(died)


def test_every_flipped_byte_of_checkpoint_and_key_is_found(case: Path) -> None:
    for name in (NOTE, KEY):
        path = case / name
        good = path.read_bytes()
        for place in range(len(good)):
            path.write_bytes(good[:place] + bytes([good[place] ^ 1]) + good[place + 1 :])
            assert failed(case), (name, place)
        path.write_bytes(good)
    assert failed(case) == {}


@pytest.mark.parametrize("size", [1, 2])
def test_a_signature_has_one_written_form(case: Path, size: int) -> None:
    """Base64 before `=` has bits that decode to nothing: setting them must not go unseen."""
    note = (case / NOTE).read_text()
    head, _, signature = note.rstrip("\n").rpartition(" ")
    raw = base64.b64decode(signature)[: 68 - 68 % 3 + size]
    written = base64.b64encode(raw).decode()
    letter = written.rstrip("=")[-1]
    alphabet = string.ascii_uppercase + string.ascii_lowercase + string.digits + "+/"
    other = alphabet[alphabet.index(letter) ^ 1]
    changed = written.rstrip("=")[:-1] + other + "=" * (3 - size)
    assert base64.b64decode(changed) == raw
    SignedCheckpoint.parse(f"{head} {written}\n")
    with pytest.raises(Unreadable):
        SignedCheckpoint.parse(f"{head} {changed}\n")


def test_flipped_bytes_all_over_the_log_are_found_or_change_nothing_that_is_said(
    case: Path,
) -> None:
    path = case / LOG
    good, said = path.read_bytes(), facts(case)
    found = 0
    for place in range(0, len(good), 61):
        path.write_bytes(good[:place] + bytes([good[place] ^ 0x55]) + good[place + 1 :])
        if failed(case):
            found += 1
        else:
            assert facts(case) == said, place
    assert found > len(said)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(st.data())
def test_no_damage_stops_verification(case: Path, data: st.DataObject) -> None:
    name = data.draw(st.sampled_from([LOG, NOTE, KEY, f"{LOG}-journal", "findings.json"]))
    path = case / name
    good = path.read_bytes() if path.exists() else None
    said = facts(case)
    base = good or b""
    cut = data.draw(st.integers(0, len(base)))
    length = data.draw(st.integers(0, 40))
    path.write_bytes(base[:cut] + data.draw(st.binary(max_size=60)) + base[cut + length :])
    try:
        checks = verify_case(case)
        assert checks
        assert all(isinstance(check, Check) for check in checks)
        if name != f"{LOG}-journal" and not failed(case):
            assert path.read_bytes() == good or (name == LOG and facts(case) == said)
    finally:
        if good is None:
            path.unlink()
        else:
            path.write_bytes(good)


@pytest.mark.parametrize(
    "what", ["nothing", "file", "empty folder", "folder as log", "link as log"]
)
def test_what_is_no_case_gets_an_answer(tmp_path: Path, what: str) -> None:
    path = tmp_path / "case"
    if what == "file":
        path.write_text("x")
    elif what != "nothing":
        path.mkdir()
    if what == "folder as log":
        (path / LOG).mkdir()
    if what == "link as log":
        (path / LOG).symlink_to("/dev/zero")
    assert failed(path)
