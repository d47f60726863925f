"""A node asks a witness over HTTP and through a directory; both tell the truth or say why not."""

import hashlib
import http.client
import os
import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from tests.evidence.conftest import EventMaker
from tests.evidence.history import ORIGIN, History

from palermo.evidence import CaseFolder, Checkpoint, Keystore, SignedCheckpoint
from palermo.evidence.checkpoint import WitnessKey
from palermo.evidence.cosigning import HttpRoute, Pending, Route, cosign
from palermo.evidence.witness import Declined, Submission, Witness
from palermo.evidence.witness_folder import FolderRoute, answer_folder
from palermo.evidence.witness_server import WitnessServer
from palermo.model import Refused, Unreadable

AT = datetime(2026, 11, 24, 9, 30, tzinfo=UTC)
NAME = "witness.example/1"


def clock() -> datetime:
    return AT


@pytest.fixture(scope="module")
def log(tmp_path_factory: pytest.TempPathFactory) -> History:
    return History(Keystore.open(tmp_path_factory.mktemp("log"), actor="log"))


@pytest.fixture
def witness(tmp_path: Path, log: History) -> Witness:
    signer = Keystore.open(tmp_path / "keys", actor=NAME)
    made = Witness.make(tmp_path / "w", name=NAME, signer=signer)
    made.trust(log.key)
    return made


@pytest.fixture
def server(witness: Witness) -> Iterator[WitnessServer]:
    lines: list[str] = []
    with WitnessServer(witness, ("127.0.0.1", 0), clock=clock, report=lines.append) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.02,))
        thread.start()
        try:
            yield server
        finally:
            server.shutdown()
            thread.join()


def asked(log: History, size: int, route: Route) -> SignedCheckpoint:
    note = cosign(log.note(size), lambda old: log.proof(old, size), route)
    signed = SignedCheckpoint.parse(note)
    assert signed.signed_by(log.key.public_key)
    assert signed.cosigned_by(route.key) == AT
    return signed


# -- HTTP


def test_cosigned_over_http(server: WitnessServer, log: History) -> None:
    route = HttpRoute(server.url, server.witness.key, timeout=20)
    for size in (3, 3, 8, 20):  # each time but the first over an answer of 409
        assert asked(log, size, route).checkpoint.size == size


def test_a_real_custody_log_is_cosigned(
    server: WitnessServer, tmp_path: Path, signer: Keystore, event: EventMaker
) -> None:
    route = HttpRoute(server.url, server.witness.key, timeout=20)
    case = CaseFolder(tmp_path / "case")
    for _ in range(3):
        with case.log(signer) as custody:
            server.witness.trust(custody.key)
            custody.append(event())
            checkpoint = custody.checkpoint().sign(signer)
            note = cosign(checkpoint, custody.consistency_proof, route)
        assert SignedCheckpoint.parse(note).cosigned_by(route.key) == AT


def test_a_fork_and_a_rollback_over_http(server: WitnessServer, log: History) -> None:
    route = HttpRoute(server.url, server.witness.key, timeout=20)
    asked(log, 8, route)
    with pytest.raises(Declined, match="another history") as caught:
        asked(log.forked(2), 8, route)
    assert caught.value.status == 422
    with pytest.raises(Declined, match="another history"):
        asked(log.forked(2), 12, route)
    with pytest.raises(Refused, match="seen 8 entries of this log, this checkpoint covers 5"):
        asked(log, 5, route)


def test_a_log_it_does_not_know_and_a_key_it_does_not_trust(
    server: WitnessServer, log: History, tmp_path: Path
) -> None:
    route = HttpRoute(server.url, server.witness.key, timeout=20)
    for other, status in (
        (History(log.signer, "elsewhere/1"), 404),
        (History(Keystore.open(tmp_path / "thief", actor="x")), 403),
    ):
        with pytest.raises(Declined, match=r"custody\.pub") as caught:
            asked(other, 3, route)
        assert caught.value.status == status


def test_an_answer_by_another_witness_is_refused(
    server: WitnessServer, log: History, tmp_path: Path
) -> None:
    other = Keystore.open(tmp_path / "other", actor="w").public_key
    for key in (WitnessKey(NAME, other), WitnessKey("elsewhere", server.witness.key.public_key)):
        with pytest.raises(Refused, match="no valid cosignature"):
            asked(log, 3, HttpRoute(server.url, key, timeout=20))


def talk(
    server: WitnessServer, method: str, path: str, body: bytes = b"", length: str | None = None
) -> tuple[int, str, bytes]:
    connection = http.client.HTTPConnection("127.0.0.1", server.server_port, timeout=20)
    try:
        connection.putrequest(method, path)
        if length != "":
            connection.putheader("Content-Length", str(len(body)) if length is None else length)
        connection.endheaders(body)
        answer = connection.getresponse()
        return answer.status, answer.getheader("Content-Type", ""), answer.read()
    finally:
        connection.close()


