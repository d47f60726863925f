"""A witness as a person runs it: made, trusted with a log, asked over HTTP and through a folder."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from palermo.doors.cli import run
from palermo.evidence import CustodyLog, Keystore, SignedCheckpoint
from palermo.evidence.checkpoint import WitnessKey
from palermo.evidence.cosigning import HttpRoute, Pending, cosign
from palermo.evidence.witness_folder import FolderRoute
from palermo.model import Refused


@pytest.fixture(autouse=True)
def _day(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PALERMO_NOW", "2026-11-24T09:30:00Z")


@pytest.fixture
def signer(tmp_path: Path) -> Keystore:
    return Keystore.open(tmp_path / "node", actor="analyst")


@pytest.fixture
def log(tmp_path: Path, signer: Keystore) -> CustodyLog:
    with CustodyLog(tmp_path / "case" / "custody.sqlite3", signer=signer) as log:
        return log


def made(tmp_path: Path, *more: str) -> WitnessKey:
    directory = tmp_path / "w"
    call = ["witness", "init", str(directory), "--name", "witness.example/1", *more]
    assert run(call) == 0
    return WitnessKey.parse((directory / "witness.pub").read_text("utf-8"))


def ask(log: CustodyLog, signer: Keystore, route: HttpRoute | FolderRoute) -> str:
    with CustodyLog(log.path, signer=signer) as again:
        return cosign(again.checkpoint().sign(signer), again.consistency_proof, route)


def test_through_a_folder(
    tmp_path: Path, log: CustodyLog, signer: Keystore, capsys: pytest.CaptureFixture[str]
) -> None:
    key = made(tmp_path, "--log", str(tmp_path / "case" / "custody.pub"))
    folder = tmp_path / "usb"
    folder.mkdir()
    route = FolderRoute(folder, key)
    with pytest.raises(Pending):
        ask(log, signer, route)
    assert run(["witness", "cosign", str(tmp_path / "w"), str(folder)]) == 0
    note = ask(log, signer, route)
    moment = SignedCheckpoint.parse(note).cosigned_by(key)
    assert moment is not None
    assert moment.isoformat() == "2026-11-24T09:30:00+00:00"
    capsys.readouterr()
    assert run(["witness", "cosign", str(tmp_path / "w"), str(folder)]) == 0
    assert "nothing new" in capsys.readouterr().out


def test_a_log_is_trusted_later(
    tmp_path: Path, log: CustodyLog, signer: Keystore, capsys: pytest.CaptureFixture[str]
) -> None:
    key = made(tmp_path)
    folder = tmp_path / "usb"
    folder.mkdir()
    with pytest.raises(Pending):
        ask(log, signer, FolderRoute(folder, key))
    call = ["witness", "cosign", str(tmp_path / "w"), str(folder)]
    assert run(call) == 1
    assert "does not know the log" in capsys.readouterr().out
    public = str(tmp_path / "case" / "custody.pub")
    assert run(["witness", "trust", str(tmp_path / "w"), "--log", public, "--every"]) == 0
    assert run(call) == 0
    assert "cosigned" in capsys.readouterr().out


def test_over_http(tmp_path: Path, log: CustodyLog, signer: Keystore) -> None:
    key = made(tmp_path, "--log", str(tmp_path / "case" / "custody.pub"))
    code = "from palermo.doors.cli import main; main()"
    call = [sys.executable, "-c", code, "witness", "serve", str(tmp_path / "w"), "--port", "0"]
    served = subprocess.Popen(
        call, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
        env=os.environ | {"PYTHONUNBUFFERED": "1"},
    )  # fmt: skip
    try:
        assert served.stdout is not None
        url = served.stdout.readline().split()[-1]
        note = ask(log, signer, HttpRoute(url, key, timeout=20))
        assert SignedCheckpoint.parse(note).cosigned_by(key) is not None
        stranger = Keystore.open(tmp_path / "stranger", actor="x")
        other = CustodyLog(tmp_path / "other" / "custody.sqlite3", signer=stranger)
        with other, pytest.raises(Refused, match=r"custody\.pub"):
            ask(other, stranger, HttpRoute(url, key, timeout=20))
    finally:
        served.terminate()
        served.wait(timeout=20)
        if served.stdout is not None:
            served.stdout.close()


@pytest.mark.parametrize(
    ("call", "code", "why"),
    [
        (["cosign", "none", "."], 2, "no witness is there"),
        (["serve", "none"], 2, "no witness is there"),
        (["init", "w", "--name", "a b"], 2, "cannot name a witness"),
        (["init", "w"], 2, "--name"),
    ],
)
def test_wrong_use_is_one_line(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    call: list[str],
    code: int,
    why: str,
) -> None:
    monkeypatch.chdir(tmp_path)
    assert run(["witness", *call]) == code
    error = capsys.readouterr().err
    assert why in error
    assert len(error.strip().splitlines()) == 1
    assert not list(tmp_path.iterdir())  # nothing is left of it, no key either


def test_a_second_witness_in_one_place_is_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    made(tmp_path)
    keys = list((tmp_path / "w" / "keys").iterdir())
    assert run(["witness", "init", str(tmp_path / "w"), "--name", "another"]) == 1
    assert "already" in capsys.readouterr().err
    assert list((tmp_path / "w" / "keys").iterdir()) == keys


def test_a_witness_whose_key_is_gone_makes_no_other(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    made(tmp_path)
    for key in (tmp_path / "w" / "keys").iterdir():
        key.unlink()
    (tmp_path / "usb").mkdir()
    assert run(["witness", "cosign", str(tmp_path / "w"), str(tmp_path / "usb")]) == 1
    assert "another key" in capsys.readouterr().err
