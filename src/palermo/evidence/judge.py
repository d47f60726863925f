"""Judging a custody log row by row, whoever wrote it.

Guarantees that hostile bytes are only ever compared, never trusted: the database must have exactly
our schema before a row is read, is opened so that nothing is written, and every envelope, event,
number and hash is recomputed.
"""

import shutil
import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from urllib.parse import quote

from palermo.evidence.checkpoint import Checkpoint, SignedCheckpoint
from palermo.evidence.dsse import Envelope
from palermo.evidence.event import PAYLOAD_TYPE, Entry
from palermo.evidence.keys import VerifierKey, key_id
from palermo.evidence.log import FIRST, SCHEMA
from palermo.evidence.merkle import leaf_hash, root
from palermo.model import Unreadable

_LONGEST = 64 << 20  # no event is longer than this


class Outcome(StrEnum):
    """What a check found."""

    PASS = "pass"  # noqa: S105 - the outcome of a check, not a password
    FAIL = "fail"
    NOT_CHECKABLE = "not-checkable"


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that was looked at. `detail` is one plain sentence."""

    name: str
    outcome: Outcome
    detail: str


@dataclass(slots=True)
class Reading:
    """What the log says, as far as it could be read, and the problems met on the way."""

    key: VerifierKey | None = None
    leaves: list[bytes] = field(default_factory=list)
    entries: list[Entry] = field(default_factory=list)
    problems: dict[str, list[str]] = field(default_factory=dict)

    def problem(self, name: str, detail: str) -> None:
        """Note a problem under the check `name`."""
        self.problems.setdefault(name, []).append(detail)


#: The checks on the log's rows, with what holds when no problem was found.
ROW_CHECKS = {
    "log file": "the database is sound and has exactly the expected schema",
    "sequence": "the events are numbered without gap or repetition",
    "leaf hashes": "every event hashes to what is recorded beside it",
    "signatures": "every event carries a valid signature of the log's key",
    "events": "every event is written in its one form and belongs to this log",
    "chain": "every event names the one before it",
}


def read_log(path: Path, public_key: bytes | None) -> Reading:
    """Read the log at `path` and judge its rows; `public_key` None takes the key it claims."""
    reading = Reading()
    try:
        with _opened(path) as database:
            if not _sound(database, reading):
                return reading
            rows = database.execute("SELECT key FROM log").fetchall()
            reading.key = VerifierKey.parse(rows[0][0]) if rows else None
            own = reading.key.public_key if reading.key else b""
            key = own if public_key is None else public_key
            events = database.execute("SELECT seq, envelope, leaf_hash FROM custody ORDER BY seq")
            for row in events:
                _judge(reading, key, row)
    except (sqlite3.Error, OSError, Unreadable, ValueError, TypeError, AttributeError) as error:
        reading.problem("log file", f"cannot be read ({error})")
    return reading


def _judge(reading: Reading, key: bytes, row: tuple[int, bytes, bytes]) -> None:
    """Judge one row. What it should follow is the row before it, as it really is."""
    index, (seq, data, leaf) = len(reading.leaves), row
    before = reading.leaves[-1].hex() if reading.leaves else FIRST
    reading.leaves.append(leaf_hash(data))
    if seq != index:
        reading.problem("sequence", f"event {index} is numbered {seq}")
    if leaf != reading.leaves[-1]:
        reading.problem("leaf hashes", f"event {index} has another hash than recorded")
    try:
        envelope = Envelope.from_bytes(data)
        if envelope.payload_type != PAYLOAD_TYPE or envelope.keyid != key_id(key):
            reading.problem("signatures", f"event {index} is not signed with the log's key")
        elif not envelope.signed_by(key):
            reading.problem("signatures", f"event {index} has an invalid signature")
        entry = Entry.from_payload(envelope.payload)
    except Unreadable as error:
        reading.problem("events", f"event {index} is {error}")
        return
    if entry.seq != index:
        reading.problem("sequence", f"event {index} was signed as number {entry.seq}")
    if reading.key is None or entry.log != reading.key.name:
        reading.problem("events", f"event {index} was signed for another log")
    if entry.prev_leaf_hash != before:
        reading.problem("chain", f"event {index} does not follow the event before it")
    reading.entries.append(entry)


def judge_checkpoint(
    reading: Reading, note: str, key: bytes, *, kept: bool = False
) -> Iterator[Check]:
    """Compare the log with the text of a checkpoint: its own, or one `kept` elsewhere."""
    prefix = "kept checkpoint" if kept else "checkpoint"
    try:
        signed = SignedCheckpoint.parse(note)
    except Unreadable as error:
        yield Check(f"{prefix} signature", Outcome.FAIL, str(error))
        return
    checkpoint = signed.checkpoint
    if not signed.signed_by(key):
        outcome, detail = Outcome.FAIL, "it is not signed with the log's key"
    elif reading.key is None or checkpoint.origin != reading.key.name:
        outcome, detail = Outcome.FAIL, f"it was signed for another log, {checkpoint.origin}"
    else:
        outcome, detail = Outcome.PASS, f"{checkpoint.origin} at {checkpoint.size} events"
    yield Check(f"{prefix} signature", outcome, detail)
    yield Check(f"{prefix} root", *_covered(reading.leaves, checkpoint, kept=kept))


def _covered(leaves: list[bytes], checkpoint: Checkpoint, *, kept: bool) -> tuple[Outcome, str]:
    """Compare the events that are there with those a checkpoint covers."""
    known, there = checkpoint.size, len(leaves)
    if known > there:
        return Outcome.FAIL, f"{known} events were signed for, {there} are there: some were removed"
    if checkpoint.root != root(leaves[:known]):
        return Outcome.FAIL, "the events are not those that were signed for"
    if known == there:
        return Outcome.PASS, f"all {there} events are covered"
    if kept:
        return Outcome.PASS, f"the log grew from its {known} events to {there}"
    return Outcome.NOT_CHECKABLE, (
        f"{there - known} events came after it: they are signed, "
        "but the removal of others after them would not show"
    )


def _sound(database: sqlite3.Connection, reading: Reading) -> bool:
    """Tell whether the file is a sound database with our schema and no other object."""
    found = dict(database.execute("SELECT name, sql FROM sqlite_schema LIMIT 100"))
    if found != SCHEMA:
        names = sorted(
            str(name) for name in found.keys() | SCHEMA if found.get(name) != SCHEMA.get(name)
        )
        reading.problem("log file", f"missing, foreign or changed in the database: {names}")
        return False
    verdict = database.execute("PRAGMA quick_check(1)").fetchone()
    if verdict != ("ok",):
        reading.problem("log file", f"the database is damaged ({verdict})")
    return True


@contextmanager
def _opened(path: Path) -> Iterator[sqlite3.Connection]:
    """Open the database without writing to it; one with a journal is opened as a copy."""
    journal = path.with_name(f"{path.name}-journal")
    if not path.is_file() or path.is_symlink():
        raise FileNotFoundError(f"{path.name} is missing or no plain file")
    with tempfile.TemporaryDirectory() as scratch:
        uri = f"file:{quote(str(path.absolute()))}?mode=ro&immutable=1"
        if journal.is_file():
            copy = Path(scratch) / path.name
            shutil.copyfile(path, copy)
            shutil.copyfile(journal, copy.with_name(journal.name))
            uri = f"file:{quote(str(copy))}?mode=rw"
        with closing(sqlite3.connect(uri, uri=True)) as database:
            database.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, _LONGEST)
            database.execute("PRAGMA trusted_schema = OFF")
            database.text_factory = lambda data: data.decode("utf-8", "replace")
            yield database
