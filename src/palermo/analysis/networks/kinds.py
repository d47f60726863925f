"""Which kinds of shared value may link items: `kinds.yaml`, read once and checked.

A kind that the file does not name never links.
"""

from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

import yaml


@dataclass(frozen=True, slots=True)
class LinkKind:
    """A kind of value that may link: its strength in (0, 1] and what the link says."""

    strength: float
    why: str


@dataclass(frozen=True, slots=True)
class LinkKinds:
    """All linking kinds, and the generic values of each kind (lower case), which never link."""

    kinds: dict[str, LinkKind]
    generic: dict[str, frozenset[str]]

    def is_generic(self, kind: str, value: str) -> bool:
        """Tell whether `value` is known to be shared by unrelated people."""
        name = value.rsplit(":", 1)[-1] if kind == "account" else value
        return name.casefold() in self.generic.get(kind, frozenset())


@cache
def link_kinds() -> LinkKinds:
    """Read `kinds.yaml`.

    Raises:
        ValueError: an entry is malformed; the message names it.
    """
    raw: dict[str, Any] = yaml.safe_load(
        (files(__package__) / "kinds.yaml").read_text(encoding="utf-8")
    )
    kinds = {}
    for name, entry in raw["kinds"].items():
        kind = LinkKind(strength=float(entry["strength"]), why=str(entry["why"]))
        if not 0 < kind.strength <= 1:
            raise ValueError(f"kinds.yaml: {name}: strength {kind.strength} is not in (0, 1]")
        kinds[name] = kind
    generic = {
        name: frozenset(str(value).casefold() for value in values)
        for name, values in raw["generic"].items()
    }
    unknown = set(generic) - set(kinds)
    if unknown:
        raise ValueError(f"kinds.yaml: generic values for unknown kinds {sorted(unknown)}")
    return LinkKinds(kinds=kinds, generic=generic)
