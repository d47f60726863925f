"""How long landing takes, and how much memory.

    python -m bench.desks_landing [ITEMS] [--postgres]

With --postgres on a private server made for the occasion (fsync on). Lands twice: into an empty
case, and again over what is there.
"""

import argparse
import os
import resource
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bench.desks_data import BASE, base_case, repeated


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("items", type=int, nargs="?", default=100_000)
    parser.add_argument("--postgres", action="store_true")
    parser.add_argument("--work", type=Path, default=Path(tempfile.gettempdir()) / "palermo-bench")
    given = parser.parse_args()
    times = max(1, given.items // BASE)
    outputs = repeated(base_case(given.work), given.work / f"times-{times}", times)
    with node_on(given.work, postgres=given.postgres):
        measure(outputs)


@contextmanager
def node_on(work: Path, *, postgres: bool) -> Iterator[Path]:
    """Make an empty node, on SQLite or on a private PostgreSQL, and Django ready for it."""
    with tempfile.TemporaryDirectory(dir=work, prefix="node-") as folder:
        home = Path(folder)
        os.environ["PALERMO_HOME"] = folder
        if not postgres:
            _ready()
            yield home
            return
        from tests.desks.cluster import programs, running_cluster

        found = programs()
        if found is None:
            sys.exit("no PostgreSQL on this machine: see tools/system-packages")
        with running_cluster(found) as cluster:
            url = cluster.database("bench").url
            (home / "node.yaml").write_text(
                f"palermo_node: 1\ndesks: {{database: '{url}'}}\n", encoding="utf-8"
            )
            _ready()
            try:
                yield home
            finally:
                from django.db import connections

                connections.close_all()


def _ready() -> None:
    from palermo.doors.web.serving import prepare

    prepare()


def measure(outputs: Path) -> None:
    from django.conf import settings
    from django.db import connection

    from palermo.desks.access.models import Case, Person, Unit
    from palermo.desks.cases.landing import land
    from palermo.desks.cases.models import Identifier, Item, Link, Mention

    at = settings.PALERMO_CLOCK()
    lead = Person.objects.create(username="lead")
    case = Case.objects.create(
        reference="1", title="1", unit=Unit.objects.create(name="1"), created_at=at, created_by=lead
    )
    print(f"before landing: {_now():,.0f} MB")
    for what in ("into an empty case", "again"):
        steps: dict[str, float] = {}
        began, peak = time.perf_counter(), Peak()

        def progress(step: str, done: int, total: int) -> None:
            if done >= total:
                steps[step] = time.perf_counter() - began  # noqa: B023

        with peak:
            land(case, outputs, progress=progress)
        took = time.perf_counter() - began
        print(f"{connection.vendor}, {what}: {took:.1f} s, at most {peak.megabytes:,.0f} MB")
        print("  " + ", ".join(f"{step} at {at:.1f}" for step, at in steps.items()))
    for model in (Item, Identifier, Mention, Link):
        print(f"  {model.__name__}: {model.rows.of(case).count():,}")


class Peak:
    """The largest resident memory of this process while the block runs."""

    megabytes = 0.0

    def __enter__(self) -> None:
        self._end = threading.Event()
        self._thread = threading.Thread(target=self._watch)
        self._thread.start()

    def __exit__(self, *_: object) -> None:
        self._end.set()
        self._thread.join()

    def _watch(self) -> None:
        while not self._end.wait(0.05):
            self.megabytes = max(self.megabytes, _now())


def _now() -> float:
    pages = int(Path("/proc/self/statm").read_text("ascii").split()[1])
    return pages * resource.getpagesize() / 1e6


if __name__ == "__main__":
    main()
