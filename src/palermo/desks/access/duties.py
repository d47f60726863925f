"""Duties, roles, actions and purposes, read from `duties.yaml`.

Guarantees that every role names known actions only. An action that no role gives is given to
nobody: access is denied unless the file says otherwise.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

import yaml


@dataclass(frozen=True, slots=True, kw_only=True)
class Duties:
    """The file, validated. The mappings give each word its meaning in English."""

    actions: Mapping[str, str]
    roles: Mapping[str, frozenset[str]]
    duties: Mapping[str, str]
    purposes: Mapping[str, str]
    apart: tuple[frozenset[str], ...] = ()

    def roles_with(self, action: str) -> tuple[str, ...]:
        """Return the roles that give `action`, sorted.

        Raises:
            KeyError: no such action exists.
        """
        if action not in self.actions:
            raise KeyError(f"no action is called {action!r}; known are {', '.join(self.actions)}")
        return tuple(sorted(role for role, given in self.roles.items() if action in given))


@cache
def duties() -> Duties:
    """Return what the file says.

    Raises:
        ValueError: a role names an unknown action, or a pair an unknown duty.
    """
    raw = yaml.safe_load(files(__package__).joinpath("duties.yaml").read_text("utf-8"))
    roles = {name: frozenset(given) for name, given in raw["roles"].items()}
    for name, given in roles.items():
        if unknown := sorted(given - raw["actions"].keys()):
            raise ValueError(f"duties.yaml: role {name} names unknown actions: {unknown}")
    apart = tuple(frozenset(pair["duties"]) for pair in raw["apart"])
    if unknown := sorted(frozenset().union(*apart) - raw["duties"].keys()):
        raise ValueError(f"duties.yaml: apart names unknown duties: {unknown}")
    return Duties(
        actions=raw["actions"],
        roles=roles,
        duties=raw["duties"],
        purposes=raw["purposes"],
        apart=apart,
    )
