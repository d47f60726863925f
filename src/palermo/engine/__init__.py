"""Runs kernels and plans. The only room that knows a query engine.

A kernel is `Iterator[RecordBatch] -> Iterator[RecordBatch]`; a plan is short SQL in DuckDB's
dialect. Both give the same answer however often, on however many processes, and on whichever
engine they run.
"""

from palermo.engine.connected import connect
from palermo.engine.duck import DuckEngine
from palermo.engine.kernels import Kernel, Progress, Started, Workers, run_kernel, silent
from palermo.engine.outputs import staged_directory
from palermo.engine.protocol import Engine
from palermo.engine.spark import SparkEngine

__all__ = [
    "DuckEngine",
    "Engine",
    "Kernel",
    "Progress",
    "SparkEngine",
    "Started",
    "Workers",
    "connect",
    "run_kernel",
    "silent",
    "staged_directory",
]
