"""Finishing what an interrupted process began, and keeping out of the way of one at work.

Guarantees that after `heal` every recorded exhibit is in its place or still whole in `.incoming`,
every shredded one is gone, and no unfinished file or plain copy is left; or that another process is
at work and nothing was touched. It goes by the key records alone, never by what merely lies there,
so that an old copy of the key records never costs an exhibit.
"""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from palermo.evidence.vault.batch import DRAFT
from palermo.evidence.vault.plain import PLAIN, wipe
from palermo.evidence.vault.store import INCOMING, Draft, Store
from palermo.evidence.vault.table import KeyTable, Session
from palermo.model import Unreadable

LOCK_FILE = ".lock"


@contextmanager
def at_work(path: Path) -> Iterator[None]:
    """Keep `heal` in other processes from touching the vault at `path`.

    Raises:
        Unreadable: when the folder cannot be written.
    """
    try:
        descriptor = os.open(path / LOCK_FILE, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except OSError as error:
        raise Unreadable(
            f"{path}: the vault cannot be written ({error.strerror}); check its permissions"
        ) from None
    try:
        with suppress(OSError):  # where a file system has no locks, nobody can heal either
            fcntl.flock(descriptor, fcntl.LOCK_SH)
        yield
    finally:
        os.close(descriptor)


def heal(path: Path, keys: KeyTable, store: Store) -> None:
    """Finish interrupted work in the vault at `path`, if there is any and nobody is at work.

    What cannot be finished now, because a disk is read-only or a bucket out of reach, stays for the
    next time; exhibits are readable meanwhile.

    Raises:
        Refused: when the kek is not the vault's.
        Unreadable: when the key records cannot be read.
    """
    with keys.session() as session:
        shredded = session.unfinished()
    leftovers = [*_inside(path / INCOMING), *_inside(path / PLAIN)]
    if not (shredded or leftovers):
        return
    with _alone(path) as alone:
        if alone:
            with keys.session() as session, suppress(Unreadable):
                _finish(path, session, store)


def remove_shredded(path: Path, session: Session, store: Store) -> None:
    """Remove the ciphertext of every exhibit whose key record was erased."""
    gone = session.unfinished()
    try:
        for one in gone:
            (path / INCOMING / one).unlink(missing_ok=True)  # first: it could yet be put
            store.delete(one)
    except OSError as error:
        raise Unreadable(
            f"{one}: the key is destroyed, but the ciphertext cannot be removed "  # the loop's
            f"({error.strerror or error}); open the vault again when it can"
        ) from None
    session.finish(gone)


def _finish(path: Path, session: Session, store: Store) -> None:
    remove_shredded(path, session, store)
    drafts = []
    for file in _inside(path / INCOMING):
        if session.has(file.name):
            exhibit = session.get(file.name).exhibit
            drafts.append(Draft(id=exhibit.id, path=file, sealed_sha256=exhibit.sealed_sha256))
        elif file.name.endswith(DRAFT) or len(file.name) == 64:
            with suppress(OSError):
                file.unlink()
    for folder in _inside(path / PLAIN):
        wipe(folder)
    with suppress(OSError):
        store.put(drafts)


def _inside(folder: Path) -> list[Path]:
    try:
        return sorted(folder.iterdir())
    except OSError:
        return []


@contextmanager
def _alone(path: Path) -> Iterator[bool]:
    """Take the vault for ourselves without waiting; tell whether that worked."""
    try:
        descriptor = os.open(path / LOCK_FILE, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except OSError:  # read-only
        yield False
        return
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            yield False
            return
        yield True
    finally:
        os.close(descriptor)
