"""How much of two texts is the same, whatever the order: verified on the texts themselves.

A token is covered when it stands beside, or one token away from, the same neighbour in the other
text. The similarity of two texts is the mean of their covered shares, 0 to 1, less something
when both have a long stretch of their own. Unlike shingle
overlap it falls in step with the changes: one changed token uncovers itself, not three shingles;
and clauses may be reordered. What two texts need to belong together depends on their length
(`needed`), never on a setting.

All compiled code that depends on the comparison is in this file on purpose: a compiled function is
cached by its own file, and would not notice a change in another one.
"""

import math

import numba
import numpy as np
import numpy.typing as npt

from palermo.analysis.compiled import compiled

#: What texts of 100 tokens need; shorter ones need more, since a stock phrase is more of them, and
#: longer ones need more again, since chance finds ever more common neighbours (measured on
#: unrelated passages of one manual: 0.29 in 86 tokens, 0.43 in 400, at one pair in a thousand).
_AT_HUNDRED = 0.405
_SHORTER = 1.25
_LONGER = 0.1

#: Two families may share a stock tail and differ in whole sentences before it. What counts against
#: is the longest uncovered run, as a share of the text, beyond what slots and noise explain.
_OWN_BLOCK = 0.5
_BLOCK_ALLOWED = 0.15

#: Longer texts are compared by their first tokens.
MOST_TOKENS = 4096
#: The table is kept nearly empty, because a branch that is seldom taken costs nothing.
_PLACES_A_TOKEN = 32
_PLACES = _PLACES_A_TOKEN * MOST_TOKENS
_KEY = np.uint64(0xD6E8FEB86659FD93)


@numba.njit(inline="always")  # type: ignore[untyped-decorator]  # numba publishes no types
def needed(length: int) -> float:
    """Return the similarity at which texts belong together; `length` is the shorter's tokens."""
    if length > 100:
        return _AT_HUNDRED + _LONGER * math.log10(length / 100)
    return min(0.95, _AT_HUNDRED + _SHORTER * (1 / math.sqrt(length) - 0.1))


@compiled
def scratch() -> tuple[npt.NDArray[np.uint64], npt.NDArray[np.int32], npt.NDArray[np.int32]]:
    """Return working room for `learn` and `compare`: a hash table, and what goes with it.

    `room` holds the place in the table of each neighbourhood of the text learned, then the round
    in which each place was last met. `rounds` are: the tokens learned, the round, the table's bits.
    """
    keys = np.zeros(_PLACES, dtype=np.uint64)
    room = np.zeros((2 * MOST_TOKENS + _PLACES), dtype=np.int32)
    rounds = np.zeros(3, dtype=np.int32)
    rounds[2] = 4
    return keys, room, rounds


@numba.njit(inline="always")  # type: ignore[untyped-decorator]  # numba publishes no types
def _place(
    keys: npt.NDArray[np.uint64], bits: int, first: np.uint32, second: np.uint32
) -> tuple[np.uint64, np.uint64]:
    """Return the key of two neighbouring tokens, and its place or the free one for it."""
    key = ((np.uint64(first) << np.uint64(32)) | np.uint64(second)) + np.uint64(1)
    at = (key * _KEY) >> np.uint64(64 - bits)
    mask = np.uint64((1 << bits) - 1)
    while keys[at] != np.uint64(0) and keys[at] != key:
        at = (at + np.uint64(1)) & mask
    return key, at


@compiled
def learn(
    a: npt.NDArray[np.uint32],
    keys: npt.NDArray[np.uint64],
    room: npt.NDArray[np.int32],
    rounds: npt.NDArray[np.int32],
) -> None:
    """Remember the neighbourhoods of text `a`, to compare others against it."""
    for k in range(2 * rounds[0]):
        keys[room[k]] = 0
    length = min(len(a), MOST_TOKENS)
    bits = 4
    while (1 << bits) < _PLACES_A_TOKEN * length:
        bits += 1
    rounds[0], rounds[2] = length, bits
    for i in range(length):
        for gap in range(1, 3):
            if i + gap < length:
                key, at = _place(keys, bits, a[i], a[i + gap])
                keys[at] = key
                room[2 * i + gap - 1] = np.int32(at)
            else:
                room[2 * i + gap - 1] = room[0]


