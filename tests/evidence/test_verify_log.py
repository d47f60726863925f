"""A custody log by itself: the database of a case, or the text form of a package."""

import shutil
import sqlite3
import zipfile
from contextlib import closing
from pathlib import Path

import pytest

from palermo.evidence import Check, Outcome
from palermo.evidence.portable import PORTABLE_FILE, write_portable
from palermo.evidence.verify import verify
from palermo.model import Unreadable

LOG = "custody.sqlite3"


def outcomes(checks: list[Check]) -> dict[str, Outcome]:
    return {check.name: check.outcome for check in checks}


def failed(path: Path, **known: object) -> set[str]:
    checks = verify(path, **known)  # type: ignore[arg-type]  # passed through
    return {check.name for check in checks if check.outcome is Outcome.FAIL}


@pytest.fixture
def text(case: Path, tmp_path: Path) -> Path:
    folder = tmp_path / "text"
    folder.mkdir()
    with closing(sqlite3.connect(case / LOG)) as database:
        leaves = [row[0] for row in database.execute("SELECT data FROM custody ORDER BY seq")]
    (folder / PORTABLE_FILE).write_text("".join(write_portable(leaves)), "utf-8")
    for name in ("custody.pub", "checkpoint.txt"):
        shutil.copy(case / name, folder / name)
    return folder / PORTABLE_FILE


def test_the_log_of_a_case_by_itself(case: Path) -> None:
    assert failed(case / LOG) == set()
    found = outcomes(verify(case / LOG))
    assert found["checkpoint root"] is Outcome.PASS
    assert found["exhibits"] is Outcome.NOT_CHECKABLE


def test_both_forms_say_the_same(case: Path, text: Path) -> None:
    assert outcomes(verify(text)) == outcomes(verify(case / LOG))


def test_a_log_alone_in_the_world(case: Path, text: Path, tmp_path: Path) -> None:
    shutil.copy(case / LOG, tmp_path / LOG)
    found = outcomes(verify(tmp_path / LOG))
    assert found["signatures"] is Outcome.PASS
    assert (found["public key"], found["checkpoint"]) == (Outcome.NOT_CHECKABLE,) * 2
    (text.parent / "custody.pub").unlink()
    assert "log file" in failed(text)


def test_a_shortened_log_against_a_checkpoint_kept_elsewhere(text: Path) -> None:
    kept = (text.parent / "checkpoint.txt").read_text("utf-8")
    lines = text.read_text("utf-8").splitlines(keepends=True)
    text.write_text("".join(lines[:-1]), "utf-8")
    (text.parent / "checkpoint.txt").unlink()
    assert failed(text) == set()
    assert failed(text, checkpoints=[kept]) == {"kept checkpoint root"}


@pytest.mark.parametrize("content", [b"", b"\0" * 5000, b"SQLite format 3\0", b"[]\n", b"\xff\xfe"])
def test_what_is_no_log_gets_an_answer(case: Path, content: bytes) -> None:
    path = case / "thing"
    path.write_bytes(content)
    assert failed(path)
    with pytest.raises(Unreadable):
        verify(case / "nothing")


def test_an_archive_by_itself_proves_nothing(tmp_path: Path) -> None:
    path = tmp_path / "forged.wacz"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("datapackage.json", "{}")
    (check,) = [one for one in verify(path) if one.name == "log file"]
    assert check.outcome is Outcome.FAIL
    assert "by itself it proves nothing" in check.detail
