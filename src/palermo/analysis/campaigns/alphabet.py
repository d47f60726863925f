"""Every code point has one folded form, so that the same words written differently compare equal.

Folding removes what a reader does not see or does not mind: case, accents, width and styled
letters (compatibility forms), invisible characters, apostrophes, and letters of other alphabets
that look like Latin ones. It never looks at neighbours, so a table of code points is enough.
"""

import unicodedata
from dataclasses import dataclass
from functools import cache

import numpy as np
import numpy.typing as npt

#: What a folded code point does to the token being read. A `SINGLE` (an ideograph) makes a token
#: with the one before it, a `SPACELESS` letter with those before it (scripts without spaces).
SEPARATOR, LETTER, DIGIT, IGNORED, SINGLE, SPACELESS = range(6)

#: The table ends here; above lie further ideographs (to `IGNORED_FROM`) and invisible tags.
TABLE_SIZE = 0x20000
IGNORED_FROM = 0xE0000

#: Alphabets and syllabaries written without spaces between words, and ideographs.
_SPACELESS_RANGES = (
    (0x0E00, 0x0EFF),  # Thai, Lao
    (0x0F00, 0x0FFF),  # Tibetan
    (0x1000, 0x109F),  # Myanmar
    (0x1780, 0x17FF),  # Khmer
    (0x3041, 0x30FF),  # Hiragana, Katakana
)
_SINGLE_RANGES = ((0x3400, 0x4DBF), (0x4E00, 0x9FFF), (0xF900, 0xFAFF))

#: Ranges that fold to themselves and need no look at the character database, with their kind.
_PLAIN_RANGES = (
    (0x3400, 0x4DBF, SINGLE),
    (0x4E00, 0x9FFF, SINGLE),
    (0xA000, 0xA48C, LETTER),  # Yi
    (0xAC00, 0xD7A3, LETTER),  # Hangul syllables
    (0xD800, 0xF8FF, SEPARATOR),  # surrogates and private use
    (0x12000, 0x16FFF, LETTER),  # ancient and rare scripts
    (0x17000, 0x1BFFF, SINGLE),
)

#: Letters that look like a Latin one. Folding is applied to all texts alike, so words of the
#: other alphabet stay comparable among themselves.
_LOOKALIKES = dict(zip("авсԁеһніјкӏморԛѕтуѵԝх", "abcdehhijklmopqstyvwx", strict=True)) | dict(
    zip("αβεηικμνορτυχζɑɡıłøđħŧ", "abehikmvoptuxzagilodht", strict=True)
)

_APOSTROPHES = frozenset("'’‘ʼ`´′")
_INVISIBLE = frozenset("\u115f\u1160\u3164\uffa0\u034f")


@dataclass(frozen=True)
class Alphabet:
    """The folding table.

    `folded[c]` is the folded code point of `c`, or `-1 - k` when `c` folds to the several code
    points `spelled[starts[k]:starts[k + 1]]`. `kind` is indexed by folded code points.
    """

    folded: npt.NDArray[np.int32]
    kind: npt.NDArray[np.uint8]
    starts: npt.NDArray[np.int32]
    spelled: npt.NDArray[np.int32]


def fold(text: str) -> str:
    """Return `text` folded, separators and digits kept; the readable form of what is compared.

    >>> fold("Ｃаｌｌ Ｍé")
    'call me'
    """
    text = "".join(c for c in text if c not in _APOSTROPHES)  # before they become a space
    decomposed = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", text).casefold())
    return "".join(_LOOKALIKES.get(c, c) for c in decomposed if _kind(c) != IGNORED)


@cache
def alphabet() -> Alphabet:
    """Build the table from the character database; about a tenth of a second, once."""
    folded = np.arange(TABLE_SIZE, dtype=np.int32)
    kind = np.zeros(TABLE_SIZE, dtype=np.uint8)
    plain = np.zeros(TABLE_SIZE, dtype=bool)
    for first, last, what in _PLAIN_RANGES:
        kind[first : last + 1] = what
        plain[first : last + 1] = True
    spellings: list[str] = []
    for point in np.flatnonzero(~plain).tolist():
        character = chr(point)
        kind[point] = _kind(character)
        spelling = character if kind[point] == IGNORED else fold(character)
        if len(spelling) == 1:
            folded[point] = ord(spelling)
        elif spelling:
            folded[point] = -1 - len(spellings)
            spellings.append(spelling)
    return Alphabet(
        folded=folded,
        kind=kind,
        starts=np.cumsum([0, *map(len, spellings)]).astype(np.int32),
        spelled=np.array([ord(c) for c in "".join(spellings)], dtype=np.int32),
    )


def _kind(character: str) -> int:
    point = ord(character)
    category = unicodedata.category(character)
    if character in _APOSTROPHES or character in _INVISIBLE or 0xFE00 <= point <= 0xFE0F:
        return IGNORED
    if category in {"Cf", "Me"} or unicodedata.combining(character):
        return IGNORED
    if category == "Nd":
        return DIGIT
    if category[0] == "L" or category in {"Mn", "Mc", "Nl"}:
        if any(first <= point <= last for first, last in _SINGLE_RANGES):
            return SINGLE
        spaceless = any(first <= point <= last for first, last in _SPACELESS_RANGES)
        return SPACELESS if spaceless else LETTER
    return SEPARATOR
