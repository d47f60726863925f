"""Every attack on exhibits and outputs is found, and nothing leads out of the folder."""

import hashlib
import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from palermo.evidence import (
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

EventMaker = Callable[..., CustodyEvent]
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
    return sorted(path for path in (case / "vault").rglob("*") if path.is_file())


def test_an_altered_exhibit(case: Path) -> None:
    path = writable(exhibits(case)[0])
    path.write_bytes(path.read_bytes().replace(b"1,", b"2,", 1))
    assert "was altered" in failed(case)["exhibits"]


def test_a_shortened_exhibit(case: Path) -> None:
    path = writable(exhibits(case)[0])
    path.write_bytes(path.read_bytes()[:-1])
    assert "recorded were" in failed(case)["exhibits"]


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
        log.append(event(EventType.ANALYSE, outputs=(folder.file("findings.json"),)))
    assert failed(case) == {}


def test_a_shredded_exhibit_may_be_gone(case: Path, signer: Keystore, event: EventMaker) -> None:
    gone = exhibits(case)[0]
    ref = ExhibitRef(sha256=gone.name, size=gone.stat().st_size, media_type="text/csv")
    gone.unlink()
    with CaseFolder(case).log(signer) as log:
        log.append(event(EventType.SHRED, exhibits=(ref,)))
    assert failed(case) == {}


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
    ref = FileRef(path=path, sha256=digest, size=6)
    with CustodyLog(case / LOG, signer=signer) as log:
        log.append(event(EventType.ANALYSE, outputs=(ref,)))
    assert "outputs" in failed(case)


def test_a_hostile_exhibit_name_is_not_followed(
    tmp_path: Path, signer: Keystore, event: EventMaker
) -> None:
    ref = ExhibitRef(sha256="../../../outside", size=1, media_type="x")
    with CustodyLog(tmp_path / LOG, signer=signer) as log:
        log.append(event(EventType.RECEIVE, exhibits=(ref,)))
    assert "exhibits" in failed(tmp_path)
