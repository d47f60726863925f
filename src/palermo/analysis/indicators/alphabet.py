"""How a code point is read: its folded form and its kind, one to one.

Guarantees that reading never changes positions: each code point of the text has exactly one
entry, so a place found in the folded text is the same place in the original. Folding removes
case, accents, fullwidth and ornamental forms and Arabic spelling variants, because people leave
out accents and dress up letters; it never joins or splits letters.
"""

import unicodedata
from functools import cache

import numpy as np
from numpy.typing import NDArray

#: Kinds of code point, as the scanner sees them.
SPACE, LETTER, DIGIT, SINGLE, STOP, INSIDE = range(6)

#: The table covers planes 0 and 1; above lie rare Han characters, read as one and the same sign.
LIMIT = 0x20000
#: An entry of the table holds the folded code point in its low bits, the kind above.
SHIFT = 21
PLAIN = (1 << SHIFT) - 1

_STOPS = frozenset(".!?;。！？；؟؛…\u2029")
#: Scripts written without spaces between words: each sign is a word of its own.
_SINGLE_SIGNS = ((0x3040, 0x30FF), (0x3400, 0x4DBF), (0x4E00, 0x9FFF), (0xF900, 0xFAFF))
_ARABIC = {"أ": "ا", "إ": "ا", "آ": "ا", "ٱ": "ا", "ى": "ي", "ة": "ه", "ؤ": "و", "ئ": "ي"}
_TATWEEL = "\u0640"


@cache
def alphabet() -> NDArray[np.int32]:
    """Return the table: entry c is `kind << SHIFT | folded code point` of code point c.

    The entry at `LIMIT` stands for all code points from there on. Made once a process from
    Python's own Unicode data.
    """
    table = np.zeros(LIMIT + 1, dtype=np.int32)
    for code in range(LIMIT):
        sign = chr(code)
        category = unicodedata.category(sign)
        if category not in {"Cn", "Cs", "Co"}:
            kind = _kind(code, sign, category)
            plain = _fold(code, sign) if kind in (LETTER, DIGIT, SINGLE) else code
            table[code] = kind << SHIFT | plain
    table[LIMIT] = SINGLE << SHIFT | LIMIT
    return table


def read(sign: str) -> tuple[int, str]:
    """Return the kind and the folded form of one sign."""
    entry = int(alphabet()[min(ord(sign), LIMIT)])
    return entry >> SHIFT, chr(entry & PLAIN)


def _kind(code: int, sign: str, category: str) -> int:
    if sign in _STOPS:
        return STOP
    if category in {"Mn", "Me", "Cf"} or sign == _TATWEEL:
        return INSIDE
    if category == "Sc" or any(low <= code <= high for low, high in _SINGLE_SIGNS):
        return SINGLE
    if category[0] == "L" or category == "Mc":
        return LETTER
    # Superscripts and ornamental digits are digits to a reader, too.
    if unicodedata.digit(sign, None) is not None:
        return DIGIT
    return LETTER if _is_dressed_letter(sign) else SPACE


def _is_dressed_letter(sign: str) -> bool:
    """Whether a symbol is one letter in ornament, such as Ⓐ or 🅰."""
    plain = unicodedata.normalize("NFKD", sign)
    return len(plain) == 1 and plain != sign and plain.isalpha()


def _fold(code: int, sign: str) -> int:
    digit = unicodedata.digit(sign, None)
    if digit is not None:
        return ord("0") + digit
    if sign in _ARABIC:
        return ord(_ARABIC[sign])
    letters = [c for c in unicodedata.normalize("NFKD", sign) if not unicodedata.combining(c)]
    if len(letters) != 1:  # a ligature or a composed syllable stays whole
        return code
    lower = letters[0].casefold()
    return ord(lower) if len(lower) == 1 else ord(letters[0])
