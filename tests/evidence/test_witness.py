"""A witness never cosigns two histories: not when asked cleverly, at once, or while it dies."""

import hashlib
import multiprocessing
import os
import shutil
import sqlite3
import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.evidence.history import ORIGIN, History

from palermo.evidence import Checkpoint, Keystore, SignedCheckpoint, VerifierKey
from palermo.evidence.checkpoint import read_signatures
from palermo.evidence.merkle import root
from palermo.evidence.witness import STATE_FILE, Declined, Submission, Witness
from palermo.model import Refused, Unreadable

AT = datetime(2026, 11, 24, 9, 30, tzinfo=UTC)
NAME = "witness.example/1"


@pytest.fixture(scope="module")
def log(tmp_path_factory: pytest.TempPathFactory) -> History:
    return History(Keystore.open(tmp_path_factory.mktemp("log"), actor="log"))


@pytest.fixture
def witness(tmp_path: Path, log: History) -> Witness:
    made = make(tmp_path / "w")
    made.trust(log.key)
    return made


def make(directory: Path) -> Witness:
    signer = Keystore.open(directory.parent / "keys", actor=NAME)
    return Witness.make(directory, name=NAME, signer=signer)


def reopened(witness: Witness) -> Witness:
    directory = witness.path.parent
    return Witness(directory, signer=Keystore.open(directory.parent / "keys", actor=NAME))


def cosigns(witness: Witness, log: History, old: int, size: int, at: datetime = AT) -> bool:
    line = witness.add_checkpoint(log.submission(old, size), at=at)
    checkpoint = SignedCheckpoint.parse(log.note(size)).checkpoint
    return read_signatures(checkpoint, line).cosigned_by(witness.key) == at


def declined(witness: Witness, submission: bytes, at: datetime = AT) -> Declined:
    with pytest.raises(Declined) as caught:
        witness.add_checkpoint(submission, at=at)
    return caught.value


def test_a_growing_log_is_cosigned(witness: Witness, log: History) -> None:
    for old, size in [(0, 0), (0, 1), (1, 1), (1, 5), (5, 8), (8, 8), (8, 100)]:
        assert cosigns(witness, log, old, size)
        assert cosigns(reopened(witness), log, size, size)


def test_what_was_cosigned_last_is_served(witness: Witness, log: History) -> None:
    mark = hashlib.sha256(ORIGIN.encode()).hexdigest()
    assert witness.latest(mark) is None
    cosigns(witness, log, 0, 3)
    cosigns(witness, log, 3, 9)
    noise = log.note(9) + Checkpoint(ORIGIN, 9, bytes(32)).cosign(log.signer, name="x", at=AT)
    witness.add_checkpoint(Submission(9, (), noise).to_bytes(), at=AT)
    signed = SignedCheckpoint.parse(witness.latest(mark) or "")
    assert signed.checkpoint.size == 9
    assert signed.signed_by(log.key.public_key)
    assert signed.cosigned_by(witness.key) == AT
    assert len(signed.signatures) == 2  # the log's and its own, no stranger's


# -- Attacks by the log


@pytest.mark.parametrize("fork_at", [0, 3, 4])
@pytest.mark.parametrize("size", [5, 6, 8, 13])
def test_a_forked_log_is_declined_and_kept(
    witness: Witness, log: History, fork_at: int, size: int
) -> None:
    assert cosigns(witness, log, 0, 5)
    fork = log.forked(fork_at)
    error = declined(witness, fork.submission(5, size))
    assert error.status == 422
    assert "does not continue" in str(error)
    assert witness.conflicts() == [fork.note(size)]
    declined(witness, fork.submission(5, size))
    assert len(witness.conflicts()) == 1
    assert cosigns(witness, log, 5, 6)  # the true history goes on


