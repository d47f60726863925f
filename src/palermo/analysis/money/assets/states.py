"""The table of states and events: data in `states.yaml`, checked when it is first used."""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from functools import cache
from importlib.resources import files
from types import MappingProxyType
from typing import Any

import yaml

from palermo.model.asset import Facts

_KEYS = {"scope", "from", "to", "needs", "may", "guards", "source", "unchecked", "ours"}


@dataclass(frozen=True, slots=True, kw_only=True)
class EventKind:
    """One row of the table: where an event may happen, what it states and what is checked.

    `to` is None when the state stays. `unchecked`: the article's wording was not read; `ours`: no
    law prescribes it.
    """

    name: str
    of_case: bool
    sources: frozenset[str]
    to: str | None
    needs: tuple[str, ...]
    may: tuple[str, ...]
    guards: tuple[str, ...]
    source: str
    unchecked: bool
    ours: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class StateTable:
    """All states in order, all events by name, and the days that a valuation holds."""

    states: tuple[str, ...]
    events: Mapping[str, EventKind]
    groups: Mapping[str, frozenset[str]]
    valuation_days: int


@cache
def state_table() -> StateTable:
    """Return the table.

    Raises:
        ValueError: the file names a state, a fact or a key that is not known.
    """
    return read_table(files(__package__).joinpath("states.yaml").read_text("utf-8"))


def read_table(text: str) -> StateTable:
    """Read and check the table in `text`; see `state_table`."""
    raw = yaml.safe_load(text)
    states = tuple(raw["states"])
    groups = {name: frozenset(members) for name, members in raw["groups"].items()}
    for name, members in groups.items():
        if strange := members - set(states):
            raise ValueError(f"states.yaml: group {name}: {min(strange)} is no state")
    facts = {one.name for one in fields(Facts)}
    return StateTable(
        states=states,
        events=MappingProxyType(
            {
                name: _kind(name, row, states=states, groups=groups, facts=facts)
                for name, row in raw["events"].items()
            }
        ),
        groups=MappingProxyType(groups),
        valuation_days=raw["valuation_days"],
    )


def _kind(
    name: str,
    row: Mapping[str, Any],
    *,
    states: tuple[str, ...],
    groups: Mapping[str, frozenset[str]],
    facts: set[str],
) -> EventKind:
    if strange := set(row) - _KEYS:
        raise ValueError(f"states.yaml: {name}: {min(strange)} is no key")
    sources: set[str] = set()
    for one in row.get("from", []):
        sources |= groups.get(one, frozenset({one}))
    if strange := sources | ({row["to"]} if "to" in row else set()) - {None}:
        strange -= set(states)
    if strange:
        raise ValueError(f"states.yaml: {name}: {min(strange)} is no state")
    if strange := {*row.get("needs", []), *row.get("may", [])} - facts:
        raise ValueError(f"states.yaml: {name}: {min(strange)} is no fact")
    return EventKind(
        name=name,
        of_case={"case": True, "asset": False}[row["scope"]],
        sources=frozenset(sources),
        to=row.get("to"),
        needs=tuple(row.get("needs", [])),
        may=tuple(row.get("may", [])),
        guards=tuple(row.get("guards", [])),
        source=row["source"],
        unchecked=row.get("unchecked", False),
        ours=row.get("ours", False),
    )
