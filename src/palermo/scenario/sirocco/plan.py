"""Which item is whose, when, and with which hub: decided for all items at once, in a few arrays.

Items come in the order of time. A campaign's items lie within its window, in bursts if it is a
ring's; counts are exact, so a campaign has members and a hub has carriers at every size.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from palermo.scenario.sirocco import chance
from palermo.scenario.sirocco.cast import Cast, Owner
from palermo.scenario.sirocco.wording import LANGUAGES, Singles, Text, wording

if TYPE_CHECKING:
    from numpy.typing import NDArray

#: The time that is covered: from 5 January 2026, in seconds, 300 days.
START, SPAN = 1_767_571_200, 300 * 86_400


@dataclass(frozen=True, slots=True)
class Source:
    """Where a number of items come from: one template of one owner, or one kind of one-off."""

    language: str
    role: str
    count: int
    text: Text | None = None
    owner: Owner | None = None
    ring: str | None = None
    campaign: str | None = None
    number: int = 0
    singles: Singles | None = None
    first: int = 0  # number of the first one-off text of this source in its language
    window: tuple[float, float] = (0.0, 1.0)
    bursts: int = 0


@dataclass(frozen=True, slots=True)
class Plan:
    """For each item in order: its source, its place in that source, time (s) and hub (-1: none)."""

    sources: list[Source]
    source: "NDArray[np.int32]"
    ordinal: "NDArray[np.int32]"
    time: "NDArray[np.int64]"
    hub: "NDArray[np.int16]"


def _shares(total: int, weights: list[int], least: int) -> list[int]:
    """`total` in parts like `weights`, each at least `least`; the sum is exact."""
    spare = total - least * len(weights)
    whole = sum(weights)
    parts = [least + spare * w // whole for w in weights]
    for i in range(total - sum(parts)):
        parts[i % len(parts)] += 1
    return parts


def _in_turn(texts: dict[str, list[Text]], cast: Cast) -> list[tuple[str, Text]]:
    """All templates, languages in turn, both in an order of the seed."""
    queues = [
        [(language, text) for text in chance.shuffled(texts[language], cast.draw)]
        for language in chance.shuffled(LANGUAGES, cast.draw)
    ]
    longest = max(len(queue) for queue in queues)
    return [queue[i] for i in range(longest) for queue in queues if i < len(queue)]


def _campaigns(
    texts: dict[str, list[Text]], total: int, cast: Cast
) -> list[tuple[str, Text, int, tuple[float, float]]]:
    """Choose templates of a seed's bank for `total` items; four fifths of the bank at the most."""
    bank = _in_turn(texts, cast)
    chosen = bank[: max(1, min(len(bank) * 4 // 5, total // 6))]
    weights = [1 + cast.draw() % 6 for _ in chosen]
    counts = _shares(total, weights, min(3, total // len(chosen)))
    result = []
    for (language, text), count in zip(chosen, counts, strict=True):
        begin = cast.draw() % 1000 / 1000 * 0.5
        length = 0.3 + cast.draw() % 1000 / 1000 * 0.5
        result.append((language, text, count, (begin, min(length, 1 - begin))))
    return result


def _sources(cast: Cast) -> list[Source]:
    size, shares = cast.size, cast.data["shares"]
    sources: list[Source] = []
    for ring, owner in cast.rings.items():
        total = round(size * shares["ring"] * cast.data["rings"][ring]["share"])
        texts = {code: list(wording(code).rings[ring]) for code in LANGUAGES}
        for language, text, count, window in _campaigns(texts, total, cast):
            sources.append(
                Source(
                    language, "ring", count, text, owner, ring, f"{ring}-{text.key}", len(sources),
                    window=window, bursts=3 + cast.draw() % 12,
                )
            )  # fmt: skip
    total = round(size * shares["innocent_campaign"])
    texts = {code: list(wording(code).innocent) for code in LANGUAGES}
    for number, (language, text, count, window) in enumerate(_campaigns(texts, total, cast)):
        owner = cast.campaign_owner(number, text.role, language)
        sources.append(
            Source(
                language, text.role, count, text, owner, None, f"{text.role}-{text.key}",
                len(sources), window=window,
            )
        )  # fmt: skip
    return sources + _singles(size - sum(s.count for s in sources))


def _singles(total: int) -> list[Source]:
    kinds = [(code, kind) for code in LANGUAGES for kind in wording(code).singles]
    counts = _shares(total, [kind.weight for _, kind in kinds], 0)
    first = dict.fromkeys(LANGUAGES, 0)
    sources = []
    for (language, kind), count in zip(kinds, counts, strict=True):
        sources.append(Source(language, kind.role, count, singles=kind, first=first[language]))
        first[language] += count
    return sources


def _hubs(cast: Cast, ring: "NDArray[np.bool_]") -> "NDArray[np.int16]":
    """Spread every hub over unrelated items: a third of its carriers are of rings."""
    hub = np.full(len(ring), -1, np.int16)
    seed = cast.seed
    queues = [np.flatnonzero(ring), np.flatnonzero(~ring)]
    queues = [
        queue[chance.order(seed, f"hub carriers {i}", len(queue))] for i, queue in enumerate(queues)
    ]
    at = [0, 0]
    for number, (_, degree) in enumerate(cast.hubs):
        for side, count in enumerate((max(2, degree // 3), max(2, degree - degree // 3))):
            hub[queues[side][at[side] : at[side] + count]] = number
            at[side] += count
    return hub


def plan(cast: Cast) -> Plan:
    """Lay out all items of the scenario."""
    sources = _sources(cast)
    counts = np.array([s.count for s in sources])
    source = np.repeat(np.arange(len(sources), dtype=np.int32), counts)
    ordinal = (np.arange(cast.size) - np.repeat(np.cumsum(counts) - counts, counts)).astype(
        np.int32
    )
    begin = np.array([s.window[0] for s in sources])[source]
    length = np.array([s.window[1] for s in sources])[source]
    bursts = np.array([s.bursts for s in sources])[source]
    u = chance.uniform(cast.seed, "time", cast.size)
    within = chance.uniform(cast.seed, "burst", cast.size)
    gathered = (np.floor(u * bursts) + 0.1 + 0.05 * within) / np.maximum(bursts, 1)
    moment = begin + length * np.where((bursts > 0) & (within < 0.9), gathered, u)
    time = (START + SPAN * moment).astype(np.int64)
    order = np.argsort(time, kind="stable")
    source = source[order]
    ring = np.array([s.ring is not None for s in sources])[source]
    return Plan(sources, source, ordinal[order], time[order], _hubs(cast, ring))
