"""The tables of the case desk, every one a table of rows that belong to a case."""

from palermo.desks.cases.models.evidence import Exhibit, Fact, SetAside
from palermo.desks.cases.models.found import (
    Campaign,
    Identifier,
    Indication,
    Item,
    Link,
    Mention,
    Network,
    Node,
    Tie,
)
from palermo.desks.cases.models.run import Material, Package, Run
from palermo.desks.cases.models.work import Claim, Decision, HandOver, Judgement, Note, Task

__all__ = [
    "Campaign",
    "Claim",
    "Decision",
    "Exhibit",
    "Fact",
    "HandOver",
    "Identifier",
    "Indication",
    "Item",
    "Judgement",
    "Link",
    "Material",
    "Mention",
    "Network",
    "Node",
    "Note",
    "Package",
    "Run",
    "SetAside",
    "Task",
    "Tie",
]
