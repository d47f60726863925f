"""Prices: an amount with a currency right beside it. An amount without one is not a price.

How amounts and currencies are read is said in `money`. Of a range ("800–1,000 €") both bounds are
prices.
"""

import re
from dataclasses import dataclass, field
from decimal import Decimal

import numpy as np

from palermo.analysis.identifiers import lexer
from palermo.analysis.identifiers.characters import fold_word
from palermo.analysis.identifiers.chunk import Chunk
from palermo.analysis.identifiers.hints import Hints
from palermo.analysis.identifiers.lexer import GLUED_LEFT, GLUED_RIGHT, LEET
from palermo.analysis.identifiers.mention import HIGH, MEDIUM, Found
from palermo.analysis.identifiers.money import amount, meaning, names, written
from palermo.analysis.identifiers.vocabulary import CURRENCY, MULTIPLIER, NUMBER, vocabulary
from palermo.model import IdentifierKind

_RANGE = re.compile(
    r"[^\S\n]*(?:[-–—~〜至到]|to|à|a|до|bis|hasta|até|إلى|الى|and|et|y|e)[^\S\n]*", re.IGNORECASE
)
_LETTERS = re.compile(r"[A-Za-z]{1,3}$")
_NEXT_WORD = re.compile(r"\s+([^\W\d_]+)")
_YEAR = re.compile(r"(?:19|20)\d\d")
_LONGEST = 5  # groups of figures in one amount


@dataclass(slots=True)
class _Amount:
    """An amount in place: its first and last token (multiplier included), and its value."""

    first: int
    last: int
    value: Decimal


@dataclass(slots=True)
class _Reader:
    """The tokens of a chunk as plain lists, and what has been read so far."""

    chunk: Chunk
    hints: list[Hints]
    start: list[int]
    end: list[int]
    gap: list[int]
    word: list[str]
    flags: list[int]
    number: list[bool]
    multiplier: list[bool]
    used: int = -1
    found: list[Found] = field(default_factory=list)

    def near(self, token: int, gap: int) -> bool:
        """Tell whether at most `gap` separators part `token` from the one before it."""
        return 0 < token < len(self.gap) and self.gap[token] <= gap

    def value(self, first: int, last: int) -> Decimal | None:
        """Return the amount written from token `first` to token `last`."""
        return amount(self.chunk.data[self.start[first] : self.end[last]])

    def times(self, token: int) -> int:
        """Return what the multiplier at `token` multiplies by."""
        return names().multipliers[self.word[token]]


def _ending_at(reader: _Reader, token: int) -> _Amount | None:
    """Return the longest amount that ends at `token`, which may be a multiplier."""
    times, last = 1, token
    if (
        token > 0
        and reader.multiplier[token]
        and not reader.number[token]
        and reader.near(token, 1)
    ):
        times, last = reader.times(token), token - 1
    first = last
    while (
        reader.gap[first] == 1
        and first - 1 > reader.used
        and reader.number[first - 1]
        and last - first < _LONGEST
    ):
        first -= 1
    for begin in range(first, last + 1):
        value = reader.value(begin, last) if reader.number[last] else None
        if value is not None:
            return _Amount(begin, token, value * times if times > 1 else value)
    return None


def _starting_at(reader: _Reader, token: int) -> _Amount | None:
    """Return the longest amount that starts at `token`, with a multiplier behind it."""
    last, after = token, token + 1
    while (
        after < len(reader.number)
        and reader.number[after]
        and reader.gap[after] == 1
        and after - token < _LONGEST
    ):
        last, after = after, after + 1
    for end in range(last, token - 1, -1):
        value = reader.value(token, end)
        if value is not None:
            after = end + 1
            if after < len(reader.number) and reader.multiplier[after] and reader.near(after, 1):
                return _Amount(token, after, value * reader.times(after))
            return _Amount(token, end, value)
    return None


def _currency(reader: _Reader, token: int, hints: Hints) -> tuple[str, int, int] | None:
    """Return the currency at `token` and its place, with letters before "$" and a second word."""
    start, end = reader.start[token], reader.end[token]
    word = reader.word[token]
    if word == "$":
        letters = _LETTERS.search(reader.chunk.slice(max(start - 3, 0), start))
        if letters:
            code = names().prefixes.get(letters.group().lower())
            return (code, start - len(letters.group()), end) if code else None
    if word in names().pairs:
        told = _NEXT_WORD.match(reader.chunk.slice(end, end + 48))
        for second, code in names().pairs[word] if told else ():
            if told and fold_word(told.group(1)) == second:
                return code, start, end + len(told.group().encode())
    if word in names().codes and not reader.chunk.slice(start, end).isupper():
        return None
    meant = meaning(word, hints)
    return (meant, start, end) if meant else None


def _may_precede(reader: _Reader, token: int, told: _Amount) -> bool:
    """Tell whether the currency at `token` may stand before its amount: "€5", not "元 3"."""
    word = reader.word[token]
    if word in names().signs or word in names().after:
        return word in names().signs
    if len(word) == 1 and not word.isascii():
        return False
    code = len(word) == 3 and reader.chunk.slice(reader.start[token], reader.end[token]).isupper()
    literal = reader.chunk.slice(reader.start[told.first], reader.end[told.last])
    return code or word in {"rs", "rp"} or not _YEAR.fullmatch(literal)


