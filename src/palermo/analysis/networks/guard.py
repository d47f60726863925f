"""The hub guard: which shared values may join items, so that one agency number welds nothing.

Guarantees: a value joins groups only if
  * it is not a known generic value;
  * and the groups it touches are few, or nearly all its items lie in one group already;
  * and two groups that are both large are joined only by two values that do not always occur
    together, or by one that stands in most items of both; never by a number quoted now and then.
Accounts and campaigns go first, because they are stronger than a quoted number; the rest is
decided in rounds, since every join can show that a value which looked scattered is not.
A value that is not used is kept with the reason, for a person to look at.

A fixed cut-off by degree is not enough: an agency's number in ten ads does as much harm as a
hotline in ten thousand, and a ring's own number may stand in thousands.
"""

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from palermo.analysis.networks.components import Components, Ints

#: A value that touches at most this many groups may join them.
FEW_GROUPS = 3
#: … or this many, if none of them is large. Above it, unrelated people are the better explanation.
FEW_SMALL_GROUPS = 6
#: A group of at least this many items is large: joining two of them needs two values.
LARGE_GROUP = 20
#: … unless the one value stands in at least this share of the items of each: then it is theirs.
OWN_SHARE = 0.5
#: If at least this share of a value's items lies in one group, the stray rest may join it.
ONE_GROUP_SHARE = 0.85


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether a value may join what it touches, and why (English, for the quality table)."""

    used: bool
    reason: str


@dataclass(frozen=True, slots=True)
class Runs:
    """Shared values as runs: value v stands in items `positions[starts[v]:ends[v]]`."""

    positions: Ints
    starts: Ints
    ends: Ints

    def carriers(self, value: int) -> Ints:
        """Items that carry a value."""
        return self.positions[self.starts[value] : self.ends[value]]


@dataclass(frozen=True, slots=True)
class _Touch:
    """The groups a value touches now: how many of its items lie in each, and how large each is."""

    groups: tuple[int, ...]
    carriers: tuple[int, ...]
    sizes: tuple[int, ...]

    @property
    def large(self) -> tuple[int, ...]:
        return tuple(
            g for g, size in zip(self.groups, self.sizes, strict=True) if size >= LARGE_GROUP
        )


#: A kind of join: returns why the value may join what it touches, or None. Safest first.
_Rule = Callable[[_Touch], str | None]


def _already_together(touch: _Touch) -> str | None:
    return "all its items already belong together" if len(touch.groups) == 1 else None


def _few_groups(touch: _Touch) -> str | None:
    if len(touch.groups) <= FEW_GROUPS and len(touch.large) < 2:
        return f"joins {len(touch.groups)} groups"
    return None


def _mostly_one_group(touch: _Touch) -> str | None:
    most, total = max(touch.carriers), sum(touch.carriers)
    if most >= ONE_GROUP_SHARE * total and len(touch.large) < 2:
        return f"{most} of its {total} items lie in one group"
    return None


def _few_small_groups(touch: _Touch) -> str | None:
    if len(touch.groups) <= FEW_SMALL_GROUPS and not touch.large:
        return f"joins {len(touch.groups)} small groups"
    return None


def _used_throughout(touch: _Touch) -> str | None:
    enough = all(
        carriers >= OWN_SHARE * size
        for carriers, size in zip(touch.carriers, touch.sizes, strict=True)
        if size >= LARGE_GROUP
    )
    if len(touch.groups) <= FEW_GROUPS and enough:
        return f"stands in most items of the {len(touch.large)} large groups it joins"
    return None


_RULES: tuple[_Rule, ...] = (
    _already_together,
    _few_groups,
    _used_throughout,
    _mostly_one_group,
    _few_small_groups,
)


def decide(
    runs: Runs, kinds: Sequence[str], generic: Sequence[bool], n_items: int
) -> tuple[list[Verdict], Components]:
    """Decide for every value whether it joins; return the verdicts and the resulting groups.

    `kinds[v]` and `generic[v]` describe value v. Values are taken in their given order, so a
    caller who sorts them by name gets an answer that the order of items does not change.
    """
    components = Components(n_items)
    verdicts: dict[int, Verdict] = {
        v: Verdict(used=False, reason="known to be shared by unrelated people")
        for v in range(len(kinds))
        if generic[v]
    }
    for first in ("account", "campaign"):
        for v in (v for v, kind in enumerate(kinds) if kind == first and v not in verdicts):
            components.join(runs.carriers(v))
            verdicts[v] = Verdict(used=True, reason=f"same {first}")
    undecided = [v for v in range(len(kinds)) if v not in verdicts]
    while undecided:
        joined = _one_round(runs, undecided, components)
        if not joined:
            break
        verdicts.update(joined)
        undecided = [v for v in undecided if v not in joined]
    verdicts.update({v: _held_back(_touch(runs, v, components)) for v in undecided})
    return [verdicts[v] for v in range(len(kinds))], components


def _touch(runs: Runs, value: int, components: Components) -> _Touch:
    groups, carriers = np.unique(components.groups(runs.carriers(value)), return_counts=True)
    names = groups.tolist()
    return _Touch(tuple(names), tuple(carriers.tolist()), tuple(map(components.size, names)))


def _one_round(runs: Runs, undecided: list[int], components: Components) -> dict[int, Verdict]:
    """Join by the safest rule that still finds something; later joins see earlier ones."""
    for rule in _RULES:
        joined = {}
        for v in undecided:
            reason = rule(_touch(runs, v, components))
            if reason is not None:
                components.join(runs.carriers(v))
                joined[v] = Verdict(used=True, reason=reason)
        if joined:
            return joined
    return _corroborated_bridges(runs, undecided, components)


def _corroborated_bridges(
    runs: Runs, undecided: list[int], components: Components
) -> dict[int, Verdict]:
    bridges: dict[tuple[int, ...], list[int]] = defaultdict(list)
    voices: dict[tuple[int, ...], set[bytes]] = defaultdict(set)
    for v in undecided:
        touch = _touch(runs, v, components)
        if len(touch.groups) <= FEW_GROUPS:
            bridges[touch.large].append(v)
            # Values that stand in just the same items (a number and the address beside it) are
            # one voice, not two.
            voices[touch.large].add(runs.carriers(v).tobytes())
    joined = {}
    for large, values in bridges.items():
        if len(voices[large]) >= 2:
            reason = f"one of {len(values)} values that join {len(large)} large groups"
            for v in values:
                components.join(runs.carriers(v))
                joined[v] = Verdict(used=True, reason=reason)
    return joined


def _held_back(touch: _Touch) -> Verdict:
    if len(touch.groups) <= FEW_GROUPS:
        reason = (
            f"would be the only value joining {len(touch.large)} large groups: "
            "for a person to judge"
        )
    else:
        reason = f"stands in {len(touch.groups)} groups that share nothing else"
    return Verdict(used=False, reason=reason)
