"""What a network looks like after people judged its links: pure functions, no database.

Guarantees that without a judgement the components are those that `analysis/networks` proposed; that
the newest judgement of a thing counts; that a judgement of one link goes before one of the value
behind it; and that what was judged apart and still hangs together by other links is said.

A judgement refers to what things are called. A value in k items is drawn as k - 1 links to the
first of them, so a later run may draw other links for the same value: a judgement whose link is not
drawn any more then cuts its second item from the value, and is listed to be looked at again.
"""

import hashlib
import json
from collections import defaultdict, deque
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import NamedTuple

from palermo.model import Unreadable

SAME, NOT_SAME, UNSURE, UNDONE = "same", "not_same", "unsure", "undone"
LINK, IDENTIFIER, CAMPAIGN, NETWORK = "link", "identifier", "campaign", "network"
_LONGEST_KEY = 600


class LinkRow(NamedTuple):
    """A proposed link: both items share the value that `reason` names as `kind:value`."""

    a: str
    b: str
    reason: str
    strength: float = 1.0


@dataclass(frozen=True, slots=True)
class Judged:
    """A judgement, in the order in which it was given. For a link, `ends` are its two items."""

    order: int
    subject: str
    key: str
    verdict: str
    ends: tuple[str, str] = ("", "")
    reason: str = ""


