"""Checks of the node's folder: settings, keys, clock, disk, and what was left lying about."""

import os
import shutil
import stat
import subprocess
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import urlsplit

from palermo.doors.cli.console import node
from palermo.doors.web.operations.examining.checks import CannotTell, Seen, first
from palermo.doors.web.operations.node_files import SCRATCH
from palermo.investigation.settings import SETTINGS_FILE

_GIB = 1 << 30
#: Below the first the node may stop within hours, below the second within weeks.
_FULL, _LOW = (0.02, 1 * _GIB), (0.1, 10 * _GIB)
_UNSEALED, _FORGOTTEN = timedelta(days=1), timedelta(days=7)


def settings_file(seen: Seen) -> Iterator[str]:
    """The settings can be read."""
    if problem := seen.troubles.get("settings"):
        yield problem


def settings_secret(seen: Seen) -> Iterator[str]:
    """A settings file with a password or a client's secret in it is its owner's alone."""
    path = seen.folder / SETTINGS_FILE
    secret = bool(urlsplit(seen.desks.database).password) or any(
        "secret" in str(key) for one in seen.desks.oidc for key in one
    )
    if secret and path.exists() and _open_to_others(path):
        yield f"{path}: holds a secret, and others may read it"


def node_folder(seen: Seen) -> Iterator[str]:
    """Nobody else may enter the folder."""
    if _open_to_others(seen.folder):
        yield f"{seen.folder}: others may enter it ({_mode(seen.folder)})"
    if seen.folder.stat().st_uid != os.geteuid():
        yield f"{seen.folder}: belongs to another user than the one who asks"


def key_modes(seen: Seen) -> Iterator[str]:
    """Keys and secrets are their owner's alone."""
    keys = seen.folder / "keys"
    if not keys.is_dir():
        yield f"{keys}: is missing; without it nothing that was sealed can be opened"
        return
    for path in (keys, *sorted(keys.iterdir())):
        if path.is_symlink():
            yield f"{path}: is a link"
        elif _open_to_others(path):
            yield f"{path}: others may read it ({_mode(path)})"


def passphrase_opens(_: Seen) -> Iterator[str]:
    """The passphrase at hand opens the node's key."""
    node().signer(create=False)
    yield from ()


def passphrase_file(_: Seen) -> Iterator[str]:
    """The file of the passphrase is its owner's alone."""
    name = os.environ.get("PALERMO_PASSPHRASE_FILE")
    if name and Path(name).exists() and _open_to_others(Path(name)):
        yield f"{name}: others may read it ({_mode(Path(name))})"


def keys_protected(seen: Seen) -> Iterator[str]:
    """Keys rest under a passphrase."""
    keys = sorted((seen.folder / "keys").glob("*.key"))
    bare = [path.name for path in keys if b'"sealed"' not in path.read_bytes()]
    if bare:
        yield f"{len(bare)} of {len(keys)} keys rest without a passphrase"


def clock_synchronised(_: Seen) -> Iterator[str]:
    """The system sets its clock by others'."""
    if given := os.environ.get("PALERMO_NOW"):
        yield f"PALERMO_NOW is set: for the program it is always {given}"
        return
    if node().clock.synced:
        return
    asked = shutil.which("timedatectl")
    said = ""
    if asked:
        command = [asked, "show", "--property=NTPSynchronized", "--value"]
        done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603
        said = done.stdout.strip()
    if said == "no":
        yield "the system says that its clock is not synchronised"
    elif said != "yes":
        raise CannotTell("the system does not say whether its clock is synchronised")


def disk_full(seen: Seen) -> Iterator[str]:
    """There is room for hours."""
    yield from _room(seen.folder, *_FULL)


def disk_low(seen: Seen) -> Iterator[str]:
    """There is room for weeks."""
    yield from _room(seen.folder, *_LOW)


def unsealed(seen: Seen) -> Iterator[str]:
    """No material lies outside the vaults for long."""
    yield from first(
        f"{path.relative_to(seen.folder)}: lies unencrypted beside the vault since "
        f"{_changed(path):%Y-%m-%d}"
        for path in _files(seen.folder.glob("cases/*/incoming/**/*"))
        if seen.at - _changed(path) > _UNSEALED
    )


def inbox(seen: Seen) -> Iterator[str]:
    """What was put into the inbox was taken in."""
    old = [
        path
        for path in _files((seen.folder / "inbox").rglob("*"))
        if seen.at - _changed(path) > _FORGOTTEN
    ]
    if old:
        yield f"{len(old):,} files lie in the inbox for more than {_FORGOTTEN.days} days"


def leftovers(seen: Seen) -> Iterator[str]:
    """No drafts of backups were left by a kill."""
    for path in sorted(seen.folder.glob(f"{SCRATCH}*")):
        if path.is_dir() and seen.at - _changed(path) > _UNSEALED:
            yield f"{path}: was left by a backup that was cut off"
    for path in sorted(seen.folder.parent.glob(f".{seen.folder.name}.*.draft")):
        yield f"{path}: was left by a restoration that was cut off"


def _room(folder: Path, share: float, amount: int) -> Iterator[str]:
    found = shutil.disk_usage(folder)
    if found.free < amount or found.free < share * found.total:
        yield (
            f"{found.free / _GIB:,.1f} GiB of {found.total / _GIB:,.1f} are free "
            f"({found.free / found.total:.0%})"
        )


def _files(paths: Iterator[Path]) -> Iterator[Path]:
    return (path for path in sorted(paths) if path.is_file())


def _changed(path: Path) -> datetime:
    return datetime.fromtimestamp(path.lstat().st_mtime, UTC)


def _open_to_others(path: Path) -> bool:
    return bool(path.stat().st_mode & 0o077)


def _mode(path: Path) -> str:
    return f"{stat.S_IMODE(path.stat().st_mode):03o}"
