"""Phrase lists compiled into flat arrays that one pass over a text can follow.

Guarantees that the arrays say exactly what the phrases say. A phrase becomes *arrows* between
states: each word or number written in it is one arrow; what may be missing, and gaps, are
*skips*. Words are found by walking a trie, so nothing depends on hash values and no two words can
be confused.
"""

from collections.abc import Sequence as Rows
from collections.abc import Sized
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from palermo.analysis.indicators.alphabet import SHIFT
from palermo.analysis.indicators.phrases import (
    Choice,
    Gap,
    Node,
    Number,
    Optional,
    Sequence,
    Word,
)

I32 = NDArray[np.int32]

#: Multiplier of the edge table's hash (2**64 divided by the golden ratio, odd).
MIX = 0x9E3779B97F4A7C15
#: The state in which every phrase begins.
START = 0


@dataclass(frozen=True, slots=True)
class Arrow:
    """Reading `term` leads from one state to another."""

    term: Word | Number
    source: int
    target: int


@dataclass(frozen=True, slots=True)
class Skip:
    """One state leads to another over at most `gap` words of any kind."""

    source: int
    target: int
    gap: int


class Trie(NamedTuple):
    """Words by their letters: an open-addressing table of edges, and what ends at each node.

    An edge is keyed `node << SHIFT | code point`; free keys are -1. Node 0 is the root. `word[n]`
    is the term that is exactly the letters up to node n, `prefix[n]` the term that any word
    beginning with them meets, or -1.
    """

    keys: NDArray[np.int64]
    nodes: I32
    word: I32
    prefix: I32


class Ranges(NamedTuple):
    """The number terms: from `low` to `high`, both included."""

    low: NDArray[np.int64]
    high: NDArray[np.int64]
    term: I32


class Arrows(NamedTuple):
    """The arrows, sorted by term: those of term t are `first[t]:first[t+1]`.

    `source` is the state an arrow leaves; `entry_state[entry_first[a]:entry_first[a+1]]` are the
    states arrow a leads to and `entry_gap` the words that may lie before the next arrow; `closes`
    is the list whose phrase ends with it, or -1. `open[state]` marks states that need no arrow.
    """

    first: I32
    source: I32
    closes: I32
    entry_first: I32
    entry_state: I32
    entry_gap: I32
    open: NDArray[np.bool_]


class Automaton(NamedTuple):
    """The compiled lists, `lists` in number."""

    trie: Trie
    ranges: Ranges
    arrows: Arrows
    lists: int


class Graph:
    """States of phrases, joined from left to right.

    All steps into a state are listed in `steps` before any step out of it. `closes[state]` is the
    owner of the phrase that ends there.
    """

    def __init__(self) -> None:
        self.steps: list[Arrow | Skip] = []
        self.states = 1
        self.closes: dict[int, int] = {}

    def add(self, phrase: Sequence, owner: int) -> None:
        """Add one phrase; a match of it is a hit of `owner`."""
        end = self._state()
        self._walk(phrase, START, end)
        self.closes[end] = owner

    def _state(self) -> int:
        self.states += 1
        return self.states - 1

    def _walk(self, node: Node, source: int, target: int) -> None:
        match node:
            case Word() | Number():
                self.steps.append(Arrow(node, source, target))
            case Gap(words):
                self.steps.append(Skip(source, target, words))
            case Optional(part):
                self._walk(part, source, target)
                self.steps.append(Skip(source, target, 0))
            case Choice(parts):
                for part in parts:
                    self._walk(part, source, target)
            case Sequence(parts):
                for part in parts[:-1]:
                    between = self._state()
                    self._walk(part, source, between)
                    source = between
                self._walk(parts[-1], source, target)


