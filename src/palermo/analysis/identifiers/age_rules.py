"""Whether a number between two stretches of text is a person's age: the word lists as expressions.

Units like "岁" or "years old" count only people's years. Units like "ans", "лет" or "años" count
years of anything, so experience, contracts and the like beside them rule the number out. A single
bound ("over 18", "18岁以上") is a condition, not a stated age.
"""

import re
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import NamedTuple

from palermo.analysis.identifiers.characters import folds
from palermo.analysis.identifiers.mention import HIGH, MEDIUM
from palermo.analysis.identifiers.tables import load, words
from palermo.analysis.identifiers.vocabulary import languages_of

_JOIN = (
    r"(?:[-–—~〜/&,，、至到和]|to|and|or|et|a|ou|y|e|o|до|и|или|und|bis|oder|hasta|do|إلى|الى|و)"
)
_LOWER_BOUND = re.compile(rf"(?<![\d.,/])(?P<low>\d{{1,2}})\s*{_JOIN}\s*$")
_UPPER_BOUND = re.compile(
    rf"\s*{_JOIN}\s*(?P<high>\d{{1,2}})(?!\d|[.,%:/]\d|\s*(?:[€$£%:]|h\b|eur|usd|am\b|pm\b))"
)
_YOUNGEST_ALONE = 13  # below this, an unexplained "3 ans" is rather a term than an age
_OPENING = re.compile(
    r"\s*(?:$|[.,;!?)\n]|(?:and|from|with|female|male|single|but|years?[\s-]old|y/?o)\b)"
)
_MORE = re.compile(
    r"\s*(?:\+|以上|以下|이상|이하|未満|(?:and|or) (?:over|older|above|up|more)"
    r"|(?:et|ou) plus|[oy] mas|und alter|и старше|فما فوق|فأكثر)"
)
_FILLER = r"[\s:：=.,(\-–—]*(?:de|di|is|es|est|of|هو|group|range)?[\s:：=.,(\-–—]*"


def _flat(phrase: str) -> str:
    """Fold a phrase as texts are folded here, character by character."""
    return " ".join(re.split(r"[\s'’-]+", phrase.translate(_folding())))


def _any_of(phrases: list[str]) -> str:
    """Return an expression for any of the phrases, folded; without phrases, for nothing."""
    flat = sorted({_flat(phrase) for phrase in phrases}, key=lambda phrase: (-len(phrase), phrase))
    joined = "|".join(r"[\s/.-]+".join(map(re.escape, phrase.split())) for phrase in flat)
    return f"(?:{joined})" if flat else "(?!)"


@dataclass(frozen=True, slots=True)
class _Rules:
    """Expressions from the lists of some languages; those for the text before end at the number."""

    label: re.Pattern[str]
    being: re.Pattern[str]
    unit: re.Pattern[str]
    person: re.Pattern[str]
    not_before: re.Pattern[str]
    not_after: re.Pattern[str]
    bounds: re.Pattern[str]


@cache
def _rules(languages: tuple[str, ...]) -> _Rules:
    """Return the rules of `languages`, or of all if there are none."""
    entries = [
        entry for code, entry in languages_of("ages").items() if code in languages or not languages
    ]

    def listed(key: str) -> str:
        return _any_of(
            [word for entry in entries for word in words("ages", key, entry.get(key, []))]
        )

    near = (
        r"(?<![^\W\u3040-\u9fff\uac00-\ud7a3])"  # no letter before, except in script without spaces
    )
    return _Rules(
        label=re.compile(rf"{near}{listed('label')}{_FILLER}$"),
        being=re.compile(rf"{near}{listed('being')}\s*$"),
        unit=re.compile(rf"[\s-]*{listed('unit')}(?![a-zа-я])"),
        person=re.compile(rf"{near}{listed('person')}[\s:،,]*$"),
        not_before=re.compile(rf"{near}{listed('not_before')}(?:\s+\w+)?[\s:]*$"),
        not_after=re.compile(rf"[\s'’-]{{0,3}}(?:\w+\s+)?{listed('not_after')}(?!\w)"),
        bounds=re.compile(rf"{near}{listed('bounds')}\s*(?:the age of|of|de|d)?\s*$"),
    )


