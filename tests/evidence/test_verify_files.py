"""Every attack on exhibits and outputs is found, and nothing leads out of the folder."""

import hashlib
import io
import os
import shutil
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from palermo.evidence import (
    ActorKey,
    CaseFolder,
    CustodyEvent,
    CustodyLog,
    EventType,
    ExhibitRef,
    FileRef,
    Keystore,
    Outcome,
    verify_case,
)
from palermo.evidence.commitment import OUTPUT, Opening
from palermo.evidence.openings import Openings

EventMaker = Callable[..., CustodyEvent]
KEK = bytes(range(32))  # of conftest
AT = datetime(2026, 11, 25, tzinfo=UTC)
LOG = "custody.sqlite3"


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


def writable(path: Path) -> Path:
    path.chmod(0o644)
    return path


def exhibits(case: Path) -> list[Path]:
    return sorted(path for path in (case / "vault").rglob("*") if len(path.name) == 64)


def test_an_altered_exhibit(case: Path) -> None:
    path = writable(exhibits(case)[0])
    data = bytearray(path.read_bytes())
    data[-1] ^= 1
    path.write_bytes(data)
    assert "was altered" in failed(case)["exhibits"]


def test_a_shortened_exhibit(case: Path) -> None:
    path = writable(exhibits(case)[0])
    path.write_bytes(path.read_bytes()[:-1])
    assert "was altered" in failed(case)["exhibits"]


def test_a_missing_exhibit(case: Path) -> None:
    exhibits(case)[1].unlink()
    assert "is missing" in failed(case)["exhibits"]


def test_an_exhibit_behind_a_link(case: Path, tmp_path: Path) -> None:
    path = exhibits(case)[0]
    shutil.move(path, tmp_path / "away")
    path.symlink_to(tmp_path / "away")
    assert "is a link" in failed(case)["exhibits"]


def test_a_pipe_in_place_of_an_exhibit_does_not_block(case: Path) -> None:
    path = exhibits(case)[0]
    path.unlink()
    os.mkfifo(path)
    assert "no plain file" in failed(case)["exhibits"]


def test_a_planted_exhibit(case: Path) -> None:
    (case / "vault" / "aa").mkdir(exist_ok=True)
    (case / "vault" / "aa" / ("a" * 64)).write_text("planted")
    assert "in no event" in failed(case)["vault"]


def test_an_interrupted_sealing_is_told_but_no_failure(case: Path) -> None:
    (case / "vault" / ".incoming" / "abc").write_text("half")
    assert failed(case) == {}
    assert "1 unfinished" in undecided(case)["vault"]


@pytest.mark.parametrize("name", ["findings.json", "dossier.html", "tables/items.parquet"])
def test_an_altered_output(case: Path, name: str) -> None:
    path = case / name
    data = bytearray(path.read_bytes())
    data[7] ^= 1
    path.write_bytes(data)
    assert name in failed(case)["outputs"]
    path.unlink()
    assert "is missing" in failed(case)["outputs"]


def test_exchanged_findings(case: Path) -> None:
    (case / "findings.json").write_text('{"networks": 0, "counts": {}}')
    assert "findings.json" in failed(case)["outputs"]


def test_a_file_beside_the_case_is_named(case: Path) -> None:
    (case / "tables" / "extra.parquet").write_text("x")
    assert failed(case) == {}
    assert "tables/extra.parquet" in undecided(case)["other files"]


def test_a_later_run_replaces_the_outputs_of_an_earlier_one(
    case: Path, signer: Keystore, event: EventMaker
) -> None:
    (case / "findings.json").write_text('{"networks": 3}')
    folder = CaseFolder(case)
    with folder.log(signer) as log:
        log.append(event(EventType.ANALYSE, outputs=folder.record("findings.json")))
    assert failed(case) == {}


def shred(case: Path, signer: Keystore, event: EventMaker, keys: Path) -> ExhibitRef:
    """Log that the first exhibit is destroyed; destroy nothing."""
    officer = Keystore.open(keys, actor="officer-2")
    exhibit = CaseFolder(case).vault(KEK).get(exhibits(case)[0].name)
    ref = ExhibitRef.of(exhibit)
    added = ActorKey(actor="officer-2", public_key=officer.public_key.hex())
    with CaseFolder(case).log(signer) as log:
        log.append(event(EventType.KEY_ADD, key=added))
        log.append(event(EventType.SHRED, exhibits=(ref,)), second=officer)
    return ref


def test_a_shredded_exhibit_may_be_gone(
    case: Path, signer: Keystore, event: EventMaker, keys: Path
) -> None:
    ref = shred(case, signer, event, keys)
    assert "to be destroyed and is still there" in failed(case)["erased"]
    CaseFolder(case).vault(KEK).shred(ref.id)
    assert failed(case, opener=CaseFolder(case).vault(KEK).check) == {}


def test_removed_openings_are_told(case: Path) -> None:
    (case / "openings.json").unlink()
    assert "have no opening" in failed(case)["outputs"]


def test_an_opening_of_something_else(case: Path) -> None:
    """Whoever alters an output and its opening together meets the commitment in the log."""
    (case / "findings.json").write_text('{"networks": 9}')
    openings = Openings.read(case)
    digest = hashlib.sha256((case / "findings.json").read_bytes()).hexdigest()
    openings.outputs["findings.json"] = Opening(openings.outputs["findings.json"].salt, digest)
    openings.write(case)
    assert "is not what the log recorded" in failed(case)["outputs"]


def test_an_exhibit_sealed_again_with_other_content(case: Path, signer: Keystore) -> None:
    """The vault's owner can make a new exhibit, but the log names another."""
    vault = CaseFolder(case).vault(KEK)
    old = exhibits(case)[0]
    new = vault.seal(io.BytesIO(b"planted"), name="x", media_type="t", at=AT)
    old.chmod(0o644)
    old.write_bytes((case / "vault" / new.id[:2] / new.id).read_bytes())
    assert "was altered" in failed(case)["exhibits"]
    assert "contents" in failed(case, opener=vault.check)


@pytest.mark.parametrize(
    "path", ["../outside", "/etc/hostname", "a/../../outside", "", ".", "tables", "x\0y", "a//b"]
)
def test_paths_that_lead_out_of_the_case_are_not_followed(
    tmp_path: Path, signer: Keystore, event: EventMaker, path: str
) -> None:
    outside = tmp_path / "outside"
    outside.write_text("secret")
    case = tmp_path / "case"
    (case / "tables").mkdir(parents=True)
    digest = hashlib.sha256(outside.read_bytes()).hexdigest()
    opening = Opening(bytes(32), digest)
    Openings(outputs={path: opening}).write(case)
    ref = FileRef(path=path, commitment=opening.commitment(OUTPUT), size=6)
    with CustodyLog(case / LOG, signer=signer) as log:
        log.append(event(EventType.ANALYSE, outputs=(ref,)))
    assert "outputs" in failed(case)


def test_a_hostile_exhibit_name_is_not_followed(
    tmp_path: Path, signer: Keystore, event: EventMaker
) -> None:
    ref = ExhibitRef(id="../../../outside", size=1, media_type="x", sealed_sha256="0" * 64)
    with CustodyLog(tmp_path / LOG, signer=signer) as log:
        log.append(event(EventType.RECEIVE, exhibits=(ref,)))
    assert "exhibits" in failed(tmp_path)
