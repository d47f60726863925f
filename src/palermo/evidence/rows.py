"""Judging the leaves of a custody log one by one, whoever wrote them.

Guarantees that hostile bytes are only ever compared, never trusted: every envelope, entry, number,
hash and signature is recomputed. Leaves may be held back: then only their hash is there, and what
can be said about the others still holds.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import StrEnum

from palermo.evidence.dsse import Envelope
from palermo.evidence.entry import BATCH_TYPE, ENVELOPE_STARTS, PAYLOAD_TYPE, Batch, Entry
from palermo.evidence.event import NODE, TWO_PERSONS
from palermo.evidence.keys import VerifierKey, key_id
from palermo.evidence.merkle import leaf_hash, root
from palermo.evidence.schema import FIRST
from palermo.evidence.signers import Signers
from palermo.model.errors import Unreadable


class Outcome(StrEnum):
    """What a check found."""

    PASS = "pass"  # noqa: S105 - the outcome of a check, not a password
    FAIL = "fail"
    NOT_CHECKABLE = "not-checkable"


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that was looked at. `detail` is one plain sentence.

    `by_hand` are commands with which a person repeats the check with other tools.
    """

    name: str
    outcome: Outcome
    detail: str
    by_hand: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Row:
    """A leaf as it was handed over. `data` is None when it is held back; `kind` is the writer's."""

    seq: int
    leaf_hash: bytes
    data: bytes | None
    kind: str | None = None


#: The checks on the log's rows, with what holds when no problem was found.
ROW_CHECKS = {
    "log file": "it is sound and has exactly the expected form",
    "sequence": "the leaves are numbered without gap or repetition",
    "leaf hashes": "every leaf hashes to what is recorded beside it",
    "signatures": "every event is signed with the key of its actor, and by two persons where due",
    "events": "every event is written in its one form and belongs to this log",
    "chain": "every event names the leaf before it",
}


@dataclass(slots=True)
class Reading:
    """What the log says, as far as it could be read, and the problems met on the way."""

    key: VerifierKey | None = None
    leaves: list[bytes] = field(default_factory=list)
    entries: list[Entry] = field(default_factory=list)
    held_back: int = 0
    problems: dict[str, list[str]] = field(default_factory=dict)
    signers: Signers = field(default_factory=lambda: Signers(b""))
    #: The key that signed each entry, by its number.
    signed_with: dict[int, bytes] = field(default_factory=dict)

    def problem(self, name: str, detail: str) -> None:
        """Note a problem under the check `name`."""
        self.problems.setdefault(name, []).append(detail)


def judge_rows(rows: Iterable[Row], reading: Reading, key: bytes) -> None:
    """Judge `rows` in order into `reading`; `key` is the key that the log began with."""
    reading.signers = Signers(key)
    bare: dict[int, Entry] = {}
    for row in rows:
        _judge(row, reading, bare)
    for seq in sorted(bare):
        reading.problem("signatures", f"event {seq} is signed by nobody")


def _judge(row: Row, reading: Reading, bare: dict[int, Entry]) -> None:
    index = len(reading.leaves)
    before = reading.leaves[-1].hex() if reading.leaves else FIRST
    if row.seq != index:
        reading.problem("sequence", f"event {index} of the file is numbered {row.seq}")
    leaf = row.leaf_hash if row.data is None else leaf_hash(row.data)
    reading.leaves.append(leaf)
    if leaf != row.leaf_hash:
        reading.problem("leaf hashes", f"event {index} has another hash than recorded")
    if row.data is None:
        reading.held_back += 1
        return
    try:
        if row.data.startswith(ENVELOPE_STARTS):
            envelope = Envelope.from_bytes(row.data)
            if envelope.payload_type == BATCH_TYPE:
                batch = Batch.from_payload(envelope.payload)
                _place(reading, index, batch, before)
                _judge_batch(reading, index, batch, envelope, bare)
                return
            entry = Entry.from_payload(envelope.payload)
            if envelope.payload_type != PAYLOAD_TYPE:
                reading.problem("events", f"event {index} is signed as something else")
            _place(reading, index, entry, before)
            _judge_signatures(reading, index, entry, envelope)
        else:
            entry = Entry.from_payload(row.data)
            _place(reading, index, entry, before)
            bare[index] = entry
    except Unreadable as error:
        reading.problem("events", f"event {index} is {error}")
        return
    if row.kind is not None and row.kind != entry.event.type.value:
        reading.problem("log file", f"event {index} is filed as {row.kind}, which it is not")
    reading.entries.append(entry)
    wrong = reading.signers.follow(entry)
    if wrong is not None:
        reading.problem("signatures", f"event {index} {wrong}")


