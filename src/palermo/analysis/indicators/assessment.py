"""What the indications of one body of text amount to, by the published operational rule.

Guarantees that a rule counts once however often it is hit; that counter-evidence is shown and
never clears anything by itself; that what a person who asks for help says is kept apart and is
never used against the text's author; and that the answer names dimensions, never a number about
a person.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache

import pyarrow as pa

from palermo.analysis.indicators.loading import default_rules, packaged_lists, read_yaml
from palermo.analysis.indicators.rules import Polarity, Rules
from palermo.model import INDICATIONS, Assessment, Strength

CHILD, SUPPORT, COUNTER = "child", "support", "counter"


@dataclass(frozen=True, slots=True, kw_only=True)
class OperationalRule:
    """The rule of combination, read from lists/operational_rule.yaml.

    A dimension is indicated when the rules found meet any of `enough` (numbers of strong, medium
    and weak ones). `means` and `purposes` are the dimensions that make the adult pattern together.
    """

    enough: tuple[Mapping[Strength, int], ...]
    child_enough: tuple[Mapping[Strength, int], ...]
    means: frozenset[str]
    purposes: frozenset[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleCount:
    """A rule found in a body of text, and in how many of its items."""

    rule: str
    dimension: str
    strength: str
    polarity: str
    items: int


@dataclass(frozen=True, slots=True, kw_only=True)
class BodyAssessment(Assessment):
    """An assessment of one or many items, with its grounds.

    `reported` are dimensions described in items in which somebody asks for help: they tell what
    may be happening to the author, so they count for the author's protection and nowhere else.
    `held_back` are rules of a group that only counts in combination, found alone.
    """

    reported: tuple[str, ...]
    held_back: tuple[str, ...]
    rules: tuple[RuleCount, ...]


@cache
def operational_rule() -> OperationalRule:
    """Return the packaged rule of combination."""
    data = read_yaml(packaged_lists() / "operational_rule.yaml")
    return OperationalRule(
        enough=tuple(_numbers(entry) for entry in data["enough"]),
        child_enough=tuple(_numbers(entry) for entry in data["child_enough"]),
        means=frozenset(data["means"]),
        purposes=frozenset(data["purposes"]),
    )


def assess(
    indications: pa.Table | pa.RecordBatch | Iterable[Mapping[str, object]],
    rules: Rules | None = None,
    combination: OperationalRule | None = None,
) -> BodyAssessment:
    """Assess the indications of one body of text: one item, a campaign or a network.

    `indications` are rows of INDICATIONS; a rule counts once, with the number of items that show
    it. `rules` give the groups that count only in combination.
    """
    combination = combination or operational_rule()
    rows = _rows(indications)
    helped = {item for item, _, _, _, polarity in rows if polarity == Polarity.SUPPORT}
    told = [row for row in rows if row[0] in helped and row[4] != Polarity.AGAINST]
    seen = {row for row in rows if row[0] not in helped and row[4] == Polarity.FOR}
    held = _held_back({rule for _, rule, _, _, _ in seen}, rules or default_rules())
    counted = {(rule, dimension, strength) for _, rule, dimension, strength, _ in seen}
    by_dimension: dict[str, list[str]] = {}
    for rule, dimension, strength in sorted(counted):
        strengths = by_dimension.setdefault(dimension, [])
        if rule not in held:
            strengths.append(strength)
    child = by_dimension.pop(CHILD, [])
    indicated = {d for d, found in by_dimension.items() if _meets(found, combination.enough)}
    return BodyAssessment(
        indicated=tuple(sorted(indicated)),
        open=tuple(sorted(set(by_dimension) - indicated)),
        counter=tuple(sorted({rule for _, rule, _, _, p in rows if p == Polarity.AGAINST})),
        adult_pattern=bool(indicated & combination.means and indicated & combination.purposes),
        # A child needs no means to be shown, and a child who asks for help is a child all the same.
        child_review=_meets(child, combination.child_enough)
        or bool(child and indicated & combination.purposes)
        or any(dimension == CHILD for _, _, dimension, _, _ in told),
        support_first=bool(helped),
        reported=tuple(sorted({d for _, _, d, _, _ in told} - {SUPPORT, CHILD})),
        held_back=tuple(sorted(held)),
        rules=_counts(rows),
    )


def assess_bodies(
    indications: pa.Table,
    membership: pa.Table,
    column: str,
    rules: Rules | None = None,
) -> dict[str, BodyAssessment]:
    """Assess each network (or campaign) of `membership`, a table with `id` and `column`.

    Items that belong to none are left out; a body none of whose items shows anything is there
    with an empty assessment. Bodies come in order of name.
    """
    body_of: dict[str, list[str]] = {}
    bodies: dict[str, list[dict[str, object]]] = {}
    pairs = zip(membership["id"].to_pylist(), membership[column].to_pylist(), strict=True)
    for item, body in pairs:
        if body is not None:
            body_of.setdefault(item, []).append(body)
            bodies.setdefault(body, [])
    for row in indications.select(_COLUMNS).to_pylist():
        for body in body_of.get(row["id"], ()):
            bodies[body].append(row)
    return {body: assess(bodies[body], rules) for body in sorted(bodies)}


_COLUMNS = ["id", "rule", "dimension", "strength", "polarity"]
_Row = tuple[str, str, str, str, str]


def _rows(indications: pa.Table | pa.RecordBatch | Iterable[Mapping[str, object]]) -> list[_Row]:
    if isinstance(indications, pa.Table | pa.RecordBatch):
        indications = indications.select(_COLUMNS).to_pylist()
    rows = {
        (str(r["id"]), str(r["rule"]), str(r["dimension"]), str(r["strength"]), str(r["polarity"]))
        for r in indications
    }
    return sorted(rows)


def _held_back(found: set[str], rules: Rules) -> set[str]:
    groups: dict[str, set[str]] = {}
    for rule in found:
        groups.setdefault(rules.group_of(rule), set()).add(rule)
    return {
        rule
        for group, members in groups.items()
        if len(members) < rules.at_least.get(group, 1)
        for rule in members
    }


def _meets(strengths: list[str], enough: tuple[Mapping[Strength, int], ...]) -> bool:
    return any(
        all(strengths.count(strength) >= number for strength, number in entry.items())
        for entry in enough
    )


def _counts(rows: list[_Row]) -> tuple[RuleCount, ...]:
    items: dict[tuple[str, str, str, str], set[str]] = {}
    for item, *rule in rows:
        items.setdefault((rule[0], rule[1], rule[2], rule[3]), set()).add(item)
    return tuple(
        RuleCount(rule=r, dimension=d, strength=s, polarity=p, items=len(found))
        for (r, d, s, p), found in sorted(items.items())
    )


def _numbers(entry: Mapping[str, int]) -> dict[Strength, int]:
    return {Strength(strength): number for strength, number in entry.items()}


__all__ = [
    "INDICATIONS",
    "BodyAssessment",
    "OperationalRule",
    "RuleCount",
    "assess",
    "assess_bodies",
    "operational_rule",
]
