"""Checks of `palermo doctor` on what lies in the folder and what is set: each can fail."""

import os
import shutil
import sqlite3
import time
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from tests.doors.web.doctoring import outcome, seen
from tests.doors.web.operating import copied

from palermo.doors.web.node_settings import DeskSettings
from palermo.doors.web.operations.examining import Outcome
from palermo.doors.web.operations.examining import database as database_checks
from palermo.doors.web.operations.examining import records as record_checks
from palermo.doors.web.operations.examining import web as web_checks
from palermo.evidence import protect

OLD = time.time() - 30 * 86400


def _chmod(path: str, mode: int) -> Callable[[Path], None]:
    def spoil(node: Path) -> None:
        (node / path).chmod(mode)

    return spoil


def _write(path: str, text: str, *, old: bool = False) -> Callable[[Path], None]:
    def spoil(node: Path) -> None:
        place = node / path.replace("CASE", next((node / "cases").iterdir()).name)
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(text)
        if old:
            os.utime(place, (OLD, OLD))

    return spoil


def _protect(node: Path) -> None:
    protect(node / "keys", old=None, new=b"a passphrase")


def _passphrase(node: Path) -> None:
    path = node.with_name("passphrase")
    path.write_text("a passphrase\n")
    path.chmod(0o644)
    os.environ["PALERMO_PASSPHRASE_FILE"] = str(path)


def _set_back(node: Path) -> None:
    os.environ["PALERMO_NOW"] = "2020-01-01T00:00:00Z"


def _tamper(node: Path) -> None:
    with closing(sqlite3.connect(node / "custody.sqlite3")) as log:
        log.execute("DROP TRIGGER custody_remains")
        log.execute("DELETE FROM custody WHERE seq = (SELECT max(seq) FROM custody)")
        log.commit()


def _left(node: Path) -> None:
    (node / ".backup-0123").mkdir()
    os.utime(node / ".backup-0123", (OLD, OLD))


FOLDER: dict[str, Callable[[Path], None]] = {
    "node-folder": _chmod(".", 0o755),
    "key-modes": _chmod("keys/desks.secret", 0o640),
    "passphrase-opens": _protect,
    "passphrase-file": _passphrase,
    "keys-protected": lambda _node: None,
    "clock": _set_back,
    "clock-back": lambda _node: None,
    "disk-full": lambda _node: None,
    "disk-low": lambda _node: None,
    "unsealed": _write("cases/CASE/incoming/0001/new.csv", "text", old=True),
    "inbox": _write("inbox/forgotten.csv", "text", old=True),
    "leftovers": _left,
    "custody-log": _tamper,
    "checkpoint": lambda _node: None,
    "cases": _write("cases/CASE/case/findings.json", "{}"),
    "versions": lambda _node: None,
    "programs": lambda _node: None,
}


@pytest.fixture
def node(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    copied(tmp_path / "node")
    for name in ("PALERMO_NOW", "PALERMO_PASSPHRASE_FILE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("PALERMO_HOME", str(tmp_path / "node"))
    return tmp_path / "node"


@pytest.mark.slow
@pytest.mark.parametrize("name", FOLDER)
def test_what_lies_in_the_folder(name: str, node: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    at = seen(node)
    roomy = SimpleNamespace(free=1 << 40, total=1 << 40)
    monkeypatch.setattr(shutil, "disk_usage", lambda _path: roomy)
    if name == "keys-protected":  # the practice node has none
        assert outcome(name, at)[0] is Outcome.FAILED
        protect(node / "keys", old=None, new=b"a passphrase")
        assert outcome(name, at)[0] is Outcome.FINE
        return
    if name not in {"clock", "versions", "programs", "unsealed"}:
        assert outcome(name, at) == (Outcome.FINE, "")
    match name:
        case "clock-back":
            at = seen(node, at=datetime.now(UTC) - timedelta(days=2))
        case "disk-full" | "disk-low":
            little = SimpleNamespace(free=1 << 28, total=1 << 40)
            monkeypatch.setattr(shutil, "disk_usage", lambda _path: little)
        case "checkpoint":
            monkeypatch.setattr(record_checks, "_UNCOVERED", 1)
        case "versions":
            lock = "click==0.0.1 \\\n    --hash=sha256:00\nno-such-package==1.0\n"
            assert [*web_checks._differences(lock)][-1] == "no-such-package 1.0 is not installed"
            assert any("tested is 0.0.1" in one for one in web_checks._differences(lock))
            return
        case "programs":
            monkeypatch.setattr(shutil, "which", lambda _name: None)
            assert len([*database_checks.programs(at)]) == 4
            return
    for variable in ("PALERMO_NOW", "PALERMO_PASSPHRASE_FILE"):
        monkeypatch.setenv(variable, "")  # so that it is put back
        monkeypatch.delenv(variable)
    FOLDER[name](node)
    found, details = outcome(name, at)
    assert found is Outcome.FAILED, details
    assert details


SETTINGS: dict[str, tuple[DeskSettings, dict[str, Any]]] = {
    "settings-file": (DeskSettings(), {"troubles": {"settings": "node.yaml: what is wrong"}}),
    "settings-secret": (DeskSettings(database="postgresql://role:word@host/name"), {}),
    "https": (DeskSettings(hosts=("node.example",)), {}),
    "hosts": (DeskSettings(https=True), {}),
    "cookies": (DeskSettings(https=True), {}),
}


@pytest.mark.parametrize("name", SETTINGS)
def test_what_is_set(name: str, tmp_path: Path) -> None:
    (tmp_path / "node.yaml").write_text("palermo_node: 1\n")
    (tmp_path / "node.yaml").chmod(0o644)
    assert outcome(name, seen(tmp_path))[0] is Outcome.FINE
    desks, more = SETTINGS[name]
    assert outcome(name, seen(tmp_path, desks, **more))[0] is Outcome.FAILED
