"""The tables of the access desk."""

from palermo.desks.access.models.audit import AuditEntry, Notice
from palermo.desks.access.models.case import Case, Mandate, Unit
from palermo.desks.access.models.opening import Emergency, Opening
from palermo.desks.access.models.people import (
    Conflict,
    Duty,
    FactorReset,
    Invitation,
    Membership,
    Person,
)
from palermo.desks.access.models.token import Allowance, ApiScope, ApiToken

__all__ = [
    "Allowance",
    "ApiScope",
    "ApiToken",
    "AuditEntry",
    "Case",
    "Conflict",
    "Duty",
    "Emergency",
    "FactorReset",
    "Invitation",
    "Mandate",
    "Membership",
    "Notice",
    "Opening",
    "Person",
    "Unit",
]
