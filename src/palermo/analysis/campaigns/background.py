"""How much it says that two texts share a token: little for a word that everyone uses.

A token's weight is its information in bits, -log2 of the share of texts that have it. The shares
are counted in a sample of the texts, chosen by content, and drawn towards a prior as long as there
are few, so that two texts alone are judged as ordinary ones are.
"""

import numpy as np
import numpy.typing as npt

from palermo.analysis.campaigns.tokens import Tokens
from palermo.analysis.compiled import compiled

#: Weights are kept by the upper bits of a token's hash, in quarters of a bit.
BITS = 21
QUARTER = 4

_SAMPLE = 250_000
#: The prior: as if this many texts had been seen, one in `_ORDINARY` of them with the token.
_PRIOR = 200.0
_ORDINARY = 200.0
#: No single token says more than this, however rare: names and mistyped words are rare too.
_MOST_BITS = 10.0

Background = npt.NDArray[np.uint8]


def background(tokens: Tokens, chosen: npt.NDArray[np.int64]) -> Background:
    """Return the weights of tokens, in quarter bits, as counted among the texts `chosen`.

    `chosen` is in the order of content hashes, so that any part of it is a random sample.
    """
    sample = chosen[:: stride(len(chosen))]
    texts = np.zeros(1 << BITS, dtype=np.uint32)
    _count(tokens.token, tokens.start, sample, texts)
    return weights(texts, len(sample))


def stride(count: int) -> int:
    """Return n when every n-th of `count` texts is counted."""
    return max(1, -(-count // _SAMPLE))


def weights(texts: npt.NDArray[np.uint32], sample: int) -> Background:
    """Return the weights of tokens, each of which `texts` of a `sample` of texts have."""
    share = (texts + _PRIOR / _ORDINARY) / (sample + _PRIOR)
    weight: Background = np.rint(QUARTER * np.minimum(_MOST_BITS, -np.log2(share))).astype(np.uint8)
    return weight


@compiled
def _count(
    token: npt.NDArray[np.uint32],
    start: npt.NDArray[np.int64],
    chosen: npt.NDArray[np.int64],
    texts: npt.NDArray[np.uint32],
) -> None:
    """Count the texts that have each token, a text once."""
    last = np.zeros(len(texts), dtype=np.uint32)
    for k in range(len(chosen)):
        for at in range(start[chosen[k]], start[chosen[k] + 1]):
            place = token[at] >> np.uint32(32 - BITS)
            if last[place] != k + 1:
                last[place] = k + 1
                texts[place] += 1
