"""The vault: sealed originals, each named by the SHA-256 of its bytes.

Guarantees that what lies under a name has that hash when it was sealed, is on disk before its name
exists, and is never overwritten. A crash leaves at most an unfinished file in `.incoming`.
"""

import contextlib
import hashlib
import os
import re
import secrets
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import IO, BinaryIO

from palermo.evidence.durable import fsync_directory
from palermo.model import Exhibit, Refused, Unreadable

_CHUNK = 1 << 20
_CLOCK_NS = 2_000_000_000  # the coarsest clock of a file system in use: two seconds
_NAME = re.compile(r"[0-9a-f]{64}", re.ASCII)
INCOMING = ".incoming"


class Vault:
    """A folder of exhibits, `aa/<sha256>` where `aa` are the first two digits."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def seal(self, source: Path | BinaryIO, *, name: str, media_type: str, at: datetime) -> Exhibit:
        """Copy `source` into the vault and return its exhibit; the same bytes seal only once.

        `at` is the time of sealing, timezone-aware.

        Raises:
            Refused: when the source changes while it is read, or the vault holds altered bytes
                under this hash.
            Unreadable: when the source cannot be read or the vault cannot be written.
            ValueError: when `at` has no time zone.
        """
        if at.tzinfo is None:
            raise ValueError("`at` needs a time zone")
        try:
            with self._draft() as draft:
                if isinstance(source, Path):
                    copied = _copy_file(source, draft)
                else:
                    copied = _copy(source, draft)
                self._keep(draft, copied)
        except OSError as error:
            where = error.filename or name
            raise Unreadable(
                f"{where}: cannot be sealed ({error.strerror or error}); "
                "check that it can be read and that the case folder has room"
            ) from None
        return Exhibit(
            sha256=copied.sha256, size=copied.size, name=name, media_type=media_type, sealed_at=at
        )

    def open(self, sha256: str) -> BinaryIO:
        """Open a sealed original for reading.

        Raises:
            Refused: when the vault does not hold it.
        """
        try:
            return self.locate(sha256).open("rb")
        except FileNotFoundError:
            raise Refused(f"{sha256}: no such exhibit in {self.path}") from None

    def check(self, sha256: str) -> int:
        """Read a sealed original again and return its size.

        Raises:
            Refused: when it is missing or its bytes no longer have this hash.
        """
        with self.open(sha256) as file:
            found = _hash(file)
        if found.sha256 != sha256:
            raise Refused(
                f"{sha256}: the exhibit was altered, its bytes now hash to {found.sha256}"
            )
        return found.size

    def locate(self, sha256: str) -> Path:
        """Return where an exhibit lies, whether or not it is there.

        Raises:
            Unreadable: when `sha256` is not 64 hexadecimal digits in lower case.
        """
        if not _NAME.fullmatch(sha256):
            raise Unreadable(f"{sha256[:80]!r}: expected 64 hexadecimal digits (SHA-256)")
        return self.path / sha256[:2] / sha256

    @contextlib.contextmanager
    def _draft(self) -> Iterator["_Draft"]:
        """Give an empty file that disappears unless it was kept."""
        incoming = self.path / INCOMING
        incoming.mkdir(parents=True, exist_ok=True)
        path = incoming / secrets.token_hex(16)
        with path.open("xb", buffering=0) as file:
            try:
                yield _Draft(path, file)
            finally:
                path.unlink(missing_ok=True)

    def _keep(self, draft: "_Draft", copied: "_Copied") -> None:
        target = self.locate(copied.sha256)
        if target.exists():
            self.check(copied.sha256)
            return
        os.fsync(draft.file.fileno())
        os.fchmod(draft.file.fileno(), 0o444)
        target.parent.mkdir(exist_ok=True)
        # Of two processes sealing the same bytes both rename; either result is the same file.
        draft.path.rename(target)
        fsync_directory(target.parent)
        fsync_directory(self.path)


@dataclass(frozen=True, slots=True)
class _Draft:
    path: Path
    file: IO[bytes]


@dataclass(frozen=True, slots=True)
class _Copied:
    sha256: str
    size: int


def _copy(source: IO[bytes], draft: _Draft) -> _Copied:
    """Copy and hash in one pass."""
    digest, size = hashlib.sha256(), 0
    for chunk in _chunks(source):
        digest.update(chunk)
        size += len(chunk)
        rest = chunk
        while rest:  # an unbuffered write may take less than it was given
            rest = rest[draft.file.write(rest) :]
    return _Copied(digest.hexdigest(), size)


def _chunks(source: IO[bytes]) -> Iterator[memoryview]:
    """Yield the bytes of `source` piece by piece, in one buffer where the source can fill one."""
    fill = getattr(source, "readinto", None)
    if fill is None:
        while piece := source.read(_CHUNK):
            yield memoryview(piece)
        return
    buffer = memoryview(bytearray(_CHUNK))
    while count := fill(buffer):
        yield buffer[:count]


def _copy_file(path: Path, draft: _Draft) -> _Copied:
    """Copy a file and notice when it changes meanwhile.

    A change shows in size or modification time. A file written so recently that its clock may not
    tell a further write apart is read a second time.
    """
    began = os.fstat(draft.file.fileno()).st_mtime_ns
    with path.open("rb", buffering=0) as source:
        before = os.fstat(source.fileno())
        copied = _copy(source, draft)
        after = os.fstat(source.fileno())
        changed = (before.st_mtime_ns, copied.size) != (after.st_mtime_ns, after.st_size)
        if not changed and after.st_mtime_ns >= began - _CLOCK_NS:
            source.seek(0)
            changed = _hash(source) != copied
    if changed:
        raise Refused(f"{path}: changed while it was being sealed; copy it first, seal the copy")
    return copied


def _hash(source: IO[bytes]) -> _Copied:
    digest, size = hashlib.sha256(), 0
    for chunk in _chunks(source):
        digest.update(chunk)
        size += len(chunk)
    return _Copied(digest.hexdigest(), size)
