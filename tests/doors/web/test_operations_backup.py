"""Backup and restoration of a whole node, by the command, as it runs and as it is killed."""

import json
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import psycopg
import pytest
from tests.desks.cluster import Cluster, Database, programs, running_cluster
from tests.doors.web.operating import (
    COMMAND,
    ROOT,
    copied,
    environment,
    fill,
    palermo,
    secret_file,
)

from palermo.doors.web.operations.restoring import Wanted, restore
from palermo.evidence import Checkpoint, Keystore
from palermo.model import Refused

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def cluster() -> Iterator[Cluster]:
    found = programs()
    if found is None:
        pytest.skip("no PostgreSQL on this machine: see tools/system-packages")
    with running_cluster(found) as running:
        yield running


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path, dict[str, Any]]:
    """A node on SQLite and a backup of it, for tests that only read both."""
    folder = tmp_path_factory.mktemp("made")
    copied(folder / "node")
    return folder, folder / "out", backed_up(folder / "node", folder / "out", secret_file(folder))


def backed_up(node: Path, out: Path, secret: Path) -> dict[str, Any]:
    done = palermo(node, "backup", "--out", out, "--passphrase-file", secret, "--json")
    assert done.returncode == 0, done.stderr
    said: dict[str, Any] = json.loads(done.stdout)
    return said


def started(node: Path, *command: str | Path) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        [sys.executable, *map(str, command)],
        env=environment(node),
        cwd=ROOT,
        stdout=subprocess.PIPE,
        text=True,
    )


def until(happened: Callable[[], object], process: "subprocess.Popen[str]") -> None:
    end = time.monotonic() + 120
    while not happened():
        assert process.poll() is None, "it ended before"
        assert time.monotonic() < end, "it did not happen within two minutes"
        time.sleep(0.01)


