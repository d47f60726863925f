"""Stated ages of persons, in years. Both bounds of a range are ages ("18-30 years old": 18 and 30).

What makes a number an age is said in `age_rules`; here the numbers worth a look are picked and
placed.
"""

import re

import numpy as np

from palermo.analysis.identifiers import lexer
from palermo.analysis.identifiers.age_rules import Verdict, judge
from palermo.analysis.identifiers.characters import plain
from palermo.analysis.identifiers.chunk import Chunk
from palermo.analysis.identifiers.lexer import LEET
from palermo.analysis.identifiers.mention import Found
from palermo.analysis.identifiers.vocabulary import AGE_LABEL, AGE_UNIT, NUMBER
from palermo.model import IdentifierKind

_BEFORE, _AFTER = 60, 48  # bytes looked at around the number
_NEAR_LABEL = 12  # bytes between a word for age and its number
_DIGITS = re.compile(r"\d{1,2}")


def _candidates(chunk: Chunk) -> np.ndarray:
    """Return the tokens of one or two figures with a word about ages on one side."""
    tokens = chunk.tokens
    number = chunk.has(NUMBER) & ~chunk.taken & (tokens[lexer.DIGITS] <= 2)
    number &= (tokens[lexer.FLAGS] & LEET) == 0
    unit = chunk.has(AGE_UNIT) & (tokens[lexer.GAP] <= 2)
    label = chunk.has(AGE_LABEL)
    before = np.append(unit[1:], False)
    after = np.append(False, label[:-1])
    distance = np.append(0, tokens[lexer.START][1:] - tokens[lexer.END][:-1])
    after &= (distance <= _NEAR_LABEL) & np.append(
        False, tokens[lexer.SENTENCE][1:] == tokens[lexer.SENTENCE][:-1]
    )
    return np.flatnonzero(number & (before | after))


def _place(text: str, start: int) -> tuple[int, int]:
    """Return the place of the figures that start at `start` of `text`."""
    told = _DIGITS.match(text, start)
    return (start, told.end()) if told else (start, start)


def _bound(verdict: Verdict, text: str, at: int, place: int) -> Found:
    """Return the other bound of a range, at character `at` of `text`, itself at byte `place`."""
    plainly, places = plain(text)
    first, last = _place(plainly, at)
    value = str(int(plainly[first:last]))
    if places is not None:
        first, last = places[first], places[last - 1] + 1
    start = place + len(text[:first].encode())
    end = start + len(text[first:last].encode())
    return Found(
        start,
        end,
        IdentifierKind.AGE,
        value,
        verdict.confidence,
        f"bound of a range; {verdict.reason}",
    )


def find_ages(chunk: Chunk) -> list[Found]:
    """Return every stated age of the chunk."""
    candidates = _candidates(chunk)
    columns = chunk.tokens[[lexer.START, lexer.END, lexer.TEXT]][:, candidates].tolist()
    found: list[Found] = []
    for start, end, text in zip(*columns, strict=True):
        first, last = int(chunk.offsets[text]), int(chunk.offsets[text + 1])
        before = chunk.slice(max(start - _BEFORE, first), start)
        after = chunk.slice(end, min(end + _AFTER, last))
        figures = plain(chunk.slice(start, end))[0]
        number = int(figures) if figures.isascii() and figures.isdigit() else 0
        verdict = judge(plain(before)[0], plain(after)[0], number) if number else None
        if verdict is None:
            continue
        found.append(
            Found(start, end, IdentifierKind.AGE, str(number), verdict.confidence, verdict.reason)
        )
        if verdict.low >= 0:
            found.append(_bound(verdict, before, verdict.low, start - len(before.encode())))
        if verdict.high >= 0:
            found.append(_bound(verdict, after, verdict.high, end))
    return found
