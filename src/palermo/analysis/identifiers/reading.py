"""Small compiled steps over UTF-8: decode one character, measure one run, look one word up.

None reads beyond the end it is given, so malformed bytes give a wrong character but never a fault.
The functions that are called for every character have no loop of their own: numba counts references
to arrays around a loop, which costs more than the loop.
"""

import numpy as np
from numpy.typing import NDArray

from palermo.analysis.compiled import compiled
from palermo.analysis.identifiers.characters import BREAK, DIGIT, IGNORED, LETTER, LIMIT, RUNNING

_ALIKE, _WEB, _CLASS, _LENGTH, _FOLD = 29, 28, 24, 20, 0x1FFFF

Ints = NDArray[np.int32]
Longs = NDArray[np.int64]
Bytes = NDArray[np.uint8]
#: A hash table with two places for every word: its hash above 16 bits of code. See `vocabulary`.
Words = NDArray[np.uint64]
#: Letters that pass for digits; and what ends an address on the web.
LIKE_DIGITS = "oOlIiSBоОЗ"
NOT_IN_ADDRESS = '"<>\\^`{|}，！？；'
#: One number a code point: its class, the length of the longest word of running script that starts
#: with it, and the code point it is folded to. See `pack`.
Characters = NDArray[np.uint32]

PRIME = np.uint64(0x100000001B3)
OFFSET = np.uint64(0xCBF29CE484222325)
_CODE_BITS, _SECOND, _CODE = np.uint64(16), np.uint64(32), np.uint64(0xFFFF)
_BACK, _FORTH = 256, 2048  # how far a web run reaches from what gave it away


def pack(classes: Bytes, lengths: Bytes, folds: NDArray[np.uint32]) -> Characters:
    """Put what the lexer knows of a character into one number, so that one look fetches it.

    `lengths` are those of the longest words of running script, by their first character.
    """
    web = (classes == LETTER) | (classes == DIGIT) | (classes == IGNORED)
    web[0x21:0x7F] = web[0xFF01:0xFF5F] = True
    web[[ord(char) for char in NOT_IN_ADDRESS]] = False
    alike = np.zeros(len(classes), np.bool_)
    alike[[ord(char) for char in LIKE_DIGITS]] = True
    packed = folds.copy()
    for shift, what in ((_CLASS, classes), (_LENGTH, lengths), (_WEB, web), (_ALIKE, alike)):
        packed |= what.astype(np.uint32) << np.uint32(shift)
    return packed


@compiled
def decode(data: Bytes, at: int, end: int) -> tuple[int, int]:
    """Return the code point at byte `at` and the place after it, at most `end`."""
    lead = int(data[at])
    if lead < 0x80:
        return lead, at + 1
    if lead < 0xE0 and at + 1 < end:
        return (lead & 0x1F) << 6 | (int(data[at + 1]) & 0x3F), at + 2
    if lead < 0xF0 and at + 2 < end:
        low = (int(data[at + 1]) & 0x3F) << 6 | (int(data[at + 2]) & 0x3F)
        return (lead & 0x0F) << 12 | low, at + 3
    if at + 3 < end:
        low = (int(data[at + 2]) & 0x3F) << 6 | (int(data[at + 3]) & 0x3F)
        return (lead & 0x07) << 18 | (int(data[at + 1]) & 0x3F) << 12 | low, at + 4
    return 0, at + 1


@compiled
def class_of(code: int, characters: Characters) -> int:
    """Return the class of a code point; beyond the table lie rare ideographs."""
    return int(characters[code] >> _CLASS & 15) if code < LIMIT else BREAK


@compiled
def extend(key: np.uint64, code: int, characters: Characters) -> np.uint64:
    """Add one character, folded, to the hash of a word."""
    return np.uint64((key ^ np.uint64(characters[code] & _FOLD)) * PRIME)


@compiled
def folded(code: int, characters: Characters) -> int:
    """Return the code point that a character is folded to; beyond the table, itself."""
    return int(characters[code] & _FOLD) if code < LIMIT else code


