"""The Merkle tree of RFC 6962, section 2.1 (also RFC 9162, section 2.1).

Guarantees the published hashes bit for bit: a leaf is SHA-256(0x00 || data), a node is
SHA-256(0x01 || left || right), and the root of no leaves is SHA-256 of nothing. Proofs are lists of
node hashes in the order of the RFC, so that anybody's verifier reads them.
"""

import hashlib
from collections.abc import Iterator, Sequence

EMPTY_ROOT = hashlib.sha256().digest()


def leaf_hash(data: bytes) -> bytes:
    """Return the hash of one entry."""
    return hashlib.sha256(b"\x00" + data).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """Return the hash of two subtrees."""
    return hashlib.sha256(b"\x01" + left + right).digest()


def root(leaves: Sequence[bytes]) -> bytes:
    """Return the tree head over leaf hashes, in one pass and logarithmic memory.

    >>> root([]).hex()[:8]
    'e3b0c442'
    """
    stack: list[tuple[int, bytes]] = []  # complete subtrees: (height, hash), tallest first
    for leaf in leaves:
        height, right = 0, leaf
        while stack and stack[-1][0] == height:
            right = node_hash(stack.pop()[1], right)
            height += 1
        stack.append((height, right))
    if not stack:
        return EMPTY_ROOT
    head = stack.pop()[1]
    while stack:
        head = node_hash(stack.pop()[1], head)
    return head


def inclusion_proof(leaves: Sequence[bytes], index: int) -> list[bytes]:
    """Return the audit path PATH(index, leaves) of RFC 6962, section 2.1.1.

    Raises:
        IndexError: when there is no such leaf.
    """
    if not 0 <= index < len(leaves):
        raise IndexError(f"no leaf {index} among {len(leaves)}")
    if len(leaves) == 1:
        return []
    split = _split(len(leaves))
    left, right = leaves[:split], leaves[split:]
    if index < split:
        return [*inclusion_proof(left, index), root(right)]
    return [*inclusion_proof(right, index - split), root(left)]


def consistency_proof(leaves: Sequence[bytes], earlier: int) -> list[bytes]:
    """Return PROOF(earlier, leaves): that the first `earlier` leaves are a prefix of all.

    Raises:
        IndexError: unless 0 < earlier <= len(leaves).
    """
    if not 0 < earlier <= len(leaves):
        raise IndexError(f"no tree of {earlier} leaves within {len(leaves)}")
    return _subproof(leaves, earlier, whole=True)


def _subproof(leaves: Sequence[bytes], earlier: int, *, whole: bool) -> list[bytes]:
    if earlier == len(leaves):
        return [] if whole else [root(leaves)]
    split = _split(len(leaves))
    left, right = leaves[:split], leaves[split:]
    if earlier <= split:
        return [*_subproof(left, earlier, whole=whole), root(right)]
    return [*_subproof(right, earlier - split, whole=False), root(left)]


def proves_inclusion(
    leaf: bytes, index: int, size: int, proof: Sequence[bytes], head: bytes
) -> bool:
    """Tell whether `proof` shows that `leaf` is entry `index` of the tree (RFC 9162, 2.1.3.2)."""
    if not 0 <= index < size:
        return False
    node, last, reached = index, size - 1, leaf
    for sibling in proof:
        if last == 0:
            return False
        if node & 1 or node == last:
            reached = node_hash(sibling, reached)
            while not node & 1 and node:
                node, last = node >> 1, last >> 1
        else:
            reached = node_hash(reached, sibling)
        node, last = node >> 1, last >> 1
    return last == 0 and reached == head


def proves_consistency(
    earlier: int, later: int, earlier_head: bytes, later_head: bytes, proof: Sequence[bytes]
) -> bool:
    """Tell whether `proof` shows that one tree grew out of the other (RFC 9162, 2.1.4.2)."""
    if not 0 < earlier <= later:
        return False
    if earlier == later:
        return not proof and earlier_head == later_head
    path = _path(earlier, earlier_head, proof)
    first = next(path, None)
    if first is None:
        return False
    node, last = earlier - 1, later - 1
    while node & 1:
        node, last = node >> 1, last >> 1
    old = new = first
    for sibling in path:
        if last == 0:
            return False
        if node & 1 or node == last:
            old, new = node_hash(sibling, old), node_hash(sibling, new)
            while not node & 1 and node:
                node, last = node >> 1, last >> 1
        else:
            new = node_hash(new, sibling)
        node, last = node >> 1, last >> 1
    return last == 0 and old == earlier_head and new == later_head


def _path(earlier: int, earlier_head: bytes, proof: Sequence[bytes]) -> Iterator[bytes]:
    """Yield the proof; a complete earlier tree is its own first node and is left out of it."""
    if not proof:
        return
    if earlier & (earlier - 1) == 0:
        yield earlier_head
    yield from proof


def _split(size: int) -> int:
    """Return the largest power of two below `size`."""
    return 1 << (size - 1).bit_length() - 1
