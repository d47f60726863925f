"""The custody log: signed events in the order in which they were written down, and nothing else.

Guarantees that an event is durable when `append` returns, that each names the one before it, and
that the checkpoint written on closing covers all of them. The database refuses changes by triggers:
a fence against accidents, not against somebody who can write the file; `verify` is for those.

The journal is SQLite's rollback journal, not a write-ahead log: at rest the log is then one file,
readable from a read-only medium, and a batch of events is one transaction either way.
"""

import secrets
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from copy import deepcopy
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

from palermo.evidence.checkpoint import Checkpoint
from palermo.evidence.dsse import Envelope
from palermo.evidence.durable import write_whole
from palermo.evidence.entry import BATCH_TYPE, PAYLOAD_TYPE, Batch, Entry, new_nonces, read_leaf
from palermo.evidence.event import NODE, CustodyEvent
from palermo.evidence.keys import Signer, VerifierKey
from palermo.evidence.log_guard import disagreement, refuse_foreign, refuse_replacing, unopened
from palermo.evidence.merkle import consistency_proof, inclusion_proof, leaf_hash, root
from palermo.evidence.schema import (
    BATCH,
    CHECKPOINT_FILE,
    CHECKPOINTS,
    FIRST,
    KEY_FILE,
    LOG_FILE,
    SCHEMA,
)
from palermo.evidence.signers import KEY_EVENTS, Signers, signing
from palermo.model import Refused, Unreadable

