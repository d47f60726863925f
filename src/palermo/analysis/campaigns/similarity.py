"""How much of two texts is the same, whatever the order, and whether that is enough.

A token is covered when it stands beside, or one token away from, the same neighbour in the other
text. The similarity of two texts is the mean of their covered shares, 0 to 1, less something
when both have a long stretch of their own. Unlike shingle overlap it falls in step with the
changes: one changed token uncovers itself, not three shingles; and clauses may be reordered.

How much similarity two texts need to belong together falls with the evidence: the information of
what they share, in bits (`background`). Little evidence (a short text, or stock words) needs a
nearly equal text; much evidence, less. There is no setting; the curve was fitted to pairs of real
texts judged by readers (docs/explanation/campaigns.md).

All compiled code that depends on the comparison is in this file on purpose: a compiled function is
cached by its own file, and would not notice a change in another one.
"""

import math

import numba
import numpy as np
import numpy.typing as npt

from palermo.analysis.campaigns.background import BITS, QUARTER
from palermo.analysis.compiled import compiled

#: Similarity needed = `_BASE + _SCARCE / sqrt(evidence + _OFFSET)`, evidence in bits, …
_BASE = -0.08
_SCARCE = 3.3
_OFFSET = 5.0
_MOST = 0.95
#: … but never less than this at 100 tokens, more in longer texts, since chance finds ever more
#: common neighbours (measured on unrelated passages of one manual: 0.29 in 86 tokens, 0.43 in
#: 400, at one pair in a thousand), and a little less in shorter ones.
_AT_HUNDRED = 0.45
_LONGER = 0.1

#: Two families may share a stock tail and differ in whole sentences before it. What counts against
#: is the longest uncovered run, as a share of the text, beyond what slots and noise explain.
_OWN_BLOCK = 0.7
_BLOCK_ALLOWED = 0.15

#: Near the boundary, in texts of up to `_ORDERED` tokens, order counts: what everyone says in such
#: messages turns up in unrelated ones as well, but seldom in the same order. A similarity less than
#: `_CLEAR` above what is needed loses this share of what it exceeds the agreement in order by.
#: Longer texts that pass share far more than chance explains, and their sentences may be moved.
_CLEAR = 0.25
_DISORDER = 0.6
_ORDERED = 64

#: Longer texts are compared by their first tokens.
MOST_TOKENS = 4096
#: The table is kept nearly empty, because a branch that is seldom taken costs nothing.
_PLACES_A_TOKEN = 32
_PLACES = _PLACES_A_TOKEN * MOST_TOKENS
_KEY = np.uint64(0xD6E8FEB86659FD93)
_SHIFT = np.uint32(32 - BITS)

Scratch = tuple[npt.NDArray[np.uint64], npt.NDArray[np.int32], npt.NDArray[np.int32]]


@numba.njit(inline="always")  # type: ignore[untyped-decorator]  # numba publishes no types
def needed(evidence: float, length: int) -> float:
    """Return the similarity at which two texts belong together.

    `evidence` is in bits, `length` the tokens of the shorter text.
    """
    least = _AT_HUNDRED + _LONGER * math.log10(max(length, 20) / 100)
    return min(_MOST, max(least, _BASE + _SCARCE / math.sqrt(evidence + _OFFSET)))


@compiled
def scratch() -> Scratch:
    """Return working room for `learn` and `compare`: a hash table, and what goes with it.

    `room` holds the place in the table of each neighbourhood of the text learned, then the round
    in which each place was last met, then a row for `_in_order`. `rounds` are: the tokens learned,
    the round, the table's bits.
    """
    keys = np.zeros(_PLACES, dtype=np.uint64)
    room = np.zeros(2 * MOST_TOKENS + _PLACES + _ORDERED + 1, dtype=np.int32)
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
def learn(a: npt.NDArray[np.uint32], room_for: Scratch) -> None:
    """Remember the neighbourhoods of text `a`, to compare others against it."""
    keys, room, rounds = room_for
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
def _in_order(
    a: npt.NDArray[np.uint32], b: npt.NDArray[np.uint32], row: npt.NDArray[np.int32]
) -> float:
    """Return the longest common subsequence of two texts as a share of both; `row` is room."""
    row[: len(b) + 1] = 0
    for i in range(len(a)):
        diagonal = np.int32(0)
        for j in range(len(b)):
            above = row[j + 1]
            if a[i] == b[j]:
                row[j + 1] = diagonal + 1
            elif row[j] > above:
                row[j + 1] = row[j]
            diagonal = above
    return float(2 * row[len(b)] / max(len(a) + len(b), 1))


@compiled
def compare(
    a: npt.NDArray[np.uint32],
    b: npt.NDArray[np.uint32],
    weight: npt.NDArray[np.uint8],
    room_for: Scratch,
) -> tuple[float, float]:
    """Return the similarity of `a`, which was learned, and `b`, and how much they need."""
    keys, room, rounds = room_for
    met = room[2 * MOST_TOKENS : 2 * MOST_TOKENS + _PLACES]
    rounds[1] += 1
    long_a, long_b = min(len(a), MOST_TOKENS), min(len(b), MOST_TOKENS)
    covered, window, run, own_b, says_b = 0, 0, 0, 0, 0
    for i in range(long_b):
        for gap in range(1, 3):
            if i + gap >= long_b:
                break
            key, at = _place(keys, rounds[2], b[i], b[i + gap])
            if keys[at] == key:
                met[at] = rounds[1]
                window |= 1 | (1 << gap)
        if window & 1:
            covered += 1
            says_b += weight[b[i] >> _SHIFT]
            run = 0
        else:
            run += 1
            own_b = max(own_b, run)
        window >>= 1
    share = covered / max(long_b, 1)
    covered, window, run, own_a, says_a = 0, 0, 0, 0, 0
    for i in range(long_a):
        for gap in range(1, 3):
            if i + gap < long_a and met[room[2 * i + gap - 1]] == rounds[1]:
                window |= 1 | (1 << gap)
        if window & 1:
            covered += 1
            says_a += weight[a[i] >> _SHIFT]
            run = 0
        else:
            run += 1
            own_a = max(own_a, run)
        window >>= 1
    own = min(own_a / max(long_a, 1), own_b / max(long_b, 1))
    mean = 0.5 * (share + covered / max(long_a, 1))
    similarity = max(0.0, mean - _OWN_BLOCK * max(0.0, own - _BLOCK_ALLOWED))
    need = needed(min(says_a, says_b) / QUARTER, min(long_a, long_b))
    if need <= similarity < need + _CLEAR and max(long_a, long_b) <= _ORDERED:
        ordered = _in_order(a, b, room[2 * MOST_TOKENS + _PLACES :])
        similarity -= _DISORDER * max(0.0, mean - ordered)
    return similarity, need


