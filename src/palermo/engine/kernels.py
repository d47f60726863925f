"""Runs kernels over a table, on one process or several, with the same result in the same order.

Batches are cut at fixed row numbers, never by the number of workers, and results are put back in
order, so that a second machine with other cores repeats the answer bit for bit.
"""

import multiprocessing
import os
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from dataclasses import dataclass
from types import TracebackType
from typing import Protocol, Self

import pyarrow as pa

BATCH_ROWS = 5_000
#: Below this many rows, starting processes costs more than it saves.
PARALLEL_FROM = 20_000

Kernel = Callable[[Iterator[pa.RecordBatch]], Iterator[pa.RecordBatch]]


class Progress(Protocol):
    """Told how far a step is; `total` 0 means unknown."""

    def __call__(self, step: str, done: int, total: int) -> None:
        """Report that `done` of `total` items of `step` are finished."""


def silent(step: str, done: int, total: int) -> None:
    """Report nothing."""


@dataclass(frozen=True, slots=True)
class Started:
    """A kernel that was started over a table; `result` waits for it."""

    step: str
    rows: int
    schema: pa.Schema
    batches: list[pa.RecordBatch]
    answers: Iterator[list[pa.RecordBatch]]

    def result(self, progress: Progress = silent) -> pa.Table:
        """Return the kernel's rows, in the order of the input."""
        found: list[pa.RecordBatch] = []
        done = 0
        progress(self.step, 0, self.rows)
        for batch, answer in zip(self.batches, self.answers, strict=True):
            found.extend(answer)
            done += batch.num_rows
            progress(self.step, done, self.rows)
        return pa.Table.from_batches(found, schema=self.schema)


class Workers:
    """Processes that run kernels side by side. Use as a context manager.

    `processes` defaults to the number of cores this process may use. No process is started for
    small tables. Kernels must be importable by name (a module-level function, or
    `functools.partial` of one).
    """

    def __init__(self, processes: int | None = None) -> None:
        self._processes = processes or len(os.sched_getaffinity(0))
        self._pool: ProcessPoolExecutor | None = None

    def start(self, kernel: Kernel, table: pa.Table, *, schema: pa.Schema, step: str) -> Started:
        """Start `kernel` over `table`; its rows have `schema`.

        With one process, or for a small table, the work is done when the result is asked for.
        """
        batches = table.combine_chunks().to_batches(max_chunksize=BATCH_ROWS)
        answers = (
            self._side_by_side(kernel, batches)
            if self._processes > 1 and table.num_rows >= PARALLEL_FROM
            else (_one_batch(kernel, batch) for batch in batches)
        )
        return Started(step, table.num_rows, schema, batches, answers)

    def _side_by_side(
        self, kernel: Kernel, batches: list[pa.RecordBatch]
    ) -> Iterator[list[pa.RecordBatch]]:
        if self._pool is None:
            # Spawned, not forked: a fork of a process with threads (Arrow, DuckDB) may hang.
            context = multiprocessing.get_context("spawn")
            self._pool = ProcessPoolExecutor(self._processes, mp_context=context)
        waiting = [self._pool.submit(_one_batch, kernel, batch) for batch in batches]
        return _in_order(waiting)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._pool is not None:
            self._pool.shutdown(cancel_futures=True)


def run_kernel(
    kernel: Kernel,
    table: pa.Table,
    *,
    schema: pa.Schema,
    step: str,
    progress: Progress = silent,
    workers: int | None = None,
) -> pa.Table:
    """Run one kernel over `table` and return its rows, in order, as a table of `schema`."""
    with Workers(workers) as pool:
        return pool.start(kernel, table, schema=schema, step=step).result(progress)


def _in_order(waiting: list[Future[list[pa.RecordBatch]]]) -> Iterator[list[pa.RecordBatch]]:
    for future in waiting:
        yield future.result()


def _one_batch(kernel: Kernel, batch: pa.RecordBatch) -> list[pa.RecordBatch]:
    return list(kernel(iter([batch])))
