"""In which order the links of a network are put to a person: pure functions, no database.

Guarantees that what would change most comes first: a judgement that is to be looked at again, then
the value or link without which the most pairs of items would no longer hang together, then the
weakest; and that the order depends on the names of things alone.

Items and values are the two sides of one graph (an item carries a value). A link is a bridge when
its second item hangs on the rest by that value only; a value is one when what it joins would
otherwise fall apart. Both are found in one walk over the graph (Tarjan 1972, Hopcroft and Tarjan
1973).
"""

from collections import Counter, defaultdict
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
            pieces=walk.without_value[reason],
            verdict=verdict,
        )
        for reason, mine in of_value.items()
        if len(mine) > 1 and len(walk.without_value[reason]) > 1
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


def _place(one: Question) -> tuple[bool, bool, int, float, str, str]:
    # Of a value and a link that separate as much, the link is the smaller question: it goes last.
    return (
        one.verdict == UNSURE,
        not one.again,
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


class _Walk:
    """What one walk over the graph of items and values tells."""

    def __init__(self) -> None:
        self.without_value: dict[str, tuple[int, ...]] = {}
        self._bridges: dict[tuple[str, str], tuple[int, int]] = {}
        self._size: dict[str, int] = {}

    def bridge(self, item: str, value: str, pieces: tuple[int, int]) -> None:
        self._bridges[item, value] = pieces

    def component(self, items: Iterable[str]) -> None:
        members = list(items)
        self._size.update(dict.fromkeys(members, len(members)))

    def without_link(self, link: LinkRow) -> tuple[int, ...]:
        """Return the pieces that are left when the second item no longer carries the value."""
        pieces = self._bridges.get((link.b, link.reason))
        if pieces is None:
            return (self._size[link.a],)
        return tuple(sorted(pieces, reverse=True))


def _walk(links: list[LinkRow]) -> _Walk:
    """Walk depth-first, without recursion: networks are deeper than Python's stack."""
    near: dict[tuple[int, str], set[tuple[int, str]]] = defaultdict(set)
    for link in links:
        for item in (link.a, link.b):
            near[0, item].add((1, link.reason))
            near[1, link.reason].add((0, item))
    walk, seen = _Walk(), set[tuple[int, str]]()
    for start in sorted(near):
        if start[0] == 0 and start not in seen:
            order = _preorder(near, start)
            seen.update(order)
            _measure(walk, near, order)
    return walk


_Node = tuple[int, str]


def _preorder(near: dict[_Node, set[_Node]], start: _Node) -> dict[_Node, _Node | None]:
    """Return the nodes of a component in the order of a depth-first walk, each with its parent."""
    parent: dict[_Node, _Node | None] = {start: None}
    stack = [(start, iter(sorted(near[start])))]
    while stack:
        node, left = stack[-1]
        for other in left:
            if other not in parent:
                parent[other] = node
                stack.append((other, iter(sorted(near[other]))))
                break
        else:
            stack.pop()
    return parent


def _measure(walk: _Walk, near: dict[_Node, set[_Node]], parent: dict[_Node, _Node | None]) -> None:
    """Find bridges and joining values of one component, with the sizes of what they separate."""
    place = {node: number for number, node in enumerate(parent)}
    low, items = dict(place), Counter({node: int(node[0] == 0) for node in parent})
    total = sum(items.values())
    walk.component(name for side, name in parent if side == 0)
    fallen: dict[_Node, list[int]] = defaultdict(list)
    for node in reversed(parent):
        above = parent[node]
        low[node] = min(
            [low[node], *(place[one] for one in near[node] if one != above)],
        )
        if above is None:
            continue
        low[above] = min(low[above], low[node])
        items[above] += items[node]
        if low[node] >= place[above]:
            fallen[above].append(items[node])
        if low[node] > place[above]:
            item, value = (node, above) if node[0] == 0 else (above, node)
            walk.bridge(item[1], value[1], (items[node], total - items[node]))
    for node in parent:
        if node[0] == 1:
            rest = total - sum(fallen[node])
            pieces = [*fallen[node], rest] if rest else fallen[node]
            walk.without_value[node[1]] = tuple(sorted(pieces, reverse=True))
