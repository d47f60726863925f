"""What is remembered of a set of texts, so that a day's new ones need no full run.

Of each content (texts that say the same count once) the tokens and the campaign are kept, with the
weights of tokens and the counts of shingles; never a text.
"""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from palermo.analysis.campaigns.background import Background, background
from palermo.analysis.campaigns.candidates import count_shingles, propose
from palermo.analysis.campaigns.clusters import cluster
from palermo.analysis.campaigns.naming import number_groups
from palermo.analysis.campaigns.shingles import Counters
from palermo.analysis.campaigns.tokens import SHORT, Tokens
from palermo.analysis.compiled import compiled

_Ints = npt.NDArray[np.int64]


@dataclass(frozen=True)
class CampaignIndex:
    """The contents seen so far, each once.

    `tokens.content` is distinct; `posts[i]` items say content i, and `campaign[i]` is the place of
    its campaign in `names`, or -1.
    """

    tokens: Tokens
    posts: _Ints
    campaign: npt.NDArray[np.int32]
    names: list[str]
    weight: Background
    counters: Counters


class Found(NamedTuple):
    """The campaigns among texts.

    `content_of[i]` is the place of text i among the distinct contents, `first[c]` the first text
    of content c, `campaign[c]` its campaign's place in `names` or -1. The pairs `a`, `b` of texts,
    with their `similarity`, hold the groups of contents together.
    """

    first: _Ints
    content_of: _Ints
    posts: _Ints
    campaign: npt.NDArray[np.int32]
    names: list[str]
    a: _Ints
    b: _Ints
    similarity: npt.NDArray[np.float64]
    weight: Background
    counters: Counters


def compared(tokens: Tokens, first: _Ints) -> npt.NDArray[np.bool_]:
    """Tell which of the texts `first` are long enough to be compared with others."""
    lengths = tokens.start[first + 1] - tokens.start[first]
    return np.asarray((lengths >= SHORT) & (tokens.content[first] != 0))


def find(tokens: Tokens, threads: int | None = None) -> Found:
    """Find the campaigns among texts of which the tokens are given."""
    contents, first, content_of = np.unique(tokens.content, return_index=True, return_inverse=True)
    first = first.astype(np.int64)
    which = np.flatnonzero(compared(tokens, first))
    chosen = first[which]
    weight = background(tokens, chosen)
    counters = count_shingles(tokens, chosen, threads)
    pairs = propose(tokens, chosen, counters, threads)
    found = cluster(tokens, weight, chosen, pairs, threads)
    group = np.arange(len(contents))
    group[which] = which[found.group]
    posts = np.bincount(content_of, minlength=len(contents))
    campaign, names = number_groups(contents, group, posts)
    return Found(
        first=first,
        content_of=content_of,
        posts=posts,
        campaign=campaign,
        names=names,
        a=chosen[found.a],
        b=chosen[found.b],
        similarity=found.similarity,
        weight=weight,
        counters=counters,
    )


def index_of(tokens: Tokens, found: Found) -> CampaignIndex:
    """Return what a later run needs to go on from `found`."""
    return CampaignIndex(
        tokens=gathered(tokens, found.first),
        posts=found.posts,
        campaign=found.campaign,
        names=found.names,
        weight=found.weight,
        counters=found.counters,
    )


def gathered(tokens: Tokens, chosen: _Ints) -> Tokens:
    """Return the tokens of the texts `chosen`."""
    start = np.zeros(len(chosen) + 1, dtype=np.int64)
    np.cumsum(tokens.start[chosen + 1] - tokens.start[chosen], out=start[1:])
    token = np.empty(start[-1], dtype=np.uint32)
    _gather(tokens.token, tokens.start, chosen, start, token)
    return Tokens(token=token, start=start, content=tokens.content[chosen])


@compiled
def _gather(
    token: npt.NDArray[np.uint32],
    start: _Ints,
    chosen: _Ints,
    out_start: _Ints,
    out: npt.NDArray[np.uint32],
) -> None:
    for k in range(len(chosen)):
        out[out_start[k] : out_start[k + 1]] = token[start[chosen[k]] : start[chosen[k] + 1]]
