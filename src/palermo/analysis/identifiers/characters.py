"""What characters count as: a digit is a digit however written; case and accent do not matter.

`classes()` and `folds()` are tables over code points below 0x20000, for the compiled lexer;
`fold_word` and `plain` are the same rules for single strings in Python.
"""

import re
import unicodedata
from functools import cache, lru_cache
from typing import cast

import numpy as np
from numpy.typing import NDArray

LIMIT = 0x20000

# Classes, the rarer ones last. What the lexer does with each is said there.
BREAK, LETTER, DIGIT, IGNORED, SOFT, HARD, STOP, DOT, RUNNING, HAN_DIGIT, SYMBOL, COLON = range(12)

_HAN_DIGITS: dict[str, int] = dict(
    zip(
        "〇零一二三四五六七八九壹贰叁肆伍陆柒捌玖幺",
        [0, 0, *range(1, 10), *range(1, 10), 1],
        strict=True,
    )
)
_IGNORED = (
    "\u00ad\u034f\u061c\u0640\u180e\u200b\u200c\u200d\u200e\u200f\u2060\u2061\u2062\u2063\u2064"
    "\u2066\u2067\u2068\u2069\u202a\u202b\u202c\u202d\u202e\ufeff\u20e3"
)
_SOFT = " \t\u00a0()[]{}/\\_*|~·•'’‘`´^"
_HARD = ",;،؛、，；"
_STOP = "!?\n\r\v\f\u0085\u2028\u2029。！？؟।…"
_SYMBOLS = "@＠+＋#№"
#: Scripts that write words without spaces: words are looked for at every character.
_RUNNING = (
    *((0x0E00, 0x0EFF), (0x1000, 0x109F), (0x1780, 0x17FF), (0x2E80, 0x2FDF), (0x3040, 0x318F)),
    *((0x31A0, 0x9FFF), (0xA960, 0xA97F), (0xAC00, 0xD7FF), (0xF900, 0xFAFF), (0xFF66, 0xFFDC)),
)
#: Ranges that are looked at one by one; what lies between is bulk-assigned, unassigned, private or
#: ancient.
_LOOKED_AT = (
    (0, 0x3400),
    (0xA000, 0xAC00),
    (0xF900, 0x10000),
    (0x1D400, 0x1D800),
    (0x1F000, 0x1FC00),
)
_STYLED = (0x1D400, 0x1D7FF)  # mathematical letters and digits
_PHONE_EMOJI = "☎☏✆📞📱📲🕿🕾❤"

_MEMBERS = (
    *((HAN_DIGIT, _HAN_DIGITS), (SYMBOL, _SYMBOLS), (SYMBOL, _PHONE_EMOJI), (IGNORED, _IGNORED)),
    *((SOFT, _SOFT), (HARD, _HARD), (STOP, _STOP), (DOT, ".．｡"), (COLON, ":：")),
)


def digit_value(char: str) -> int | None:
    """Return the digit that `char` writes in any script or style, or None."""
    if char in _HAN_DIGITS:
        return _HAN_DIGITS[char]
    return cast("int | None", unicodedata.digit(char, None))


def _class(char: str) -> int:
    category = unicodedata.category(char)
    code = ord(char)
    for klass, members in _MEMBERS:
        if char in members:
            return klass
    if unicodedata.digit(char, None) is not None:
        return DIGIT
    if category in {"Mn", "Me"}:
        return IGNORED
    if category[0] in "LM":
        return RUNNING if any(low <= code <= high for low, high in _RUNNING) else LETTER
    return {
        "Sc": SYMBOL,
        "So": SOFT,
        "Sk": SOFT,
        "Pd": SOFT,
        "Zs": SOFT,
        "Ps": SOFT,
        "Pe": SOFT,
    }.get(category, BREAK)


