"""A template says what more than half of a campaign's members share; the rest are its slots.

It is built from a sample that depends on the set of texts alone, so the same members give the
same template in any order. The wording of constant parts, with spaces and punctuation, is that of
one member: the one most like the others.
"""

import hashlib
import math
from collections import Counter
from collections.abc import Iterable, Sequence
from itertools import pairwise
from statistics import median_low

import numpy as np

from palermo.analysis.campaigns.alignment import SLOT
from palermo.analysis.campaigns.columns import Column, Members, Place, Stretch, lay_all
from palermo.analysis.campaigns.cues import cued
from palermo.analysis.campaigns.elements import kind_of, split
from palermo.analysis.campaigns.variations import variations
from palermo.model import Template, TemplatePart, Unreadable

#: A template is built from at most this many different members, and about so many elements.
SAMPLE = 40
_SAMPLE_ELEMENTS = 40_000
#: Example fillers kept for each slot, the commonest first.
FILLERS = 5

#: A place becomes several slots when so many of its fillers change kind in the same way, at most so
#: often.
_SAME_SHAPE = 0.8
_MOST_RUNS = 4


def build_template(campaign_id: str, texts: Sequence[str]) -> Template:
    """Build the template of a campaign from its members' texts.

    At most `SAMPLE` different texts are used, chosen by hash; `support` counts the members that
    say one of them.

    Raises:
        Unreadable: there is no text.
    """
    if not texts:
        raise Unreadable(f"campaign {campaign_id}: a template needs at least one text; give some")
    said = Counter(texts)
    sample = _sample(said)
    members = Members([split(text) for text in sample])
    centre = _centre(members)
    columns = [
        Column(int(key), gap, word)
        for key, gap, word in zip(
            members.keys[centre],
            members.elements[centre].gaps,
            members.elements[centre].words,
            strict=True,
        )
    ]
    for _ in range(2):
        columns = _agree(columns, members)
    parts, places = _parts(columns, members, members.elements[centre].tail)
    return Template(
        campaign=campaign_id,
        parts=parts,
        support=sum(said[text] for text in sample),
        compression=_compression(columns, members),
        different=len(sample),
        length=median_low(map(len, members.keys)),
        variations=variations(columns, members, parts, places),
    )


def _sample(texts: Iterable[str]) -> list[str]:
    """Return different texts, in an order and a choice that depend on the texts alone."""
    ordered = sorted(
        texts,
        key=lambda text: hashlib.blake2b(text.encode("utf-8", "replace"), digest_size=8).digest(),
    )
    mean = sum(map(len, ordered[:SAMPLE])) / len(ordered[:SAMPLE]) / 4
    return ordered[: max(3, min(SAMPLE, int(_SAMPLE_ELEMENTS / (mean + 1))))]


def _centre(members: Members) -> int:
    """Return the member whose neighbouring elements most of the others have too."""
    pairs = [set(pairwise(keys.tolist())) for keys in members.keys]
    shared = Counter(pair for found in pairs for pair in found)
    half = (len(pairs) + 1) / 2
    gains = [sum(shared[pair] - half for pair in sorted(found)) for found in pairs]
    return max(range(len(gains)), key=lambda k: (gains[k], -k))


def _agree(columns: Sequence[Column], members: Members) -> list[Column]:
    """Keep the constants most members have, and find what they have in the places between."""
    laid = lay_all(columns, members)
    support = np.zeros(len(columns) + 1, dtype=np.int64)
    for own in laid:
        support[own[own >= 0]] += 1
    kept = [
        at
        for at, column in enumerate(columns)
        if column.key != SLOT and 2 * support[at] > len(laid)
    ]
    place = {at: number for number, at in enumerate(kept)}
    # The stretch of each member between its kept constants, by the constant before it.
    stretches: list[list[Stretch]] = [[] for _ in range(len(kept) + 1)]
    for member, own in enumerate(laid):
        before, first = 0, 0
        for at, column in enumerate(own.tolist()):
            if column in place:
                stretches[before].append((member, first, at))
                before, first = place[column] + 1, at + 1
        stretches[before].append((member, first, len(own)))
    agreed = _between(stretches[0], members)
    for number, at in enumerate(kept):
        agreed.append(columns[at])
        agreed += _between(stretches[number + 1], members)
    return agreed


def _between(place: list[Stretch], members: Members) -> list[Column]:
    """Return the columns of one place: the elements most members share there, slots around them."""
    out: list[Column] = []
    waiting: list[Column | list[Stretch]] = [place]
    while waiting:
        item = waiting.pop()
        if isinstance(item, Column):
            out.append(item)
            continue
        filled = [stretch for stretch in item if stretch[2] > stretch[1]]
        if 2 * len(filled) <= len(members.keys):
            continue
        having = Counter(key for stretch in filled for key in set(members.run(stretch)))
        key, most = max(having.items(), key=lambda entry: (entry[1], -entry[0]))
        if 2 * most <= len(members.keys):
            out += _slots(filled, members)
            continue
        left, shared, right = _split_at(key, filled, members)
        waiting += [right, shared, left]
    return out


