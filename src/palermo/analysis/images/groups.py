"""Groups of photos that are the same picture, and the links that hold each group together.

Guarantees that two photos are in one group exactly if a chain of matches within 31 bits leads from
one to the other; that links are the closest that do so, one fewer than the group has photos; and
that groups, names and links depend on the photos alone, not on their order.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from palermo.analysis.compiled import compiled
from palermo.analysis.images.bits import to_hex
from palermo.analysis.images.hashing import ImageHashes
from palermo.analysis.images.index import Ints
from palermo.analysis.images.matching import (
    Codes,
    Matches,
    joined,
    matches_by_part,
    variant_name,
)
from palermo.model import SAME_PHOTO


@dataclass(frozen=True, slots=True)
class SamePhotos:
    """`links` has the schema `SAME_PHOTO`; `name` gives the group of each photo that is compared.

    The name is made from the group's smallest hash, so that photos that join later rarely change
    it.
    """

    links: pa.Table
    name: Mapping[str, str]


def same_photos(photos: Mapping[str, ImageHashes]) -> SamePhotos:
    """Group photos, given by a key each (the SHA-256 of their bytes).

    Memory is bounded by the number of photos, not of pairs, so that ten thousand copies of one
    photo do no harm.
    """
    keys = sorted(photos)
    first: dict[bytes, int] = {}
    same_hashes: list[tuple[int, int]] = []
    for number, key in enumerate(keys):
        here = first.setdefault(_content(photos[key]), number)
        if here != number:
            same_hashes.append((here, number))
    chosen = np.array(sorted(first.values()), np.int64)
    codes = Codes.of([photos[keys[number]] for number in chosen.tolist()])
    forest = _forest(codes, len(chosen))
    links = [
        (int(chosen[a]), int(chosen[b]), distance, variant_name(variant))
        for a, b, distance, variant in zip(
            forest.a.tolist(),
            forest.b.tolist(),
            forest.distance.tolist(),
            forest.variant.tolist(),
            strict=True,
        )
    ]
    alone = set(chosen[np.setdiff1d(np.arange(len(chosen)), codes.photo)].tolist())
    links += [(a, b, 0, variant_name(0)) for a, b in same_hashes if a not in alone]
    links.sort()
    names = _names(forest, codes, len(chosen))
    name = {keys[int(chosen[at])]: said for at, said in names.items()}
    name |= {keys[b]: name[keys[a]] for a, b in same_hashes if keys[a] in name}
    rows = [
        {"a": keys[a], "b": keys[b], "distance": distance, "variant": variant}
        for a, b, distance, variant in links
    ]
    return SamePhotos(pa.Table.from_pylist(rows, schema=SAME_PHOTO), name)


def _content(hashes: ImageHashes) -> bytes:
    """What of the hashes is compared: two photos of equal content match whatever one matches."""
    whole = hashes.whole.tobytes() if hashes.usable else b""
    return whole + b"/" + (b"" if hashes.inner is None else hashes.inner.tobytes())


def _forest(codes: Codes, count: int) -> Matches:
    """Return the closest matches that hold the groups together (a minimum spanning forest)."""
    forest = joined([])
    for part in matches_by_part(codes, codes, own=True):
        # The forest of a union is that of the forest of one part and the other part.
        pairs = joined([forest, part])
        order = np.lexsort((pairs.b, pairs.a, pairs.distance))
        kept = np.sort(order[_joining(pairs.a[order], pairs.b[order], count)])
        forest = Matches(pairs.a[kept], pairs.b[kept], pairs.distance[kept], pairs.variant[kept])
    return forest


def _names(forest: Matches, codes: Codes, count: int) -> dict[int, str]:
    """Name each group after the smallest hash that its photos are compared by."""
    label = _labels(forest.a, forest.b, count)
    smallest: dict[int, str] = {}
    for photo, text in zip(codes.photo.tolist(), to_hex(codes.plain), strict=True):
        group = int(label[photo])
        smallest[group] = min(smallest.get(group, text), text)
    name = {
        group: f"p-{hashlib.blake2b(text.encode(), digest_size=8).hexdigest()}"
        for group, text in smallest.items()
    }
    return {photo: name[int(label[photo])] for photo in dict.fromkeys(codes.photo.tolist())}


@compiled
def _root(parent: Ints, node: np.int64) -> np.int64:
    while parent[node] != node:
        parent[node] = parent[parent[node]]
        node = parent[node]
    return node


@compiled
def _joining(a: Ints, b: Ints, count: int) -> np.ndarray:
    """Tell which pairs, in order, join what no earlier pair has joined."""
    parent = np.arange(count)
    joins = np.zeros(a.shape[0], np.bool_)
    for i in range(a.shape[0]):
        one, two = _root(parent, a[i]), _root(parent, b[i])
        if one != two:
            parent[max(one, two)] = min(one, two)
            joins[i] = True
    return joins


@compiled
def _labels(a: Ints, b: Ints, count: int) -> Ints:
    parent = np.arange(count)
    for i in range(a.shape[0]):
        one, two = _root(parent, a[i]), _root(parent, b[i])
        parent[max(one, two)] = min(one, two)
    out = np.empty(count, np.int64)
    for i in range(count):
        out[i] = _root(parent, np.int64(i))
    return out
