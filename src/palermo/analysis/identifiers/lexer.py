"""One pass over the bytes of many texts that finds everything a detector could want to look at.

The lexer decides nothing. It reports, in order of place: tokens (numbers, and words of the
vocabulary) with what separates them; and runs that may be an address on the web, an e-mail, a
wallet or an account number. It is linear in the bytes, whatever they are: no byte is looked at
more often than a fixed number of times.
"""

# ruff: noqa: PLR0917 (compiled functions take arguments by position only)

import numpy as np

from palermo.analysis.compiled import compiled
from palermo.analysis.identifiers.characters import (
    COLON,
    DIGIT,
    DOT,
    HAN_DIGIT,
    HARD,
    IGNORED,
    LETTER,
    RUNNING,
    SOFT,
    STOP,
)
from palermo.analysis.identifiers.reading import (
    OFFSET,
    Bytes,
    Characters,
    Ints,
    Longs,
    Words,
    class_of,
    decode,
    extend,
    find,
    folded,
    passes_for_digit,
    piece,
    running_word,
    starts_no_word,
    stops,
    web_run,
)

# Columns of a row.
START, END, TEXT, SENTENCE, WORD, GAP, SEPARATOR, DIGITS, FLAGS = range(9)
COLUMNS = 9
#: Runs have one of these in place of a word; they use the first three columns only.
WEB_RUN, LONG_RUN, IBAN_RUN = -1, -2, -3
NUMBER_ID, LETTERS_ID = 1, 2
#: `GAP` counts the separators since the last token; `APART` says that something else lies between.
APART = 255
# Flags. A token is glued where a letter or digit touches it; COMMA: one stands in the gap before.
GLUED_LEFT, GLUED_RIGHT, SPECIAL, LEET, COMMA = 1, 2, 4, 8, 16

LONG = 25  # an alphanumeric run from this length on is one thing: a wallet, an account, a hash

# What the lexer remembers between characters, and of the run of letters and digits it is in.
_COUNT, _TEXT, _SENTENCE, _GAP, _SEPARATOR, _COMMA, _WEB_END, _TOUCH, _COLON, _BEGIN = range(10)
_LETTERS, _DIGITS, _ALIKE, _SPECIAL = range(10, 14)
MEMORY = 14


@compiled
def _emit(tokens: Ints, state: Longs, start: int, end: int, word: int, flags: int) -> None:
    """Report a token. Its number of digits is that of the run."""
    row = state[_COUNT]  # not a view of the row: numba would count a reference to it
    tokens[row, START] = start
    tokens[row, END] = end
    tokens[row, TEXT] = state[_TEXT]
    tokens[row, SENTENCE] = state[_SENTENCE]
    tokens[row, WORD] = word
    tokens[row, GAP] = state[_GAP]
    tokens[row, SEPARATOR] = state[_SEPARATOR]
    tokens[row, DIGITS] = state[_DIGITS]
    tokens[row, FLAGS] = flags | state[_COMMA]
    state[_COUNT] += 1
    state[_GAP], state[_SEPARATOR], state[_COMMA] = 0, 0, 0


@compiled
def _report(tokens: Ints, state: Longs, start: int, end: int, kind: int) -> None:
    """Report a run. It does not part the tokens around it."""
    row = state[_COUNT]
    tokens[row, START] = start
    tokens[row, END] = end
    tokens[row, TEXT] = state[_TEXT]
    tokens[row, WORD] = kind
    state[_COUNT] += 1


@compiled
def _apart(state: Longs) -> None:
    state[_GAP], state[_SEPARATOR], state[_COMMA] = APART, 0, 0


@compiled
def _separate(state: Longs, code: int) -> None:
    state[_SEPARATOR] = code if state[_GAP] == 0 else 0
    if state[_GAP] < APART - 1:
        state[_GAP] += 1


@compiled
def _web(
    data: Bytes, at: int, end: int, characters: Characters, tokens: Ints, state: Longs
) -> None:
    """Report the web run around `at`, unless `at` lies in the last one."""
    if at >= state[_WEB_END]:
        start, stop = web_run(data, at, max(state[_WEB_END], state[_BEGIN]), end, characters)
        state[_WEB_END] = stop
        _report(tokens, state, start, stop, WEB_RUN)


