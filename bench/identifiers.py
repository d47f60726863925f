"""Measure the extraction of identifiers: how much is found, how much of it is right, and how fast.

    python bench/identifiers.py [--size 20000] [--seed 1] [--errors 5]

Precision and recall are per kind over distinct (item, kind, value), against the truth of the
generated practice case. Speed is texts per CPU-second of extraction alone, once warm (compiled,
lists read) and with nothing remembered from an earlier run, and again on the real scam texts where
they are at hand.
"""

import argparse
import collections
import csv
import platform
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from palermo.analysis.identifiers import extract, extract_text
from palermo.analysis.identifiers.forget import forget
from palermo.scenario import write_sirocco

SCAM = Path(__file__).resolve().parents[1].parent / "shared" / "data" / "scam_texts.csv"


def machine() -> str:
    """Say on what machine this runs."""
    cpu = platform.processor() or platform.machine()
    info = Path("/proc/cpuinfo")
    if info.exists():
        names = [
            line.split(":")[1].strip()
            for line in info.read_text().splitlines()
            if "model name" in line
        ]
        cpu = f"{names[0]}, {len(names)} CPUs" if names else cpu
    return f"{cpu}; Python {platform.python_version()}"


def timed(batches: list[pa.RecordBatch]) -> tuple[pa.Table, float]:
    """Extract from `batches` and return the rows and the CPU seconds."""
    start = time.process_time()
    rows = list(extract(iter(batches)))
    return pa.Table.from_batches(rows) if rows else None, time.process_time() - start


def triples(table: pa.Table) -> set[tuple[str, str, str]]:
    return set(
        zip(*(table.column(name).to_pylist() for name in ("id", "kind", "value")), strict=True)
    )


def report(found: set[tuple[str, str, str]], truth: set[tuple[str, str, str]]) -> None:
    kinds = sorted({kind for _, kind, _ in found | truth})
    print(f"{'kind':12} {'truth':>7} {'found':>7} {'precision':>9} {'recall':>7}")
    for kind in kinds:
        ours = {t for t in found if t[1] == kind}
        theirs = {t for t in truth if t[1] == kind}
        both = len(ours & theirs)
        precision = both / len(ours) if ours else float("nan")
        recall = both / len(theirs) if theirs else float("nan")
        print(f"{kind:12} {len(theirs):7} {len(ours):7} {precision:9.4f} {recall:7.4f}")


def show(title: str, wrong: set[tuple[str, str, str]], texts: dict[str, str], limit: int) -> None:
    by_kind: dict[str, list[tuple[str, str, str]]] = collections.defaultdict(list)
    for one in sorted(wrong):
        by_kind[one[1]].append(one)
    for kind, ones in by_kind.items():
        for item, _, value in ones[:limit]:
            print(f"{title} {kind} {value!r}: {texts[item]}")


def scam_batches() -> Iterator[pa.RecordBatch]:
    with SCAM.open(encoding="utf-8", newline="") as source:
        rows = list(csv.DictReader(source))
    columns = {"id": [row["id"] for row in rows], "text": [row["text"] for row in rows]}
    yield pa.RecordBatch.from_pydict(columns)


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--size", type=int, default=20_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--errors", type=int, default=0, help="show so many errors a kind")
    options = parser.parse_args()
    print(machine())
    start = time.process_time()
    extract_text("Call +44 7700 900123")
    print(f"first text, compiling included: {time.process_time() - start:.1f} CPU-s")
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "sirocco"
        write_sirocco(out, size=options.size, seed=options.seed)
        items = pq.read_table(out / "items.parquet", columns=["id", "text", "lang"])
        truth = triples(pq.read_table(out / "truth" / "identifiers.parquet"))
    batches = items.to_batches(max_chunksize=1 << 14)
    warm = batches[0].slice(0, 200)
    timed([warm])
    forget()
    rows, seconds = timed(batches)
    again = timed(batches)[1]
    print(f"Sirocco, {items.num_rows} texts: {items.num_rows / seconds:,.0f} texts per CPU-second, "
          f"{items.num_rows / again:,.0f} when run again; {rows.num_rows} identifiers")  # fmt: skip
    found = triples(rows)
    report(found, truth)
    if options.errors:
        texts = dict(
            zip(items.column("id").to_pylist(), items.column("text").to_pylist(), strict=True)
        )
        show("MISSED", truth - found, texts, options.errors)
        show("WRONG", found - truth, texts, options.errors)
    if SCAM.exists():
        real = list(scam_batches())
        forget()
        first = timed(real)[1]
        count = sum(batch.num_rows for batch in real)
        print(f"real scam texts, {count}: {count / first:,.0f} texts per CPU-second, "
              f"{count / timed(real)[1]:,.0f} when run again")  # fmt: skip


if __name__ == "__main__":
    main()
