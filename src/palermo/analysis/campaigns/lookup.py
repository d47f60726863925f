"""Known texts that may resemble new ones are found in one pass over their tokens.

What the new texts are known by (`candidates`) is marked in a set small enough for the processor's
cache, and the known texts are asked for what is marked: most have nothing of it. The compiled code
here has that of `candidates` in it, so when that changes this must be compiled anew: edit both.
"""

import numpy as np
import numpy.typing as npt

from palermo.analysis.campaigns.candidates import (
    _CONSIDERED,
    _MOST_COUNTERS,
    _TOP,
    KEPT,
    Counters,
    _select,
    _shingles,
)
from palermo.analysis.campaigns.parallel import in_ranges
from palermo.analysis.campaigns.tokens import Tokens, mix
from palermo.analysis.compiled import compiled

_HASH = np.uint64((1 << 56) - 1)
_SECOND = np.uint64(28)
_ONE_IN = 8


def postings_among(
    tokens: Tokens,
    chosen: npt.NDArray[np.int64],
    marks: Counters,
    counters: Counters,
    threads: int | None = None,
    *,
    bits: int,
) -> npt.NDArray[np.uint64]:
    """Return, like `postings_of`, the shingles of the texts `chosen` that are `marked`.

    Of a shingle that occurs too often to be counted, some of the texts stand for all.
    """
    parts = in_ranges(
        len(chosen),
        lambda first, end: _find(
            tokens.token, tokens.start, chosen[first:end], marks, counters, first, bits
        ),
        threads,
    )
    return np.concatenate(parts)


def marked(tokens: Tokens, chosen: npt.NDArray[np.int64], counters: Counters) -> Counters:
    """Return the set of shingles that the texts `chosen` keep, for `postings_among`.

    It is bits, two for each shingle (a Bloom filter): it may hold a few more, never less.
    """
    size = 1 << max(20, (64 * KEPT * max(len(chosen), 1) - 1).bit_length())
    marks = np.zeros(min(size, _MOST_COUNTERS) // 8, dtype=np.uint8)
    _mark(tokens.token, tokens.start, chosen, counters, marks)
    return marks


@compiled
def _find(  # noqa: PLR0917 - a kernel takes no keywords
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
    shingle = np.empty(4 * _CONSIDERED, dtype=np.uint64)
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
def _mark(
    token: npt.NDArray[np.uint32],
    start: npt.NDArray[np.int64],
    chosen: npt.NDArray[np.int64],
    counters: npt.NDArray[np.uint8],
    marks: npt.NDArray[np.uint8],
) -> None:
    """Mark the shingles that texts keep."""
    mask = np.uint64(8 * len(marks) - 1)
    shingle = np.empty(4 * _CONSIDERED, dtype=np.uint64)
    kept = np.empty(KEPT, dtype=np.uint64)
    for text in chosen:
        found = _shingles(token, start[text], start[text + 1], shingle)
        _select(shingle[:found], counters, kept)
        for k in range(KEPT):
            if kept[k] != _TOP:
                for bit in (kept[k] & mask, ((kept[k] & _HASH) >> _SECOND) & mask):
                    marks[bit >> np.uint64(3)] |= np.uint8(1 << (bit & np.uint64(7)))
