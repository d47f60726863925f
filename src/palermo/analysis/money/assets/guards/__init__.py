"""What is checked before an event is taken into the ledger, by the names in `states.yaml`."""

from palermo.analysis.money.assets.guards import awards, money, orders, payments, people, things
from palermo.analysis.money.assets.guards.case import GUARDS, Case, Guard

__all__ = ["GUARDS", "Case", "Guard", "awards", "money", "orders", "payments", "people", "things"]
