"""The order of payment in words, with its sources: data in `waterfall.yaml`."""

from dataclasses import dataclass
from functools import cache
from importlib.resources import files

import yaml

TIERS = ("restitution", "victims", "costs", "sharing", "social", "state")


@dataclass(frozen=True, slots=True, kw_only=True)
class Tier:
    """One step of the order: its rule in words and its source."""

    name: str
    title: str
    rule: str
    source: str
    unchecked: bool


@cache
def tiers() -> dict[str, Tier]:
    """Return the tiers in order.

    Raises:
        ValueError: the file names others than the code knows.
    """
    raw = yaml.safe_load(files(__package__).joinpath("waterfall.yaml").read_text("utf-8"))["tiers"]
    if tuple(raw) != TIERS:
        raise ValueError(f"waterfall.yaml names {', '.join(raw)}; expected {', '.join(TIERS)}")
    return {
        name: Tier(
            name=name,
            title=one["title"],
            rule=one["rule"],
            source=one["source"],
            unchecked=one.get("unchecked", False),
        )
        for name, one in raw.items()
    }
