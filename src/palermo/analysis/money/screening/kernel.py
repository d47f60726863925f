"""Finding pairs of names that may be one, and measuring them: token against token, in any order.

Guarantees whole numbers only, so that every machine orders matches alike: weights are thousandths
of a bit, likeness thousandths of one.

Tokens are compared once, where they share a key: their skeleton, or their letters less one. A pair
of names is then looked at when the tokens that are alike weigh at least half of the lighter name,
and its tokens are paired greedily, the heaviest likeness first.
"""

from typing import NamedTuple, TypeAlias

import numpy as np
import numpy.typing as npt

from palermo.analysis.compiled import compiled

Ints: TypeAlias = npt.NDArray[np.int64]
Codes: TypeAlias = npt.NDArray[np.int32]
Letters: TypeAlias = npt.NDArray[np.uint8]

_ALL = 1000
_ONE_SLIP, _INITIAL, _NO_VOWELS = 880, 400, 850
#: Of tokens of the same sound: how alike they are with one, two or three slips.
_SAME_SOUND = (920, 900, 840, 720)
_MOST_TOKENS = 12
_LONGEST = 30


class Vocabulary(NamedTuple):
    """All tokens of both sides: letters by offsets, skeleton number, weight, whether of vowels."""

    letter_at: Ints
    letters: Letters
    skeleton: Codes
    weight: Ints
    voweled: npt.NDArray[np.bool_]


class Groups(NamedTuple):
    """Tokens that share a key: group i is `tokens[at[i]:at[i+1]]`."""

    at: Ints
    tokens: Codes


class Alike(NamedTuple):
    """For each token those that are alike, itself first: `tokens[at[t]:at[t+1]]`, and how much."""

    at: Ints
    tokens: Codes
    likeness: Ints


class Names(NamedTuple):
    """Names as tokens: name i has `tokens[at[i]:at[i+1]]`."""

    at: Ints
    tokens: Codes


class Postings(NamedTuple):
    """For each token the listed names that have it: `names[at[t]:at[t+1]]`."""

    at: Ints
    names: Codes


class Sides(NamedTuple):
    """What is compared: the names looked up, the names of the lists, and the postings of these."""

    queries: Names
    listed: Names
    postings: Postings


@compiled
def _slips(words: Vocabulary, one: int, other: int, most: int) -> int:
    """Count letters to add, drop, change or swap between two tokens; `most + 1` when more."""
    letters = words.letters
    a, b = words.letter_at[one], words.letter_at[other]
    long, short = words.letter_at[one + 1] - a, words.letter_at[other + 1] - b
    if abs(long - short) > most:
        return most + 1
    before = np.empty(_LONGEST + 2, dtype=np.int64)
    last = np.arange(_LONGEST + 2)
    row = np.empty(_LONGEST + 2, dtype=np.int64)
    for i in range(1, long + 1):
        row[0] = i
        best = i
        for j in range(1, short + 1):
            same = letters[a + i - 1] == letters[b + j - 1]
            value = min(last[j] + 1, row[j - 1] + 1, last[j - 1] + (0 if same else 1))
            if (
                i > 1
                and j > 1
                and letters[a + i - 1] == letters[b + j - 2]
                and letters[a + i - 2] == letters[b + j - 1]
            ):
                value = min(value, before[j - 2] + 1)
            row[j] = value
            best = min(best, value)
        if best > most:
            return most + 1
        before[:] = last
        last[:] = row
    return min(int(last[short]), most + 1)


@compiled
def likeness(words: Vocabulary, one: int, other: int) -> int:
    """Return how alike two tokens are, in thousandths."""
    a, b = words.letter_at[one], words.letter_at[other]
    shorter = min(words.letter_at[one + 1] - a, words.letter_at[other + 1] - b)
    found = 0
    if one == other:
        found = _ALL
    elif shorter == 1:
        found = _INITIAL if words.letters[a] == words.letters[b] else 0
    elif shorter >= 3 and words.skeleton[one] == words.skeleton[other]:
        most = 3 if shorter >= 6 else 2
        if words.voweled[one] != words.voweled[other]:
            found = _NO_VOWELS
        else:
            slips = _slips(words, one, other, most)
            found = _SAME_SOUND[slips] if slips <= most else 0
    elif shorter >= 4 and _slips(words, one, other, 1) <= 1:
        found = _ONE_SLIP
    return found


