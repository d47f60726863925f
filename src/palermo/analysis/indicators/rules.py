"""What a rule of the indicator lists is, and a set of rules ready to be run.

Guarantees that rules are data: frozen, comparable, and in the order of their lists.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from palermo.analysis.indicators.automaton import Automaton, compile_lists
from palermo.analysis.indicators.conditions import Condition
from palermo.analysis.indicators.phrases import Sequence
from palermo.model import Strength


class Status(StrEnum):
    """How far a rule has come. Only live rules speak; shadow rules run apart, to be measured."""

    DRAFT = "draft"
    SHADOW = "shadow"
    LIVE = "live"


class Polarity(StrEnum):
    """What a hit says: for an indication, against it, or that a person asks for help."""

    FOR = "for"
    AGAINST = "against"
    SUPPORT = "support"


@dataclass(frozen=True, slots=True)
class Source:
    """Where a rule comes from.

    `work` is a key of lists/sources.yaml; `checked` a date, or `unchecked` when the work itself has
    not been opened for this entry.
    """

    work: str
    section: str
    checked: str


@dataclass(frozen=True, slots=True)
class Example:
    """A sentence the rule must (or must not) fire on; run as a test."""

    language: str
    text: str
    match: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """One indicator.

    `phrases[name]` are the parsed phrases of a list, all languages together: a text's language
    label is often missing or wrong, so every list reads every text. `needs` names data a draft rule
    waits for.
    """

    id: str
    group: str
    version: int
    status: Status
    title: str
    dimension: str
    strength: Strength
    polarity: Polarity
    sources: tuple[Source, ...]
    rationale: str
    falsepositives: tuple[str, ...]
    languages: tuple[str, ...] = ()
    phrases: Mapping[str, tuple[Sequence, ...]] = field(default_factory=dict)
    condition: Condition | None = None
    examples: tuple[Example, ...] = ()
    needs: tuple[str, ...] = ()
    behaviour: bool = False


@dataclass(frozen=True, kw_only=True)
class Rules:
    """A set of rules.

    `at_least[group]` is how many different rules of a group must be found in one body of text
    before any of them counts (1 when absent).
    """

    rules: tuple[Rule, ...]
    at_least: Mapping[str, int] = field(default_factory=dict)

    def with_status(self, status: Status) -> tuple[Rule, ...]:
        """Return the rules of one status only."""
        return tuple(rule for rule in self.rules if rule.status == status)

    def group_of(self, rule: str) -> str:
        """Return the group of a rule's id; unknown rules have the group of their first letter."""
        known = self.by_id.get(rule)
        return known.group if known else rule[:1]

    @cached_property
    def by_id(self) -> dict[str, Rule]:
        """Rules by id."""
        return {rule.id: rule for rule in self.rules}

    def plan(self, status: Status) -> "Plan":
        """Return the compiled form of the rules of one status that read text, made only once."""
        if status not in self._plans:
            found = [rule for rule in self.with_status(status) if rule.condition is not None]
            self._plans[status] = _plan(found)
        return self._plans[status]

    @cached_property
    def _plans(self) -> dict[Status, "Plan"]:
        return {}


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """Rules compiled for scanning.

    List l of the automaton serves the rules `use_rule[first[l]:first[l+1]]` as bit `use_bit[...]`;
    `use_shown` tells whether its words are quoted (they speak for the rule). `tables[rule, mask]`
    is the rule's condition.
    """

    rules: tuple[Rule, ...]
    automaton: Automaton
    first: NDArray[np.int64]
    use_rule: NDArray[np.int64]
    use_bit: NDArray[np.int64]
    use_shown: NDArray[np.bool_]
    tables: NDArray[np.bool_]


def _plan(rules: list[Rule]) -> Plan:
    users: dict[tuple[Sequence, ...], list[tuple[int, int, bool]]] = {}
    conditions = [rule.condition for rule in rules if rule.condition is not None]
    widest = max((len(condition.table) for condition in conditions), default=1)
    tables = np.zeros((len(rules), widest), np.bool_)
    for number, (rule, condition) in enumerate(zip(rules, conditions, strict=True)):
        tables[number, : len(condition.table)] = condition.table
        for bit, name in enumerate(condition.names):
            # Rules that name the very same phrases share one list.
            use = (number, 1 << bit, name in condition.required)
            users.setdefault(rule.phrases.get(name, ()), []).append(use)
    first = np.zeros(len(users) + 1, np.int64)
    np.cumsum([len(uses) for uses in users.values()], out=first[1:])
    flat = [use for uses in users.values() for use in uses]
    return Plan(
        rules=tuple(rules),
        automaton=compile_lists(list(users)),
        first=first,
        use_rule=np.array([rule for rule, _, _ in flat], np.int64),
        use_bit=np.array([bit for _, bit, _ in flat], np.int64),
        use_shown=np.array([shown for _, _, shown in flat], np.bool_),
        tables=tables,
    )
