"""In which order the links of a network are put to a person: pure functions, no database.

Guarantees that what would change most comes first: a judgement that is to be looked at again, then
what alone holds two large groups together, then the value or link without which the most pairs of
items would no longer hang together, then the weakest; and that the order depends on the names of
things alone.

Items and values are the two sides of one graph (an item carries a value). A link is a bridge when
its second item hangs on the rest by that value only; a value is one when what it joins would
otherwise fall apart. Both are found in one walk over the graph (Tarjan 1972, Hopcroft and Tarjan
1973).
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from palermo.desks.cases.judging import (
    CAMPAIGN,
    IDENTIFIER,
    LINK,
    UNSURE,
    Judged,
    LinkRow,
    after,
    link_key,
    newest,
)

_CAMPAIGN = "campaign:"


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """One link, or one value with all its links, to be judged.

    `pieces` are the numbers of items into which the component would fall without it, largest first;
    one piece when it would hold. `again` when a judgement of it no longer fits what is drawn.
    """

    subject: str
    key: str
    reason: str
    links: tuple[LinkRow, ...]
    pieces: tuple[int, ...]
    verdict: str = ""
    again: bool = False

    @property
    def separates(self) -> int:
        """Pairs of items that would no longer hang together."""
        return _pairs(sum(self.pieces)) - sum(map(_pairs, self.pieces))

    @property
    def joins(self) -> int:
        """Items of the second largest piece: how large a group hangs on it."""
        return self.pieces[1] if len(self.pieces) > 1 else 0

    @property
    def strength(self) -> float:
        """The strength of its weakest link."""
        return min(link.strength for link in self.links)


def subject_of_value(reason: str) -> tuple[str, str]:
    """Return under which subject and key a value is judged: a campaign, or an identifier."""
    if reason.startswith(_CAMPAIGN):
        return CAMPAIGN, reason.removeprefix(_CAMPAIGN)
    return IDENTIFIER, reason


def questions(links: Iterable[LinkRow], judgements: Iterable[Judged]) -> list[Question]:
    """Return what is to be judged in a network, first what matters most.

    What is judged `same` or `not the same` is left out; `unsure` comes last.
    """
    drawn, judged = sorted(set(links)), list(judgements)
    held = newest(judged)
    split = after(drawn, judged)
    again = {one.reason for one in split.look_again}
    kept = sorted(set(drawn) - set(split.cut))
    walk = _walk(kept)
    of_value: dict[str, list[LinkRow]] = defaultdict(list)
    for link in kept:
        of_value[link.reason].append(link)
    found = [
        Question(
            subject=subject,
            key=key,
            reason=reason,
            links=tuple(mine),
            pieces=walk.pieces[reason],
            verdict=verdict,
        )
        for reason, mine in of_value.items()
        if len(mine) > 1 and len(walk.pieces[reason]) > 1
        for subject, key in [subject_of_value(reason)]
        if (verdict := _verdict(held, subject, key)) in {"", UNSURE}
    ]
    for link in kept:
        key = link_key(link.a, link.b, link.reason)
        verdict = _verdict(held, LINK, key)
        if verdict in {"", UNSURE} and not (_value_is_settled(held, link)):
            found.append(
                Question(
                    subject=LINK,
                    key=key,
                    reason=link.reason,
                    links=(link,),
                    pieces=walk.without_link(link),
                    verdict=verdict,
                    again=link.reason in again,
                )
            )
    return sorted(found, key=_place)


def _place(one: Question) -> tuple[bool, bool, int, int, float, str, str]:
    # Of a value and a link that separate as much, the link is the smaller question: it goes last.
    return (
        one.verdict == UNSURE,
        not one.again,
        -one.joins,
        -one.separates,
        one.strength,
        one.subject,
        one.key,
    )


def _verdict(held: dict[tuple[str, str], Judged], subject: str, key: str) -> str:
    found = held.get((subject, key))
    return found.verdict if found else ""


def _value_is_settled(held: dict[tuple[str, str], Judged], link: LinkRow) -> bool:
    """Whether somebody judged the value as a whole: its links need no further question."""
    return _verdict(held, *subject_of_value(link.reason)) not in {"", UNSURE}


def _pairs(n: int) -> int:
    return n * (n - 1) // 2


@dataclass(frozen=True, slots=True)
class _Walk:
    """What one walk over the graph of items and values tells.

    `pieces` of a value are the sizes of what is left without it; `bridges` those on both sides of a
    carrying that holds them together; `size` is that of an item's component.
    """

    pieces: dict[str, tuple[int, ...]]
    bridges: dict[tuple[str, str], tuple[int, ...]]
    size: dict[str, int]

    def without_link(self, link: LinkRow) -> tuple[int, ...]:
        """Return the pieces that are left when the second item no longer carries the value."""
        return self.bridges.get((link.b, link.reason)) or (self.size[link.a],)


@dataclass(frozen=True, slots=True)
class _Graph:
    """Items, numbered first, and values; `near` are the neighbours of each."""

    names: list[str]
    items: int
    near: list[list[int]]


def _graph(links: list[LinkRow]) -> _Graph:
    items = sorted({link.a for link in links} | {link.b for link in links})
    names = items + sorted({link.reason for link in links})
    of_item = {name: n for n, name in enumerate(items)}
    of_value = {name: n for n, name in enumerate(names[len(items) :], start=len(items))}
    carried = {(of_item[link.a], of_value[link.reason]) for link in links}
    carried |= {(of_item[link.b], of_value[link.reason]) for link in links}
    near: list[list[int]] = [[] for _name in names]
    for item, value in sorted(carried):
        near[item].append(value)
        near[value].append(item)
    return _Graph(names, len(items), near)


def _walk(links: list[LinkRow]) -> _Walk:
    """Walk depth-first, without recursion: networks are deeper than Python's stack."""
    graph, walk = _graph(links), _Walk({}, {}, {})
    parent = [_UNSEEN] * len(graph.names)
    for start in range(graph.items):
        if parent[start] == _UNSEEN:
            _measure(walk, graph, parent, _preorder(graph.near, parent, start))
    return walk


