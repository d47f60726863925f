"""Simple other ways to find campaigns, from packages that anybody can install.

Each is written as its documentation suggests, with one setting for everything, and the groups are
connected components of its pairs. `datasketch` and `rensa` hash sets of three-word shingles (of
three-character shingles where a text has no spaces); `rapidfuzz` compares all pairs of texts, and
is there to show what a plain edit-distance ratio would do, at a cost that grows with the square.
"""

import re
from collections.abc import Callable, Iterable, Sequence
from typing import Any

import numpy as np
from datasketch import MinHash, MinHashLSH
from rapidfuzz import fuzz, process
from rensa import RMinHash, RMinHashLSH

#: Jaccard similarity of shingles, the usual value for near-duplicates of noisy texts.
_JACCARD = 0.5
_PERMUTATIONS = 128
_BANDS = 32
#: Ratio (0-100) of the same letters in order.
_RATIO = 80
_DIGITS = re.compile(r"\d+")
_WORD = re.compile(r"\w+")


def normal(text: str) -> str:
    """Return `text` in small letters, runs of digits as one."""
    return _DIGITS.sub("0", text.casefold())


def shingles(text: str) -> list[str]:
    """Return the shingles of a text, each once."""
    words = _WORD.findall(normal(text))
    if sum(map(len, words)) > 12 * len(words):
        joined = "".join(words)
        return sorted({joined[k : k + 3] for k in range(max(1, len(joined) - 2))})
    return sorted({" ".join(words[k : k + 3]) for k in range(max(1, len(words) - 2))})


def components(count: int, pairs: Iterable[tuple[int, int]]) -> list[object]:
    """Return the smallest member of each text's component, None for texts alone."""
    parent = list(range(count))

    def root(k: int) -> int:
        while parent[k] != k:
            parent[k] = parent[parent[k]]
            k = parent[k]
        return k

    for a, b in pairs:
        low, high = sorted((root(a), root(b)))
        parent[high] = low
    roots = [root(k) for k in range(count)]
    sizes = np.bincount(roots, minlength=count)
    return [own if sizes[own] > 1 else None for own in roots]


def datasketch(texts: Sequence[str]) -> list[object]:
    """MinHash of shingles, locality-sensitive hashing, estimated Jaccard at least `_JACCARD`."""
    index: Any = MinHashLSH(threshold=_JACCARD, num_perm=_PERMUTATIONS)
    pairs: list[tuple[int, int]] = []
    sketches: list[Any] = []
    for number, text in enumerate(texts):
        sketch: Any = MinHash(num_perm=_PERMUTATIONS)
        sketch.update_batch([shingle.encode() for shingle in shingles(text)])
        near = index.query(sketch)
        pairs += [(k, number) for k in near if sketch.jaccard(sketches[k]) >= _JACCARD]
        index.insert(number, sketch)
        sketches.append(sketch)
    return components(len(texts), pairs)


def rensa(texts: Sequence[str]) -> list[object]:
    """The same, with the faster hashing of rensa."""
    index: Any = RMinHashLSH(threshold=_JACCARD, num_perm=_PERMUTATIONS, num_bands=_BANDS)
    pairs: list[tuple[int, int]] = []
    sketches: list[Any] = []
    for number, text in enumerate(texts):
        sketch: Any = RMinHash(num_perm=_PERMUTATIONS, seed=42)
        sketch.update(shingles(text))
        near = index.query(sketch)
        pairs += [(k, number) for k in near if sketch.jaccard(sketches[k]) >= _JACCARD]
        index.insert(number, sketch)
        sketches.append(sketch)
    return components(len(texts), pairs)


def rapidfuzz(texts: Sequence[str]) -> list[object]:
    """All pairs whose ratio of equal letters in order is at least `_RATIO`."""
    plain = [normal(text) for text in texts]
    pairs: list[tuple[int, int]] = []
    for first in range(0, len(plain), 500):
        block: Any = process.cdist(
            plain[first : first + 500], plain, scorer=fuzz.ratio, score_cutoff=_RATIO, workers=1
        )
        rows, columns = np.nonzero(block)
        pairs += [
            (first + int(a), int(b)) for a, b in zip(rows, columns, strict=True) if first + a < b
        ]
    return components(len(texts), pairs)


BASELINES: dict[str, Callable[[Sequence[str]], list[object]]] = {
    "datasketch": datasketch,
    "rensa": rensa,
    "rapidfuzz": rapidfuzz,
}