@compiled
def passes_for_digit(code: int, characters: Characters) -> int:
    """Return 1 for a letter that passes for a digit."""
    return int(characters[code] >> _ALIKE)


@compiled
def starts_no_word(code: int, characters: Characters) -> bool:
    """Tell that no word of running script starts with a character of the table."""
    return bool(characters[code] >> _LENGTH & 15 == 0)


@compiled
def find(key: np.uint64, words: Words) -> int:
    """Return the number of the word with hash `key`, or 0; negative for one that only continues."""
    mask = np.uint64(len(words) - 1)
    entry = words[np.int64(key & mask)]
    if (entry ^ key) >> _CODE_BITS != 0:
        entry = words[np.int64((key >> _SECOND) & mask)]
        if (entry ^ key) >> _CODE_BITS != 0:
            return 0
    code = np.int64(entry & _CODE)
    return int(-(code & 0x7FFF) if code & 0x8000 else code)


@compiled
def piece(
    data: Bytes, at: int, end: int, characters: Characters
) -> tuple[int, int, bool, np.uint64, int]:
    """Measure the stretch of only letters or only digits at `at`, within a run that ends at `end`.

    Returns its end, its number of characters, whether it is of digits, its hash, and 1 if it is
    not plain ASCII.
    """
    first, _ = decode(data, at, end)
    of_digits = class_of(first, characters) == DIGIT
    place, size, special = at, 0, 0
    key = OFFSET
    while place < end:
        code, after = decode(data, place, end)
        klass = class_of(code, characters)
        if klass != IGNORED:
            if (klass == DIGIT) != of_digits:
                break
            key = extend(key, code, characters)
            size += 1
        if code >= 0x80:
            special = 1
        place = after
    return place, size, of_digits, key, special


@compiled
def running_word(
    data: Bytes, at: int, end: int, characters: Characters, words: Words
) -> tuple[int, int]:
    """Return the longest word of the vocabulary that starts at `at`, and its end; 0 if none."""
    first, _ = decode(data, at, end)
    found, found_end, place = 0, at, at
    key = OFFSET
    for _ in range(int(characters[first] >> _LENGTH & 15) if first < LIMIT else 0):
        if place >= end:
            break
        code, place = decode(data, place, end)
        if code >= LIMIT:
            break
        key = extend(key, code, characters)
        word = find(key, words)
        if word:
            found, found_end = word, place
    return found, found_end


@compiled
def web_run(data: Bytes, at: int, low: int, end: int, characters: Characters) -> tuple[int, int]:
    """Return the stretch around `at` without spaces, quotes, angle brackets or running script."""
    left, floor = at, max(low, at - _BACK)
    while left > floor:
        before = left - 1
        while before > floor and data[before] & 0xC0 == 0x80:
            before -= 1
        code, _ = decode(data, before, end)
        if code >= LIMIT or characters[code] >> _WEB & 1 == 0:
            break
        left = before
    right, ceiling = at, min(end, at + _FORTH)
    while right < ceiling:
        code, after = decode(data, right, end)
        if code >= LIMIT or characters[code] >> _WEB & 1 == 0:
            break
        right = after
    return left, right


@compiled
def stops(data: Bytes, at: int, end: int, characters: Characters) -> bool:
    """Tell whether the full stop before `at` ends a sentence: a space, then no small letter."""
    if at >= end:
        return True
    code, after = decode(data, at, end)
    if code > 0x20 or after >= end:
        return code <= 0x20
    code, _ = decode(data, after, end)
    capital = 0x41 <= code <= 0x5A or 0x410 <= code <= 0x42F
    return capital or (code >= 0x590 and class_of(code, characters) in (LETTER, RUNNING))


@compiled
def code_points(data: Bytes, offsets: Longs, texts: Ints, places: Longs, out: Ints) -> None:
    """Turn byte `places`, in rising order, into code points from the start of their `texts`."""
    at, points, text = 0, 0, -1
    for row in range(len(places)):
        if texts[row] != text:
            text = texts[row]
            at, points = int(offsets[text]), 0
        while at < places[row]:
            if data[at] & 0xC0 != 0x80:
                points += 1
            at += 1
        out[row] = points
