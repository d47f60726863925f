"""A log that others vouch for: with a real time authority and a real witness, and against liars."""

import os
import shutil
import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from tests.evidence.authority import Authority, Server, openssl, serving
from tests.evidence.conftest import make_event

from palermo.evidence import (
    NODE,
    Actor,
    ActorKey,
    CaseFolder,
    Check,
    CustodyEvent,
    EventType,
    Outcome,
    VerifierKey,
    verify_case,
)
from palermo.evidence.witness import Witness
from palermo.evidence.witness_server import WitnessServer
from palermo.investigation import Node, Vouched, vouch
from palermo.model import Refused, Unreadable

DAY = timedelta(days=1)


def now() -> datetime:
    return datetime.now(UTC)


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority.make(tmp_path_factory.mktemp("tsa"))


@pytest.fixture
def tsa(authority: Authority) -> Iterator[Server]:
    with serving(authority) as server:
        yield server


@pytest.fixture
def node(tmp_path: Path) -> Node:
    return Node(folder=tmp_path / "node")


@pytest.fixture
def case(tmp_path: Path, node: Node) -> CaseFolder:
    folder = CaseFolder(tmp_path / "case")
    log_at(folder, node, now(), now())
    return folder


def log_at(case: CaseFolder, node: Node, *moments: datetime) -> None:
    with case.log(node.signer()) as log:
        for moment in moments:
            log.append(replace(make_event(), occurred_at=moment, logged_at=moment))


def ask(case: CaseFolder, node: Node, *urls: str, **more: object) -> Vouched:
    return vouch(
        case.path,
        authorities=urls,
        at=now(),
        node=node,
        **{"witnesses": (), **more},  # type: ignore[arg-type]
    )


def checks(case: CaseFolder, authority: Authority, **more: object) -> dict[str, Check]:
    pem = authority.root.certificate.read_bytes()
    found = verify_case(case.path, roots=[pem], **more)  # type: ignore[arg-type]
    return {check.name: check for check in found}


def failed(case: CaseFolder, authority: Authority, **more: object) -> set[str]:
    found = checks(case, authority, **more)
    return {name for name, check in found.items() if check.outcome is Outcome.FAIL}


def test_without_a_time_authority_it_is_said_that_there_is_none(
    case: CaseFolder, node: Node, authority: Authority
) -> None:
    assert ask(case, node).stamps == ()
    found = checks(case, authority)
    assert found["time stamps"].outcome is Outcome.NOT_CHECKABLE
    assert "no external time" in found["time stamps"].detail
    assert "stamped times" not in found
    assert "no witness" in found["witnesses"].detail


def test_a_stamped_log_says_by_when_its_events_existed(
    case: CaseFolder, node: Node, authority: Authority, tsa: Server
) -> None:
    done = ask(case, node, tsa.url)
    assert done.size == 2
    assert len(done.stamps) == 1
    assert done.troubles == ()
    found = checks(case, authority)
    assert {check.outcome for check in found.values()} <= {Outcome.PASS, Outcome.NOT_CHECKABLE}
    assert found["time stamps"].outcome is Outcome.PASS
    assert "2 of 3 events" in found["stamped times"].detail


