"""New texts join what is known already: only campaigns that a new text touches are looked at again.

The texts looked at are the new ones, the known ones they resemble and the campaigns of these, and
they are grouped in the same way as in a full run. A campaign of more than `_WHOLE` contents
that grows by less than a tenth is represented by a sample; it can grow and merge, but not split.

A campaign keeps its name as long as it lives: after a split the largest part has it, after a
merger the largest campaign's name stands. Every content whose campaign changed is reported.
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from palermo.analysis.campaigns.candidates import add_counts, pairs_of, postings_of, propose
from palermo.analysis.campaigns.clusters import Texts, cluster
from palermo.analysis.campaigns.index import CampaignIndex, compared, gathered
from palermo.analysis.campaigns.lookup import marked, postings_among
from palermo.analysis.campaigns.naming import name_of
from palermo.analysis.campaigns.shingles import bits_for
from palermo.analysis.campaigns.tokens import Tokens, joined

_Ints = npt.NDArray[np.int64]
_LOW = np.uint64(0xFFFFFFFF)

#: Members that stand for a larger campaign that is not looked at whole.
_WHOLE = 50


@dataclass(frozen=True)
class Extension:
    """What became of an index.

    The contents are those `known` before, in the same order, then those of `added`; `posts` and
    `campaign` are as in an index. `content_of[i]` is the place of new text i among them. Campaigns
    that were there `before` are in their old places in `names`.
    """

    known: CampaignIndex
    added: Tokens
    posts: _Ints
    campaign: npt.NDArray[np.int32]
    names: list[str]
    content_of: _Ints

    @property
    def before(self) -> npt.NDArray[np.int32]:
        """The campaigns of the known contents before."""
        return self.known.campaign

    @cached_property
    def index(self) -> CampaignIndex:
        """What a later run needs; made on demand, since it copies all tokens."""
        return CampaignIndex(
            tokens=joined([self.known.tokens, self.added]),
            posts=self.posts,
            campaign=self.campaign,
            names=self.names,
            weight=self.known.weight,
            counters=self.known.counters,
        )


def extend(
    index: CampaignIndex,
    tokens: Tokens,
    *,
    counted: npt.NDArray[np.bool_] | None = None,
    threads: int | None = None,
) -> Extension:
    """Find the campaigns of new texts among those of `index`; `index.counters` is changed.

    Texts that are not `counted` were seen before, and are only told their campaigns.
    """
    contents, first, of = np.unique(tokens.content, return_index=True, return_inverse=True)
    place, fresh = _places(index.tokens.content, contents)
    known = len(index.tokens.content)
    added = gathered(tokens, first[fresh].astype(np.int64))
    posts = np.concatenate([index.posts, np.zeros(len(fresh), dtype=np.int64)])
    np.add.at(posts, place[of if counted is None else of[counted]], 1)
    new = np.flatnonzero(compared(added, np.arange(len(fresh))))
    add_counts(added, new, index.counters, threads)
    touched, by = _touched(index, added, new, threads)
    looked_at, whole = _looked_at(index, touched, by)
    looked_at = looked_at[compared(index.tokens, looked_at)]
    group = _grouped(index, added, looked_at, new, threads)
    old = np.concatenate([index.campaign, np.full(len(fresh), -1, dtype=np.int32)])
    chosen = np.concatenate([looked_at, known + new])
    content = np.concatenate([index.tokens.content, added.content])
    campaign, names = _named(content, posts, group, chosen, old, index.names, whole)
    return Extension(
        known=index,
        added=added,
        posts=posts,
        campaign=campaign,
        names=names,
        content_of=place[of],
    )


def _grouped(
    index: CampaignIndex, added: Tokens, looked_at: _Ints, new: _Ints, threads: int | None
) -> _Ints:
    """Group the known texts `looked_at` and the `new` ones as a full run would.

    Returns for each of them, in this order, the place of the text after which its group is named.
    """
    tokens = joined([gathered(index.tokens, looked_at), gathered(added, new)])
    group = np.arange(len(tokens.content))
    if len(group) > 1:
        # As in a full run, texts are numbered by content.
        chosen = np.argsort(tokens.content, kind="stable")
        pairs = propose(tokens, chosen, index.counters, threads)
        found = cluster(tokens, index.weight, chosen, pairs, threads)
        group[chosen] = chosen[found.group]
    return group


def _places(known: npt.NDArray[np.uint64], contents: npt.NDArray[np.uint64]) -> tuple[_Ints, _Ints]:
    """Return the place of each content, known ones first, and which contents are new."""
    order = np.argsort(known, kind="stable")
    at = np.minimum(np.searchsorted(known[order], contents), max(len(known) - 1, 0))
    found = known[order[at]] == contents if len(known) else np.zeros(len(contents), dtype=bool)
    place = np.empty(len(contents), dtype=np.int64)
    fresh = np.flatnonzero(~found)
    place[found] = order[at[found]]
    place[fresh] = len(known) + np.arange(len(fresh))
    return place, fresh


def _touched(
    index: CampaignIndex, added: Tokens, new: _Ints, threads: int | None
) -> tuple[_Ints, _Ints]:
    """Return pairs of a known text and one of the `new` texts of `added` that resembles it enough.

    Known texts are those without a campaign and the representatives of the others.
    """
    before = _representatives(index)
    before = before[compared(index.tokens, before)]
    bits = bits_for(len(before) + len(new))
    marks = marked(added, new, index.counters)
    old = postings_among(index.tokens, before, marks, index.counters, threads, bits=bits)
    fresh = postings_of(added, new, index.counters, threads, bits=bits)
    fresh += np.uint64(len(before))
    pairs = pairs_of(np.concatenate([old, fresh]), bits)
    a, b = (pairs >> np.uint64(32)).astype(np.int64), (pairs & _LOW).astype(np.int64)
    across = (a < len(before)) & (b >= len(before))
    a, b = a[across], b[across] - len(before)
    near, a = np.unique(a, return_inverse=True)
    tokens = joined([gathered(index.tokens, before[near]), gathered(added, new)])
    texts = Texts(tokens, index.weight, np.arange(len(tokens.content)), threads)
    pairs = (a.astype(np.uint64) << np.uint64(32)) | (b + len(near)).astype(np.uint64)
    held = texts.verified(pairs) > 0
    return before[near[a[held]]], new[b[held]]


def _representatives(index: CampaignIndex) -> _Ints:
    """Return the texts without a campaign, and the first members of every campaign."""
    order = np.argsort(index.campaign, kind="stable")
    campaign = index.campaign[order]
    rank = np.arange(len(order)) - np.searchsorted(campaign, campaign)
    return np.sort(order[(campaign < 0) | (rank < _WHOLE)])


def _looked_at(
    index: CampaignIndex, touched: _Ints, by: _Ints
) -> tuple[_Ints, npt.NDArray[np.bool_]]:
    """Return the known texts to look at again, and which campaigns are among them whole.

    The known text `touched[k]` resembles the new text `by[k]`.
    """
    count = len(index.names)
    own = index.campaign[touched]
    joining = np.unique(np.stack([own, by])[:, own >= 0], axis=1)[0]
    grown = np.bincount(joining, minlength=count)
    size = np.bincount(index.campaign[index.campaign >= 0], minlength=count)
    whole = (grown > 0) & ((size <= _WHOLE) | (size <= 10 * grown))
    sampled = (grown > 0) & ~whole
    stand_for = _representatives(index)
    star = index.campaign[stand_for]
    members = np.flatnonzero(index.campaign >= 0)
    chosen = np.concatenate(
        [
            members[whole[index.campaign[members]]],
            stand_for[star >= 0][sampled[star[star >= 0]]],
        ]
    )
    # Of a sampled campaign, the first known text that each new one resembles is there too.
    _, first = np.unique(by, return_index=True)
    return np.unique(np.concatenate([chosen, touched[own < 0], touched[first]])), whole


def _named(  # noqa: PLR0917
    content: npt.NDArray[np.uint64],
    posts: _Ints,
    group: _Ints,
    chosen: _Ints,
    old: npt.NDArray[np.int32],
    names: list[str],
    whole: npt.NDArray[np.bool_],
) -> tuple[npt.NDArray[np.int32], list[str]]:
    """Return the campaign of each content and the names, old names in their old places.

    `group[k]` is the same for those of the contents `chosen` that were grouped together.
    Every pair of an old campaign and a new group claims the name, the one of most items first.
    """
    size = np.bincount(old[old >= 0], weights=posts[old >= 0], minlength=len(names))
    _, of = np.unique(group, return_inverse=True)
    groups = np.bincount(of)
    items = np.bincount(of, weights=posts[chosen])
    had = old[chosen]
    shared = np.stack([of[had >= 0], had[had >= 0].astype(np.int64)])
    both, at = np.unique(shared, axis=1, return_inverse=True)
    count = np.bincount(at.ravel(), weights=posts[chosen][had >= 0], minlength=both.shape[1])
    overlaps = [
        (int(n if whole[was] else size[was]), int(was), int(now))
        for (now, was), n in zip(both.T.tolist(), count.tolist(), strict=True)
    ]
    campaign = old.copy()
    campaign[chosen] = -1
    made = list(names)
    given: dict[int, int] = {}
    goes_to: dict[int, int] = {}
    for _, was, now in sorted(overlaps, key=lambda entry: (-entry[0], entry[1], entry[2])):
        if items[now] < 2:
            continue
        if was not in goes_to and now not in given:
            given[now] = was
        goes_to.setdefault(was, given.get(now, was))
    order = np.argsort(of, kind="stable")
    ends = np.cumsum(groups)
    for now in np.flatnonzero(items > 1).tolist():
        members = chosen[order[ends[now] - groups[now] : ends[now]]]
        if now not in given:
            given[now] = len(made)
            made.append(name_of(np.sort(content[members])))
        campaign[members] = given[now]
    # The members of a sampled campaign stay together, wherever the sample went.
    seen = np.unique(had[had >= 0])
    goes = np.array([goes_to.get(was, was) for was in range(len(names))], dtype=np.int32)
    together = np.zeros(len(names) + 1, dtype=bool)  # the last place is that of no campaign
    together[seen[~whole[seen]]] = True
    campaign[together[old]] = goes[old[together[old]]]
    rest = np.ones(len(campaign), dtype=bool)
    rest[chosen] = False
    for place in np.flatnonzero(rest & (old < 0) & (posts > 1) & (content != 0)).tolist():
        campaign[place] = len(made)
        made.append(name_of(content[place : place + 1]))
    return campaign, made
