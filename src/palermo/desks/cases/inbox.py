"""Where files come from: the upload that was streamed to disk, and the inbox of the node.

Guarantees that from the inbox nothing is listed or taken that is no plain file, lies outside it, or
stands behind a link; and that the file that is taken is the one that was opened.
"""

import hashlib
import os
import shutil
import stat
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile

from palermo.desks.access.models import Case
from palermo.model import Unreadable

INBOX = "inbox"
#: More files than this are not listed; somebody should sort them first.
MOST_LISTED = 500
#: A file in the inbox up to this size is hashed when it is chosen, a larger one by the run.
_HASHED_AT_ONCE = 256 << 20
_PIECE = 1 << 20

#: Puts a file at the path it is given, and returns its size and, when known, its SHA-256.
Put = Callable[[Path], tuple[int, str]]


@dataclass(frozen=True, slots=True)
class InInbox:
    """A file in the inbox: `place` is relative to it."""

    place: str
    size: int
    changed: float


def inbox_folder() -> Path:
    """Return the folder in which whoever runs the node puts files too large for a page."""
    folder: Path = settings.PALERMO_NODE.folder / INBOX
    return folder


def inbox(case: Case) -> list[InInbox]:
    """List what the inbox offers to `case`: files directly in it, and in its folder for the case.

    The folder for a case is called by the case's key. Links and other folders are not looked at, so
    that files for one case are not shown in another.
    """
    found: list[InInbox] = []
    for folder, before in ((inbox_folder(), ""), (inbox_folder() / case.key, f"{case.key}/")):
        try:
            if not stat.S_ISDIR(folder.lstat().st_mode):
                continue
            entries = sorted(os.scandir(folder), key=lambda one: one.name)
        except OSError:
            continue
        for entry in entries:
            facts = entry.stat(follow_symlinks=False)
            if stat.S_ISREG(facts.st_mode) and not entry.name.startswith("."):
                found.append(InInbox(before + entry.name, facts.st_size, facts.st_mtime))
    return found[:MOST_LISTED]


def moved(upload: UploadedFile[bytes]) -> Put:
    """Return what moves an upload from where it was streamed to."""

    def put(path: Path) -> tuple[int, str]:
        temporary = getattr(upload, "temporary_file_path", None)
        digest = getattr(upload, "sha256", "")
        if temporary is not None and digest:
            # On its way to the disk it was hashed; it need not be copied again.
            shutil.move(temporary(), path)
            return int(upload.size or 0), digest
        return _copied(iter(upload.chunks()), path)

    return put


def linked(inbox: Path, place: str) -> Put:
    """Return what brings the file `place` of the inbox in, following no link on the way."""

    def put(path: Path) -> tuple[int, str]:
        *folders, name = Path(place).parts
        here = os.open(inbox, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            for folder in folders:
                flags = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
                there = os.open(folder, flags, dir_fd=here)
                os.close(here)
                here = there
            descriptor = os.open(
                name, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC, dir_fd=here
            )
        finally:
            os.close(here)
        with open(descriptor, "rb") as source:  # noqa: PTH123  of a descriptor
            if not stat.S_ISREG(os.fstat(descriptor).st_mode):
                raise Unreadable(f"{place}: no plain file")
            try:
                # The very file that was opened, under a name of ours: no copy of a disk image.
                os.link(f"/proc/self/fd/{descriptor}", path, follow_symlinks=True)
            except OSError:
                return _copied(iter(lambda: source.read(_PIECE), b""), path)
            size = os.fstat(descriptor).st_size
            if size > _HASHED_AT_ONCE:
                return size, ""
            return size, hashlib.file_digest(source, "sha256").hexdigest()

    return put


def _copied(pieces: Iterator[bytes], path: Path) -> tuple[int, str]:
    digest, size = hashlib.sha256(), 0
    with path.open("xb") as file:
        for piece in pieces:
            digest.update(piece)
            size += len(piece)
            file.write(piece)
    return size, digest.hexdigest()
