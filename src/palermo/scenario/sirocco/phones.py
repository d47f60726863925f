"""Telephone numbers set aside for fiction, and the ways people write and hide them.

Every number comes from `numbers.yaml`, so nobody can be reached; every way of writing can be read
back to the same number by a careful reader.
"""

from bisect import bisect_right
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import accumulate
from typing import Any, overload

from palermo.scenario.sirocco import chance
from palermo.scenario.sirocco.data import load

Draw = Callable[[], int]


@dataclass(frozen=True, slots=True)
class Phone:
    """One number: country code, national part and how it is grouped abroad and at home."""

    cc: str
    national: str
    groups: tuple[int, ...]
    trunk: str = ""
    home: tuple[int, ...] = ()

    @property
    def e164(self) -> str:
        """The number as the truth states it."""
        return f"+{self.cc}{self.national}"


@dataclass(frozen=True, slots=True)
class Block:
    """Consecutive numbers: `prefix` followed by each number of `digits` figures from `first`."""

    cc: str
    prefix: str
    digits: int
    first: int
    count: int
    groups: tuple[int, ...]
    trunk: str = ""
    home: tuple[int, ...] = ()

    def phone(self, at: int) -> Phone:
        """The number at place `at`."""
        national = f"{self.prefix}{self.first + at:0{self.digits}d}"
        return Phone(self.cc, national, self.groups, self.trunk, self.home)


class Pool(Sequence[Phone]):
    """Distinct numbers of several blocks in an order of its own, made when asked for."""

    def __init__(self, blocks: list[Block], seed: int, name: str) -> None:
        self._blocks = blocks
        self._ends = list(accumulate(block.count for block in blocks))
        self._order = chance.order(seed, f"phones {name}", self._ends[-1])

    def __len__(self) -> int:
        return self._ends[-1]

    @overload
    def __getitem__(self, at: int) -> Phone: ...
    @overload
    def __getitem__(self, at: slice) -> list[Phone]: ...
    def __getitem__(self, at: int | slice) -> Phone | list[Phone]:
        if isinstance(at, slice):
            return [self[i] for i in range(*at.indices(len(self)))]
        number = int(self._order[at])
        block = bisect_right(self._ends, number)
        return self._blocks[block].phone(number - (self._ends[block - 1] if block else 0))


def _block(entry: dict[str, Any], *, part: int = 0, parts: int = 1) -> Block:
    """A block of the data file, or part `part` of `parts` equal ones."""
    count = int(10 ** entry["digits"]) // parts
    return Block(
        entry["cc"],
        entry["prefix"],
        entry["digits"],
        part * count,
        count,
        tuple(entry["groups"]),
        entry.get("trunk", ""),
        tuple(entry.get("home", ())),
    )


def pools(seed: int) -> dict[str, Pool]:
    """Distinct numbers, ordered by the seed: `en` and `fr` for home forms, `any` for the rest."""
    data = load("numbers.yaml")
    by_cc: dict[str, list[dict[str, Any]]] = {"44": [], "33": [], "61": []}
    for entry in data["blocks"]:
        by_cc[entry["cc"]].append(entry)
    america = [
        Block("1", f"{area}555", 4, 100, 100, (3, 3, 4), home=(3, 3, 4))
        for area in data["nanp_areas"]
    ]
    parts = {
        "en": [_block(entry) for entry in by_cc["44"]] + america,
        "fr": [_block(entry, part=0, parts=2) for entry in by_cc["33"]],
        "any": [_block(entry) for entry in by_cc["61"]]
        + [_block(entry, part=1, parts=2) for entry in by_cc["33"]],
    }
    return {name: Pool(part, seed, name) for name, part in parts.items()}


def _grouped(digits: str, groups: tuple[int, ...], separator: str) -> str:
    pieces, at = [], 0
    for size in groups:
        pieces.append(digits[at : at + size])
        at += size
    return separator.join(pieces)


def _abroad(separator: str, lead: str = "+") -> Callable[[Phone, Draw], str]:
    def write(phone: Phone, _: Draw) -> str:
        national = _grouped(phone.national, phone.groups, separator)
        return f"{lead}{phone.cc}{separator}{national}"

    return write


def _bracketed(phone: Phone, _: Draw) -> str:
    first = phone.groups[0]
    rest = _grouped(phone.national[first:], phone.groups[1:], " ")
    return f"+{phone.cc} ({phone.national[:first]}) {rest}"


def _kept_zero(phone: Phone, draw: Draw) -> str:
    if not phone.trunk:
        return _bracketed(phone, draw)
    return f"+{phone.cc} (0){_grouped(phone.national, phone.groups, ' ')}"


def _at_home(phone: Phone, draw: Draw) -> str:
    if phone.cc == "1":
        area, rest = phone.national[:3], _grouped(phone.national[3:], (3, 4), "-")
        return f"({area}) {rest}" if draw() % 2 else f"{area}-{rest}"
    separators = (" ", ".", "-", "") if phone.cc == "33" else (" ",)
    separator = separators[draw() % len(separators)]
    return _grouped(phone.trunk + phone.national, phone.home, separator)


def _apart(phone: Phone, draw: Draw) -> str:
    separator = (" ", ".", "-", " . ")[draw() % 4]
    return "+" + separator.join(phone.cc + phone.national)


