"""Noise in the loose wording: slips, left-out and repeated words. Firm pieces stay as they are."""

from collections.abc import Callable

from palermo.scenario.sirocco.draft import Draft


def _swap(word: str, at: int) -> str:
    at %= len(word) - 1
    return word[:at] + word[at + 1] + word[at] + word[at + 2 :]


def _double(word: str, at: int) -> str:
    at %= len(word)
    return word[:at] + word[at] + word[at:]


def _drop_letter(word: str, at: int) -> str:
    at %= len(word)
    return word[:at] + word[at + 1 :]


def _drop(_: str, __: int) -> str:
    return ""


def _upper(word: str, _: int) -> str:
    return word.upper()


def _stretch(word: str, _: int) -> str:
    return f"{word} {word}"


_SLIPS: tuple[Callable[[str, int], str], ...] = (
    _swap,
    _double,
    _drop_letter,
    _drop,
    _upper,
    _stretch,
)


def disturb(draft: Draft, rate: float, language: str) -> None:
    """Change about `rate` of the words (letters, in Chinese) of the loose pieces."""
    loose, pieces, draw = draft.loose, draft.pieces, draft.draw
    if not loose:
        return
    expected = rate * sum(len(pieces[i]) for i in loose) / (4 if language == "zh" else 6)
    for _ in range(int(expected + draw() / 65536)):
        at = loose[draw() % len(loose)]
        text = pieces[at]
        if language == "zh":
            where = draw() % len(text) if text else 0
            pieces[at] = (
                _double(text, where) if draw() % 2 and text else text[:where] + text[where + 1 :]
            )
            continue
        words = text.split(" ")
        where = draw() % len(words)
        if len(words[where]) >= 4 and words[where].isalpha():
            words[where] = _SLIPS[draw() % len(_SLIPS)](words[where], draw())
            pieces[at] = " ".join(words)
