"""A run that is killed, wherever, ends as if it had not been; the case is whole at any moment."""

import json
import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from tests.desks.cluster import Database

POINTS = (
    "files sealed", "rows read", "dossier", "items kept", "sealed, not logged", "received",
    "staged, not logged", "logged, not moved", "amid moving", "amid rows",
    "within the transaction, after everything", "just after the transaction",
)  # fmt: skip
REPOSITORY = Path(__file__).resolve().parents[4]
#: Points at which the log names no outputs but those of the run before.
UNTOUCHED = ("rows read", "dossier", "received", "staged, not logged")


def command(home: Path, *what: str) -> subprocess.CompletedProcess[str]:
    environment = {
        **os.environ,
        "PALERMO_HOME": str(home),
        "PALERMO_NOW": "2026-11-25T09:00:00Z",
        "DJANGO_SETTINGS_MODULE": "palermo.doors.web.settings",
        "PYTHONPATH": f"{REPOSITORY / 'src'}{os.pathsep}{REPOSITORY}",
    }
    return subprocess.run(
        [sys.executable, "-m", "tests.desks.cases.running.crashing", *what],
        env=environment,
        cwd=REPOSITORY,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def finished(home: Path) -> tuple[dict[str, Any], dict[str, Any]]:
    """Start again; return what was there before, and what is there when all is done."""
    done = command(home, "finish")
    assert done.returncode == 0, done.stderr
    found: dict[str, Any] = json.loads(done.stdout)
    return found["before"], found["after"]


@pytest.fixture(scope="module")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    home = tmp_path_factory.mktemp("prepared") / "node"
    home.mkdir()
    done = command(home, "prepare")
    assert done.returncode == 0, done.stderr
    return home


@pytest.fixture(scope="module")
def undisturbed(prepared: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Any, Any]:
    """What is there before and after a run that nobody kills."""
    before, after = finished(copied(prepared, tmp_path_factory.mktemp("undisturbed") / "node"))
    assert (after["state"], after["trouble"], after["tries"]) == ("done", "", 1)
    assert (len(before["rows"]["items"]), len(after["rows"]["items"])) == (20, 60)
    assert (after["failed"], after["left"]) == ([], ["incoming"])
    return before, after


def copied(home: Path, to: Path) -> Path:
    """A copy of the node under another path; what it says of its own paths is changed with it."""
    shutil.copytree(home, to)
    import sqlite3

    with sqlite3.connect(to / "palermo.sqlite3") as database:
        database.execute(
            "UPDATE cases_material SET path = replace(path, ?, ?)", (str(home), str(to))
        )
    database.close()
    return to


def same(found: dict[str, Any], expected: dict[str, Any]) -> None:
    assert (found["state"], found["trouble"]) == ("done", "")
    for what in ("rows", "files", "sealed", "failed", "left"):
        assert found[what] == expected[what], what


@pytest.mark.slow
@pytest.mark.parametrize("point", POINTS)
def test_a_killed_run_ends_as_if_it_had_not_been(
    point: str, prepared: Path, undisturbed: tuple[Any, Any], tmp_path: Path
) -> None:
    home = copied(prepared, tmp_path / "node")
    killed = command(home, "work", point)
    assert killed.returncode == -signal.SIGKILL, killed.stderr
    between, after = finished(home)
    landed = point == "just after the transaction"
    assert between["rows"] == undisturbed[1 if landed else 0]["rows"]
    if point in UNTOUCHED:
        assert between["files"] == undisturbed[0]["files"]
        assert between["failed"] == []
    same(after, undisturbed[1])


@pytest.mark.slow
@pytest.mark.parametrize("point", ["rows read", "amid rows"])
def test_on_postgresql_as_well(
    point: str, postgres: Database, undisturbed: tuple[Any, Any], tmp_path: Path
) -> None:
    home = tmp_path / "node"
    home.mkdir()
    (home / "node.yaml").write_text(
        f"palermo_node: 1\ndesks: {{database: '{postgres.url}'}}\n", encoding="utf-8"
    )
    done = command(home, "prepare")
    assert done.returncode == 0, done.stderr
    killed = command(home, "work", point)
    assert killed.returncode == -signal.SIGKILL, killed.stderr
    between, after = finished(home)
    assert between["rows"] == undisturbed[0]["rows"]
    same(after, undisturbed[1])
