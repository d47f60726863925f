"""Custody events: who did what with which exhibit, why, under which power, with which tool.

Guarantees that an event carries nothing that content could be guessed from: exhibits, outputs and
notes stand in it as salted commitments. An event is never edited; a later one of type `correct`
refers to it. The fields are those of ISO/IEC 27037's custody record, with the three times kept
apart: `occurred_at` is claimed, `logged_at` is when it was written down, and what a time authority
stamped stands with the checkpoint.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:  # the stand-alone verifier has no other room of the house
    from palermo.model import Authority, Exhibit


class EventType(StrEnum):
    """What happened."""

    RECEIVE = "receive"
    SEIZE = "seize"
    CAPTURE = "capture"
    HASH = "hash"
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
    KEY_ADD = "key_add"
    KEY_ROTATE = "key_rotate"
    KEY_REVOKE = "key_revoke"
    STAMP = "stamp"
    CORRECT = "correct"
    # Acts at the desks, in the log of the node (Directive (EU) 2016/680, Article 25)
    ALTER = "alter"
    COMBINE = "combine"
    GRANT = "grant"
    REFUSE = "refuse"


#: Acts that two persons sign: what they destroy or change cannot be brought back.
TWO_PERSONS = frozenset({EventType.SHRED})

#: The actor for whom the log's own key signs: the installation itself.
NODE = "node"


@dataclass(frozen=True, slots=True, kw_only=True)
class Actor:
    """Who acted, in which role, for which organisation."""

    id: str
    role: str
    organisation: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Ground:
    """The authority acted under: `sha256` is the hash of its file, `order` the court's number."""

    power: str
    legal_basis: str
    case: str
    sha256: str
    order: str | None = None

    @classmethod
    def of(cls, authority: "Authority") -> Self:
        """Take the ground from an authority file."""
        return cls(
            power=authority.power,
            legal_basis=authority.legal_basis,
            case=authority.case,
            sha256=authority.sha256,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class ExhibitRef:
    """An exhibit as the log names it.

    `id` is the commitment to its bytes, `size` their number, `sealed_sha256` the hash of the sealed
    copy, which needs no key to be checked. Name and plain hash stay out: they may be personal data.
    """

    id: str
    size: int
    media_type: str
    sealed_sha256: str

    @classmethod
    def of(cls, exhibit: "Exhibit") -> Self:
        """Refer to `exhibit`."""
        return cls(
            id=exhibit.id,
            size=exhibit.size,
            media_type=exhibit.media_type,
            sealed_sha256=exhibit.sealed_sha256,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class FileRef:
    """A file read or written: `path` is relative to the case folder, with forward slashes."""

    path: str
    commitment: str
    size: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Tool:
    """The program that did the work.

    `sha256` is the hash of the program, `config_sha256` of its settings, `validation` names the
    record of the method's validation (ISO/IEC 27041); None says that there is none.
    """

    name: str
    version: str
    sha256: str | None = None
    config_sha256: str | None = None
    validation: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Clock:
    """The clock that `logged_at` was read from: `offset_ms` is how far it was known to be off."""

    source: str
    synced: bool | None = None
    offset_ms: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ActorKey:
    """A key that a key event adds, rotates to or revokes: whose, and the raw key in hexadecimal."""

    actor: str
    public_key: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CustodyEvent:
    """One step in the life of exhibits. All times are timezone-aware and passed in.

    Args:
        type: what happened.
        actor: who did it, and signs for it.
        ground: the authority acted under.
        purpose: why, in words that name nobody.
        occurred_at: when it is said to have happened.
        logged_at: when it was written down.
        tool: the program that did the work.
        on_behalf: for whom the actor acted, if not for themselves.
        second: the second person, for acts that need two; signs as well.
        clock: what is known of the clock.
        place: where.
        sender: who gave the exhibits away, for transfers.
        recipient: who took them.
        seal: the number of the seal or bag they travelled under.
        exhibits: the exhibits concerned.
        inputs: files read, and `outputs`: files written.
        match: whether the exhibits were hashed again at this step, and held.
        refers_to: the id of an earlier entry that this one corrects, releases or answers.
        note: commitment to a free text kept beside the log.
        key: for key events, the key concerned.
        since: for revocations, from when the key is not to be believed.
    """

    type: EventType
    actor: Actor
    ground: Ground
    purpose: str
    occurred_at: datetime
    logged_at: datetime
    tool: Tool
    on_behalf: str | None = None
    second: Actor | None = None
    clock: Clock | None = None
    place: str | None = None
    sender: str | None = None
    recipient: str | None = None
    seal: str | None = None
    exhibits: tuple[ExhibitRef, ...] = ()
    inputs: tuple[FileRef, ...] = ()
    outputs: tuple[FileRef, ...] = ()
    match: bool | None = None
    refers_to: str | None = None
    note: str | None = None
    key: ActorKey | None = None
    since: datetime | None = None

    def __post_init__(self) -> None:
        for moment in (self.occurred_at, self.logged_at, self.since):
            if moment is not None and moment.tzinfo is None:
                raise ValueError("a custody event's times need a time zone")
        if self.type in TWO_PERSONS and (self.second is None or self.second.id == self.actor.id):
            raise ValueError(f"an event of type {self.type} needs a second person")