def _slots(filled: Sequence[Stretch], members: Members) -> list[Column]:
    """Return the slot of a place; several when nearly all fillers change kind in the same way.

    "Ana, 21" and "Bea, 24" are a word and a number each: two slots. A filler that is otherwise
    made goes into the first.
    """
    runs = [_runs(stretch, members) for stretch in filled]
    shapes = Counter(tuple(kind for kind, _ in own) for own in runs)
    shape, most = max(shapes.items(), key=lambda entry: (entry[1], entry[0]))
    if not 2 <= len(shape) <= _MOST_RUNS or most < _SAME_SHAPE * len(filled):
        return [Column(SLOT, fillers=tuple(filled))]
    slots: list[list[Stretch]] = [[] for _ in shape]
    for stretch, own in zip(filled, runs, strict=True):
        if tuple(kind for kind, _ in own) == shape:
            for slot, (_, part) in zip(slots, own, strict=True):
                slot.append(part)
        else:
            slots[0].append(stretch)
    return [Column(SLOT, fillers=tuple(slot)) for slot in slots]


def _runs(stretch: Stretch, members: Members) -> list[tuple[int, Stretch]]:
    """Cut a stretch into runs of elements of one kind."""
    member, first, end = stretch
    kinds = members.elements[member].kinds
    bounds = [first, *(at for at in range(first + 1, end) if kinds[at] != kinds[at - 1]), end]
    return [(kinds[begin], (member, begin, stop)) for begin, stop in pairwise(bounds)]


def _split_at(
    key: int, stretches: Sequence[Stretch], members: Members
) -> tuple[list[Stretch], Column, list[Stretch]]:
    """Cut the stretches that hold `key` at its first place; the first of them gives its wording."""
    left, right, wording = [], [], Column(key)
    for member, first, end in stretches:
        run = members.run((member, first, end))
        if key in run:
            at = first + run.index(key)
            left.append((member, first, at))
            right.append((member, at + 1, end))
            if not wording.word:
                elements = members.elements[member]
                wording = Column(key, elements.gaps[at], elements.words[at])
    return left, wording, right


def _parts(
    columns: Sequence[Column], members: Members, tail: str
) -> tuple[tuple[TemplatePart, ...], list[Place]]:
    """Write the columns down as alternating constants and slots, a gap always in a constant.

    Returns the parts, and the place of each column in them.
    """
    parts: list[TemplatePart] = []
    places: list[Place] = []
    constant = ""
    slots = 0
    for at, column in enumerate(columns):
        if column.key != SLOT:
            before = len(constant)
            constant += column.gap + column.word
            places.append(Place(len(parts), before, len(constant)))
            continue
        gaps = Counter(members.elements[member].gaps[first] for member, first, _ in column.fillers)
        constant += max(gaps.items(), key=lambda entry: (entry[1], entry[0]))[0]
        if constant:
            parts.append(TemplatePart(text=constant))
            constant = ""
        beside = (
            columns[at - 1].word if at else "",
            columns[at + 1].word if at + 1 < len(columns) else "",
        )
        places.append(Place(len(parts), 0, 0))
        parts.append(_slot(slots, column.fillers, members, beside))
        slots += 1
    if constant or tail:
        parts.append(TemplatePart(text=constant + tail))
    return tuple(parts), places


def _slot(
    number: int, stretches: Sequence[Stretch], members: Members, beside: tuple[str, str]
) -> TemplatePart:
    fillers: Counter[str] = Counter()
    kinds = []
    for member, first, end in stretches:
        fillers[members.wording((member, first, end))] += 1
        kinds.append(members.elements[member].kinds[first:end])
    ranked = sorted(fillers.items(), key=lambda entry: (-entry[1], entry[0]))
    return TemplatePart(
        slot=number,
        kind=cued(kind_of(kinds), *beside, [text for text, _ in ranked]),
        fillers=tuple(text for text, _ in ranked[:FILLERS]),
    )


def _compression(columns: Sequence[Column], members: Members) -> float:
    """Return the bits of the members written with the template over those written apart.

    A new element costs as many bits as it takes to tell the members' elements apart; with the
    template, a missing constant or an element of the member's own costs its place besides.
    """
    element = math.log2(len(members.number) + 1) + 1
    place = math.log2(len(columns) + 1)
    apart = sum(map(len, members.keys)) * element
    if not apart:
        return 1.0
    constants = sum(column.key != SLOT for column in columns)
    together = constants * element
    for own in lay_all(columns, members):
        matched = sum(1 for at in own.tolist() if at >= 0 and columns[at].key != SLOT)
        together += (constants - matched) * place + (len(own) - matched) * (element + 1) + place
    return min(1.0, together / apart)
