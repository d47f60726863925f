"""Erasing for good: by two persons, under an authority, against no hold; and proofs still hold."""

import hashlib
import io
from datetime import UTC, datetime
from pathlib import Path

import pytest
from tests.evidence.conftest import make_event

from palermo.evidence import CaseFolder, EventType, ExhibitRef, Outcome, verify_case
from palermo.investigation import Node, Request, erase, hold, investigate, release, rewrap_vaults
from palermo.model import Exhibit, Refused, Unreadable

AT = datetime(2026, 3, 1, 9, tzinfo=UTC)
AUTHORITY = """\
palermo_authority: 1
organisation: Example unit
power: {power}
legal_basis: a law
purpose: {purpose}
case: T-1
authorised_by: {{name: A. Example, role: competent-authority}}
from: 2026-01-01T00:00:00Z
until: 2027-01-01T00:00:00Z
offences: [trafficking-in-persons]
scope: {{material: [posts], measures: [{measures}]}}
"""
STATED = "Her name is Ines and she lives in the second house"


@pytest.fixture
def node(tmp_path: Path) -> Node:
    made = Node(folder=tmp_path / "node")
    for person in ("ada", "ben"):
        made.signer(person)
    return made


def authority(folder: Path, power: str, measures: str, purpose: str = "a test") -> Path:
    path = folder / f"{power.replace('/', '-')}.yaml"
    path.write_text(AUTHORITY.format(power=power, measures=measures, purpose=purpose))
    return path


@pytest.fixture
def case(tmp_path: Path, node: Node) -> Path:
    (tmp_path / "one.csv").write_text(f"id,text\n1,{STATED}\n")
    (tmp_path / "two.csv").write_text("id,text\n2,Something else entirely\n")
    investigate(
        Request(
            inputs=(tmp_path / "one.csv", tmp_path / "two.csv"),
            authority=authority(tmp_path, "eu/led-processing", "detect, preserve"),
            out=tmp_path / "case",
            node=node,
            workers=1,
        ),
        at=AT,
    )
    return tmp_path / "case"


def digest(tmp_path: Path, name: str = "one.csv") -> str:
    return hashlib.sha256((tmp_path / name).read_bytes()).hexdigest()


def failures(case: Path, node: Node) -> list[str]:
    opener = node.vault(CaseFolder(case)).check
    checks = verify_case(case, opener=opener)
    return [f"{c.name}: {c.detail}" for c in checks if c.outcome is Outcome.FAIL]


def test_an_erased_exhibit_is_gone_and_every_proof_holds(
    tmp_path: Path, case: Path, node: Node
) -> None:
    law = authority(tmp_path, "eu/led-erasure", "erase", "obtained without a legal basis")
    before = (case / "checkpoint.txt").read_text()
    done = erase(case, digest(tmp_path), authority=law, persons=("ada", "ben"), at=AT, node=node)
    assert "findings.json" in done.outputs
    assert failures(case, node) == []
    checks = {c.name: c for c in verify_case(case, checkpoints=[before])}
    assert checks["erased"].outcome is Outcome.PASS
    assert checks["kept checkpoint root"].outcome is Outcome.PASS
    everything = b"".join(path.read_bytes() for path in case.rglob("*") if path.is_file())
    assert STATED.encode() not in everything
    assert digest(tmp_path).encode() not in everything
    with pytest.raises(Refused):
        node.vault(CaseFolder(case)).open(done.exhibit)
    other = node.vault(CaseFolder(case)).find(digest(tmp_path, "two.csv"))
    assert other is not None
    node.vault(CaseFolder(case)).check(other.id)
    with CaseFolder(case).log(node.signer()) as log:
        *_, shred = log.entries()
    assert shred.event.purpose == "obtained without a legal basis"
    assert (shred.event.actor.id, shred.event.second and shred.event.second.id) == ("ada", "ben")


def test_what_was_made_from_an_exhibit_is_erased_with_it(
    tmp_path: Path, case: Path, node: Node
) -> None:
    vault = node.vault(CaseFolder(case))
    parent = vault.find(digest(tmp_path))
    assert parent is not None
    children: list[Exhibit] = []
    for depth in range(2):
        above = children[-1].id if children else parent.id
        content = io.BytesIO(f"{STATED} {depth}".encode())
        children.append(vault.seal(content, name="x", media_type="t", at=AT, parent=above))
    refs = tuple(ExhibitRef.of(one) for one in children)
    with CaseFolder(case).log(node.signer()) as log:
        log.append(make_event(EventType.DERIVE, exhibits=refs))
    keep = authority(tmp_path, "eu/led-processing", "detect, preserve")
    law = authority(tmp_path, "eu/led-erasure", "erase")
    name = hold(case, children[1].id, authority=keep, at=AT, node=node)
    with pytest.raises(Refused, match="a hold is in force"):
        erase(case, parent.id, authority=law, persons=("ada", "ben"), at=AT, node=node)
    release(case, name, authority=keep, at=AT, node=node)
    done = erase(case, parent.id, authority=law, persons=("ada", "ben"), at=AT, node=node)
    assert done.derived == tuple(one.id for one in children)
    assert failures(case, node) == []
    for one in (parent, *children):
        with pytest.raises(Refused):
            node.vault(CaseFolder(case)).open(one.id)


