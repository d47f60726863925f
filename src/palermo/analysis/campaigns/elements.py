"""A text is cut into elements and the gaps between them, losing no character.

An element is what a template can hold constant or leave open: a word, a number, a price, a
telephone number, an address, a character of a script without spaces. Two elements are the same
when their folded forms are equal. A gap is what stands before an element: spaces, punctuation.
"""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from palermo.analysis.campaigns.alphabet import fold

_URL_REST = r"[^\s<>\"]*[^\s<>\".,;:!?)\]]"
_HOST = (
    r"(?:[a-z0-9-]{1,63}\.){1,8}(?:com|net|org|info|biz|co|io|me|ru|cn|uk|de|fr|es|eu|app|site|online|xyz|top"
    r"|link|ly|example|test|invalid)\b"
)
_AMOUNT = r"\d{1,15}(?:[.,'’\u00a0 ]\d{3}){0,5}(?:[.,]\d{1,2})?"
_SYMBOLS = "[$£€¥₹₽₴฿₩₪₺]"
_CURRENCIES = "usd|eur|gbp|aed|rub|руб|грн|dhs?|元|欧元|美元|دولار|درهم|يورو|บาท"

#: Kinds of elements in the order in which they are tried, with the pattern of each. Repetitions
#: are bounded, so that no text, however made, takes more than time linear in its length.
_PATTERNS = (
    ("email", r"(?<![\w.+-])[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,8}"),
    (
        "url",
        rf"(?i:(?:https?://|www\.){_URL_REST}|(?<![\w@.-]){_HOST}(?:/{_URL_REST})?)",
    ),
    ("handle", r"(?<!\w)@\w{3,}"),
    ("price", rf"{_SYMBOLS}\s?{_AMOUNT}(?!\d)|{_AMOUNT}\s?(?:{_SYMBOLS}|(?i:{_CURRENCIES})(?!\w))"),
    ("phone", r"\+?\(?\d(?:[\s().\-\u2010-\u2015]{0,2}\d){6,14}(?!\d)"),
    ("number", r"\d+(?:[.,:/]\d+)*"),
    (
        "character",
        r"[\u0e00-\u109f\u1780-\u17ff\u3041-\u30ff\u3400-\u9fff\uf900-\ufaff]",
    ),
    ("word", r"[^\W_](?:[\u00ad\u200b-\u200f\u2060\ufeff'’]*[\w\u0300-\u036f])*"),
)
#: Tried first, for speed: words that can be nothing else, and the spaces between.
_PLAIN = r"[a-zA-Z\u00c0-\u024f\u0370-\u052f\u0621-\u064a]+(?=[\s,;!?]|\.?(?:\s|$))"
_ELEMENT = re.compile(
    rf"(?P<plain>{_PLAIN})|(?P<space>\s+)|"
    + "|".join(f"(?P<{kind}>{pattern})" for kind, pattern in _PATTERNS)
)

KINDS = tuple(kind for kind, _ in _PATTERNS)
_NUMBER_OF_KIND = {kind: number for number, kind in enumerate(KINDS)}
_NUMBER_OF_KIND["plain"] = _NUMBER_OF_KIND["word"]
#: Kinds a slot can be named after; anything else is free text.
_NAMED = ("email", "url", "handle", "price", "phone", "number")


@dataclass(frozen=True, slots=True)
class Elements:
    """The elements of one text: `gaps[i] + words[i]` in turn, then `tail`, give the text back.

    `keys[i]` is what element i is compared by, `kinds[i]` its place in `KINDS`.
    """

    gaps: tuple[str, ...]
    words: tuple[str, ...]
    keys: tuple[str, ...]
    kinds: tuple[int, ...]
    tail: str


def split(text: str) -> Elements:
    """Cut `text` into elements.

    >>> split("Call +1 202 555 0143, now!").words
    ('Call', '+1 202 555 0143', 'now')
    """
    found = [match for match in _ELEMENT.finditer(text) if match.lastgroup != "space"]
    words = tuple([match.group() for match in found])
    ends = [0, *[match.end() for match in found]]
    return Elements(
        gaps=tuple([text[end : match.start()] for end, match in zip(ends, found, strict=False)]),
        words=words,
        keys=tuple(map(_folded, words)),
        kinds=tuple([_NUMBER_OF_KIND[match.lastgroup or "word"] for match in found]),
        tail=text[ends[-1] :],
    )


@lru_cache(maxsize=1 << 16)
def _folded(word: str) -> str:
    return fold(word) or word


def kind_of(fillers: Sequence[tuple[int, ...]]) -> str:
    """Return the type of a slot from the kinds of the elements that fill it, filler by filler.

    A type is named when more than half of the fillers are one element of that kind. An amount is
    often written without its currency, so numbers count as prices when some are.
    """
    seen = Counter(
        KINDS[kinds[0]] if len(set(kinds)) == 1 else "free" for kinds in fillers if kinds
    )
    if 4 * seen["price"] >= seen["number"]:
        seen["price"] += seen["number"] if seen["price"] else 0
    kind = max(_NAMED, key=lambda name: seen[name])
    return kind if 2 * seen[kind] > sum(1 for kinds in fillers if kinds) else "free"
