"""The custody log: signed events in the order in which they were written down, and nothing else.

Guarantees that an event is durable when `append` returns, that each names the one before it, and
that the checkpoint written on closing covers all of them. The database refuses changes by triggers:
a fence against accidents, not against somebody who can write the file; `verify` is for those.

The journal is SQLite's rollback journal, not a write-ahead log: at rest the log is then one file,
readable from a read-only medium, and the few events of a case need no more speed.
"""

import os
import secrets
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

from palermo.evidence.checkpoint import Checkpoint, SignedCheckpoint
from palermo.evidence.dsse import Envelope
from palermo.evidence.event import PAYLOAD_TYPE, CustodyEvent, Entry
from palermo.evidence.keys import Signer, VerifierKey, fsync_directory
from palermo.evidence.merkle import consistency_proof, inclusion_proof, leaf_hash, root
from palermo.model import Refused, Unreadable

LOG_FILE = "custody.sqlite3"
KEY_FILE = "custody.pub"
CHECKPOINT_FILE = "checkpoint.txt"
FIRST = "0" * 64  # what the first entry names as the leaf before it

#: Every object of the database, by name. `verify` accepts no other and no changed one.
SCHEMA = {
    "log": "CREATE TABLE log (one INTEGER PRIMARY KEY CHECK (one = 1), key TEXT NOT NULL) STRICT",
    "custody": "CREATE TABLE custody (seq INTEGER PRIMARY KEY, envelope BLOB NOT NULL, "
    "leaf_hash BLOB NOT NULL) STRICT",
    "log_stays": "CREATE TRIGGER log_stays BEFORE UPDATE ON log "
    "BEGIN SELECT RAISE(ABORT, 'the log keeps its key'); END",
    "log_remains": "CREATE TRIGGER log_remains BEFORE DELETE ON log "
    "BEGIN SELECT RAISE(ABORT, 'the log keeps its key'); END",
    "custody_stays": "CREATE TRIGGER custody_stays BEFORE UPDATE ON custody "
    "BEGIN SELECT RAISE(ABORT, 'custody events are never changed'); END",
    "custody_remains": "CREATE TRIGGER custody_remains BEFORE DELETE ON custody "
    "BEGIN SELECT RAISE(ABORT, 'custody events are never removed'); END",
    "custody_follows": "CREATE TRIGGER custody_follows BEFORE INSERT ON custody "
    "WHEN NEW.seq <> (SELECT coalesce(max(seq), -1) + 1 FROM custody) "
    "BEGIN SELECT RAISE(ABORT, 'custody events follow each other'); END",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Logged:
    """Where an event stands in the log."""

    entry: Entry
    leaf_hash: bytes

    @property
    def seq(self) -> int:
        """The number of the entry, counted from 0."""
        return self.entry.seq


class CustodyLog:
    """The log at `path` (custody.sqlite3), with checkpoint.txt and custody.pub beside it.

    The first opening makes the log and binds it to the signer's key. Closing, or leaving the
    `with` block, writes the checkpoint. A log that no longer agrees with its checkpoint is refused,
    so that a later event never covers up what was done to it. One object serves one thread;
    processes may share a log.

    Raises:
        Refused: when the log is another signer's, or does not agree with its checkpoint.
        Unreadable: when it cannot be opened.
    """

    def __init__(self, path: Path, *, signer: Signer) -> None:
        self.path = path
        self._signer = signer
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            self._database = sqlite3.connect(path, timeout=60, isolation_level=None)
        except (sqlite3.Error, OSError) as error:
            raise _unopened(path, error) from None
        try:
            self._database.execute("PRAGMA journal_mode = DELETE")
            self._database.execute("PRAGMA synchronous = EXTRA")  # FULL, and the folder as well
            self.key = self._bind()
            self._compare()
        except BaseException as error:
            self._database.close()
            if isinstance(error, (sqlite3.Error, OSError)):
                raise _unopened(path, error) from None
            raise

    def append(self, event: CustodyEvent) -> Logged:
        """Write `event` down; it is on disk when this returns.

        Raises:
            Unreadable: when the log cannot be written.
        """
        with self._transaction():
            last = self._database.execute(
                "SELECT seq, leaf_hash FROM custody ORDER BY seq DESC LIMIT 1"
            ).fetchone()
            seq = last[0] + 1 if last else 0
            entry = Entry(
                event=event,
                log=self.key.name,
                seq=seq,
                prev_leaf_hash=last[1].hex() if last else FIRST,
            )
            data = Envelope.sign(PAYLOAD_TYPE, entry.payload(), self._signer).to_bytes()
            leaf = leaf_hash(data)
            self._database.execute("INSERT INTO custody VALUES (?, ?, ?)", (seq, data, leaf))
        return Logged(entry=entry, leaf_hash=leaf)

    def entries(self) -> Iterator[Entry]:
        """Yield the entries in order, as they were written; their proof is `verify`'s business."""
        for (data,) in self._database.execute("SELECT envelope FROM custody ORDER BY seq"):
            yield Entry.from_payload(Envelope.from_bytes(data).payload)

    def leaves(self) -> list[bytes]:
        """Return the leaf hashes in order."""
        rows = self._database.execute("SELECT leaf_hash FROM custody ORDER BY seq")
        return [leaf for (leaf,) in rows]

    def inclusion_proof(self, seq: int) -> list[bytes]:
        """Return the proof that entry `seq` is in the log as it stands (RFC 6962)."""
        return inclusion_proof(self.leaves(), seq)

    def consistency_proof(self, earlier: int) -> list[bytes]:
        """Return the proof that the log grew out of its first `earlier` entries (RFC 6962)."""
        return consistency_proof(self.leaves(), earlier)

    def checkpoint(self) -> Checkpoint:
        """Sign the log as it stands and write checkpoint.txt."""
        with self._transaction():  # no other process may write a shorter checkpoint after ours
            return self._write_checkpoint(self.key, self.leaves())

    def close(self) -> None:
        """Write the checkpoint and let go of the file. A second call does nothing."""
        try:
            self.checkpoint()
        except sqlite3.ProgrammingError:  # closed already
            return
        self._database.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        self._database.execute("BEGIN IMMEDIATE")
        try:
            yield
            self._database.execute("COMMIT")
        except BaseException:
            self._database.execute("ROLLBACK")
            raise

    def _bind(self) -> VerifierKey:
        """Make an empty log with its key file and checkpoint, or read whose key a log has."""
        with self._transaction():
            if not self._database.execute("SELECT count(*) FROM sqlite_schema").fetchone()[0]:
                self._refuse_replacing()
                for statement in SCHEMA.values():
                    self._database.execute(statement)
                name = f"palermo.custody/{secrets.token_hex(16)}"
                key = VerifierKey(name, self._signer.public_key)
                self._database.execute("INSERT INTO log VALUES (1, ?)", (str(key),))
                _write(self.path.with_name(KEY_FILE), f"{key}\n")
                self._write_checkpoint(key, [])
            (text,) = self._database.execute("SELECT key FROM log").fetchone() or ("",)
        key = VerifierKey.parse(text)
        if key.public_key != self._signer.public_key:
            raise Refused(
                f"{self.path}: this log is signed with another key ({key}); "
                "open it with the keystore it was made with"
            )
        return key

    def _refuse_replacing(self) -> None:
        """Refuse to begin a log where a checkpoint shows that there was one with events."""
        note = self.path.with_name(CHECKPOINT_FILE)
        if note.exists() and not note.read_text("utf-8", "replace").split("\n")[1:2] == ["0"]:
            raise Refused(
                f"{self.path}: the log is gone but its {CHECKPOINT_FILE} is there; "
                "run palermo verify and keep the folder as it is"
            )

    def _compare(self) -> None:
        """See that the log still begins with what its checkpoint covers."""
        with self._transaction():
            leaves = self.leaves()
            note = self.path.with_name(CHECKPOINT_FILE)
            known = note.read_text("utf-8", "replace") if note.exists() else ""
        try:
            signed = SignedCheckpoint.parse(known)
        except Unreadable:
            signed = None
        if signed is None or not signed.signed_by(self.key.public_key):
            problem = f"its {CHECKPOINT_FILE} is missing or damaged"
        elif signed.checkpoint.origin != self.key.name:
            problem = f"its {CHECKPOINT_FILE} belongs to another log"
        elif signed.checkpoint.size > len(leaves):
            problem = f"{signed.checkpoint.size - len(leaves)} of its events are gone"
        elif signed.checkpoint.root != root(leaves[: signed.checkpoint.size]):
            problem = "its events are no longer those of its checkpoint"
        else:
            return
        raise Refused(f"{self.path}: {problem}; run palermo verify and keep the folder as it is")

    def _write_checkpoint(self, key: VerifierKey, leaves: list[bytes]) -> Checkpoint:
        checkpoint = Checkpoint(key.name, len(leaves), root(leaves))
        _write(self.path.with_name(CHECKPOINT_FILE), checkpoint.sign(self._signer))
        return checkpoint


def _unopened(path: Path, error: Exception) -> Unreadable:
    return Unreadable(
        f"{path}: cannot be opened as a custody log ({error}); run palermo verify on its folder"
    )


def _write(path: Path, text: str) -> None:
    """Replace a small file so that a reader sees the old or the new one, never a part."""
    if path.exists() and path.read_bytes() == text.encode():
        return
    draft = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    with draft.open("wb") as file:
        file.write(text.encode())
        file.flush()
        os.fsync(file.fileno())
    draft.replace(path)
    fsync_directory(path.parent)
