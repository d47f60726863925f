"""Names as tokens that can be compared across scripts, spellings and orders.

Guarantees that one name gives the same tokens everywhere: Latin letters (each script by one
published table, anyascii), lower case, no marks. A token also has a skeleton, its consonants folded
to classes of one sound, so that spellings of one name by ear fall together.
"""

import re
from collections.abc import Mapping
from functools import cache, lru_cache
from importlib.resources import files
from typing import Any

import yaml
from anyascii import anyascii

from palermo.model import Unreadable

MAX_TOKENS = 12
MAX_LETTERS = 30
_APART = re.compile(r"[^0-9a-z]+")
_JOINED = re.compile(r"['’ʼ`´.]")
_ARTICLE = re.compile(r"(?<!\w)ال(?=\w{2})")
_HAN = re.compile(r"[\u3400-\u4dbf\u4e00-\u9fff\U00020000-\U0002fa1f]+")

#: Spellings of one sound, longest first; what is left after them is folded letter by letter.
_SOUNDS = (
    ("shch", "s"),
    ("sch", "s"),
    ("tch", "s"),
    ("tsch", "s"),
    ("dzh", "k"),
    ("sh", "s"),
    ("ch", "s"),
    ("zh", "s"),
    ("ph", "f"),
    ("kh", "h"),
    ("gh", "k"),
    ("ck", "k"),
    ("ks", "x"),
    ("ts", "s"),
    ("tz", "s"),
    ("th", "t"),
    ("dh", "t"),
    ("wh", "v"),
    ("cz", "s"),
    ("sz", "s"),
    ("rz", "s"),
    ("dj", "k"),
)
_LETTERS = str.maketrans("bcdgjkqvwzp", "bktkkkkffsb")
_VOWELS = frozenset("aeiouy")


def tokens(name: str) -> tuple[str, ...]:
    """Return the tokens of a name, in its own order, at most MAX_TOKENS.

    >>> tokens("Владимир Петров"), tokens("O'Neil-Smith, J."), tokens("王小明")
    (('vladimir', 'petrov'), ('oneil', 'smith', 'j'), ('wang', 'xiaoming'))
    """
    if not name.isascii():
        name = anyascii(_ARTICLE.sub("al ", _HAN.sub(_han, name)))
    apart = _APART.sub(" ", _JOINED.sub("", name).lower()).split()
    return tuple(token[:MAX_LETTERS] for token in apart[:MAX_TOKENS])


def _han(found: re.Match[str]) -> str:
    """Put a blank behind the family name; one written sign is one syllable."""
    signs = found[0]
    return f" {signs[0]} {signs[1:]} "


@lru_cache(maxsize=1 << 18)
def skeleton(token: str) -> str:
    """Return the consonants of a token in classes of one sound; a vowel counts at the start only.

    >>> skeleton("muhammad"), skeleton("mohamed"), skeleton("mhmd")
    ('mhmt', 'mhmt', 'mhmt')
    >>> skeleton("alexander") == skeleton("aleksandr"), skeleton("yevgeny") == skeleton("evgenii")
    (True, True)
    """
    if token.isdigit():
        return token
    text = token
    if text[:1] in "jyi" and text[1:2] in _VOWELS:
        text = text[1:]
    for spelled, sound in _SOUNDS:
        text = text.replace(spelled, sound)
    text = text.replace("x", "ks").translate(_LETTERS)
    kept: list[str] = []
    for at, char in enumerate(text):
        if char in _VOWELS:
            if at == 0:
                kept.append("a")
            continue
        if not kept or kept[-1] != char:
            kept.append(char)
    return "".join(kept) or token[:1]


@cache
def weak_words() -> Mapping[str, frozenset[str]]:
    """Return the words that tell nobody apart, by kind of name."""
    file = files("palermo.analysis.money.screening").joinpath("words.yaml")
    raw: Any = yaml.safe_load(file.read_text("utf-8"))
    found = {}
    for kind in ("organisation", "person"):
        listed = raw.get(kind)
        if not isinstance(listed, list) or not all(isinstance(one, str) for one in listed):
            raise Unreadable(
                f"words.yaml, {kind}: expected words; quote those that YAML reads anew"
            )
        found[kind] = frozenset(listed)
    return found
