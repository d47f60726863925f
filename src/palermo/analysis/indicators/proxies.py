"""Wordings that must never carry an indication by themselves, and the proof that none does.

Guarantees that a rule passes only if no text made of these wordings, of common words and of
adult ages, in any order and number, can meet its condition. The proof walks the rule's own
phrases, so it holds for every such text, not only for the sentences someone thought of.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from palermo.analysis.indicators.automaton import START, Graph, Skip
from palermo.analysis.indicators.phrases import Number, Sequence, Word, words_of
from palermo.analysis.indicators.rules import Rule

_ADULT_AGES = range(18, 100)


@dataclass(frozen=True, slots=True)
class _Place:
    """Word number `index` of wording number `wording`, with `left` words behind it."""

    wording: int
    index: int
    left: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Proxies:
    """The lexicon.

    `phrases[topic][language]` are the proxy wordings; `places[word]` tells where a folded word
    stands in the wordings (common words and ages are wordings of one word).
    """

    phrases: Mapping[str, Mapping[str, tuple[str, ...]]]
    places: Mapping[str, tuple[_Place, ...]]


def read_proxies(document: Mapping[str, Any]) -> Proxies:
    """Build the lexicon from the data of lists/not_scored.yaml."""
    phrases = {
        topic["id"]: {lang: tuple(map(str, said)) for lang, said in topic["wording"].items()}
        for topic in document["topics"]
    }
    said = [
        text for languages in phrases.values() for texts in languages.values() for text in texts
    ]
    common = " ".join(str(text) for texts in document["neutral"].values() for text in texts)
    wordings = [words_of(text) for text in said]
    wordings += [[word] for word in dict.fromkeys(words_of(common))]
    wordings += [[str(age)] for age in _ADULT_AGES]
    places: dict[str, list[_Place]] = {}
    for number, words in enumerate(wordings):
        for index, word in enumerate(words):
            places.setdefault(word, []).append(_Place(number, index, len(words) - 1 - index))
    return Proxies(phrases=phrases, places={word: tuple(at) for word, at in places.items()})


def relies_on_proxies(rule: Rule, proxies: Proxies) -> bool:
    """Tell whether a text of proxies and common words alone could fire `rule`."""
    if rule.condition is None:
        return False
    reachable = frozenset(
        name
        for name in rule.condition.required
        if any(_can_say(phrase, proxies) for phrase in rule.phrases.get(name, ()))
    )
    return rule.condition.holds(reachable)


def _can_say(phrase: Sequence, proxies: Proxies) -> bool:
    """Whether some text made of the wordings contains `phrase`."""
    graph = Graph()
    graph.add(phrase, 0)
    # For each state, where in the wordings a text can have got to, and the gap open behind it.
    reached: list[list[tuple[_Place, int]]] = [[] for _ in range(graph.states)]
    fresh = {START}
    for step in graph.steps:
        here = reached[step.source]
        if isinstance(step, Skip):
            reached[step.target] += [(place, gap + step.gap) for place, gap in here]
            if step.source in fresh:
                fresh.add(step.target)
            continue
        for to in _places(step.term, proxies):
            if step.source in fresh or any(_follows(at, to, gap + 1) for at, gap in here):
                reached[step.target].append((to, 0))
    return any(reached[state] for state in graph.closes)


def _places(term: Word | Number, proxies: Proxies) -> list[_Place]:
    match term:
        case Word(text, prefix=False):
            return list(proxies.places.get(text, ()))
        case Word(text):
            return [p for word, at in proxies.places.items() if word.startswith(text) for p in at]
        case Number(low, high):
            numbers = ((int(word), at) for word, at in proxies.places.items() if word.isdigit())
            return [place for number, at in numbers if low <= number <= high for place in at]


def _follows(at: _Place, to: _Place, most: int) -> bool:
    """Whether `to` can follow `at` within `most` words, in the same wording or by a new one."""
    same = at.wording == to.wording and 0 < to.index - at.index <= most
    return same or at.left + 1 + to.index <= most
