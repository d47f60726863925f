"""Tracing claims through mixed accounts, by each legal rule side by side, exact to the last cent.

The court chooses the rule; this room shows what each one gives. Nothing here says whose money it
was in truth: a claim comes in as a claim, and what the records do not explain is shown beside it.
"""

from palermo.analysis.money.tracing.ledger import Ledger, ledger, with_currencies
from palermo.analysis.money.tracing.rules import RULES, Rule, rule_words
from palermo.analysis.money.tracing.trace import Trace, Traced, trace

__all__ = [
    "RULES",
    "Ledger",
    "Rule",
    "Trace",
    "Traced",
    "ledger",
    "rule_words",
    "trace",
    "with_currencies",
]
