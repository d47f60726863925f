"""What an event changes beside state and books, by its name: all effects together."""

from palermo.analysis.money.assets import asset_effects, case_effects
from palermo.analysis.money.assets.effect import affected

__all__ = ["affected", "asset_effects", "case_effects"]
