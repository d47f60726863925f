"""Texts that may belong together are proposed in time and memory linear in the number of texts.

A text is known by a few of its shingles (`shingles`). Texts that share a kept shingle are proposed
to the first of them and to the one before, never all with all: a stock phrase in a million posts
costs a million proposals. Nothing is decided here; every proposal is verified afterwards.
"""

import numpy as np
import numpy.typing as npt

from palermo.analysis.campaigns.parallel import cores, in_ranges
from palermo.analysis.campaigns.shingles import (
    CONSIDERED,
    Counters,
    bits_for,
    count,
    counters_for,
    keep,
    pair,
)
from palermo.analysis.campaigns.tokens import Tokens

_BLOCK = 1 << 22
_TOP = np.uint64(0xFFFFFFFFFFFFFFFF)


def count_shingles(
    tokens: Tokens, chosen: npt.NDArray[np.int64], threads: int | None = None
) -> Counters:
    """Count in how many of the texts `chosen` each shingle occurs, up to 255.

    Shingles are counted by their lower bits: a collision counts too many, never too few.
    """
    lengths = np.minimum(tokens.start[chosen + 1] - tokens.start[chosen], CONSIDERED)
    counters = np.zeros(counters_for(int(lengths.sum())), dtype=np.uint8)
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
        count(tokens.token, tokens.start, chosen[first:end], own)
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
        lambda first, end: keep(
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
    pairs = pair(postings, np.uint64((1 << bits) - 1))
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


def _add(counters: Counters, more: Counters) -> None:
    """Add `more` to `counters`, up to 255; by blocks, since these are the largest arrays here."""
    for at in range(0, len(counters), _BLOCK):
        block = counters[at : at + _BLOCK]
        block += np.minimum(more[at : at + _BLOCK], 255 - block)