__all__ = ["CHECKPOINT_FILE", "KEY_FILE", "LOG_FILE", "CustodyLog", "Logged"]


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
        self._followed = 0
        refuse_foreign(path)
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            self._database = sqlite3.connect(path, timeout=60, isolation_level=None)
        except (sqlite3.Error, OSError) as error:
            raise unopened(path, error) from None
        try:
            # Larger pages take fewer steps to fill; it counts for a new file only.
            self._database.execute("PRAGMA page_size = 16384")
            self._database.execute("PRAGMA journal_mode = DELETE")
            self._database.execute("PRAGMA synchronous = EXTRA")  # FULL, and the folder as well
            self.key = self._bind()
            self._compare()
        except BaseException as error:
            self._database.close()
            if isinstance(error, (sqlite3.Error, OSError)):
                raise unopened(path, error) from None
            raise

    def append(
        self, event: CustodyEvent, *, signer: Signer | None = None, second: Signer | None = None
    ) -> Logged:
        """Write `event` down, signed by its actor; it is on disk when this returns.

        Args:
            event: what happened.
            signer: the actor's key; the node's own when left out, and then the actor is the node.
            second: the key of the event's second person.

        Raises:
            Refused: when a key is not that of the actor it signs for.
            Unreadable: when the log cannot be written.
        """
        with self._writing():
            signers = self._signers()
            hands = signing(signers, event, [signer or self._signer, second], str(self.path))
            seq, before = self._end()
            entry = self._entry(event, seq, before, *new_nonces(1))
            if event.type in KEY_EVENTS and (problem := deepcopy(signers).follow(entry)):
                raise Refused(f"{self.path}: the event {problem}; nothing was written")
            data = Envelope.sign(PAYLOAD_TYPE, entry.payload(), *hands).to_bytes()
            leaf = leaf_hash(data)
            self._database.execute(
                "INSERT INTO custody VALUES (?, ?, ?, ?)", (seq, event.type.value, data, leaf)
            )
        return Logged(entry=entry, leaf_hash=leaf)

    def append_many(self, events: Sequence[CustodyEvent], *, signer: Signer | None = None) -> range:
        """Write many events of one actor down under one signature; return their numbers.

        All or none are on disk when this returns. Events that need two persons, and key events, are
        appended one by one.

        Raises:
            Refused: when the actors differ, or the key is not the actor's.
            Unreadable: when the log cannot be written.
        """
        if not events:
            return range(0)
        for event in events:
            if event.actor.id != events[0].actor.id:
                raise Refused(f"{self.path}: the events of a batch have one actor; split them")
            if event.second is not None or event.type in KEY_EVENTS:
                raise Refused(f"{self.path}: append {event.type} events one by one")
        with self._writing():
            (hand,) = signing(
                self._signers(), events[0], [signer or self._signer, None], str(self.path)
            )
            first, before = self._end()
            leaves: list[bytes] = []
            rows: list[tuple[int, str, bytes, bytes]] = []
            for (seq, event), nonce in zip(
                enumerate(events, start=first), new_nonces(len(events)), strict=True
            ):
                data = self._entry(event, seq, before, nonce).payload()
                leaf = leaf_hash(data)
                before = leaf.hex()
                leaves.append(leaf)
                rows.append((seq, event.type.value, data, leaf))
            batch = Batch(
                log=self.key.name,
                seq=first + len(leaves),
                first=first,
                count=len(leaves),
                root=root(leaves).hex(),
                prev_leaf_hash=before,
            )
            data = Envelope.sign(BATCH_TYPE, batch.payload(), hand).to_bytes()
            rows.append((batch.seq, BATCH, data, leaf_hash(data)))
            self._database.executemany("INSERT INTO custody VALUES (?, ?, ?, ?)", rows)
        return range(first, batch.seq)

    def rotate(self, event: CustodyEvent, new: Signer) -> Logged:
        """Log that the node signs with `new` from here on: an event of type `key_rotate`.

        The event is signed with the key in force; the checkpoint, and all that follows, with `new`.

        Raises:
            Refused: when the event names another actor or key.
        """
        if event.key is None or (event.key.actor, event.key.public_key) != (
            NODE,
            new.public_key.hex(),
        ):
            raise Refused(f"{self.path}: the event must name the node and its new key")
        logged = self.append(event)
        self._signer = new
        self.checkpoint()
        return logged

    def key_of(self, actor: str) -> bytes | None:
        """Return the key with which `actor` signs in this log now, or None."""
        with self._transaction():
            return self._signers().key_of(actor)

    def entries(self, first: int = 0, end: int | None = None) -> Iterator[Entry]:
        """Yield the entries in order, as they were written; their proof is `verify`'s business.

        With `first` and `end`, only those numbered from `first` to before `end`.
        """
        rows = self._database.execute(
            "SELECT kind, data FROM custody WHERE seq >= ? AND seq < ? ORDER BY seq",
            (first, self.size if end is None else end),
        )
        for kind, data in rows:
            if kind != BATCH:
                yield read_leaf(data)

    @property
    def size(self) -> int:
        """The number of leaves: entries and batch signatures."""
        return self._end()[0]

    def leaves(self) -> list[bytes]:
        """Return the leaf hashes in order."""
        rows = self._database.execute("SELECT leaf_hash FROM custody ORDER BY seq")
        return [leaf for (leaf,) in rows]

    def leaf_data(self) -> Iterator[bytes]:
        """Yield the bytes of every leaf in order: what a package hands over."""
        for (data,) in self._database.execute("SELECT data FROM custody ORDER BY seq"):
            yield data

    def inclusion_proof(self, seq: int) -> list[bytes]:
        """Return the proof that entry `seq` is in the log as it stands (RFC 6962)."""
        return inclusion_proof(self.leaves(), seq)

    def consistency_proof(self, earlier: int) -> list[bytes]:
        """Return the proof that the log grew out of its first `earlier` entries (RFC 6962)."""
        return consistency_proof(self.leaves(), earlier)

    def checkpoint(self, *, keep: bool = False) -> Checkpoint:
        """Sign the log as it stands and write checkpoint.txt.

        With `keep`, also write it as `checkpoints/<size>.txt`, for time stamps and witnesses.
        """
        with self._transaction():  # no other process may write a shorter checkpoint after ours
            checkpoint = self._write_checkpoint(self.leaves())
            if keep:
                folder = self.path.with_name(CHECKPOINTS)
                folder.mkdir(exist_ok=True)
                kept = folder / f"{checkpoint.size}.txt"
                if not kept.exists():
                    write_whole(kept, self.path.with_name(CHECKPOINT_FILE).read_bytes())
            return checkpoint

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
            if self._database.in_transaction:  # SQLite may have rolled back by itself
                self._database.execute("ROLLBACK")
            raise

    @contextmanager
    def _writing(self) -> Iterator[None]:
        try:
            with self._transaction():
                yield
        except sqlite3.OperationalError as error:
            raise Unreadable(
                f"{self.path}: cannot be written ({error}); make room or check permissions, "
                "then do it again: nothing of it was kept"
            ) from None

    def _entry(self, event: CustodyEvent, seq: int, before: str, nonce: str) -> Entry:
        return Entry(event=event, log=self.key.name, seq=seq, prev_leaf_hash=before, nonce=nonce)

    def _end(self) -> tuple[int, str]:
        """Return the number of the next entry and the leaf hash it follows."""
        last = self._database.execute(
            "SELECT seq, leaf_hash FROM custody ORDER BY seq DESC LIMIT 1"
        ).fetchone()
        return (last[0] + 1, last[1].hex()) if last else (0, FIRST)

    def _signers(self) -> Signers:
        """Fold the key events that were logged since the last look, by whichever process."""
        marks = ", ".join("?" * len(KEY_EVENTS))
        rows = self._database.execute(
            f"SELECT data FROM custody WHERE seq >= ? AND kind IN ({marks}) ORDER BY seq",  # noqa: S608
            (self._followed, *sorted(KEY_EVENTS)),
        )
        for (data,) in rows:
            self._known.follow(read_leaf(data))
        self._followed, _ = self._end()
        return self._known

    def _bind(self) -> VerifierKey:
        """Make an empty log with its key file and checkpoint, or read whose key a log has."""
        with self._transaction():
            if not self._database.execute("SELECT count(*) FROM sqlite_schema").fetchone()[0]:
                refuse_replacing(self.path)
                for statement in SCHEMA.values():
                    self._database.execute(statement)
                name = f"palermo.custody/{secrets.token_hex(16)}"
                self.key = VerifierKey(name, self._signer.public_key)
                self._database.execute("INSERT INTO log VALUES (1, ?)", (str(self.key),))
                write_whole(self.path.with_name(KEY_FILE), f"{self.key}\n".encode())
                self._write_checkpoint([])
            (text,) = self._database.execute("SELECT key FROM log").fetchone() or ("",)
            self.key = VerifierKey.parse(text)
            self._known = Signers(self.key.public_key)
            if self._signers().key_of(NODE) != self._signer.public_key:
                raise Refused(
                    f"{self.path}: this log is signed with another key ({self.key}); "
                    "open it with the keystore it was made with"
                )
        return self.key

    def _compare(self) -> None:
        """See that the log still begins with what its checkpoint covers."""
        with self._transaction():
            leaves = self.leaves()
            keys = self._signers().all_node_keys
            note = self.path.with_name(CHECKPOINT_FILE)
            known = note.read_text("utf-8", "replace") if note.exists() else ""
        problem = disagreement(known, self.key.name, keys, leaves)
        if problem is not None:
            raise Refused(
                f"{self.path}: {problem}; run palermo verify and keep the folder as it is"
            )

    def _write_checkpoint(self, leaves: list[bytes]) -> Checkpoint:
        checkpoint = Checkpoint(self.key.name, len(leaves), root(leaves))
        path = self.path.with_name(CHECKPOINT_FILE)
        text = checkpoint.sign(self._signer).encode()
        if not path.exists() or path.read_bytes() != text:
            write_whole(path, text)
        return checkpoint
