"""A private PostgreSQL: made in a temporary folder, reached by a socket in it, gone afterwards.

The desks connect as `palermo`, a plain role that owns its database and is subject to row security.
Nothing listens on a network address.
"""

import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

import psycopg
from django.db import connections

#: Where Debian keeps the programs of each version; elsewhere they are on the path.
DEBIAN = Path("/usr/lib/postgresql")
ROLE = "palermo"
_FAST = (
    "-c listen_addresses='' -c fsync=off -c synchronous_commit=off -c full_page_writes=off "
    "-c max_connections=60 -c shared_buffers=64MB -c autovacuum=off"
)


def programs() -> Path | None:
    """Return the folder of `initdb`, of the newest version there is; None without PostgreSQL."""
    versions = sorted(
        (one for one in DEBIAN.glob("*/bin/initdb")), key=lambda one: float(one.parts[-3])
    )
    if versions:
        return versions[-1].parent
    found = shutil.which("initdb")
    return Path(found).resolve().parent if found else None


def _as_server(*command: str | Path) -> None:
    """Run a program of PostgreSQL; as root it refuses, so then as the user `postgres`."""
    drop = ["runuser", "-u", "postgres", "--"] if os.geteuid() == 0 else []
    done = subprocess.run(
        [*drop, *map(str, command)], capture_output=True, text=True, check=False, cwd="/"
    )
    if done.returncode:
        raise RuntimeError(f"{command[0]}: {done.stdout}{done.stderr}")


@dataclass(frozen=True, slots=True)
class Database:
    """One database of the cluster."""

    folder: Path
    name: str
    superuser: str

    @property
    def url(self) -> str:
        """The address as `desks: database:` of node.yaml takes it."""
        return f"postgresql://{ROLE}@{quote(str(self.folder), safe='')}/{self.name}"

    def connect(self, role: str = ROLE) -> psycopg.Connection[tuple[Any, ...]]:
        """Return a connection beside Django, as `role`; with "superuser", as the one that may all.

        Whoever asks closes it.
        """
        user = self.superuser if role == "superuser" else role
        return psycopg.connect(host=str(self.folder), dbname=self.name, user=user, autocommit=True)


@dataclass(frozen=True, slots=True)
class Cluster:
    """The running server."""

    folder: Path
    superuser: str

    def database(self, name: str, *, template: str = "template1") -> Database:
        """Make a database owned by the plain role, a copy of `template`."""
        with Database(self.folder, "postgres", self.superuser).connect("superuser") as server:
            server.execute(f'CREATE DATABASE "{name}" OWNER {ROLE} TEMPLATE "{template}"')
        return Database(self.folder, name, self.superuser)

    def drop(self, database: Database) -> None:
        """Remove a database, whoever is still connected."""
        with Database(self.folder, "postgres", self.superuser).connect("superuser") as server:
            server.execute(f'DROP DATABASE IF EXISTS "{database.name}" WITH (FORCE)')


@contextmanager
def running_cluster(bin_folder: Path) -> Iterator[Cluster]:
    """Make and start a cluster; stop and remove it on leaving."""
    folder = Path(tempfile.mkdtemp(prefix="palermo-pg-"))
    superuser = "postgres" if os.geteuid() == 0 else pwd.getpwuid(os.geteuid()).pw_name
    if os.geteuid() == 0:
        shutil.chown(folder, "postgres")
    data = folder / "data"
    try:
        _as_server(
            bin_folder / "initdb",
            "-D",
            data,
            "-U",
            superuser,
            "--auth=trust",
            "--no-sync",
            "--encoding=UTF8",
            "--locale=C.UTF-8",
        )
        control = (bin_folder / "pg_ctl", "-D", data, "-w", "-t", "60")
        _as_server(*control, "-l", folder / "log", "-o", f"{_FAST} -k {folder}", "start")
        try:
            cluster = Cluster(folder, superuser)
            with Database(folder, "postgres", superuser).connect("superuser") as server:
                server.execute(f"CREATE ROLE {ROLE} LOGIN")
            yield cluster
        finally:
            _as_server(*control, "-m", "immediate", "stop")
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def django_on(database: Database) -> Iterator[None]:
    """Let Django's default connection, in every thread, be one to `database`."""
    from palermo.doors.web.node_settings import database as settings_of

    before, kept = connections["default"], connections.settings["default"]
    connections.settings["default"] = new = {
        **kept,
        "OPTIONS": {},
        **settings_of(database.url, Path("/nowhere")),
        "CONN_MAX_AGE": 0,
    }
    new["TEST"] = {**kept["TEST"], "NAME": database.name}
    connections["default"] = connections.create_connection("default")
    try:
        yield
    finally:
        connections["default"].close()
        connections.settings["default"] = kept
        connections["default"] = before
