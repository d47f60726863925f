"""The engine: same answer on one process or several, nothing half-made under a final name."""

from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa
import pytest

from palermo.engine import DuckEngine, kernels, run_kernel, staged_directory

SCHEMA = pa.schema([("n", pa.int64())])


def double(batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
    """Double every number and drop multiples of seven: a kernel may change the number of rows."""
    for batch in batches:
        kept = [2 * n for n in batch["n"].to_pylist() if n % 7]
        yield pa.record_batch([kept], schema=SCHEMA)


def test_workers_do_not_change_the_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kernels, "PARALLEL_FROM", 10)
    table = pa.table({"n": pa.array(range(23_456), pa.int64())})
    alone = run_kernel(double, table, schema=SCHEMA, step="s", workers=1)
    together = run_kernel(double, table, schema=SCHEMA, step="s", workers=2)
    assert alone.equals(together)
    assert alone.num_rows == sum(1 for n in range(23_456) if n % 7)


def test_progress_counts_every_row() -> None:
    seen: list[tuple[int, int]] = []
    table = pa.table({"n": pa.array(range(12_000), pa.int64())})
    run_kernel(
        double,
        table,
        schema=SCHEMA,
        step="s",
        progress=lambda _step, done, total: seen.append((done, total)),
    )
    assert seen[0] == (0, 12_000)
    assert seen[-1] == (12_000, 12_000)


def test_empty_table() -> None:
    answer = run_kernel(double, SCHEMA.empty_table(), schema=SCHEMA, step="s")
    assert answer.schema == SCHEMA
    assert answer.num_rows == 0


def test_plans_build_on_each_other() -> None:
    with DuckEngine(threads=1) as engine:
        engine.load({"t": pa.table({"n": [1, 2, 3]})})
        engine.materialise("doubled", "SELECT n * 2 AS n FROM t")
        assert engine.query("SELECT sum(n) AS s FROM doubled")["s"].to_pylist() == [12]


def test_staged_directory_replaces_as_a_whole(tmp_path: Path) -> None:
    final = tmp_path / "tables"
    final.mkdir()
    (final / "old").write_text("old")
    with staged_directory(final) as stage:
        (stage / "new").write_text("new")
        assert (final / "old").exists()
    assert [p.name for p in final.iterdir()] == ["new"]
    assert [p.name for p in tmp_path.iterdir()] == ["tables"]


def test_a_failed_run_leaves_what_was_there(tmp_path: Path) -> None:
    final = tmp_path / "tables"
    final.mkdir()
    (final / "old").write_text("old")

    def half_way() -> None:
        with staged_directory(final) as stage:
            (stage / "half").write_text("half")
            raise RuntimeError

    with pytest.raises(RuntimeError):
        half_way()
    assert [p.name for p in final.iterdir()] == ["old"]
    assert [p.name for p in tmp_path.iterdir()] == ["tables"]