def query(node: Path, database: Database | None, statement: str) -> list[tuple[Any, ...]]:
    if database is None:
        with closing(sqlite3.connect(node / "palermo.sqlite3")) as file:
            return file.execute(statement).fetchall()
    with closing(database.connect("superuser")) as server:
        return server.execute(statement.encode()).fetchall()


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_a_node_is_backed_up_while_it_is_written_and_restored_with_proof(
    kind: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    node, target, secret = tmp_path / "node", tmp_path / "restored", secret_file(tmp_path)
    source = other = None
    more: list[str] = []
    if kind == "sqlite":
        facts = copied(node)
    else:
        running: Cluster = request.getfixturevalue("cluster")
        source, other = running.database("first"), running.database("second")
        node.mkdir(mode=0o700)
        settings = {"palermo_node": 1, "desks": {"database": source.url}}
        (node / "node.yaml").write_text(json.dumps(settings))
        facts = fill(node)
        more = ["--database", other.url]
    writer = started(node, "-m", "tests.doors.web.operating", "write", tmp_path / "stop")
    assert writer.stdout is not None
    try:
        assert writer.stdout.readline() == "1\n"
        said = backed_up(node, tmp_path / "out", secret)
    finally:
        (tmp_path / "stop").touch()
        written = len(writer.stdout.read().split()) + 1
        writer.stdout.close()
        assert writer.wait(60) == 0

    units = "SELECT count(*) FROM access_unit WHERE name LIKE 'unit %'"
    acts = "SELECT count(*) FROM access_auditentry WHERE what = 'written'"
    assert facts["text"].encode() not in (tmp_path / "out").read_bytes()
    assert query(node, source, "SELECT of FROM access_auditentry WHERE what = 'backup'") == [
        (said["manifest"],)
    ]

    arguments = ("restore", tmp_path / "out", "--node", target, "--passphrase-file", secret, *more)
    done = palermo(tmp_path, *arguments, "--json")
    assert done.returncode == 0, done.stderr
    proof = {row["what"]: row["found"] for row in json.loads(done.stdout)["proof"]}
    assert "agree with the custody log" in proof["audit"]
    assert "did not happen" not in proof["audit"]
    assert proof[f"case {facts['case']}"].endswith("none failed")
    assert f"{said['rows']:,} rows" in proof["database"]
    assert f"{said['events']:,} events" in proof["custody log"]
    ((number,),) = query(target, other, units)
    assert query(target, other, acts) == [(number,)]
    assert 0 < number < written, "the writer did not write meanwhile: the test shows nothing"
    assert query(node, source, units) == [(written,)]
    assert query(target, other, "SELECT count(*) FROM django_session") == [(0,)]
    assert query(
        target, other, "SELECT of FROM access_auditentry WHERE what = 'restored from backup'"
    ) == [(said["manifest"],)]

    again = palermo(tmp_path, *arguments)
    assert again.returncode == 1
    assert "is there already" in again.stderr
    if kind == "postgresql":
        arguments = (*arguments[:3], tmp_path / "third", *arguments[4:])
        again = palermo(tmp_path, *arguments)
        assert again.returncode == 1
        assert "not empty" in again.stderr
        assert not (tmp_path / "third").exists()
        settings["desks"] = {"database": other.url} if other else {}
        (target / "node.yaml").write_text(json.dumps(settings))
    assert sorted(path.name for path in tmp_path.iterdir() if path.name.startswith(".")) == []

    found = palermo(target, "doctor", "--deep", "--json")
    checks = {one["id"]: one for one in json.loads(found.stdout)["checks"]}
    for name in ("database-migrated", "custody-log", "audit", "cases", "second-factors"):
        assert checks[name]["outcome"] == "fine", checks[name]
    assert checks["backups"]["outcome"] == "failed", "what was restored has no backup of its own"


@pytest.mark.parametrize("share", [0.1, 0.6])
def test_a_killed_backup_leaves_the_node_sound_and_no_backup(tmp_path: Path, share: float) -> None:
    node, out, secret = tmp_path / "node", tmp_path / "out", secret_file(tmp_path)
    copied(node)
    with (node / "inbox" / "large").open("wb") as large:
        large.truncate(300 << 20)
    backup = started(node, "-c", COMMAND, "backup", "--out", out, "--passphrase-file", secret)

    def far_enough() -> bool:
        return any(p.stat().st_size > share * (300 << 20) for p in tmp_path.glob(".out.*.part"))

    until(far_enough, backup)
    backup.send_signal(signal.SIGKILL)
    backup.communicate()
    assert not out.exists()
    assert len(list(node.glob(".backup-*/"))) == 1, "what is left lies in the node, not elsewhere"

    (node / "inbox" / "large").unlink()
    said = backed_up(node, out, secret)
    assert not list(node.glob(".backup-*/"))
    assert [p.name for p in tmp_path.glob(".out*")] == []
    entries = query(node, None, "SELECT of FROM access_auditentry WHERE what = 'backup'")
    assert entries == [(said["manifest"],)]
    done = palermo(tmp_path, "verify", node / "custody.sqlite3")
    assert done.returncode == 0, done.stdout


def test_a_killed_restoration_leaves_no_node(tmp_path: Path) -> None:
    node, out, secret = tmp_path / "node", tmp_path / "out", secret_file(tmp_path)
    copied(node)
    with (node / "inbox" / "large").open("wb") as large:
        large.truncate(200 << 20)
    backed_up(node, out, secret)
    target = tmp_path / "restored"
    arguments = ("restore", out, "--node", target, "--passphrase-file", secret)
    restoring = started(node, "-c", COMMAND, *arguments)
    until(lambda: list(tmp_path.glob(".restored.*.draft/node/inbox/large")), restoring)
    restoring.send_signal(signal.SIGKILL)
    restoring.communicate()
    assert not target.exists()
    done = palermo(tmp_path, *arguments)
    assert done.returncode == 0, done.stderr
    assert (target / "inbox" / "large").stat().st_size == 200 << 20


def refusal(wanted: Wanted) -> str:
    """Return why it is refused; nothing was written but what is gone again."""
    with pytest.raises(Refused) as refused:
        restore(wanted, lambda _proof: None)
    assert list(wanted.node.parent.glob(f"*{wanted.node.name}*")) == []
    return str(refused.value)


def test_another_backup_or_node_than_meant_is_refused(
    made: tuple[Path, Path, dict[str, Any]], tmp_path: Path
) -> None:
    folder, out, said = made
    passphrase = secret_file(folder).read_bytes().strip()
    target = tmp_path / "restored"

    def wanted(**more: Any) -> Wanted:
        return Wanted(file=out, node=target, passphrase=passphrase, **more)

    assert "another backup than meant" in refusal(wanted(manifest="0" * 64))
    stranger = Keystore.open(tmp_path / "keys", actor="node")
    assert "of another node" in refusal(wanted(keys=[stranger.public_key]))
    mine = Keystore.open(folder / "node" / "keys", actor="node", create=False)
    name = (folder / "node" / "checkpoint.txt").read_text().split("\n")[0]
    later = Checkpoint(name, 9, bytes(32)).sign(mine)
    assert "9 events were signed for" in refusal(wanted(checkpoints=[later]))
    assert "passphrase" in refusal(Wanted(file=out, node=target, passphrase=b"x" * 20))
    data = bytearray(out.read_bytes())
    data[len(data) // 2] ^= 1
    changed = tmp_path / "changed"
    changed.write_bytes(data)
    assert "was changed" in refusal(Wanted(file=changed, node=target, passphrase=passphrase))
    assert said["files"] > 20


def test_a_node_that_was_damaged_is_not_passed_off_as_sound(tmp_path: Path) -> None:
    node, out, secret = tmp_path / "node", tmp_path / "out", secret_file(tmp_path)
    facts = copied(node)
    findings = node / "cases" / facts["case"] / "case" / "findings.json"
    findings.write_bytes(findings.read_bytes() + b" ")
    with closing(sqlite3.connect(node / "palermo.sqlite3")) as database:
        # Whoever can write the file can take the fence of triggers down.
        database.execute("DROP TRIGGER access_auditentry_keep_UPDATE")
        database.execute("UPDATE access_auditentry SET what = 'something else' WHERE seq = 1")
        database.commit()
    backed_up(node, out, secret)
    target = tmp_path / "restored"
    arguments = ("restore", out, "--node", target, "--passphrase-file", secret)
    done = palermo(tmp_path, *arguments)
    assert done.returncode == 1
    assert "was damaged when it was backed up" in done.stderr
    assert "findings.json" in done.stdout
    assert "entry 1: its words were changed" in done.stdout
    assert not target.exists()
    done = palermo(tmp_path, *arguments, "--even-damaged")
    assert done.returncode == 0, done.stderr
    ((detail,),) = query(
        target, None, "SELECT detail FROM access_auditentry WHERE what = 'restored from backup'"
    )
    assert "findings.json" in detail


def test_wrong_use_is_told(made: tuple[Path, Path, dict[str, Any]], tmp_path: Path) -> None:
    folder, out, _said = made
    node = folder / "node"
    short = tmp_path / "short"
    short.write_text("short\n")
    short.chmod(0o600)
    shown = secret_file(tmp_path, "shown")
    shown.chmod(0o644)
    for code, words, arguments in (
        (2, "--passphrase-file, or say --plain", ["--out", tmp_path / "x"]),
        (2, "12 characters or more", ["--out", tmp_path / "x", "--passphrase-file", short]),
        (1, "others may read it", ["--out", tmp_path / "x", "--passphrase-file", shown]),
        (1, "is there already", ["--out", out, "--plain"]),
        (1, "in the node's own folder", ["--out", node / "x", "--plain"]),
    ):
        done = palermo(node, "backup", *arguments)
        assert (done.returncode, words in done.stderr) == (code, True), done.stderr
    assert not (tmp_path / "x").exists()


def test_a_link_in_the_node_is_refused_not_left_out(tmp_path: Path) -> None:
    node = tmp_path / "node"
    copied(node)
    (node / "inbox" / "there").symlink_to(tmp_path)
    done = palermo(node, "backup", "--out", tmp_path / "out", "--plain")
    assert done.returncode == 1
    assert "is a link" in done.stderr
    assert not (tmp_path / "out").exists()


def test_row_security_is_told_what_a_backup_is(cluster: Cluster) -> None:
    """The variable by which access opens row security to work for every case."""
    from palermo.doors.web.node_settings import database
    from palermo.doors.web.operations.databases import connection_of

    third = cluster.database("variables")
    settings = database(third.url, Path("/nowhere"))
    with psycopg.connect(**connection_of(settings)) as server:
        assert server.execute("SELECT current_setting('palermo.case')").fetchall() == [("every",)]
