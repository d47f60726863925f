"""Each motif kernel on the generated money, beside polars and DuckDB doing the same.

    .venv/bin/python -m bench.money [--count 5000000] [--runs 3]

Seconds are the median of the runs after a first one that compiles; memory is the peak of the whole
process. Where a tool answers a simpler question, the table says so. Data is made, not read.
"""

import argparse
import importlib
import resource
import statistics
import time
from collections.abc import Callable
from importlib.util import find_spec
from typing import Any

import duckdb
import numpy as np
import numpy.typing as npt
import pyarrow as pa

from palermo.analysis.money import motifs
from palermo.analysis.money.motifs import Edges
from palermo.analysis.money.typologies import (
    KERNELS,
    Records,
    alerts,
    default_typologies,
    prepare,
)
from palermo.investigation.alerts import look
from palermo.scenario.money import make_money

#: A tool of comparison only.
pl: Any = importlib.import_module("polars") if find_spec("polars") else None

HOUR, DAY = 3600, 86_400

FAN = """
    SELECT count(*) FROM (SELECT dst FROM (SELECT dst, src, ts // 86400 AS day FROM tx)
    GROUP BY dst, day HAVING count(DISTINCT src) >= 10)"""
CYCLES = """
    SELECT count(*) FROM tx a JOIN tx b ON b.src = a.dst AND b.row > a.row AND b.ts - a.ts <= 259200
      AND b.eur <= a.eur AND b.eur * 100 >= a.eur * 85
    JOIN tx c ON c.src = b.dst AND c.row > b.row
      AND c.ts - a.ts <= 259200 AND c.eur <= b.eur AND c.eur * 100 >= b.eur * 85
      AND c.dst = a.src"""
SCATTER = """
    SELECT count(*) FROM (SELECT a.src, b.dst FROM tx a JOIN tx b ON b.src = a.dst AND b.row > a.row
      AND b.ts - a.ts <= 172800 AND b.eur <= a.eur AND b.eur * 100 >= a.eur * 70 AND b.dst <> a.src
    GROUP BY a.src, b.dst, a.ts // 172800 HAVING count(DISTINCT a.dst) >= 4)"""
STRUCTURING = """
    SELECT count(DISTINCT dst) FROM (SELECT dst, count(*) OVER w AS n, sum(eur) OVER w AS total
    FROM tx WHERE eur >= 750000 AND eur < 1000000
    WINDOW w AS (PARTITION BY dst ORDER BY ts RANGE BETWEEN 604800 PRECEDING AND CURRENT ROW))
    WHERE n >= 3 AND total >= 1000000"""


def seconds(job: Callable[[], object], runs: int) -> float:
    """Median seconds of `runs`, after one that is not counted."""
    job()
    times = []
    for _ in range(runs):
        start = time.perf_counter()
        job()
        times.append(time.perf_counter() - start)
    return statistics.median(times)


def kernels(of: Edges, home: npt.NDArray[np.int32]) -> dict[str, Callable[[], object]]:
    """Every kernel over all payments, with the parameters of the rules."""
    city = (of.src % 40).astype(np.int32)
    return {
        "fan-in, 10 in 24 h": lambda: motifs.fans(of, inward=True, window=DAY, least=10),
        "fan-out, 10 in 24 h": lambda: motifs.fans(of, inward=False, window=DAY, least=10),
        "cycles to 4, 72 h": lambda: motifs.cycles(of, window=3 * DAY),
        "scatter-gather, 4, 48 h": lambda: motifs.scatter_gather(of, window=2 * DAY, least=4),
        "gather-scatter, 5, 48 h": lambda: motifs.gather_scatter(of, window=2 * DAY, least=5),
        "pass-through, 72 h": lambda: motifs.passing(
            of, within=3 * DAY, period=30 * DAY, recipients=2, least=60_000, share=(60, 100)
        ),
        "structuring, 7 d": lambda: motifs.structuring(
            of, limit=1_000_000, low=750_000, window=7 * DAY, least=3
        ),
        "funnel, 14 d": lambda: motifs.funnel(
            of, city, home, of, window=14 * DAY, soon=2 * DAY, least=3, limit=1_000_000
        ),
    }