def _price(told: _Amount, start: int, end: int, code: str, shared: str = "") -> Found:
    """Return the price; `shared` is its currency's name if that is the name of several."""
    value = f"{written(told.value)} {code}"
    if shared:
        reason = f"amount with “{shared}”, one of several currencies"
        return Found(start, end, IdentifierKind.PRICE, value, MEDIUM, reason)
    return Found(start, end, IdentifierKind.PRICE, value, HIGH, "amount with a currency")


def _between(reader: _Reader, left: int, right: int) -> bool:
    """Tell whether only a range's word or dash lies between two tokens."""
    first, last = reader.end[left], reader.start[right]
    return 0 < last - first <= 12 and bool(_RANGE.fullmatch(reader.chunk.slice(first, last)))


def _other_bound(reader: _Reader, told: _Amount, code: str, *, before: bool) -> None:
    """Read the other bound of a range, which shares the currency of `told`."""
    token, step = (told.first - 1, -1) if before else (told.last + 1, 1)
    if not 0 <= token < len(reader.number):
        return
    if (
        reader.start[told.first] - reader.end[token]
        if before
        else reader.start[token] - reader.end[told.last]
    ) > 16:
        return
    if not reader.number[token]:
        token += step  # the word between the bounds may be a word of the vocabulary
    if not 0 <= token < len(reader.number) or not reader.number[token] or token <= reader.used:
        return
    other = _ending_at(reader, token) if before else _starting_at(reader, token)
    if other is None or not _between(
        reader, *((token, told.first) if before else (told.last, token))
    ):
        return
    low, high = (other.value, told.value) if before else (told.value, other.value)
    if (
        before
        and reader.multiplier[told.last]
        and not reader.number[told.last]
        and other.last == token
    ):
        times = reader.times(told.last)
        other.value, low = (
            (other.value * times,) * 2 if other.value * times < told.value else (other.value, low)
        )
    if low < high:
        start, end = reader.start[other.first], reader.end[other.last]
        reader.found.append(_price(other, start, end, code))
        reader.used = max(reader.used, other.last)


def _is_code(reader: _Reader, told: _Amount, word: str) -> bool:
    """Tell whether letters touch the amount: part of a name, as in "GBP9NWBK" or "KL341 EUR"."""
    before = reader.flags[told.first] & GLUED_LEFT and reader.gap[told.first] > 0
    after = told.last + 1
    known = after < len(reader.gap) and reader.gap[after] == 0
    behind = reader.flags[told.last] & GLUED_RIGHT and not known and word not in names().signs
    return bool(before or behind)


def _read(reader: _Reader, token: int, hints: Hints) -> None:
    """Read the price whose currency stands at `token`."""
    word = reader.word[token]
    before = token - 1
    left = None
    if (
        before > reader.used
        and reader.near(token, 2)
        and (reader.number[before] or reader.multiplier[before])
    ):
        left = _ending_at(reader, before)
    right = None
    after = token + 1
    if reader.near(after, 2) and reader.number[after]:
        right = _starting_at(reader, after)
        if right is not None and not _may_precede(reader, token, right):
            right = None
    if left is not None and right is not None:
        # Between two amounts the nearer one is meant; "5 € 10" is five euros.
        left, right = (None, right) if reader.gap[after] < reader.gap[token] else (left, None)
    told = left or right
    currency = _currency(reader, token, hints) if told else None
    if told is None or currency is None or told.value == 0:
        return
    if (word in names().after and told.value < 100) or _is_code(reader, told, word):
        return
    code, start, end = currency
    shared = word if word in names().shared else ""
    if left is not None:
        reader.found.append(_price(told, reader.start[told.first], end, code, shared))
        _other_bound(reader, told, code, before=True)
        reader.used = max(reader.used, token)
    else:
        reader.found.append(_price(told, start, reader.end[told.last], code, shared))
        reader.used = max(reader.used, told.last)
        _other_bound(reader, told, code, before=False)


def find_prices(chunk: Chunk, hints: list[Hints]) -> list[Found]:
    """Return every price of the chunk."""
    tokens = chunk.tokens
    currencies = np.flatnonzero(chunk.has(CURRENCY) & ~chunk.taken)
    if not len(currencies):
        return []
    number = chunk.has(NUMBER) & ~chunk.taken & ((tokens[lexer.FLAGS] & LEET) == 0)
    beside = number | chunk.has(MULTIPLIER)
    padded = np.concatenate(([False], beside, [False]))
    currencies = currencies[padded[currencies] | padded[currencies + 2]]
    words = vocabulary().words
    reader = _Reader(
        chunk=chunk,
        hints=hints,
        start=tokens[lexer.START].tolist(),
        end=tokens[lexer.END].tolist(),
        gap=tokens[lexer.GAP].tolist(),
        word=[words[number] for number in tokens[lexer.WORD].tolist()],
        flags=tokens[lexer.FLAGS].tolist(),
        number=number.tolist(),
        multiplier=chunk.has(MULTIPLIER).tolist(),
    )
    texts = chunk.hints[tokens[lexer.TEXT][currencies]].tolist()
    for token, hint in zip(currencies.tolist(), texts, strict=True):
        _read(reader, token, hints[hint])
    return reader.found
