"""From node to node: handed over under an authority, verified, taken over; and what is refused."""

import json
import shutil
import sqlite3
import zipfile
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from tests.evidence.package.making import resave

from palermo.evidence import CaseFolder, EventType, Outcome, read_public_key, verify_case
from palermo.evidence.checkpoint import Checkpoint, SignedCheckpoint
from palermo.evidence.merkle import root
from palermo.evidence.package.selection import Selection
from palermo.evidence.package.verify import Trust, verify_package
from palermo.evidence.schema import SCHEMA
from palermo.investigation import (
    HandOver,
    Node,
    Receipt,
    Request,
    hand_over,
    investigate,
    receive,
)
from palermo.model import Refused, Unreadable

AT = datetime(2026, 3, 1, 9, tzinfo=UTC)
LATER = AT + timedelta(days=2)
AUTHORITY = """\
palermo_authority: 1
organisation: {organisation}
power: {power}
legal_basis: a law
purpose: a test
case: T-1
authorised_by: {{name: A. Example, role: competent-authority}}
from: 2026-01-01T00:00:00Z
until: 2027-01-01T00:00:00Z
offences: [trafficking-in-persons]
scope: {{material: [posts], measures: [{measures}]}}
"""


def authority(folder: Path, power: str, measures: str, organisation: str = "Example unit") -> Path:
    path = folder / f"{power.replace('/', '-')}-{organisation.replace(' ', '-')}.yaml"
    path.write_text(AUTHORITY.format(power=power, measures=measures, organisation=organisation))
    return path


@pytest.fixture
def sender(tmp_path: Path) -> Node:
    return Node(folder=tmp_path / "sender")


@pytest.fixture
def case(tmp_path: Path, sender: Node) -> Path:
    (tmp_path / "one.csv").write_text("id,text\n1,Work abroad for women\n")
    (tmp_path / "two.csv").write_text("id,text\n2,Something else entirely\n")
    investigate(
        Request(
            inputs=(tmp_path / "one.csv", tmp_path / "two.csv"),
            authority=authority(tmp_path, "eu/led-processing", "detect, preserve"),
            out=tmp_path / "case",
            node=sender,
            workers=1,
        ),
        at=AT,
    )
    return tmp_path / "case"


@pytest.fixture
def order(tmp_path: Path, case: Path, sender: Node) -> HandOver:
    return HandOver(
        case=case,
        out=tmp_path / "package",
        authority=authority(tmp_path, "eu/led-transmission", "disclose"),
        recipient="Court of Example",
        node=sender,
        seal="bag 17",
    )


@pytest.fixture
def receipt(tmp_path: Path, order: HandOver) -> Receipt:
    hand_over(order, at=LATER)
    key = read_public_key((order.case / "custody.pub").read_bytes())
    return Receipt(
        package=order.out,
        out=tmp_path / "received",
        authority=authority(tmp_path, "eu/led-processing", "preserve", "Court of Example"),
        node=Node(folder=tmp_path / "receiver"),
        trust=Trust(public_key=key),
    )


def failed(path: Path) -> list[str]:
    return [c.name for c in verify_package(path) if c.outcome is Outcome.FAIL]


def test_without_an_authority_that_covers_it_nothing_leaves(
    order: HandOver, tmp_path: Path
) -> None:
    wrong = authority(tmp_path, "eu/led-processing", "detect, preserve")
    with pytest.raises(Refused, match="does not reach the measure `disclose`"):
        hand_over(replace(order, authority=wrong), at=LATER)
    with pytest.raises(Refused, match="eu/led-transmission"):
        hand_over(order, at=datetime(2027, 6, 1, tzinfo=UTC))
    assert not order.out.exists()
    with CaseFolder(order.case).log(order.node.signer()) as log:
        assert {entry.event.type for entry in log.entries()} == {
            EventType.RECEIVE,
            EventType.ANALYSE,
        }


def test_the_log_says_who_gave_what_to_whom(order: HandOver) -> None:
    order.node.signer("ada")
    hand_over(replace(order, by="ada", act="disclose"), at=LATER)
    assert failed(order.out) == []
    with CaseFolder(order.case).log(order.node.signer()) as log:
        event = list(log.entries())[-1].event
    assert event.type is EventType.DISCLOSE
    assert (event.actor.id, event.recipient, event.seal) == ("ada", "Court of Example", "bag 17")
    assert event.ground.power == "eu/led-transmission"
    assert "Conditions" in (order.out / "REPORT.html").read_text()


