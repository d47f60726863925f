"""Encrypting a source in one pass: read, hash, encrypt, hash again, write.

Guarantees that the hashes and the size are those of exactly the bytes that were written, and that a
file which changes while it is read is `Refused`. The two hashes, the reading and the writing run
side by side; hashing, encryption and system calls let go of Python's lock.
"""

import contextlib
import hashlib
import os
import stat
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, BinaryIO

from palermo.evidence.vault.durable import write_all
from palermo.evidence.vault.stream import CHUNK, TAG, Cipher, fill
from palermo.model import Refused, Unreadable

_SLOTS = 24  # chunks on their way at once: enough that no thread waits for another
_FLUSH = 64 << 20  # bytes after which the disk is set to work
_CLOCK_NS = 2_000_000_000  # the coarsest clock of a file system in use: two seconds


class Unwritable(Unreadable):
    """The vault, not the source, is what failed: no other source will fare better."""


@dataclass(frozen=True, slots=True)
class Written:
    """What was sealed: hashes in hexadecimal of the plain and the sealed bytes, plain size."""

    sha256: str
    sealed_sha256: str
    size: int


class Source:
    """A file, or something that reads, from its present place to its end."""

    def __init__(self, file: BinaryIO, name: str, path: Path | None, now_ns: int) -> None:
        self._file, self._name, self._path, self._now_ns = file, name, path, now_ns
        self._before = os.fstat(file.fileno()) if path else None

    def fill(self, buffer: memoryview) -> int:
        """Read until `buffer` is full or the source ends.

        Raises:
            Unreadable: when it cannot be read on.
        """
        try:
            return fill(self._file, buffer, self._name)
        except OSError as error:
            raise unsealable(str(self._path or self._name), error) from None

    def unchanged(self, sha256: str, size: int) -> None:
        """Make sure that a file is still what was read.

        A change shows in size or modification time. A file written so recently that its clock may
        not tell a further write apart is read a second time.

        Raises:
            Refused: when it changed.
        """
        if self._before is None:
            return
        after = os.fstat(self._file.fileno())
        changed = (self._before.st_mtime_ns, size) != (after.st_mtime_ns, after.st_size)
        if not changed and after.st_mtime_ns >= self._now_ns - _CLOCK_NS:
            self._file.seek(0)
            digest, buffer = hashlib.sha256(), memoryview(bytearray(min(CHUNK, size + 1)))
            while count := self.fill(buffer):
                digest.update(buffer[:count])
            changed = digest.hexdigest() != sha256
        if changed:
            raise Refused(
                f"{self._path}: changed while it was being sealed; copy it first, seal the copy"
            )


@contextlib.contextmanager
def opened(source: Path | BinaryIO, name: str, now_ns: Callable[[], int]) -> Iterator[Source]:
    """Open a path, or take what is open already. `now_ns` tells the time of the vault's disk.

    Raises:
        Unreadable: when the path is no file that can be read.
    """
    if not isinstance(source, Path):
        yield Source(source, name, None, 0)
        return
    try:
        descriptor = os.open(source, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    except (OSError, ValueError) as error:
        raise unsealable(str(source), error) from None
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise Unreadable(
            f"{source}: cannot be sealed (it is a folder, a device or a pipe); name a file"
        )
    with os.fdopen(descriptor, "rb", buffering=0) as file:
        yield Source(file, name, source, now_ns())


def unsealable(where: str, error: Exception) -> Unreadable:
    """Say that a source cannot be read."""
    why = getattr(error, "strerror", None) or error
    return Unreadable(f"{where}: cannot be sealed ({why}); check that it is there and can be read")


def unwritable(where: Path, error: OSError) -> Unwritable:
    """Say that the vault cannot take an exhibit."""
    return Unwritable(
        f"{error.filename or where}: the exhibit cannot be sealed ({error.strerror or error}); "
        "check that the case folder can be written and has room"
    )


def seal_small(plain: memoryview, key: bytes) -> tuple[bytes, str]:
    """Seal what fits into one chunk; return the sealed bytes and their hash in hexadecimal."""
    cipher = Cipher.new(key)
    head = len(cipher.header)
    sealed = bytearray(head + len(plain) + TAG)
    sealed[:head] = cipher.header
    cipher.seal(0, plain, memoryview(sealed)[head:], last=True)
    return bytes(sealed), hashlib.sha256(sealed).hexdigest()


@dataclass(slots=True)
class _Slot:
    """Room for one chunk, plain and sealed, and the work on it that is still under way."""

    plain: memoryview = field(default_factory=lambda: memoryview(bytearray(CHUNK)))
    sealed: memoryview = field(default_factory=lambda: memoryview(bytearray(CHUNK + TAG)))
    pending: list[Future[Any]] = field(default_factory=list)

    def wait(self) -> None:
        for one in self.pending:
            one.result()
        self.pending.clear()


def seal_large(first: memoryview, source: Source, descriptor: int, key: bytes) -> Written:
    """Seal a full first chunk and the rest of `source` into an open file.

    Raises:
        Unreadable: when the source cannot be read on.
        OSError: when the file cannot be written.
    """
    cipher = Cipher.new(key)
    plain_hash, sealed_hash = hashlib.sha256(), hashlib.sha256(cipher.header)
    slots = [_Slot() for _ in range(_SLOTS)]
    slots[0].plain[:] = first
    number, have, size, unflushed = 0, len(first), 0, 0
    with (
        ThreadPoolExecutor(1) as plain_worker,
        ThreadPoolExecutor(1) as sealed_worker,
        ThreadPoolExecutor(1) as disk,
    ):
        write_all(descriptor, cipher.header)
        flushing: Future[None] | None = None
        last = False
        while not last:
            slot, ahead = slots[number % _SLOTS], slots[(number + 1) % _SLOTS]
            plain, sealed = slot.plain[:have], slot.sealed[: have + TAG]
            slot.pending.append(plain_worker.submit(plain_hash.update, plain))
            ahead.wait()
            # Only a full chunk has something after it, and only a look ahead tells whether.
            after = source.fill(ahead.plain) if have == CHUNK else 0
            last = not after
            cipher.seal(number, plain, sealed, last=last)
            slot.pending.append(sealed_worker.submit(sealed_hash.update, sealed))
            write_all(descriptor, sealed)
            number, size, have, unflushed = number + 1, size + have, after, unflushed + have
            if unflushed >= _FLUSH and (flushing is None or flushing.done()):
                if flushing is not None:
                    flushing.result()
                flushing, unflushed = disk.submit(os.fdatasync, descriptor), 0
        for slot in slots:
            slot.wait()
        if flushing is not None:
            flushing.result()
    return Written(plain_hash.hexdigest(), sealed_hash.hexdigest(), size)
