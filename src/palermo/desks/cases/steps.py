"""The steps that people decide on, read from `steps.yaml`.

Guarantees that an adverse step takes two people, a step of support one, and that every step rests
on a source that is stated with the day on which it was read, or as unchecked.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

import yaml


@dataclass(frozen=True, slots=True, kw_only=True)
class StepSource:
    """What a step rests on. `checked` is a day, or `unchecked`."""

    article: str
    says: str
    seen: str
    checked: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One step. `title` and `means` are English; pages translate them."""

    key: str
    title: str
    means: str
    adverse: bool
    persons: int
    rests_on: tuple[StepSource, ...]

    @property
    def needs_second(self) -> bool:
        """Whether a second person must confirm it."""
        return self.persons > 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Steps:
    """The file, validated."""

    steps: Mapping[str, Step]
    follows: Mapping[str, frozenset[str]]

    @property
    def choices(self) -> list[tuple[str, str]]:
        """The steps as choices of a field."""
        return [(key, step.title) for key, step in self.steps.items()]


@cache
def steps() -> Steps:
    """Return what the file says.

    Raises:
        ValueError: the file contradicts what this module guarantees.
    """
    return read_steps(files(__package__).joinpath("steps.yaml").read_text("utf-8"))


def read_steps(text: str) -> Steps:
    """Read the file from its text.

    Raises:
        ValueError: it contradicts what this module guarantees.
    """
    raw = yaml.safe_load(text)
    sources = {
        key: StepSource(**{name: str(value).strip() for name, value in entry.items()})
        for key, entry in raw["sources"].items()
    }
    made = {key: _step(key, entry, sources) for key, entry in raw["steps"].items()}
    follows = {key: frozenset(named) for key, named in raw["follows"].items()}
    for key, named in follows.items():
        if unknown := sorted(named - made.keys()):
            raise ValueError(f"steps.yaml: follows: {key}: unknown steps: {unknown}")
    return Steps(steps=made, follows=follows)


def _step(key: str, entry: dict[str, Any], sources: Mapping[str, StepSource]) -> Step:
    if unknown := sorted(set(entry["rests_on"]) - sources.keys()):
        raise ValueError(f"steps.yaml: {key}: unknown sources: {unknown}")
    if not entry["rests_on"]:
        raise ValueError(f"steps.yaml: {key}: rests on nothing; name a source")
    if entry["adverse"] and entry["persons"] < 2:
        raise ValueError(f"steps.yaml: {key}: an adverse step takes two persons")
    if not entry["adverse"] and entry["persons"] != 1:
        raise ValueError(f"steps.yaml: {key}: a step that is not adverse takes one person")
    return Step(
        key=key,
        title=entry["title"],
        means=entry["means"],
        adverse=entry["adverse"],
        persons=entry["persons"],
        rests_on=tuple(sources[one] for one in entry["rests_on"]),
    )
