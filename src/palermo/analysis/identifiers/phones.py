"""Telephone numbers, in figures, words, or a mixture, and what keeps other numbers from being one.

International forms (+, 00, "plus") need a possible number. National forms need a likely region, and
besides either a word about calling nearby or the trunk prefix and the grouping of a telephone
number; a nearer word about references, orders or licences rules them out.
"""

import numpy as np
from numpy.typing import NDArray

from palermo.analysis.identifiers import lexer
from palermo.analysis.identifiers.chunk import Chunk
from palermo.analysis.identifiers.dialling import Cue, Surroundings, read_number, surroundings
from palermo.analysis.identifiers.hints import Hints
from palermo.analysis.identifiers.lexer import COMMA, GLUED_LEFT, GLUED_RIGHT, LEET
from palermo.analysis.identifiers.mention import Found
from palermo.analysis.identifiers.spelled import language_of_word
from palermo.analysis.identifiers.vocabulary import (
    CONTACT,
    DIGIT_WORD,
    LETTERS,
    LINK,
    NUMBER,
    NUMBER_WORD,
    PLUS,
    REFERENCE,
    SERVICE,
    TIMES,
    UNSURE_SERVICE,
    vocabulary,
)
from palermo.model import IdentifierKind

_SPOKEN = DIGIT_WORD | TIMES
_PART = NUMBER | LETTERS | _SPOKEN | LINK
_BEFORE, _AFTER = 60, 12  # bytes within which a word counts as near
_LEAST = 7  # digits of the shortest thing worth a look

Index = NDArray[np.int64]
Flags = NDArray[np.bool_]


def _joined(chunk: Chunk, part: Flags) -> Flags:
    """Tell for each token whether it continues the candidate of the token before it."""
    tokens = chunk.tokens
    short = chunk.has(_SPOKEN | LETTERS | LINK) | (tokens[lexer.DIGITS] <= 2)
    # A comma joins figures that stand alone ("0, 7, 7"), and parts two whole numbers.
    comma = (tokens[lexer.FLAGS] & COMMA) != 0
    joined: Flags = part & (tokens[lexer.GAP] <= 4)
    joined[1:] &= part[:-1] & (~comma[1:] | (short[1:] & short[:-1]))
    joined[:1] = False
    return joined


def _candidates(chunk: Chunk) -> tuple[Index, Index, Index]:
    """Return the first and last token of every candidate, and its plus sign's token or -1."""
    tokens = chunk.tokens
    part = chunk.has(_PART) & ~chunk.taken
    index = np.flatnonzero(part)
    if not len(index):
        return index, index, index
    begins = np.flatnonzero(~_joined(chunk, part)[index])
    size = tokens[lexer.DIGITS] + np.where(chunk.has(_SPOKEN), 2, 0)
    total = np.add.reduceat(size[index], begins)
    first = index[begins]
    last = index[np.append(begins[1:] - 1, len(index) - 1)]
    before = np.maximum(first - 1, 0)
    plus = chunk.has(PLUS)[before] & ((tokens[lexer.FLAGS][before] & GLUED_LEFT) == 0) & (first > 0)
    plus &= (tokens[lexer.GAP][first] <= 2) & (
        tokens[lexer.TEXT][before] == tokens[lexer.TEXT][first]
    )
    wanted = total >= _LEAST
    return first[wanted], last[wanted], np.where(plus, before, -1)[wanted]


def _telling(chunk: Chunk, first: Index, last: Index) -> Index:
    """Return for each candidate the token of the nearest word that says what it is, or -1.

    A word before it counts before one after it, and a mere "number" only if there is no other.
    """
    tokens = chunk.tokens
    every = np.arange(len(chunk.roles))
    strong = chunk.has(CONTACT | REFERENCE | SERVICE | UNSURE_SERVICE)
    result = np.full(len(first), -1)
    for wanted in (chunk.has(NUMBER_WORD), strong):
        latest = np.maximum.accumulate(np.where(wanted, every, -1))
        token = np.where(first > 0, latest[np.maximum(first - 1, 0)], -1)
        near = tokens[lexer.START][first] - tokens[lexer.END][token] <= _BEFORE
        near &= tokens[lexer.SENTENCE][token] == tokens[lexer.SENTENCE][first]
        result = np.where((token >= 0) & near, token, result)
    called = chunk.has(CONTACT | SERVICE)
    coming = np.minimum.accumulate(np.where(called, every, len(every))[::-1])[::-1]
    token = np.minimum(coming[last], len(every) - 1)
    near = (coming[last] < len(every)) & (tokens[lexer.FLAGS][token] & COMMA == 0)
    near &= tokens[lexer.START][token] - tokens[lexer.END][last] <= _AFTER
    near &= tokens[lexer.SENTENCE][token] == tokens[lexer.SENTENCE][last]
    return np.where((result < 0) & near, token, result)


