"""Which photos are the same picture, turned, mirrored, framed or saved anew.

Guarantees that every pair within 31 bits is found, in the best of the eight turns, with and without
borders; that hashes too flat to be told apart are never compared; and that the answer depends on
the photos alone, not on their order.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from palermo.analysis.images.bits import Words
from palermo.analysis.images.hashing import ImageHashes
from palermo.analysis.images.index import REVIEW, SAME, HashIndex, Hits, Ints
from palermo.analysis.images.pdq import TURNS, Turn

#: Queries at a time, which bounds the memory that hits need.
CHUNK = 4096
_BORDERS = ("", ", border of b removed", ", border of a removed", ", both borders removed")

#: The number of each turn -> that of the turn which undoes it.
_BACK = np.arange(len(TURNS))
_BACK[[TURNS.index(Turn.ROTATED_90), TURNS.index(Turn.ROTATED_270)]] = (
    TURNS.index(Turn.ROTATED_270),
    TURNS.index(Turn.ROTATED_90),
)


@dataclass(frozen=True, slots=True)
class Matches:
    """Pair i: photo number `a[i]`, photo number `b[i]`, `distance[i]` bits apart.

    `variant[i]` is a number for `variant_name`: how `a` must be turned, and what is trimmed, to
    look like `b`. Sorted by a, then b; each pair stands once.
    """

    a: Ints
    b: Ints
    distance: Ints
    variant: Ints

    def __len__(self) -> int:
        return len(self.a)


def variant_name(variant: int) -> str:
    """Say what a `variant` of `Matches` means, in English."""
    borders, turn = divmod(variant, len(TURNS))
    return f"{TURNS[turn]}{_BORDERS[borders]}"


@dataclass(frozen=True, slots=True)
class Codes:
    """The hashes of many photos that may be compared: code i is of photo number `photo[i]`.

    `turned` has shape (k, 8, 4) in the order of `TURNS`; `inner[i]` tells that a border was
    removed.
    """

    photo: Ints
    turned: Words
    inner: npt.NDArray[np.bool_]

    @classmethod
    def of(cls, photos: Sequence[ImageHashes]) -> "Codes":
        """Gather the hashes of `photos`; whatever is not usable is left out."""
        photo, turned, inner = [], [], []
        for number, hashes in enumerate(photos):
            if hashes.usable:
                photo.append(number)
                turned.append(hashes.whole)
                inner.append(False)
            if hashes.inner is not None:
                photo.append(number)
                turned.append(hashes.inner)
                inner.append(True)
        return cls(
            np.array(photo, np.int64),
            np.array(turned, np.uint64).reshape(-1, len(TURNS), 4),
            np.array(inner, np.bool_),
        )

    @property
    def plain(self) -> Words:
        """The hashes of the pictures as they are, shape (k, 4)."""
        return np.ascontiguousarray(self.turned[:, 0])

    def parts(self) -> Iterator["Codes"]:
        """Yield the codes some thousand at a time."""
        for at in range(0, len(self.photo), CHUNK):
            end = at + CHUNK
            yield Codes(self.photo[at:end], self.turned[at:end], self.inner[at:end])


def match(a: Sequence[ImageHashes], b: Sequence[ImageHashes] | None = None) -> Matches:
    """Find all pairs of the same photo, within 31 bits, between `a` and `b` or within `a`.

    As many pairs come out as there are, which for n copies of one photo is n squared; to group many
    photos use `same_photos`.
    """
    codes = Codes.of(a)
    others = codes if b is None else Codes.of(b)
    return joined(list(matches_by_part(codes, others, own=b is None)))


def review(a: Sequence[ImageHashes], b: Sequence[ImageHashes] | None = None) -> Matches:
    """Find pairs 32 to 70 bits apart, for a person to look at; they are no finding.

    Compares every pair: time grows with the product of both.
    """
    codes = Codes.of(a)
    others = codes if b is None else Codes.of(b)
    own = b is None
    index = HashIndex(others.plain)
    near = joined(list(matches_by_part(codes, others, own=own)))
    found = []
    for part in codes.parts():
        hits = index.scan(part.turned.reshape(-1, 4), SAME + 1, REVIEW)
        found.append(_pairs(hits, part, others, own=own))
    return _without(joined(found), near)


def matches_by_part(codes: Codes, others: Codes, *, own: bool) -> Iterator[Matches]:
    """Search `codes` among `others`, a bounded number at a time; `own` when both are the same."""
    index = HashIndex(others.plain)
    for part in codes.parts():
        yield _pairs(index.search(part.turned.reshape(-1, 4)), part, others, own=own)


def matches_of(codes: Codes, index: HashIndex) -> Matches:
    """Search photos among hashes that belong to nobody: `b` is the number in the index."""
    hits = index.search(codes.turned.reshape(-1, 4))
    entries = np.arange(len(index))
    others = Codes(entries, np.zeros((0, len(TURNS), 4), np.uint64), np.zeros(len(index), np.bool_))
    return _pairs(hits, codes, others, own=False)


def joined(parts: Sequence[Matches]) -> Matches:
    """Put matches together; of a pair that stands in several the best counts."""
    if not parts:
        return Matches(*(np.zeros(0, np.int64) for _ in range(4)))
    return _best(
        np.concatenate([part.a for part in parts]),
        np.concatenate([part.b for part in parts]),
        np.concatenate([part.distance for part in parts]),
        np.concatenate([part.variant for part in parts]),
    )


def _pairs(hits: Hits, queries: Codes, others: Codes, *, own: bool) -> Matches:
    code, turn = np.divmod(hits.query, len(TURNS))
    a, b = queries.photo[code], others.photo[hits.entry]
    a_inner, b_inner = queries.inner[code], others.inner[hits.entry]
    if own:
        keep = a != b
        a, b, a_inner, b_inner, turn = (x[keep] for x in (a, b, a_inner, b_inner, turn))
        distance = hits.distance[keep]
        # A pair is found from both sides, not always at the same distance: the nearer one counts.
        back = a > b
        a, b = np.where(back, b, a), np.where(back, a, b)
        a_inner, b_inner = np.where(back, b_inner, a_inner), np.where(back, a_inner, b_inner)
        turn = np.where(back, _BACK[turn], turn)
    else:
        distance = hits.distance
    borders = 2 * a_inner.astype(np.int64) + b_inner
    return _best(a, b, distance, borders * len(TURNS) + turn)


def _best(a: Ints, b: Ints, distance: Ints, variant: Ints) -> Matches:
    """Keep of each pair the smallest distance, of equals the simplest variant."""
    order = np.lexsort((variant, distance, b, a))
    a, b, distance, variant = a[order], b[order], distance[order], variant[order]
    first = np.ones(len(a), np.bool_)
    first[1:] = (a[1:] != a[:-1]) | (b[1:] != b[:-1])
    return Matches(a[first], b[first], distance[first], variant[first])


def _without(matches: Matches, known: Matches) -> Matches:
    pairs = set(zip(known.a.tolist(), known.b.tolist(), strict=True))
    keep = np.array(
        [pair not in pairs for pair in zip(matches.a.tolist(), matches.b.tolist(), strict=True)],
        np.bool_,
    )
    return Matches(matches.a[keep], matches.b[keep], matches.distance[keep], matches.variant[keep])
