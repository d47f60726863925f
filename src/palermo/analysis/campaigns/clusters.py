"""A campaign is a star: every member is verified against its centre, so nothing can chain.

Drifting texts of which each resembles the next fall apart into the neighbourhoods of a few
centres. Noise may break a campaign in two stars; they are joined when half of the pairs between
them, sampled, verify as well, and only once: a star that was joined to another takes in no third.
The result depends on the set of texts alone: texts are numbered by content, and every tie is
broken by that number.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from palermo.analysis.campaigns.similarity import grow, verify
from palermo.analysis.campaigns.tokens import Tokens

_Ints = npt.NDArray[np.int64]
_Floats = npt.NDArray[np.float64]

#: Members of a star that stand for it when two stars are compared.
_SAMPLE = 6
_JOINED = 0.5


@dataclass(frozen=True)
class Groups:
    """`group[i]` is the text after which the group of text i is named; texts alone name their own.

    `a`, `b`, `similarity` are verified pairs that hold each group together: k texts, k - 1 pairs.
    """

    group: _Ints
    a: _Ints
    b: _Ints
    similarity: _Floats


def cluster(tokens: Tokens, chosen: _Ints, pairs: npt.NDArray[np.uint64]) -> Groups:
    """Group the texts `chosen` by the proposed `pairs` (as `candidates.propose` gives them)."""
    texts = tokens.token, tokens.start, chosen
    similarity = verify(*texts, pairs)
    held = similarity > 0
    a, b = _ends(pairs[held])
    begin, mates, by_strength = _graph(len(chosen), a, b, similarity[held])
    centre, similar = grow(*texts, begin, mates, by_strength)
    centre = np.where(centre < 0, np.arange(len(chosen)), centre)
    members = np.flatnonzero(centre != np.arange(len(chosen)))
    crossing = centre[a] != centre[b]
    sampled = _between(centre, a[crossing], b[crossing])
    moved, by, value = _join(centre, sampled, verify(*texts, sampled))
    joined_a, joined_b = _ends(sampled[by])
    return Groups(
        group=moved[centre],
        a=np.concatenate([centre[members], joined_a]),
        b=np.concatenate([members, joined_b]),
        similarity=np.concatenate([similar[members], value]),
    )


def _ends(pairs: npt.NDArray[np.uint64]) -> tuple[_Ints, _Ints]:
    first = (pairs >> np.uint64(32)).astype(np.int64)
    return first, (pairs & np.uint64(0xFFFFFFFF)).astype(np.int64)


def _graph(count: int, a: _Ints, b: _Ints, similarity: _Floats) -> tuple[_Ints, _Ints, _Ints]:
    """Return the neighbours of each text (`mates[begin[i]:begin[i + 1]]`), and texts by strength.

    A text's strength is the sum of its similarities; texts without neighbours are left out.
    """
    ends, mates = np.concatenate([a, b]), np.concatenate([b, a])
    order = np.lexsort((mates, ends))
    begin = np.searchsorted(ends[order], np.arange(count + 1))
    # Summed in thousandths, so that the order of summing cannot matter.
    parts = np.round(np.concatenate([similarity, similarity]) * 1000)
    strength = np.bincount(ends, weights=parts, minlength=count)
    by_strength = np.lexsort((np.arange(count), -strength))
    return begin, mates[order], by_strength[strength[by_strength] > 0]


def _between(centre: _Ints, a: _Ints, b: _Ints) -> npt.NDArray[np.uint64]:
    """Return sampled pairs of members of the stars that the verified pairs `a`, `b` cross."""
    low, high = np.minimum(centre[a], centre[b]), np.maximum(centre[a], centre[b])
    order = np.argsort(centre, kind="stable")
    begin = np.searchsorted(centre[order], np.arange(len(centre) + 1))
    stars = np.unique((low.astype(np.uint64) << np.uint64(32)) | high.astype(np.uint64))
    chosen: list[npt.NDArray[np.uint64]] = []
    for first, second in zip(*(end.tolist() for end in _ends(stars)), strict=True):
        ours, theirs = (order[begin[s] : begin[s + 1]][:_SAMPLE] for s in (first, second))
        left, right = np.repeat(ours, len(theirs)), np.tile(theirs, len(ours))
        lower, upper = np.minimum(left, right), np.maximum(left, right)
        chosen.append((lower.astype(np.uint64) << np.uint64(32)) | upper.astype(np.uint64))
    return np.concatenate(chosen) if chosen else np.empty(0, dtype=np.uint64)


def _join(
    centre: _Ints, sampled: npt.NDArray[np.uint64], similarity: _Floats
) -> tuple[_Ints, _Ints, _Floats]:
    """Return for each centre the one it goes to, and which sampled pairs, how similar, join them.

    Larger stars are decided first; a smaller one goes to the larger one it agrees with most.
    """
    moved = np.arange(len(centre))
    size = np.bincount(centre, minlength=len(centre))
    a, b = _ends(sampled)
    low, high = np.minimum(centre[a], centre[b]), np.maximum(centre[a], centre[b])
    stars, of = np.unique(np.stack([low, high]), axis=1, return_inverse=True)
    share = np.bincount(of.ravel(), weights=similarity > 0) / np.bincount(of.ravel())
    choices: dict[int, list[tuple[float, int, int, int]]] = {}
    for number in np.flatnonzero(share >= _JOINED).tolist():
        pair = sorted(stars[:, number].tolist(), key=lambda star: (-size[star], star))
        larger, smaller = pair
        choices.setdefault(smaller, []).append((-share[number], -size[larger], larger, number))
    by: list[int] = []
    for smaller in sorted(choices, key=lambda star: (-size[star], star)):
        for _, _, larger, number in sorted(choices[smaller]):
            if moved[larger] == larger:
                moved[smaller] = larger
                pairs = np.flatnonzero(of.ravel() == number)
                by.append(int(pairs[np.argmax(similarity[pairs])]))
                break
    chosen = np.array(by, dtype=np.int64)
    return moved, chosen, similarity[chosen]
