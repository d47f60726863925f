"""Generated practice cases with their truth. Everyone and everything in them is invented."""

from collections.abc import Callable

from palermo.scenario.money import write_money
from palermo.scenario.sirocco import write_sirocco
from palermo.scenario.summary import ScenarioSummary

#: Scenarios by name; each is called as `write(out, size=..., seed=...)`.
SCENARIOS: dict[str, Callable[..., ScenarioSummary]] = {"sirocco": write_sirocco}

__all__ = ["SCENARIOS", "ScenarioSummary", "write_money", "write_sirocco"]
