"""From names to what the kernel compares: a vocabulary with weights and keys, and postings.

Guarantees that a token weighs what it tells: the bits by which it is rare among all names of both
sides, but never more than its letters can carry, so that short names weigh little; and that words
which tell nobody apart (`words.yaml`) weigh one bit.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from math import log2

import numpy as np

from palermo.analysis.money.screening.kernel import Names, Postings, Vocabulary
from palermo.analysis.money.screening.names import skeleton, tokens, weak_words

#: Thousandths of a bit that a letter carries at most, and that a weak word weighs.
PER_LETTER, WEAK = 2000, 1000
#: Names with fewer are padded to this many, so that a short list makes no token common.
SMALLEST_POPULATION = 100_000
_DELETION_FROM = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Compared:
    """Both sides, ready for the kernel."""

    words: Vocabulary
    queries: Names
    listed: Names
    postings: Postings


def compared(queries: Sequence[str], listed: Sequence[str]) -> Compared:
    """Prepare names of both sides."""
    split = [[tokens(name) for name in side] for side in (queries, listed)]
    counts = Counter(token for side in split for name in side for token in set(name))
    population = max(SMALLEST_POPULATION, len(queries) + len(listed))
    numbers = {token: number for number, token in enumerate(sorted(counts))}
    words = _vocabulary(list(numbers), counts, population)
    names = [_names(side, numbers) for side in split]
    return Compared(
        words=words, queries=names[0], listed=names[1], postings=_postings(words, names[1])
    )


def _names(side: Sequence[tuple[str, ...]], numbers: dict[str, int]) -> Names:
    at = np.zeros(len(side) + 1, dtype=np.int64)
    np.cumsum([len(name) for name in side], out=at[1:])
    flat = [numbers[token] for name in side for token in name]
    return Names(at, np.array(flat, dtype=np.int32))


def _vocabulary(words: Sequence[str], counts: Counter[str], population: int) -> Vocabulary:
    weak = weak_words()["organisation"] | weak_words()["person"]
    skeletons: dict[str, int] = {}
    keys: dict[str, int] = {}
    lengths, letters, folded, weights, key_lists = [], [], [], [], []
    for word in words:
        raw = word.encode("ascii")
        lengths.append(len(raw))
        letters.append(raw)
        sound = skeleton(word)
        folded.append(skeletons.setdefault(sound, len(skeletons)))
        weights.append(weight(word, counts[word], population, weak=word in weak))
        key_lists.append([keys.setdefault(key, len(keys)) for key in _keys(word, sound)])
    letter_at = np.zeros(len(words) + 1, dtype=np.int64)
    np.cumsum(lengths, out=letter_at[1:])
    key_at = np.zeros(len(words) + 1, dtype=np.int64)
    np.cumsum([len(one) for one in key_lists], out=key_at[1:])
    return Vocabulary(
        letter_at,
        np.frombuffer(b"".join(letters), dtype=np.uint8),
        np.array(folded, dtype=np.int32),
        np.array(weights, dtype=np.int64),
        key_at,
        np.array([key for one in key_lists for key in one], dtype=np.int32),
    )


def weight(word: str, count: int, population: int, *, weak: bool) -> int:
    """Return what a token tells, in thousandths of a bit.

    >>> weight("li", 1, 1 << 20, weak=False), weight("zaharchenko", 1, 1 << 20, weak=False)
    (4000, 20000)
    """
    if weak:
        return WEAK
    rare = round(1000 * log2(population / count))
    return max(WEAK, min(rare, PER_LETTER * len(word)))


def _keys(word: str, sound: str) -> list[str]:
    """Return the skeleton, and for long ones each that lacks one sound; a letter is its own key."""
    if len(word) == 1:
        return [f"={word}"]
    if len(sound) < _DELETION_FROM:
        return [sound]
    return list(
        dict.fromkeys([sound, *(sound[:at] + sound[at + 1 :] for at in range(len(sound)))])
    )


def _postings(words: Vocabulary, listed: Names) -> Postings:
    """Turn tokens of names into names of keys, each name once a key."""
    per_token = np.diff(words.key_at)
    tokens_of = listed.tokens
    name_of = np.repeat(np.arange(len(listed.at) - 1), np.diff(listed.at))
    counts = per_token[tokens_of] if len(tokens_of) else np.zeros(0, dtype=np.int64)
    starts = np.repeat(words.key_at[:-1][tokens_of] - np.cumsum(counts) + counts, counts)
    keys = words.keys[starts + np.arange(len(starts))].astype(np.int64)
    names = np.repeat(name_of, counts)
    pairs = np.unique(keys * (len(listed.at) + 1) + names)
    keys, names = np.divmod(pairs, len(listed.at) + 1)
    many = int(words.keys.max()) + 1 if len(words.keys) else 0
    at = np.zeros(many + 1, dtype=np.int64)
    np.cumsum(np.bincount(keys, minlength=many), out=at[1:])
    return Postings(at, names.astype(np.int32))