@compiled
def alike_pairs(words: Vocabulary, groups: Groups) -> Ints:
    """Return pairs of tokens of one group that are alike, as rows of token, token, likeness."""
    found = np.empty((1024, 3), dtype=np.int64)
    size = 0
    for group in range(len(groups.at) - 1):
        for i in range(groups.at[group], groups.at[group + 1]):
            for j in range(i + 1, groups.at[group + 1]):
                one, other = groups.tokens[i], groups.tokens[j]
                much = likeness(words, one, other)
                if much == 0:
                    continue
                if size + 2 > found.shape[0]:
                    larger = np.empty((2 * found.shape[0], 3), dtype=np.int64)
                    larger[:size] = found[:size]
                    found = larger
                found[size, 0], found[size, 1], found[size, 2] = one, other, much
                found[size + 1, 0], found[size + 1, 1], found[size + 1, 2] = other, one, much
                size += 2
    return found[:size].copy()


@compiled
def _measured(words: Vocabulary, query: Codes, name: Codes) -> tuple[int, int, int]:
    """Pair the tokens; return what is alike, and what is left over on each side, in millibits."""
    left, right = len(query), len(name)
    used_left = np.zeros(_MOST_TOKENS, dtype=np.bool_)
    used_right = np.zeros(_MOST_TOKENS, dtype=np.bool_)
    like = np.zeros((_MOST_TOKENS, _MOST_TOKENS), dtype=np.int64)
    for i in range(left):
        for j in range(right):
            weight = min(words.weight[query[i]], words.weight[name[j]])
            like[i, j] = likeness(words, query[i], name[j]) * weight // _ALL
    alike = 0
    for _ in range(min(left, right)):
        best, at_left, at_right = 0, -1, -1
        for i in range(left):
            for j in range(right):
                if not used_left[i] and not used_right[j] and like[i, j] > best:
                    best, at_left, at_right = like[i, j], i, j
        if best == 0:
            break
        used_left[at_left] = used_right[at_right] = True
        alike += best
    over_left = over_right = 0
    for i in range(left):
        if not used_left[i]:
            over_left += words.weight[query[i]]
    for j in range(right):
        if not used_right[j]:
            over_right += words.weight[name[j]]
    return alike, over_left, over_right


@compiled
def _weights(words: Vocabulary, names: Names) -> Ints:
    total = np.zeros(len(names.at) - 1, dtype=np.int64)
    for name in range(len(total)):
        for at in range(names.at[name], names.at[name + 1]):
            total[name] += words.weight[names.tokens[at]]
    return total


@compiled
def pairs(words: Vocabulary, alike: Alike, sides: Sides, floor: int) -> Ints:
    """Return pairs as rows of query, listed name, alike, left over in the query, in the name.

    `floor` is what a pair must have alike at least, in millibits.
    """
    queries, listed, postings = sides.queries, sides.listed, sides.postings
    weight_listed = _weights(words, listed)
    weight_queries = _weights(words, queries)
    many = len(weight_listed)
    reached = np.full(many, -1, dtype=np.int64)  # the last token of a query that reached the name
    shared = np.zeros(many, dtype=np.int64)
    touched = np.empty(many, dtype=np.int64)
    found = np.empty((1024, 5), dtype=np.int64)
    size, serial = 0, 0
    for query in range(len(weight_queries)):
        count = 0
        first_serial = serial
        for at in range(queries.at[query], queries.at[query + 1]):
            token = queries.tokens[at]
            for like_at in range(alike.at[token], alike.at[token + 1]):
                other = alike.tokens[like_at]
                weight = min(words.weight[token], words.weight[other])
                weight = weight * alike.likeness[like_at] // _ALL
                for place in range(postings.at[other], postings.at[other + 1]):
                    name = postings.names[place]
                    if reached[name] == serial:
                        continue
                    if reached[name] < first_serial:
                        shared[name] = 0
                        touched[count] = name
                        count += 1
                    reached[name] = serial
                    shared[name] += weight
            serial += 1
        mine = queries.tokens[queries.at[query] : queries.at[query + 1]]
        for at in range(count):
            name = touched[at]
            if 2 * shared[name] < min(weight_queries[query], weight_listed[name]):
                continue
            theirs = listed.tokens[listed.at[name] : listed.at[name + 1]]
            much, over_query, over_name = _measured(words, mine, theirs)
            if much < floor or 2 * much < min(much + over_query, much + over_name):
                continue
            if size == found.shape[0]:
                larger = np.empty((2 * size, 5), dtype=np.int64)
                larger[:size] = found
                found = larger
            found[size, 0], found[size, 1], found[size, 2] = query, name, much
            found[size, 3], found[size, 4] = over_query, over_name
            size += 1
    return found[:size].copy()
