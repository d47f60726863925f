"""Making files and names durable, one by one or a whole batch at once.

Guarantees that when `Barrier.pass_` returns, the files written since it was made are on disk with
their names, or it raises `OSError`.
"""

import contextlib
import ctypes
import os
import platform
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Self

_MANY = 16  # files from which one synchronisation of the file system beats one for each


def _knows_syncfs() -> bool:
    """Tell whether syncfs(2) is there and reports failed writes, which it does since Linux 5.8."""
    if sys.platform != "linux":
        return False
    try:
        major, minor = map(int, platform.release().split(".", 2)[:2])
        return (major, minor) >= (5, 8) and hasattr(ctypes.CDLL(None), "syncfs")
    except (ValueError, OSError):
        return False


_SYNCFS = ctypes.CDLL(None, use_errno=True).syncfs if _knows_syncfs() else None


class Barrier:
    """A point that files written below `directory` must pass. Make it before they are written.

    The directory is held open because syncfs reports the writes that failed since its opening.
    """

    def __init__(self, directory: Path) -> None:
        self._descriptor = os.open(directory, os.O_RDONLY | os.O_DIRECTORY)

    def pass_(self, files: Sequence[str]) -> None:
        """Make these files, and the names in the directory, durable."""
        if _SYNCFS is not None and len(files) >= _MANY:
            if _SYNCFS(self._descriptor):
                number = ctypes.get_errno()
                raise OSError(number, os.strerror(number))
            return
        for path in files:
            sync(path)
        os.fsync(self._descriptor)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the directory."""
        os.close(self._descriptor)


def sync(path: str | Path, kind: int = 0) -> None:
    """Make one file durable, or with `kind` O_DIRECTORY the names in a directory."""
    descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW | kind)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def make_directory(path: Path, mode: int = 0o777) -> None:
    """Make a directory and those above it, each durable in the one above."""
    if path.is_dir():
        return
    make_directory(path.parent)
    path.mkdir(mode=mode, exist_ok=True)
    sync(path.parent, os.O_DIRECTORY)


def make_private_file(path: Path) -> None:
    """Make an empty file that only its owner can read, if there is none."""
    if path.exists():
        return
    make_directory(path.parent)
    flags = os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_WRONLY | os.O_CLOEXEC
    with contextlib.suppress(FileExistsError):
        os.close(os.open(path, flags, 0o600))


def write_all(descriptor: int, data: bytes | bytearray | memoryview) -> None:
    """Write all of `data`; one call may take less than it was given."""
    rest = memoryview(data)
    while rest:
        rest = rest[os.write(descriptor, rest) :]


def overwrite(descriptor: int) -> None:
    """Replace the bytes of an open file by as many zeros, durably.

    On a disk or file system that writes elsewhere than where it wrote before, the old bytes stay.
    """
    os.lseek(descriptor, 0, os.SEEK_SET)
    zeros, left = bytes(1 << 20), os.fstat(descriptor).st_size
    while left > 0:
        write_all(descriptor, zeros[: min(left, len(zeros))])
        left -= len(zeros)
    os.fsync(descriptor)
