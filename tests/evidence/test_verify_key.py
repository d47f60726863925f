"""Every attack on checkpoint and key is found."""

import shutil
from pathlib import Path

import pytest

from palermo.evidence import (
    CustodyLog,
    Keystore,
    Outcome,
    verify_case,
)

LOG, KEY, NOTE = "custody.sqlite3", "custody.pub", "checkpoint.txt"


def failed(path: Path, **known: object) -> dict[str, str]:
    """Return the failing checks, by name, with the last detail of each."""
    checks = verify_case(path, **known)  # type: ignore[arg-type]  # passed through
    return {check.name: check.detail for check in checks if check.outcome is Outcome.FAIL}


@pytest.mark.parametrize(
    ("old", "new", "check"),
    [
        ("\n5\n", "\n4\n", "checkpoint signature"),
        ("palermo", "paIermo", "checkpoint signature"),
        ("\u2014 ", "- ", "checkpoint signature"),
        ("\n\n", "\n", "checkpoint signature"),
    ],
)
def test_an_edited_checkpoint(case: Path, old: str, new: str, check: str) -> None:
    note = case / NOTE
    text = note.read_text("utf-8")
    assert old in text
    note.write_text(text.replace(old, new, 1), "utf-8")
    assert check in failed(case)


def test_a_removed_checkpoint(case: Path) -> None:
    (case / NOTE).unlink()
    assert "checkpoint.txt is missing" in failed(case)["checkpoint"]


def test_the_checkpoint_of_another_log(case: Path, tmp_path: Path, signer: Keystore) -> None:
    CustodyLog(tmp_path / "other" / LOG, signer=signer).close()
    shutil.copy(tmp_path / "other" / NOTE, case / NOTE)
    assert "signed for another log" in failed(case)["checkpoint signature"]


def test_a_removed_or_exchanged_key_file(case: Path, tmp_path: Path, signer: Keystore) -> None:
    (case / KEY).unlink()
    assert "custody.pub is missing" in failed(case)["public key"]
    CustodyLog(tmp_path / "other" / LOG, signer=signer).close()
    shutil.copy(tmp_path / "other" / KEY, case / KEY)
    assert "different keys" in failed(case)["public key"]


def test_a_wrong_or_unreadable_key_from_elsewhere(case: Path, tmp_path: Path) -> None:
    wrong = Keystore.open(tmp_path / "k", actor="x").public_key
    assert set(failed(case, public_key=wrong)) == {"public key"}
    assert set(failed(case, public_key=b"rubbish")) == {"public key"}
