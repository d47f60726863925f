"""Which published indicators do these texts show, where, and what speaks against it?

The lists are data (`lists/*.yaml`); `indicate` finds their words, `behaviour` what only tables
show, `assess` what it amounts to under the operational rule.
"""

from palermo.analysis.indicators.assessment import (
    BodyAssessment,
    OperationalRule,
    RuleCount,
    assess,
    assess_bodies,
    operational_rule,
)
from palermo.analysis.indicators.behaviour import behaviour
from palermo.analysis.indicators.indicate import indicate
from palermo.analysis.indicators.loading import default_rules, load_rules, packaged_lists
from palermo.analysis.indicators.rules import Example, Polarity, Rule, Rules, Source, Status

__all__ = [
    "BodyAssessment",
    "Example",
    "OperationalRule",
    "Polarity",
    "Rule",
    "RuleCount",
    "Rules",
    "Source",
    "Status",
    "assess",
    "assess_bodies",
    "behaviour",
    "default_rules",
    "indicate",
    "load_rules",
    "operational_rule",
    "packaged_lists",
]
