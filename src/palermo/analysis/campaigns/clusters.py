"""A campaign is a star: every member is verified against its centre, so nothing can chain.

Drifting texts of which each resembles the next fall apart into the neighbourhoods of a few
centres. A star's core is its centre and the members most like it, less those that agree more with
another star or too little with their own; these may grow a star of their own. Every other text
then settles with the star whose core it agrees with most, and leaves a star of whose core less
than half accepts it: a bridge between two campaigns holds neither together. Noise may break a
campaign in two stars; they are joined when half of the pairs between their cores verify as well,
and only once: a star that was joined to another takes in no third.

The result depends on the set of texts alone: texts are numbered by content, every tie is broken by
that number, and threads only share out the work.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from palermo.analysis.campaigns.background import Background
from palermo.analysis.campaigns.parallel import in_ranges
from palermo.analysis.campaigns.similarity import grow, settle, verify
from palermo.analysis.campaigns.tokens import Tokens

_Ints = npt.NDArray[np.int64]
_Floats = npt.NDArray[np.float64]
_Pairs = npt.NDArray[np.uint64]

#: Members of a star that stand for it.
CORE = 6
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


@dataclass(frozen=True)
class Texts:
    """The texts that are grouped: `chosen` are their places in `tokens`."""

    tokens: Tokens
    weight: Background
    chosen: _Ints
    threads: int | None

    def verified(self, pairs: _Pairs) -> npt.NDArray[np.float32]:
        """Return the similarity of each pair, 0 where it is less than is needed."""
        out = np.empty(len(pairs), dtype=np.float32)
        texts = self.tokens.token, self.tokens.start, self.weight, self.chosen
        in_ranges(
            len(pairs),
            lambda first, end: verify(*texts, pairs[first:end], out[first:end]),
            self.threads,
        )
        return out


def cluster(
    tokens: Tokens,
    weight: Background,
    chosen: _Ints,
    pairs: _Pairs,
    threads: int | None = None,
) -> Groups:
    """Group the texts `chosen` by the proposed `pairs` (as `candidates.propose` gives them)."""
    texts = Texts(tokens, weight, chosen, threads)
    similarity = texts.verified(pairs)
    held = similarity > 0
    a, b = _ends(pairs[held])
    begin, mates, by_strength = _graph(len(chosen), a, b, similarity[held].astype(np.float64))
    del pairs, similarity, held
    graph = begin, mates
    centre, similar = np.full(len(chosen), -1, dtype=np.int64), np.zeros(len(chosen))
    grown = tokens.token, tokens.start, weight, chosen, begin, mates, by_strength, centre, similar
    grow(*grown)
    centre[_strays(texts, graph, centre, _cores(centre, similar))] = -1
    grow(*grown)
    core_begin, core = _cores(centre, similar)
    centre, by, similar = _settled(texts, graph, centre, similar, (core_begin, core))
    crossing = (centre[a] != centre[b]) & (centre[a] >= 0) & (centre[b] >= 0)
    sampled = _between(centre, (core_begin, core), a[crossing], b[crossing])
    moved, joining, value = _join(centre, sampled, texts.verified(sampled))
    joined_a, joined_b = _ends(sampled[joining])
    alone = np.arange(len(chosen))
    centre = np.where(centre < 0, alone, centre)
    members = np.flatnonzero(centre != alone)
    return Groups(
        group=moved[centre],
        a=np.concatenate([by[members], joined_a]),
        b=np.concatenate([members, joined_b]),
        similarity=np.concatenate([similar[members], value]),
    )


def _ends(pairs: _Pairs) -> tuple[_Ints, _Ints]:
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


def _cores(centre: _Ints, similar: _Floats) -> tuple[_Ints, _Ints]:
    """Return the core of each star (`core[begin[s]:begin[s + 1]]`), its centre first."""
    members = np.flatnonzero(centre >= 0)
    first = centre[members] != members
    order = members[np.lexsort((members, -similar[members], first, centre[members]))]
    star = centre[order]
    place = np.arange(len(order)) - np.searchsorted(star, star)
    core = order[place < CORE]
    return np.searchsorted(centre[core], np.arange(len(centre) + 1)), core


def _strays(
    texts: Texts, graph: tuple[_Ints, _Ints], centre: _Ints, cores: tuple[_Ints, _Ints]
) -> _Ints:
    """Return the members of cores that agree more with another star, or too little with their own.

    The strongest text near them took them in, which may be a bridge; in the core of its star they
    would draw others after them.
    """
    begin, mates = graph
    _, core = cores
    text = np.repeat(np.arange(len(centre)), np.diff(begin))
    torn = np.zeros(len(centre), dtype=bool)
    torn[text[centre[text] != centre[mates]]] = True
    asked = np.sort(core[torn[core] & (centre[core] != core)])
    moved, _, _ = _settle(texts, graph, centre, cores, asked)
    return np.compress(moved != centre[asked], asked)


def _settled(
    texts: Texts,
    graph: tuple[_Ints, _Ints],
    centre: _Ints,
    similar: _Floats,
    cores: tuple[_Ints, _Ints],
) -> tuple[_Ints, _Ints, _Floats]:
    """Return the star of each text, the member of its core it is joined to, and how similar."""
    begin, _ = graph
    fixed = np.zeros(len(centre), dtype=bool)
    fixed[cores[1]] = True
    movable = np.flatnonzero(~fixed & (begin[1:] > begin[:-1]))
    moved, by, value = _settle(texts, graph, centre, cores, movable)
    star, joined, similarity = centre.copy(), centre.copy(), similar.copy()
    star[movable] = moved
    taken = moved >= 0
    joined[movable[taken]] = by[taken]
    similarity[movable[taken]] = value[taken]
    return star, joined, similarity


def _settle(
    texts: Texts,
    graph: tuple[_Ints, _Ints],
    centre: _Ints,
    cores: tuple[_Ints, _Ints],
    asked: _Ints,
) -> tuple[_Ints, _Ints, _Floats]:
    """Ask the texts `asked` which star they belong to, see `settle`."""
    moved, by = np.empty_like(asked), np.empty_like(asked)
    value = np.empty(len(asked))
    tokens = texts.tokens
    in_ranges(
        len(asked),
        lambda first, end: settle(
            tokens.token, tokens.start, texts.weight, texts.chosen, *graph, centre, *cores,
            asked[first:end], moved[first:end], by[first:end], value[first:end],
        ),
        texts.threads,
    )  # fmt: skip
    return moved, by, value


def _between(centre: _Ints, cores: tuple[_Ints, _Ints], a: _Ints, b: _Ints) -> _Pairs:
    """Return the pairs between the cores of the stars that the verified pairs `a`, `b` cross."""
    low, high = np.minimum(centre[a], centre[b]), np.maximum(centre[a], centre[b])
    begin, core = cores
    stars = np.unique((low.astype(np.uint64) << np.uint64(32)) | high.astype(np.uint64))
    chosen: list[_Pairs] = []
    for first, second in zip(*(end.tolist() for end in _ends(stars)), strict=True):
        ours, theirs = (core[begin[s] : begin[s + 1]] for s in (first, second))
        left, right = np.repeat(ours, len(theirs)), np.tile(theirs, len(ours))
        lower, upper = np.minimum(left, right), np.maximum(left, right)
        chosen.append((lower.astype(np.uint64) << np.uint64(32)) | upper.astype(np.uint64))
    return np.concatenate(chosen) if chosen else np.empty(0, dtype=np.uint64)


def _join(
    centre: _Ints, sampled: _Pairs, similarity: npt.NDArray[np.float32]
) -> tuple[_Ints, _Ints, _Floats]:
    """Return for each centre the one it goes to, and which sampled pairs, how similar, join them.

    Larger stars are decided first; a smaller one goes to the larger one it agrees with most.
    """
    moved = np.arange(len(centre))
    size = np.bincount(centre[centre >= 0], minlength=len(centre))
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
    return moved, chosen, similarity[chosen].astype(np.float64)