def test_wrong_orders_are_told(order: HandOver, tmp_path: Path) -> None:
    with pytest.raises(Unreadable, match="there is no key of 'nobody'"):
        hand_over(replace(order, by="nobody"), at=LATER)
    with pytest.raises(Unreadable, match="to whom"):
        hand_over(replace(order, recipient=" "), at=LATER)
    with pytest.raises(Unreadable, match="expected a case folder"):
        hand_over(replace(order, case=tmp_path / "nowhere"), at=LATER)
    assert not (tmp_path / "nowhere").exists()


def test_what_was_handed_over_is_taken_over(receipt: Receipt, case: Path) -> None:
    received = receive(receipt, at=LATER)

    taken = CaseFolder(receipt.out)
    vault = receipt.node.vault(taken)
    assert [
        c for c in verify_case(receipt.out, opener=vault.check) if c.outcome is Outcome.FAIL
    ] == []
    assert {one.name for one in received.exhibits.values()} == {"one.csv", "two.csv"}
    assert not received.exhibits.keys() & {one.id for one in received.exhibits.values()}
    with vault.open(next(e.id for e in received.exhibits.values() if e.name == "one.csv")) as file:
        assert file.read() == b"id,text\n1,Work abroad for women\n"
    with taken.log(receipt.node.signer()) as log:
        (entry,) = log.entries()
    event = entry.event
    head = (receipt.package / "checkpoint.txt").read_text().splitlines()
    assert event.type is EventType.TRANSFER_IN
    assert (event.sender, event.recipient) == ("Example unit", "Court of Example")
    assert event.match is True
    assert event.seal is not None
    assert event.seal.startswith(f"{head[0]} {head[1]} ")


def test_the_senders_log_is_kept_and_the_package_can_be_put_together_again(
    receipt: Receipt, tmp_path: Path
) -> None:
    received = receive(receipt, at=LATER)
    vault = receipt.node.vault(CaseFolder(receipt.out))
    others = {one.name: one for one in received.others}
    with vault.open(others["custody.dsse.jsonl"].id) as file:
        assert file.read() == (receipt.package / "custody.dsse.jsonl").read_bytes()
    again = tmp_path / "again"
    with vault.plain(others["package-record.zip"].id) as path, zipfile.ZipFile(path) as archive:
        archive.extractall(again)
    for one in json.loads((again / "exhibits.json").read_text())["exhibits"]:
        place = again / one["path"]
        place.parent.mkdir(parents=True, exist_ok=True)
        with vault.open(received.exhibits[one["id"]].id) as file:
            place.write_bytes(file.read())
    assert failed(again) == []


def test_nothing_is_taken_over_without_authority_or_key(receipt: Receipt, tmp_path: Path) -> None:
    wrong = authority(tmp_path, "eu/led-transmission", "disclose", "Court of Example")
    with pytest.raises(Refused, match="does not reach the measure `preserve`"):
        receive(replace(receipt, authority=wrong), at=LATER)
    with pytest.raises(Unreadable, match="--unknown-sender"):
        receive(replace(receipt, trust=Trust()), at=LATER)
    assert not receipt.out.exists()

    receive(replace(receipt, trust=Trust(), unknown_sender=True), at=LATER)

    with CaseFolder(receipt.out).log(receipt.node.signer()) as log:
        (entry,) = log.entries()
    assert entry.event.sender == "not proven: Example unit"


def cut_log(package: Path) -> None:
    path = package / "custody.dsse.jsonl"
    path.write_text("".join(path.read_text().splitlines(keepends=True)[:-1]))
    resave(package)


def resaved(package: Path) -> None:
    next((package / "data").rglob("one.csv")).write_text("id,text\n1,Nothing of interest\n")
    resave(package)


def other_report(package: Path) -> None:
    path = package / "REPORT.html"
    path.write_text(path.read_text().replace("Court", "Friend"))
    resave(package)


def extra(package: Path) -> None:
    (package / "data" / "original" / "planted.csv").write_text("x")


@pytest.mark.parametrize("spoil", [cut_log, resaved, other_report, extra])
def test_a_package_that_does_not_hold_is_not_taken_over(
    receipt: Receipt, spoil: Callable[[Path], None]
) -> None:
    spoil(receipt.package)
    with pytest.raises(Refused, match="not taken over, nothing was sealed"):
        receive(receipt, at=LATER)
    assert not receipt.out.exists()


