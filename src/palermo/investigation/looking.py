"""Decodes and hashes the photos of a case while its files are read, in processes of their own.

Guarantees that a picture that breaks its decoder costs that picture alone; that each is decoded
once, however often it occurs; and that the result does not depend on the number of processes. No
pixel leaves the process that decodes it.
"""

import multiprocessing
import os
from collections import deque
from collections.abc import Callable
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Self

from palermo.analysis.images import ImageHashes, hash_image
from palermo.model import Unreadable

#: More than a photo has; what is larger is not even loaded.
MOST_BYTES = 200_000_000

Hasher = Callable[[bytes], ImageHashes]


@dataclass(frozen=True, slots=True)
class Looked:
    """Photos by SHA-256: their hashes, or why there are none."""

    hashes: dict[str, ImageHashes] = field(default_factory=dict)
    troubles: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class _Pending:
    sha256: str
    data: bytes
    future: "Future[ImageHashes | str]"


class Looking:
    """Shown photos one after the other (see `read_items`); `result` has all of them.

    `processes` defaults to the cores this process may use. None is started before the first photo.
    Use as a context manager.
    """

    def __init__(self, processes: int | None = None, hasher: Hasher = hash_image) -> None:
        self._processes = processes or len(os.sched_getaffinity(0))
        self._hasher = hasher
        self._pool: ProcessPoolExecutor | None = None
        self._pending: deque[_Pending] = deque()
        self._seen: set[str] = set()
        self._looked = Looked()

    def __call__(self, path: Path, sha256: str) -> None:
        """Take the photo at `path`; its bytes are read before this returns."""
        if sha256 in self._seen:
            return
        self._seen.add(sha256)
        if path.stat().st_size > MOST_BYTES:
            self._looked.troubles[sha256] = f"not decoded: larger than {MOST_BYTES:,} bytes"
            return
        self._submit(sha256, path.read_bytes())
        # So many at a time and no more: what waits is held in memory.
        while len(self._pending) > 2 * self._processes:
            self._settle()

    def result(self) -> Looked:
        """Wait for all photos and return what came of them."""
        while self._pending:
            self._settle()
        return self._looked

    def _submit(self, sha256: str, data: bytes) -> None:
        try:
            future = self._started().submit(_hash, self._hasher, data)
        except BrokenProcessPool:
            self._one_by_one(list(self._pending))
            future = self._started().submit(_hash, self._hasher, data)
        self._pending.append(_Pending(sha256, data, future))

    def _started(self) -> ProcessPoolExecutor:
        if self._pool is None:
            # Spawned, not forked: a fork of a process with threads (Arrow, DuckDB) may hang.
            context = multiprocessing.get_context("spawn")
            self._pool = ProcessPoolExecutor(self._processes, mp_context=context)
        return self._pool

    def _settle(self) -> None:
        one = self._pending.popleft()
        try:
            self._note(one.sha256, one.future.result())
        except BrokenProcessPool:
            self._one_by_one([one, *self._pending])

    def _one_by_one(self, waiting: list[_Pending]) -> None:
        """A picture broke its process, and all that waited failed with it: find out which."""
        self._pending.clear()
        self._close()
        for one in waiting:
            try:
                found = self._started().submit(_hash, self._hasher, one.data).result()
            except BrokenProcessPool:
                found = "the decoder broke down on it"
                self._close()
            self._note(one.sha256, found)

    def _note(self, sha256: str, found: ImageHashes | str) -> None:
        if isinstance(found, str):
            self._looked.troubles[sha256] = found
        else:
            self._looked.hashes[sha256] = found

    def _close(self) -> None:
        if self._pool is not None:
            self._pool.shutdown(cancel_futures=True)
            self._pool = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._close()


def _hash(hasher: Hasher, data: bytes) -> ImageHashes | str:
    try:
        return hasher(data)
    except Unreadable as error:
        return str(error)
