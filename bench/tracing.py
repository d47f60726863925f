"""Measure tracing by each rule on random ledgers, and beside it what DuckDB can do of the same.

    .venv/bin/python -m bench.tracing                  # 1 and 5 million transactions
    .venv/bin/python -m bench.tracing 5000000          # one size

Accounts pay each other by a power law (a few have very many payments), eight transactions an
account, over thirty days; sums are log-normal; twenty claims of ten claimants stand in accounts
that pay often. Each rule is measured in a process of its own, from the ordered ledger to its
answer; reading the Parquet file and ordering it is shown once. DuckDB can say who was touched at
all (a recursive query over time, no sums), which has to be the same accounts; polars has no
recursion. The rules with amounts depend on every payment before, one at a time, which is no set
operation: no plan for them is known to us.
"""

import json
import resource
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from bench.campaigns import machine

from palermo.analysis.money.tracing import RULES, ledger, trace
from palermo.analysis.money.tracing.sweeps import reached
from palermo.model.transaction import CLAIMS, TRANSACTIONS

START = int(datetime(2026, 1, 1, tzinfo=UTC).timestamp()) * 1_000_000
SPAN = 30 * 86_400 * 1_000_000
TOUCHING, IN_DUCKDB = "touched at all", "touched at all, DuckDB"
WAYS = ("read and order", *RULES, "all rules and tables", TOUCHING, IN_DUCKDB)

#: Earliest moment at which each account was touched, until no payment makes one earlier.
TOUCHED = """
with recursive touched(account, since) using key (account) as (
    select account, min(epoch_us(from_ts)) from claims group by account
    union
    select t.dst, min(epoch_us(t.ts))
    from tx t join touched r on t.src = r.account and epoch_us(t.ts) >= r.since
    left join recurring.touched k on k.account = t.dst
    where k.since is null or epoch_us(t.ts) < k.since
    group by t.dst
)
select count(*) from touched
"""


def generate(folder: Path, size: int, seed: int = 6) -> None:
    """Write tx.parquet and claims.parquet."""
    draw = np.random.default_rng(seed)
    accounts = size // 8
    # A power law: the account of rank r has a share that falls with r.
    ranks = np.floor(accounts ** draw.random(2 * size)).astype(np.int64) % accounts
    mixed = draw.random(2 * size) < 0.6
    ends = np.where(mixed, draw.integers(0, accounts, 2 * size), ranks)
    src, dst = ends[:size], ends[size:]
    dst = np.where(src == dst, (dst + 1) % accounts, dst)
    ts = np.sort(draw.integers(START, START + SPAN, size))
    names = pa.array([f"acct{number:07}" for number in range(accounts)])
    pq.write_table(
        pa.table(
            {
                "tx_id": pa.array(np.arange(size)).cast(pa.string()),
                "ts": pa.array(ts).cast(pa.timestamp("us", tz="UTC")),
                "src": names.take(pa.array(src)),
                "dst": names.take(pa.array(dst)),
                "amount_minor": np.exp(draw.normal(9, 1.5, size)).astype(np.int64) + 1,
                "currency": pa.array(["EUR"]).take(pa.array(np.zeros(size, np.int64))),
            },
            schema=TRANSACTIONS,
        ),
        folder / "tx.parquet",
    )
    at = np.sort(draw.integers(0, size // 10, 20))
    claims = pa.table(
        {
            "claimant": [f"V{number % 10}" for number in range(20)],
            "account": names.take(pa.array(dst[at])),
            "amount_minor": np.full(20, 100_000),
            "currency": ["EUR"] * 20,
            "from_ts": pa.array(ts[at]).cast(pa.timestamp("us", tz="UTC")),
            "tx_id": pa.nulls(20, pa.string()),
        },
        schema=CLAIMS,
    )
    pq.write_table(claims, folder / "claims.parquet")


def measured(folder: Path, way: str) -> dict[str, float]:
    """Do one thing once; called in a process of its own, compiled before the clock starts."""
    if way == IN_DUCKDB:
        with duckdb.connect() as engine:
            engine.execute("set threads = 2")
            for name in ("tx", "claims"):
                engine.execute(f"create table {name} as from '{folder / name}.parquet'")
            start = time.perf_counter()
            row = engine.execute(TOUCHED).fetchone()
            return {"seconds": time.perf_counter() - start, "accounts": float(row[0] if row else 0)}
    small = Path(tempfile.mkdtemp(dir=folder))
    generate(small, 1000)
    trace(ledger(pq.read_table(small / "tx.parquet"), pq.read_table(small / "claims.parquet")))
    start = time.perf_counter()
    book = ledger(pq.read_table(folder / "tx.parquet"), pq.read_table(folder / "claims.parquet"))
    if way == "read and order":
        return {"seconds": time.perf_counter() - start}
    start = time.perf_counter()
    if way == TOUCHING:
        touched, _ = reached(
            book.src, book.dst, book.claim_at, book.claim_account, len(book.accounts)
        )
        return {"seconds": time.perf_counter() - start, "accounts": float(touched.sum())}
    found = trace(book, RULES if way.startswith("all") else [way])
    took = time.perf_counter() - start
    accounts = len(set(found.holdings["account"].to_pylist()))
    return {"seconds": took, "accounts": float(accounts)}


def main() -> None:
    """Print one table a size."""
    if len(sys.argv) == 4 and sys.argv[1] == "one":
        found = measured(Path(sys.argv[2]), sys.argv[3])
        found["peak"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        print(json.dumps(found))
        return
    print(machine())
    for size in [int(one) for one in sys.argv[1:]] or [1_000_000, 5_000_000]:
        print(f"\n| {size:,} transactions | seconds | accounts concerned | peak MiB |")
        print("|---|---|---|---|")
        with tempfile.TemporaryDirectory() as name:
            generate(Path(name), size)
            for way in WAYS:
                command = [sys.executable, "-m", "bench.tracing", "one", name, way]
                text = subprocess.run(command, check=True, capture_output=True, text=True).stdout
                found = json.loads(text)
                concerned = f"{found['accounts']:,.0f}" if "accounts" in found else ""
                print(f"| {way} | {found['seconds']:.2f} | {concerned} | {found['peak']:,.0f} |")


if __name__ == "__main__":
    main()
