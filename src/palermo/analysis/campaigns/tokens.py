"""Texts become tokens the same way in every script, and texts of equal tokens get equal hashes.

A token is a folded word (or one character of a script without spaces). Runs of digits count as
one placeholder, and neighbouring numbers as one token, because numbers are what a template
changes first. Nothing of Python's own hashing is used: the same text gives the same hashes on
every machine.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numba
import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from palermo.analysis.campaigns.alphabet import (
    DIGIT,
    IGNORED,
    IGNORED_FROM,
    LETTER,
    SEPARATOR,
    SINGLE,
    SPACELESS,
    TABLE_SIZE,
    alphabet,
)
from palermo.analysis.campaigns.parallel import in_ranges
from palermo.analysis.compiled import compiled

#: Texts of fewer tokens belong together only when they say exactly the same, numbers included.
SHORT = 5

#: A token of a script without spaces is a letter and this many before it; of an ideograph, one.
_REACH = 4
_BATCH = 1 << 15
_SEED = np.uint64(0x9E3779B97F4A7C15)
_PRIME = np.uint64(0xBF58476D1CE4E5B9)
_PRIME_2 = np.uint64(0x94D049BB133111EB)
_ZERO = np.uint64(0)
_DIGIT_MARK = np.uint64(0x30)
_NUMBER = np.uint32(0x9E3779B9)


@dataclass(frozen=True)
class Tokens:
    """Tokens of n texts: those of text i are `token[start[i]:start[i + 1]]` (uint32 hashes).

    `content[i]` (uint64) is equal for texts that say the same; 0 when the text says nothing.
    """

    token: npt.NDArray[np.uint32]
    start: npt.NDArray[np.int64]
    content: npt.NDArray[np.uint64]


def tokenise(texts: pa.ChunkedArray, threads: int | None = None) -> Tokens:
    """Tokenise a string column; a null counts as an empty text."""
    batches = list(_batches(texts))
    parts = in_ranges(
        len(batches),
        lambda first, end: [_tokens(*batch) for batch in batches[first:end]],
        threads if len(texts) > _BATCH else 1,
        worth=2,
    )
    return joined([part for several in parts for part in several])


def joined(parts: list[Tokens]) -> Tokens:
    """Return the tokens of all texts of `parts`, which is emptied meanwhile to save memory."""
    counts = [np.diff(part.start) for part in parts]
    start = np.zeros(sum(map(len, counts)) + 1, dtype=np.int64)
    if counts:
        np.cumsum(np.concatenate(counts), out=start[1:])
    token = np.empty(start[-1], dtype=np.uint32)
    content = np.empty(len(start) - 1, dtype=np.uint64)
    parts.reverse()
    text = 0
    while parts:
        part = parts.pop()
        end = text + len(part.content)
        token[start[text] : start[end]] = part.token
        content[text:end] = part.content
        text = end
    return Tokens(token=token, start=start, content=content)


def _tokens(data: npt.NDArray[np.uint8], offsets: npt.NDArray[np.int64]) -> Tokens:
    table = alphabet()
    token, count, content = _tokenise(
        data, offsets, table.folded, table.kind, table.starts, table.spelled
    )
    start = np.zeros(len(count) + 1, dtype=np.int64)
    np.cumsum(count, out=start[1:])
    return Tokens(token=token.copy(), start=start, content=content)


def _batches(
    texts: pa.ChunkedArray,
) -> Iterator[tuple[npt.NDArray[np.uint8], npt.NDArray[np.int64]]]:
    for chunk in texts.chunks:
        for at in range(0, len(chunk), _BATCH):
            piece = pc.fill_null(chunk.slice(at, _BATCH).cast(pa.large_string()), "")
            _, offsets, data = piece.buffers()
            offset = np.frombuffer(offsets, dtype=np.int64)[
                piece.offset : piece.offset + len(piece) + 1
            ]
            size = 0 if data is None else data.size
            yield np.frombuffer(data, dtype=np.uint8) if size else np.zeros(1, np.uint8), offset


@numba.njit(inline="always")  # type: ignore[untyped-decorator]  # numba publishes no types
def mix(value: np.uint64) -> np.uint64:
    """Spread a 64-bit value over all its bits (the finaliser of splitmix64)."""
    value = (value ^ (value >> np.uint64(30))) * _PRIME
    value = (value ^ (value >> np.uint64(27))) * _PRIME_2
    return value ^ (value >> np.uint64(31))


@numba.njit(inline="always")  # type: ignore[untyped-decorator]  # numba publishes no types
def _decode(data: npt.NDArray[np.uint8], at: np.int64, end: np.int64) -> tuple[np.int64, np.int64]:
    """Return (code point, next index) of valid UTF-8."""
    lead = np.int64(data[at])
    if lead < 0x80 or at + 1 >= end:
        return lead, at + 1
    second = np.int64(data[at + 1]) & 0x3F
    if lead < 0xE0 or at + 2 >= end:
        return ((lead & 0x1F) << 6) | second, at + 2
    third = np.int64(data[at + 2]) & 0x3F
    if lead < 0xF0 or at + 3 >= end:
        return ((lead & 0x0F) << 12) | (second << 6) | third, at + 3
    fourth = np.int64(data[at + 3]) & 0x3F
    return ((lead & 0x07) << 18) | (second << 12) | (third << 6) | fourth, at + 4


@numba.njit(inline="always")  # type: ignore[untyped-decorator]  # numba publishes no types
def _step(state: np.uint64, value: np.uint64) -> np.uint64:
    """Take one character more into a word's hash."""
    state = (state ^ value) * _PRIME
    return state ^ (state >> np.uint64(29))


