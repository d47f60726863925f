"""Which digits of a candidate are a telephone number, given what is said around it.

Pure text work on one candidate: a stretch of figures, number words and separators. Every answer is
kept, because the same candidate comes again and again.
"""

import re
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from typing import NamedTuple

from palermo.analysis.identifiers.characters import han_figures, plain
from palermo.analysis.identifiers.hints import Hints, language_regions
from palermo.analysis.identifiers.mention import MEDIUM
from palermo.analysis.identifiers.numbering import Number, international, national
from palermo.analysis.identifiers.spelled import readings, unmasked

_PART = re.compile(r"\d+(?:[oOlIiSBоОЗ]+\d*)*|[oOlIiSBоОЗ]+(?:\d+[oOlIiSBоОЗ]*)*")
_MARKED = re.compile(r"[^\d +]|24 7")  # without these there is no date, hour or bracket
_LETTER = re.compile(r"[^\W\d_]")
_KEPT_ZERO = re.compile(r"\(\s*0\s*\)")
_NOT_DIALLED = re.compile(
    r"(?<![\d./-])(?:"  # 12.05.2026
    r"(?:0?[1-9]|[12]\d|3[01])([./-])(?:0?[1-9]|1[0-2])\1(?:(?:19|20)\d\d|\d\d)(?![./-]?\d)"
    r"|(?:0?[1-9]|1[0-2])([./-])(?:0?[1-9]|[12]\d|3[01])\2(?:19|20)\d\d(?![./-]?\d)"  # 05/12/2026
    r"|(?:19|20)\d\d([./-])(?:0?[1-9]|1[0-2])\3(?:0?[1-9]|[12]\d|3[01])(?![./-]?\d)"  # 2026-05-12
    r"|(?:19|20)\d\d ?[-–—/] ?(?:19|20)\d\d(?!\d)"  # 2019-2024
    r"|24[/ ]7(?!\d)"
    r"|(?:25[0-5]|2[0-4]\d|1?\d?\d)(?:\.(?:25[0-5]|2[0-4]\d|1?\d?\d)){3}(?!\.?\d)"  # 192.168.0.1
    r"|(?:[01]\d|2[0-4])[0-5]\d ?[-–—] ?(?:[01]\d|2[0-4])[0-5]\d(?![.-]?\d)"  # 0800-1800
    r"|(?:[01]?\d|2[0-4])[.:h][0-5]\d ?[-–—] ?(?:[01]?\d|2[0-4])[.:h][0-5]\d(?!\d)"  # 8.00-15.00
    r")"
)
_NANP = re.compile(r"(?:1[ .-])?\(?[2-9]\d\d\)?[ .-]{1,2}[2-9]\d\d[ .-]\d{4}")
_COUNTED = "0123456789101112131415161718192021"  # somebody counts
_COMPACT_DATE = re.compile(r"(?:19|20)\d\d(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])")


class Cue(StrEnum):
    """What the nearest telling word says of a number."""

    NONE = "none"
    CONTACT = "contact"
    MESSENGER = "messenger"
    NUMBER = "number"  # only "number", which may be anyone's
    REFERENCE = "reference"


class Reading(NamedTuple):
    """A number found in a candidate: its place in characters, value, confidence and reason."""

    start: int
    end: int
    value: str
    confidence: str
    reason: str


@dataclass(frozen=True, slots=True, eq=False)
class Surroundings:
    """What stands around a candidate: a plus sign, and the word that tells what it is.

    Made by `surroundings` only, so that equal ones are one object, and quick to look up.
    """

    plus: bool
    cue: Cue
    word: str
    languages: tuple[str, ...]
    hints: Hints


surroundings = lru_cache(maxsize=1 << 16)(Surroundings)
_NO_PLUS = False


def _without_plus(around: Surroundings) -> Surroundings:
    return surroundings(_NO_PLUS, around.cue, around.word, around.languages, around.hints)


class _Part(NamedTuple):
    start: int
    end: int
    digits: str


def _regions(around: Surroundings) -> tuple[str, ...]:
    if around.hints.regions:
        return around.hints.regions
    return tuple(
        dict.fromkeys(r for language in around.languages for r in language_regions(language))
    )


def _reason(text: str, around: Surroundings) -> str:
    return (
        f"{text}, after “{around.word}”"
        if around.word and around.cue is not Cue.REFERENCE
        else text
    )


def _international(digits: str, around: Surroundings, *, whole: bool) -> Number | None:
    """Read digits after a plus sign, or that begin with 00."""
    if not around.plus:
        if not digits.startswith("00") or around.cue is Cue.REFERENCE:
            return None
        digits = digits[2:]
    number = international(digits)
    return number if number and (whole or number.valid) else None


def _national(
    digits: str, text: str, parts: int, around: Surroundings, *, whole: bool
) -> Number | None:
    """Read digits in national form, if what stands around and their shape allow it."""
    if around.cue is Cue.REFERENCE or around.plus or _COMPACT_DATE.fullmatch(digits):
        return None
    regions = _regions(around)
    american = bool(_NANP.fullmatch(text))
    if american and (not regions or "US" in regions or "CA" in regions):
        regions = ("US", *regions)
    told = national(digits, regions) if regions else None
    called = around.cue in (Cue.CONTACT, Cue.MESSENGER)
    if told is not None:
        grouped = parts >= 2 and 9 <= len(digits) <= 12 and told.trunk
        shaped = grouped or (american and told.valid)
        certain = told.valid or (told.trunk and told.mobile)
        called = called or (around.cue is Cue.NUMBER and (told.trunk or len(digits) >= 10))
        if certain and (called or shaped) and (whole or told.valid):
            why = "valid" if told.valid else "possible"
            return Number(
                told.value, MEDIUM, f"national form, {why} in {told.region}", valid=told.valid
            )
    if called and whole and digits[0] != "0" and len(digits) >= 11:
        number = international(digits)
        if number and (number.valid or around.cue is Cue.MESSENGER):
            return Number(number.value, MEDIUM, f"{number.reason}, without +", valid=number.valid)
    return None