@dataclass(frozen=True, slots=True)
class StillTogether:
    """Two items that were judged apart and hang together all the same, by these links."""

    a: str
    b: str
    path: tuple[LinkRow, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Split:
    """A network after judgement. Components are sorted: largest first, then by first member."""

    before: tuple[tuple[str, ...], ...]
    components: tuple[tuple[str, ...], ...]
    cut: tuple[LinkRow, ...]
    kept_against_value: tuple[LinkRow, ...]
    look_again: tuple[Judged, ...]
    still_together: tuple[StillTogether, ...]

    @property
    def falls_apart(self) -> bool:
        """Whether the judgements changed what hangs together."""
        return self.components != self.before

    @property
    def parts(self) -> tuple[tuple[str, ...], ...]:
        """Components of more than one item: what is left of the network."""
        return tuple(one for one in self.components if len(one) > 1)

    @property
    def alone(self) -> tuple[str, ...]:
        """Items that nothing ties to another any more."""
        return tuple(one[0] for one in self.components if len(one) == 1)


def link_key(a: str, b: str, reason: str) -> str:
    """Return what the link is called: the same in every run that draws it, either way round.

    Raises:
        Unreadable: the ids of the items are too long for a name.
    """
    a, b = sorted((a, b))
    key = json.dumps([a, b, reason], ensure_ascii=False, separators=(",", ":"))
    if len(key) <= _LONGEST_KEY:
        return key
    digest = hashlib.blake2b(reason.encode(), digest_size=16).hexdigest()
    key = json.dumps([a, b, f"#{digest}"], ensure_ascii=False, separators=(",", ":"))
    if len(key) > _LONGEST_KEY:
        raise Unreadable("the ids of these two items are too long to name a link between them")
    return key


def ends_of(key: str) -> tuple[str, str] | None:
    """Return the two items in the name of a link; None when it is no such name."""
    try:
        parts = json.loads(key)
    except (ValueError, RecursionError):
        return None
    if not (isinstance(parts, list) and len(parts) == 3 and all(type(p) is str for p in parts)):
        return None
    return parts[0], parts[1]


def value_of(subject: str, key: str) -> str:
    """Return the value, as links name it, that an identifier or a campaign stands for."""
    return f"campaign:{key}" if subject == CAMPAIGN else key


def newest(judgements: Iterable[Judged]) -> dict[tuple[str, str], Judged]:
    """Return the judgement of each subject that counts; one that was taken back leaves none."""
    found: dict[tuple[str, str], Judged] = {}
    for one in sorted(judgements, key=lambda one: one.order):
        found[one.subject, one.key] = one
    return {name: one for name, one in found.items() if one.verdict != UNDONE}


def after(links: Iterable[LinkRow], judgements: Iterable[Judged]) -> Split:
    """Apply judgements to the links of a network."""
    drawn = sorted(set(links))
    held = newest(judgements)
    values = {
        value_of(one.subject, one.key): one.verdict
        for one in held.values()
        if one.subject in {IDENTIFIER, CAMPAIGN}
    }
    by_link, moved = _judged_links(drawn, held)
    cut, kept, against = [], [], []
    for link in drawn:
        own, whole = by_link.get(link), values.get(link.reason)
        if own == NOT_SAME or (whole == NOT_SAME and own != SAME):
            cut.append(link)
        else:
            kept.append(link)
            if whole == NOT_SAME:
                against.append(link)
    before, components = _components(drawn, drawn), _components(drawn, kept)
    return Split(
        before=before,
        components=components,
        cut=tuple(cut),
        kept_against_value=tuple(against),
        look_again=tuple(moved),
        still_together=_still_together(components, kept, cut, held),
    )


def _judged_links(
    drawn: list[LinkRow], held: Mapping[tuple[str, str], Judged]
) -> tuple[dict[LinkRow, str], list[Judged]]:
    """Find the verdict of each drawn link, and the judgements whose link is drawn otherwise now."""
    named = {one.key: one for one in held.values() if one.subject == LINK}
    if not named:
        return {}, []
    pairs = {frozenset(one.ends) for one in named.values()}
    verdicts: dict[LinkRow, str] = {}
    found = set()
    for link in drawn:
        if frozenset((link.a, link.b)) in pairs:
            key = link_key(link.a, link.b, link.reason)
            if key in named:
                verdicts[link] = named[key].verdict
                found.add(key)
    moved = []
    wanted = {one.reason for one in named.values()}
    carriers: dict[str, dict[str, list[LinkRow]]] = defaultdict(lambda: defaultdict(list))
    for link in drawn:
        if link.reason in wanted:
            carriers[link.reason][link.a].append(link)
            carriers[link.reason][link.b].append(link)
    for one in sorted(named.values(), key=lambda one: one.order):
        where = carriers.get(one.reason, {})
        if one.key in found or not all(end in where for end in one.ends):
            continue
        moved.append(one)
        if one.verdict == NOT_SAME:
            # The second item hung on the value by the judged link; it hangs by another one now.
            for link in where[one.ends[1]]:
                if link.b == one.ends[1]:
                    verdicts.setdefault(link, NOT_SAME)
    return verdicts, moved


def _components(every: Iterable[LinkRow], kept: Iterable[LinkRow]) -> tuple[tuple[str, ...], ...]:
    parent: dict[str, str] = {}
    for link in every:
        parent[link.a] = link.a
        parent[link.b] = link.b
    for link in kept:
        a, b = _root(parent, link.a), _root(parent, link.b)
        if a != b:
            parent[max(a, b)] = min(a, b)
    groups: dict[str, list[str]] = defaultdict(list)
    for item in parent:
        groups[_root(parent, item)].append(item)
    return tuple(sorted((tuple(sorted(g)) for g in groups.values()), key=lambda g: (-len(g), g)))


def _root(parent: dict[str, str], item: str) -> str:
    while parent[item] != item:
        parent[item] = parent[parent[item]]
        item = parent[item]
    return item


def _still_together(
    components: tuple[tuple[str, ...], ...],
    kept: list[LinkRow],
    cut: list[LinkRow],
    held: Mapping[tuple[str, str], Judged],
) -> tuple[StillTogether, ...]:
    """Find the pairs judged apart, link by link, that are in one component all the same."""
    apart = sorted(
        {
            one.ends
            for one in held.values()
            if one.subject == LINK and one.verdict == NOT_SAME and one.ends[0] != one.ends[1]
        }
    )
    if not apart or not cut:
        return ()
    where = {item: number for number, group in enumerate(components) for item in group}
    near: dict[str, list[LinkRow]] = defaultdict(list)
    for link in kept:
        near[link.a].append(link)
        near[link.b].append(link)
    return tuple(
        StillTogether(a, b, _path(near, a, b))
        for a, b in apart
        if a in where and where[a] == where.get(b)
    )


def _path(near: Mapping[str, list[LinkRow]], start: str, end: str) -> tuple[LinkRow, ...]:
    """Return a shortest chain of links from `start` to `end`; which, depends on names alone."""
    came: dict[str, tuple[str, LinkRow]] = {}
    waiting = deque([start])
    while waiting and end not in came:
        item = waiting.popleft()
        for link in near[item]:
            other = link.b if link.a == item else link.a
            if other != start and other not in came:
                came[other] = (item, link)
                waiting.append(other)
    path = []
    while end != start:
        end, link = came[end]
        path.append(link)
    return tuple(reversed(path))