@numba.njit  # type: ignore[untyped-decorator]  # numba publishes no types
def _visible(data: npt.NDArray[np.uint8], at: int, end: int) -> np.uint64:
    """Hash a text without words by what shows of it (emoji, say); 0 when nothing does."""
    state = _ZERO
    for k in range(at, end):
        if data[k] > 0x20:
            state = mix(state ^ (np.uint64(data[k]) + _SEED))
    return state


@compiled
def _tokenise(  # noqa: C901, PLR0912, PLR0915, PLR0917 - one pass over the bytes, one kernel
    data: npt.NDArray[np.uint8],
    offsets: npt.NDArray[np.int64],
    folded: npt.NDArray[np.int32],
    kinds: npt.NDArray[np.uint8],
    starts: npt.NDArray[np.int32],
    spelled: npt.NDArray[np.int32],
) -> tuple[npt.NDArray[np.uint32], npt.NDArray[np.int64], npt.NDArray[np.uint64]]:
    """Return (tokens of all texts, tokens a text, content hash a text).

    `word` hashes the current word with its digits masked, `exact` with its digits.
    """
    n = len(offsets) - 1
    # A square of three bytes may spell six characters: room for two tokens a byte (untouched
    # memory costs nothing).
    token = np.empty((offsets[n] - offsets[0]) * 2 + n + 1, dtype=np.uint32)
    count = np.empty(n, dtype=np.int64)
    content = np.empty(n, dtype=np.uint64)
    before = np.zeros(_REACH, dtype=np.uint64)  # the last spaceless characters
    out = 0
    for i in range(n):
        first, at, end = out, offsets[i], offsets[i + 1]
        masked_text, exact_text = _SEED, _PRIME
        word, exact = _ZERO, _ZERO
        before[:] = 0
        letters, digits, in_number, after_number = False, False, False, False
        while at <= end:
            if at < end:
                point, at = _decode(data, at, end)
                fold = np.int64(folded[point]) if point < TABLE_SIZE else point
            else:  # one separator more, to end the last word
                fold, at = np.int64(0x20), end + 1
            pieces = 1 if fold >= 0 else starts[-fold] - starts[-1 - fold]
            for k in range(pieces):
                c = fold if fold >= 0 else np.int64(spelled[starts[-1 - fold] + k])
                if c < TABLE_SIZE:
                    kind = np.int64(kinds[c])
                else:
                    kind = np.int64(IGNORED if c >= IGNORED_FROM else SINGLE)
                if kind == LETTER:
                    word = _step(word, np.uint64(c))
                    exact = _step(exact, np.uint64(c))
                    letters, in_number = True, False
                elif kind == DIGIT:
                    if not in_number:
                        word = _step(word, _DIGIT_MARK)
                    exact = _step(exact, np.uint64(c))
                    digits, in_number = True, True
                elif kind != IGNORED:
                    if letters or digits:
                        token[out] = np.uint32(mix(word) >> np.uint64(32)) if letters else _NUMBER
                        exact_text = mix(exact_text ^ exact)
                        if letters or not after_number:
                            masked_text = mix(masked_text ^ np.uint64(token[out]))
                            out += 1
                        after_number = not letters
                        word, exact = _ZERO, _ZERO
                        before[:] = 0
                        letters, digits, in_number = False, False, False
                    if kind >= SINGLE:
                        near = np.uint64(c)
                        for k_before in range(_REACH if kind == SPACELESS else 1):
                            near = _step(near, before[k_before])
                        before[1:] = before[:-1]
                        before[0] = c
                        token[out] = np.uint32(mix(near * _SEED) >> np.uint64(32))
                        masked_text = mix(masked_text ^ np.uint64(token[out]))
                        exact_text = mix(exact_text ^ np.uint64(c))
                        out += 1
                        after_number = False
        count[i] = out - first
        if out - first >= SHORT:
            content[i] = masked_text
        elif out > first:
            content[i] = exact_text
        else:
            content[i] = _visible(data, offsets[i], end)
    return token[:out], count, content


__all__ = ["SEPARATOR", "SHORT", "Tokens", "joined", "mix", "tokenise"]
