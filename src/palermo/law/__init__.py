"""The law room: who may do what, under which article, and by when.

Law packs are data (`packs/*.yaml`); everything here is a pure function of packs, authorities,
events and a clock that is passed in.
"""

from palermo.law.authority import read_authority
from palermo.law.book import law_book
from palermo.law.check import Grant, check
from palermo.law.clocks import Due, Event, Keeping, deadlines, retention
from palermo.law.lengths import duration
from palermo.law.pack import (
    DeadlineRule,
    LawBook,
    Pack,
    Power,
    Regime,
    ReportingPoint,
    RetentionRule,
)
from palermo.law.periods import Period, Unit, after
from palermo.law.tables import PowerRow, powers_table

__all__ = [
    "DeadlineRule",
    "Due",
    "Event",
    "Grant",
    "Keeping",
    "LawBook",
    "Pack",
    "Period",
    "Power",
    "PowerRow",
    "Regime",
    "ReportingPoint",
    "RetentionRule",
    "Unit",
    "after",
    "check",
    "deadlines",
    "duration",
    "law_book",
    "powers_table",
    "read_authority",
    "retention",
]
