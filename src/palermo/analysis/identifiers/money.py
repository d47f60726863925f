"""What an amount and the name of a currency mean.

One separator before exactly three figures is for thousands ("1.200", "1,200", "1 200" are 1200),
before one or two it is for decimals; of two different separators the last is for decimals; Indian
grouping ("2,00,000") is known. "$" and other shared names mean what `currencies.yaml` says for the
caller's regions, or for the language's first region, and their default otherwise.
"""

import re
from dataclasses import dataclass
from decimal import Decimal
from functools import cache, lru_cache

from palermo.analysis.identifiers.characters import fold_word, han_figures, plain
from palermo.analysis.identifiers.hints import Hints
from palermo.analysis.identifiers.tables import load, numbers, words

_WHOLE = re.compile(r"\d{1,12}")
_GROUPED = re.compile(r"(\d{1,3}(?:([., ])\d{3})(?:\2\d{3})*)(?:(?!\2)[.,](\d{1,2}))?")
_INDIAN = re.compile(r"(\d{1,2}(?:,\d\d)+,\d{3})(?:\.(\d{1,2}))?")
_DECIMAL = re.compile(r"(\d{1,12})[.,](\d{1,2})|(0)[.,](\d{1,6})")
_SPACES = str.maketrans("\u00a0\u2009\u202f\u2007'’‘`٬٫", " " * 8 + ",.")


@lru_cache(maxsize=1 << 16)
def amount(literal: bytes) -> Decimal | None:
    """Return what a written amount (UTF-8) means, or None if it is not grouped as amounts are.

    >>> amount(b"1.200,50"), amount(b"2,00,000"), amount(b"9.9")
    (Decimal('1200.50'), Decimal('200000'), Decimal('9.9'))
    """
    text = literal.decode("utf-8", "replace")
    if not text.isascii():
        text = han_figures(plain(text)[0])
    text = text.translate(_SPACES)
    if _WHOLE.fullmatch(text):
        return Decimal(text)
    if (told := _DECIMAL.fullmatch(text)) is not None:
        return Decimal(f"{told[1] or told[3]}.{told[2] or told[4]}")
    if (told := _GROUPED.fullmatch(text)) is not None and text[0] != "0":
        return Decimal(re.sub(r"\D", "", told[1]) + (f".{told[3]}" if told[3] else ""))
    if (told := _INDIAN.fullmatch(text)) is not None:
        return Decimal(told[1].replace(",", "") + (f".{told[2]}" if told[2] else ""))
    return None


@lru_cache(maxsize=1 << 14)
def written(value: Decimal) -> str:
    """Write an amount without thousands separators and trailing zeros."""
    text = format(value, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


@dataclass(frozen=True, slots=True)
class Names:
    """Folded names of currencies and what goes with them.

    `certain` names mean one thing; `after` are believed only behind 100 or more; `shared` depend on
    the region, with `default`; `pairs` are two-word names by their first word; `prefixes` stand
    before "$"; `codes` count only in capitals; `signs` are signs, which may stand on either side.
    """

    certain: dict[str, str]
    after: dict[str, str]
    shared: dict[str, dict[str, str]]
    default: dict[str, str]
    pairs: dict[str, tuple[tuple[str, str], ...]]
    prefixes: dict[str, str]
    multipliers: dict[str, int]
    codes: frozenset[str]
    signs: frozenset[str]


@cache
def names() -> Names:
    """Return the names of currencies, read once."""
    table = load("currencies")
    certain: dict[str, str] = {}
    after: dict[str, str] = {}
    signs = {"$", "¥", "￥", "＄"}
    for code, listed in table["currencies"].items():
        for key, into in (("symbols", certain), ("words", certain), ("after", after)):
            into.update(
                (fold_word(word), code) for word in words("currencies", code, listed.get(key, []))
            )
        signs.update(listed.get("symbols", []))
    pairs: dict[str, list[tuple[str, str]]] = {}
    for pair in table["pairs"]:
        first, second = (fold_word(word) for word in words("currencies", "pairs", pair["words"]))
        pairs.setdefault(first, []).append((second, pair["code"]))
    multipliers = numbers("currencies", "multipliers", table["multipliers"])
    shared = {fold_word(word): entry for word, entry in table["ambiguous"].items()}
    return Names(
        certain=certain,
        after=after,
        shared={word: entry.get("regions", {}) for word, entry in shared.items()},
        default={word: entry["default"] for word, entry in shared.items() if "default" in entry},
        pairs={word: tuple(seconds) for word, seconds in pairs.items()},
        prefixes=dict(table["dollar_prefixes"]),
        multipliers={fold_word(word): times for word, times in multipliers.items()},
        codes=frozenset(code.lower() for code in table["currencies"])
        - set(table["lower_case_codes"]),
        signs=frozenset(fold_word(sign) for sign in signs),
    )


@lru_cache(maxsize=1 << 14)
def meaning(word: str, hints: Hints) -> str | None:
    """Return the ISO 4217 code that a folded name stands for here, or None."""
    known = names()
    if word in known.certain:
        return known.certain[word]
    if word in known.after:
        return known.after[word]
    regions = hints.regions if hints.given else hints.regions[:1]
    shared = known.shared.get(word, {})
    return next((shared[region] for region in regions if region in shared), known.default.get(word))
