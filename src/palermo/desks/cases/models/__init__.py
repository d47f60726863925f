"""The tables of the case desk: rows that belong to a case, and who is offered one (`HandOver`)."""

from palermo.desks.cases.models.decided import Decision, HandOver, Judgement
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
from palermo.desks.cases.models.work import KEY_LENGTH, Claim, Note, Release, Subject, Task, Work

__all__ = [
    "KEY_LENGTH",
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
    "Release",
    "Run",
    "SetAside",
    "Subject",
    "Task",
    "Tie",
    "Work",
]