def _place(reading: Reading, index: int, signed: Entry | Batch, before: str) -> None:
    if signed.seq != index:
        reading.problem("sequence", f"event {index} was signed as number {signed.seq}")
    if reading.key is None or signed.log != reading.key.name:
        reading.problem("events", f"event {index} was signed for another log")
    if signed.prev_leaf_hash != before:
        reading.problem("chain", f"event {index} does not follow the event before it")


def _judge_signatures(reading: Reading, index: int, entry: Entry, envelope: Envelope) -> None:
    event = entry.event
    persons = [event.actor.id] + ([event.second.id] if event.second is not None else [])
    if event.type in TWO_PERSONS and len(set(persons)) < 2:
        reading.problem("signatures", f"event {index} ({event.type}) needs two persons")
    if len(envelope.signatures) != len(persons):
        reading.problem(
            "signatures",
            f"event {index} has {len(envelope.signatures)} signatures, "
            f"its persons are {len(persons)}",
        )
        return
    keys = []
    for place, person in enumerate(persons):
        key = _key_for(reading, index, person)
        if key is None:
            return
        if envelope.signatures[place].keyid != key_id(key):
            reading.problem("signatures", f"event {index} is not signed with {person}'s key")
        elif not envelope.signed_by(key, place=place):
            reading.problem("signatures", f"event {index} has an invalid signature of {person}")
        keys.append(key)
    if len(set(keys)) < len(keys):
        reading.problem("signatures", f"event {index} is signed twice with one key")
    reading.signed_with[index] = keys[0]


def _judge_batch(
    reading: Reading, index: int, batch: Batch, envelope: Envelope, bare: dict[int, Entry]
) -> None:
    covered = [bare.pop(seq) for seq in range(batch.first, index) if seq in bare]
    if batch.root != root(reading.leaves[batch.first : index]).hex():
        reading.problem("signatures", f"batch {index} signs for other events than those before it")
    persons = {entry.event.actor.id for entry in covered}
    if len(persons) > 1:
        reading.problem("signatures", f"batch {index} signs for several actors")
        return
    # When all its events are held back, any key in force may have signed.
    names = persons or set(reading.signers.current)
    if any(e.event.type in TWO_PERSONS or e.event.key is not None for e in covered):
        reading.problem("signatures", f"batch {index} holds events that must be signed one by one")
    if len(envelope.signatures) != 1:
        reading.problem("signatures", f"batch {index} has not exactly one signature")
        return
    keys = [key for name in sorted(names) if (key := _key_for(reading, index, name)) is not None]
    mine = [key for key in keys if key_id(key) == envelope.signatures[0].keyid]
    if not mine or not envelope.signed_by(mine[0]):
        reading.problem("signatures", f"batch {index} has no valid signature of its actor")
        return
    for entry in covered:
        reading.signed_with[entry.seq] = mine[0]


def _key_for(reading: Reading, index: int, person: str) -> bytes | None:
    key = reading.signers.key_of(person)
    if key is None and person != NODE and reading.held_back:
        reading.problem(
            "signatures",
            f"event {index} is signed by {person}, whose key is not in the events shown",
        )
    elif key is None:
        reading.problem(
            "signatures", f"event {index} is signed by {person}, who had no key in force"
        )
    return key
