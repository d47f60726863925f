"""Assets from suspicion to compensation: states, books, and the order in which money is paid."""

from palermo.analysis.money.assets.fold import apply, replay
from palermo.analysis.money.assets.ledger import Ledger
from palermo.analysis.money.assets.parties import why_blocked
from palermo.analysis.money.assets.states import state_table
from palermo.analysis.money.assets.tiers import tiers
from palermo.analysis.money.assets.waterfall import Waterfall, waterfall

__all__ = [
    "Ledger",
    "Waterfall",
    "apply",
    "replay",
    "state_table",
    "tiers",
    "waterfall",
    "why_blocked",
]
