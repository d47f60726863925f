"""What somebody searches for: the words of a question, and the identifiers it may mean.

Guarantees that a number is found however it is written: "06 12 34 56 78" also means every number
that ends in its digits without the prefix 0, and what the laboratory reads in the question.
"""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from palermo.analysis.identifiers import extract_text

#: Letters that the index needs to find a word; shorter ones are looked for in the texts.
SHORTEST = 3
#: Words of one question, and letters of one word, that count.
MOST_WORDS, LONGEST = 8, 100

_PARTS = re.compile(r'"([^"]+)"|(\S+)')
#: Quotation marks as keyboards and word processors of many languages write them.
_QUOTES = str.maketrans(dict.fromkeys("“”„‟«»＂", '"'))
_UNSEEN = re.compile("[\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff\x00-\x1f\x7f]")
_NUMBER = re.compile(r"\+?[\d\s().\-–/]+")
#: Digits of the shortest number that is looked for as one.
_DIGITS = 6


@dataclass(frozen=True)
class Question:
    """A question; all its `words` must stand in what is found, phrases in quotes as they are."""

    text: str

    @cached_property
    def plain(self) -> str:
        """The question in one form of every character, without those that cannot be seen."""
        return _UNSEEN.sub("", unicodedata.normalize("NFKC", self.text)).strip()

    @cached_property
    def words(self) -> tuple[str, ...]:
        """What must stand in a text; a number that is written in groups is one word."""
        if self.digits:
            return (self.plain,)
        found = (quoted or word for quoted, word in _PARTS.findall(self.plain.translate(_QUOTES)))
        return tuple(word[:LONGEST] for word in dict.fromkeys(found) if word != '"')[:MOST_WORDS]

    @cached_property
    def digits(self) -> str:
        """The digits of a number, without what is dialled before it; empty for other questions."""
        if not _NUMBER.fullmatch(self.plain):
            return ""
        digits = "".join(str(int(one)) for one in self.plain if one.isdecimal()).lstrip("0")
        return digits if len(digits) >= _DIGITS else ""

    def identifiers(self, langs: Sequence[str] = ()) -> set[tuple[str, str]]:
        """Return what the laboratory reads in the question, in each of the languages."""
        return {
            (mention.kind, mention.value)
            for lang in (None, *langs)
            for mention in extract_text(self.plain, lang=lang)
        }


def indexed(word: str) -> bool:
    """Tell whether the index over letters finds `word`."""
    return len(word) >= SHORTEST
