"""Every engine keeps the same promises; Spark besides keeps to itself."""

import importlib
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from palermo.analysis import networks
from palermo.engine import Engine, spark_engine
from palermo.model import Refused, Unreadable

ROWS = pa.schema([("n", pa.int64()), ("text", pa.string())])


def doubled(batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
    """Yield every row twice; large strings, to see that engines bring types into line."""
    for batch in batches:
        twice = pa.concat_tables([pa.Table.from_batches([batch])] * 2).combine_chunks()
        yield twice.cast(pa.schema([("n", pa.int64()), ("text", pa.large_string())])).to_batches()[
            0
        ]


def runs(batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
    """Yield (text, rows) for every run of one text in the whole stream of rows."""
    last, size = None, 0
    for batch in batches:
        for text in batch["text"].to_pylist():
            if size and text != last:
                yield pa.record_batch([[size], [last]], ROWS)
                size = 0
            last, size = text, size + 1
    if size:
        yield pa.record_batch([[size], [last]], ROWS)


def rows(table: pa.Table) -> list[tuple[object, ...]]:
    return sorted(tuple(row.values()) for row in table.to_pylist())


def numbers(count: int) -> pa.Table:
    return pa.table([range(count), [f"t{n % 7}" for n in range(count)]], schema=ROWS)


def test_a_plan_may_replace_what_it_reads(engine: Engine) -> None:
    engine.load({"given": pa.table({"n": [1, 2, 3]})})
    engine.materialise("kept", "SELECT n FROM given")
    for _ in range(3):
        engine.materialise("kept", "SELECT n * 2 AS n FROM kept")
    assert rows(engine.query("SELECT n FROM kept")) == [(8,), (16,), (24,)]
    engine.drop("kept", "never_made")
    with pytest.raises(Exception, match="kept"):
        engine.query("SELECT n FROM kept")


def test_values_come_back_as_they_were(engine: Engine) -> None:
    odd = ["", "a\0b", "é", "\U0001f98a", "ab", "a", "B", None, "\u0645\u0631\u062d\u0628\u0627"]
    moment = datetime(2026, 3, 29, 1, 30, 0, 123456, UTC)
    table = pa.table(
        {
            "text": pa.array(odd, pa.string()),
            "moment": pa.array([moment, None, *[moment] * 7], pa.timestamp("us", "UTC")),
            "octets": pa.array([b"\x00\xff", None, *[b""] * 7], pa.binary()),
            "share": pa.array([0.1, float("inf"), *[-0.0] * 7], pa.float64()),
        }
    )
    engine.load({"odd": table})
    found = engine.query("SELECT text, moment, octets, share FROM odd").cast(table.schema)
    key = [(str(row["text"]), row) for row in found.to_pylist()]
    assert sorted(key, key=lambda pair: pair[0]) == sorted(
        ((str(row["text"]), row) for row in table.to_pylist()), key=lambda pair: pair[0]
    )
    ordered = engine.query("SELECT text FROM odd ORDER BY text")["text"].to_pylist()
    present = [text for text in odd if text is not None]
    assert ordered == [*sorted(present, key=str.encode), None]


def test_a_kernel_meets_every_row_once(engine: Engine) -> None:
    engine.load({"numbers": numbers(12_345)})
    engine.apply("twice", doubled, "SELECT n, text FROM numbers", schema=ROWS)
    (found,) = engine.query("SELECT count(*) AS c, sum(n) AS s FROM twice").to_pylist()
    assert found == {"c": 24_690, "s": 12_344 * 12_345}


def test_rows_of_one_value_stay_together(engine: Engine) -> None:
    engine.load({"numbers": numbers(12_345)})
    engine.apply("runs", runs, "SELECT n, text FROM numbers", schema=ROWS, together="text")
    found = engine.query("SELECT text, n FROM runs")
    assert rows(found) == [(f"t{k}", 1764 if k < 4 else 1763) for k in range(7)]


def test_a_kernel_of_no_rows_leaves_an_empty_table(engine: Engine) -> None:
    engine.load({"nothing": ROWS.empty_table()})
    engine.apply("twice", doubled, "SELECT n, text FROM nothing", schema=ROWS)
    assert engine.query("SELECT text, n FROM twice").num_rows == 0


def test_parquet_is_read_where_it_lies_and_never_overwritten(
    engine: Engine, tmp_path: Path
) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    for part in range(2):
        pq.write_table(numbers(10).slice(5 * part, 5), folder / f"part-{part}.parquet")
    engine.load({"stored": str(folder)})
    plan = "SELECT n, text FROM stored WHERE n > 2"
    engine.save(plan, str(tmp_path / "out"))
    engine.load({"again": str(tmp_path / "out")})
    assert rows(engine.query("SELECT n, text FROM again")) == rows(numbers(10).slice(3))
    before = sorted(path.name for path in (tmp_path / "out").iterdir())
    with pytest.raises(Refused, match="something already"):
        engine.save(plan, str(tmp_path / "out"))
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == before


def test_what_is_no_parquet_is_unreadable(engine: Engine, tmp_path: Path) -> None:
    for path in (tmp_path / "nowhere", tmp_path):
        with pytest.raises(Unreadable, match=r"expected Parquet"):
            engine.load({"absent": str(path)})


def test_the_plans_of_networks_say_the_same(engine: Engine) -> None:
    """Nulls, ties, and times: what two dialects are likeliest to see in two ways."""
    day = datetime(2026, 1, 1, tzinfo=UTC)
    engine.load(
        {
            "items": pa.table(
                {
                    "id": ["a", "b", "c", "d"],
                    "platform": pa.array(["x", None, "x", ""], pa.string()),
                    "account": pa.array(["u", "u", "", None], pa.string()),
                    "posted_at": pa.array([day, None, None, day], pa.timestamp("us", "UTC")),
                    "octets": pa.array([50, 60, 70, 80], pa.int32()),
                    "position": [0, 1, 2, 3],
                }
            ),
            "identifiers": pa.table(
                {
                    "id": ["a", "a", "b", "c", "d", "d"],
                    "kind": ["phone"] * 4 + ["email", "odd"],
                    "value": ["1", "1", "1", "2", "e", "1"],
                }
            ),
            "campaigns": pa.table(
                {"id": ["a", "b", "c", "d"], "campaign": [None, "c-1", "c-1", None]}
            ),
            "kinds": pa.table({"kind": ["email", "phone"]}),
        }
    )
    engine.materialise("shared", networks.SHARED)
    assert engine.query(networks.SHARED_IN_ORDER).to_pylist() == [
        {"kind": "campaign", "value": "c-1", "position": 1},
        {"kind": "campaign", "value": "c-1", "position": 2},
        {"kind": "phone", "value": "1", "position": 0},
        {"kind": "phone", "value": "1", "position": 1},
    ]
    campaign, phone = engine.query(networks.QUALITY).to_pylist()
    assert (campaign["accounts"], campaign["first_seen"], campaign["octets"]) == (2, None, 70)
    assert (phone["items"], phone["campaigns"], phone["last_seen"]) == (2, 1, day)


def test_a_missing_table_is_never_a_variable(duck: Engine) -> None:
    secret = pa.table({"n": [1]})
    with pytest.raises(Exception, match="secret"):
        duck.query("SELECT n FROM secret")
    assert secret.num_rows == 1


@pytest.mark.xdist_group("spark")
def test_spark_says_no_to_what_it_cannot_say(spark: Engine) -> None:
    assert spark is not None
    spark_sql = importlib.import_module("palermo.engine.spark").spark_sql
    assert spark_sql('SELECT "group" FROM t') == "SELECT `group` FROM t"
    for plan in ("SELECT FROM WHERE", "SELECT 1; SELECT 2"):
        with pytest.raises(ValueError, match=r"plan|values"):
            spark_sql(plan)


@pytest.mark.xdist_group("spark")
def test_spark_listens_on_loopback_only(spark: Engine) -> None:
    from pyspark.sql import SparkSession

    session = SparkSession.getActiveSession()
    assert session is not None
    sockets = {
        str(link.readlink())
        for link in Path(f"/proc/{session.sparkContext._gateway.proc.pid}/fd").iterdir()
        if link.is_symlink()
    }
    listening = []
    for family in ("tcp", "tcp6"):
        for line in Path(f"/proc/net/{family}").read_text().splitlines()[1:]:
            fields = line.split()
            if fields[3] == "0A" and f"socket:[{fields[9]}]" in sockets:
                listening.append(fields[1].split(":")[0])
    assert listening, "nothing found: this test sees nothing"
    loopback = {"0100007F", "0" * 24 + "01000000", "0000000000000000FFFF00000100007F"}
    assert set(listening) <= loopback


@pytest.mark.xdist_group("spark")
def test_spark_keeps_what_it_writes_to_itself(spark: Engine) -> None:
    spark.load({"given": pa.table({"n": [1]})})
    spark.materialise("kept", "SELECT n FROM given")
    (path,) = [path for name, path in vars(spark)["_made"].items() if name == "kept"]
    private = Path(path).parents[1]
    assert private.stat().st_mode & 0o077 == 0
    assert Path(path).exists()
    spark.drop("kept")
    assert not Path(path).exists()


def test_without_spark_one_line_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(sys.modules, "palermo.engine.spark", raising=False)
    monkeypatch.setitem(sys.modules, "pyspark", None)
    monkeypatch.setitem(sys.modules, "pyspark.errors", None)
    with pytest.raises(Unreadable, match=r"pip install 'palermo\[cluster\]'"):
        spark_engine()


def test_without_java_one_line_says_so(tmp_path: Path) -> None:
    """In a process of its own: a session that is there already needs no Java to be found."""
    pytest.importorskip("pyspark")
    program = (
        "from palermo.doors.cli import run\n"
        "raise SystemExit(run(['campaigns', 'x.csv', '-o', 'x.parquet', '--engine', 'spark']))"
    )
    (tmp_path / "x.csv").write_text("id,text\n1,some words\n")
    (tmp_path / "bin").mkdir()
    for tool in ("bash", "dirname", "uname", "basename"):
        (tmp_path / "bin" / tool).symlink_to(shutil.which(tool) or "/missing")
    done = subprocess.run(
        [sys.executable, "-c", program],
        cwd=tmp_path,
        env={
            "PATH": str(tmp_path / "bin"),
            "PYTHONPATH": os.pathsep.join(p for p in sys.path if p),
        },
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 2
    assert "needs Java 17" in done.stderr
    assert "Traceback" not in done.stderr
