"""Spark as the engine for more than one machine: the same plans and kernels, the same answers.

Imported only when it is asked for: needs `palermo[cluster]` and Java 17. Without `spark-submit` it
runs on this machine alone (local mode), on loopback, without a web page of its own, and what it
writes on the way lies in a folder that only this user may enter. Every table it makes is written
to a scratch folder and read back, so that a lost machine costs a step and not the run.
"""

import logging
import os
import sys
import tempfile
import uuid
import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import pyarrow as pa
import sqlglot
from py4j.protocol import Py4JJavaError
from pyspark.errors import AnalysisException, PySparkException
from pyspark.sql import SparkSession
from pyspark.sql.pandas.types import from_arrow_schema
from sqlglot.errors import ErrorLevel, SqlglotError

from palermo.engine.kernels import Kernel
from palermo.model import Refused, Unreadable

#: Where tables are kept between steps; on a cluster, a folder that every machine reaches.
SCRATCH = "spark.palermo.scratch"

#: What must hold for the answers to be right and for kernels to have bounded memory.
_ALWAYS = {
    "spark.sql.session.timeZone": "UTC",
    "spark.sql.execution.arrow.maxRecordsPerBatch": "5000",
    # Rows go through the Arrow forms of the API only; falling back to pandas would hide an error.
    "spark.sql.execution.arrow.pyspark.fallback.enabled": "false",
}
#: On one machine: nothing listens beyond loopback, and nothing is drawn on the screen.
_LOCAL = {
    "spark.driver.host": "127.0.0.1",
    "spark.driver.bindAddress": "127.0.0.1",
    "spark.ui.enabled": "false",
    "spark.ui.showConsoleProgress": "false",
    "spark.driver.memory": "4g",
    "spark.sql.parquet.compression.codec": "lz4_raw",
}


_LOG = Path(__file__).with_name("log4j2.properties").as_uri()
#: Delete a folder with what is in it.
_EVERYTHING = True


class SparkEngine:
    """Runs plans and kernels on Spark. Use as a context manager.

    `settings` are added to those of `spark-submit` or the defaults (Spark's own names). The
    session ends with the engine unless it was there before.

    Raises:
        Unreadable: Spark or Java is not there, or a cluster has no scratch folder.
    """

    def __init__(self, settings: Mapping[str, str] | None = None) -> None:
        self._private = tempfile.TemporaryDirectory(prefix="palermo-spark-")
        self._made: dict[str, str] = {}
        try:
            self._session, self._own = _session(settings or {}, self._private.name)
        except Unreadable:
            self._private.cleanup()
            raise
        context = self._session.sparkContext
        scratch = context.getConf().get(SCRATCH)
        if scratch is None and not context.master.startswith("local"):
            self.close()
            raise Unreadable(
                f"--conf {SCRATCH}: not set; on a cluster, name a folder that all its machines "
                "reach, such as hdfs:///tmp/palermo or s3a://bucket/tmp"
            )
        self._scratch = f"{(scratch or self._private.name).rstrip('/')}/{uuid.uuid4().hex}"

    def load(self, tables: Mapping[str, pa.Table | str]) -> None:
        """Make tables known under their names: Arrow tables, or paths that Spark reaches.

        Raises:
            Unreadable: there is no Parquet at a path.
        """
        for name, table in tables.items():
            if isinstance(table, str):
                frame = self._read(table)
            else:
                frame = self._session.createDataFrame(
                    table.cast(_without_dictionaries(table.schema))
                )
            frame.createOrReplaceTempView(name)

    def _read(self, path: str) -> Any:
        try:
            return self._session.read.parquet(path)
        except (AnalysisException, Py4JJavaError) as error:
            why = str(error).splitlines()[0]
            raise Unreadable(f"{path}: expected Parquet files that Spark reaches ({why})") from None

    def materialise(self, name: str, plan: str) -> None:
        """Run `plan` once and keep its rows under `name` for later plans."""
        self._keep(name, self._sql(plan))

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

        See `Engine.apply`. The kernel is called once a partition.
        """
        rows = self._sql(plan)
        if together is not None:
            rows = rows.repartition(together).sortWithinPartitions(together)
        with _no_pandas():
            frame = rows.mapInArrow(partial(_shipped, kernel, schema), from_arrow_schema(schema))
        self._keep(name, frame)

    def query(self, plan: str) -> pa.Table:
        """Run `plan` and return its rows; they must fit into this process."""
        table: pa.Table = self._sql(plan).toArrow()
        return table

    def must_be_free(self, path: str) -> None:
        """Make sure that there is nothing at `path` yet.

        Raises:
            Refused: there is something.
            Unreadable: Spark does not reach such an address.
        """
        try:
            files, place = self._place(path)
            taken = files.exists(place)
        except Py4JJavaError as error:
            why = str(error.java_exception.getMessage()).splitlines()[0]
            raise Unreadable(f"{path}: Spark does not reach it ({why})") from None
        if taken:
            raise Refused(f"{path}: there is something already; name a new folder")

    def save(self, plan: str, path: str) -> None:
        """Run `plan` and write its rows as a folder of Parquet files at `path`.

        Raises:
            Refused: there is something at `path`.
        """
        self.must_be_free(path)
        self._sql(plan).write.option("compression", "zstd").parquet(path)

    def drop(self, *names: str) -> None:
        """Forget tables that `materialise` or `apply` made, and delete their files."""
        for name in names:
            self._session.catalog.dropTempView(name)
            if (path := self._made.pop(name, None)) is not None:
                self._delete(path)

    def _sql(self, plan: str) -> Any:
        return self._session.sql(spark_sql(plan))

    def _keep(self, name: str, frame: Any) -> None:
        """Write `frame` under a name of its own, then let `name` mean that."""
        path = f"{self._scratch}/{name}-{uuid.uuid4().hex}"
        frame.write.parquet(path)
        self._session.read.schema(frame.schema).parquet(path).createOrReplaceTempView(name)
        if (old := self._made.pop(name, None)) is not None:
            self._delete(old)
        self._made[name] = path

    def _delete(self, path: str) -> None:
        files, place = self._place(path)
        files.delete(place, _EVERYTHING)

    def _place(self, path: str) -> tuple[Any, Any]:
        """Return Hadoop's file system and path for an address; Spark offers no other way."""
        context = self._session.sparkContext
        place = context._jvm.org.apache.hadoop.fs.Path(path)
        return place.getFileSystem(context._jsc.hadoopConfiguration()), place

    def close(self) -> None:
        """Delete the scratch tables and end the session if it is the engine's own."""
        if self._made:
            self._delete(self._scratch)
        self._made = {}
        if self._own:
            self._session.stop()
        self._private.cleanup()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()