def test_another_key_is_refused(receipt: Receipt) -> None:
    wrong = Trust(public_key=receipt.node.signer().public_key)
    with pytest.raises(Refused, match="another key than the one given"):
        receive(replace(receipt, trust=wrong), at=LATER)


def test_a_fork_is_refused_with_the_checkpoint_of_an_earlier_package(
    receipt: Receipt, order: HandOver, tmp_path: Path
) -> None:
    kept = (receipt.package / "checkpoint.txt").read_text()
    # The sender goes back to before that hand-over and hands over something else.
    shutil.copytree(order.case, tmp_path / "fork")
    _roll_back(tmp_path / "fork", 2)
    forked = replace(order, case=tmp_path / "fork", out=tmp_path / "other", recipient="Defence")
    hand_over(forked, at=LATER + timedelta(hours=1))
    again = replace(receipt, package=tmp_path / "other")
    trust = replace(receipt.trust, checkpoints=(kept,))

    with pytest.raises(Refused, match="not those that were signed for"):
        receive(replace(again, trust=trust), at=LATER + timedelta(days=1))

    receive(again, at=LATER + timedelta(days=1))  # without it nobody could tell


def _roll_back(case: Path, size: int) -> None:
    """Do what only the holder of the key can: forget the last events, and sign for the rest."""
    with closing(sqlite3.connect(case / "custody.sqlite3", isolation_level=None)) as database:
        database.execute("DROP TRIGGER custody_remains")
        database.execute("DELETE FROM custody WHERE seq >= ?", (size,))
        database.execute(SCHEMA["custody_remains"])
        leaves = [leaf for (leaf,) in database.execute("SELECT leaf_hash FROM custody")]
    note = case / "checkpoint.txt"
    origin = SignedCheckpoint.parse(note.read_text()).checkpoint.origin
    signer = Node(folder=case.parent / "sender").signer()
    note.write_text(Checkpoint(origin, size, root(leaves)).sign(signer))
    shutil.rmtree(case / "checkpoints")


def test_a_backdated_log_is_refused_unless_it_is_accepted_with_eyes_open(
    order: HandOver, receipt: Receipt, tmp_path: Path
) -> None:
    out = tmp_path / "backdated"
    hand_over(replace(order, out=out), at=AT - timedelta(days=30))  # before what it follows
    spoilt = replace(receipt, package=out)
    with pytest.raises(Refused, match="was logged before the event it follows"):
        receive(spoilt, at=LATER)
    assert not receipt.out.exists()

    receive(replace(spoilt, accept_times=True), at=LATER)


def test_a_hand_over_from_the_future_is_refused(receipt: Receipt) -> None:
    with pytest.raises(Refused, match="handed over later than now"):
        receive(receipt, at=LATER - timedelta(hours=1))


def test_what_cannot_be_finished_is_taken_back(
    receipt: Receipt, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(*_: object, **__: object) -> None:
        raise Unreadable("no room")

    with monkeypatch.context() as patch:
        patch.setattr("palermo.evidence.log.CustodyLog.append", fails)
        with pytest.raises(Unreadable, match="no room"):
            receive(receipt, at=LATER)
    vault = receipt.node.vault(CaseFolder(receipt.out))
    assert list(vault.exhibits()) == []
    receive(receipt, at=LATER)
    assert [c for c in verify_case(receipt.out) if c.outcome is Outcome.FAIL] == []


def test_taking_the_same_over_twice_seals_once_and_logs_twice(receipt: Receipt) -> None:
    first, second = receive(receipt, at=LATER), receive(receipt, at=LATER + timedelta(hours=1))
    assert {e.id for e in first.exhibits.values()} == {e.id for e in second.exhibits.values()}
    assert (first.event, second.event) == (0, 1)
    assert [c for c in verify_case(receipt.out) if c.outcome is Outcome.FAIL] == []


def test_what_was_held_back_stays_held_back_at_the_receivers(
    order: HandOver, receipt: Receipt, tmp_path: Path
) -> None:
    listed = json.loads((receipt.package / "exhibits.json").read_text())["exhibits"]
    held = next(one for one in listed if one["name"] == "two.csv")
    out = tmp_path / "part"
    hand_over(replace(order, out=out, selection=Selection(hold_back=(held["id"],))), at=LATER)

    received = receive(replace(receipt, package=out), at=LATER)

    assert [one.name for one in received.exhibits.values()] == ["one.csv"]
    vault = receipt.node.vault(CaseFolder(receipt.out))
    assert vault.find(held["sha256"]) is None