def beside(tx: pa.Table) -> dict[str, dict[str, Callable[[], object]]]:
    """The same questions for DuckDB and polars, or simpler ones where they have none."""
    connection = duckdb.connect()
    connection.execute("SET threads = 2")
    connection.register("tx", tx)

    def sql(plan: str) -> Callable[[], object]:
        return lambda: connection.sql(plan).fetchall()

    found: dict[str, dict[str, Callable[[], object]]] = {
        "fan-in, 10 in 24 h": {"DuckDB (by day)": sql(FAN)},
        "cycles to 4, 72 h": {"DuckDB (of 3 only)": sql(CYCLES)},
        "scatter-gather, 4, 48 h": {"DuckDB (fixed windows)": sql(SCATTER)},
        "structuring, 7 d": {"DuckDB": sql(STRUCTURING)},
    }
    if pl is not None:
        frame = pl.from_arrow(tx.select(["row", "ts", "src", "dst", "eur"]))
        found["fan-in, 10 in 24 h"]["polars (rolling)"] = lambda: (
            frame.rolling(index_column="ts", period="86400i", group_by="dst")
            .agg(pl.col("src").n_unique().alias("n"))
            .filter(pl.col("n") >= 10)
            .height
        )
        near = frame.filter(pl.col("eur").is_between(750_000, 999_999))
        found["structuring, 7 d"]["polars (rolling)"] = lambda: (
            near.rolling(index_column="ts", period="604800i", group_by="dst")
            .agg(pl.len().alias("n"), pl.col("eur").sum())
            .filter((pl.col("n") >= 3) & (pl.col("eur") >= 1_000_000))
            .height
        )
    return found


def mine(records: Records, runs: int) -> dict[str, float]:
    """Time the kernels, hawala pairing with the choosing of its candidates."""
    times = {
        n: seconds(job, runs) for n, job in kernels(records.edges, records.people.home).items()
    }
    rule = default_typologies()["G10"]
    pairing = seconds(lambda: KERNELS["hawala_pair"](records, rule.parameters), runs)
    return {**times, "hawala pairing, with choosing": pairing}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--count", type=int, default=5_000_000)
    parser.add_argument("--runs", type=int, default=3)
    chosen = parser.parse_args()
    start = time.perf_counter()
    money = make_money(chosen.count, seed=1)
    made = time.perf_counter() - start
    typologies = default_typologies()
    table = money.transactions()
    start = time.perf_counter()
    records = prepare(table, money.accounts, typologies.words)
    prepared = time.perf_counter() - start
    del table
    print(f"{chosen.count:,} payments, {records.people.count:,} accounts; made in {made:.1f} s\n")
    times = mine(records, chosen.runs)
    start = time.perf_counter()
    looked = look(records, typologies)
    all_rules = time.perf_counter() - start
    start = time.perf_counter()
    found = alerts(records, looked.found, typologies)
    brought = time.perf_counter() - start
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
    print(
        f"prepare {prepared:.1f} s, {len(looked.found)} rules {all_rules:.1f} s, "
        f"{len(found)} alerts {brought:.1f} s; peak memory {peak:.2f} GiB, the making included\n"
    )
    others = beside(records.tx.select(["row", "ts", "src", "dst", "eur"]))
    print("| motif | kernel s | others, s |\n|---|---:|---|")
    for name, taken in times.items():
        rest = [f"{who} {seconds(job, 1):.2f}" for who, job in others.get(name, {}).items()]
        print(f"| {name} | {taken:.2f} | {', '.join(rest)} |", flush=True)


if __name__ == "__main__":
    main()
