"""Making a backup of a node while it runs.

Guarantees that the backup appears under its name whole or not at all, that it holds the node as of
one moment (database and custody log) with every file beside them, and that it is in the audit
before it can be taken away. What a kill leaves behind is a draft that the next backup removes.
"""

import errno
import fcntl
import os
import secrets
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO, cast

from palermo import __version__
from palermo.doors.web.operations.archive import Writing, writing
from palermo.doors.web.operations.databases import (
    DUMP_FILE,
    EVERY_CASE,
    SQLITE_FILE,
    Copied,
    copy_database,
)
from palermo.doors.web.operations.node_files import (
    SCRATCH,
    case_folders,
    elsewhere,
    node_files,
    readable,
)
from palermo.doors.web.serving import set_up
from palermo.evidence import copy_log, key_id, log_size
from palermo.evidence.durable import fsync_directory
from palermo.evidence.schema import CHECKPOINT_FILE, KEY_FILE, LOG_FILE
from palermo.model import Refused, Unreadable

#: What the audit calls a backup; `palermo doctor` looks for it.
BACKUP = "backup"
_LOCK = f"{SCRATCH}lock"

Tell = Callable[[str, int, int], object]


@dataclass(frozen=True, slots=True, kw_only=True)
class Made:
    """What was made, and what a reader should know about it."""

    manifest: str
    files: int
    bytes: int
    events: int
    rows: int
    in_work: list[str]
    left_out: list[list[str]]
    elsewhere: list[str]


def back_up(out: Path, passphrase: bytes | None, progress: Tell) -> Made:
    """Write a backup of the node of `PALERMO_HOME` to `out`; without a passphrase it is plain.

    Raises:
        Refused: `out` exists or lies in the node's folder, or another backup is being made.
        Unreadable: something cannot be read.
    """
    every = f"{os.environ.get('PGOPTIONS', '')} {EVERY_CASE}".strip()
    os.environ["PGOPTIONS"] = every
    set_up()
    from django.conf import settings  # noqa: PLC0415  needs Django ready

    folder: Path = settings.NODE_FOLDER
    _refuse(out, folder)
    _ready()
    with _scratch(folder) as scratch, _draft(out) as draft:
        signer = settings.PALERMO_NODE.signer(create=False)
        progress("database", 0, 0)
        copied = copy_database(settings.DATABASES["default"], folder / LOG_FILE, scratch)
        (scratch / "log").mkdir()
        point = copy_log(folder / LOG_FILE, scratch / "log", size=copied.log_size, signer=signer)
        with (scratch / "list").open("w+b") as listed, writing(draft, listed, passphrase) as tar:
            more = _write(tar, folder, scratch, copied, progress)
            manifest = {
                "palermo_backup": 1,
                "program": __version__,
                "made_at": settings.PALERMO_CLOCK().isoformat(),
                "organisation": settings.PALERMO_ORGANISATION,
                "node_key": key_id(signer.public_key),
                "log": {"events": point.size, "root": point.root.hex(), "name": point.origin},
                "database": {
                    "kind": copied.kind,
                    "rows": copied.rows,
                    "migrations": copied.migrations,
                },
                **more,
            }
            sha256 = tar.finish(manifest, signer)
            files, size = tar.files, tar.size
        draft.flush()
        os.fsync(draft.fileno())
        _log(sha256, files=files, size=size, encrypted=passphrase is not None)
    return Made(
        manifest=sha256,
        files=files,
        bytes=size,
        events=point.size,
        rows=sum(copied.rows.values()),
        **more,
    )


def _write(
    tar: Writing, folder: Path, scratch: Path, copied: Copied, progress: Tell
) -> dict[str, Any]:
    """Write all files; return what the manifest says of them beside their list."""
    for name in (LOG_FILE, KEY_FILE, CHECKPOINT_FILE):
        tar.add(f"node/{name}", scratch / "log" / name)
    inside = copied.kind == "sqlite"
    tar.add(f"node/{SQLITE_FILE}" if inside else DUMP_FILE, copied.file)
    copied.file.unlink()
    before = _events(folder)
    left_out: list[list[str]] = []
    database = folder / SQLITE_FILE if inside else None
    for number, one in enumerate(node_files(folder, database), 1):
        why = one.left_out
        if not why:
            try:
                tar.add(f"node/{one.path}", readable(folder / one.path, scratch))
            except FileNotFoundError:
                why = "gone before it was copied"
        if why:
            left_out.append([one.path, why])
        progress("files", number, 0)
    grown = {key for key, events in _events(folder).items() if events != before.get(key)}
    return {
        "in_work": sorted({*copied.in_work, *grown}),
        "left_out": left_out,
        "elsewhere": elsewhere(folder),
    }


