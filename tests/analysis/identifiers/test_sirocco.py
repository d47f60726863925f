"""The practice case: what its truth states is found, and what is found is stated."""

import collections
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from palermo.analysis.identifiers import extract
from palermo.scenario import write_sirocco


@pytest.mark.parametrize("seed", [1, 11])
def test_precision_and_recall(tmp_path: Path, seed: int) -> None:
    write_sirocco(tmp_path / "case", size=1500, seed=seed)
    items = pq.read_table(tmp_path / "case" / "items.parquet", columns=["id", "text", "lang"])
    truth_table = pq.read_table(tmp_path / "case" / "truth" / "identifiers.parquet")
    found_table = pa.Table.from_batches(extract(iter(items.to_batches())))
    keys = ("id", "kind", "value")
    truth, found = (
        set(zip(*(t.column(k).to_pylist() for k in keys), strict=True))
        for t in (truth_table, found_table)
    )
    wrong = collections.Counter(kind for _, kind, _ in found - truth)
    missed = collections.Counter(kind for _, kind, _ in truth - found)
    for kind, stated in collections.Counter(kind for _, kind, _ in truth).items():
        right = stated - missed[kind]
        assert right >= 0.98 * stated, f"{kind}: {sorted(truth - found)[:5]}"
        assert right >= 0.98 * (right + wrong[kind]), f"{kind}: {sorted(found - truth)[:5]}"
    assert not set(wrong) - {kind for _, kind, _ in truth}
