"""Legal holds: what must not be erased, as a fold over the log.

Guarantees that an exhibit on hold stays so until every hold on it was released, each by an event
that refers to it.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from palermo.evidence.entry import Entry
from palermo.evidence.event import EventType


@dataclass(frozen=True, slots=True)
class Hold:
    """A hold in force: the entry that set it, the exhibits it covers, under which power."""

    event_id: str
    seq: int
    exhibits: frozenset[str]
    power: str


def holds_in_force(entries: Iterable[Entry]) -> list[Hold]:
    """Return the holds that no later entry released."""
    holds: dict[str, Hold] = {}
    for entry in entries:
        event = entry.event
        if event.type is EventType.HOLD:
            covered = frozenset(exhibit.id for exhibit in event.exhibits)
            holds[entry.event_id] = Hold(entry.event_id, entry.seq, covered, event.ground.power)
        elif event.type is EventType.RELEASE and event.refers_to is not None:
            holds.pop(event.refers_to, None)
    return list(holds.values())
