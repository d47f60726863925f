"""Screening: who of these accounts, names and numbers stands on a list, and how sure that is.

A match is graded and explained, and is a lead for a person: never a verdict, never a reason by
itself to refuse or close anything.
"""

from palermo.analysis.money.screening.grading import GRADES
from palermo.analysis.money.screening.screen import Screened, screen
from palermo.analysis.money.screening.subjects import of_accounts, of_payments

__all__ = ["GRADES", "Screened", "of_accounts", "of_payments", "screen"]
