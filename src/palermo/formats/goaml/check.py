"""Judging a report against a profile: structure first, then values, then what fields say together.

Guarantees that every problem is told, each with the path of the element, its line, what was
expected and what to do; that nothing in the tree is changed; and that a report without errors fits
the XSD that `xsd.schema_text` makes of the same profile.
"""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from palermo.formats.goaml.profile import Profile
from palermo.formats.goaml.rules import RULES, Place
from palermo.formats.goaml.schema import ROOT, VERSIONS, Element, Group, Part, core, elements
from palermo.formats.goaml.tree import COMMENT, INSTRUCTION, TEXT, Node
from palermo.formats.goaml.values import SHAPES, SIMPLE, moment, trimmed
from palermo.formats.reports import Issue, Severity

_HARMLESS = re.compile(r"xmlns:.+|xsi:(schemaLocation|noNamespaceSchemaLocation)")


def check(report: Node, profile: Profile) -> tuple[Issue, ...]:
    """Return every problem of `report` under `profile`, in the order of the file."""
    judge = _Judge(profile)
    if report.name != ROOT:
        judge.tell("ROOT", report.name, report, f"expected `{ROOT}`", "name the root element so")
    else:
        judge.element(report, ROOT, ROOT)
        for place in judge.places:
            judge.together(place)
    return tuple(judge.issues)


@dataclass(slots=True)
class _Judge:
    profile: Profile
    issues: list[Issue] = field(default_factory=list)
    places: list[Place] = field(default_factory=list)

    def tell(
        self,
        rule: str,
        path: str,
        node: Node,
        message: str,
        advice: str,
        *,
        severity: Severity = Severity.ERROR,
        missing: bool = False,
    ) -> None:
        self.issues.append(
            Issue(
                severity=severity,
                rule=rule,
                path=path,
                line=node.line,
                message=message,
                advice=advice,
                missing=missing,
            )
        )

    def element(self, node: Node, type_name: str, path: str) -> None:
        """Judge an element that holds elements."""
        parts = self.profile.schema.types[type_name]
        ranks: dict[str, int] = {}
        kinds: dict[str, Element] = {}
        for rank, one in enumerate(elements(parts)):
            ranks.setdefault(one.name, rank)
            kinds.setdefault(one.name, one)
        self._attributes(node, path)
        if node.text.strip():
            self.tell("STRUCTURE", path, node, "expected elements, found text", "remove the text")
        paths = list(_paths(node, path))
        known = [(child, at) for child, at in paths if child.name in kinds]
        for child, at in paths:
            if child.name not in kinds:
                self._unknown(child, at, type_name)
        self._order([child for child, _ in known], ranks, paths)
        self._counts(node, path, parts, Counter(child.name for child, _ in known))
        self.places.append(Place(node=node, type=type_name, path=path))
        for child, at in known:
            kind = kinds[child.name]
            if kind.simple:
                self._value(child, kind, at)
            else:
                self.element(child, kind.type, at)

    def _attributes(self, node: Node, path: str) -> None:
        for name, _ in node.attributes:
            if not _HARMLESS.fullmatch(name):
                self.tell(
                    "UNKNOWN",
                    path,
                    node,
                    f"goAML knows no attribute `{name[:60]}`",
                    "kept as it is; remove it before sending",
                )

    def _unknown(self, child: Node, path: str, type_name: str) -> None:
        if child.name in {COMMENT, INSTRUCTION}:
            self.tell(
                "UNKNOWN",
                path,
                child,
                "is no part of the report",
                "kept as it is",
                severity=Severity.NOTE,
            )
            return
        if child.name == TEXT:
            self.tell(
                "STRUCTURE", path, child, f"text between elements: {child.text[:40]!r}", "remove it"
            )
            return
        version = next(
            (
                version
                for version in VERSIONS
                if any(
                    one.name == child.name
                    for one in elements(core(version).types.get(type_name, ()))
                )
            ),
            None,
        )
        which = f"only {version} knows this element" if version else "no such element here"
        self.tell(
            "UNKNOWN", path, child, which, "kept as it is; remove or rename it before sending"
        )

    def _order(
        self, known: Sequence[Node], ranks: dict[str, int], paths: Sequence[tuple[Node, str]]
    ) -> None:
        furthest, behind = -1, ""
        where = {id(child): at for child, at in paths}
        for child in known:
            rank = ranks[child.name]
            if rank < furthest:
                self.tell(
                    "ORDER",
                    where[id(child)],
                    child,
                    f"stands behind `{behind}`",
                    f"expected before it; move `{child.name}` up",
                )
            else:
                furthest, behind = rank, child.name

    def _counts(self, node: Node, path: str, parts: Sequence[Part], counts: Counter[str]) -> None:
        for problem in _lacking(parts, counts):
            self.tell(
                "STRUCTURE",
                f"{path}/{problem.name}" if problem.name else path,
                node,
                problem.message,
                problem.advice,
                missing=problem.missing,
            )

    def _value(self, node: Node, kind: Element, path: str) -> None:
        self._attributes(node, path)
        others = [child for child in node.children if child.name != TEXT]
        if any(child.name not in {COMMENT, INSTRUCTION} for child in others):
            self.tell(
                "STRUCTURE", path, node, "expected a value, found elements", "write the value"
            )
            return
        for child in others:
            self._unknown(child, f"{path}/{child.name}", "")
        text = node.content
        problem = value_problem(text, kind, self.profile)
        if problem:
            found = f"found {text[:60]!r}" if text else "found nothing"
            self.tell("VALUE", path, node, f"expected {problem}, {found}", "correct the value")

    def together(self, place: Place) -> None:
        for rule in RULES:
            severity = self.profile.severity.get(rule.name, rule.severity)
            if severity == "off" or (rule.types and place.type not in rule.types):
                continue
            for path, node, message, advice in rule.judge(place, self.profile):
                self.tell(rule.name, path, node, message, advice, severity=Severity(severity))


