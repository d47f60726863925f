"""Many events under one signature: each is bound, each can be shown without the others."""

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from palermo.evidence import Actor, CustodyEvent, CustodyLog, EventType, ExhibitRef, Keystore
from palermo.evidence.dsse import Envelope
from palermo.evidence.entry import BATCH_TYPE, Batch
from palermo.evidence.judge import read_log
from palermo.evidence.keys import VerifierKey
from palermo.evidence.merkle import leaf_hash, root
from palermo.evidence.portable import read_portable, write_portable
from palermo.evidence.rows import Reading, Row, judge_rows
from palermo.model import Refused, Unreadable

EventMaker = Callable[..., CustodyEvent]
LOG = "custody.sqlite3"


def many(event: EventMaker, count: int) -> list[CustodyEvent]:
    refs = [
        ExhibitRef(id=f"{n:064x}", size=n, media_type="t", sealed_sha256=f"{n + 1:064x}")
        for n in range(count)
    ]
    return [event(EventType.RECEIVE, exhibits=(ref,)) for ref in refs]


@pytest.fixture(scope="module")
def leaves(
    tmp_path_factory: pytest.TempPathFactory, signer: Keystore
) -> tuple[VerifierKey, list[bytes]]:
    """One event, a batch of six, one event."""
    from tests.evidence.conftest import make_event

    path = tmp_path_factory.mktemp("batch")
    with CustodyLog(path / LOG, signer=signer) as log:
        log.append(make_event())
        assert list(log.append_many(many(make_event, 6))) == [1, 2, 3, 4, 5, 6]
        log.append(make_event(EventType.EXPORT))
        assert log.append_many([]) == range(0)
        return log.key, list(log.leaf_data())


def judge(key: VerifierKey, leaves: list[bytes], held: frozenset[int] = frozenset()) -> Reading:
    reading = Reading(key=key)
    rows = [
        Row(seq, leaf_hash(data), None if seq in held else data) for seq, data in enumerate(leaves)
    ]
    judge_rows(rows, reading, key.public_key)
    return reading


def test_a_batch_is_sound_and_its_entries_are_read_in_order(
    leaves: tuple[VerifierKey, list[bytes]],
) -> None:
    reading = judge(*leaves)
    assert reading.problems == {}
    assert [entry.seq for entry in reading.entries] == [0, 1, 2, 3, 4, 5, 6, 8]
    assert set(reading.signed_with) == {0, 1, 2, 3, 4, 5, 6, 8}


@settings(deadline=None)
@given(st.data())
def test_any_flipped_byte_of_any_leaf_is_found(
    leaves: tuple[VerifierKey, list[bytes]], data: st.DataObject
) -> None:
    key, good = leaves
    seq = data.draw(st.integers(0, len(good) - 1))
    place = data.draw(st.integers(0, len(good[seq]) - 1))
    bad = bytearray(good[seq])
    bad[place] ^= data.draw(st.integers(1, 255))
    assert judge(key, [*good[:seq], bytes(bad), *good[seq + 1 :]]).problems


@given(st.permutations(range(9)))
def test_any_other_order_is_found(
    leaves: tuple[VerifierKey, list[bytes]], order: list[int]
) -> None:
    key, good = leaves
    assert bool(judge(key, [good[seq] for seq in order]).problems) == (order != sorted(order))


@given(st.integers(0, 8))
def test_a_missing_leaf_is_found(leaves: tuple[VerifierKey, list[bytes]], seq: int) -> None:
    key, good = leaves
    rest = good[:seq] + good[seq + 1 :]
    reading = judge(key, rest)
    # The loss of the very last one shows only against a checkpoint.
    assert bool(reading.problems) == (seq != 8)


def test_events_without_their_batch_are_signed_by_nobody(
    leaves: tuple[VerifierKey, list[bytes]],
) -> None:
    key, good = leaves
    found = judge(key, good[:7]).problems["signatures"]
    assert found == [f"event {seq} is signed by nobody" for seq in range(1, 7)]


def test_a_batch_of_another_s_hand(leaves: tuple[VerifierKey, list[bytes]], tmp_path: Path) -> None:
    key, good = leaves
    stranger = Keystore.open(tmp_path, actor="stranger")
    batch = Batch.from_payload(Envelope.from_bytes(good[7]).payload)
    forged = Envelope.sign(BATCH_TYPE, batch.payload(), stranger).to_bytes()
    found = judge(key, [*good[:7], forged]).problems
    assert found == {"signatures": ["batch 7 has no valid signature of its actor"]}