@compiled
def verify(  # noqa: PLR0917 - a kernel takes no keywords
    token: npt.NDArray[np.uint32],
    start: npt.NDArray[np.int64],
    weight: npt.NDArray[np.uint8],
    chosen: npt.NDArray[np.int64],
    pairs: npt.NDArray[np.uint64],
    out: npt.NDArray[np.float32],
) -> None:
    """Write the similarity of each pair to `out`, 0 where it is less than is needed."""
    room = scratch()
    learned = np.int64(-1)
    a = token[:0]
    for k in range(len(pairs)):
        first = np.int64(pairs[k] >> np.uint64(32))
        if first != learned:
            a = token[start[chosen[first]] : start[chosen[first] + 1]]
            learn(a, room)
            learned = first
        second = chosen[np.int64(pairs[k] & np.uint64(0xFFFFFFFF))]
        similarity, need = compare(a, token[start[second] : start[second + 1]], weight, room)
        out[k] = similarity if similarity >= need else 0.0


@compiled
def grow(  # noqa: PLR0917 - a kernel takes no keywords
    token: npt.NDArray[np.uint32],
    start: npt.NDArray[np.int64],
    weight: npt.NDArray[np.uint8],
    chosen: npt.NDArray[np.int64],
    begin: npt.NDArray[np.int64],
    mates: npt.NDArray[np.int64],
    by_strength: npt.NDArray[np.int64],
    centre: npt.NDArray[np.int64],
    similarity: npt.NDArray[np.float64],
) -> None:
    """Grow a star around each centre, the strongest first, through members it accepted.

    `centre` is that of each text (-1 for none), and `similarity` that to it: both are filled in for
    texts without one.
    """
    n = len(chosen)
    room = scratch()
    tried = np.full(n, -1, dtype=np.int64)
    queue = np.empty(n, dtype=np.int64)
    for middle in by_strength:
        if centre[middle] >= 0:
            continue
        a = token[start[chosen[middle]] : start[chosen[middle] + 1]]
        learn(a, room)
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
                value, need = compare(a, b, weight, room)
                if value >= need:
                    centre[mate] = middle
                    similarity[mate] = value
                    queue[tail] = mate
                    tail += 1
        if tail > 1:
            centre[middle] = middle
            similarity[middle] = 1.0


#: Stars a text may choose from.
_CHOICES = 16


@compiled
def settle(  # noqa: PLR0917 - a kernel takes no keywords
    token: npt.NDArray[np.uint32],
    start: npt.NDArray[np.int64],
    weight: npt.NDArray[np.uint8],
    chosen: npt.NDArray[np.int64],
    begin: npt.NDArray[np.int64],
    mates: npt.NDArray[np.int64],
    centre: npt.NDArray[np.int64],
    core_begin: npt.NDArray[np.int64],
    core: npt.NDArray[np.int64],
    movable: npt.NDArray[np.int64],
    moved: npt.NDArray[np.int64],
    by: npt.NDArray[np.int64],
    similarity: npt.NDArray[np.float64],
) -> None:
    """Find for each `movable` text the star whose core it agrees with most.

    The core of star s is `core[core_begin[s]:core_begin[s + 1]]`. A text looks at its own star and
    those of its mates, and is taken by one if half of the core, itself left out, accepts it. For
    the k-th movable text, `moved[k]` becomes that star (-1: none accepts it), `by[k]` the member
    of the core it is most like, `similarity[k]` how much.
    """
    room = scratch()
    seen = np.empty(_CHOICES, dtype=np.int64)
    for k in range(len(movable)):
        text = movable[k]
        a = token[start[chosen[text]] : start[chosen[text] + 1]]
        learn(a, room)
        count = 0
        best = -1.0
        moved[k] = -1
        for j in range(begin[text] - 1, begin[text + 1]):
            star = centre[text] if j < begin[text] else centre[mates[j]]
            known = star < 0 or core_begin[star + 1] == core_begin[star] or count == _CHOICES
            for other in range(count):
                known |= seen[other] == star
            if known:
                continue
            seen[count] = star
            count += 1
            total, accepted, like, like_by = 0.0, 0, 0.0, np.int64(-1)
            size = 0
            for at in range(core_begin[star], core_begin[star + 1]):
                if core[at] == text:
                    continue
                size += 1
                b = token[start[chosen[core[at]]] : start[chosen[core[at]] + 1]]
                value, need = compare(a, b, weight, room)
                total += value - need
                if value >= need:
                    accepted += 1
                    if value > like:
                        like, like_by = value, core[at]
            score = total / max(size, 1)
            if size > 0 and 2 * accepted >= size and (moved[k] < 0 or score > best):
                best, moved[k], by[k], similarity[k] = score, star, like_by, like
