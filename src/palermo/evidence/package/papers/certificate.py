"""CERTIFICATE.html: a draft for the certification of a qualified person.

Made in the manner of US Federal Rules of Evidence 902(13) and 902(14), in the form that 902(11)
asks for, to be signed under 28 U.S.C. 1746. Guarantees that it describes what was done step by step
from the record, not by conclusions, and that it is not written at all when the record lacks a fact
that it would have to state.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from palermo.evidence.entry import Entry
from palermo.evidence.event import EventType
from palermo.evidence.package.inventory import Disclosed
from palermo.evidence.package.papers.page import Words, environment
from palermo.evidence.package.papers.report import Report
from palermo.model import Refused

#: The events with which an exhibit comes into a case.
_ARRIVALS = frozenset(
    {
        EventType.RECEIVE,
        EventType.SEIZE,
        EventType.CAPTURE,
        EventType.TRANSFER_IN,
        EventType.DERIVE,
        EventType.COPY,
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Declaration:
    """What the declarant says of themselves, and of sources that the record does not name.

    `sources` are by the id of the exhibit or its first digits; what stands there is marked as the
    declarant's own knowledge.
    """

    declarant: str
    position: str
    qualification: str
    place: str
    inside_us: bool
    sources: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Copied:
    """The facts about one exhibit: where it came from, how, and that the copy equals it."""

    number: int
    exhibit: Disclosed
    arrival: Entry
    source: str
    declared: bool
    steps: tuple[Entry, ...]


def gathered(
    declaration: Declaration, exhibits: Sequence[Disclosed], entries: Sequence[Entry]
) -> list[Copied]:
    """Gather what the certificate must state of each exhibit, from the entries that are shown.

    Raises:
        Refused: naming each fact that the record lacks.
    """
    copies: list[Copied] = []
    missing: list[str] = []
    for number, exhibit in enumerate(exhibits, start=1):
        found = _copy(number, exhibit, declaration, entries)
        if isinstance(found, Copied):
            copies.append(found)
        else:
            missing += [f"E{number} ({exhibit.id[:12]}): {fact}" for fact in found]
    if missing:
        raise Refused(
            "the certificate is not written, since the record lacks: "
            + "; ".join(missing[:10])
            + (f"; and {len(missing) - 10} more" if len(missing) > 10 else "")
            + ". Name a source under `sources` if the declarant knows it, or leave the exhibit out"
        )
    return copies


def certificate(declaration: Declaration, report: Report) -> str:
    """Return the certificate for signature. Raises `Refused` as `gathered` does."""
    copies = gathered(declaration, report.inventory.exhibits, report.entries)
    template = environment().get_template("certificate.html")
    return template.render(d=declaration, r=report, copies=copies, t=Words("en"))


def _copy(
    number: int, exhibit: Disclosed, declaration: Declaration, entries: Sequence[Entry]
) -> Copied | list[str]:
    """Gather the facts about one exhibit, or name those that are missing."""
    steps = tuple(
        entry for entry in entries if any(ref.id == exhibit.id for ref in entry.event.exhibits)
    )
    arrival = next((entry for entry in steps if entry.event.type in _ARRIVALS), None)
    if arrival is None:
        return ["the event with which it came into the case (not recorded, or held back)"]
    missing = []
    event = arrival.event
    if not event.tool.version.strip() or not event.tool.name.strip():
        missing.append("the program and its version")
    if event.tool.sha256 is None:
        missing.append("the hash of the program's code")
    if event.match is not True:
        missing.append("that it was hashed again after sealing and held (`match`)")
    own = [
        text
        for ident, text in declaration.sources.items()
        if len(ident) >= 8 and exhibit.id.startswith(ident)
    ]
    source = event.sender or event.place or _parent(exhibit) or next(iter(own), "")
    if not source.strip():
        missing.append("the device or person it came from")
    if missing:
        return missing
    return Copied(
        number=number,
        exhibit=exhibit,
        arrival=arrival,
        source=source,
        declared=not (event.sender or event.place or _parent(exhibit)),
        steps=steps,
    )


def _parent(exhibit: Disclosed) -> str:
    return f"made from exhibit {exhibit.parent}" if exhibit.parent else ""
