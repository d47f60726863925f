"""The main job, timed as a user meets it: whole processes, several runs, median and range.

    python bench/run.py [--sizes 10000,100000] [--runs 3]

CPU seconds are user and system time of the process and its workers; peak memory is that of the
largest single process, and of all of them together as an upper bound.
"""

import argparse
import json
import os
import platform
import resource
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from dataclasses import dataclass
from pathlib import Path

PALERMO = Path(sys.executable).with_name("palermo")
SCAM_TEXTS = Path(__file__).resolve().parents[2] / "shared" / "data" / "scam_texts.csv"

AUTHORITY = """\
palermo_authority: 1
organisation: Benchmark
power: eu/dsa-own-initiative
legal_basis: Regulation (EU) 2022/2065, Article 7
purpose: measure the main job on real messages
case: BENCH
authorised_by: {name: nobody, role: compliance-officer}
from: 2026-01-01T00:00:00Z
until: 2036-01-01T00:00:00Z
offences: [trafficking-in-persons]
scope: {material: [messages], measures: [detect, preserve]}
"""


@dataclass(frozen=True)
class Run:
    """One run of one process: seconds, and peak resident memory of the process tree in MiB."""

    wall: float
    cpu: float
    peak: float


def machine() -> str:
    """Name processor, cores, memory, system and Python."""
    model = next(
        (
            line.split(":", 1)[1].strip()
            for line in Path("/proc/cpuinfo").read_text().splitlines()
            if line.startswith("model name")
        ),
        platform.processor(),
    )
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    cores = len(os.sched_getaffinity(0))
    return (
        f"{model}, {cores} cores, {memory:.0f} GiB, {platform.system()} {platform.release()}, "
        f"Python {platform.python_version()}"
    )


def tree_memory(pid: int) -> float:
    """Resident memory of a process and its children, MiB; pages they share count twice."""
    total = 0.0
    waiting = [pid]
    while waiting:
        at = waiting.pop()
        try:
            total += int(Path(f"/proc/{at}/statm").read_text().split()[1]) * 4 / 1024
            children = Path(f"/proc/{at}/task/{at}/children").read_text().split()
        except (OSError, IndexError):
            continue
        waiting.extend(int(child) for child in children)
    return total


def timed(command: list[str]) -> Run:
    """Run `command` once and measure it from outside."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    start = time.monotonic()
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    peak = 0.0
    done = threading.Event()

    def watch() -> None:
        nonlocal peak
        while not done.wait(0.05):
            peak = max(peak, tree_memory(process.pid))

    watcher = threading.Thread(target=watch)
    watcher.start()
    _, errors = process.communicate()
    done.set()
    watcher.join()
    wall = time.monotonic() - start
    if process.returncode:
        raise SystemExit(f"{' '.join(command)}: exit {process.returncode}: {errors.decode()}")
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return Run(wall, cpu, peak)


def row(name: str, items: int, runs: list[Run]) -> str:
    """One line of the table."""
    wall = statistics.median(run.wall for run in runs)
    cpu = statistics.median(run.cpu for run in runs)
    spread = f"{min(r.wall for r in runs):.1f}–{max(r.wall for r in runs):.1f}"
    peak = max(run.peak for run in runs)
    return (
        f"| {name} | {items:,} | {wall:.1f} ({spread}) | {cpu:.1f} | {items / wall:,.0f} "
        f"| {items / cpu:,.0f} | {peak:,.0f} |"
    )


def investigate(source: Path, authority: Path, out: Path, runs: int) -> tuple[int, list[Run]]:
    """Time the main job into fresh folders; one run first, so that compiled code is cached."""
    times = []
    for number in range(runs + 1):
        case = out / f"case{number}"
        command = [str(PALERMO), "investigate", str(source), "--authority", str(authority)]
        times.append(timed([*command, "--out", str(case), "--quiet"]))
    findings = json.loads((case / "findings.json").read_text())
    return findings["counts"]["rows_read"], times[1:]


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sizes", default="10000,100000")
    parser.add_argument("--runs", type=int, default=3)
    chosen = parser.parse_args()
    print(f"Machine: {machine()}. Median of {chosen.runs} runs (range), after one warm-up.\n")
    print("| input | items | wall s | CPU s | items / s | items / CPU-s | peak MiB |")
    print("|---|---|---|---|---|---|---|")
    with tempfile.TemporaryDirectory() as folder:
        work = Path(folder)
        os.environ.setdefault("PALERMO_HOME", str(work / "node"))
        if SCAM_TEXTS.is_file():
            authority = work / "authority.yaml"
            authority.write_text(AUTHORITY)
            items, runs = investigate(SCAM_TEXTS, authority, work / "real", chosen.runs)
            print(row("real scam messages", items, runs), flush=True)
        for size in map(int, chosen.sizes.split(",")):
            case = work / f"sirocco{size}"
            subprocess.run(
                [str(PALERMO), "scenario", "sirocco", "--out", str(case), "--size", str(size)],
                check=True,
                stdout=subprocess.DEVNULL,
            )
            items, runs = investigate(
                case / "items.parquet", case / "authority.yaml", work / f"runs{size}", chosen.runs
            )
            print(row("Sirocco", items, runs), flush=True)


if __name__ == "__main__":
    main()
