"""What a text is known by: runs of two and three tokens, and which of them are kept.

All compiled code that depends on this choice is in this file on purpose: a compiled function is
cached by its own file, and would not notice a change in another one. `candidates`, `lookup` and
`steps` say what it is used for.

A shingle is a hash of 64 bits. It is counted by its lower bits, kept by its upper 56, and stands
in a posting as a key made of these, with the place of its text in the lower bits.
"""

import numpy as np
import numpy.typing as npt

from palermo.analysis.campaigns.tokens import mix
from palermo.analysis.compiled import compiled

#: Shingles that a text keeps: the rarest of those that another text has too, and those of smallest
#: hash, so that two texts keep the same ones.
RARE = 6
SMALLEST = 10
KEPT = RARE + SMALLEST

#: Longer texts keep only their shingles of small hash, about this many, before choosing.
CONSIDERED = 48
#: Shorter texts also count pairs of tokens, since a slot or two breaks all their triples.
_FEW_TOKENS = 32
#: Texts of a shingle that are proposed all with all.
SMALL_GROUP = 4
_MOST_COUNTERS = 1 << 28

_SPREAD = np.uint64(0x9E3779B97F4A7C15)
_TOP = np.uint64(0xFFFFFFFFFFFFFFFF)

_HASH = np.uint64((1 << 56) - 1)
_SECOND = np.uint64(28)
#: Of a known shingle that occurs too often to be counted, one in so many texts stands for all.
_ONE_IN = 8

Counters = npt.NDArray[np.uint8]


def counters_for(considered: int) -> int:
    """Return how many counters texts need that consider so many tokens; a power of two."""
    return min(1 << max(considered * 6 - 1, 1).bit_length(), _MOST_COUNTERS)


def marks_for(texts: int) -> int:
    """Return how many marks (bits) are needed for what so many texts keep; a power of two."""
    return min(1 << max(20, (64 * KEPT * max(texts, 1) - 1).bit_length()), _MOST_COUNTERS)


def bits_for(count: int) -> int:
    """Return how many bits hold the places of `count` texts."""
    return max(1, (count - 1).bit_length())


@compiled
def _shingles(
    token: npt.NDArray[np.uint32], first: int, end: int, out: npt.NDArray[np.uint64]
) -> int:
    """Write the considered shingles of one text to `out`; return how many."""
    length = end - first
    limit = _TOP if length <= CONSIDERED else np.uint64((2.0**64 - 2048) * CONSIDERED / length)
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
def count(
    token: npt.NDArray[np.uint32],
    start: npt.NDArray[np.int64],
    chosen: npt.NDArray[np.int64],
    counters: npt.NDArray[np.uint8],
) -> None:
    """Count in how many texts a shingle occurs, up to 255 (a collision counts too many)."""
    mask = np.uint64(len(counters) - 1)
    shingle = np.empty(4 * CONSIDERED, dtype=np.uint64)
    for text in chosen:
        for k in range(_shingles(token, start[text], start[text + 1], shingle)):
            at = shingle[k] & mask
            if counters[at] < 255:
                counters[at] += 1


@compiled
def keep(  # noqa: PLR0917 - a kernel takes no keywords
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
    shingle = np.empty(4 * CONSIDERED, dtype=np.uint64)
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
    rare, small = kept[:RARE], kept[RARE:]
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
def pair(postings: npt.NDArray[np.uint64], low: np.uint64) -> npt.NDArray[np.uint64]:
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
            near = k - 1 if end - begin > SMALL_GROUP else begin + 1
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


@compiled
def mark(
    token: npt.NDArray[np.uint32],
    start: npt.NDArray[np.int64],
    chosen: npt.NDArray[np.int64],
    counters: npt.NDArray[np.uint8],
    marks: npt.NDArray[np.uint8],
) -> None:
    """Mark the shingles that texts keep."""
    mask = np.uint64(8 * len(marks) - 1)
    shingle = np.empty(4 * CONSIDERED, dtype=np.uint64)
    kept = np.empty(KEPT, dtype=np.uint64)
    for text in chosen:
        found = _shingles(token, start[text], start[text + 1], shingle)
        _select(shingle[:found], counters, kept)
        for k in range(KEPT):
            if kept[k] != _TOP:
                for bit in (kept[k] & mask, ((kept[k] & _HASH) >> _SECOND) & mask):
                    marks[bit >> np.uint64(3)] |= np.uint8(1 << (bit & np.uint64(7)))


@compiled
def find_marked(  # noqa: PLR0917 - a kernel takes no keywords
    token: npt.NDArray[np.uint32],
    start: npt.NDArray[np.int64],
    chosen: npt.NDArray[np.int64],
    marks: npt.NDArray[np.uint8],
    counters: npt.NDArray[np.uint8],
    offset: int,
    bits: int,
) -> npt.NDArray[np.uint64]:
    """Return postings of the marked shingles, kept or not; position 0 is written as `offset`."""
    mask = np.uint64(8 * len(marks) - 1)
    counted = np.uint64(len(counters) - 1)
    low = np.uint64((1 << bits) - 1)
    shingle = np.empty(4 * CONSIDERED, dtype=np.uint64)
    out = np.empty(len(chosen) * len(shingle), dtype=np.uint64)
    size = 0
    for position in range(len(chosen)):
        text = chosen[position]
        for k in range(_shingles(token, start[text], start[text + 1], shingle)):
            value = shingle[k] >> np.uint64(8)
            first, second = value & mask, (value >> _SECOND) & mask
            if marks[first >> np.uint64(3)] >> np.uint8(first & np.uint64(7)) & 1 == 0:
                continue
            if marks[second >> np.uint64(3)] >> np.uint8(second & np.uint64(7)) & 1 == 0:
                continue
            often = counters[shingle[k] & counted] == 255
            if often and (position + offset) % _ONE_IN != 0:
                continue
            out[size] = (mix(value << np.uint64(8)) & ~low) | np.uint64(position + offset)
            size += 1
    return out[:size].copy()


@compiled
def spell_out(
    token: npt.NDArray[np.uint32], start: npt.NDArray[np.int64], mask: int, bits: int
) -> tuple[
    npt.NDArray[np.int64], npt.NDArray[np.int64], npt.NDArray[np.int64], npt.NDArray[np.int64]
]:
    """Return (text, counter, upper bits, key) of the considered shingles of all texts."""
    room = np.empty(4 * CONSIDERED, dtype=np.uint64)
    size = 0
    for i in range(len(start) - 1):
        size += min(2 * (start[i + 1] - start[i]), len(room))
    text = np.empty(size, dtype=np.int64)
    bucket, high, key = np.empty_like(text), np.empty_like(text), np.empty_like(text)
    at = 0
    for i in range(len(start) - 1):
        for k in range(_shingles(token, start[i], start[i + 1], room)):
            upper = room[k] >> np.uint64(8)
            text[at] = i
            bucket[at] = np.int64(room[k] & np.uint64(mask))
            high[at] = np.int64(upper)
            key[at] = np.int64(mix(upper << np.uint64(8)) >> np.uint64(bits))
            at += 1
    return text[:at], bucket[:at], high[:at], key[:at]