def test_a_fork_beyond_what_was_seen_is_simply_the_history(witness: Witness, log: History) -> None:
    """A witness knows no more than it saw: the first of two continuations is the one."""
    assert cosigns(witness, log, 0, 5)
    assert cosigns(witness, log.forked(5), 5, 9)
    assert declined(witness, log.submission(9, 9)).status == 422


def test_a_rollback_is_declined(witness: Witness, log: History) -> None:
    assert cosigns(witness, log, 0, 9)
    for old in (0, 4):
        error = declined(witness, log.submission(old, 4))
        assert (error.status, error.size) == (409, 9)
    assert declined(witness, Submission(9, (), log.note(4)).to_bytes()).status == 400
    assert cosigns(witness, log, 9, 9)


def test_a_replay_gets_no_newer_time(witness: Witness, log: History) -> None:
    first = log.submission(0, 4)
    witness.add_checkpoint(first, at=AT)
    cosigns(witness, log, 4, 9)
    error = declined(witness, first, at=AT + timedelta(days=1))
    assert (error.status, error.size) == (409, 9)


@pytest.mark.parametrize("change", ["none", "short", "long", "swapped", "flipped"])
def test_a_wrong_proof(witness: Witness, log: History, change: str) -> None:
    assert cosigns(witness, log, 0, 5)
    proof = log.proof(5, 12)
    wrong = {
        "none": (),
        "short": proof[:-1],
        "long": (*proof, proof[0]),
        "swapped": (proof[1], proof[0], *proof[2:]),
        "flipped": (bytes([proof[0][0] ^ 1]) + proof[0][1:], *proof[1:]),
    }[change]
    assert declined(witness, Submission(5, wrong, log.note(12)).to_bytes()).status == 422
    assert cosigns(witness, log, 5, 12)


def test_proofs_where_none_is_possible(witness: Witness, log: History) -> None:
    node = bytes(32)
    assert declined(witness, Submission(0, (node,), log.note(4)).to_bytes()).status == 422
    assert cosigns(witness, log, 0, 4)
    assert declined(witness, Submission(4, (node,), log.note(4)).to_bytes()).status == 422


def test_an_empty_log_with_a_root(witness: Witness, log: History) -> None:
    note = Checkpoint(ORIGIN, 0, bytes(32)).sign(log.signer)
    assert declined(witness, Submission(0, (), note).to_bytes()).status == 422


# -- Attacks by strangers


def test_an_unknown_log(witness: Witness, log: History) -> None:
    other = History(log.signer, "palermo.custody/another")
    assert declined(witness, other.submission(0, 3)).status == 404


def test_a_wrong_key(witness: Witness, tmp_path: Path) -> None:
    thief = History(Keystore.open(tmp_path / "thief", actor="x"))
    assert declined(witness, thief.submission(0, 3)).status == 403
    assert witness.conflicts() == []


def test_a_signature_that_only_claims_to_be_the_logs(witness: Witness, log: History) -> None:
    note = log.note(3)
    other = log.note(4).rpartition("\n\n")[2]  # the right key, of another text
    for changed in (f"{note.rpartition(chr(10) * 2)[0]}\n\n{other}", note + other):
        assert declined(witness, Submission(0, (), changed).to_bytes()).status == 403


def test_all_logs_of_one_key(tmp_path: Path, log: History) -> None:
    witness = make(tmp_path / "w")
    witness.trust(log.key, every=True)
    one, two = (History(log.signer, f"palermo.custody/{name}") for name in "ab")
    assert cosigns(witness, one, 0, 3)
    assert cosigns(witness, two, 0, 5)
    assert (
        declined(witness, History(log.signer, "palermo.custodian/a").submission(0, 3)).status == 404
    )
    assert declined(witness, one.forked(1).submission(3, 5)).status == 422
    thief = History(Keystore.open(tmp_path / "thief", actor="x"), "palermo.custody/a")
    assert declined(witness, thief.submission(3, 3)).status == 403
    with pytest.raises(Unreadable, match="no part before"):
        witness.trust(VerifierKey("plain", log.signer.public_key), every=True)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"old 0\n",
        b"old 00\n\n",
        b"old -1\n\n",
        b"old 0 \n\n",
        b"\xff\xfe",
        b"old 0\nAAAA\n\nx",
        b"old 0\n" + b"A" * 43 + b"=\n" * 1,
        b"old 0\n" + (b"A" * 43 + b"=\n") * 64 + b"\nx",
        b"old 0\n\nnot a checkpoint",
        b"old 0\n\n" + b"x" * (1 << 20),
    ],
)
def test_a_body_that_is_no_submission(witness: Witness, body: bytes) -> None:
    assert declined(witness, body).status == 400


