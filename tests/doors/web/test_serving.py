"""`palermo serve` with real processes: clean start and stop, what dies is started again."""

import os
import re
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import TypeVar
from urllib.error import URLError
from urllib.request import urlopen

import pytest
from tests.desks.cases.running.test_crashes import REPOSITORY, command

#: The machine may be busy: everything below is waited for, nothing is timed.
LONGEST = 180
T = TypeVar("T")


class Served:
    """A `palermo serve` of its own on the node at `home`."""

    def __init__(self, home: Path, port: int = 0) -> None:
        self.log = home.parent / f"serve-{time.monotonic_ns()}.log"
        with self.log.open("wb") as output:
            self.process = subprocess.Popen(
                [sys.executable, "-c", "from palermo.doors.cli import main; main()",
                 "serve", "--node", str(home), "--port", str(port), "--processes", "1"],
                stdout=output,
                stderr=output,
                env={
                    **os.environ,
                    "PALERMO_NOW": "2026-11-25T09:00:00Z",
                    "PYTHONPATH": str(REPOSITORY / "src"),
                },
            )  # fmt: skip

    @property
    def said(self) -> str:
        return self.log.read_text()

    @property
    def port(self) -> int:
        found = until(lambda: re.search(r"desks are at http://localhost:(\d+)", self.said))
        assert found is not None
        return int(found[1])

    def children(self, what: str) -> list[int]:
        """The processes that this one started itself, and whose command names `what`."""
        found = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children")
        pids = [int(pid) for pid in found.read_text().split()]
        return [pid for pid in pids if what in Path(f"/proc/{pid}/cmdline").read_text()]

    def healthy(self) -> bool:
        try:
            with urlopen(f"http://127.0.0.1:{self.port}/health", timeout=30) as answer:
                return bool(answer.read() == b"ok\n")
        except (URLError, OSError):
            return False


def until(condition: Callable[[], T]) -> T:
    end = time.monotonic() + LONGEST
    while time.monotonic() < end:
        if found := condition():
            return found
        time.sleep(0.2)
    raise AssertionError("it did not come about")


def gone(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] == "Z"
    except FileNotFoundError:
        return True


def run_state(home: Path) -> str:
    with closing(sqlite3.connect(f"file:{home / 'palermo.sqlite3'}?mode=ro", uri=True)) as database:
        (state,) = database.execute("SELECT state FROM cases_run ORDER BY id DESC").fetchone()
    return str(state)


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A node with a run that waits."""
    home = tmp_path_factory.mktemp("served") / "node"
    home.mkdir()
    done = command(home, "prepare")
    assert done.returncode == 0, done.stderr
    return home


@pytest.fixture
def served(home: Path) -> Iterator[Served]:
    serving = Served(home)
    yield serving
    if serving.process.poll() is None:
        serving.process.kill()
        serving.process.wait()


@pytest.mark.slow
def test_parts_that_are_killed_are_started_again_and_the_run_is_done(
    home: Path, served: Served
) -> None:
    assert served.healthy()
    (worker,) = served.children("palermo.doors.web.working")
    os.kill(worker, signal.SIGKILL)
    until(lambda: "The worker died and is started again." in served.said)
    until(lambda: run_state(home) == "done")
    (server,) = served.children("gunicorn")
    os.kill(server, signal.SIGKILL)
    until(lambda: "The web server died and is started again." in served.said)
    until(served.healthy)
    parts = served.children("")
    # A second one on the same port says so in one line, and disturbs nobody.
    other = Served(home, served.port)
    assert other.process.wait(LONGEST) == 2
    assert re.fullmatch(
        r"palermo: 127\.0\.0\.1:\d+: cannot be listened on \(in use\); name another with --port\n",
        other.said,
    )
    assert served.healthy()
    served.process.send_signal(signal.SIGTERM)
    assert served.process.wait(LONGEST) == 0
    assert all(gone(part) for part in parts)
    secret = (home / "keys" / "desks.secret").read_text().strip()
    assert secret not in served.said
    assert "Traceback" not in served.said


@pytest.mark.slow
def test_when_all_is_killed_the_next_start_goes_on(home: Path, served: Served) -> None:
    port, parts = served.port, served.children("")
    served.process.kill()
    served.process.wait()
    until(lambda: all(gone(part) for part in parts))
    again = Served(home, port)
    try:
        assert until(again.healthy)
        again.process.send_signal(signal.SIGINT)
        assert again.process.wait(LONGEST) == 0
    finally:
        if again.process.poll() is None:
            again.process.kill()
            again.process.wait()