def test_the_protocol_as_specified(server: WitnessServer, log: History) -> None:
    path = "/add-checkpoint"
    status, _, line = talk(server, "POST", path, log.submission(0, 5))
    assert status == 200
    assert line.decode().startswith(f"\u2014 {NAME} ")
    assert line.endswith(b"\n")
    assert talk(server, "POST", path, log.submission(0, 5)) == (409, "text/x.tlog.size", b"5\n")
    assert talk(server, "POST", path, Submission(9, (), log.note(5)).to_bytes())[0] == 400
    assert talk(server, "POST", path, log.forked(1).submission(5, 5))[0] == 422
    assert talk(server, "POST", path, b"nonsense")[0] == 400
    assert talk(server, "POST", "/elsewhere", b"x")[0] == 404
    assert talk(server, "GET", path)[0] == 404
    assert talk(server, "DELETE", path)[0] == 501


def test_unbounded_bodies_are_not_read(server: WitnessServer) -> None:
    path = "/add-checkpoint"
    assert talk(server, "POST", path, length="")[0] == 411
    assert talk(server, "POST", path, length="-5")[0] == 411
    assert talk(server, "POST", path, length="999999999")[0] == 413


def test_monitors_see_what_was_cosigned(server: WitnessServer, log: History) -> None:
    path = f"/{hashlib.sha256(ORIGIN.encode()).hexdigest()}/checkpoint"
    assert talk(server, "GET", path)[0] == 404
    asked(log, 4, HttpRoute(server.url, server.witness.key, timeout=20))
    status, _, body = talk(server, "GET", path)
    assert status == 200
    assert SignedCheckpoint.parse(body.decode()).cosigned_by(server.witness.key) == AT


def test_a_broken_state_is_an_answer_and_a_report(server: WitnessServer, log: History) -> None:
    server.witness.path.unlink()
    server.witness.path.write_bytes(b"not a database" * 100)
    reports: list[str] = []
    server.report = reports.append
    with pytest.raises(Declined, match="cannot use its state"):
        asked(log, 3, HttpRoute(server.url, server.witness.key, timeout=20))
    assert any("cannot be used" in line for line in reports)


@pytest.mark.parametrize("url", ["ftp://x/", "http://127.0.0.1:1", "http://127.0.0.1:none"])
def test_a_witness_that_is_not_there(log: History, witness: Witness, url: str) -> None:
    with pytest.raises(Unreadable, match=r"cannot be reached|expected the address"):
        asked(log, 3, HttpRoute(url, witness.key, timeout=2))


def test_an_address_in_use(server: WitnessServer) -> None:
    with pytest.raises(Unreadable, match="cannot listen there"):
        WitnessServer(server.witness, ("127.0.0.1", server.server_port), clock=clock, report=print)


# -- A directory


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "shared"
    made.mkdir()
    return made


def pending(log: History, size: int, route: FolderRoute) -> None:
    with pytest.raises(Pending, match="left for the witness"):
        asked(log, size, route)


def test_cosigned_through_a_directory(witness: Witness, log: History, folder: Path) -> None:
    route = FolderRoute(folder, witness.key)
    for size in (3, 8, 20):
        pending(log, size, route)
        pending(log, size, route)  # asking twice leaves one request
        (answer,) = answer_folder(witness, folder, clock=clock)
        assert answer.status == 200
        assert asked(log, size, route).checkpoint.size == size
    assert answer_folder(witness, folder, clock=clock) == []
    assert len(list(folder.iterdir())) == 6


def test_the_answer_is_a_whole_cosigned_checkpoint(
    witness: Witness, log: History, folder: Path
) -> None:
    pending(log, 3, FolderRoute(folder, witness.key))
    answer_folder(witness, folder, clock=clock)
    (path,) = folder.glob("*.cosigned")
    signed = SignedCheckpoint.parse(path.read_text("utf-8"))
    assert signed.signed_by(log.key.public_key)
    assert signed.cosigned_by(witness.key) == AT


def test_a_directory_without_memory_takes_two_rounds(
    witness: Witness, log: History, folder: Path
) -> None:
    witness.add_checkpoint(log.submission(0, 5), at=AT)
    route = FolderRoute(folder, witness.key)
    pending(log, 8, route)
    (first,) = answer_folder(witness, folder, clock=clock)
    assert first.status == 409
    pending(log, 8, route)  # now with the proof from 5
    (second,) = answer_folder(witness, folder, clock=clock)
    assert second.status == 200
    asked(log, 8, route)


def test_a_fork_through_a_directory(witness: Witness, log: History, folder: Path) -> None:
    witness.add_checkpoint(log.submission(0, 5), at=AT)
    route = FolderRoute(folder, witness.key)
    fork = log.forked(1)
    for status in (409, 422):
        pending(fork, 8, route)
        assert status in [a.status for a in answer_folder(witness, folder, clock=clock)]
    with pytest.raises(Declined, match="another history"):
        asked(fork, 8, route)