@given(st.integers(0, 100_000), st.integers(1, 255))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=150)
def test_any_flipped_byte_of_a_submission_is_noticed(
    tmp_path: Path, log: History, place: int, flip: int
) -> None:
    directory = tmp_path / "w"
    if not directory.exists():
        first = make(directory)
        first.trust(log.key)
        cosigns(first, log, 0, 5)
    witness = Witness(directory, signer=Keystore.open(tmp_path / "keys", actor=NAME))
    data = bytearray(log.submission(5, 12))
    data[place % len(data)] ^= flip
    assert declined(witness, bytes(data)).status in {400, 403, 404, 409, 422}


def test_a_proof_line_has_one_form(witness: Witness, log: History) -> None:
    """43 letters stand for 32 bytes and two bits; whoever sets these sends another text."""
    cosigns(witness, log, 0, 5)
    body = log.submission(5, 12)
    place = body.index(b"=\n") - 1
    changed = body[:place] + bytes([body[place] + 1]) + body[place + 1 :]
    assert declined(witness, changed).status == 400
    assert cosigns(witness, log, 5, 12)


def test_submissions_are_written_as_they_are_read(log: History) -> None:
    body = log.submission(5, 12)
    assert Submission.parse(body).to_bytes() == body
    assert body.startswith(b"old 5\n")


# -- The witness's own state


def test_its_clock_must_not_go_back(witness: Witness, log: History) -> None:
    cosigns(witness, log, 0, 3)
    error = declined(witness, log.submission(3, 5), at=AT - timedelta(seconds=1))
    assert error.status == 503
    assert cosigns(witness, log, 3, 5)


def test_its_memory_cannot_be_made_to_shrink_by_accident(witness: Witness, log: History) -> None:
    cosigns(witness, log, 0, 5)
    database = sqlite3.connect(witness.path)
    try:
        for statement in (
            "UPDATE heads SET size = 3",
            "UPDATE heads SET root = x'00'",
            "UPDATE heads SET time = 0",
            "DELETE FROM heads",
        ):
            with pytest.raises(sqlite3.IntegrityError):
                database.execute(statement)
    finally:
        database.close()


def test_a_lost_state_or_key_is_no_new_witness(witness: Witness, log: History) -> None:
    directory = witness.path.parent
    with pytest.raises(Refused, match="already"):
        make(directory)
    with pytest.raises(Refused, match="signs with another key"):
        Witness(directory, signer=Keystore.open(directory / "other", actor=NAME))
    witness.path.unlink()
    with pytest.raises(Unreadable, match="no witness is there"):
        reopened(witness)
    witness.path.write_bytes(b"not a database" * 100)
    with pytest.raises(Unreadable, match="cannot be used"):
        reopened(witness)
    shutil.rmtree(directory)
    with pytest.raises(Unreadable, match="cannot be used"):
        witness.add_checkpoint(log.submission(0, 1), at=AT)


@pytest.mark.parametrize("name", ["", "a b", "a+b"])
def test_a_name_that_no_note_can_carry(tmp_path: Path, name: str) -> None:
    signer = Keystore.open(tmp_path / "keys", actor="w")
    with pytest.raises(Unreadable, match="cannot name a witness"):
        Witness.make(tmp_path / "w", name=name, signer=signer)
    assert not (tmp_path / "w" / STATE_FILE).exists()


