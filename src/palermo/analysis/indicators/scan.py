"""One pass over texts that finds where the phrases of each list stand.

Guarantees linear time whatever the text says: each word is looked up once and takes only the
arrows that name it. At most one hit per text and list is returned, the one that ends first.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from palermo.analysis.compiled import compiled
from palermo.analysis.indicators.alphabet import LIMIT, PLAIN, SHIFT, alphabet
from palermo.analysis.indicators.automaton import MIX, Arrows, Automaton, Ranges, Trie

I32 = NDArray[np.int32]
I64 = NDArray[np.int64]
U32 = NDArray[np.uint32]

_SPACE, _LETTER, _DIGIT, _SINGLE, _STOP, _INSIDE = range(6)
#: Steps the word clock takes at the end of a sentence: more than the gaps of a phrase can bridge.
_FAR = 1_000
_HUGE = 10**12
_MIX = np.uint64(MIX)


class Hits(NamedTuple):
    """Parallel arrays: text number, list number, and the span in code points of that text."""

    text: I64
    owner: I64
    start: I64
    end: I64


def scan(texts: list[str], automaton: Automaton) -> Hits:
    """Find in each of `texts` the first hit of each list. Hits come in order of text."""
    signs = np.frombuffer("".join(texts).encode("utf-32-le", "surrogatepass"), np.uint32)
    bounds = np.zeros(len(texts) + 1, np.int64)
    np.cumsum([len(text) for text in texts], out=bounds[1:])
    terms = _terms(signs, alphabet(), bounds, automaton.trie, automaton.ranges)
    found = _follow(terms, automaton.arrows, automaton.lists)
    return Hits(found[0], found[1], found[2], found[3])


# Two passes rather than functions called for each word: compiled code pays for every array it
# hands from function to function.


@compiled
def _step(keys: I64, nodes: I32, node: int, sign: int) -> int:
    """Follow the edge `sign` of the trie from `node`; -1 when there is none, or no node."""
    if node < 0:
        return -1
    key = (node << SHIFT) | sign
    mask = len(keys) - 1
    slot = int((np.uint64(key) * _MIX) >> np.uint64(32)) & mask
    while keys[slot] >= 0:
        if keys[slot] == key:
            return int(nodes[slot])
        slot = (slot + 1) & mask
    return -1


@compiled
def _number(signs: U32, table: I32, at: int, ranges: Ranges, terms: I32) -> tuple[int, int]:
    """Read the number at `at` into its `terms`; return its end and how many they are.

    A number is digits with thousands separators; a decimal part belongs to it and is not counted.
    """
    value, whole, stop = 0, True, len(signs)
    while at < stop:
        entry = table[min(signs[at], np.uint32(LIMIT))]
        if entry >> SHIFT == _DIGIT:
            if whole and value < _HUGE:
                value = value * 10 + (entry & PLAIN) - 48
        elif signs[at] in (44, 46, 39, 0x2019):  # , . ' ’
            run = 0
            while at + 1 + run < stop and run < 4:
                if table[min(signs[at + 1 + run], np.uint32(LIMIT))] >> SHIFT != _DIGIT:
                    break
                run += 1
            if run == 0:
                break
            whole = whole and run == 3
        else:
            break
        at += 1
    count = 0
    for which in range(len(ranges.term)):
        if ranges.low[which] <= value <= ranges.high[which]:
            terms[count] = ranges.term[which]
            count += 1
    return at, count


@compiled
def _terms(all_signs: U32, table: I32, bounds: I64, trie: Trie, ranges: Ranges) -> I64:
    """Cut texts into words; list (text, clock, start, end, term) for each term a word meets."""
    keys, nodes, words, prefixes = trie.keys, trie.nodes, trie.word, trie.prefix
    out = np.zeros((5, 1024), np.int64)
    terms = np.zeros(len(words) + len(ranges.term), np.int32)
    found, clock = 0, 0
    for text in range(len(bounds) - 1):
        clock += _FAR
        signs = all_signs[bounds[text] : bounds[text + 1]]
        at, stop = 0, len(signs)
        while at < stop:
            kind = table[min(signs[at], np.uint32(LIMIT))] >> SHIFT
            if kind in (_SPACE, _STOP, _INSIDE):
                clock += _FAR * (kind == _STOP)
                at += 1
                continue
            clock += 1
            begin, count = at, 0
            if kind == _DIGIT:
                at, count = _number(signs, table, at, ranges, terms)
            else:
                node, end = 0, at
                while at < stop:
                    entry = table[min(signs[at], np.uint32(LIMIT))]
                    if entry >> SHIFT != _INSIDE:
                        if entry >> SHIFT != kind or (kind == _SINGLE and at > begin):
                            break
                        end = at + 1
                        node = _step(keys, nodes, node, entry & PLAIN)
                        if node >= 0 and prefixes[node] >= 0:
                            terms[count] = prefixes[node]
                            count += 1
                    at += 1
                at = end
                if node >= 0 and words[node] >= 0:
                    terms[count] = words[node]
                    count += 1
            for which in range(count):
                if found == out.shape[1]:
                    out = np.concatenate((out, np.zeros_like(out)), axis=1)
                out[0, found], out[1, found], out[4, found] = text, clock, terms[which]
                out[2, found], out[3, found] = begin, at
                found += 1
    return out[:, :found]


@compiled
def _follow(words: I64, a: Arrows, lists: int) -> I64:
    """Move the phrases on with each word; list (text, list, start, end) of those that end.

    All arrows of a word are noted before any state is entered, so that one word never counts as
    two. Of two ways into a state the longer lasting one counts.
    """
    first, source, closes, is_open = a.first, a.source, a.closes, a.open
    entry_first, entry_state, entry_gap = a.entry_first, a.entry_state, a.entry_gap
    # The last word at which an arrow may leave a state, and where the phrase before it began.
    until = np.full(len(is_open), -1, np.int64)
    begun = np.zeros(len(is_open), np.int64)
    taken = np.zeros(len(source), np.int64)
    start = np.zeros(len(source), np.int64)
    hit_in = np.full(lists, -1, np.int64)
    out = np.zeros((4, 64), np.int64)
    found, count = 0, 0
    for row in range(words.shape[1]):
        clock, term = words[1, row], words[4, row]
        for arrow in range(first[term], first[term + 1]):
            state = source[arrow]
            if is_open[state] or until[state] >= clock:
                taken[count] = arrow
                start[count] = words[2, row] if is_open[state] else begun[state]
                count += 1
        if row + 1 < words.shape[1] and words[1, row + 1] == clock:
            continue
        for which in range(count):
            arrow = taken[which]
            for entry in range(entry_first[arrow], entry_first[arrow + 1]):
                state = entry_state[entry]
                if clock + 1 + entry_gap[entry] > until[state]:
                    until[state] = clock + 1 + entry_gap[entry]
                    begun[state] = start[which]
            owner = closes[arrow]
            if owner >= 0 and hit_in[owner] != words[0, row]:
                hit_in[owner] = words[0, row]
                if found == out.shape[1]:
                    out = np.concatenate((out, np.zeros_like(out)), axis=1)
                out[0, found], out[1, found] = words[0, row], owner
                out[2, found], out[3, found] = start[which], words[3, row]
                found += 1
        count = 0
    return out[:, :found]
