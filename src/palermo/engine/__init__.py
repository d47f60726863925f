"""Runs kernels and plans. The only room that knows a query engine.

A kernel is `Iterator[RecordBatch] -> Iterator[RecordBatch]`; a plan is short SQL in DuckDB's
dialect. Both give the same answer however often, on however many processes, and on whichever
engine they run.
"""

from collections.abc import Callable, Mapping
from typing import Final, Literal

from palermo.engine.connected import connect
from palermo.engine.duck import DuckEngine
from palermo.engine.kernels import Kernel, Progress, Started, Workers, run_kernel, silent
from palermo.engine.outputs import staged_directory
from palermo.engine.protocol import Engine
from palermo.model import Unreadable


def spark_engine(settings: Mapping[str, str] | None = None) -> Engine:
    """Start Spark, with `settings` in Spark's own names; see `engine.spark.SparkEngine`.

    Raises:
        Unreadable: Spark or Java is not installed, or a cluster has no scratch folder.
    """
    try:
        from palermo.engine.spark import SparkEngine  # noqa: PLC0415  an optional part
    except ImportError as error:
        raise Unreadable(
            f"engine spark: {error.name} is not installed; pip install 'palermo[cluster]', and "
            "Java 17 (Debian: openjdk-17-jre-headless)"
        ) from None
    return SparkEngine(settings)


EngineName = Literal["duckdb", "spark"]

#: How each engine is started with its default settings.
ENGINES: Final[dict[EngineName, Callable[[], Engine]]] = {
    "duckdb": DuckEngine,
    "spark": spark_engine,
}

__all__ = [
    "ENGINES",
    "DuckEngine",
    "Engine",
    "EngineName",
    "Kernel",
    "Progress",
    "Started",
    "Workers",
    "connect",
    "run_kernel",
    "silent",
    "spark_engine",
    "staged_directory",
]
