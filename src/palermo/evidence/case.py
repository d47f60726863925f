"""The case folder: what lies where.

Guarantees one layout, `vault/`, `custody.sqlite3`, `checkpoint.txt`, `custody.pub` and whatever a
run wrote beside them, so that whoever writes and whoever verifies mean the same files.
"""

import hashlib
import os
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from palermo.evidence.event import FileRef
from palermo.evidence.keys import Signer
from palermo.evidence.log import CHECKPOINT_FILE, KEY_FILE, LOG_FILE, CustodyLog
from palermo.evidence.vault import Vault
from palermo.model import Refused

#: Files of the log itself; SQLite may leave a journal behind when it is interrupted.
OWN_FILES = frozenset({LOG_FILE, CHECKPOINT_FILE, KEY_FILE, f"{LOG_FILE}-journal"})


@dataclass(frozen=True, slots=True)
class CaseFolder:
    """A case on disk."""

    path: Path

    def vault(self, kek: bytes | None = None) -> Vault:
        """The sealed originals; without the key-encryption key they can be checked, not opened."""
        return Vault(self.path / "vault", kek=kek)

    @property
    def tables(self) -> Path:
        """Where the tables of the analysis lie."""
        return self.path / "tables"

    def log(self, signer: Signer) -> CustodyLog:
        """Open the custody log for writing, making it on first use."""
        return CustodyLog(self.path / LOG_FILE, signer=signer)

    def file(self, path: str) -> FileRef:
        """Hash the file at `path`, relative to the folder, for an event's `outputs`.

        Raises:
            Refused: when it is missing, outside the folder, or no plain file.
        """
        return hash_within(self.path, path)

    def outputs(self) -> tuple[FileRef, ...]:
        """Hash every file of the folder but the vault and the log, sorted by path."""
        return tuple(self.file(path) for path in sorted(self.beside()))

    def beside(self) -> Iterator[str]:
        """Yield the relative path of every file beside the vault and the log."""
        for folder, folders, names in os.walk(self.path):
            here = Path(folder)
            top = here == self.path
            links = [name for name in folders if (here / name).is_symlink()]
            folders[:] = [name for name in folders if not (top and name == "vault")]
            for name in [*names, *links]:
                if not (top and name in OWN_FILES):
                    yield (here / name).relative_to(self.path).as_posix()


def hash_within(folder: Path, path: str, *, size: int | None = None) -> FileRef:
    """Hash the plain file `path` below `folder`, following no link out of it or within it.

    With `size`, a file of another size is refused without reading it.

    Raises:
        Refused: saying what is wrong with it.
    """
    parts = PurePosixPath(path).parts
    if not parts or PurePosixPath(path).is_absolute() or ".." in parts or "\0" in path:
        raise Refused(f"{path!r} is no path within the case folder")
    place = folder
    try:
        for part in parts:
            place /= part
            if stat.S_ISLNK(place.lstat().st_mode):
                raise Refused(f"{path} is a link, not the file itself")
        found = place.lstat()
        if not stat.S_ISREG(found.st_mode):
            raise Refused(f"{path} is no plain file")
        if size is not None and found.st_size != size:
            raise Refused(f"{path} has {found.st_size:,} bytes, recorded were {size:,}")
        with place.open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
    except FileNotFoundError:
        raise Refused(f"{path} is missing") from None
    except OSError as error:
        raise Refused(f"{path} cannot be read ({error.strerror})") from None
    return FileRef(path=path, sha256=digest, size=found.st_size)
