"""REPORT.html: what a package is, what is in it, what was held back, and how to check it by hand.

Guarantees that it states only what the log and the inventory say, that claimed, logged and stamped
times are kept apart, and that it says what the package does not prove.
"""

from dataclasses import dataclass
from datetime import datetime

from palermo.evidence.checkpoint import Checkpoint
from palermo.evidence.entry import Entry
from palermo.evidence.event import CustodyEvent, EventType, Ground
from palermo.evidence.keys import key_id
from palermo.evidence.package.inventory import Inventory
from palermo.evidence.package.papers.by_hand import steps
from palermo.evidence.package.papers.page import LANGUAGES, Language, Words, environment
from palermo.evidence.times import Stamped

__all__ = ["Language", "Report", "render_report"]

#: Rows of a table that are written out; the rest is in exhibits.json and custody.dsse.jsonl.
_MOST_ROWS = 1000
_MOST_NAMED = 6  # exhibits of one event that are named in the timeline
_CHAPTERS = ("what", "exhibits", "held", "timeline", "powers", "hand", "limits")


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """What the papers are made from.

    `entries` are those shown, the hand-over last; `held_back` the numbers of the others. `outputs`
    are paths within the package, `key` is the log's key in force. No root was at hand when the
    stamps were read: their times are repeated, and the reader is told how to check them.
    """

    inventory: Inventory
    entries: tuple[Entry, ...]
    checkpoint: Checkpoint
    key: bytes
    held_back: tuple[int, ...]
    outputs: tuple[str, ...]
    stamps: tuple[Stamped, ...]
    conditions: tuple[str, ...]
    verifier: bool

    @property
    def hand_over(self) -> CustodyEvent:
        """The event that handed this package over."""
        return self.entries[-1].event


@dataclass(frozen=True, slots=True, kw_only=True)
class _Row:
    """One entry of the timeline, as it is shown."""

    seq: int
    type: str
    who: str
    organisation: str
    second: str | None
    claimed: datetime
    logged: datetime
    stamp: Stamped | None
    exhibits: tuple[str, ...]
    more: int
    refers_to: int | None
    event: CustodyEvent


@dataclass(frozen=True, slots=True)
class _Power:
    """Who acted under which power, and in which entries."""

    who: str
    organisation: str
    ground: Ground
    entries: list[int]


def render_report(report: Report, *, language: Language = "en") -> str:
    """Return the report as one HTML document.

    Raises:
        ValueError: when there is no such language.
    """
    if language not in LANGUAGES:
        raise ValueError(f"language is {language!r}; expected one of {', '.join(LANGUAGES)}")
    template = environment().get_template("report.html")
    return template.render(
        r=report,
        t=Words(language),
        language=language,
        chapters=_CHAPTERS,
        exhibits=list(enumerate(report.inventory.exhibits, start=1))[:_MOST_ROWS],
        rows=_rows(report)[:_MOST_ROWS],
        powers=_powers(report),
        steps=steps(verifier=report.verifier, stamps=report.stamps),
        fingerprint=key_id(report.key),
        root=report.checkpoint.root.hex(),
        most=_MOST_ROWS,
    )


def _rows(report: Report) -> list[_Row]:
    labels = {one.id: f"E{n}" for n, one in enumerate(report.inventory.exhibits, start=1)}
    stamps = sorted(report.stamps, key=lambda one: (one.size, one.stamp.gen_time))
    numbers = {entry.event_id: entry.seq for entry in report.entries}
    rows = []
    for entry in report.entries:
        event = entry.event
        named = [labels.get(ref.id, f"{ref.id[:8]}…") for ref in event.exhibits]
        rows.append(
            _Row(
                seq=entry.seq,
                type=event.type.value,
                who=event.actor.id,
                organisation=event.actor.organisation,
                second=event.second.id if event.second else None,
                claimed=event.occurred_at,
                logged=event.logged_at,
                stamp=next((one for one in stamps if one.size > entry.seq), None),
                exhibits=tuple(named[:_MOST_NAMED]),
                more=max(0, len(named) - _MOST_NAMED),
                refers_to=numbers.get(event.refers_to or ""),
                event=event,
            )
        )
    return rows


def _powers(report: Report) -> list[_Power]:
    found: dict[tuple[str, str, Ground], _Power] = {}
    for entry in report.entries:
        event = entry.event
        key = (event.actor.id, event.actor.organisation, event.ground)
        one = found.setdefault(key, _Power(event.actor.id, key[1], event.ground, []))
        one.entries.append(entry.seq)
    return list(found.values())


#: Types of event for which the strings have a word; a test compares.
TYPES = tuple(one.value for one in EventType)
