"""Custody events: who did what with which exhibit, why, under which power, with which tool.

Guarantees one written form: what is signed is the canonical JSON of `payload`, and reading it back
gives an equal event. An event is never edited; a later one of type `correct` refers to it.
"""

import hashlib
import json
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, Self

from palermo.evidence.dsse import canonical
from palermo.model import Authority, Exhibit, Unreadable

VERSION = 1
SUITE = "sha256-ed25519-rfc6962"  # named in every event, so that algorithms can be replaced
PAYLOAD_TYPE = "application/vnd.palermo.custody+json"


class EventType(StrEnum):
    """What happened."""

    RECEIVE = "receive"
    SEIZE = "seize"
    CAPTURE = "capture"
    TRANSFER_OUT = "transfer_out"
    TRANSFER_IN = "transfer_in"
    ACCESS = "access"
    COPY = "copy"
    ANALYSE = "analyse"
    DERIVE = "derive"
    EXPORT = "export"
    DISCLOSE = "disclose"
    HOLD = "hold"
    RELEASE = "release"
    SHRED = "shred"
    KEY_ROTATE = "key_rotate"
    CORRECT = "correct"


@dataclass(frozen=True, slots=True, kw_only=True)
class Actor:
    """Who acted, in which role, for which organisation."""

    id: str
    role: str
    organisation: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Ground:
    """The authority acted under; `sha256` is the hash of its file."""

    power: str
    legal_basis: str
    case: str
    sha256: str

    @classmethod
    def of(cls, authority: Authority) -> Self:
        """Take the ground from an authority file."""
        return cls(
            power=authority.power,
            legal_basis=authority.legal_basis,
            case=authority.case,
            sha256=authority.sha256,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class ExhibitRef:
    """An exhibit as the log names it. Its file name stays out: names may be personal data."""

    sha256: str
    size: int
    media_type: str

    @classmethod
    def of(cls, exhibit: Exhibit) -> Self:
        """Refer to `exhibit`."""
        return cls(sha256=exhibit.sha256, size=exhibit.size, media_type=exhibit.media_type)


@dataclass(frozen=True, slots=True, kw_only=True)
class FileRef:
    """A file read or written: `path` is relative to the case folder, with forward slashes."""

    path: str
    sha256: str
    size: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Tool:
    """The program that did the work."""

    name: str
    version: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CustodyEvent:
    """One step in the life of exhibits. Both times are timezone-aware and passed in.

    `occurred_at` is when it is said to have happened, `logged_at` when it was written down.
    `refers_to` is the id of an earlier event that this one corrects, releases or answers.
    """

    type: EventType
    actor: Actor
    ground: Ground
    purpose: str
    occurred_at: datetime
    logged_at: datetime
    tool: Tool
    exhibits: tuple[ExhibitRef, ...] = ()
    inputs: tuple[FileRef, ...] = ()
    outputs: tuple[FileRef, ...] = ()
    refers_to: str | None = None

    def __post_init__(self) -> None:
        for moment in (self.occurred_at, self.logged_at):
            if moment.tzinfo is None:
                raise ValueError("a custody event's times need a time zone")

    def content(self) -> dict[str, Any]:
        """Return what was said, without its place in the log."""
        actor, ground = self.actor, self.ground
        return {
            "type": self.type.value,
            "actor": {"id": actor.id, "role": actor.role, "org": actor.organisation},
            "authority": {
                "power": ground.power,
                "legal_basis": ground.legal_basis,
                "case": ground.case,
                "sha256": ground.sha256,
            },
            "purpose": self.purpose,
            "occurred_at": self.occurred_at.isoformat(),
            "tool": {"name": self.tool.name, "version": self.tool.version},
            "exhibits": [
                {"sha256": one.sha256, "size": one.size, "media_type": one.media_type}
                for one in self.exhibits
            ],
            "inputs": [_file(one) for one in self.inputs],
            "outputs": [_file(one) for one in self.outputs],
            "refers_to": self.refers_to,
        }

    def event_id(self) -> str:
        """Return the event's name: SHA-256 over its content, the same in every log."""
        return hashlib.sha256(canonical(self.content())).hexdigest()


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """An event at its place: entry `seq` of the log `log`, after the leaf `prev_leaf_hash`."""

    event: CustodyEvent
    log: str
    seq: int
    prev_leaf_hash: str

    def payload(self) -> bytes:
        """Write the entry in its one form, the bytes that are signed."""
        return canonical(
            {
                **self.event.content(),
                "v": VERSION,
                "suite": SUITE,
                "log": self.log,
                "seq": self.seq,
                "event_id": self.event.event_id(),
                "logged_at": self.event.logged_at.isoformat(),
                "prev_leaf_hash": self.prev_leaf_hash,
            }
        )

    @classmethod
    def from_payload(cls, payload: bytes) -> Self:
        """Read an entry; anything but its one written form is `Unreadable`."""
        try:
            raw = json.loads(payload)
            entry = cls(
                event=_event(raw),
                log=raw["log"],
                seq=raw["seq"],
                prev_leaf_hash=raw["prev_leaf_hash"],
            )
            same = entry.payload() == payload and type(entry.seq) is int
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
            raise Unreadable("not a custody event of this version") from None
        if not same:
            raise Unreadable("a custody event that is not written in its one form")
        return entry


def _event(raw: dict[str, Any]) -> CustodyEvent:
    """Build the event; a value in another form shows when it is written again and compared."""
    actor = raw["actor"]
    event = CustodyEvent(
        type=EventType(raw["type"]),
        actor=Actor(id=actor["id"], role=actor["role"], organisation=actor["org"]),
        ground=Ground(**raw["authority"]),
        purpose=raw["purpose"],
        occurred_at=datetime.fromisoformat(raw["occurred_at"]),
        logged_at=datetime.fromisoformat(raw["logged_at"]),
        tool=Tool(**raw["tool"]),
        exhibits=tuple(ExhibitRef(**one) for one in raw["exhibits"]),
        inputs=tuple(FileRef(**one) for one in raw["inputs"]),
        outputs=tuple(FileRef(**one) for one in raw["outputs"]),
        refers_to=raw["refers_to"],
    )
    paths = event.inputs + event.outputs
    files: list[ExhibitRef | FileRef] = [*event.exhibits, *paths]
    texts = [*actor.values(), *raw["authority"].values(), *raw["tool"].values(), event.purpose]
    texts += [one.sha256 for one in files]
    texts += [one.path for one in paths]
    texts += [one.media_type for one in event.exhibits] + [event.refers_to or ""]
    if not all(type(text) is str for text in texts):
        raise TypeError("a text is no text")
    if not all(type(one.size) is int for one in files):
        raise TypeError("a size is no number")
    return event


def _file(one: FileRef) -> dict[str, Any]:
    return {"path": one.path, "sha256": one.sha256, "size": one.size}
