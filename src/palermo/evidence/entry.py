"""The written form of the custody log: what is signed, hashed and handed over.

Guarantees one form for each entry: what is written is canonical JSON, reading it back gives an
equal entry, and anything written otherwise is refused. Every entry carries 16 random bytes, so that
the leaf hash of an entry that is held back does not tell what it says.
"""

import hashlib
import json
import secrets
from collections.abc import Callable, Hashable
from dataclasses import dataclass, fields
from datetime import datetime
from functools import lru_cache
from json.encoder import encode_basestring
from operator import attrgetter
from types import NoneType
from typing import Any, ClassVar, Self, get_type_hints

from palermo.evidence.dsse import Envelope, canonical
from palermo.evidence.event import (
    Actor,
    ActorKey,
    Clock,
    CustodyEvent,
    EventType,
    ExhibitRef,
    FileRef,
    Ground,
    Tool,
)
from palermo.model.errors import Unreadable

VERSION = 2
SUITE = "sha256-ed25519-rfc6962"  # named in every entry, so that algorithms can be replaced
PAYLOAD_TYPE = "application/vnd.palermo.custody+json"
BATCH_TYPE = "application/vnd.palermo.custody-batch+json"
ENVELOPE_STARTS = b'{"payload":'  # an entry in its one form begins with its actor

_PARTS: dict[str, type] = {
    "actor": Actor,
    "second": Actor,
    "ground": Ground,
    "tool": Tool,
    "clock": Clock,
    "key": ActorKey,
}
_LISTS: dict[str, type] = {"exhibits": ExhibitRef, "inputs": FileRef, "outputs": FileRef}
_TIMES = ("occurred_at", "logged_at", "since")


def _names(kind: type) -> tuple[str, ...]:
    return tuple(one.name for one in fields(kind))


_NAMES = {kind: _names(kind) for kind in {*_PARTS.values(), *_LISTS.values(), CustodyEvent}}
_SIMPLE = tuple(
    name
    for name in _NAMES[CustodyEvent]
    if name not in _PARTS and name not in _LISTS and name not in (*_TIMES, "type")
)


_text = encode_basestring
_ENDS = f'"v":{VERSION}'  # the last of the sorted keys


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """An event at its place: entry `seq` of the log `log`, after the leaf `prev_leaf_hash`."""

    event: CustodyEvent
    log: str
    seq: int
    prev_leaf_hash: str
    nonce: str
    suite: ClassVar[str] = SUITE

    @property
    def event_id(self) -> str:
        """The name by which later events refer to this one. It tells nothing of the nonce."""
        return hashlib.sha256(b"palermo.event.v2\0" + self.nonce.encode()).hexdigest()[:32]

    def payload(self) -> bytes:
        """Write the entry in its one form."""
        # Composed by hand, since a general writer takes twice as long; a test compares the two.
        written = [
            key + write(value)
            for (key, write), value in zip(_FIELDS, _values_of(self), strict=True)
            if value is not None and value != ()
        ]
        return f"{{{','.join(written)},{_ENDS}}}".encode()

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
                nonce=raw["nonce"],
            )
            same = entry.payload() == payload and type(entry.seq) is int and len(entry.nonce) == 32
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
            raise Unreadable("not a custody event of this version") from None
        if not same:
            raise Unreadable("a custody event that is not written in its one form")
        return entry


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """One signature for many entries: `count` of them from `first` on, whose tree has `root`.

    The entries are leaves of the log themselves; the root over their leaf hashes (RFC 6962) is
    what the signature covers, so any one of them can be shown without the others.
    """

    log: str
    seq: int
    first: int
    count: int
    root: str
    prev_leaf_hash: str

    def payload(self) -> bytes:
        """Write the batch in its one form."""
        return canonical(
            {name: getattr(self, name) for name in _names(Batch)} | {"v": VERSION, "suite": SUITE}
        )

    @classmethod
    def from_payload(cls, payload: bytes) -> Self:
        """Read a batch; anything but its one written form is `Unreadable`."""
        try:
            raw = json.loads(payload)
            batch = cls(**{name: raw[name] for name in _names(Batch)})
            numbers = (batch.seq, batch.first, batch.count)
            same = batch.payload() == payload and all(type(one) is int for one in numbers)
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
            raise Unreadable("not a batch signature of this version") from None
        if not same or not 0 <= batch.first < batch.seq or batch.seq != batch.first + batch.count:
            raise Unreadable("a batch signature that is not written in its one form")
        return batch


