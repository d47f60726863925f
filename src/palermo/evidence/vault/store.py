"""Where the ciphertexts lie: below the case folder, or wherever `location.json` says.

Guarantees for `LocalStore` that a ciphertext under its final name is whole and durable, is never
written to again, and is never reached through a link. A store never sees a key.
"""

import errno
import os
import stat
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Protocol

from palermo.evidence.vault.durable import Barrier
from palermo.evidence.vault.records import checked_id

INCOMING = ".incoming"
_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """A ciphertext that is whole and durable in a local file, but not yet in its place."""

    id: str
    path: Path
    sealed_sha256: str


class Store(Protocol):
    """A place for ciphertexts by id. Its methods raise OSError when the place fails."""

    def put(self, drafts: Sequence[Draft]) -> None:
        """Bring drafts to their place, durably, and remove the local files.

        A draft whose file is gone counts as put when the store has its id.
        """
        ...

    def open(self, id: str) -> BinaryIO:  # noqa: A002  # the field's name
        """Open a ciphertext for reading, seekable; raise FileNotFoundError when it is not there."""
        ...

    def exists(self, id: str) -> bool:  # noqa: A002
        """Tell whether there is something under this id."""
        ...

    def delete(self, id: str) -> None:  # noqa: A002
        """Remove a ciphertext, durably; nothing happens when there is none."""
        ...

    def list(self) -> Iterator[str]:
        """Yield the ids that are there, in order."""
        ...

    def size(self, id: str) -> int:  # noqa: A002
        """Return the length of a ciphertext; raise FileNotFoundError when it is not there."""
        ...


class LocalStore:
    """Ciphertexts as read-only files `aa/<id>` below a folder; `aa` are the id's first digits.

    The drafts must lie on the same file system.
    """

    def __init__(self, path: Path) -> None:
        self.path = path

    def put(self, drafts: Sequence[Draft]) -> None:
        """Move drafts to their place; the moves of a large batch are made durable in one go."""
        folders = sorted({draft.id[:2] for draft in drafts})
        for name in folders:
            (self.path / name).mkdir(exist_ok=True)
        with Barrier(self.path) as barrier:
            for draft in drafts:
                self._move(draft)
            barrier.pass_([f"{self.path}/{name}" for name in folders])

    def open(self, id: str) -> BinaryIO:  # noqa: A002  # the field's name
        """Open a plain file; whatever else lies in its place raises OSError."""
        with self._folder(id) as folder:
            return open_plain_file(id, folder)

    def exists(self, id: str) -> bool:  # noqa: A002
        """Tell whether there is anything under this id, be it a link."""
        return os.path.lexists(self.path / checked_id(id)[:2] / id)

    def delete(self, id: str) -> None:  # noqa: A002
        """Remove a file and make that durable."""
        try:
            with self._folder(id) as folder:
                os.unlink(id, dir_fd=folder)
                os.fsync(folder)
        except FileNotFoundError:
            return

    def list(self) -> Iterator[str]:
        """Yield the names of all files that could be ciphertexts."""
        for folder in sorted(self.path.glob("[0-9a-f][0-9a-f]")):
            for file in sorted(folder.iterdir()):
                if len(file.name) == 64 and file.name.startswith(folder.name):
                    yield file.name

    def size(self, id: str) -> int:  # noqa: A002
        """Return the length of the file."""
        with self._folder(id) as folder:
            return os.stat(id, dir_fd=folder, follow_symlinks=False).st_size

    @contextmanager
    def _folder(self, id: str) -> Iterator[int]:  # noqa: A002
        descriptor = os.open(self.path / checked_id(id)[:2], _FOLDER)
        try:
            yield descriptor
        finally:
            os.close(descriptor)

    def _move(self, draft: Draft) -> None:
        place = f"{self.path}/{checked_id(draft.id)[:2]}/{draft.id}"
        try:
            os.rename(draft.path, place)  # noqa: PTH104  # half the price, and there are thousands
        except FileNotFoundError:
            if not self.exists(draft.id):  # else another process has put it
                raise


def open_plain_file(path: str | Path, folder: int | None = None) -> BinaryIO:
    """Open a file for reading, unbuffered; a link, a pipe or a device raises OSError."""
    flags = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
    descriptor = os.open(path, flags, dir_fd=folder)
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise OSError(errno.EINVAL, "no plain file", str(path))
    return os.fdopen(descriptor, "rb", buffering=0)