def _translated(table: dict[int, str]) -> Callable[[Phone, Draw], str]:
    plain = _abroad(" ")

    def write(phone: Phone, draw: Draw) -> str:
        return plain(phone, draw).translate(table)

    return write


_KEYCAPS = {ord(d): f"{d}\ufe0f\u20e3" for d in "0123456789"}
_WIDE = {ord(d): chr(0xFF10 + int(d)) for d in "0123456789"}
_EASTERN = {ord(d): chr(0x660 + int(d)) for d in "0123456789"}


def _letters(phone: Phone, draw: Draw) -> str:
    zero, one = ("O", "o")[draw() % 2], ("l", "I")[draw() % 2]
    national = _grouped(phone.national, phone.groups, " ")
    hidden = national.replace("0", zero)
    if sum(c.isdigit() for c in hidden) >= 7:
        hidden = hidden.replace("1", one)
    return f"+{phone.cc} {hidden}"


def _unseen(phone: Phone, draw: Draw) -> str:
    plain = _abroad(" ")(phone, draw)
    at = 4 + draw() % (len(plain) - 5)
    return f"{plain[:at]}\u200b{plain[at:]}"


_WORDS = {
    "en": ["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"],
    "fr": ["zéro", "un", "deux", "trois", "quatre", "cinq", "six", "sept", "huit", "neuf"],
    "es": ["cero", "uno", "dos", "tres", "cuatro", "cinco", "seis", "siete", "ocho", "nueve"],
}
_PLUS = {"en": "plus", "fr": "plus", "es": "más"}
_FRENCH_TENS = ("", "", "vingt", "trente", "quarante", "cinquante", "soixante")
_FRENCH_TEENS = [
    "dix",
    "onze",
    "douze",
    "treize",
    "quatorze",
    "quinze",
    "seize",
    "dix-sept",
    "dix-huit",
    "dix-neuf",
]
_FRENCH_UNITS = [*_WORDS["fr"], *_FRENCH_TEENS]


def french_pair(pair: str) -> str:
    """Two figures the way French people say them in a telephone number.

    >>> [french_pair(p) for p in ("06", "71", "80", "98")]
    ['zéro six', 'soixante et onze', 'quatre-vingts', 'quatre-vingt-dix-huit']
    """
    number = int(pair)
    if pair[0] == "0":
        return f"zéro {_FRENCH_UNITS[number]}"
    if number < 20:
        return _FRENCH_UNITS[number]
    if number < 80:
        tens, unit = divmod(number, 10) if number < 70 else (6, number - 60)
        link = " et " if unit in {1, 11} else "-"
        return _FRENCH_TENS[tens] + (link + _FRENCH_UNITS[unit] if unit else "")
    return "quatre-vingt" + ("-" + _FRENCH_UNITS[number - 80] if number > 80 else "s")


def _spoken(language: str) -> Callable[[Phone, Draw], str]:
    words = _WORDS[language]

    def write(phone: Phone, draw: Draw) -> str:
        style = draw() % 3
        if language == "fr" and phone.cc == "33" and style:
            digits = phone.trunk + phone.national
            pairs = [digits[i : i + 2] for i in range(0, 10, 2)]
            # "soixante" before "douze" could be heard as 72, "quatre" before "vingt" as 80.
            joint = ", " if {"20", "60", "80"} & set(pairs) else " "
            return joint.join(french_pair(pair) for pair in pairs)
        if style == 1:  # figures and words in turn
            mixed = [words[int(d)] if i % 2 else d for i, d in enumerate(phone.national)]
            return f"+{phone.cc} " + " ".join(mixed)
        spoken = " ".join(words[int(d)] for d in phone.cc + phone.national)
        return f"{_PLUS[language]} {spoken}"

    return write


#: Ways of writing with nothing hidden, in international form.
OPEN = ("spaced", "tight", "zeros", "dashed", "dotted", "bracketed", "kept_zero")
#: Ways of hiding that every language knows.
HIDDEN = ("apart", "keycaps", "wide", "letters", "unseen")
#: Ways that one language adds.
LOCAL = {
    "en": ("spoken_en",),
    "fr": ("spoken_fr",),
    "es": ("spoken_es",),
    "ar": ("eastern",),
}
_WRITERS: dict[str, Callable[[Phone, Draw], str]] = {
    "spaced": _abroad(" "),
    "tight": _abroad(""),
    "zeros": _abroad(" ", "00"),
    "dashed": _abroad("-"),
    "dotted": _abroad("."),
    "bracketed": _bracketed,
    "kept_zero": _kept_zero,
    "home": _at_home,
    "apart": _apart,
    "keycaps": _translated(_KEYCAPS),
    "wide": _translated(_WIDE),
    "eastern": _translated(_EASTERN),
    "letters": _letters,
    "unseen": _unseen,
    **{f"spoken_{language}": _spoken(language) for language in _WORDS},
}


def at_home(phone: Phone, language: str) -> bool:
    """Whether readers of `language` take the home form of `phone` for what it is."""
    if language == "fr":
        return phone.cc == "33"
    return language == "en" and (phone.cc == "1" or phone.national.startswith(("7700", "2079")))


def write_phone(phone: Phone, style: str, draw: Draw) -> str:
    """`phone` in a style named in `OPEN`, `HIDDEN`, `LOCAL`, or `home`."""
    return _WRITERS[style](phone, draw)