def read_leaf(data: bytes) -> Entry:
    """Read the entry in a leaf: in an envelope of its own, or bare within a batch.

    Raises:
        Unreadable: when it is no entry in its one form.
    """
    if data.startswith(ENVELOPE_STARTS):
        return Entry.from_payload(Envelope.from_bytes(data).payload)
    return Entry.from_payload(data)


def new_nonce() -> str:
    """Return 16 random bytes in hexadecimal."""
    return secrets.token_hex(16)


def new_nonces(count: int) -> list[str]:
    """Return `count` times 16 random bytes in hexadecimal, asked of the system at once."""
    drawn = secrets.token_hex(16 * count)
    return [drawn[start : start + 32] for start in range(0, 32 * count, 32)]


def _time(moment: datetime) -> str:
    return f'"{moment.isoformat()}"'


def _truth(value: bool) -> str:
    return "true" if value else "false"


@lru_cache(maxsize=256)
def _repeated(part: Hashable) -> str:
    """Write a part that many events have in common, such as the actor."""
    return _part(part)


def _part(part: Hashable) -> str:
    found = {name: getattr(part, name) for name in _NAMES[type(part)]}
    return canonical({name: value for name, value in found.items() if value is not None}).decode()


def _exhibits(some: tuple[ExhibitRef, ...]) -> str:
    return f"[{','.join(map(_exhibit, some))}]"


def _exhibit(one: ExhibitRef) -> str:
    return (
        f'{{"id":{_text(one.id)},"media_type":{_text(one.media_type)},'
        f'"sealed_sha256":{_text(one.sealed_sha256)},"size":{one.size}}}'
    )


def _files(some: tuple[FileRef, ...]) -> str:
    return f"[{','.join(map(_part, some))}]"


_WRITERS: dict[str, Callable[[Any], str]] = {
    **dict.fromkeys(_NAMES[CustodyEvent], _text),
    **dict.fromkeys(_TIMES, _time),
    **dict.fromkeys(_PARTS, _repeated),
    "exhibits": _exhibits,
    "inputs": _files,
    "outputs": _files,
    "match": _truth,
    "log": _text,
    "nonce": _text,
    "prev_leaf_hash": _text,
    "seq": str,
    "suite": _text,
}
#: The fields in the order of canonical JSON, each with its key as written and how to write it.
_FIELDS = tuple((f'"{name}":', _WRITERS[name]) for name in sorted(_WRITERS))
_values_of = attrgetter(
    *(name if hasattr(Entry, name) else f"event.{name}" for name in sorted(_WRITERS))
)


def _event(raw: dict[str, Any]) -> CustodyEvent:
    """Build the event; a value in another form shows when it is written again and compared."""
    built: dict[str, Any] = {"type": EventType(raw["type"])}
    for name in _TIMES:
        if name in raw:
            built[name] = datetime.fromisoformat(raw[name])
    for name in _SIMPLE:
        if name in raw:
            built[name] = raw[name]
    for name, kind in _PARTS.items():
        if name in raw:
            built[name] = kind(**raw[name])
    for name, kind in _LISTS.items():
        if name in raw:
            built[name] = tuple(kind(**one) for one in raw[name])
    event = CustodyEvent(**built)
    _check_types(event)
    return event


def _allowed(kind: type) -> dict[str, tuple[type, ...]]:
    """Return the plain types each field may have, by the annotations of the dataclass."""
    allowed = {}
    for name, hint in get_type_hints(kind).items():
        members = tuple(
            NoneType if member is None else member for member in getattr(hint, "__args__", (hint,))
        )
        allowed[name] = tuple(member for member in members if isinstance(member, type))
    return allowed


_ALLOWED = {kind: _allowed(kind) for kind in {*_PARTS.values(), *_LISTS.values()}}
_EVENT_TEXTS = tuple(name for name in _SIMPLE if name != "match")


def _check_types(event: CustodyEvent) -> None:
    """JSON has other types than our fields: a number for a name must not pass."""
    for name in _EVENT_TEXTS:
        if type(getattr(event, name)) not in {str, NoneType}:
            raise TypeError(f"{name} is no text")
    if type(event.match) not in {bool, NoneType}:
        raise TypeError("match is neither true nor false")
    parts = [getattr(event, name) for name in _PARTS]
    for part in [*parts, *event.exhibits, *event.inputs, *event.outputs]:
        if part is not None:
            for name, kinds in _ALLOWED[type(part)].items():
                if type(getattr(part, name)) not in kinds:
                    raise TypeError(f"{name} has another type than it should")
