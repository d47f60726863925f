"""The money of a case: statements taken in, and what was made of them."""

from palermo.investigation.money.importing import Import, ImportRequest, import_statements
from palermo.investigation.money.report import spoken

__all__ = ["Import", "ImportRequest", "import_statements", "spoken"]
