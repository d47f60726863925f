"""Writes the scenario's folder, a row group at a time: memory does not grow with the texts."""

from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from palermo.scenario.sirocco import chance
from palermo.scenario.sirocco.cast import Cast
from palermo.scenario.sirocco.compose import Composer
from palermo.scenario.sirocco.plan import Plan

ROWS = 16_384

ITEMS = pa.schema(
    [
        pa.field("id", pa.string(), nullable=False),
        pa.field("text", pa.string(), nullable=False),
        pa.field("lang", pa.string()),
        pa.field("posted_at", pa.timestamp("us", tz="UTC")),
        pa.field("platform", pa.string()),
        pa.field("account", pa.string()),
        pa.field("url", pa.string()),
        pa.field("place", pa.string()),
    ]
)
TRUTH = pa.schema(
    [
        pa.field("id", pa.string(), nullable=False),
        pa.field("campaign", pa.string()),
        pa.field("ring", pa.string()),
        pa.field("hub", pa.string()),
        pa.field("role", pa.string(), nullable=False),
    ]
)
STATED = pa.schema(
    [
        pa.field("id", pa.string(), nullable=False),
        pa.field("kind", pa.string(), nullable=False),
        pa.field("value", pa.string(), nullable=False),
    ]
)


def write_tables(out: Path, cast: Cast, plan: Plan) -> int:
    """Write the three tables below `out`; returns the number of stated identifiers."""
    (out / "truth").mkdir(parents=True, exist_ok=True)
    composer = Composer(cast, plan)
    stated = 0
    with (
        pq.ParquetWriter(out / "items.parquet", ITEMS, compression="zstd") as items,
        pq.ParquetWriter(out / "truth" / "items.parquet", TRUTH, compression="zstd") as truth,
        pq.ParquetWriter(
            out / "truth" / "identifiers.parquet", STATED, compression="zstd"
        ) as found,
    ):
        for start in range(0, cast.size, ROWS):
            tables = _group(composer, start, min(start + ROWS, cast.size))
            for writer, table in zip((items, truth, found), tables, strict=True):
                writer.write_table(table)
            stated += tables[2].num_rows
    return stated


def _group(composer: Composer, start: int, stop: int) -> tuple[Any, Any, Any]:
    """The three tables of items `start` to `stop`."""
    cast, plan = composer.cast, composer.plan
    rows = chance.rows(cast.seed, f"items {start}", stop - start)
    written = [composer.write(start + i, row) for i, row in enumerate(rows)]
    sources = [plan.sources[s] for s in plan.source[start:stop].tolist()]
    ids = [f"s{cast.seed}-{i:07d}" for i in range(start, stop)]
    platforms: list[str] = cast.data["platforms"]
    where = [platforms[row[-1] % len(platforms)] for row in rows]
    times = plan.time[start:stop] * 1_000_000
    items = pa.table(
        {
            "id": ids,
            "text": [w.text for w in written],
            "lang": [s.language for s in sources],
            "posted_at": pa.array(times.astype(np.int64)).cast(pa.timestamp("us", tz="UTC")),
            "platform": where,
            "account": [w.account for w in written],
            "url": [f"https://{p}.example/post/{i}" for p, i in zip(where, ids, strict=True)],
            "place": [w.place for w in written],
        },
        schema=ITEMS,
    )
    truth = pa.table(
        {
            "id": ids,
            "campaign": [s.campaign for s in sources],
            "ring": [s.ring for s in sources],
            "hub": [w.hub for w in written],
            "role": [s.role for s in sources],
        },
        schema=TRUTH,
    )
    pairs = [(i, k, v) for i, w in zip(ids, written, strict=True) for k, v in w.found]
    found = pa.table(
        {name: [p[n] for p in pairs] for n, name in enumerate(STATED.names)}, schema=STATED
    )
    return items, truth, found