def _surroundings(plus: bool, token: int, role: int, word: int, hints: Hints) -> Surroundings:
    if token < 0:
        return surroundings(plus, Cue.NONE, "", (), hints)
    words = vocabulary()
    if role & REFERENCE and not role & CONTACT:
        cue = Cue.REFERENCE
    elif role & (SERVICE | UNSURE_SERVICE):
        cue = Cue.MESSENGER
    elif role & NUMBER_WORD and not role & CONTACT:
        cue = Cue.NUMBER
    else:
        cue = Cue.CONTACT
    return surroundings(plus, cue, words.words[word], words.languages[word], hints)


def _spans(chunk: Chunk, first: Index, last: Index, plus: Index) -> tuple[Index, Index]:
    """Return where the candidates' text starts (bracket included) and ends, in bytes."""
    start = chunk.tokens[lexer.START][first].astype(np.int64)
    end = chunk.tokens[lexer.END][last].astype(np.int64)
    data = np.frombuffer(chunk.data, np.uint8)
    bracket = (start > 0) & (plus < 0) & (data[np.maximum(start - 1, 0)] == 0x28)
    return start - bracket, end


def find_phones(chunk: Chunk, hints: list[Hints]) -> list[Found]:
    """Return every telephone number of the chunk that no earlier detector has taken."""
    first, last, plus = _candidates(chunk)
    if not len(first):
        return []
    tokens = chunk.tokens
    telling = _telling(chunk, first, last)
    start, end = _spans(chunk, first, last, plus)
    flags = tokens[lexer.FLAGS]
    # "tel0770…" is a word and a number; any other letters make it something else.
    touching = (telling >= 0) & (tokens[lexer.END][telling] == tokens[lexer.START][first])
    glued = ((flags[first] & GLUED_LEFT) != 0) & (plus < 0) & ~touching
    glued |= ((flags[last] & GLUED_RIGHT) != 0) & ((flags[last] & LEET) == 0)
    spoken = np.add.reduceat(
        np.append(chunk.has(_SPOKEN), False).astype(np.int64),
        np.column_stack((first, last + 1)).ravel(),
    )[::2]
    first_spoken = [
        next(
            (
                w
                for w in tokens[lexer.WORD, a : z + 1].tolist()
                if vocabulary().roles[w] & DIGIT_WORD
            ),
            0,
        )
        if n >= 3
        else 0
        for a, z, n in zip(first.tolist(), last.tolist(), spoken.tolist(), strict=True)
    ]
    columns = (
        start,
        end,
        plus,
        telling,
        chunk.roles[telling],
        tokens[lexer.WORD][telling],
        chunk.hints[tokens[lexer.TEXT][first]],
        glued,
    )
    found: list[Found] = []
    plus_start = tokens[lexer.START][plus].tolist()
    for index, (a, z, sign, token, role, word, hint, stuck) in enumerate(
        zip(*(c.tolist() for c in columns), strict=True)
    ):
        around = _surroundings(sign >= 0, token, role, word, hints[hint])
        if stuck and not first_spoken[index]:
            continue
        raw = chunk.data[a:z].decode("utf-8", "ignore")
        language = (
            language_of_word().get(vocabulary().words[first_spoken[index]], "en")
            if first_spoken[index]
            else ""
        )
        for one in read_number(raw, around, language):
            begin = (
                plus_start[index]
                if sign >= 0 and one.start == 0
                else a + len(raw[: one.start].encode())
            )
            stop = a + len(raw[: one.end].encode())
            found.append(
                Found(begin, stop, IdentifierKind.PHONE, one.value, one.confidence, one.reason)
            )
    return found
