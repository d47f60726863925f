"""Digits out of words, figures and letters that stand for figures.

Number words are combined as they are spoken ("soixante-douze" is 72, "double five" is 55). Where
speech is ambiguous ("nine hundred one two three" is 900 1 2 3 or 901 2 3) every reading is
returned, the most usual first; the numbering plan decides.
"""

import re
from functools import cache

from palermo.analysis.identifiers.characters import fold_word
from palermo.analysis.identifiers.tables import numbers
from palermo.analysis.identifiers.vocabulary import languages_of

_PIECES = re.compile(r"\d+|[^\W\d_]+")
_LETTERS = str.maketrans("oOlIiSsBоОЗ|", "00111558003" + "1")
_ALIKE = re.compile(r"[oOlIiSBоОЗ]+")


@cache
def _words() -> tuple[dict[str, int], dict[str, int], frozenset[int]]:
    """Return number words, words that repeat a digit, and tens completed by 10-19 (French)."""
    values: dict[str, int] = {}
    times: dict[str, int] = {}
    teens: set[int] = set()
    for language, entry in languages_of("digits").items():
        for word, value in numbers("digits", language, entry.get("values")).items():
            values.setdefault(fold_word(word), value)
        for word, value in numbers("digits", language, entry.get("times", {})).items():
            times.setdefault(fold_word(word), value)
        listed = entry.get("tens_take_teens", [])
        teens |= set(listed) if isinstance(listed, list) else set()
    return values, times, frozenset(teens)


@cache
def language_of_word() -> dict[str, str]:
    """Return the first language that lists each number word."""
    told: dict[str, str] = {}
    for language, entry in languages_of("digits").items():
        for word in numbers("digits", language, entry.get("values")):
            told.setdefault(fold_word(word), language)
    return told


def unmasked(piece: str) -> str:
    """Return a run of digits and look-alike letters as digits."""
    return piece if piece.isdigit() else piece.translate(_LETTERS)


def _values(text: str) -> list[tuple[str, int]]:
    """Return the pieces of `text`: ('d', value) spoken, ('x', times), or digits with 'f'."""
    values, times, _ = _words()
    out: list[tuple[str, int]] = []
    pieces = _PIECES.findall(text)
    for index, piece in enumerate(pieces):
        if piece[0].isdigit():
            out.extend(("f", int(char)) for char in piece)
            continue
        word = fold_word(piece)
        following = fold_word(pieces[index + 1]) if index + 1 < len(pieces) else ""
        if word in values and not (word == "quatre" and following in {"vingt", "vingts"}):
            before = fold_word(pieces[index - 1]) if index else ""
            eighty = word in {"vingt", "vingts"} and before == "quatre"
            out.append(("d", 80 if eighty else values[word]))
        elif word in times:
            out.append(("x", times[word]))
        elif _ALIKE.fullmatch(piece):
            out.extend(("f", int(char)) for char in unmasked(piece))
    return out


def _spoken(values: list[tuple[str, int]], *, tens: bool, hundreds: bool) -> str:
    """Join the pieces to digits; `tens` and `hundreds`: are they completed by what follows?"""
    teens = _words()[2]
    digits = ""
    value, room, repeat = -1, 0, 1
    for index, (kind, number) in enumerate(values):
        following = values[index + 1][1] if index + 1 < len(values) else 0
        if kind == "x":
            repeat = number
            continue
        if kind == "d" and number == 100 and 0 < value < 10:
            value, room = value * 100, 100 if hundreds else 0
            continue
        if kind == "d" and value >= 0 and 0 < number < room and repeat == 1:
            value += number
            room = 10 if (number >= 20 or (number == 10 and room == 20)) and tens else 0
            continue
        if value >= 0:
            digits += str(value)
            value = -1
        if kind == "f" or repeat > 1:
            digits += str(number) * repeat
        else:
            value = number
            room = (20 if number in teens else 10) if tens and number in range(20, 100, 10) else 0
            room = 10 if tens and number == 10 and following >= 7 else room
            room = 100 if hundreds and number >= 100 else room
        repeat = 1
    return digits + (str(value) if value >= 0 else "")


def readings(text: str) -> list[str]:
    """Return the digit strings that `text` can be read as, the most usual first.

    >>> readings("zéro six soixante-douze 98")
    ['067298', '06601298']
    """
    values = _values(text)
    styles = ((True, False), (True, True), (False, False))
    return list(
        dict.fromkeys(_spoken(values, tens=tens, hundreds=hundreds) for tens, hundreds in styles)
    )
