"""A folder that appears under its name only when it is whole.

Guarantees that the final name comes into being by one rename after every file is on disk, and that
it never replaces anything. A process that is killed leaves a hidden draft beside it, which the next
one removes: drafts hold decrypted originals.
"""

import errno
import fcntl
import os
import secrets
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from palermo.evidence.durable import fsync_directory
from palermo.evidence.vault.durable import Barrier
from palermo.model import Unreadable

_PREFIX = ".palermo-package-"


@contextmanager
def staged(final: Path) -> Iterator[Path]:
    """Yield a private folder that becomes `final` when the block ends well, and else disappears.

    Raises:
        Unreadable: when `final` exists, or cannot be written.
    """
    if os.path.lexists(final):
        raise Unreadable(f"{final}: exists already; name a folder that does not")
    try:
        final.parent.mkdir(parents=True, exist_ok=True)
        _remove_left(final.parent)
        draft = final.parent / f"{_PREFIX}{secrets.token_hex(8)}"
        draft.mkdir(mode=0o700)
        with _held(draft), Barrier(draft) as barrier:
            try:
                yield draft
                _make_durable(draft, barrier)
                _appear(draft, final)
            except BaseException:
                shutil.rmtree(draft, ignore_errors=True)
                raise
        fsync_directory(final.parent)
    except OSError as error:
        raise Unreadable(
            f"{error.filename or final}: cannot be written ({error.strerror or error}); "
            "make room or check permissions, then do it again"
        ) from None


def _appear(draft: Path, final: Path) -> None:
    try:
        draft.rename(final)  # refused by the system where something with content is there
    except OSError as error:
        if error.errno in {errno.ENOTEMPTY, errno.EEXIST, errno.ENOTDIR}:
            raise Unreadable(f"{final}: came into being meanwhile; name another folder") from None
        raise


@contextmanager
def _held(folder: Path) -> Iterator[None]:
    """Hold a lock on the folder while it is being filled, so that nobody takes it for left over."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def _remove_left(parent: Path) -> None:
    """Remove the drafts of processes that were killed; one in use is locked and stays."""
    for draft in parent.glob(f"{_PREFIX}*"):
        with suppress(OSError):
            descriptor = os.open(draft, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
                shutil.rmtree(draft, ignore_errors=True)
            finally:
                os.close(descriptor)


def _make_durable(folder: Path, barrier: Barrier) -> None:
    walked = list(os.walk(folder))
    barrier.pass_([f"{here}/{name}" for here, _, names in walked for name in names])
    for here, _, _ in walked:
        fsync_directory(Path(here))
