"""The checks of `palermo doctor`: each a small function that yields what is wrong, in sentences."""

from palermo.doors.web.operations.examining.checks import (
    CannotTell,
    Check,
    Finding,
    Outcome,
    Seen,
    Severity,
    examine,
    look_at,
)
from palermo.doors.web.operations.examining.table import CHECKS

__all__ = [
    "CHECKS",
    "CannotTell",
    "Check",
    "Finding",
    "Outcome",
    "Seen",
    "Severity",
    "examine",
    "look_at",
]
