"""Writes many small new files beside the work of making their content.

Guarantees that after `finish` every file is written whole, or it raises the `OSError` of the first
that could not be; and that after `stop` no file appears any more.
"""

import os
from concurrent.futures import Future, ThreadPoolExecutor

from palermo.evidence.vault.durable import write_all

_FILES, _BYTES = 64, 4 << 20  # that are handed over together
_AHEAD = 4  # hand-overs that may wait

_Files = list[tuple[str, bytes]]


def new_file(path: str) -> int:
    """Make a read-only file and open it for writing, never through a link or over another."""
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
    return os.open(path, flags, 0o444)


class FileWriter:
    """One thread that writes; started with the first full hand-over, so one file costs none."""

    def __init__(self) -> None:
        self._files: _Files = []
        self._bytes = 0
        self._worker: ThreadPoolExecutor | None = None
        self._pending: list[Future[None]] = []

    def add(self, path: str, data: bytes) -> None:
        """Write `data` to a new file, now or soon; raise OSError for an earlier one."""
        self._files.append((path, data))
        self._bytes += len(data)
        if len(self._files) < _FILES and self._bytes < _BYTES:
            return
        if self._worker is None:
            self._worker = ThreadPoolExecutor(1)
        self._pending.append(self._worker.submit(_write, self._files))
        self._files, self._bytes = [], 0
        if len(self._pending) > _AHEAD:
            self._pending.pop(0).result()

    def finish(self) -> None:
        """Write what is left."""
        while self._pending:
            self._pending.pop(0).result()
        files, self._files = self._files, []
        _write(files)

    def stop(self) -> None:
        """Let the thread end."""
        self._files = []
        if self._worker is not None:
            self._worker.shutdown(cancel_futures=True)


def _write(files: _Files) -> None:
    for path, data in files:
        descriptor = new_file(path)
        try:
            write_all(descriptor, data)
        finally:
            os.close(descriptor)
