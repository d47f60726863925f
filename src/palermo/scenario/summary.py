"""What a scenario says about itself once it is written: counts only, no wording."""

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True, kw_only=True)
class ScenarioSummary:
    """Counts of a written scenario. `identifiers` counts rows of the truth, one a kind and value.

    `ring_items` and `campaign_items` count items that belong to a ring, or to any campaign,
    innocent ones included; `hubs` counts planted hub values, `hub_items` the items carrying one.
    """

    name: str
    out: Path
    size: int
    seed: int
    rings: int
    ring_items: int
    campaigns: int
    campaign_items: int
    hubs: int
    hub_items: int
    identifiers: int
