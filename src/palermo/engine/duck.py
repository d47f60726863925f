"""DuckDB as the default engine: in memory, on one machine, spilling to disk when it must.

Answers are sets: a plan that needs an order says so with ORDER BY.
"""

from collections.abc import Mapping
from types import TracebackType
from typing import Self

import duckdb
import pyarrow as pa


class DuckEngine:
    """Runs plans over named Arrow tables. Use as a context manager."""

    def __init__(self, *, threads: int | None = None, memory_limit: str = "1500MB") -> None:
        self._connection = duckdb.connect(":memory:")
        self._connection.execute(f"SET memory_limit = '{memory_limit}'")
        # Extensions and remote files would be a way out to the network.
        self._connection.execute("SET autoinstall_known_extensions = false")
        self._connection.execute("SET autoload_known_extensions = false")
        if threads is not None:
            self._connection.execute(f"SET threads = {threads:d}")

    def load(self, tables: Mapping[str, pa.Table]) -> None:
        """Make each table known to plans under its name."""
        for name, table in tables.items():
            self._connection.register(name, table)

    def materialise(self, name: str, plan: str) -> None:
        """Run `plan` once and keep its rows under `name` for later plans."""
        self._connection.execute(f'CREATE OR REPLACE TABLE "{name}" AS {plan}')

    def query(self, plan: str) -> pa.Table:
        """Run `plan` and return its rows."""
        return self._connection.sql(plan).to_arrow_table()

    def close(self) -> None:
        """Free the engine's memory."""
        self._connection.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()
