"""Handles of messengers and networks, which only the name of a service nearby makes one.

With "@" a handle belongs to the nearest named service of its sentence, before it if there is one.
What counts as a handle without "@" is said in `handle_rules`.
"""

from bisect import bisect_right
from dataclasses import dataclass
from functools import cache

import numpy as np

from palermo.analysis.identifiers import lexer
from palermo.analysis.identifiers.chunk import Chunk
from palermo.analysis.identifiers.handle_rules import (
    Name,
    after_sign,
    following,
    named_by,
    names_of_many_words,
    preceding,
    shaped,
    unlike_a_word,
)
from palermo.analysis.identifiers.lexer import GLUED_LEFT
from palermo.analysis.identifiers.mention import HIGH, MEDIUM, Found
from palermo.analysis.identifiers.services import Service
from palermo.analysis.identifiers.vocabulary import SERVICE, UNSURE_SERVICE, vocabulary

_REACH = 120  # bytes between a handle and the service that claims it
_WINDOW = 90  # bytes behind a service's name that are looked at


@dataclass(slots=True)
class _Naming:
    """One naming of a service: its token, the service, whether for sure, and the name's place."""

    token: int
    service: Service
    sure: bool
    start: int
    end: int
    sentence: int
    text: int


def _namings(chunk: Chunk) -> list[_Naming]:
    tokens = np.flatnonzero(chunk.has(SERVICE | UNSURE_SERVICE) & ~chunk.taken)
    known = vocabulary().words
    wanted = [lexer.WORD, lexer.START, lexer.END, lexer.SENTENCE, lexer.TEXT]
    columns = chunk.tokens[wanted][:, tokens].tolist()
    namings = []
    for token, word, start, end, sentence, text in zip(tokens.tolist(), *columns, strict=True):
        if (
            chunk.data[max(start - 1, 0) : start] in (b"_", b"@")
            or chunk.data[end : end + 1] == b"_"
        ):
            continue  # part of a handle, such as "anna_tg"
        rest = chunk.slice(end, end + 24) if known[word] in names_of_many_words() else ""
        named = named_by(known[word], rest)
        if named and named[0].handle is not None:
            more = len(rest[: named[2]].encode())
            namings.append(_Naming(token, named[0], named[1], start, end + more, sentence, text))
    return namings


def _claiming(namings: list[_Naming], starts: list[int], at: int, sentence: int) -> list[_Naming]:
    """Return the namings that claim the at sign at byte `at`: the nearest and any joined to it."""
    place = bisect_right(starts, at)
    if place and namings[place - 1].sentence == sentence and at - namings[place - 1].end <= _REACH:
        claiming = [namings[place - 1]]
        # "Instagram/TikTok: @name" is a handle of both.
        for index in range(place - 2, max(place - 6, -1), -1):
            other = namings[index]
            if not 0 <= claiming[-1].start - other.end <= 3 or other.sentence != sentence:
                break
            claiming.append(other)
        return claiming
    if (
        place < len(namings)
        and namings[place].sentence == sentence
        and namings[place].start - at <= _REACH
    ):
        return [namings[place]]
    return []


def _signed(chunk: Chunk, namings: list[_Naming]) -> list[Found]:
    """Return the handles with an at sign."""
    if not namings:
        return []
    starts = [naming.start for naming in namings]
    signs = chunk.tokens[lexer.FLAGS] & GLUED_LEFT == 0
    at_signs = (chunk.tokens[lexer.WORD] == _at_sign()) & signs & ~chunk.taken
    columns = chunk.tokens[[lexer.END, lexer.SENTENCE, lexer.TEXT]][:, at_signs].tolist()
    found = []
    for end, sentence, text in zip(*columns, strict=True):
        claiming = _claiming(namings, starts, end, sentence)
        if not claiming:
            continue
        stop = int(chunk.offsets[text + 1])
        window = chunk.slice(end, min(end + _WINDOW, stop))
        told = after_sign(window)
        if told is None:
            continue
        first, last, handle = told
        for naming in claiming:
            value = shaped(naming.service, handle)
            if value:
                place = end + len(window[:first].encode())
                stop = place + len(window[first:last].encode())
                reason = f"handle with @, {naming.service.kind} named in the sentence"
                found.append(Found(place, stop, naming.service.kind, value, HIGH, reason))
    return found


def _unsigned(chunk: Chunk, naming: _Naming) -> Found | None:
    """Return the handle without an at sign that follows or precedes the naming of a service."""
    stop = int(chunk.offsets[naming.text + 1])
    window = chunk.slice(naming.end, min(naming.end + _WINDOW, stop))
    before = chunk.slice(max(naming.start - 60, int(chunk.offsets[naming.text])), naming.start)
    lead = preceding(before)
    told = following(
        Name(naming.service, naming.sure, naming.end - naming.start <= 2, lead.named), window
    )
    if told:
        place = naming.end + len(window[: told[0]].encode())
        end = place + len(window[told[0] : told[1]].encode())
        reason = f"handle after the name of {naming.service.kind}"
        return Found(place, end, naming.service.kind, told[2], MEDIUM, reason)
    value = shaped(naming.service, lead.handle)
    if value is None or not unlike_a_word(value) or not (naming.sure or lead.linked):
        return None
    place = naming.start - len(before[lead.start :].encode())
    reason = f"handle before the name of {naming.service.kind}"
    return Found(place, place + len(value), naming.service.kind, value, MEDIUM, reason)


@cache
def _at_sign() -> int:
    return vocabulary().words.index("@")


def find_handles(chunk: Chunk, taken: list[Found]) -> list[Found]:
    """Return every handle of the chunk that does not lie in one of the identifiers `taken`."""
    namings = _namings(chunk)
    found = _signed(chunk, namings)
    told = [one for one in (_unsigned(chunk, naming) for naming in namings) if one is not None]
    if not told:
        return found
    others = taken + found
    starts = np.array([one[0] for one in others] or [0], np.int64)
    order = np.argsort(starts)
    furthest = np.maximum.accumulate(np.array([one[1] for one in others] or [0], np.int64)[order])
    place = np.searchsorted(starts[order], [one.end for one in told]) - 1
    free = (place < 0) | (furthest[place] <= np.array([one.start for one in told], np.int64))
    return found + [one for one, is_free in zip(told, free.tolist(), strict=True) if is_free]