def _events(folder: Path) -> dict[str, int]:
    """Return how many events each case has logged; -1 for a log that is just being made."""
    found = {}
    for key, case in case_folders(folder):
        try:
            found[key] = log_size(case.path / LOG_FILE)
        except Unreadable:
            found[key] = -1
    return found


def _refuse(out: Path, folder: Path) -> None:
    if out.exists():
        raise Refused(f"{out}: is there already; name another file")
    if not out.parent.is_dir():
        raise Unreadable(f"{out.parent}: is no folder; make it first")
    if out.resolve().is_relative_to(folder.resolve()):
        raise Refused(f"{out}: lies in the node's own folder; name one on another disk")
    if folder.stat().st_uid != os.geteuid():
        raise Refused(
            f"{folder}: belongs to another user; run this as that user, so that no file of the "
            "node becomes unreadable to it"
        )


def _ready() -> None:
    """See that the database is one that this version of the program serves."""
    from django.db import Error, connection  # noqa: PLC0415
    from django.db.migrations.executor import MigrationExecutor  # noqa: PLC0415

    try:
        executor = MigrationExecutor(connection)
        waiting = executor.migration_plan(executor.loader.graph.leaf_nodes())
    except Error as error:
        raise Unreadable(
            f"the database cannot be reached ({' '.join(str(error).split())})"
        ) from None
    if waiting:
        raise Refused(
            "the database is of an older version of the program; make the backup with that "
            "version, before you update"
        )


def _log(sha256: str, *, files: int, size: int, encrypted: bool) -> None:
    from django.conf import settings  # noqa: PLC0415

    from palermo.desks.access import audit  # noqa: PLC0415

    act = audit.Act(
        kind=audit.Kind.ACCESS,
        what=BACKUP,
        of=sha256,
        reason="copy of the whole node",
        detail={"files": files, "bytes": size, "encrypted": encrypted},
    )
    audit.record(act, by=None, at=settings.PALERMO_CLOCK())


@contextmanager
def _scratch(folder: Path) -> Iterator[Path]:
    """Give a private folder on the node's own disk; one backup at a time, and none left behind."""
    with (folder / _LOCK).open("a") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise Refused(f"{folder}: another backup is being made; wait for it") from None
        for left in folder.glob(f"{SCRATCH}*"):
            if left.is_dir():
                shutil.rmtree(left)
        scratch = folder / f"{SCRATCH}{secrets.token_hex(8)}"
        scratch.mkdir(mode=0o700)
        try:
            yield scratch
        finally:
            shutil.rmtree(scratch, ignore_errors=True)


@contextmanager
def _draft(out: Path) -> Iterator[BinaryIO]:
    """Give a file beside `out` that becomes it when the block ends well."""
    for left in out.parent.glob(f".{out.name}.*.part"):
        left.unlink()
    draft = out.with_name(f".{out.name}.{secrets.token_hex(8)}.part")
    descriptor = os.open(draft, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "w+b") as file:
            yield cast("BinaryIO", file)
        _publish(draft, out)
    finally:
        draft.unlink(missing_ok=True)
    fsync_directory(out.parent)


def _publish(draft: Path, out: Path) -> None:
    """Give the draft its name, never over another file."""
    try:
        os.link(draft, out)
    except FileExistsError:
        raise Refused(f"{out}: came to be meanwhile; name another file") from None
    except OSError as error:
        if error.errno not in {errno.EPERM, errno.ENOTSUP, errno.ENOSYS}:
            raise
        draft.rename(out)  # a file system without links, as on most memory sticks