def test_what_was_declined_is_looked_at_again(witness: Witness, log: History, folder: Path) -> None:
    other = History(log.signer, "palermo.custody/new")
    route = FolderRoute(folder, witness.key)
    pending(other, 3, route)
    assert [a.status for a in answer_folder(witness, folder, clock=clock)] == [404]
    assert answer_folder(witness, folder, clock=clock) == []  # nothing new to say
    with pytest.raises(Declined, match="does not know the log"):
        asked(other, 3, route)
    witness.trust(other.key)
    assert [a.status for a in answer_folder(witness, folder, clock=clock)] == [200]
    asked(other, 3, route)


def test_what_strangers_leave_harms_nobody(
    witness: Witness, log: History, folder: Path, tmp_path: Path
) -> None:
    secret = tmp_path / "secret"
    secret.write_text("old 0\n\nsecret")
    (folder / "0link.request").symlink_to(secret)
    os.mkfifo(folder / "0pipe.request")
    (folder / "0big.request").write_bytes(b"x" * (1 << 20))
    (folder / "0noise.request").write_bytes(b"\xff\x00")
    (folder / "0dir.request").mkdir()
    (folder / "0other.request").write_bytes(log.forked(0).submission(0, 9))
    (folder / "0noise.cosigned").symlink_to("/dev/zero")
    (folder / "1noise.cosigned").write_text("junk")
    route = FolderRoute(folder, witness.key)
    pending(log, 3, route)
    statuses = [answer.status for answer in answer_folder(witness, folder, clock=clock)]
    assert statuses.count(200) == 1
    assert set(statuses) == {200, 400}
    assert not list(folder.glob("*.declined"))
    asked(log, 3, route)


def test_a_link_is_not_followed(
    witness: Witness, log: History, folder: Path, tmp_path: Path
) -> None:
    pending(log, 3, FolderRoute(folder, witness.key))
    (request,) = folder.glob("*.request")
    request.rename(tmp_path / "elsewhere")
    request.symlink_to(tmp_path / "elsewhere")
    assert [each.status for each in answer_folder(witness, folder, clock=clock)] == [400]
    assert not list(folder.glob("*.cosigned"))


def test_a_forged_answer_is_refused(witness: Witness, log: History, folder: Path) -> None:
    route = FolderRoute(folder, witness.key)
    pending(log, 3, route)
    (request,) = folder.glob("*.request")
    thief = log.signer
    head = SignedCheckpoint.parse(log.note(3)).checkpoint
    request.with_suffix(".cosigned").write_text(
        log.note(3) + head.cosign(thief, name=NAME, at=AT), "utf-8"
    )
    with pytest.raises(Refused, match="no valid cosignature"):
        asked(log, 3, route)
    request.with_suffix(".cosigned").unlink()
    request.with_suffix(".declined").write_text("nonsense")
    with pytest.raises(Unreadable, match="expected a status"):
        asked(log, 3, route)


def test_an_old_answer_is_no_answer_to_a_new_request(
    witness: Witness, log: History, folder: Path
) -> None:
    route = FolderRoute(folder, witness.key)
    pending(log, 3, route)
    answer_folder(witness, folder, clock=clock)
    (old,) = folder.glob("*.cosigned")
    pending(log, 8, route)
    (request,) = [path for path in folder.glob("*.request") if path.stem != old.stem]
    request.with_suffix(".cosigned").write_bytes(old.read_bytes())
    with pytest.raises(Refused, match="no valid cosignature"):
        asked(log, 8, route)


def test_no_directory(witness: Witness, log: History, tmp_path: Path) -> None:
    with pytest.raises(Unreadable, match="expected a directory"):
        answer_folder(witness, tmp_path / "none", clock=clock)
    with pytest.raises(Unreadable, match="cannot be written"):
        asked(log, 3, FolderRoute(tmp_path / "none", witness.key))


# -- A witness that changes its mind


def test_a_witness_that_never_settles_is_left(log: History, witness: Witness) -> None:
    class Restless:
        key = witness.key
        size = 0

        def known_size(self, head: Checkpoint) -> int:
            return min(head.size, 0)

        def submit(self, submission: Submission) -> str:
            assert submission.old == self.size
            self.size += 1
            raise Declined(409, "grown", size=self.size)

    with pytest.raises(Unreadable, match="ask again"):
        cosign(log.note(9), lambda old: log.proof(old, 9), Restless())


def test_a_later_cosignature_is_joined_to_the_earlier(
    witness: Witness, log: History, folder: Path, tmp_path: Path
) -> None:
    """Two witnesses, one after the other: the checkpoint carries both."""
    signer = Keystore.open(tmp_path / "second", actor="v")
    second = Witness.make(tmp_path / "v", name="second.example", signer=signer)
    second.trust(replace(log.key))
    note = log.note(6)
    for each, at in ((witness, AT), (second, AT + timedelta(hours=1))):
        route = FolderRoute(folder, each.key)
        with pytest.raises(Pending):
            cosign(note, lambda old: log.proof(old, 6), route)
        answer_folder(each, folder, clock=lambda at=at: at)  # type: ignore[misc]
        note = cosign(note, lambda old: log.proof(old, 6), route)
    signed = SignedCheckpoint.parse(note)
    assert signed.cosigned_by(witness.key) == AT
    assert signed.cosigned_by(second.key) == AT + timedelta(hours=1)
