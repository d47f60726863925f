"""Files of a folder that nobody vouches for: named, hashed, and never followed out of it."""

import hashlib
import os
import stat
from collections.abc import Collection, Iterator
from pathlib import Path, PurePosixPath

from palermo.model.errors import Refused, Unreadable

SMALL = 1 << 16  # no key or checkpoint is longer than this


def hash_within(folder: Path, path: str, *, size: int | None = None) -> tuple[str, int]:
    """Return SHA-256 and size of the plain file `path` below `folder`, following no link.

    With `size`, a file of another size is refused without reading it.

    Raises:
        Refused: saying what is wrong with it.
    """
    parts = PurePosixPath(path).parts
    if not parts or PurePosixPath(path).is_absolute() or ".." in parts or "\0" in path:
        raise Refused(f"{path!r} is no path within the folder")
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
    except (FileNotFoundError, NotADirectoryError):
        raise Refused(f"{path} is missing") from None
    except OSError as error:
        raise Refused(f"{path} cannot be read ({error.strerror})") from None
    return digest, found.st_size


def small_text(path: Path) -> str:
    """Read a small text file that nobody vouches for.

    Raises:
        Unreadable: when it is missing, no plain file, or too long for what it should be.
    """
    return small_bytes(path).decode("utf-8", "replace")


def small_bytes(path: Path, *, largest: int = SMALL) -> bytes:
    """Read a small file that nobody vouches for; raise as `small_text` does."""
    try:
        found = path.lstat()
        if not stat.S_ISREG(found.st_mode) or found.st_size > largest:
            raise Unreadable(f"{path.name} is no plain small file")
        return path.read_bytes()
    except OSError as error:
        raise Unreadable(f"{path.name} is missing or unreadable ({error.strerror})") from None


def files_below(folder: Path, *, skip: Collection[str] = ()) -> Iterator[str]:
    """Yield every file and link below `folder`, relative to it, in a stable order.

    `skip` names entries of `folder` itself that are not looked at.
    """
    for here, folders, names in os.walk(folder):
        top = Path(here) == folder
        folders.sort()
        links = [name for name in folders if (Path(here) / name).is_symlink()]
        if top:
            folders[:] = [name for name in folders if name not in skip]
        for name in sorted([*names, *links]):
            if not (top and name in skip):
                yield (Path(here) / name).relative_to(folder).as_posix()