def compile_lists(lists: Rows[Rows[Sequence]]) -> Automaton:
    """Compile `lists` of phrases; a hit names the place of its list in `lists`."""
    graph = Graph()
    for owner, phrases in enumerate(lists):
        for phrase in phrases:
            graph.add(phrase, owner)
    of_term: dict[Word | Number, list[Arrow]] = {}
    for step in graph.steps:
        if isinstance(step, Arrow):
            of_term.setdefault(step.term, []).append(step)
    trie = _Words()
    for number, term in enumerate(of_term):
        if isinstance(term, Word):
            trie.add(term, number)
    ranges = [(t.low, t.high, n) for n, t in enumerate(of_term) if isinstance(t, Number)]
    return Automaton(
        trie=trie.table(),
        ranges=Ranges(
            low=np.array([low for low, _, _ in ranges], np.int64),
            high=np.array([high for _, high, _ in ranges], np.int64),
            term=np.array([term for _, _, term in ranges], np.int32),
        ),
        arrows=_arrows(graph, list(of_term.values())),
        lists=len(lists),
    )


def _arrows(graph: Graph, of_term: list[list[Arrow]]) -> Arrows:
    reached = _skipped(graph)
    merged = [_merged(row, reached, graph.closes) for row in of_term]
    entries = [sorted(into.items()) for row in merged for into in row.values()]
    return Arrows(
        first=_cuts(merged),
        source=np.array([source for row in merged for source, _ in row], np.int32),
        closes=np.array([owner for row in merged for _, owner in row], np.int32),
        entry_first=_cuts(entries),
        entry_state=np.array([state for row in entries for state, _ in row], np.int32),
        entry_gap=np.array([gap for row in entries for _, gap in row], np.int32),
        open=np.array([state in reached[START] for state in range(graph.states)], np.bool_),
    )


def _merged(
    arrows: list[Arrow], reached: list[dict[int, int]], closes: dict[int, int]
) -> dict[tuple[int, int], dict[int, int]]:
    """Join arrows of one term that leave one state and end the same list, or none.

    Returns the states entered and their gaps, by (source, list or -1).
    """
    joined: dict[tuple[int, int], dict[int, int]] = {}
    for arrow in arrows:
        into = reached[arrow.target]
        owner = max(closes.get(state, -1) for state in into)
        entries = joined.setdefault((arrow.source, owner), {})
        for state, gap in into.items():
            entries[state] = max(gap, entries.get(state, 0))
    return joined


def _skipped(graph: Graph) -> list[dict[int, int]]:
    """For each state, the states its skips lead to (itself too), with the widest gap."""
    reached: list[dict[int, int]] = [{state: 0} for state in range(graph.states)]
    # Backwards, so that what lies behind a skip is known before the skip is taken.
    for step in reversed(graph.steps):
        if isinstance(step, Skip):
            for state, gap in reached[step.target].items():
                known = reached[step.source].get(state, 0)
                reached[step.source][state] = max(known, gap + step.gap)
    return reached


def _cuts(rows: Rows[Sized]) -> I32:
    first = np.zeros(len(rows) + 1, np.int32)
    np.cumsum([len(row) for row in rows], out=first[1:])
    return first


class _Words:
    """Gathers words for the trie."""

    def __init__(self) -> None:
        self.edges: dict[int, int] = {}
        self.word = [-1]
        self.prefix = [-1]

    def add(self, term: Word, number: int) -> None:
        node = 0
        for sign in term.text:
            key = node << SHIFT | ord(sign)
            node = self.edges.setdefault(key, len(self.word))
            if node == len(self.word):
                self.word.append(-1)
                self.prefix.append(-1)
        (self.prefix if term.prefix else self.word)[node] = number

    def table(self) -> Trie:
        """Lay the edges out as an open-addressing table at most half full; free keys are -1."""
        size = 1 << max(4, (2 * len(self.edges)).bit_length())
        keys = np.full(size, -1, np.int64)
        nodes = np.zeros(size, np.int32)
        for key, node in self.edges.items():
            slot = (key * MIX & (1 << 64) - 1) >> 32 & size - 1
            while keys[slot] >= 0:
                slot = slot + 1 & size - 1
            keys[slot], nodes[slot] = key, node
        return Trie(keys, nodes, np.array(self.word, np.int32), np.array(self.prefix, np.int32))