@compiled
def compare(
    a: npt.NDArray[np.uint32],
    b: npt.NDArray[np.uint32],
    keys: npt.NDArray[np.uint64],
    room: npt.NDArray[np.int32],
    rounds: npt.NDArray[np.int32],
) -> float:
    """Return the similarity of `a`, which was learned, and `b`."""
    met = room[2 * MOST_TOKENS :]
    rounds[1] += 1
    long_a, long_b = min(len(a), MOST_TOKENS), min(len(b), MOST_TOKENS)
    covered, window, run, own_b = 0, 0, 0, 0
    for i in range(long_b):
        for gap in range(1, 3):
            if i + gap >= long_b:
                break
            key, at = _place(keys, rounds[2], b[i], b[i + gap])
            if keys[at] == key:
                met[at] = rounds[1]
                window |= 1 | (1 << gap)
        covered += window & 1
        run = 0 if window & 1 else run + 1
        own_b = max(own_b, run)
        window >>= 1
    share = covered / max(long_b, 1)
    covered, window, run, own_a = 0, 0, 0, 0
    for i in range(long_a):
        for gap in range(1, 3):
            if i + gap < long_a and met[room[2 * i + gap - 1]] == rounds[1]:
                window |= 1 | (1 << gap)
        covered += window & 1
        run = 0 if window & 1 else run + 1
        own_a = max(own_a, run)
        window >>= 1
    own = min(own_a / max(long_a, 1), own_b / max(long_b, 1))
    mean = 0.5 * (share + covered / max(long_a, 1))
    return max(0.0, mean - _OWN_BLOCK * max(0.0, own - _BLOCK_ALLOWED))


@compiled
def verify(
    token: npt.NDArray[np.uint32],
    start: npt.NDArray[np.int64],
    chosen: npt.NDArray[np.int64],
    pairs: npt.NDArray[np.uint64],
) -> npt.NDArray[np.float64]:
    """Return the similarity of each pair, 0 where it is less than is needed."""
    keys, room, rounds = scratch()
    out = np.zeros(len(pairs))
    learned = np.int64(-1)
    a = token[:0]
    for k in range(len(pairs)):
        first = np.int64(pairs[k] >> np.uint64(32))
        if first != learned:
            a = token[start[chosen[first]] : start[chosen[first] + 1]]
            learn(a, keys, room, rounds)
            learned = first
        second = chosen[np.int64(pairs[k] & np.uint64(0xFFFFFFFF))]
        b = token[start[second] : start[second + 1]]
        value = compare(a, b, keys, room, rounds)
        if value >= needed(min(len(a), len(b))):
            out[k] = value
    return out


@compiled
def grow(  # noqa: PLR0917 - a kernel takes no keywords
    token: npt.NDArray[np.uint32],
    start: npt.NDArray[np.int64],
    chosen: npt.NDArray[np.int64],
    begin: npt.NDArray[np.int64],
    mates: npt.NDArray[np.int64],
    by_strength: npt.NDArray[np.int64],
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.float64]]:
    """Grow a star around each centre, the strongest first, through members it accepted."""
    n = len(chosen)
    keys, room, rounds = scratch()
    centre = np.full(n, -1, dtype=np.int64)
    similarity = np.zeros(n)
    tried = np.full(n, -1, dtype=np.int64)
    queue = np.empty(n, dtype=np.int64)
    for middle in by_strength:
        if centre[middle] >= 0:
            continue
        a = token[start[chosen[middle]] : start[chosen[middle] + 1]]
        learn(a, keys, room, rounds)
        tried[middle] = middle
        queue[0] = middle
        head, tail = 0, 1
        while head < tail:
            node = queue[head]
            head += 1
            for k in range(begin[node], begin[node + 1]):
                mate = mates[k]
                if tried[mate] == middle or centre[mate] >= 0:
                    continue
                tried[mate] = middle
                b = token[start[chosen[mate]] : start[chosen[mate] + 1]]
                value = compare(a, b, keys, room, rounds)
                if value >= needed(min(len(a), len(b))):
                    centre[mate] = middle
                    similarity[mate] = value
                    queue[tail] = mate
                    tail += 1
        if tail > 1:
            centre[middle] = middle
            similarity[middle] = 1.0
    return centre, similarity
