"""The tree gives the hashes of RFC 6962, and proofs prove nothing else."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from palermo.evidence.merkle import (
    EMPTY_ROOT,
    consistency_proof,
    inclusion_proof,
    leaf_hash,
    proves_consistency,
    proves_inclusion,
    root,
)

# The test tree that implementations of RFC 6962 share: eight inputs and the head at each size.
INPUTS = [
    "",
    "00",
    "10",
    "2021",
    "3031",
    "40414243",
    "5051525354555657",
    "606162636465666768696a6b6c6d6e6f",
]
HEADS = [
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]
LEAVES = [leaf_hash(bytes.fromhex(text)) for text in INPUTS]


def unhex(*texts: str) -> list[bytes]:
    return [bytes.fromhex(text) for text in texts]


def test_the_known_heads() -> None:
    assert root([]) == EMPTY_ROOT
    assert [root(LEAVES[:size]).hex() for size in range(1, 9)] == HEADS


def test_the_known_proofs() -> None:
    assert inclusion_proof(LEAVES, 0) == unhex(
        "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
        "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
        "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4",
    )
    assert consistency_proof(LEAVES, 6) == unhex(
        "0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a",
        "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    )


def many(size: int) -> list[bytes]:
    return [leaf_hash(b"%d" % index) for index in range(size)]


def test_every_proof_up_to_forty_leaves_holds_and_no_other_index_or_size() -> None:
    for size in range(1, 41):
        leaves = many(size)
        head = root(leaves)
        for index in range(size):
            proof = inclusion_proof(leaves, index)
            assert proves_inclusion(leaves[index], index, size, proof, head)
            assert not proves_inclusion(leaves[index], index + 1, size, proof, head)
            assert not proves_inclusion(leaf_hash(b"other"), index, size, proof, head)
        for earlier in range(1, size + 1):
            proof = consistency_proof(leaves, earlier)
            before = root(leaves[:earlier])
            assert proves_consistency(earlier, size, before, head, proof)
            assert not proves_consistency(earlier, size, EMPTY_ROOT, head, proof)
            assert not proves_consistency(earlier, size, before, EMPTY_ROOT, proof)


@given(st.integers(1, 200), st.data())
def test_a_damaged_proof_proves_nothing(size: int, data: st.DataObject) -> None:
    leaves = many(size)
    head = root(leaves)
    index = data.draw(st.integers(0, size - 1))
    proof = inclusion_proof(leaves, index)
    if proof:
        place = data.draw(st.integers(0, len(proof) - 1))
        damaged = [*proof[:place], leaf_hash(b"damage"), *proof[place + 1 :]]
        assert not proves_inclusion(leaves[index], index, size, damaged, head)
        assert not proves_inclusion(leaves[index], index, size, proof[:-1], head)
    assert not proves_inclusion(leaves[index], index, size, [*proof, head], head)


@given(st.integers(1, 200), st.data())
def test_a_rewritten_past_is_inconsistent(size: int, data: st.DataObject) -> None:
    leaves = many(size)
    earlier = data.draw(st.integers(1, size))
    changed = data.draw(st.integers(0, earlier - 1))
    other = [*leaves[:changed], leaf_hash(b"rewritten"), *leaves[changed + 1 :]]
    proof = consistency_proof(other, earlier)
    assert not proves_consistency(earlier, size, root(leaves[:earlier]), root(other), proof)


def test_out_of_range() -> None:
    for index in (-1, 3):
        with pytest.raises(IndexError):
            inclusion_proof(many(3), index)
    for earlier in (0, 4):
        with pytest.raises(IndexError):
            consistency_proof(many(3), earlier)
    assert not proves_inclusion(LEAVES[0], 0, 0, [], EMPTY_ROOT)
    assert not proves_consistency(0, 3, EMPTY_ROOT, root(many(3)), [])
    assert not proves_consistency(3, 2, root(many(3)), root(many(2)), [])


def test_heads_of_growing_trees_differ() -> None:
    heads = [root(many(size)) for size in range(40)]
    assert all(one != other for one, other in pairwise(heads))