def spark_sql(plan: str) -> str:
    """Return a plan in DuckDB's dialect in Spark's.

    Raises:
        ValueError: it is not one statement of SQL, or says what Spark has no words for.
    """
    try:
        (statement,) = sqlglot.transpile(
            plan, read="duckdb", write="spark", unsupported_level=ErrorLevel.RAISE
        )
    except SqlglotError as error:
        raise ValueError(f"plan cannot be said in Spark's dialect: {error}") from error
    return statement


def _session(settings: Mapping[str, str], private: str) -> tuple[Any, bool]:
    """Return a Spark session, and whether it was started here."""
    there = SparkSession.getActiveSession()
    builder = SparkSession.builder.appName("palermo")
    submitted = "PYSPARK_GATEWAY_PORT" in os.environ
    if there is None and not submitted:
        builder = builder.master("local[*]")
        # Else Spark takes the address of an interface, and the system's Python for kernels.
        os.environ.setdefault("SPARK_LOCAL_IP", "127.0.0.1")
        os.environ.setdefault("PYSPARK_PYTHON", sys.executable)
        settings = _LOCAL | {"spark.local.dir": private} | dict(settings)
        settings["spark.driver.extraJavaOptions"] = " ".join(
            [
                f"-Dlog4j2.configurationFile={_LOG}",
                settings.get("spark.driver.extraJavaOptions", ""),
            ]
        )
    for name, value in (_ALWAYS | dict(settings)).items():
        builder = builder.config(name, value)
    try:
        with _no_pandas():
            session = builder.getOrCreate()
    except (PySparkException, OSError) as error:
        raise Unreadable(
            f"--engine spark: Spark does not start ({error}); it needs Java 17 or newer"
        ) from None
    session.sparkContext.setLogLevel("ERROR")
    logging.getLogger("py4j").setLevel(logging.ERROR)
    return session, there is None


def _shipped(
    kernel: Kernel, schema: pa.Schema, batches: Iterator[pa.RecordBatch]
) -> Iterator[pa.RecordBatch]:
    """Run a kernel where Spark calls it; what it yields gets the types announced."""
    for batch in kernel(batches):
        yield batch.cast(schema)


def _without_dictionaries(schema: pa.Schema) -> pa.Schema:
    """Return `schema` with dictionaries written out, which Spark does not know."""
    return pa.schema(
        [
            field.with_type(field.type.value_type) if pa.types.is_dictionary(field.type) else field
            for field in schema
        ]
    )


@contextmanager
def _no_pandas() -> Iterator[None]:
    """Silence what Spark says about pandas 3: it is imported there, and no frame is ever made."""
    with warnings.catch_warnings():
        warnings.filterwarnings(
            "ignore", "PySpark does not yet fully support pandas", FutureWarning
        )
        yield