def _paths(node: Node, path: str) -> Iterator[tuple[Node, str]]:
    """Yield the children with their paths; those of one name are numbered from 1."""
    total = Counter(child.name for child in node.children)
    seen: Counter[str] = Counter()
    for child in node.children:
        seen[child.name] += 1
        number = f"[{seen[child.name]}]" if total[child.name] > 1 else ""
        yield child, f"{path}/{child.name}{number}"


@dataclass(frozen=True, slots=True)
class _Problem:
    name: str
    message: str
    advice: str
    missing: bool = False


def _lacking(parts: Sequence[Part], counts: Counter[str]) -> Iterator[_Problem]:
    """Yield what is missing, too many, or excludes each other."""
    for part in parts:
        if isinstance(part, Element):
            yield from _counted(part, counts[part.name])
        elif part.choice:
            yield from _chosen(part, counts)
        elif part.occurs.least or _present(part, counts):
            yield from _lacking(part.parts, counts)


def _counted(part: Element, count: int) -> Iterator[_Problem]:
    least, most = part.occurs.least, part.occurs.most
    if count < least:
        yield _Problem(part.name, f"missing, expected {_times(least)}", "fill it in", missing=True)
    elif most == 0 and count:
        yield _Problem(part.name, "is switched off in this profile", "remove it")
    elif most is not None and count > most:
        yield _Problem(part.name, f"stands {count} times", f"keep {_times(most)} at most")


def _times(number: int) -> str:
    return "one" if number == 1 else str(number)


def _chosen(group: Group, counts: Counter[str]) -> Iterator[_Problem]:
    present = _present(group, counts)
    if not present:
        if group.occurs.least and not any(_empty([one]) for one in group.parts):
            # Of a sequence, its first element names the alternative.
            offers = [next(elements([one])).name for one in group.parts]
            yield _Problem(
                "", f"missing, expected one of {', '.join(offers)}", "fill one in", missing=True
            )
        return
    covering = [one for one in group.parts if present <= _names(one)]
    if not covering:
        listed = ", ".join(f"`{name}`" for name in sorted(present))
        yield _Problem("", f"{listed} exclude each other", "keep one of them")
        return
    yield from min((list(_lacking([one], counts)) for one in covering), key=len)


def _names(part: Part) -> set[str]:
    return {one.name for one in elements([part])}


def _present(part: Part, counts: Counter[str]) -> set[str]:
    return {name for name in _names(part) if counts[name]}


def _empty(parts: Sequence[Part]) -> bool:
    """Tell whether nothing at all is enough for `parts`."""
    return not any(True for _ in _lacking(parts, Counter()))


def value_problem(text: str, kind: Element, profile: Profile) -> str:
    """Return what was expected of a value, or nothing when it is as it should be."""
    simple = SIMPLE[kind.type]
    value = trimmed(simple, text)
    codes = profile.lists.get(kind.codes)
    if codes is not None:
        return "" if value in codes else f"a code of {kind.codes} ({_some(list(codes))})"
    shape = SHAPES.get(kind.codes) or simple.pattern
    if shape and not re.fullmatch(shape, value):
        return f"a code like {shape}" if kind.codes in SHAPES else simple.words
    length = kind.length or simple.length
    if length and not length[0] <= len(value) <= length[1]:
        return f"{length[0]} to {length[1]} characters"
    if kind.pattern and not re.fullmatch(kind.pattern, value):
        return f"a value of the form {kind.pattern}"
    return _range_problem(value, kind)


def _range_problem(value: str, kind: Element) -> str:
    simple = SIMPLE[kind.type]
    if simple.base == "dateTime":
        read = moment(value)
        return "" if read is not None and read.year >= 1753 else simple.words
    if simple.base not in {"decimal", "int"}:
        return ""
    number = Decimal(value)
    bounds = (
        (simple.least, number.__lt__),
        ("" if kind.least is None else str(kind.least), number.__lt__),
        (simple.most, number.__gt__),
        ("" if kind.most is None else str(kind.most), number.__gt__),
    )
    for bound, outside in bounds:
        if bound and outside(Decimal(bound)):
            return f"a number from {kind.least if kind.least is not None else simple.least} on" + (
                f" up to {kind.most if kind.most is not None else simple.most}"
                if kind.most is not None or simple.most
                else ""
            )
    return ""


def _some(codes: Sequence[str]) -> str:
    shown = ", ".join(codes[:8])
    return shown if len(codes) <= 8 else f"{shown} and {len(codes) - 8} more"