@compiled
def _mixed(
    data: Bytes, at: int, end: int, characters: Characters, words: Words, tokens: Ints, state: Longs
) -> None:
    """Report the stretches of letters and of digits of the run from `at` to `end`, as glued."""
    place = at
    while place < end:
        stop, size, of_digits, key, special = piece(data, place, end, characters)
        word = NUMBER_ID if of_digits else (find(key, words) if size <= LONG else 0)
        if word > 0 or (word < 0 and state[_GAP] <= 3):
            state[_DIGITS] = size if of_digits else 0
            flags = (SPECIAL if special else 0) | (GLUED_LEFT if place > at else 0)
            _emit(tokens, state, place, stop, abs(word), flags | (GLUED_RIGHT if stop < end else 0))
        else:
            _apart(state)
        place = stop


@compiled
def _word(tokens: Ints, state: Longs, start: int, end: int, word: int) -> None:
    """Report a run of letters if it is a word, or may be letters that stand for digits."""
    near = state[_GAP] <= 3
    if word == 0 and near and state[_LETTERS] == state[_ALIKE] and state[_LETTERS] <= 4:
        word = LETTERS_ID
    if word > 0 or (word < 0 and near):
        _emit(tokens, state, start, end, abs(word), state[_SPECIAL])
    else:
        _apart(state)


@compiled
def _run(
    data: Bytes,
    start: int,
    stop: int,
    characters: Characters,
    words: Words,
    tokens: Ints,
    state: Longs,
) -> None:
    """Report a run of letters and digits that is neither all letters nor all digits, or long."""
    letters, digits, special = state[_LETTERS], state[_DIGITS], state[_SPECIAL]
    if stop - start >= LONG and not special:
        _report(tokens, state, start, stop, LONG_RUN)
        _apart(state)
    elif letters == 0:
        _emit(tokens, state, start, stop, NUMBER_ID, special)
    elif digits == 0:
        _word(tokens, state, start, stop, 0)
    elif letters == state[_ALIKE]:
        state[_DIGITS] += letters
        _emit(tokens, state, start, stop, NUMBER_ID, special | LEET)
    else:
        if letters >= 2 and digits >= 2 and not special:
            named = data[start] > 64 and data[start + 1] > 64
            if named and data[start + 2] < 58 and data[start + 3] < 58:
                _report(tokens, state, start, stop, IBAN_RUN)
        _mixed(data, start, stop, characters, words, tokens, state)


@compiled
def _symbol(
    data: Bytes, at: int, end: int, characters: Characters, words: Words, tokens: Ints, state: Longs
) -> int:
    """Report a word of running script or a sign, and what an at sign stands in; return its end."""
    code, after = decode(data, at, end)
    if class_of(code, characters) == RUNNING:
        word, stop = running_word(data, at, end, characters, words)
        flags = 0
    else:
        word, stop = find(extend(OFFSET, code, characters), words), after
        flags = GLUED_LEFT if state[_TOUCH] == at else 0
        state[_TOUCH] = after if flags else state[_TOUCH]  # the second sign of "C++" too
        if folded(code, characters) == 0x40:
            _web(data, at, end, characters, tokens, state)
    if word:
        state[_DIGITS] = 0
        _emit(tokens, state, at, stop, abs(word), flags)
        return stop
    _apart(state)
    return after


@compiled
def _han_digits(
    data: Bytes, at: int, end: int, characters: Characters, tokens: Ints, state: Longs
) -> int:
    """Report three or more Chinese digits in a row as a number; return their end."""
    stop, size = at, 0
    while stop < end:
        code, after = decode(data, stop, end)
        if class_of(code, characters) != HAN_DIGIT:
            break
        stop = after
        size += 1
    if size >= 3:
        state[_DIGITS] = size
        _emit(tokens, state, at, stop, NUMBER_ID, SPECIAL)
    else:
        _apart(state)
    return stop


@compiled
def _dot(
    data: Bytes, at: int, end: int, characters: Characters, tokens: Ints, state: Longs
) -> None:
    """Take a full stop: inside a host, between numbers, or at the end of a sentence."""
    code, after = decode(data, at, end)
    if state[_TOUCH] == at and after < end:
        nearby, _ = decode(data, after, end)
        if class_of(nearby, characters) == LETTER:
            _web(data, at, end, characters, tokens, state)
    _separate(state, code)
    if stops(data, after, end, characters):
        state[_SENTENCE] += 1
        _apart(state)