@cache
def _things() -> re.Pattern[str]:
    things = _any_of(words("ages", "things", load("ages").get("things")))
    return re.compile(rf"{things}(?:\s+\w+){{0,2}}\s*$")


@cache
def _weak() -> tuple[re.Pattern[str], dict[str, tuple[str, ...]]]:
    """Return the expression for units of years of anything, and their languages."""
    told: dict[str, list[str]] = {}
    for language, entry in languages_of("ages").items():
        for word in words("ages", language, entry.get("weak", [])):
            told.setdefault(_flat(word), []).append(language)
    pattern = re.compile(rf"[\s-]*({_any_of(list(told))})(?!\w)")
    return pattern, {word: tuple(languages) for word, languages in told.items()}


@cache
def _folding() -> dict[int, str]:
    table = {code: chr(int(folds()[code])) for code in range(0x3000) if int(folds()[code]) != code}
    return table | {ord(sign): " " for sign in "'’\u00a0\u202f\n\t"}


class Verdict(NamedTuple):
    """Why a number is an age.

    `low` and `high` are the places of the other bound, or -1: characters of the text before, and of
    the text after.
    """

    confidence: str
    reason: str
    low: int = -1
    high: int = -1


def _strong(left: str, right: str, opening: str, low: int) -> Verdict | None:
    every = _rules(())
    label = every.label.search(opening)
    if label:
        upper = _UPPER_BOUND.match(right) if low < 0 else None
        if _things().search(opening[: label.start()]) or (not upper and _MORE.match(right)):
            return None
        return Verdict(
            HIGH, "number after a word for age", low, upper.start("high") if upper else -1
        )
    unit = every.unit.match(right)
    if unit:
        single = low < 0 and (every.bounds.search(left) or _MORE.match(right, unit.end()))
        owner = re.sub(r"\s(?:is|are|turns|has been)\s*$", " ", opening)
        if single or _things().search(owner):
            return None
        return Verdict(HIGH, "number with a unit of age", low)
    if low < 0 and every.being.search(left) and _OPENING.match(right):
        return Verdict(MEDIUM, "number after a word like “I am”")
    return None


@lru_cache(maxsize=1 << 16)
def judge(before: str, after: str, number: int) -> Verdict | None:
    """Judge `number` between two stretches of (plain) text; None if it is not a stated age."""
    left, right = before.translate(_folding()), after.translate(_folding())
    lower = _LOWER_BOUND.search(left)
    opening, low = (left[: lower.start()], lower.start("low")) if lower else (left, -1)
    strong = _strong(left, right, opening, low)
    pattern, languages = _weak()
    unit = pattern.match(right)
    if strong is not None or not unit:
        return strong
    rules = _rules(languages[_flat(unit.group(1))])
    closing = right[unit.end() :]
    if rules.not_after.match(closing):
        return None
    if rules.person.search(opening):
        return Verdict(HIGH, f"a person's years: {unit.group(1)}", low)
    youngest = min(number, int(lower["low"])) if lower else number
    condition = low < 0 and rules.bounds.search(left)
    if condition or youngest < _YOUNGEST_ALONE or _counts_something(rules, opening, closing, low):
        return None
    return Verdict(MEDIUM, f"years, and nothing but a person to count them: {unit.group(1)}", low)


def _counts_something(rules: _Rules, opening: str, closing: str, low: int) -> bool:
    """Tell whether the words around years of anything name something else than a person."""
    if _things().search(opening) or _MORE.match(closing):
        return True
    excluded = rules.not_before.search(opening)
    return bool(excluded) and not (low >= 0 and rules.bounds.search(opening))