def _base(char: str) -> str:
    """Return `char` without case, accent, width or style, if that is still one character."""
    if char.isascii():
        return char.lower()
    folded = "".join(
        c for c in unicodedata.normalize("NFKD", char).casefold() if unicodedata.category(c) != "Mn"
    )
    return folded if len(folded) == 1 else char.lower() if len(char.lower()) == 1 else char


@cache
def _tables() -> tuple[NDArray[np.uint8], NDArray[np.uint32]]:
    classes = np.zeros(LIMIT, np.uint8)
    folds = np.arange(LIMIT, dtype=np.uint32)
    # Han and Hangul have neither case nor accent; a loop over them would only cost time.
    classes[0x3400:0xA000] = classes[0xAC00:0xD7A4] = RUNNING
    for char in _HAN_DIGITS:
        classes[ord(char)] = HAN_DIGIT
    for low, high in _LOOKED_AT:
        for code in range(low, high):
            char = chr(code)
            if unicodedata.category(char) != "Cn":
                classes[code] = _class(char)
                folds[code] = ord(_base(char))
    return classes, folds


def classes() -> NDArray[np.uint8]:
    """Return the class of every code point below `LIMIT`."""
    return _tables()[0]


def folds() -> NDArray[np.uint32]:
    """Return the folded code point of every code point below `LIMIT`."""
    return _tables()[1]


@cache
def _folding() -> tuple[re.Pattern[str], dict[int, str], frozenset[str]]:
    """Return what finds a character that `plain` rewrites, what to, and which of them it drops."""
    klass = classes()
    table: dict[int, str] = {}
    for code in np.flatnonzero(klass == DIGIT).tolist():
        if 127 < code < 0x10000:
            table[code] = str(digit_value(chr(code)))
    for code in np.flatnonzero(klass == IGNORED).tolist():
        # Accents in decomposed text belong to their letter; only what is invisible goes.
        if unicodedata.category(chr(code)) not in {"Mn", "Mc"} or 0xFE00 <= code <= 0xFE0F:
            table[code] = ""
    for low, high in ((0xFF01, 0xFF5E), _STYLED):
        for code in range(low, high + 1):
            rewritten = unicodedata.normalize("NFKC", chr(code))
            if rewritten != chr(code) and rewritten.isascii():
                table[code] = rewritten
    table |= {0x066B: ".", 0x066C: ",", 0x3000: " "}
    dropped = frozenset(chr(code) for code, new in table.items() if not new)
    # One range beyond the basic plane: a class with many of them is searched one by one.
    basic = "".join(re.escape(chr(code)) for code in sorted(table) if code < 0x10000)
    return re.compile(f"[{basic}{chr(_STYLED[0])}-{chr(_STYLED[1])}]"), table, dropped


def plain(text: str) -> tuple[str, list[int] | None]:
    """Rewrite digits, full-width and styled letters to ASCII and drop what is invisible.

    Returns the rewritten text and, if it is shorter, for each of its characters (and for its end)
    the index in `text`. Nothing is rewritten to more than one character.
    """
    if text.isascii():
        return text, None
    found, table, dropped = _folding()
    if not found.search(text):
        return text, None
    rewritten = text.translate(table)
    if len(rewritten) == len(text):
        return rewritten, None
    places = [place for place, char in enumerate(text) if char not in dropped]
    places.append(len(text))
    return rewritten, places


_HAN = {ord(char): str(value) for char, value in _HAN_DIGITS.items()}


def han_figures(text: str) -> str:
    """Rewrite Chinese digits, one for one: only where a number is meant, for 一 is also a word."""
    return text.translate(_HAN)


@lru_cache(maxsize=1 << 16)
def fold_word(word: str) -> str:
    """Fold a word as the lexer does, so that tables and texts meet.

    >>> fold_word("Téléphone")
    'telephone'
    """
    klass, fold = _tables()
    codes = [ord(char) for char in word]
    return "".join(
        chr(int(fold[code])) if code < LIMIT else chr(code)
        for code in codes
        if code >= LIMIT or klass[code] != IGNORED
    )
