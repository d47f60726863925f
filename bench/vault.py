"""How fast the vault seals, against what the same library reaches in memory, in the same run.

    python -m bench.vault [--folders /dev/shm,/tmp] [--size 2048] [--runs 3]

The reference hashes the plain bytes on one thread, and on another encrypts them and hashes the
sealed bytes: what sealing needs, without a file read or written. `size` is in MiB. The source lies
in memory, so that only the vault's disk is measured; everything is durable when time stops.
"""

import argparse
import hashlib
import os
import shutil
import statistics
import tempfile
import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path

from bench.run import machine
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from palermo.evidence import Incoming, Vault

AT = datetime(2026, 1, 1, tzinfo=UTC)
CHUNK = 1 << 20
SMALL, COUNT = 4096, 10_000


def reference(mebibytes: int) -> float:
    """Seconds for the work on as many bytes in memory, both cores used."""
    plain, sealed = bytearray(os.urandom(CHUNK)), bytearray(CHUNK + 16)
    cipher, first, second = AESGCM(os.urandom(32)), hashlib.sha256(), hashlib.sha256()

    def one() -> None:
        for _ in range(mebibytes):
            first.update(plain)

    def two() -> None:
        for number in range(mebibytes):
            cipher.encrypt_into(number.to_bytes(12, "big"), plain, b"header", sealed)
            second.update(sealed)

    threads = [threading.Thread(target=work) for work in (one, two)]
    return timed(
        lambda: [*map(threading.Thread.start, threads), *map(threading.Thread.join, threads)]
    )


def timed(work: Callable[[], object]) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def disk(folder: Path, mebibytes: int) -> float:
    """Seconds to write as many bytes and bring them to the disk."""
    block, path = os.urandom(CHUNK), folder / "written"

    def write() -> None:
        with path.open("wb", buffering=0) as file:
            for _ in range(mebibytes):
                file.write(block)
            os.fsync(file.fileno())

    seconds = timed(write)
    path.unlink()
    return seconds


def large(folder: Path, source: Path, run: int) -> float:
    vault = Vault(folder / f"large{run}", kek=bytes(32))
    seconds = timed(lambda: vault.seal(source, name="x", media_type="x", at=AT))
    shutil.rmtree(vault.path)
    return seconds


def small(folder: Path, run: int) -> float:
    vault = Vault(folder / f"small{run}", kek=bytes(32))
    incoming = [
        Incoming(source=BytesIO(os.urandom(SMALL)), name=f"{number}", media_type="x", at=AT)
        for number in range(COUNT)
    ]
    return timed(lambda: vault.seal_many(incoming))


def row(what: str, seconds: list[float], unit: str, amount: float, share: str = "") -> str:
    rates = sorted(amount / one for one in seconds)
    middle = statistics.median(rates)
    return f"| {what} | {middle:,.0f} {unit} | {rates[0]:,.0f}–{rates[-1]:,.0f} | {share} |"


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--folders", default="/dev/shm,/tmp")  # noqa: S108  # memory and disk
    parser.add_argument("--size", type=int, default=2048)
    parser.add_argument("--runs", type=int, default=3)
    chosen = parser.parse_args()
    load = os.getloadavg()[0]
    print(f"Machine: {machine()}. Median of {chosen.runs} runs, load {load:.1f} before.\n")
    print("| what | rate | range | of the reference |\n|---|---|---|---|")
    mib = chosen.size
    runs = range(chosen.runs)
    with tempfile.TemporaryDirectory(dir=chosen.folders.split(",")[0]) as memory:
        source = Path(memory) / "source"
        block = os.urandom(CHUNK)
        with source.open("wb") as file:
            for _ in range(mib):
                file.write(block)
        os.utime(source, (0, 0))  # at rest for long: it need not be read twice
        for place in chosen.folders.split(","):
            with tempfile.TemporaryDirectory(dir=place) as name:
                folder = Path(name)
                # First, and after a sync: ext4 is slow for a while after much was deleted.
                os.sync()
                many = [small(folder, run) for run in runs]
                ideal, sealing, writing = [], [], []
                for run in runs:  # in turn, so that a busy moment strikes all alike
                    ideal.append(reference(mib))
                    sealing.append(large(folder, source, run))
                    writing.append(disk(folder, mib))
                share = statistics.median(ideal) / statistics.median(sealing)
                print(row("reference, in memory", ideal, "MiB/s", mib, "100 %"))
                print(row(f"one file of {mib} MiB, {place}", sealing, "MiB/s", mib, f"{share:.0%}"))
                print(row(f"writing alone, {place}", writing, "MiB/s", mib))
                print(row(f"exhibits of 4 KiB, {place}", many, "exhibits/s", COUNT), flush=True)


if __name__ == "__main__":
    main()
