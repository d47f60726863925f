"""What of a case is handed over, and what is held back.

Guarantees that what is held back stays counted: an exhibit is named, an event leaves its hash. Key
events, batch signatures and erasures are always shown, since without them the rest cannot be
checked or would be misread.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from palermo.evidence.entry import Entry
from palermo.evidence.event import EventType, ExhibitRef
from palermo.evidence.package.inventory import Named
from palermo.evidence.signers import KEY_EVENTS
from palermo.model import Refused, Unreadable

_SHORTEST = 8  # digits of an id that may stand for the whole


@dataclass(frozen=True, slots=True, kw_only=True)
class Selection:
    """What was asked for: exhibits by id or by its first digits, events by number.

    `only` empty means all. What is in both lists is held back.
    """

    only: tuple[str, ...] = ()
    hold_back: tuple[str, ...] = ()
    hold_back_events: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Chosen:
    """What is given, in the order of the log; what the shown events name besides."""

    given: tuple[ExhibitRef, ...]
    held_back: tuple[Named, ...]
    erased: tuple[Named, ...]
    events: frozenset[int]


def choose(entries: Sequence[Entry], size: int, selection: Selection) -> Chosen:
    """Apply `selection` to a log of `size` leaves with these entries.

    Raises:
        Unreadable: when an exhibit or event is not in the log.
        Refused: when something cannot be given or held back, or nothing is left.
    """
    events = _held_events(entries, size, selection.hold_back_events)
    known = {one.id: one for entry in entries for one in entry.event.exhibits}
    erased = {
        one.id
        for entry in entries
        if entry.event.type is EventType.SHRED
        for one in entry.event.exhibits
    }
    only = {_resolved(text, known) for text in selection.only} or known.keys() - erased
    if gone := sorted(only & erased):
        raise Refused(f"{gone[0]} was erased; it cannot be handed over")
    given = only - {_resolved(text, known) for text in selection.hold_back}
    if not given:
        raise Refused("nothing is left to hand over; name other exhibits")
    shown = {one.id for entry in entries if entry.seq not in events for one in entry.event.exhibits}
    return Chosen(
        given=tuple(ref for ident, ref in known.items() if ident in given),
        held_back=_named(known.values(), shown - given - erased),
        erased=_named(known.values(), erased),
        events=events,
    )


def _named(refs: Iterable[ExhibitRef], wanted: set[str]) -> tuple[Named, ...]:
    return tuple(Named.of(ref) for ref in refs if ref.id in wanted)


def _resolved(text: str, known: Iterable[str]) -> str:
    found = [ident for ident in known if ident.startswith(text)]
    if len(text) < _SHORTEST or len(found) != 1:
        raise Unreadable(
            f"{text!r}: expected the id of one exhibit of this case, or at least its first "
            f"{_SHORTEST} digits ({len(found)} begin so)"
        )
    return found[0]


def _held_events(entries: Sequence[Entry], size: int, numbers: Iterable[int]) -> frozenset[int]:
    by_number = {entry.seq: entry.event for entry in entries}
    for number in numbers:
        if not 0 <= number < size:
            raise Unreadable(f"event {number}: the log has events 0 to {size - 1}")
        event = by_number.get(number)
        if event is None:
            raise Refused(
                f"event {number} signs for the events before it and cannot be held back: "
                "without it none of them could be checked"
            )
        if event.type in KEY_EVENTS:
            raise Refused(
                f"event {number} ({event.type}) says who may sign and cannot be held back: "
                "without it the events after it could not be checked"
            )
        if event.type is EventType.SHRED:
            raise Refused(
                f"event {number} records an erasure and cannot be held back: what was erased "
                "would pass for what is withheld"
            )
    return frozenset(numbers)
