"""What every engine can do, so that no caller needs to know which one it has.

Rows have no order unless a plan says ORDER BY; answers of two engines are equal as sets of rows.
"""

from collections.abc import Mapping
from types import TracebackType
from typing import Protocol, Self

import pyarrow as pa

from palermo.engine.kernels import Kernel


class Engine(Protocol):
    """Runs plans (SQL in DuckDB's dialect) and kernels over named tables."""

    def load(self, tables: Mapping[str, pa.Table | str]) -> None:
        """Make tables known under their names: Arrow tables, or paths of Parquet files.

        A path is a file, a folder of files, or whatever address the engine can reach.

        Raises:
            Unreadable: there is no Parquet at a path.
        """

    def materialise(self, name: str, plan: str) -> None:
        """Run `plan` once and keep its rows under `name`, which the plan itself may read."""

    def apply(
        self,
        name: str,
        kernel: Kernel,
        plan: str,
        *,
        schema: pa.Schema,
        together: str | None = None,
    ) -> None:
        """Run `kernel` over the rows of `plan` once and keep what it yields under `name`.

        Rows are dealt to as many calls of the kernel as the engine likes, in batches cut anywhere.
        With `together`, a column of the plan, all rows of one value of it go to the same call, one
        after the other. `kernel` must be importable by name (or a `functools.partial` of such).
        """

    def query(self, plan: str) -> pa.Table:
        """Run `plan` and return its rows."""

    def must_be_free(self, path: str) -> None:
        """Make sure, before any work is done, that `save` will find nothing at `path`.

        Raises:
            Refused: there is something at `path`.
        """

    def save(self, plan: str, path: str) -> None:
        """Run `plan` and write its rows as Parquet to `path`, where nothing may be yet.

        Raises:
            Refused: there is something at `path`.
        """

    def drop(self, *names: str) -> None:
        """Forget tables that `materialise` or `apply` made, and free their room."""

    def close(self) -> None:
        """Free everything the engine holds."""

    def __enter__(self) -> Self:
        """Return the engine itself."""

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Close the engine."""
