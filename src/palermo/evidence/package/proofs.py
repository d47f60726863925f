"""Proofs of RFC 6962 for many entries of one log at once, and their files.

Guarantees the paths of `palermo.evidence.merkle`, hash for hash, at a cost of one pass over the
tree for all of them together. The files hold nothing but numbers and hashes in the order of the
RFC, so that anybody's own code checks them.
"""

import json
from collections.abc import Iterable, Iterator, Sequence

from palermo.evidence.merkle import EMPTY_ROOT, node_hash


class Tree:
    """The tree over leaf hashes, with the hash of every subtree that was asked for once."""

    def __init__(self, leaves: Sequence[bytes]) -> None:
        self.leaves = leaves
        self._known: dict[tuple[int, int], bytes] = {}

    @property
    def head(self) -> bytes:
        """The root over all leaves."""
        return self._hash(0, len(self.leaves)) if self.leaves else EMPTY_ROOT

    def head_at(self, size: int) -> bytes:
        """Return the root over the first `size` leaves."""
        return self._hash(0, size) if size else EMPTY_ROOT

    def inclusion(self, index: int) -> list[bytes]:
        """Return PATH(index, leaves), RFC 6962, section 2.1.1.

        Raises:
            IndexError: when there is no such leaf.
        """
        start, end = 0, len(self.leaves)
        if not start <= index < end:
            raise IndexError(f"no leaf {index} among {end}")
        path: list[bytes] = []
        while end - start > 1:
            split = start + _split(end - start)
            if index < split:
                path.append(self._hash(split, end))
                end = split
            else:
                path.append(self._hash(start, split))
                start = split
        return path[::-1]

    def consistency(self, earlier: int) -> list[bytes]:
        """Return PROOF(earlier, leaves), RFC 6962, section 2.1.2.

        Raises:
            IndexError: unless 0 < earlier <= number of leaves.
        """
        start, end, whole = 0, len(self.leaves), True
        if not 0 < earlier <= end:
            raise IndexError(f"no tree of {earlier} leaves within {end}")
        path: list[bytes] = []
        while earlier != end:
            split = start + _split(end - start)
            if earlier <= split:
                path.append(self._hash(split, end))
                end = split
            else:
                path.append(self._hash(start, split))
                start, whole = split, False
        if not whole:
            path.append(self._hash(start, end))
        return path[::-1]

    def _hash(self, start: int, end: int) -> bytes:
        if end - start == 1:
            return self.leaves[start]
        known = self._known.get((start, end))
        if known is None:
            split = start + _split(end - start)
            known = node_hash(self._hash(start, split), self._hash(split, end))
            self._known[start, end] = known
        return known


def inclusion_frame(tree: Tree) -> tuple[str, str]:
    """Return the first and the last line of proofs/inclusion.json."""
    return f'{{"tree_size":{len(tree.leaves)},"root":"{tree.head.hex()}","proofs":[\n', "]}\n"


def inclusion_text(tree: Tree, numbers: Sequence[int]) -> Iterator[str]:
    """Yield the lines of proofs/inclusion.json: one for the proof of each entry of `numbers`."""
    start, end = inclusion_frame(tree)
    yield start
    for place, number in enumerate(numbers, start=1):
        one = {
            "leaf_index": number,
            "leaf_hash": tree.leaves[number].hex(),
            "audit_path": [node.hex() for node in tree.inclusion(number)],
        }
        comma = "," if place < len(numbers) else ""
        yield f"{json.dumps(one, separators=(',', ':'))}{comma}\n"
    yield end


def consistency_text(tree: Tree, sizes: Iterable[int]) -> str:
    """Return the text of proofs/consistency.json: from each earlier size to the whole tree."""
    proofs = [
        {
            "first": size,
            "first_root": tree.head_at(size).hex(),
            "consistency_path": [node.hex() for node in tree.consistency(size)],
        }
        for size in sizes
    ]
    whole = {"second": len(tree.leaves), "second_root": tree.head.hex(), "proofs": proofs}
    return json.dumps(whole, indent=1) + "\n"


def _split(size: int) -> int:
    """Return the largest power of two below `size`."""
    return 1 << (size - 1).bit_length() - 1
