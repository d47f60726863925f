"""Restoring a node from a backup, with proof.

Guarantees that nothing appears under the node's name before all of it was read, compared with the
signed manifest and proved; that no existing node or database is written to; and that the restored
node says in its own audit what it was restored from. Sessions are not restored: everybody signs in
anew.
"""

import os
import secrets
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from palermo.doors.web.node_settings import read_desk_settings
from palermo.doors.web.operations.archive import Read, read_into, sync_below
from palermo.doors.web.operations.databases import DUMP_FILE, EVERY_CASE, restore_postgresql
from palermo.doors.web.operations.proving import (
    Proof,
    prove_audit,
    prove_cases,
    prove_log,
    prove_rows,
)
from palermo.doors.web.serving import set_up
from palermo.evidence.durable import fsync_directory
from palermo.model import Refused, Unreadable

#: What the restored node's audit calls it.
RESTORED = "restored from backup"

Tell = Callable[[Proof], object]


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What to restore, where to, and what it is to be compared with.

    `database` is the address of an empty PostgreSQL database, for a backup that holds a dump.
    `keys`, `checkpoints` and `manifest` are a key of the node, checkpoints of its log, and the
    SHA-256 of the manifest, kept elsewhere. With `even_damaged`, a node is restored as it was
    backed up although a log or case in it does not hold.
    """

    file: Path
    node: Path
    passphrase: bytes | None = None
    database: str = ""
    settings: Path | None = None
    keys: list[bytes] = field(default_factory=list)
    checkpoints: list[str] = field(default_factory=list)
    manifest: str = ""
    even_damaged: bool = False


def restore(wanted: Wanted, tell: Tell) -> Read:
    """Restore a node; tell each proof as it is found.

    Raises:
        Refused: the backup is not whole, not the one that was meant, or there is a node already.
        Unreadable: the file is no backup, or something is missing to restore it.
    """
    target = wanted.node
    if target.exists() and (not target.is_dir() or any(target.iterdir())):
        raise Refused(f"{target}: is there already; a node is restored into a new folder")
    if not target.parent.is_dir():
        raise Unreadable(f"{target.parent}: is no folder; make it first")
    with _draft(target) as draft:
        with wanted.file.open("rb") as file:
            read = read_into(file, draft, wanted.passphrase, str(wanted.file))
        if wanted.manifest and wanted.manifest != read.sha256:
            raise Refused(
                f"{wanted.file}: is another backup than meant; its manifest is {read.sha256}"
            )
        node = draft / "node"
        node.chmod(0o700)
        tell(_told(read))
        tell(prove_log(read, node, wanted.keys, wanted.checkpoints))
        if wanted.settings is not None:
            shutil.copyfile(wanted.settings, node / "node.yaml")
        _fill(wanted, draft, tell)
        damage = _prove(read, node, tell)
        if damage and not wanted.even_damaged:
            raise Refused(
                "the node was damaged when it was backed up: "
                + "; ".join(damage)
                + ". Take another backup, or restore it as it is with --even-damaged"
            )
        _begin_anew(read, damage)
        sync_below(node)
        node.rename(target)
        fsync_directory(target.parent)
    return read


def _told(read: Read) -> Proof:
    said = read.manifest
    return Proof(
        "backup",
        f"made {said['made_at']} by palermo {said['program']}, manifest {read.sha256}: "
        f"{said['files']:,} files, {said['bytes']:,} bytes, each as it was listed",
    )


def _fill(wanted: Wanted, draft: Path, tell: Tell) -> None:
    """Make Django ready on the draft, and fill its database when that is PostgreSQL."""
    dump = draft / DUMP_FILE
    if dump.exists() and not wanted.database:
        raise Unreadable(
            "the backup holds a PostgreSQL database; create an empty one, and name it with "
            "--database"
        )
    if wanted.database and not dump.exists():
        raise Unreadable("the backup holds its database as a file; leave --database away")
    os.environ["PALERMO_HOME"] = str(draft / "node")
    if wanted.database:
        os.environ["PALERMO_DATABASE"] = wanted.database
        os.environ["PGOPTIONS"] = f"{os.environ.get('PGOPTIONS', '')} {EVERY_CASE}".strip()
    set_up()
    from django.conf import settings  # noqa: PLC0415  needs Django ready

    if dump.exists():
        restore_postgresql(settings.DATABASES["default"], dump)
        if read_desk_settings(draft / "node").database != wanted.database:
            tell(
                Proof(
                    "settings",
                    "node.yaml still names another database; change it before you start the node",
                )
            )


def _prove(read: Read, node: Path, tell: Tell) -> list[str]:
    """Tell the proofs of what was restored; return what of it is damaged."""
    tell(prove_rows(read))
    _bring_up_to_date(read, tell)
    damage = []
    for proof in (prove_audit(), *prove_cases(read, node)):
        tell(proof)
        damage += [f"{proof.what}: {sentence}" for sentence in proof.damage]
    return damage


def _bring_up_to_date(read: Read, tell: Tell) -> None:
    """Apply migrations that are newer than the backup; refuse one that is newer than we are."""
    from django.core.management import call_command  # noqa: PLC0415
    from django.db import connection  # noqa: PLC0415
    from django.db.migrations.loader import MigrationLoader  # noqa: PLC0415

    loader = MigrationLoader(connection)
    applied = {tuple(one) for one in read.manifest["database"]["migrations"]}
    ours = {app for app, _name in loader.disk_migrations}
    unknown = sorted(
        f"{app} {name}"
        for app, name in applied - loader.disk_migrations.keys()
        if app in ours and (app, name) not in loader.replacements
    )
    if unknown:
        raise Refused(
            f"the backup was made by a newer version, {read.manifest['program']}, of the program "
            f"({', '.join(unknown)}); restore it with that version"
        )
    waiting = loader.disk_migrations.keys() - applied
    if waiting:
        call_command("migrate", verbosity=0)
        tell(Proof("migrations", f"{len(waiting)} applied that are newer than the backup"))


def _begin_anew(read: Read, damage: list[str]) -> None:
    """End all sessions, and write down what the node was restored from."""
    from django.conf import settings  # noqa: PLC0415
    from django.contrib.sessions.models import Session  # noqa: PLC0415
    from django.db import connections, transaction  # noqa: PLC0415

    from palermo.desks.access import audit  # noqa: PLC0415
    from palermo.evidence import CaseFolder  # noqa: PLC0415

    node = settings.PALERMO_NODE
    with transaction.atomic():
        act = audit.Act(
            kind=audit.Kind.ACCESS,
            what=RESTORED,
            of=read.sha256,
            detail={"made_at": read.manifest["made_at"], "damage": damage},
        )
        audit.record(act, by=None, at=settings.PALERMO_CLOCK())
        Session.objects.all().delete()
    connections.close_all()
    CaseFolder(node.folder).log(node.signer(create=False)).close()  # writes its checkpoint


@contextmanager
def _draft(target: Path) -> Iterator[Path]:
    """Give a private folder beside the target, gone when the block ends."""
    draft = target.with_name(f".{target.name}.{secrets.token_hex(8)}.draft")
    draft.mkdir(mode=0o700)
    try:
        yield draft
    finally:
        shutil.rmtree(draft, ignore_errors=True)
