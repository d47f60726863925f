"""The notation in which indicator lists are written, read into a small tree.

Guarantees that a phrase is finite: there is no unbounded repetition, so no phrase can match more
words than it is written with (plus its stated gaps), and none can make the scanner slow.

    passport            one word; case, accents and punctuation around it do not matter
    passport*           any word that begins so
    (keep|hold on to)   one of these
    [your]              may be missing
    ..3                 at most three other words in between
    #  #12-16  #100-    a number; one from 12 to 16; one of at least 100
    {documents}         the shared words of that name, in the same language

A phrase never crosses the end of a sentence.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from palermo.analysis.indicators.alphabet import DIGIT, INSIDE, LETTER, SINGLE, read
from palermo.model import Unreadable

#: A number as large as a reader could mean; open ranges end here.
LARGEST = 2**31 - 1
MAX_GAP = 12
_MAX_DEPTH = 12
_MARKS = "()[]|{}#*."


@dataclass(frozen=True, slots=True)
class Word:
    """One folded word; with `prefix`, any word that begins so."""

    text: str
    prefix: bool = False


@dataclass(frozen=True, slots=True)
class Number:
    """A number from `low` to `high`, both included."""

    low: int
    high: int


@dataclass(frozen=True, slots=True)
class Gap:
    """At most `words` other words."""

    words: int


@dataclass(frozen=True, slots=True)
class Optional:
    """What may be missing."""

    part: "Node"


@dataclass(frozen=True, slots=True)
class Choice:
    """One of several."""

    parts: "tuple[Node, ...]"


@dataclass(frozen=True, slots=True)
class Sequence:
    """One after another."""

    parts: "tuple[Node, ...]"


Node = Word | Number | Gap | Optional | Choice | Sequence


def parse(phrase: str, shared: Mapping[str, tuple[str, ...]]) -> Sequence:
    """Read one phrase; `shared` gives the phrases behind each `{name}`.

    Raises Unreadable when the notation is broken, a name is unknown or refers to itself, or the
    phrase begins or ends with something that may be missing (which would change nothing).
    """
    reader = _Reader(phrase, shared, 0)
    tree = reader.sequence(closing="")
    _check_ends(phrase, tree)
    return tree


def words_of(text: str) -> list[str]:
    """Return the folded words of `text` as the scanner cuts them: letters, digits, single signs."""
    words: list[str] = []
    last = -1
    for sign in text:
        kind, plain = read(sign)
        if kind == INSIDE:
            continue
        if kind in (LETTER, DIGIT) and kind == last:
            words[-1] += plain
        elif kind in (LETTER, DIGIT, SINGLE):
            words.append(plain)
        last = kind
    return words


def _check_ends(phrase: str, tree: Sequence) -> None:
    for part in (tree.parts[0], tree.parts[-1]) if tree.parts else ():
        if isinstance(part, Gap | Optional):
            raise Unreadable(f"phrase '{phrase}' begins or ends with a part that may be missing")
    if not tree.parts:
        raise Unreadable(f"phrase '{phrase}' holds no word")


class _Reader:
    """A recursive-descent reader over one phrase."""

    def __init__(self, phrase: str, shared: Mapping[str, tuple[str, ...]], depth: int) -> None:
        if depth > _MAX_DEPTH:
            raise Unreadable(f"shared words refer to themselves: '{phrase}'")
        self.phrase, self.shared, self.depth, self.at = phrase, shared, depth, 0

    def sequence(self, closing: str) -> Sequence:
        """Read parts up to one of `closing` (not consumed), or to the end when it is empty."""
        parts: list[Node] = []
        while self.at < len(self.phrase):
            sign = self.phrase[self.at]
            if sign in "|)]" and sign in closing:
                return Sequence(tuple(parts))
            parts.extend(self._part(sign))
        if closing:
            raise self._broken(f"'{closing[-1]}' is missing")
        return Sequence(tuple(parts))

    def _part(self, sign: str) -> list[Node]:
        if sign == "(":
            return [self._choice(")")]
        if sign == "[":
            return [Optional(self._choice("]"))]
        if sign == "{":
            return [self._shared()]
        if sign == "#":
            return [self._number()]
        if self.phrase.startswith("..", self.at):
            return [self._gap()]
        if sign in _MARKS:
            raise self._broken(f"'{sign}' does not belong here")
        return list(self._words())

    def _choice(self, end: str) -> Choice:
        parts: list[Node] = []
        while True:
            self.at += 1
            part = self.sequence(closing="|" + end)
            if not part.parts:
                raise self._broken("an empty choice")
            parts.append(part)
            if self.phrase[self.at] == end:
                self.at += 1
                return Choice(tuple(parts))

    def _shared(self) -> Choice:
        end = self.phrase.find("}", self.at)
        name = self.phrase[self.at + 1 : end]
        if end < 0 or name not in self.shared:
            raise self._broken(f"no shared words '{name}' in this language (lists/words.yaml)")
        self.at = end + 1
        inner = (_Reader(p, self.shared, self.depth + 1) for p in self.shared[name])
        return Choice(tuple(reader.sequence(closing="") for reader in inner))

    def _number(self) -> Number:
        self.at += 1
        low = self._digits()
        if low < 0:
            return Number(0, LARGEST)
        if self.phrase[self.at : self.at + 1] != "-":
            return Number(low, low)
        self.at += 1
        high = self._digits()
        return Number(low, LARGEST if high < 0 else high)

    def _gap(self) -> Gap:
        self.at += 2
        words = self._digits()
        if not 1 <= words <= MAX_GAP:
            raise self._broken(f"a gap is ..1 to ..{MAX_GAP}")
        return Gap(words)

    def _digits(self) -> int:
        begin = self.at
        while self.at < len(self.phrase) and self.phrase[self.at].isdigit():
            self.at += 1
        return int(self.phrase[begin : self.at]) if self.at > begin else -1

    def _words(self) -> list[Node]:
        begin = self.at
        while self.at < len(self.phrase) and self.phrase[self.at] not in _MARKS:
            self.at += 1
        words = words_of(self.phrase[begin : self.at])
        nodes: list[Node] = [_word_or_number(word) for word in words]
        if self.phrase[self.at : self.at + 1] == "*":
            last = nodes[-1] if nodes else None
            if not isinstance(last, Word) or len(last.text) < 3:
                raise self._broken("'*' needs a word of at least three letters before it")
            nodes[-1] = Word(last.text, prefix=True)
            self.at += 1
        return nodes

    def _broken(self, why: str) -> Unreadable:
        return Unreadable(f"phrase '{self.phrase}', sign {self.at + 1}: {why}")


def _word_or_number(word: str) -> Word | Number:
    return Number(int(word), int(word)) if word.isdigit() else Word(word)
