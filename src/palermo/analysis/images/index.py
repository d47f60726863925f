"""Search among many hashes: exact within 31 bits by an index, further off by looking at all.

Guarantees that nothing within the distance asked for is missed, and that what is found is the same
whatever the order of the queries: hits are sorted by query, then entry.

Why 31 bits: cut into 16 bands of 16 bits, two hashes that differ in at most 31 bits differ in at
most one bit in some band, or there would be 32. So looking up each band as it is and with each one
bit changed, 16 x 17 times, finds every such entry (multi-index hashing: Norouzi, Punjani, Fleet,
"Fast search in Hamming space with multi-index hashing", CVPR 2012).

Memory: 32 bytes of hash and 64 of index an entry, and 4 MiB; 100 MB for a million.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from palermo.analysis.compiled import compiled
from palermo.analysis.images.bits import Words, distance, ones

Ints = npt.NDArray[np.int64]
Places = npt.NDArray[np.uint32]

#: Two hashes this far apart or nearer are the same photo (threshold of the reference).
SAME = 31
#: Up to here a person should look: the same photo cut or written over, or another one alike.
REVIEW = 70

_BANDS, _WIDTH = 16, 16
_VALUES = 1 << _WIDTH


@dataclass(frozen=True, slots=True)
class Hits:
    """Hit i: query number `query[i]`, entry number `entry[i]`, bits that differ `distance[i]`."""

    query: Ints
    entry: Ints
    distance: Ints

    def __len__(self) -> int:
        return len(self.query)


class HashIndex:
    """Hashes made ready to be searched. `words` has shape (n, 4)."""

    def __init__(self, words: Words) -> None:
        if words.ndim != 2 or words.shape[1] != 4:
            raise ValueError(f"expected hashes of shape (n, 4), found {words.shape}")
        self._words = np.ascontiguousarray(words, np.uint64)
        self._starts, self._places = _banded(self._words)

    def __len__(self) -> int:
        return len(self._words)

    @property
    def nbytes(self) -> int:
        """Memory the index takes, in bytes."""
        return self._words.nbytes + self._starts.nbytes + self._places.nbytes

    def search(self, queries: Words, most: int = SAME) -> Hits:
        """Find all entries within `most` bits, 0 to 31, of each of `queries`, shape (m, 4)."""
        if not 0 <= most <= SAME:
            raise ValueError(f"the index finds within 0 to {SAME} bits, not {most}; use `scan`")
        queries = np.ascontiguousarray(queries, np.uint64).reshape(-1, 4)
        # Within 15 bits some band is the same, and one bit need not be changed.
        changes = 0 if most < _BANDS else _WIDTH
        return _sorted(
            _search(self._words, self._starts, self._places, queries, np.int64(most), changes)
        )

    def scan(self, queries: Words, least: int = SAME + 1, most: int = REVIEW) -> Hits:
        """Find all entries that differ in `least` to `most` bits, by comparing every pair."""
        queries = np.ascontiguousarray(queries, np.uint64).reshape(-1, 4)
        return _sorted(_scan(self._words, queries, np.int64(least), np.int64(most)))


def _sorted(found: Ints) -> Hits:
    order = np.lexsort((found[:, 1], found[:, 0]))
    columns = np.ascontiguousarray(found[order].T)
    return Hits(columns[0], columns[1], columns[2])


@compiled
def _band(words: Words, number: int) -> np.int64:
    word = words[number // 4] >> np.uint64(_WIDTH * (number % 4))
    return np.int64(word & np.uint64(_VALUES - 1))


@compiled
def _banded(words: Words) -> tuple[Places, Places]:
    """Sort the entries by each band; those of value v are places[b, starts[b, v]:starts[b, v + 1]].

    Within a value they stand in ascending order.
    """
    n = words.shape[0]
    starts = np.zeros((_BANDS, _VALUES + 1), np.uint32)
    places = np.empty((_BANDS, n), np.uint32)
    for b in range(_BANDS):
        for i in range(n):
            starts[b, _band(words[i], b) + 1] += np.uint32(1)
        for v in range(_VALUES):
            starts[b, v + 1] += starts[b, v]
        free = starts[b].copy()
        for i in range(n):
            value = _band(words[i], b)
            places[b, free[value]] = i
            free[value] += np.uint32(1)
    return starts, places


@compiled
def _grown(found: Ints) -> Ints:
    more = np.empty((2 * found.shape[0], 3), np.int64)
    more[: found.shape[0]] = found
    return more


@compiled
def _search(  # noqa: PLR0917  compiled code takes no keywords
    words: Words, starts: Places, places: Places, queries: Words, most: np.int64, changes: int
) -> Ints:
    found = np.empty((1024, 3), np.int64)
    count = 0
    for q in range(queries.shape[0]):
        query = queries[q]
        for b in range(_BANDS):
            own = _band(query, b)
            for change in range(changes + 1):
                value = own if change == changes else own ^ (1 << change)
                for at in range(starts[b, value], starts[b, value + 1]):
                    entry = np.int64(places[b, at])
                    # Half of the words rule out nearly all; the rest is looked at for the others.
                    half = ones(words[entry, 0] ^ query[0]) + ones(words[entry, 1] ^ query[1])
                    if half > most:
                        continue
                    apart = distance(words[entry], query)
                    if apart > most or _found_before(words[entry], query, b, changes):
                        continue
                    if count == found.shape[0]:
                        found = _grown(found)
                    found[count, 0], found[count, 1], found[count, 2] = q, entry, apart
                    count += 1
    return found[:count].copy()


@compiled
def _found_before(entry: Words, query: Words, band: int, changes: int) -> bool:
    """Tell whether an earlier band led to this entry already."""
    for b in range(band):
        apart = ones(np.uint64(_band(entry, b) ^ _band(query, b)))
        if apart == 0 or (changes > 0 and apart == 1):
            return True
    return False


@compiled
def _scan(words: Words, queries: Words, least: np.int64, most: np.int64) -> Ints:
    found = np.empty((1024, 3), np.int64)
    count = 0
    for q in range(queries.shape[0]):
        query = queries[q]
        for entry in range(words.shape[0]):
            half = ones(words[entry, 0] ^ query[0]) + ones(words[entry, 1] ^ query[1])
            if half > most:
                continue
            apart = distance(words[entry], query)
            if apart < least or apart > most:
                continue
            if count == found.shape[0]:
                found = _grown(found)
            found[count, 0], found[count, 1], found[count, 2] = q, entry, apart
            count += 1
    return found[:count].copy()