def test_the_commands_for_repeating_by_hand_work(
    case: CaseFolder, node: Node, authority: Authority, tsa: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    ask(case, node, tsa.url)
    monkeypatch.chdir(case.path)
    (case.path / "ROOT.pem").write_bytes(authority.root.certificate.read_bytes())
    commands = checks(case, authority)["time stamps"].by_hand
    assert len(commands) == 3
    for command in commands:
        assert openssl(*command.split()[1:])


def test_a_stamp_by_somebody_unknown_is_not_trusted(
    case: CaseFolder, node: Node, tsa: Server, tmp_path: Path
) -> None:
    (tmp_path / "other").mkdir()
    other = Authority.make(tmp_path / "other")
    ask(case, node, tsa.url)
    found = checks(case, other)
    assert found["time stamps"].outcome is Outcome.NOT_CHECKABLE
    assert "not trusted" in found["time stamps"].detail


def test_an_event_backdated_after_a_stamp_is_found(
    case: CaseFolder, node: Node, authority: Authority, tsa: Server
) -> None:
    ask(case, node, tsa.url)
    log_at(case, node, now() - 365 * DAY)
    detail = checks(case, authority)["stamped times"].detail
    assert "event 3 says it was logged at" in detail
    assert "backdated" in detail


def test_an_event_from_the_future_is_found(
    tmp_path: Path, node: Node, authority: Authority, tsa: Server
) -> None:
    case = CaseFolder(tmp_path / "ahead")
    log_at(case, node, now() + DAY)
    ask(case, node, tsa.url)
    assert "its clock was ahead" in checks(case, authority)["stamped times"].detail


def test_a_slow_clock_within_bounds_is_no_contradiction(
    case: CaseFolder, node: Node, authority: Authority, tsa: Server
) -> None:
    ask(case, node, tsa.url)
    log_at(case, node, now() - timedelta(seconds=30))
    assert failed(case, authority) == set()


@pytest.mark.parametrize("what", ["stamp", "note", "removed stamp", "other size", "pipe"])
def test_tampering_with_stamps_is_found(
    case: CaseFolder, node: Node, authority: Authority, tsa: Server, what: str
) -> None:
    ask(case, node, tsa.url)
    place = case.path / "checkpoints"
    stamp, note = place / "2.1.tsr", place / "2.txt"
    match what:
        case "stamp":
            data = bytearray(stamp.read_bytes())
            data[len(data) // 2] ^= 1
            stamp.write_bytes(data)
        case "note":
            note.write_bytes(note.read_bytes().replace(b"\n2\n", b"\n1\n"))
        case "removed stamp":
            stamp.unlink()
        case "other size":
            stamp.rename(place / "1.1.tsr")
            shutil.copy(note, place / "1.txt")
        case _:
            stamp.unlink()
            os.mkfifo(stamp)
    assert failed(case, authority) & {"time stamps", "outputs"}


def test_a_rewritten_history_does_not_fit_its_stamps(
    case: CaseFolder, node: Node, authority: Authority, tsa: Server, tmp_path: Path
) -> None:
    """Whoever holds all keys can write another log, but not have it stamped in the past."""
    ask(case, node, tsa.url)
    forged = CaseFolder(tmp_path / "forged")
    log_at(forged, node, now(), now())
    shutil.copytree(case.path / "checkpoints", forged.path / "checkpoints")
    assert "time stamps" in failed(forged, authority)


def test_an_authority_that_does_not_answer_is_named_and_nothing_is_lost(
    case: CaseFolder, node: Node, authority: Authority, tsa: Server
) -> None:
    tsa.told = 500, {}, b"no"
    done = ask(case, node, tsa.url, "http://127.0.0.1:9/")
    assert done.stamps == ()
    assert len(done.troubles) == 2
    assert failed(case, authority) == set()


def test_a_key_lost_before_its_revocation(
    case: CaseFolder, node: Node, authority: Authority, tsa: Server
) -> None:
    """A stamp decides what was signed before the key was lost."""
    ada = node.signer("ada")
    key = ActorKey(actor="ada", public_key=ada.public_key.hex())
    by_ada = replace(make_event(), actor=Actor(id="ada", role="r", organisation="o"))

    def append(*events: tuple[CustodyEvent, bool]) -> None:
        with case.log(node.signer()) as log:
            for event, own in events:
                moment = now()
                at = replace(event, occurred_at=moment, logged_at=moment)
                log.append(at, signer=ada if own else None)

    append((make_event(EventType.KEY_ADD, key=key), False), (by_ada, True))
    ask(case, node, tsa.url)
    lost = now() + timedelta(seconds=2)
    append((make_event(EventType.KEY_REVOKE, key=key, since=lost), False))
    assert checks(case, authority)["revoked keys"].outcome is Outcome.PASS
    other = CaseFolder(case.path.with_name("unstamped"))
    with other.log(node.signer()) as log:
        moment = now()
        for event, hand in (
            (make_event(EventType.KEY_ADD, key=key), None),
            (by_ada, ada),
            (make_event(EventType.KEY_REVOKE, key=key, since=lost), None),
        ):
            log.append(replace(event, occurred_at=moment, logged_at=moment), signer=hand)
    doubt = checks(other, authority)["revoked keys"]
    assert doubt.outcome is Outcome.NOT_CHECKABLE
    assert "1 (ada)" in doubt.detail


@pytest.fixture
def witness(tmp_path: Path, case: CaseFolder, node: Node) -> Iterator[WitnessServer]:
    signer = Node(folder=tmp_path / "elsewhere").signer("witness.example/1")
    made = Witness.make(tmp_path / "w", name="witness.example/1", signer=signer)
    made.trust(VerifierKey.parse((case.path / "custody.pub").read_text()))
    with WitnessServer(made, ("127.0.0.1", 0), clock=now, report=lambda _: None) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.02,))
        thread.start()
        yield server
        server.shutdown()
        thread.join()


def test_two_histories_are_never_both_cosigned(
    case: CaseFolder, node: Node, authority: Authority, witness: WitnessServer, tmp_path: Path
) -> None:
    shutil.copytree(case.path, tmp_path / "fork")
    fork = CaseFolder(tmp_path / "fork")
    line = str(witness.witness.key)
    log_at(case, node, now())
    log_at(fork, node, now())
    done = ask(case, node, witnesses=[(witness.url, line)])
    assert done.witnesses == ("witness.example/1",)
    found = checks(case, authority, witnesses=[line])
    assert found["witnesses"].outcome is Outcome.PASS
    with pytest.raises(Refused, match="another history"):
        ask(fork, node, witnesses=[(witness.url, line)])
    assert "witnesses" in failed(fork, authority, witnesses=[line])
    kept = [(case.path / "checkpoint.txt").read_text()]
    assert "kept checkpoint root" in failed(fork, authority, checkpoints=kept)
    log_at(case, node, now())
    assert ask(case, node, witnesses=[(witness.url, line)]).size == 4


def test_nothing_to_vouch_for(tmp_path: Path, node: Node) -> None:
    with pytest.raises(Unreadable, match="expected a case folder"):
        ask(CaseFolder(tmp_path / "nothing"), node)
    empty = CaseFolder(tmp_path / "empty")
    log_at(empty, node)
    with pytest.raises(Unreadable, match="no events yet"):
        ask(empty, node)
    assert NODE == "node"
