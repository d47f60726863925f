"""Work in the background for one case: one at a time, with signs of life, stoppable.

Guarantees that nothing else is done for a case while `held` is, by whichever process; that the hold
ends with the process that has it, however that ends; and that a wish to cancel, or a stop of the
whole worker, is heeded at the next report of progress.
"""

import fcntl
import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Self

from django.conf import settings
from django.db import Error as DatabaseFailure
from django.db import connection

from palermo.desks.access.models import Case
from palermo.desks.access.row_security import working_for
from palermo.desks.cases.models import Run

_BEAT_SECONDS = 1.0
_LOCK = ".lock"

#: Set when the worker is to stop: what is being done is left to be taken up at the next start.
stopping = threading.Event()


class Busy(Exception):
    """Something else is being done for the case."""


class Cancelled(Exception):
    """Somebody asked the run to stop."""


class Interrupted(Exception):
    """The worker stops; the run is taken up again at its next start."""


def folder_of(case: Case) -> Path:
    """Return where the node keeps what belongs to the case."""
    folder: Path = settings.PALERMO_CASES / case.key
    return folder


def case_folder(case: Case) -> Path:
    """Return the case folder: vault, custody log, outputs."""
    return folder_of(case) / "case"


@contextmanager
def held(case: Case) -> Iterator[None]:
    """Hold the case for the length of the block.

    The lock is the kernel's, on a file in the folder of the case: it goes with the process, so that
    nothing has to guess from old signs of life whether somebody is still at work.

    Raises:
        Busy: it is held already.
    """
    folder = folder_of(case)
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    descriptor = os.open(folder / _LOCK, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise Busy from None
        yield
    finally:
        os.close(descriptor)


class Beat:
    """Progress of a run: kept here, written to the run once a second by a thread of its own.

    The thread has its own connection, so that progress is seen while the work itself is in a long
    transaction. On SQLite such a transaction keeps the thread waiting; it then goes on after it.
    """

    def __init__(self, run: Run) -> None:
        self._run, self._case = run.pk, run.case
        self._at: tuple[str, int, int] = ("", 0, 0)
        self._began = settings.PALERMO_CLOCK()
        self._cancelled = threading.Event()
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._beat, name="beat", daemon=True)

    def __call__(self, step: str, done: int, total: int) -> None:
        """Note that `done` of `total` (0: unknown) of `step` are finished.

        Raises:
            Cancelled: somebody asked for it.
            Interrupted: the worker stops.
        """
        if step != self._at[0]:
            self._began = settings.PALERMO_CLOCK()
        self._at = (step, done, total)
        if self._cancelled.is_set():
            raise Cancelled
        if stopping.is_set():
            raise Interrupted

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._ended.set()
        self._thread.join()

    def _beat(self) -> None:
        try:
            while not self._ended.is_set():
                try:
                    with working_for(self._case):
                        self._once()
                except DatabaseFailure:
                    # Busy or away: progress stands still, the work does not.
                    connection.close()
                self._ended.wait(_BEAT_SECONDS)
        finally:
            connection.close()

    def _once(self) -> None:
        step, done, total = self._at
        mine = Run.rows.filter(pk=self._run, state=Run.State.RUNNING)
        mine.update(
            step=step,
            done=done,
            total=total,
            step_began=self._began,
            beat=settings.PALERMO_CLOCK(),
        )
        if Run.rows.filter(pk=self._run).exclude(cancel_asked_by=None).exists():
            self._cancelled.set()
