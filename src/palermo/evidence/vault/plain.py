"""Plain copies of exhibits for readers that need a file with a path.

Guarantees that a copy is readable by its owner alone, and that its bytes are overwritten and the
file removed when the reader is done. A process that is killed leaves its copy behind: one in the
vault's own folder is overwritten and removed at the next opening.
"""

import os
import re
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

from palermo.evidence.vault.durable import overwrite, write_all
from palermo.evidence.vault.stream import CHUNK
from palermo.model import Unreadable

PLAIN = ".plain"
_ENDING = re.compile(r"(\.[A-Za-z0-9]{1,10}){1,2}\Z", re.ASCII)


@contextmanager
def plain_copy(exhibit: BinaryIO, *, name: str, directory: Path) -> Iterator[Path]:
    """Write an exhibit into a new private folder below `directory` for as long as the block runs.

    Of the exhibit's `name` the copy keeps only the ending, which tells readers the kind of file.

    Raises:
        Unreadable: when the copy cannot be written.
        Refused: when the exhibit was altered.
    """
    ending = _ENDING.search(name)
    try:
        directory.mkdir(parents=True, exist_ok=True, mode=0o700)
        folder = Path(tempfile.mkdtemp(dir=directory))
    except OSError as error:
        raise _uncopied(directory, error) from None
    try:
        path = folder / f"exhibit{ending[0] if ending else ''}"
        try:
            flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
            descriptor = os.open(path, flags, 0o600)
            try:
                while piece := exhibit.read(CHUNK):
                    write_all(descriptor, piece)
            finally:
                os.close(descriptor)
        except OSError as error:
            raise _uncopied(path, error) from None
        yield path
    finally:
        wipe(folder)


def wipe(folder: Path) -> None:
    """Overwrite and remove every file below `folder`, and the folder."""
    flags = os.O_WRONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
    for here, _, names in os.walk(folder):
        for name in names:
            with suppress(OSError):
                descriptor = os.open(Path(here) / name, flags)
                try:
                    overwrite(descriptor)
                finally:
                    os.close(descriptor)
    shutil.rmtree(folder, ignore_errors=True)


def _uncopied(where: Path, error: OSError) -> Unreadable:
    return Unreadable(
        f"{where}: a plain copy cannot be written ({error.strerror or error}); "
        "name another folder for it, with room"
    )
