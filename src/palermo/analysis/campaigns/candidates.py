"""Texts that may belong together are proposed in time and memory linear in the number of texts.

A text is known by at most `KEPT` of its shingles: the rarest, and those of smallest hash, so that
two texts keep the same ones. Texts that share a kept shingle are proposed to the first of them and
to the one before, never all with all: a stock phrase in a million posts costs a million
proposals. Nothing is decided here; every proposal is verified afterwards.
"""

import numpy as np
import numpy.typing as npt

from palermo.analysis.campaigns.parallel import cores, in_ranges
from palermo.analysis.campaigns.tokens import Tokens, mix
from palermo.analysis.compiled import compiled

_RARE = 6
_SMALLEST = 10
KEPT = _RARE + _SMALLEST

#: Longer texts keep only their shingles of small hash, about this many, before choosing.
_CONSIDERED = 48
#: Shorter texts also count pairs of tokens, since a slot or two breaks all their triples.
_FEW_TOKENS = 32
_SMALL_GROUP = 4
_MOST_COUNTERS = 1 << 28
_BLOCK = 1 << 22

_SPREAD = np.uint64(0x9E3779B97F4A7C15)
_TOP = np.uint64(0xFFFFFFFFFFFFFFFF)

Counters = npt.NDArray[np.uint8]


def count_shingles(
    tokens: Tokens, chosen: npt.NDArray[np.int64], threads: int | None = None
) -> Counters:
    """Count in how many of the texts `chosen` each shingle occurs, up to 255.

    Shingles are counted by their lower bits: a collision counts too many, never too few.
    """
    lengths = np.minimum(tokens.start[chosen + 1] - tokens.start[chosen], _CONSIDERED)
    wanted = int(lengths.sum()) * 6
    size = min(1 << max(wanted - 1, 1).bit_length(), _MOST_COUNTERS)
    counters = np.zeros(size, dtype=np.uint8)
    add_counts(tokens, chosen, counters, threads)
    return counters


def add_counts(
    tokens: Tokens,
    chosen: npt.NDArray[np.int64],
    counters: Counters,
    threads: int | None = None,
) -> None:
    """Add the shingles of the texts `chosen` to `counters`."""

    def counted(first: int, end: int) -> Counters:
        own = counters if first == 0 else np.zeros_like(counters)
        _count(tokens.token, tokens.start, chosen[first:end], own)
        return own

    # A table for each thread, so two threads at most: they are the largest arrays there are.
    for table in in_ranges(len(chosen), counted, min(2, threads or cores()), turns=1)[1:]:
        _add(counters, table)


def postings_of(
    tokens: Tokens,
    chosen: npt.NDArray[np.int64],
    counters: Counters,
    threads: int | None = None,
    *,
    bits: int | None = None,
) -> npt.NDArray[np.uint64]:
    """Return the kept shingles of the texts `chosen` with the positions of the texts, unsorted.

    The lower `bits` of a posting are the position in `chosen`, the others the shingle.
    """
    wide = bits_for(len(chosen)) if bits is None else bits
    parts = in_ranges(
        len(chosen),
        lambda first, end: _keep(
            tokens.token, tokens.start, chosen[first:end], counters, first, wide
        ),
        threads,
    )
    return np.concatenate(parts)


def pairs_of(postings: npt.NDArray[np.uint64], bits: int) -> npt.NDArray[np.uint64]:
    """Return the pairs of texts that share a kept shingle, `a << 32 | b` with a < b; each once.

    Sorts `postings` in place.
    """
    postings.sort()
    pairs = _pair(postings, np.uint64((1 << bits) - 1))
    pairs.sort()
    return pairs[np.flatnonzero(np.diff(pairs, prepend=_TOP))]


def propose(
    tokens: Tokens,
    chosen: npt.NDArray[np.int64],
    counters: Counters,
    threads: int | None = None,
) -> npt.NDArray[np.uint64]:
    """Return candidate pairs among the texts `chosen` (indices into `tokens`), as `pairs_of`."""
    postings = postings_of(tokens, chosen, counters, threads)
    return pairs_of(postings, bits_for(len(chosen)))


def bits_for(count: int) -> int:
    """Return how many bits hold the positions of `count` texts."""
    return max(1, (count - 1).bit_length())


def _add(counters: Counters, more: Counters) -> None:
    """Add `more` to `counters`, up to 255; by blocks, since these are the largest arrays here."""
    for at in range(0, len(counters), _BLOCK):
        block = counters[at : at + _BLOCK]
        block += np.minimum(more[at : at + _BLOCK], 255 - block)


