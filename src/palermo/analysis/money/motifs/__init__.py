"""Which shapes does money take: many to one, round in a circle, straight through, in small parts?

Every kernel is exact in whole minor units, reads transactions in the order of time, and tells the
transactions that it found. A shape proves nothing; `typologies` says what it may point to.
"""

from palermo.analysis.money.motifs.cycles import Cycles, cycles
from palermo.analysis.money.motifs.edges import Edges, chosen, edges
from palermo.analysis.money.motifs.fans import Fans, fans
from palermo.analysis.money.motifs.hawala import Pairings, hawala
from palermo.analysis.money.motifs.passing import Passing, passing
from palermo.analysis.money.motifs.scatter import (
    Gathers,
    Scatters,
    gather_scatter,
    scatter_gather,
)
from palermo.analysis.money.motifs.small_parts import Parts, funnel, structuring

__all__ = [
    "Cycles",
    "Edges",
    "Fans",
    "Gathers",
    "Pairings",
    "Parts",
    "Passing",
    "Scatters",
    "chosen",
    "cycles",
    "edges",
    "fans",
    "funnel",
    "gather_scatter",
    "hawala",
    "passing",
    "scatter_gather",
    "structuring",
]
