"""What a slot is filled with, told by the words before and after it: an age, a name, a place.

A cue is a word in its folded form (`alphabet.fold`), as it stands in the constants beside a slot.
It only suggests: the fillers must look the part as well, or the slot stays what it was.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from palermo.analysis.campaigns.alphabet import fold


@dataclass(frozen=True, slots=True)
class Cue:
    """A kind, the last word before a slot or the first after it that suggests it."""

    kind: str
    before: str = ""
    after: str = ""


def _folded(words: str) -> frozenset[str]:
    return frozenset(fold(word) for word in words.split())


#: In the order in which they are tried. Own compilation: the common words for these in English,
#: French, Spanish, Portuguese, Italian, German, Dutch, Romanian, Russian, Ukrainian, Arabic,
#: Chinese, Thai, Vietnamese, Tagalog and Indonesian.
CUES = (
    Cue(
        "age",
        before="age aged edad idade eta alter leeftijd varsta возраст вік عمر عمرها عمري 年龄 อายุ "
        "tuoi umur usia",
        after="years yrs yr yo y.o year-old ans anos años anni jahre jaar ani лет года год років "
        "سنة سنوات عاما 岁 歲 ปี tuổi taon tahun",
    ),
    Cue(
        "name",
        before="is am name names im i'm hello hi dear ask contact es est ist nombre llamo nom "
        "m'appelle chiamo nome heiße зовут имя звать ім'я اسمي اسم 叫 ชื่อ tên ako",
    ),
    Cue(
        "place",
        before="in at to from near around en a à de dans desde em no na da para nach aus bij din "
        "la в во из у на до около з із біля في الى إلى من 在 到 ที่ ใน ở tại sa di ke",
    ),
)
_BEFORE = {cue.kind: _folded(cue.before) for cue in CUES}
_AFTER = {cue.kind: _folded(cue.after) for cue in CUES}

#: Ages that anybody states in words of this kind.
_AGES = range(10, 100)
_MOST_WORDS = 4


def cued(kind: str, before: str, after: str, fillers: Sequence[str]) -> str:
    """Return the kind of a slot, given its kind without cues and the words beside it.

    >>> cued("free", "in", "", ["Dubai", "Abu Dhabi"])
    'place'
    """
    before, after = fold(before), fold(after)
    for cue in CUES:
        suggested = before in _BEFORE[cue.kind] or (after != "" and after in _AFTER[cue.kind])
        if suggested and (_is_age if cue.kind == "age" else _is_proper)(kind, fillers):
            return cue.kind
    return kind


def _is_age(kind: str, fillers: Sequence[str]) -> bool:
    ages = [int(filler) in _AGES for filler in fillers if filler.isdecimal()]
    return kind == "number" and len(ages) == len(fillers) and all(ages)


def _is_proper(kind: str, fillers: Sequence[str]) -> bool:
    """Tell whether most fillers are a few words, written with capitals where there are any."""
    proper = 0
    for filler in fillers:
        words = filler.split()
        capital = all(not word[0].islower() and word[0].isalpha() for word in words)
        proper += capital and 0 < len(words) <= _MOST_WORDS
    return kind == "free" and 3 * proper >= 2 * len(fillers)
