"""Shared by all tests: where outside test data lies, and no silent skips in CI."""

import os
import shutil
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

from palermo.engine import DuckEngine, Engine, spark_engine

SHARED = Path(__file__).resolve().parents[2] / "shared"


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder of real test data beside the repository; the test is skipped without it."""
    data = SHARED / "data"
    if not data.is_dir():
        pytest.skip(f"no test data beside the repository ({data})")
    return data


@pytest.fixture(autouse=True, scope="session")
def _own_node(tmp_path_factory: pytest.TempPathFactory) -> None:
    """Keep the tests' keys away from the user's node."""
    os.environ["PALERMO_HOME"] = str(tmp_path_factory.mktemp("node"))


@pytest.fixture(autouse=True, scope="session")
def _flushing(request: pytest.FixtureRequest) -> Iterator[None]:
    """Let Django empty its tables between tests: it meets the triggers that keep the audit."""
    from django.db.backends.sqlite3.operations import DatabaseOperations

    flush = DatabaseOperations.sql_flush
    kept = "SELECT sql FROM sqlite_master WHERE type = 'trigger' AND name LIKE 'access_%_keep_%'"

    def around(self: DatabaseOperations, *args: Any, **more: Any) -> list[str]:
        with self.connection.cursor() as cursor:
            triggers = [sql for (sql,) in cursor.execute(kept).fetchall()]
        names = [sql.split()[2] for sql in triggers]
        drop = [f"DROP TRIGGER {name}" for name in names]
        return [*drop, *flush(self, *args, **more), *triggers]

    DatabaseOperations.sql_flush = around  # type: ignore[assignment,method-assign]
    yield
    DatabaseOperations.sql_flush = flush  # type: ignore[method-assign]


#: Little tables: compiling and planning for large ones would cost most of the time.
SPARK_FOR_TESTS = {
    "spark.master": "local[2]",
    "spark.driver.memory": "1g",
    "spark.driver.extraJavaOptions": "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC",
    "spark.sql.shuffle.partitions": "2",
    "spark.sql.adaptive.enabled": "false",
    "spark.sql.codegen.wholeStage": "false",
    "spark.sql.codegen.factoryMode": "NO_CODEGEN",
}


@pytest.fixture(scope="session")
def spark() -> Iterator[Engine]:
    """Spark on this machine, started once a session: whoever asks for Spark then gets this one.

    Tests that use it carry the mark `xdist_group("spark")`, so that one process runs them all.
    """
    if find_spec("pyspark") is None or shutil.which("java") is None:
        pytest.skip("Spark needs pyspark and Java: see tools/system-packages")
    with spark_engine(SPARK_FOR_TESTS) as engine:
        yield engine


@pytest.fixture
def duck() -> Iterator[Engine]:
    with DuckEngine(threads=1) as engine:
        yield engine


@pytest.fixture(params=["duckdb", pytest.param("spark", marks=pytest.mark.xdist_group("spark"))])
def engine(request: pytest.FixtureRequest) -> Engine:
    """Each engine in turn."""
    found: Engine = request.getfixturevalue("duck" if request.param == "duckdb" else "spark")
    return found


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    """In CI nothing may be skipped: a skip there is a missing install step."""
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    if os.environ.get("CI") and reporter is not None and reporter.stats.get("skipped"):
        session.exitstatus = pytest.ExitCode.TESTS_FAILED
