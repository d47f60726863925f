"""Which accounts show what trafficking looks like, in which role, and what speaks against it?

The indicators are data (`lists/*.yaml`): a plan in SQL, which `investigation` runs, or the name of
a kernel. `alerts` brings findings together: two families of evidence, peers, counter-evidence.
"""

from palermo.analysis.money.typologies.alerts import Alert, Atom, alerts, noisy_or
from palermo.analysis.money.typologies.dry_run import DryRun, dry_run
from palermo.analysis.money.typologies.found import FOUND
from palermo.analysis.money.typologies.kernels import KERNELS
from palermo.analysis.money.typologies.loading import (
    LISTS,
    ROLES,
    Advice,
    Rule,
    Typologies,
    default_typologies,
    load_typologies,
    with_changes,
)
from palermo.analysis.money.typologies.records import Records, prepare

__all__ = [
    "FOUND",
    "KERNELS",
    "LISTS",
    "ROLES",
    "Advice",
    "Alert",
    "Atom",
    "DryRun",
    "Records",
    "Rule",
    "Typologies",
    "alerts",
    "default_typologies",
    "dry_run",
    "load_typologies",
    "noisy_or",
    "prepare",
    "with_changes",
]