@compiled
def _colon(
    data: Bytes, at: int, end: int, characters: Characters, tokens: Ints, state: Longs
) -> None:
    """Take a colon: before a number, at the end of a line, or in a scheme."""
    _, after = decode(data, at, end)
    state[_COLON] = after
    if at + 2 < end and data[at + 1] == 0x2F and data[at + 2] == 0x2F:
        _web(data, at, end, characters, tokens, state)
    _apart(state)


@compiled
def _other(
    data: Bytes, at: int, end: int, characters: Characters, words: Words, tokens: Ints, state: Longs
) -> int:
    """Take a word of running script, a symbol or a colon; return the place after what was taken."""
    code, after = decode(data, at, end)
    klass = class_of(code, characters)
    if klass == HAN_DIGIT:
        return _han_digits(data, at, end, characters, tokens, state)
    if klass != COLON:
        return _symbol(data, at, end, characters, words, tokens, state)
    _colon(data, at, end, characters, tokens, state)
    return after


@compiled
def _text(  # noqa: C901, PLR0912, PLR0915 (calls in this loop cost more than branches)
    data: Bytes, at: int, end: int, characters: Characters, words: Words, tokens: Ints, state: Longs
) -> None:
    """Lex one text. What is common is done here, without a call that numba would not inline."""
    letters, digits, alike, special, start = 0, 0, 0, 0, -1
    key = OFFSET
    while at <= end:
        if at < end:
            code, after = decode(data, at, end)
            klass = class_of(code, characters)
        else:
            code, after, klass = 0, at + 1, STOP
        if klass == LETTER:
            start = at if start < 0 else start
            letters += 1
            alike += passes_for_digit(code, characters)
            key = extend(key, code, characters)
            special |= SPECIAL if code >= 0x80 else 0
        elif klass == DIGIT:
            start = at if start < 0 else start
            digits += 1
            key = extend(key, code, characters)
            special |= SPECIAL if code >= 0x80 else 0
        elif klass == IGNORED:
            special |= SPECIAL if start >= 0 else 0
        else:
            if start >= 0:
                state[_TOUCH] = at
                state[_LETTERS], state[_DIGITS] = letters, digits
                state[_ALIKE], state[_SPECIAL] = alike, special
                if digits == 0 and letters < LONG:
                    _word(tokens, state, start, at, find(key, words))
                elif letters == 0 and digits < LONG:
                    _emit(tokens, state, start, at, NUMBER_ID, special)
                else:
                    _run(data, start, at, characters, words, tokens, state)
                letters, digits, alike, special, start = 0, 0, 0, 0, -1
                key = OFFSET
            if klass == SOFT:
                state[_COLON] = after if state[_COLON] == at else state[_COLON]
                _separate(state, code)
            elif klass == HARD:
                state[_COMMA] = COMMA
                _separate(state, code)
            elif klass == RUNNING and starts_no_word(code, characters):
                _apart(state)
            elif klass == DOT:
                _dot(data, at, end, characters, tokens, state)
            elif klass >= RUNNING:
                after = _other(data, at, end, characters, words, tokens, state)
            else:
                # A line that ends with a colon introduces the next one.
                if klass == STOP and state[_COLON] != at:
                    state[_SENTENCE] += 1
                _apart(state)
        at = after


@compiled
def lex(
    data: Bytes, offsets: Longs, characters: Characters, words: Words, tokens: Ints, state: Longs
) -> int:
    """Fill `tokens` for the texts `data[offsets[i]:offsets[i + 1]]`; return how many rows it took.

    `tokens` must have two rows for every byte of data and two more; `state` holds `MEMORY` zeros.
    """
    for text in range(len(offsets) - 1):
        at = int(offsets[text])
        state[_TEXT], state[_BEGIN], state[_WEB_END] = text, at, at
        state[_SENTENCE] += 1
        state[_TOUCH], state[_COLON] = np.int64(-1), np.int64(-1)
        _apart(state)
        _text(data, at, int(offsets[text + 1]), characters, words, tokens, state)
    return int(state[_COUNT])