def test_a_batch_cannot_reach_back_over_signed_events(
    leaves: tuple[VerifierKey, list[bytes]], signer: Keystore
) -> None:
    key, good = leaves
    batch = Batch.from_payload(Envelope.from_bytes(good[7]).payload)
    hashes = [leaf_hash(data) for data in good[2:7]]
    shorter = replace(batch, first=2, count=5, root=root(hashes).hex())
    forged = Envelope.sign(BATCH_TYPE, shorter.payload(), signer).to_bytes()
    assert judge(key, [*good[:7], forged]).problems == {
        "signatures": ["event 1 is signed by nobody"]
    }


@pytest.mark.parametrize("change", [{"count": 5}, {"first": -1}, {"first": 8}, {"count": True}])
def test_a_batch_that_does_not_add_up_is_unreadable(
    leaves: tuple[VerifierKey, list[bytes]], change: dict[str, Any]
) -> None:
    batch = Batch.from_payload(Envelope.from_bytes(leaves[1][7]).payload)
    with pytest.raises(Unreadable):
        Batch.from_payload(replace(batch, **change).payload())


def test_a_batch_has_one_actor(tmp_path: Path, signer: Keystore, event: EventMaker) -> None:
    other = replace(event(), actor=Actor(id="ada", role="r", organisation="o"))
    with CustodyLog(tmp_path / LOG, signer=signer) as log:
        with pytest.raises(Refused, match="one actor"):
            log.append_many([event(), other])
        assert log.leaves() == []


@given(st.sets(st.integers(0, 8)))
def test_leaves_held_back_are_counted_and_the_rest_still_holds(
    leaves: tuple[VerifierKey, list[bytes]], held: set[int]
) -> None:
    key, good = leaves
    reading = judge(key, good, frozenset(held))
    assert reading.held_back == len(held)
    assert root(reading.leaves) == root([leaf_hash(data) for data in good])
    unsigned = [seq for seq in range(1, 7) if seq not in held] if 7 in held else []
    expected = [f"event {seq} is signed by nobody" for seq in unsigned]
    assert reading.problems.get("signatures", []) == expected


def test_the_text_form_says_the_same(
    leaves: tuple[VerifierKey, list[bytes]], tmp_path: Path
) -> None:
    key, good = leaves
    path = tmp_path / "custody.dsse.jsonl"
    path.write_text("".join(write_portable(good, {2, 3})), "utf-8")
    reading = read_portable(path, f"{key}\n")
    assert reading.problems == {}
    assert reading.held_back == 2
    assert reading.leaves == [leaf_hash(data) for data in good]
    lines = path.read_text("utf-8").splitlines()
    assert set(json.loads(lines[2])) == {"seq", "leaf_hash"}


@pytest.mark.parametrize(
    "line",
    [
        "{}", "[]", "nothing", '{"seq": 0}', '{"seq": true, "data": "x"}',
        '{"seq": 0, "leaf_hash": "ab"}', '{"seq": 0, "data": "x", "leaf_hash": "ab"}',
    ],
)  # fmt: skip
def test_a_text_form_of_another_kind_is_told(
    leaves: tuple[VerifierKey, list[bytes]], tmp_path: Path, line: str
) -> None:
    path = tmp_path / "custody.dsse.jsonl"
    path.write_text(line + "\n", "utf-8")
    assert "log file" in read_portable(path, f"{leaves[0]}\n").problems


def test_a_guess_cannot_be_confirmed_from_a_hash_alone(
    leaves: tuple[VerifierKey, list[bytes]],
) -> None:
    """Whoever knows all of a held back entry but its nonce still cannot recognise it."""
    good = leaves[1]
    known = json.loads(good[2])
    for nonce in ("0" * 32, json.loads(good[3])["nonce"]):
        guess = json.dumps({**known, "nonce": nonce}, sort_keys=True, separators=(",", ":"))
        assert leaf_hash(guess.encode()) != leaf_hash(good[2])


def test_a_batch_is_all_or_nothing(tmp_path: Path, signer: Keystore, event: EventMaker) -> None:
    events = many(event, 5)
    unwritable = replace(events[3], purpose="\ud800")  # no UTF-8 can hold it
    with CustodyLog(tmp_path / LOG, signer=signer) as log:
        with pytest.raises(UnicodeEncodeError):
            log.append_many([*events[:3], unwritable])
        assert log.leaves() == []
        log.append_many(events)
    assert read_log(tmp_path / LOG).problems == {}
