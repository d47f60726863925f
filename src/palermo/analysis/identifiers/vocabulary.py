"""All words the lexer looks for, each with the roles it can play. One number a word; 0 is no word.

Words are folded (`characters.fold_word`), so neither case nor accent nor width matters. The word
lists of all languages are one vocabulary: a word that means different things in two languages has
both roles, and the detectors decide by what stands around it.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache

import numpy as np
from numpy.typing import NDArray

from palermo.analysis.identifiers.characters import RUNNING, classes, fold_word
from palermo.analysis.identifiers.tables import load, numbers, words
from palermo.model import Unreadable

# Roles, as bits. NUMBER and WEAK_LETTERS are tokens that are no word: digits, and letters that
# stand for digits.
NUMBER = 1
LETTERS = 1 << 1  # o, l, I … between digits
DIGIT_WORD = 1 << 2
TIMES = 1 << 3  # double, triple
LINK = 1 << 4  # "and" within a number
PLUS = 1 << 5
CURRENCY = 1 << 6
MULTIPLIER = 1 << 7
AGE_UNIT = 1 << 8
AGE_LABEL = 1 << 9
CONTACT = 1 << 10
NUMBER_WORD = 1 << 11
REFERENCE = 1 << 12
SERVICE = 1 << 13
UNSURE_SERVICE = 1 << 14
AT = 1 << 15
DOT_WORD = 1 << 16

NUMBER_ID, LETTERS_ID = 1, 2
_FIRST_WORD = 3
_SLOTS = 1 << 14
#: Roles of words that only continue a number or a name before them.
_CONTINUING = LINK | AGE_UNIT | MULTIPLIER
FNV_OFFSET = 0xCBF29CE484222325
FNV_PRIME = 0x100000001B3


@dataclass(slots=True)
class Vocabulary:
    """The words by number, and the hash table in which the lexer finds them.

    `roles[n]` are the role bits of word `n`; `languages[n]` the languages whose contact words it is
    among; `table` is the hash table (`reading.find`), `running` the length of the longest word by
    its first code point.
    """

    words: list[str]
    roles: NDArray[np.int64]
    languages: list[tuple[str, ...]]
    table: NDArray[np.uint64]
    running: NDArray[np.uint8] = field(default_factory=lambda: np.zeros(0, np.uint8))


def stable_hash(word: str) -> int:
    """Return the 64-bit FNV-1a hash over the code points of `word`; never 0."""
    value = FNV_OFFSET
    for char in word:
        value = ((value ^ ord(char)) * FNV_PRIME) & 0xFFFFFFFFFFFFFFFF
    return value or 1


def languages_of(name: str) -> dict[str, dict[str, object]]:
    """Return the `languages` mapping of a list.

    Raises:
        Unreadable: it has none, or a language's entry is not a mapping.
    """
    languages = load(name).get("languages")
    if not isinstance(languages, dict) or not all(
        isinstance(key, str) and isinstance(entry, dict) for key, entry in languages.items()
    ):
        raise Unreadable(
            f"{name}.yaml: expected `languages` with one mapping a language; quote `no`"
        )
    return languages


def _digit_words() -> Iterator[tuple[str, int, str]]:
    for language, entry in languages_of("digits").items():
        for word in numbers("digits", language, entry.get("values")):
            yield word, DIGIT_WORD, ""
        for word in numbers("digits", language, entry.get("times", {})):
            yield word, TIMES, ""
        for key, role in (("link", LINK), ("plus", PLUS)):
            for word in words("digits", f"{language}.{key}", entry.get(key, [])):
                yield word, role, ""


def _contact_words() -> Iterator[tuple[str, int, str]]:
    roles = {"contact": CONTACT, "number": NUMBER_WORD, "reference": REFERENCE}
    for language, entry in languages_of("contacts").items():
        for key, role in roles.items():
            for word in words("contacts", f"{language}.{key}", entry.get(key, [])):
                yield word, role, language


#: Which word of a phrase stands beside the number, and its role.
_AGE_ROLES = (
    *(("label", AGE_LABEL, -1), ("being", AGE_LABEL, -1), ("person", AGE_LABEL, -1)),
    *(("unit", AGE_UNIT, 0), ("weak", AGE_UNIT, 0)),
)


def _age_words() -> Iterator[tuple[str, int, str]]:
    """Yield the words beside the number: the last of a label, the first of a unit."""
    for language, entry in languages_of("ages").items():
        for key, role, edge in _AGE_ROLES:
            for phrase in words("ages", f"{language}.{key}", entry.get(key, [])):
                edge_word = phrase.split()[edge]
                if key != "person" or language == "ar":
                    yield edge_word, role, ""


def _money_words() -> Iterator[tuple[str, int, str]]:
    table = load("currencies")
    for code, names in table["currencies"].items():
        for key in ("symbols", "words", "after"):
            for word in words("currencies", f"{code}.{key}", names.get(key, [])):
                yield word, CURRENCY, ""
    for word in table["ambiguous"]:
        yield word, CURRENCY, ""
    for pair in table["pairs"]:
        yield words("currencies", "pairs", pair["words"])[0], CURRENCY, ""
    for word in numbers("currencies", "multipliers", table["multipliers"]):
        yield word, MULTIPLIER, ""


def _service_words() -> Iterator[tuple[str, int, str]]:
    for service, entry in load("services")["services"].items():
        for key, role in (("words", SERVICE), ("unsure", UNSURE_SERVICE)):
            for phrase in words("services", f"{service}.{key}", entry.get(key, [])):
                yield phrase.split()[0].split("-")[0], role, ""


def _web_words() -> Iterator[tuple[str, int, str]]:
    table = load("web")
    for key, role in (("at", AT), ("dot", DOT_WORD)):
        for style, listed in table[key].items():
            yield from ((word, role, "") for word in words("web", f"{key}.{style}", listed))


def _entries() -> Iterator[tuple[str, int, str]]:
    yield "+", PLUS, ""
    yield "＋", PLUS, ""
    for source in (
        _digit_words,
        _contact_words,
        _age_words,
        _money_words,
        _service_words,
        _web_words,
    ):
        yield from source()


def _table(known: list[str], roles: dict[str, int]) -> NDArray[np.uint64]:
    """Place every word at one of its two places, moving others to their second as needed."""
    entries = [0] * _SLOTS
    for number, word in enumerate(known, _FIRST_WORD):
        # A word that only continues what stands before it counts right behind a token; its code
        # says so.
        code = number | (0 if roles[word] & ~_CONTINUING else 0x8000)
        entry, place = stable_hash(word) >> 16 << 16 | code, stable_hash(word) & (_SLOTS - 1)
        homes = {entry >> 16: (place, stable_hash(word) >> 32 & (_SLOTS - 1))}
        for _ in range(64):
            entry, entries[place] = entries[place], entry
            if not entry:
                break
            evicted = known[(entry & 0x7FFF) - _FIRST_WORD]
            homes[entry >> 16] = (
                stable_hash(evicted) & (_SLOTS - 1),
                stable_hash(evicted) >> 32 & (_SLOTS - 1),
            )
            first, second = homes[entry >> 16]
            place = second if place == first else first
        else:
            raise Unreadable(f"word lists: no place for {word!r}; spell it otherwise")
    return np.array(entries, np.uint64)


@cache
def vocabulary() -> Vocabulary:
    """Return the vocabulary, built once a process from the word lists."""
    roles: dict[str, int] = {}
    languages: dict[str, list[str]] = {}
    for word, role, language in _entries():
        folded = fold_word(word)
        roles[folded] = roles.get(folded, 0) | role
        if language and language not in languages.setdefault(folded, []):
            languages[folded].append(language)
    known = sorted(roles)
    starts = np.zeros(len(classes()), np.uint8)
    for word in known:
        if classes()[ord(word[0])] == RUNNING:
            starts[ord(word[0])] = max(starts[ord(word[0])], len(word))
    return Vocabulary(
        words=["", "", "", *known],
        roles=np.array([0, NUMBER, LETTERS, *(roles[word] for word in known)], np.int64),
        languages=[(), (), (), *(tuple(languages.get(word, ())) for word in known)],
        table=_table(known, roles),
        running=starts,
    )