def test_erasing_again_changes_nothing(tmp_path: Path, case: Path, node: Node) -> None:
    law = authority(tmp_path, "eu/led-erasure", "erase")
    first = erase(case, digest(tmp_path), authority=law, persons=("ada", "ben"), at=AT, node=node)
    again = erase(case, first.exhibit, authority=law, persons=("ada", "ben"), at=AT, node=node)
    assert again == first


def test_what_is_left_can_be_investigated_anew(tmp_path: Path, case: Path, node: Node) -> None:
    law = authority(tmp_path, "eu/led-erasure", "erase")
    erase(case, digest(tmp_path), authority=law, persons=("ada", "ben"), at=AT, node=node)
    investigate(
        Request(
            inputs=(tmp_path / "two.csv",),
            authority=authority(tmp_path, "eu/led-processing", "detect, preserve"),
            out=case,
            node=node,
            workers=1,
        ),
        at=AT,
    )
    assert failures(case, node) == []
    assert STATED not in (case / "dossier.html").read_text("utf-8")


def test_nobody_erases_alone_or_without_a_power(tmp_path: Path, case: Path, node: Node) -> None:
    exhibit = digest(tmp_path)
    law = authority(tmp_path, "eu/led-erasure", "erase")
    with pytest.raises(Refused, match="two different persons"):
        erase(case, exhibit, authority=law, persons=("ada", "ada"), at=AT, node=node)
    with pytest.raises(Unreadable, match="no key of 'carl'"):
        erase(case, exhibit, authority=law, persons=("ada", "carl"), at=AT, node=node)
    other = authority(tmp_path, "eu/led-processing", "detect, preserve")
    with pytest.raises(Refused, match="eu/led-processing"):
        erase(case, exhibit, authority=other, persons=("ada", "ben"), at=AT, node=node)
    with pytest.raises(Unreadable, match="no exhibit"):
        erase(case, "0" * 64, authority=law, persons=("ada", "ben"), at=AT, node=node)
    assert failures(case, node) == []
    assert (case / "findings.json").exists()


def test_a_hold_blocks_erasing_until_it_is_released(tmp_path: Path, case: Path, node: Node) -> None:
    exhibit = digest(tmp_path)
    keep = authority(tmp_path, "eu/led-processing", "detect, preserve")
    law = authority(tmp_path, "eu/led-erasure", "erase")
    name = hold(case, exhibit, authority=keep, at=AT, node=node)
    with pytest.raises(Refused, match="a hold is in force"):
        erase(case, exhibit, authority=law, persons=("ada", "ben"), at=AT, node=node)
    assert (case / "findings.json").exists()
    with pytest.raises(Unreadable, match="no hold"):
        release(case, "f" * 32, authority=keep, at=AT, node=node)
    release(case, name, authority=keep, at=AT, node=node)
    erase(case, exhibit, authority=law, persons=("ada", "ben"), at=AT, node=node)
    assert failures(case, node) == []


def test_an_erasure_that_was_interrupted_is_told_and_finished(
    tmp_path: Path, case: Path, node: Node, monkeypatch: pytest.MonkeyPatch
) -> None:
    law = authority(tmp_path, "eu/led-erasure", "erase")

    def die(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr("palermo.investigation.erasing._destroy", die)
        with pytest.raises(KeyboardInterrupt):
            erase(case, digest(tmp_path), authority=law, persons=("ada", "ben"), at=AT, node=node)
    assert any("to be destroyed and is still there" in one for one in failures(case, node))
    erase(case, digest(tmp_path), authority=law, persons=("ada", "ben"), at=AT, node=node)
    assert failures(case, node) == []


def test_rewrapping_closes_what_an_old_backup_still_opened(
    tmp_path: Path, case: Path, node: Node
) -> None:
    law = authority(tmp_path, "eu/led-erasure", "erase")
    backup = (case / "vault" / "keys.sqlite3").read_bytes()
    sealed = {path.relative_to(case): path.read_bytes() for path in (case / "vault").glob("??/*")}
    done = erase(case, digest(tmp_path), authority=law, persons=("ada", "ben"), at=AT, node=node)
    old = tmp_path / "restored"
    for name, data in sealed.items():
        (old / name).parent.mkdir(parents=True, exist_ok=True)
        (old / name).write_bytes(data)
    (old / "vault" / "keys.sqlite3").write_bytes(backup)
    node.vault(CaseFolder(old)).check(done.exhibit)  # the backup still opens it …
    (old / "vault" / "keys.sqlite3").write_bytes(backup)
    rewrap_vaults([case], node=node, destroy_old=True)
    assert failures(case, node) == []
    with pytest.raises(Refused):
        node.vault(CaseFolder(old)).check(done.exhibit)  # … and now nothing does


def test_an_interrupted_rewrapping_leaves_every_vault_open(
    tmp_path: Path, case: Path, node: Node
) -> None:
    with pytest.raises(Unreadable, match="no vault with keys"):
        rewrap_vaults([case, tmp_path / "nothing"], node=node, destroy_old=True)
    rewrap_vaults([case], node=node, destroy_old=False)
    assert failures(case, node) == []
    assert (node.folder / "keys" / "vault.old.key").exists()
