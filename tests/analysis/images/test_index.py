"""The index misses nothing within 31 bits, and finds nothing that is not there."""

import threading

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from palermo.analysis.images import REVIEW, SAME, HashIndex, Hits, Words


def random_words(rng: np.random.Generator, n: int) -> Words:
    return rng.integers(0, 2**64, (n, 4), dtype=np.uint64)


def flipped(words: Words, counts: list[int], rng: np.random.Generator) -> Words:
    """Change so many bits of each hash, chosen at random."""
    out = words.copy()
    for row, count in enumerate(counts):
        for bit in rng.choice(256, count, replace=False).tolist():
            out[row, bit // 64] ^= np.uint64(1) << np.uint64(bit % 64)
    return out


def by_hand(words: Words, queries: Words, least: int, most: int) -> list[tuple[int, int, int]]:
    apart = np.bitwise_count(queries[:, None, :] ^ words[None, :, :]).sum(axis=2, dtype=np.int64)
    query, entry = np.nonzero((apart >= least) & (apart <= most))
    return list(zip(query.tolist(), entry.tolist(), apart[query, entry].tolist(), strict=True))


def as_list(hits: Hits) -> list[tuple[int, int, int]]:
    return list(zip(hits.query.tolist(), hits.entry.tolist(), hits.distance.tolist(), strict=True))


@settings(deadline=None, max_examples=60)
@given(st.integers(0, 2**32), st.integers(0, 60), st.integers(0, 8), st.integers(0, SAME))
def test_the_index_agrees_with_looking_at_all(seed: int, n: int, m: int, most: int) -> None:
    rng = np.random.default_rng(seed)
    # Hashes that lie close together, some of them equal: chance alone brings none near another.
    centre = random_words(rng, 1)
    words = flipped(np.repeat(centre, n, axis=0), rng.integers(0, 30, n).tolist(), rng)
    queries = flipped(np.repeat(centre, m, axis=0), rng.integers(0, 30, m).tolist(), rng)
    index = HashIndex(words)
    assert as_list(index.search(queries, most)) == by_hand(words, queries, 0, most)
    assert as_list(index.scan(queries)) == by_hand(words, queries, SAME + 1, REVIEW)


def test_all_of_ten_thousand_planted_neighbours_are_found() -> None:
    rng = np.random.default_rng(31)
    words = random_words(rng, 100_000)
    wanted = rng.integers(0, len(words), 10_000)
    counts = rng.integers(0, SAME + 1, len(wanted)).tolist()
    queries = flipped(words[wanted], counts, rng)
    planted = list(zip(range(len(wanted)), wanted.tolist(), counts, strict=True))
    assert as_list(HashIndex(words).search(queries)) == planted


def test_worst_case_of_the_proof_bits_spread_evenly_over_the_bands() -> None:
    rng = np.random.default_rng(7)
    word = random_words(rng, 1)
    two_in_each_but_one = word.copy()
    for bit in [16 * band + place for band in range(16) for place in (3, 11)][:31]:
        two_in_each_but_one[0, bit // 64] ^= np.uint64(1) << np.uint64(bit % 64)
    index = HashIndex(word)
    assert as_list(index.search(two_in_each_but_one)) == [(0, 0, 31)]
    two_in_each_but_one[0, 3] ^= np.uint64(1) << np.uint64(59)
    assert not len(index.search(two_in_each_but_one))
    assert as_list(index.scan(two_in_each_but_one)) == [(0, 0, 32)]


def test_order_and_threads_do_not_change_the_answer() -> None:
    rng = np.random.default_rng(5)
    words = random_words(rng, 5000)
    queries = flipped(words[:2000], [20] * 2000, rng)
    index = HashIndex(words)
    alone = as_list(index.search(queries))
    answers: list[list[tuple[int, int, int]]] = []
    threads = [
        threading.Thread(target=lambda: answers.append(as_list(index.search(queries))))
        for _ in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert answers == [alone] * 4
    order = rng.permutation(len(words))
    shuffled = HashIndex(words[order]).search(queries)
    assert sorted((q, int(order[e]), d) for q, e, d in as_list(shuffled)) == alone


def test_further_than_the_index_can_promise_is_refused() -> None:
    index = HashIndex(np.zeros((1, 4), np.uint64))
    with pytest.raises(ValueError, match="scan"):
        index.search(np.zeros((1, 4), np.uint64), SAME + 1)
    with pytest.raises(ValueError, match="shape"):
        HashIndex(np.zeros(4, np.uint64))
    assert index.nbytes < 5_000_000
