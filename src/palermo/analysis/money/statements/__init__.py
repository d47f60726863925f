"""Whether statements are whole: what they prove, what is missing, and what is there twice."""

from palermo.analysis.money.statements.duplicates import REASONS, Repeat, repeated
from palermo.analysis.money.statements.proof import Gap, Proof, prove
from palermo.analysis.money.statements.reversals import reversed_rows
from palermo.analysis.money.statements.series import Series, missing_between, series_of

__all__ = [
    "REASONS",
    "Gap",
    "Proof",
    "Repeat",
    "Series",
    "missing_between",
    "prove",
    "repeated",
    "reversed_rows",
    "series_of",
]
