"""Reports made from the schema itself: whatever the schema allows, and what one change breaks."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date

from hypothesis import strategies as st

from palermo.formats.goaml import Node, Profile
from palermo.formats.goaml.schema import ROOT, Element, Part
from palermo.formats.goaml.values import SHAPES

_LEGAL = st.characters(
    codec="utf-8", exclude_categories=("Cs", "Cc", "Cn"), include_characters="\t\n\r"
)
_DEEPEST = 5
_DAY = st.dates(min_value=date(1760, 1, 1)).map(lambda day: f"{day}")
_VALUES = {
    "email": st.just("a@b.example"),
    "iban": st.sampled_from(["GB82WEST12345698765432", "", "no iban"]),
    "bic": st.sampled_from(["ABCDXAXX", "ABCDXAXXBBB", "x"]),
    "moment": st.tuples(
        _DAY, st.sampled_from(["T00:00:00", "T23:59:59.5Z", "T09:00:00+02:00"])
    ).map("".join),
    "truth": st.sampled_from(["true", "false", "0", " 1 "]),
    "count": st.integers(-(2**31), 2**31 - 1).map(str),
    "number": st.decimals(-(10**11), 10**11, places=3).map(lambda one: f"{one:f}"),
    "amount": st.decimals(0, 10**14, places=2).map(lambda one: f"{one:f}"),
    "percent": st.integers(0, 100).map(str),
    "ipv4": st.ip_addresses(v=4).map(str),
    "ipv6": st.ip_addresses(v=6).map(str),
}
Draw = Callable[[st.SearchStrategy[int]], int]


def values(kind: Element, profile: Profile) -> st.SearchStrategy[str]:
    """Values that fit an element."""
    if kind.codes in profile.lists:
        return st.sampled_from(sorted(profile.lists[kind.codes]))
    shape = SHAPES.get(kind.codes)
    if shape or kind.pattern:
        return st.from_regex(shape or kind.pattern, fullmatch=True)
    if kind.type == "count" and kind.least is not None:
        return st.integers(kind.least, kind.most if kind.most is not None else 2**31 - 1).map(str)
    if kind.type == "number" and kind.least is not None and kind.most is not None:
        return st.integers(kind.least, kind.most).map(str)
    if kind.type in _VALUES:
        return _VALUES[kind.type]
    low, high = kind.length or (1, 12)
    return st.text(_LEGAL, min_size=low, max_size=min(high, low + 8))


@st.composite
def reports(draw: Callable[..., object], profile: Profile) -> Node:
    """A report that fits the schema of `profile`."""

    def number(low: int, high: int) -> int:
        found = draw(st.integers(low, high))
        assert isinstance(found, int)
        return found

    def parts(listed: Sequence[Part], depth: int) -> list[Node]:
        found: list[Node] = []
        for part in listed:
            least, most = part.occurs.least, part.occurs.most
            wanted = depth < _DEEPEST and (most is None or most > least) and number(0, 6) == 0
            count = least + (1 if wanted else 0)
            for _ in range(count):
                if isinstance(part, Element):
                    found.append(element(part, depth))
                elif part.choice:
                    alternatives = list(part.parts)
                    found += parts([alternatives[number(0, len(alternatives) - 1)]], depth)
                else:
                    found += parts(part.parts, depth)
        return found

    def element(kind: Element, depth: int) -> Node:
        if kind.simple:
            text = draw(values(kind, profile))
            assert isinstance(text, str)
            return Node(name=kind.name, text=text)
        return Node(
            name=kind.name, children=tuple(parts(profile.schema.types[kind.type], depth + 1))
        )

    return Node(name=ROOT, children=tuple(parts(profile.schema.types[ROOT], 0)))


def places(node: Node, path: tuple[int, ...] = ()) -> list[tuple[int, ...]]:
    """The path of every element below the root."""
    found = []
    for at, child in enumerate(node.children):
        found += [(*path, at), *places(child, (*path, at))]
    return found


def changed(node: Node, path: Sequence[int], change: Callable[[Node], Sequence[Node]]) -> Node:
    """Put what `change` makes of the element at `path` in its place."""
    at, *rest = path
    child = node.children[at]
    new = (changed(child, rest, change),) if rest else tuple(change(child))
    children = (*node.children[:at], *new, *node.children[at + 1 :])
    return replace(node, children=children)


CHANGES: dict[str, Callable[[Node], Sequence[Node]]] = {
    "dropped": lambda _: (),
    "doubled": lambda node: (node, node),
    "renamed": lambda node: (replace(node, name="bogus"),),
    "emptied": lambda node: (replace(node, text="", children=()),),
    "filled": lambda node: (replace(node, text="?", children=()),),
    "turned": lambda node: (replace(node, children=node.children[::-1]),),
    "long": lambda node: (replace(node, text="9" * 300, children=()),),
    "marked": lambda node: (replace(node, attributes=(("note", "1"),)),),
}
