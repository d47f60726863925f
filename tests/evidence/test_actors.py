"""Each person signs for themselves, and a key signs only while it is in force."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from palermo.evidence import (
    NODE,
    Actor,
    ActorKey,
    CustodyEvent,
    CustodyLog,
    EventType,
    Keystore,
    Outcome,
)
from palermo.evidence.dsse import Envelope
from palermo.evidence.entry import PAYLOAD_TYPE, Entry, new_nonce
from palermo.evidence.judge import read_log
from palermo.evidence.merkle import leaf_hash
from palermo.evidence.rows import Reading, Row, judge_rows
from palermo.evidence.verify import row_checks
from palermo.model import Refused

EventMaker = Callable[..., CustodyEvent]
LOG = "custody.sqlite3"


def key(actor: str, signer: Keystore) -> ActorKey:
    return ActorKey(actor=actor, public_key=signer.public_key.hex())


def by(event: CustodyEvent, actor: str) -> CustodyEvent:
    return replace(event, actor=Actor(id=actor, role="r", organisation="o"))


def problems(path: Path) -> dict[str, list[str]]:
    return read_log(path / LOG).problems


@pytest.fixture
def ada(tmp_path: Path) -> Keystore:
    return Keystore.open(tmp_path / "keys", actor="ada")


@pytest.fixture
def ben(tmp_path: Path) -> Keystore:
    return Keystore.open(tmp_path / "keys", actor="ben")


def test_a_person_signs_for_themselves(
    tmp_path: Path, signer: Keystore, ada: Keystore, event: EventMaker
) -> None:
    with CustodyLog(tmp_path / LOG, signer=signer) as log:
        with pytest.raises(Refused, match="ada has no key in this log"):
            log.append(by(event(), "ada"), signer=ada)
        log.append(event(EventType.KEY_ADD, key=key("ada", ada)))
        log.append(by(event(), "ada"), signer=ada)
        with pytest.raises(Refused, match="not the one ada signs with"):
            log.append(by(event(), "ada"), signer=signer)
        with pytest.raises(Refused, match="not the one node signs with"):
            log.append(event(), signer=ada)
    assert problems(tmp_path) == {}


def test_only_the_node_adds_keys(
    tmp_path: Path, signer: Keystore, ada: Keystore, ben: Keystore, event: EventMaker
) -> None:
    with CustodyLog(tmp_path / LOG, signer=signer) as log:
        log.append(event(EventType.KEY_ADD, key=key("ada", ada)))
        with pytest.raises(Refused, match="only the node may do"):
            log.append(by(event(EventType.KEY_ADD, key=key("ben", ben)), "ada"), signer=ada)
        with pytest.raises(Refused, match="for an actor who has one"):
            log.append(event(EventType.KEY_ADD, key=key("ada", ben)))
        with pytest.raises(Refused, match="names no key"):
            log.append(event(EventType.KEY_ADD))
    assert problems(tmp_path) == {}


def test_a_rotated_key_signs_and_the_old_one_no_longer(
    tmp_path: Path, signer: Keystore, ada: Keystore, ben: Keystore, event: EventMaker
) -> None:
    with CustodyLog(tmp_path / LOG, signer=signer) as log:
        log.append(event(EventType.KEY_ADD, key=key("ada", ada)))
        log.append(by(event(EventType.KEY_ROTATE, key=key("ada", ben)), "ada"), signer=ada)
        log.append(by(event(), "ada"), signer=ben)
        with pytest.raises(Refused, match="not the one ada signs with"):
            log.append(by(event(), "ada"), signer=ada)
    assert problems(tmp_path) == {}


def test_the_node_s_own_key_is_rotated_and_the_checkpoint_follows(
    tmp_path: Path, signer: Keystore, ada: Keystore, event: EventMaker
) -> None:
    with CustodyLog(tmp_path / LOG, signer=signer) as log:
        log.append(event())
        kept = log.checkpoint()
        log.rotate(event(EventType.KEY_ROTATE, key=key(NODE, ada)), ada)
        log.append(event())
    with pytest.raises(Refused, match="signed with another key"):
        CustodyLog(tmp_path / LOG, signer=signer)
    with CustodyLog(tmp_path / LOG, signer=ada) as log:
        log.append(event())
    reading = read_log(tmp_path / LOG)
    assert reading.problems == {}
    assert reading.signers.all_node_keys == [signer.public_key, ada.public_key]
    assert kept.size == 1


def forged(log: str, seq: int, before: bytes, event: CustodyEvent, *hands: Keystore) -> Row:
    entry = Entry(event=event, log=log, seq=seq, prev_leaf_hash=before.hex(), nonce=new_nonce())
    data = Envelope.sign(PAYLOAD_TYPE, entry.payload(), *hands).to_bytes()
    return Row(seq, leaf_hash(data), data)


def judged_with(path: Path, event: CustodyEvent, *hands: Keystore) -> list[str]:
    """Judge the log at `path` with one more row, written by somebody who asks nobody."""
    known = read_log(path / LOG)
    assert known.problems == {}
    assert known.key is not None
    with CustodyLog(path / LOG, signer=hands[-1]) as log:
        rows = [Row(seq, leaf_hash(data), data) for seq, data in enumerate(log.leaf_data())]
    row = forged(known.key.name, len(rows), rows[-1].leaf_hash, event, *hands[:-1])
    reading = Reading(key=known.key)
    judge_rows([*rows, row], reading, known.key.public_key)
    return reading.problems.get("signatures", [])


def test_what_a_revoked_key_signs_is_invalid(
    tmp_path: Path, signer: Keystore, ada: Keystore, event: EventMaker
) -> None:
    with CustodyLog(tmp_path / LOG, signer=signer) as log:
        log.append(event(EventType.KEY_ADD, key=key("ada", ada)))
        log.append(by(event(), "ada"), signer=ada)
        log.append(event(EventType.KEY_REVOKE, key=key("ada", ada)))
        with pytest.raises(Refused, match="ada has no key"):
            log.append(by(event(), "ada"), signer=ada)
        with pytest.raises(Refused, match="a key that was revoked"):
            log.append(event(EventType.KEY_ADD, key=key("ada", ada)))
    found = judged_with(tmp_path, by(event(), "ada"), ada, signer)
    assert found == ["event 3 is signed by ada, who had no key in force"]


def test_a_thief_with_a_person_s_key_cannot_add_or_revoke_others(
    tmp_path: Path, signer: Keystore, ada: Keystore, ben: Keystore, event: EventMaker
) -> None:
    with CustodyLog(tmp_path / LOG, signer=signer) as log:
        log.append(event(EventType.KEY_ADD, key=key("ada", ada)))
        log.append(event(EventType.KEY_ADD, key=key("ben", ben)))
    for kind in (EventType.KEY_ADD, EventType.KEY_ROTATE, EventType.KEY_REVOKE):
        thing = by(event(kind, key=key("ben", ada)), "ada")
        assert judged_with(tmp_path, thing, ada, signer), kind
    own = event(EventType.KEY_REVOKE, key=key(NODE, signer))
    assert "can only be rotated" in judged_with(tmp_path, own, signer, signer)[0]


def test_two_persons_sign_an_erasure(
    tmp_path: Path, signer: Keystore, ada: Keystore, ben: Keystore, event: EventMaker
) -> None:
    second = Actor(id="ben", role="officer", organisation="o")
    shred = by(event(EventType.SHRED, second=second), "ada")
    with CustodyLog(tmp_path / LOG, signer=signer) as log:
        log.append(event(EventType.KEY_ADD, key=key("ada", ada)))
        log.append(event(EventType.KEY_ADD, key=key("ben", ben)))
        with pytest.raises(Refused, match="ben must sign as well"):
            log.append(shred, signer=ada)
        with pytest.raises(Refused, match="not the one ben signs with"):
            log.append(shred, signer=ada, second=ada)
        log.append(shred, signer=ada, second=ben)
        with pytest.raises(Refused, match="one by one"):
            log.append_many([shred], signer=ada)
    assert problems(tmp_path) == {}
    assert "its persons are 2" in judged_with(tmp_path, shred, ada, signer)[0]
    assert "ben's key" in judged_with(tmp_path, shred, ada, ada, signer)[0]
    with pytest.raises(ValueError, match="needs a second person"):
        replace(shred, second=shred.actor)


def test_the_checks_name_what_holds(case: Path) -> None:
    outcomes = {check.name: check.outcome for check in row_checks(read_log(case / LOG))}
    assert set(outcomes.values()) == {Outcome.PASS}