def _parts(text: str) -> list[_Part]:
    """Return the stretches of figures, dates and years left out, letters read as figures."""
    if _MARKED.search(text):
        text = _NOT_DIALLED.sub(lambda m: " " * len(m.group()), text)
        text = _KEPT_ZERO.sub(lambda m: " " * len(m.group()), text)
    return [_Part(m.start(), m.end(), unmasked(m.group())) for m in _PART.finditer(text)]


def _is_figures(text: str) -> bool:
    """Tell whether enough of a candidate is really figures."""
    if not _LETTER.search(text):
        return True
    return 3 * sum(char.isdigit() for char in text) >= sum(char.isalnum() for char in text)


def _longest_first(parts: list[_Part], begin: int) -> list[int]:
    """Return the ends to try for a number that begins at part `begin`, by falling length."""
    total, ends = 0, []
    for end in range(begin, len(parts)):
        total += len(parts[end].digits)
        if total > 17:
            break
        if total >= 8:
            ends.append(end + 1)
    ends.reverse()
    return ends


def _best(
    text: str, parts: list[_Part], begin: int, around: Surroundings
) -> tuple[int, Number] | None:
    """Return the number that begins at part `begin`, and the part after it; valid goes first."""
    second = None
    # Without a word that says so, a number does not begin in the middle of other figures.
    fresh = begin == 0 or parts[begin].start - parts[begin - 1].end > 1
    if not fresh and around.cue not in {Cue.CONTACT, Cue.MESSENGER}:
        return None
    for end in _longest_first(parts, begin):
        chosen = parts[begin:end]
        whole = begin == 0 and end == len(parts)
        # What is cut off is best cut where a person would: before figures that start anew.
        clean = end == len(parts) or _starts_anew(parts[end - 1], parts[end])
        if second is not None and not clean:
            continue
        digits = "".join(part.digits for part in chosen)
        number = _international(digits, around, whole=whole or clean)
        if number is None:
            piece = text[chosen[0].start : chosen[-1].end]
            number = _national(digits, piece, len(chosen), around, whole=whole or clean)
        if number and number.valid:
            return end, number
        if number and second is None:
            second = (end, number)
    return second


def _starts_anew(last: _Part, following: _Part) -> bool:
    return following.start - last.end > 1 or following.digits[0] == "0"


def _figures(text: str, around: Surroundings) -> list[Reading]:
    parts = _parts(text)
    found: list[Reading] = []
    begin = 0
    while begin < len(parts):
        told = _best(text, parts, begin, around)
        if told is None:
            if around.plus:
                break
            begin += 1
            continue
        end, number = told
        start = parts[begin].start
        opened = text.rfind("(", 0, start)
        if (
            opened >= 0
            and not text[opened + 1 : start].strip()
            and ")" in text[start : parts[end - 1].end]
        ):
            start = opened
        found.append(
            Reading(
                start,
                parts[end - 1].end,
                number.value,
                number.confidence,
                _reason(number.reason, around),
            )
        )
        begin = end
        around = _without_plus(around)
    return found


def _spoken(text: str, around: Surroundings, language: str) -> list[Reading]:
    """Read a candidate with number words: one number, the first reading that the plan allows."""
    if not around.languages and not around.hints.regions:
        around = surroundings(around.plus, around.cue, around.word, (language,), around.hints)
    for digits in readings(text):
        if digits in _COUNTED:
            continue
        number = _international(digits, around, whole=True)
        if number is None and not around.plus and around.cue is not Cue.REFERENCE:
            told = national(digits, _regions(around)) if _regions(around) else None
            called = around.cue in (Cue.CONTACT, Cue.MESSENGER)
            if told and (
                told.trunk or (told.valid and (called or not told.unprefixed) and len(digits) >= 9)
            ):
                why = "valid" if told.valid else "possible"
                number = Number(
                    told.value, MEDIUM, f"national form, {why} in {told.region}", valid=told.valid
                )
        if number:
            reason = _reason(f"digits spelled in words; {number.reason}", around)
            return [Reading(0, len(text), number.value, MEDIUM, reason)]
    return []


@lru_cache(maxsize=1 << 17)
def read_number(raw: str, around: Surroundings, language: str) -> tuple[Reading, ...]:
    """Return the telephone numbers in a candidate, by characters of `raw`.

    `language` is that of its number words, empty if it has none.
    """
    text, places = plain(raw)
    text = text if text.isascii() else han_figures(text)
    if language:
        found = _spoken(text, around, language)
    else:
        found = _figures(text, around) if _is_figures(text) else []
    if places is None:
        return tuple(found)
    return tuple(
        one._replace(start=places[one.start], end=_end(places, one.end, len(text))) for one in found
    )


def _end(places: list[int], end: int, size: int) -> int:
    """Return the original place of an end; what is invisible after the last figure goes with it."""
    return places[end] if end == size else places[end - 1] + 1
