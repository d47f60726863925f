"""Runs kernels and plans. The only room that knows a query engine.

A kernel is `Iterator[RecordBatch] -> Iterator[RecordBatch]`; a plan is short SQL in DuckDB's
dialect. Both give the same answer however often, and on however many processes, they run.
"""

from palermo.engine.duck import DuckEngine
from palermo.engine.kernels import Kernel, Progress, Started, Workers, run_kernel, silent
from palermo.engine.outputs import staged_directory

__all__ = [
    "DuckEngine",
    "Kernel",
    "Progress",
    "Started",
    "Workers",
    "run_kernel",
    "silent",
    "staged_directory",
]
