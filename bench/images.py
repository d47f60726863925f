"""How well altered photos are found again, and how fast one is found among a million.

    python -m bench.images [--photos 2000] [--size 400x300] [--entries 1000000]

Photos are drawn from numbers (`palermo.scenario.pictures`): shapes, gradients, grain and words.
Recall counts the drawn photos whose altered copy is found; false are pairs of two different ones.
Drawn photos differ more from each other than real ones may: false matches on real material are
to be measured there. Times are CPU seconds of one core.
"""

import argparse
import os
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from functools import partial

import numpy as np
import numpy.typing as npt
from bench.run import machine

from palermo.analysis.images import (
    SAME,
    HashIndex,
    ImageHashes,
    Words,
    hash_pixels,
    match,
    review,
)
from palermo.scenario.pictures import ALTERATIONS, draw

QUERIES = 10_000


def hashed(size: tuple[int, int], number: int) -> list[ImageHashes]:
    """Hash drawn photo `number` as it is, then after each alteration."""
    picture = draw(number, size)
    changed = [picture, *(change(picture) for change in ALTERATIONS.values())]
    return [hash_pixels(np.asarray(one)) for one in changed]


def robustness(photos: int, size: tuple[int, int]) -> None:
    print(f"{photos:,} drawn photos of {size[0]} x {size[1]}, {len(ALTERATIONS)} alterations\n")
    print("| alteration | recall at 31 | false at 31 | with review to 70 | false in review |")
    print("|---|---|---|---|---|", flush=True)
    with ProcessPoolExecutor(len(os.sched_getaffinity(0))) as pool:
        everything = list(pool.map(partial(hashed, size), range(photos), chunksize=10))
    originals = [photo[0] for photo in everything]
    _line("none (against each other)", originals, None)
    for at, name in enumerate(ALTERATIONS, start=1):
        _line(name, originals, [photo[at] for photo in everything])


def _line(name: str, originals: list[ImageHashes], altered: list[ImageHashes] | None) -> None:
    near, far = match(originals, altered), review(originals, altered)
    right, more = int((near.a == near.b).sum()), int((far.a == far.b).sum())
    false, doubtful = len(near) - right, len(far) - more
    usable = sum(photo.usable for photo in originals)
    shares = ("", "") if altered is None else (right / usable, (right + more) / usable)
    at, to = (share if share == "" else f"{share:.3f}" for share in shares)
    print(f"| {name} | {at} | {false} | {to} | {doubtful} |", flush=True)


def cpu(work: Callable[[], object]) -> float:
    start = time.process_time()
    work()
    return time.process_time() - start


def speed(entries: int) -> None:
    rng = np.random.default_rng(2026)
    words = rng.integers(0, 2**64, (entries, 4), dtype=np.uint64)
    HashIndex(words[:100]).search(words[:10])  # compiles
    HashIndex(words[:100]).scan(words[:10])
    wanted = rng.integers(0, entries, QUERIES)
    apart = rng.integers(0, SAME + 1, QUERIES)
    queries = _changed(words[wanted], apart, rng)
    index = HashIndex(words)
    build = cpu(lambda: HashIndex(words))
    found = index.search(queries)
    planted = set(zip(range(QUERIES), wanted.tolist(), apart.tolist(), strict=True))
    hits = set(
        zip(found.query.tolist(), found.entry.tolist(), found.distance.tolist(), strict=True)
    )
    many = cpu(lambda: index.search(queries)) / QUERIES
    single = cpu(lambda: [index.search(query) for query in queries[:1000]]) / 1000
    looking = cpu(lambda: index.scan(queries[:200])) / 200
    print(f"\n{entries:,} random hashes, {QUERIES:,} queries planted 0 to {SAME} bits away:")
    print(f"  recall {len(planted & hits) / QUERIES}, other hits {len(hits - planted)}")
    print(f"  index built in {build:.2f} s, {index.nbytes / 1e6:.0f} MB")
    print(f"  {many * 1000:.2f} ms a query of many, {single * 1000:.2f} ms one at a time")
    print(f"  {looking * 1000:.2f} ms to compare one with all (32 to 70 bits, for review)")


def _changed(words: Words, counts: npt.NDArray[np.int64], rng: np.random.Generator) -> Words:
    out = words.copy()
    for row, count in enumerate(counts.tolist()):
        for bit in rng.choice(256, count, replace=False).tolist():
            out[row, bit // 64] ^= np.uint64(1) << np.uint64(bit % 64)
    return out


def hashing() -> None:
    print("\nhashing in all turns, once decoded:")
    for size in ((640, 480), (1024, 768), (4000, 3000)):
        pixels = np.asarray(draw(1, size))
        hash_pixels(pixels)
        seconds = cpu(lambda pixels=pixels: [hash_pixels(pixels) for _ in range(3)]) / 3  # type: ignore[misc]
        print(f"  {size[0]} x {size[1]}: {seconds * 1000:.0f} ms")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--photos", type=int, default=2000)
    parser.add_argument("--size", default="400x300")
    parser.add_argument("--entries", type=int, default=1_000_000)
    given = parser.parse_args()
    width, height = map(int, given.size.split("x"))
    print(machine())
    speed(given.entries)
    hashing()
    print()
    robustness(given.photos, (width, height))


if __name__ == "__main__":
    main()
