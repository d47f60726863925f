"""An item while it is being written: its pieces, and every identifier they truly state.

A piece is loose (wording, which noise may disturb) or firm (an identifier with its cue, a trap).
What is firm is never disturbed, so the truth can be read from the text.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

#: A sentence in parts: wording, a choice between wordings, or a writer of a firm piece.
Sentence = tuple["str | tuple[str, ...] | Callable[[Draft], str]", ...]


@dataclass(slots=True)
class Draft:
    """One item in the making. `draw` gives its chance, `place` and `company` what it speaks of."""

    draw: Callable[[], int]
    place: str
    company: str
    pieces: list[str] = field(default_factory=list)
    loose: list[int] = field(default_factory=list)
    found: dict[tuple[str, str], None] = field(default_factory=dict)

    def say(self, sentence: Sentence) -> None:
        """Add a sentence's pieces, the first with a capital letter."""
        pieces, draw = self.pieces, self.draw
        begin = at = len(pieces)
        for segment in sentence:
            if type(segment) is str:
                self.loose.append(at)
                pieces.append(segment)
            elif type(segment) is tuple:
                pieces.append(segment[draw() % len(segment)])
            else:
                pieces.append(segment(self))  # type: ignore[operator]  # the only kind left
            at += 1
        first = pieces[begin]
        if first[:1].islower():
            pieces[begin] = first[0].upper() + first[1:]

    def add(self, text: str) -> None:
        """Add a firm piece."""
        self.pieces.append(text)

    def state(self, kind: str, value: str) -> None:
        """Note that the text states an identifier."""
        self.found[kind, value] = None

    def pick(self, choices: Sequence[str]) -> str:
        """One of `choices`."""
        return choices[self.draw() % len(choices)]