# -- At once, and while it dies


def _submit(directory: str, keys: str, body: bytes, start: object, answers: object) -> None:
    witness = Witness(Path(directory), signer=Keystore.open(Path(keys), actor=NAME))
    start.wait()  # type: ignore[attr-defined]
    try:
        answers.put(witness.add_checkpoint(body, at=AT))  # type: ignore[attr-defined]
    except Declined as error:
        answers.put(error.status)  # type: ignore[attr-defined]


def test_two_processes_cannot_get_two_histories_cosigned(witness: Witness, log: History) -> None:
    context = multiprocessing.get_context("spawn")
    cosigns(witness, log, 0, 4)
    keys = str(witness.path.parent.parent / "keys")
    for size in range(5, 8):
        start, answers = context.Barrier(2), context.Queue()
        bodies = [history.submission(size - 1, size) for history in (log, log.forked(size - 1))]
        workers = [
            context.Process(
                target=_submit, args=(str(witness.path.parent), keys, body, start, answers)
            )
            for body in bodies
        ]
        for worker in workers:
            worker.start()
        found = [answers.get(timeout=60) for _ in workers]
        for worker in workers:
            worker.join()
        assert sorted(map(str, map(type, found))) == ["<class 'int'>", "<class 'str'>"], found
        assert 409 in found
        head = SignedCheckpoint.parse(next(iter(heads(witness)))).checkpoint
        assert head.size == size
        if head.root != root(log.leaves(size)):
            return  # the fork won: from here on it is the history


def heads(witness: Witness) -> list[str]:
    note = witness.latest(hashlib.sha256(ORIGIN.encode()).hexdigest())
    return [note] if note else []


def test_many_threads_cannot_either(witness: Witness, log: History) -> None:
    histories = [log, *(log.forked(at) for at in range(4))]
    cosigned, statuses = [], []
    start = threading.Barrier(len(histories))

    def ask(history: History) -> None:
        start.wait()
        try:
            cosigned.append((witness.add_checkpoint(history.submission(0, 6), at=AT), history))
        except Declined as error:
            statuses.append(error.status)

    threads = [threading.Thread(target=ask, args=(history,)) for history in histories]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    ((_, winner),) = cosigned
    assert statuses == [409] * 4
    assert cosigns(witness, winner, 6, 6)


class _Dying:
    """A signer whose process dies in the middle of signing."""

    def __init__(self, signer: Keystore) -> None:
        self.public_key = signer.public_key

    def sign(self, message: bytes) -> bytes:
        os._exit(9 if message else 1)


def _die(directory: str, keys: str, body: bytes, *, signing: bool) -> None:
    signer = Keystore.open(Path(keys), actor=NAME)
    witness = Witness(Path(directory), signer=_Dying(signer) if signing else signer)
    witness.add_checkpoint(body, at=AT)
    os._exit(9)  # after the state was written, before the answer left


@pytest.mark.parametrize("signing", [True, False])
def test_a_crash_never_leads_to_two_histories(
    witness: Witness, log: History, *, signing: bool
) -> None:
    cosigns(witness, log, 0, 4)
    context = multiprocessing.get_context("spawn")
    directory = witness.path.parent
    worker = context.Process(
        target=_die,
        args=(str(directory), str(directory.parent / "keys"), log.submission(4, 7)),
        kwargs={"signing": signing},
    )
    worker.start()
    worker.join()
    assert worker.exitcode == 9
    if signing:  # nothing was cosigned and nothing is remembered
        assert cosigns(witness, log, 4, 7)
        return
    # What may have left is remembered; the same head is cosigned again, another one is not.
    assert declined(witness, log.submission(4, 7)).size == 7
    assert declined(witness, log.forked(4).submission(7, 9)).status == 422
    assert cosigns(witness, log, 7, 7)
