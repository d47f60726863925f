"""From names to what the kernel compares: a vocabulary with weights and keys, and postings.

Guarantees that a token weighs what it tells: the bits by which it is rare among all names of both
sides, but never more than its letters can carry, so that short names weigh little; and that words
which tell nobody apart (`words.yaml`) weigh one bit.
"""

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from math import log2

import numpy as np

from palermo.analysis.money.screening.kernel import (
    Alike,
    Groups,
    Names,
    Postings,
    Sides,
    Vocabulary,
    alike_pairs,
)
from palermo.analysis.money.screening.names import skeleton, tokens, weak_words

#: Thousandths of a bit that a letter carries at most, and that a weak word weighs.
PER_LETTER, WEAK = 2000, 1000
#: Names with fewer are padded to this many, so that a short list makes no token common.
SMALLEST_POPULATION = 100_000
_SHORTEST = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Compared:
    """Both sides, ready for the kernel."""

    words: Vocabulary
    alike: Alike
    sides: Sides


def compared(queries: Sequence[str], listed: Sequence[str]) -> Compared:
    """Prepare names of both sides."""
    split = [[tokens(name) for name in side] for side in (queries, listed)]
    counts = Counter(token for side in split for name in side for token in set(name))
    population = max(SMALLEST_POPULATION, len(queries) + len(listed))
    numbers = {token: number for number, token in enumerate(sorted(counts))}
    words = _vocabulary(list(numbers), counts, population)
    names = [_names(side, numbers) for side in split]
    return Compared(
        words=words,
        alike=_alike(words, list(numbers)),
        sides=Sides(names[0], names[1], _postings(len(numbers), names[1])),
    )


def _names(side: Sequence[tuple[str, ...]], numbers: dict[str, int]) -> Names:
    at = np.zeros(len(side) + 1, dtype=np.int64)
    np.cumsum([len(name) for name in side], out=at[1:])
    flat = [numbers[token] for name in side for token in name]
    return Names(at, np.array(flat, dtype=np.int32))


def _vocabulary(words: Sequence[str], counts: Counter[str], population: int) -> Vocabulary:
    weak = weak_words()["organisation"] | weak_words()["person"]
    skeletons: dict[str, int] = {}
    letter_at = np.zeros(len(words) + 1, dtype=np.int64)
    np.cumsum([len(word) for word in words], out=letter_at[1:])
    return Vocabulary(
        letter_at,
        np.frombuffer("".join(words).encode("ascii"), dtype=np.uint8),
        np.array(
            [skeletons.setdefault(skeleton(word), len(skeletons)) for word in words],
            dtype=np.int32,
        ),
        np.array(
            [weight(word, counts[word], population, weak=word in weak) for word in words],
            dtype=np.int64,
        ),
        np.array([any(char in "aeiou" for char in word) for word in words], dtype=np.bool_),
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


def _alike(words: Vocabulary, spelled: Sequence[str]) -> Alike:
    """Compare tokens that share a key, each pair once, and list them by token, itself first."""
    members: dict[str, list[int]] = defaultdict(list)
    for number, word in enumerate(spelled):
        for key in _keys(word):
            members[key].append(number)
    shared = [group for group in members.values() if len(group) > 1]
    at = np.zeros(len(shared) + 1, dtype=np.int64)
    np.cumsum([len(group) for group in shared], out=at[1:])
    flat = np.array([number for group in shared for number in group], dtype=np.int32)
    found = alike_pairs(words, Groups(at, flat))
    itself = np.arange(len(spelled), dtype=np.int64)
    rows = np.concatenate([np.stack([itself, itself, np.full_like(itself, 1000)], axis=1), found])
    rows = np.unique(rows, axis=0)
    order = np.lexsort((rows[:, 1], rows[:, 1] != rows[:, 0], rows[:, 0]))
    rows = rows[order]
    starts = np.zeros(len(spelled) + 1, dtype=np.int64)
    np.cumsum(np.bincount(rows[:, 0], minlength=len(spelled)), out=starts[1:])
    return Alike(starts, rows[:, 1].astype(np.int32), rows[:, 2].copy())


def _keys(word: str) -> list[str]:
    """Return the skeleton, and the letters less one each; a letter or two have no key."""
    if len(word) < _SHORTEST:
        return []
    sound = f"~{skeleton(word)}"
    if len(word) < _SHORTEST + 1:
        return [sound]
    return list(
        dict.fromkeys([sound, word, *(word[:at] + word[at + 1 :] for at in range(len(word)))])
    )


def _postings(many: int, listed: Names) -> Postings:
    """Turn tokens of names into names of tokens, each name once a token."""
    name_of = np.repeat(np.arange(len(listed.at) - 1), np.diff(listed.at))
    width = len(listed.at) + 1
    found = np.unique(listed.tokens.astype(np.int64) * width + name_of)
    of_tokens, names = np.divmod(found, width)
    at = np.zeros(many + 1, dtype=np.int64)
    np.cumsum(np.bincount(of_tokens, minlength=many), out=at[1:])
    return Postings(at, names.astype(np.int32))