@compiled
def _shingles(
    token: npt.NDArray[np.uint32], first: int, end: int, out: npt.NDArray[np.uint64]
) -> int:
    """Write the considered shingles of one text to `out`; return how many."""
    length = end - first
    limit = _TOP if length <= _CONSIDERED else np.uint64((2.0**64 - 2048) * _CONSIDERED / length)
    found = 0
    for i in range(first, end - 1):
        pair = mix(np.uint64(token[i]) * _SPREAD + np.uint64(token[i + 1]))
        if i + 2 < end:
            triple = mix(pair ^ np.uint64(token[i + 2]))
            if triple <= limit and found < len(out):
                out[found] = triple
                found += 1
        if length < _FEW_TOKENS and found < len(out):
            out[found] = pair
            found += 1
    return found


@compiled
def _count(
    token: npt.NDArray[np.uint32],
    start: npt.NDArray[np.int64],
    chosen: npt.NDArray[np.int64],
    counters: npt.NDArray[np.uint8],
) -> None:
    """Count in how many texts a shingle occurs, up to 255 (a collision counts too many)."""
    mask = np.uint64(len(counters) - 1)
    shingle = np.empty(4 * _CONSIDERED, dtype=np.uint64)
    for text in chosen:
        for k in range(_shingles(token, start[text], start[text + 1], shingle)):
            at = shingle[k] & mask
            if counters[at] < 255:
                counters[at] += 1


@compiled
def _keep(  # noqa: PLR0917 - a kernel takes no keywords
    token: npt.NDArray[np.uint32],
    start: npt.NDArray[np.int64],
    chosen: npt.NDArray[np.int64],
    counters: npt.NDArray[np.uint8],
    offset: int,
    bits: int,
) -> npt.NDArray[np.uint64]:
    """Return postings; position 0 of `chosen` is written as `offset`."""
    n = len(chosen)
    low = np.uint64((1 << bits) - 1)
    shingle = np.empty(4 * _CONSIDERED, dtype=np.uint64)
    kept = np.empty(KEPT, dtype=np.uint64)
    out = np.empty(n * KEPT, dtype=np.uint64)
    size = 0
    for position in range(n):
        text, first = chosen[position], size
        found = _shingles(token, start[text], start[text + 1], shingle)
        _select(shingle[:found], counters, kept)
        for k in range(KEPT):
            if kept[k] == _TOP:
                continue
            value = mix(kept[k] << np.uint64(8)) & ~low
            known = False
            for j in range(first, size):
                known |= (out[j] & ~low) == value
            if not known:
                out[size] = value | np.uint64(position + offset)
                size += 1
    return out[:size].copy()


@compiled
def _select(
    shingle: npt.NDArray[np.uint64],
    counters: npt.NDArray[np.uint8],
    kept: npt.NDArray[np.uint64],
) -> None:
    """Choose the shingles a text is known by, of those that another text has too.

    `kept` becomes their 56 upper bits, with the count above these among the rare; unused places
    hold `_TOP`.
    """
    mask = np.uint64(len(counters) - 1)
    rare, small = kept[:_RARE], kept[_RARE:]
    kept[:] = _TOP
    for k in range(len(shingle)):
        count = np.uint64(counters[shingle[k] & mask])
        if count < np.uint64(2):
            continue
        # The order among the rare is by count, then by hash.
        _insert(rare, (count << np.uint64(56)) | (shingle[k] >> np.uint64(8)))
        _insert(small, shingle[k] >> np.uint64(8))


@compiled
def _insert(smallest: npt.NDArray[np.uint64], value: np.uint64) -> None:
    """Keep the smallest values, ascending, each once."""
    last = len(smallest) - 1
    if value >= smallest[last]:
        return
    at = last
    while at > 0 and smallest[at - 1] > value:
        at -= 1
    if at > 0 and smallest[at - 1] == value:
        return
    for k in range(last, at, -1):
        smallest[k] = smallest[k - 1]
    smallest[at] = value


@compiled
def _pair(postings: npt.NDArray[np.uint64], low: np.uint64) -> npt.NDArray[np.uint64]:
    """Pair the texts of each shingle with the first and the previous one; small groups, all."""
    n = len(postings)
    out = np.empty(2 * n + 2, dtype=np.uint64)
    size = 0
    begin = 0
    while begin < n:
        end = begin + 1
        while end < n and (postings[end] & ~low) == (postings[begin] & ~low):
            end += 1
        for k in range(begin + 1, end):
            near = k - 1 if end - begin > _SMALL_GROUP else begin + 1
            size = _propose(out, size, postings[begin] & low, postings[k] & low)
            for j in range(max(near, begin + 1), k):
                size = _propose(out, size, postings[j] & low, postings[k] & low)
        begin = end
    return out[:size]


@compiled
def _propose(out: npt.NDArray[np.uint64], size: int, first: np.uint64, second: np.uint64) -> int:
    """Write one pair of texts, unless they are the same; return how many there are now."""
    if first == second:
        return size
    out[size] = (first << np.uint64(32)) | second
    return size + 1
