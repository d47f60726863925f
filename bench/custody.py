"""The custody log, timed: appending in batches and one by one, and verifying 100,000 events.

    python bench/custody.py [--events 100000] [--runs 3]

CPU seconds are user and system time of this process. Every append is durable when it returns; every
event verified has its signature, hash, chain and place checked. `single` logs have a signature an
event, `batch` logs one for all.
"""

import argparse
import statistics
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from palermo.evidence import (
    NODE,
    Actor,
    CustodyEvent,
    CustodyLog,
    EventType,
    ExhibitRef,
    Ground,
    Keystore,
    Tool,
)
from palermo.evidence.judge import read_log
from run import machine  # type: ignore[import-not-found]  # the file beside this one

AT = datetime(2026, 11, 24, 9, 30, tzinfo=UTC)


def events(count: int) -> list[CustodyEvent]:
    """Return events such as sealing leaves them, each with an exhibit of its own."""
    actor = Actor(id=NODE, role="node", organisation="Example unit (fictional)")
    ground = Ground(
        power="eu/led-processing", legal_basis="Article 8", case="C-1", sha256="ab" * 32
    )
    tool = Tool(name="palermo", version="0.1.0", sha256="cd" * 32)
    return [
        CustodyEvent(
            type=EventType.RECEIVE,
            actor=actor,
            ground=ground,
            purpose="find recruitment by deceit",
            occurred_at=AT,
            logged_at=AT,
            tool=tool,
            exhibits=(
                ExhibitRef(
                    id=f"{number:064x}",
                    size=4096,
                    media_type="text/plain",
                    sealed_sha256=f"{number + 1:064x}",
                ),
            ),
        )
        for number in range(count)
    ]


def timed(work: Callable[[], object]) -> tuple[float, float]:
    wall, cpu = time.perf_counter(), time.process_time()
    work()
    return time.perf_counter() - wall, time.process_time() - cpu


def line(what: str, count: int, runs: list[tuple[float, float]]) -> str:
    wall = statistics.median(run[0] for run in runs)
    cpu = statistics.median(run[1] for run in runs)
    low, high = min(run[0] for run in runs), max(run[0] for run in runs)
    return (
        f"| {what} | {count:,} | {wall:.2f} ({low:.2f}–{high:.2f}) | {cpu:.2f} "
        f"| {count / wall:,.0f} |"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--events", type=int, default=100_000)
    parser.add_argument("--runs", type=int, default=3)
    given = parser.parse_args()
    some = events(given.events)
    few = some[:1000]
    appended: dict[str, list[tuple[float, float]]] = {}
    with tempfile.TemporaryDirectory(dir=".") as scratch:
        folder = Path(scratch)
        signer = Keystore.open(folder / "keys", actor=NODE)
        for run in range(given.runs):
            with CustodyLog(folder / f"batch{run}" / "custody.sqlite3", signer=signer) as log:
                took = timed(lambda log=log: log.append_many(some))  # type: ignore[misc]
                appended.setdefault("append, one batch", []).append(took)
                took = timed(lambda log=log: [log.append(one) for one in few])  # type: ignore[misc]
                appended.setdefault("append, one by one", []).append(took)
        single = folder / "single" / "custody.sqlite3"
        with CustodyLog(single, signer=signer) as log:
            log._database.execute("PRAGMA synchronous = OFF")
            for one in some:
                log.append(one)
        logs = {
            f"verify, one signature for {given.events:,}": folder / "batch0" / "custody.sqlite3",
            "verify, a signature an event": single,
        }
        verified = {
            name: [timed(lambda path=path: sound(path)) for _ in range(given.runs)]  # type: ignore[misc]
            for name, path in logs.items()
        }
    print(f"Machine: {machine()}. Median of {given.runs} runs (range).\n")
    print("| what | events | wall s | CPU s | events / s |\n|---|---|---|---|---|")
    for name, runs in appended.items():
        print(line(name, len(few) if "by one" in name else len(some), runs))
    for name, runs in verified.items():
        print(line(name, len(some), runs))


def sound(path: Path) -> None:
    """Read and judge a log; a benchmark of a log with problems would measure nothing."""
    reading = read_log(path)
    if reading.problems:
        raise SystemExit(f"{path}: {reading.problems}")


if __name__ == "__main__":
    main()