_UNSEEN, _ROOT = -2, -1


def _preorder(near: list[list[int]], parent: list[int], start: int) -> list[int]:
    """Return the nodes of a component in the order of a depth-first walk; note their parents."""
    parent[start] = _ROOT
    order, stack = [start], [(start, iter(near[start]))]
    while stack:
        node, left = stack[-1]
        for other in left:
            if parent[other] == _UNSEEN:
                parent[other] = node
                order.append(other)
                stack.append((other, iter(near[other])))
                break
        else:
            stack.pop()
    return order


def _measure(walk: _Walk, graph: _Graph, parent: list[int], order: list[int]) -> None:
    """Find bridges and joining values of one component, with the sizes of what they separate.

    `low` is the earliest node that is reached from below a node
    without the step by which the walk came to it.
    """
    names, near, items = graph.names, graph.near, graph.items
    place = {node: number for number, node in enumerate(order)}
    low, below = dict(place), {node: int(node < items) for node in order}
    total = sum(below.values())
    fallen: dict[int, list[int]] = defaultdict(list)
    for node in reversed(order):
        above = parent[node]
        for other in near[node]:
            if other != above and place[other] < low[node]:
                low[node] = place[other]
        if node < items:
            walk.size[names[node]] = total
        if above == _ROOT:
            continue
        low[above] = min(low[above], low[node])
        below[above] += below[node]
        if low[node] >= place[above]:
            fallen[above].append(below[node])
        if low[node] > place[above]:
            item, value = min(node, above), max(node, above)
            sides = sorted((below[node], total - below[node]), reverse=True)
            walk.bridges[names[item], names[value]] = tuple(sides)
    for node in order:
        if node >= items:
            rest = total - sum(fallen[node])
            walk.pieces[names[node]] = tuple(sorted([*fallen[node], rest], reverse=True))
