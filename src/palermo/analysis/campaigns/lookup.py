"""Known texts that may resemble new ones are found in one pass over their tokens.

What the new texts are known by (`shingles`) is marked in a set small enough for the processor's
cache, and the known texts are asked for what is marked: most have nothing of it.
"""

import numpy as np
import numpy.typing as npt

from palermo.analysis.campaigns.parallel import in_ranges
from palermo.analysis.campaigns.shingles import Counters, find_marked, mark, marks_for
from palermo.analysis.campaigns.tokens import Tokens


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
        lambda first, end: find_marked(
            tokens.token, tokens.start, chosen[first:end], marks, counters, first, bits
        ),
        threads,
    )
    return np.concatenate(parts)


def marked(tokens: Tokens, chosen: npt.NDArray[np.int64], counters: Counters) -> Counters:
    """Return the set of shingles that the texts `chosen` keep, for `postings_among`.

    It is bits, two for each shingle (a Bloom filter): it may hold a few more, never less.
    """
    marks = np.zeros(marks_for(len(chosen)) // 8, dtype=np.uint8)
    mark(tokens.token, tokens.start, chosen, counters, marks)
    return marks
