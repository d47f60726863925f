"""Which files of a node's folder a backup holds, and how each is read while the node runs.

Guarantees that every file below the folder is in the backup, or is named with the reason why not;
and that a database that somebody may be writing to is copied by SQLite itself.
"""

import os
import sqlite3
import stat
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from palermo.evidence import CaseFolder
from palermo.evidence.schema import CHECKPOINT_FILE, KEY_FILE, LOG_FILE
from palermo.model import Refused, Unreadable

#: Where backups put what they need while they are made.
SCRATCH = ".backup-"
#: At the top of the node's folder: made anew by the program, or copied in a way of its own.
MADE_ANEW = {
    "static": "made anew when the node starts",
    "incoming": "uploads that are under way",
}
_OWN_WAY = frozenset({LOG_FILE, KEY_FILE, CHECKPOINT_FILE})
_MAGIC = b"SQLite format 3\0"
_JOURNALS = ("-journal", "-wal", "-shm")


@dataclass(frozen=True, slots=True)
class NodeFile:
    """A file of the node, by its path below the folder; why it is left out, when it is."""

    path: str
    left_out: str = ""


def node_files(folder: Path, database: Path | None) -> Iterator[NodeFile]:
    """Yield every file of the node but its database and its own custody log.

    Raises:
        Refused: there is a link, behind which something may lie that the backup would lack.
    """
    for here, folders, names in os.walk(folder):
        top = Path(here) == folder
        folders.sort()
        for name in sorted([*folders, *names]):
            path = Path(here) / name
            if path.is_symlink():
                raise Refused(
                    f"{path}: is a link, which a backup does not follow; mount the other disk "
                    "there, or move what is behind it into the node's folder"
                )
        if top:
            skipped = [name for name in folders if name in MADE_ANEW or name.startswith(SCRATCH)]
            yield from (NodeFile(name, MADE_ANEW[name]) for name in skipped if name in MADE_ANEW)
            folders[:] = [name for name in folders if name not in skipped]
        for name in sorted(names):
            path = Path(here) / name
            own_way = name in _OWN_WAY or name.startswith(SCRATCH)
            if (top and own_way) or path == database or _journal(path):
                continue
            relative = path.relative_to(folder).as_posix()
            plain = _is_plain(path)
            yield NodeFile(relative, "" if plain else "no plain file, such as a socket")


def readable(path: Path, scratch: Path) -> Path:
    """Return `path`, or a copy in `scratch` that SQLite made when it is one of its databases.

    Raises:
        Unreadable: the database cannot be copied.
        FileNotFoundError: the file is gone.
    """
    with path.open("rb") as file:
        if file.read(len(_MAGIC)) != _MAGIC:
            return path
    copy = scratch / "copy.sqlite3"
    copy.unlink(missing_ok=True)
    try:
        with (
            closing(sqlite3.connect(path, timeout=60)) as source,
            closing(sqlite3.connect(copy)) as target,
        ):
            source.backup(target)
    except sqlite3.Error as error:
        raise Unreadable(f"{path}: cannot be copied ({error})") from None
    return copy


def case_folders(folder: Path) -> Iterator[tuple[str, CaseFolder]]:
    """Yield the key and the folder of every case that has a custody log."""
    for place in sorted(folder.glob(f"cases/*/case/{LOG_FILE}")):
        yield place.parts[-3], CaseFolder(place.parent)


def elsewhere(folder: Path) -> list[str]:
    """Return the vaults whose ciphertexts lie in another place, which no backup holds."""
    found = folder.glob("cases/*/case/vault/location.json")
    return [place.relative_to(folder).as_posix() for place in sorted(found)]


def _journal(path: Path) -> bool:
    """Whether it is SQLite's own, beside its database: what counts of it is in the copy."""
    for end in _JOURNALS:
        if path.name.endswith(end) and path.with_name(path.name.removesuffix(end)).is_file():
            return True
    return False


def _is_plain(path: Path) -> bool:
    try:
        return stat.S_ISREG(path.lstat().st_mode)
    except FileNotFoundError:
        return True  # whoever reads it will say that it is gone
