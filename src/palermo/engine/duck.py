"""DuckDB as the default engine: in memory, on one machine, spilling to disk when it must.

Answers are sets: a plan that needs an order says so with ORDER BY.
"""

from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Self

import duckdb
import pyarrow as pa

from palermo.engine.kernels import BATCH_ROWS, Kernel
from palermo.model import Refused, Unreadable


class DuckEngine:
    """Runs plans over named Arrow tables. Use as a context manager."""

    def __init__(self, *, threads: int | None = None, memory_limit: str = "1500MB") -> None:
        self._connection = duckdb.connect(":memory:")
        self._connection.execute(f"SET memory_limit = '{memory_limit}'")
        # Extensions and remote files would be a way out to the network.
        self._connection.execute("SET autoinstall_known_extensions = false")
        self._connection.execute("SET autoload_known_extensions = false")
        # A plan that names a table nobody loaded must fail, not find a variable of that name.
        self._connection.execute("SET python_enable_replacements = false")
        if threads is not None:
            self._connection.execute(f"SET threads = {threads:d}")

    def load(self, tables: Mapping[str, pa.Table | str]) -> None:
        """Make tables known under their names: Arrow tables, or paths of local Parquet files.

        Raises:
            Unreadable: there is no Parquet at a path.
        """
        for name, table in tables.items():
            if isinstance(table, str):
                self._connection.register(name, self._parquet(table))
            else:
                self._connection.register(name, table)

    def _parquet(self, path: str) -> duckdb.DuckDBPyRelation:
        # Files whose names begin so are not data: that is what Spark and Hive go by.
        files = [str(p) for p in sorted(Path(path).rglob("*.parquet")) if p.name[0] not in "._"]
        try:
            return self._connection.read_parquet(files or path)
        except duckdb.Error as error:
            why = str(error).splitlines()[0]
            raise Unreadable(f"{path}: expected Parquet files on this machine ({why})") from None

    def materialise(self, name: str, plan: str) -> None:
        """Run `plan` once and keep its rows under `name` for later plans."""
        self._connection.execute(f'CREATE OR REPLACE TABLE "{name}" AS {plan}')

    def apply(
        self,
        name: str,
        kernel: Kernel,
        plan: str,
        *,
        schema: pa.Schema,
        together: str | None = None,
    ) -> None:
        """Run `kernel` over the rows of `plan` and keep what it yields under `name`.

        See `Engine.apply`. The kernel is called once; rows stream through it in small batches.
        """
        if together is not None:
            plan = f'SELECT * FROM ({plan}) AS rows_to_sort ORDER BY "{together}"'
        batches = self._connection.sql(plan).to_arrow_reader(BATCH_ROWS)
        found = pa.Table.from_batches(
            [batch.cast(schema) for batch in kernel(iter(batches))], schema=schema
        )
        self._connection.register("kernel_rows", found)
        self.materialise(name, "SELECT * FROM kernel_rows")
        self._connection.unregister("kernel_rows")

    def query(self, plan: str) -> pa.Table:
        """Run `plan` and return its rows."""
        return self._connection.sql(plan).to_arrow_table()

    def must_be_free(self, path: str) -> None:
        """Make sure that there is nothing at `path` yet.

        Raises:
            Refused: there is something.
        """
        if Path(path).exists():
            raise Refused(f"{path}: there is something already; name a new folder")

    def save(self, plan: str, path: str) -> None:
        """Run `plan` and write its rows as one Parquet file in a new folder `path`.

        Raises:
            Refused: there is something at `path`.
        """
        self.must_be_free(path)
        folder = Path(path)
        folder.mkdir(parents=True)
        rows = self._connection.sql(plan)
        rows.write_parquet(str(folder / "part-00000.parquet"), compression="zstd")

    def drop(self, *names: str) -> None:
        """Forget tables that `materialise` or `apply` made."""
        for name in names:
            self._connection.execute(f'DROP TABLE IF EXISTS "{name}"')

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
