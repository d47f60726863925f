"""Two roles on PostgreSQL, made by the statements of the how-to; what the doctor says of one."""

import json
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any
from urllib.parse import quote

import psycopg
import pytest
from tests.desks.cluster import Cluster, Database, programs, running_cluster
from tests.doors.web.operating import ROOT, environment, fill, palermo, secret_file

HOW_TO = (ROOT / "docs" / "how-to" / "postgresql.md").read_text("utf-8")
pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def cluster() -> Iterator[Cluster]:
    found = programs()
    if found is None:
        pytest.skip("no PostgreSQL on this machine: see tools/system-packages")
    with running_cluster(found) as running:
        yield running


def statements() -> tuple[list[str], list[str]]:
    """Return what the how-to has typed into psql: before, and after connecting to the database."""
    block = HOW_TO.split("$ sudo -u postgres psql\n", 1)[1].split("```", 1)[0]
    before, after = block.split("\\connect palermo\n")
    return tuple(
        [one.strip() for one in part.split(";") if one.strip()] for part in (before, after)
    )  # type: ignore[return-value]


def address(cluster: Cluster, role: str, name: str = "palermo") -> str:
    return f"postgresql://{role}@{quote(str(cluster.folder), safe='')}/{name}"


def two_roles(cluster: Cluster) -> None:
    """Do what the how-to says; the tests' cluster has one of its roles already."""
    before, after = statements()
    with closing(
        Database(cluster.folder, "postgres", cluster.superuser).connect("superuser")
    ) as db:
        for one in before:
            if one != "CREATE ROLE palermo LOGIN NOSUPERUSER NOBYPASSRLS":
                db.execute(one.encode())
    prepare_database(cluster, "palermo", after)


def prepare_database(cluster: Cluster, name: str, after: list[str]) -> None:
    with closing(Database(cluster.folder, name, cluster.superuser).connect("superuser")) as db:
        for one in after:
            db.execute(one.encode())


def migrate(node: Path, url: str) -> None:
    """Run the command of the how-to, with this address and this Python."""
    block = HOW_TO.split("$ PALERMO_HOME=", 1)[1].split("```", 1)[0].replace("\\\n", " ")
    words = shlex.split("PALERMO_HOME=" + block)
    told = dict(word.split("=", 1) for word in words if re.match(r"[A-Z_]+=", word))
    command = words[len(told) :]
    assert command[0] == "python"
    assert told.keys() == {"PALERMO_HOME", "PALERMO_DATABASE", "DJANGO_SETTINGS_MODULE"}
    told |= {"PALERMO_HOME": str(node), "PALERMO_DATABASE": url}
    subprocess.run(
        [sys.executable, *command[1:]],
        env=environment(node) | told,
        cwd=ROOT,
        check=True,
        stdout=subprocess.DEVNULL,
    )


def doctor(node: Path, **more: str) -> dict[str, Any]:
    done = palermo(node, "doctor", "--json", **more)
    return {one["id"]: one for one in json.loads(done.stdout)["checks"]}


def test_the_desks_own_nothing_and_are_backed_up_all_the_same(
    cluster: Cluster, tmp_path: Path
) -> None:
    two_roles(cluster)
    node = tmp_path / "node"
    node.mkdir(mode=0o700)
    settings = {"palermo_node": 1, "desks": {"database": address(cluster, "palermo")}}
    (node / "node.yaml").write_text(json.dumps(settings))
    (node / "node.yaml").chmod(0o600)

    early = palermo(node, "serve", "--port", "1")
    assert early.returncode != 0, "the plain role may not make tables"

    migrate(node, address(cluster, "palermo_owner"))
    facts = fill(node)  # does what the start of `palermo serve` does, as the plain role
    checks = doctor(node)
    for name in ("database-role", "row-security", "database-owner", "database-tools"):
        assert checks[name]["outcome"] == "fine", checks[name]
    for name in ("database-migrated", "deploy-check", "audit", "second-factors"):
        assert checks[name]["outcome"] == "fine", checks[name]

    mine = Database(cluster.folder, "palermo", cluster.superuser)
    with closing(mine.connect("palermo")) as desks:
        for forbidden in (
            "ALTER TABLE cases_item NO FORCE ROW LEVEL SECURITY",
            "DROP TRIGGER access_auditentry_keep_row ON access_auditentry",
            "DROP POLICY palermo_select ON cases_item",
            "CREATE TABLE mine (id int)",
            "TRUNCATE access_auditentry",
        ):
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                desks.execute(forbidden.encode())
        assert desks.execute("SELECT count(*) FROM cases_item").fetchone() == (0,)

    secret, out = secret_file(tmp_path), tmp_path / "out"
    done = palermo(node, "backup", "--out", out, "--passphrase-file", secret)
    assert done.returncode == 0, done.stderr
    with closing(mine.connect("superuser")) as server:
        server.execute(b"CREATE DATABASE again OWNER palermo_owner TEMPLATE template0")
        (items,) = server.execute(b"SELECT count(*) FROM cases_item").fetchone() or (0,)
    prepare_database(cluster, "again", statements()[1])
    other = tmp_path / "other.yaml"
    settings["desks"] = {"database": address(cluster, "palermo", "again")}
    other.write_text(json.dumps(settings))
    target = tmp_path / "restored"
    done = palermo(
        tmp_path, "restore", out, "--node", target, "--passphrase-file", secret,
        "--settings", other, "--database", address(cluster, "palermo_owner", "again"),
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert f"case {facts['case']}" in done.stdout
    checks = doctor(target)
    for name in ("database-role", "row-security", "database-owner", "database-migrated", "audit"):
        assert checks[name]["outcome"] == "fine", checks[name]
    again = Database(cluster.folder, "again", cluster.superuser)
    with closing(again.connect("superuser")) as server:
        assert server.execute(b"SELECT count(*) FROM cases_item").fetchone() == (items,)
        assert items > 0


def test_the_doctor_names_a_superuser_and_an_owner(cluster: Cluster, tmp_path: Path) -> None:
    database = cluster.database("one_role")
    node = tmp_path / "node"
    node.mkdir(mode=0o700)
    settings = {"palermo_node": 1, "desks": {"database": database.url}}
    (node / "node.yaml").write_text(json.dumps(settings))
    checks = doctor(node)
    assert checks["database-migrated"]["outcome"] == "failed"
    migrate(node, database.url)
    checks = doctor(node)
    assert checks["database-owner"]["outcome"] == "failed"
    assert checks["database-owner"]["severity"] == "warning"
    assert checks["row-security"]["outcome"] == "fine"
    with closing(database.connect("superuser")) as server:
        server.execute(b"ALTER TABLE cases_item NO FORCE ROW LEVEL SECURITY")
    superuser = database.url.replace("palermo@", f"{cluster.superuser}@")
    checks = doctor(node, PALERMO_DATABASE=superuser)
    assert "is a superuser" in checks["database-role"]["details"][0]
    assert "cases_item" in " ".join(checks["row-security"]["details"])
    checks = doctor(node, PALERMO_DATABASE="postgresql://palermo@127.0.0.1:1/nothing")
    assert checks["database-reachable"]["outcome"] == "failed"
    assert checks["administrators"]["outcome"] == "unknown"
    bare = doctor(node, PATH="/nowhere")
    assert bare["programs"]["outcome"] == "failed"
