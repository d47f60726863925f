"""A witness: cosigns a log's checkpoints, and never two histories of one log (C2SP tlog-witness).

Guarantees that a cosignature leaves only after the log's own signature and the consistency with
everything cosigned before were checked and the new head is durably written down, all in one
transaction that no other thread or process of the witness can interleave. A head that does not
continue the history is kept, because it is signed by the log.

What is remembered is one SQLite file. Whoever restores an older copy of it makes the witness
forget; such a witness must begin anew under another key.
"""

import base64
import binascii
import hashlib
import re
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import NamedTuple, Self

from palermo.evidence.checkpoint import Checkpoint, SignedCheckpoint, WitnessKey
from palermo.evidence.durable import fsync_directory
from palermo.evidence.keys import Signer, VerifierKey
from palermo.evidence.merkle import EMPTY_ROOT, proves_consistency
from palermo.model import Refused, Unreadable

STATE_FILE = "witness.sqlite3"
KEY_FILE = "witness.pub"
LONGEST = 1 << 18  # of a submission
_MOST_PROOF = 63  # lines, by the specification
_MOST_CONFLICTS = 100  # kept per log; one is proof enough
_OLD = re.compile(r"old (0|[1-9][0-9]{0,18})")

_SCHEMA = {
    "witness": "CREATE TABLE witness (one INTEGER PRIMARY KEY CHECK (one = 1), key TEXT NOT NULL) "
    "STRICT",
    "trusted": "CREATE TABLE trusted (name TEXT NOT NULL, every INTEGER NOT NULL, "
    "public_key BLOB NOT NULL, PRIMARY KEY (name, every, public_key)) STRICT",
    "heads": "CREATE TABLE heads (origin TEXT PRIMARY KEY, hash TEXT NOT NULL UNIQUE, "
    "size INTEGER NOT NULL, root BLOB NOT NULL, time INTEGER NOT NULL, note TEXT NOT NULL) STRICT",
    "conflicts": "CREATE TABLE conflicts (origin TEXT NOT NULL, time INTEGER NOT NULL, "
    "note TEXT NOT NULL UNIQUE) STRICT",
    "heads_grow": "CREATE TRIGGER heads_grow BEFORE UPDATE ON heads WHEN NEW.origin <> OLD.origin "
    "OR NEW.size < OLD.size OR NEW.time < OLD.time "
    "OR (NEW.size = OLD.size AND NEW.root <> OLD.root) "
    "BEGIN SELECT RAISE(ABORT, 'a head only grows'); END",
    "heads_stay": "CREATE TRIGGER heads_stay BEFORE DELETE ON heads "
    "BEGIN SELECT RAISE(ABORT, 'a head is never forgotten'); END",
    "conflicts_stay": "CREATE TRIGGER conflicts_stay BEFORE DELETE ON conflicts "
    "BEGIN SELECT RAISE(ABORT, 'a conflict is never forgotten'); END",
}


class Declined(Refused):
    """A witness does not cosign. `status` is the specification's, `size` what it cosigned last."""

    def __init__(self, status: int, why: str, *, size: int | None = None) -> None:
        super().__init__(f"witness: {why}")
        self.status = status
        self.size = size


@dataclass(frozen=True, slots=True)
class Submission:
    """A request to cosign `note`: consistent, by `proof`, with the log's first `old` entries."""

    old: int
    proof: tuple[bytes, ...]
    note: str

    def to_bytes(self) -> bytes:
        """Write the body of `add-checkpoint`."""
        proof = "".join(f"{base64.b64encode(node).decode()}\n" for node in self.proof)
        return f"old {self.old}\n{proof}\n{self.note}".encode()

    @classmethod
    def parse(cls, data: bytes) -> Self:
        """Read a body; raise `Declined` (400) when it has another form."""
        if len(data) > LONGEST:
            raise Declined(400, f"more than {LONGEST:,} bytes were submitted")
        try:
            above, separator, note = data.decode().partition("\n\n")
            first, *lines = above.split("\n")
            match = _OLD.fullmatch(first)
            proof = tuple(base64.b64decode(line, validate=True) for line in lines)
        except (ValueError, binascii.Error) as error:
            raise Declined(400, f"the submission cannot be read ({error})") from None
        if not (separator and match) or len(proof) > _MOST_PROOF or {len(p) for p in proof} - {32}:
            raise Declined(400, "expected `old <size>`, proof lines, an empty line, a checkpoint")
        submission = cls(int(match[1]), proof, note)
        if submission.to_bytes() != data:  # base64 whose unused bits are set
            raise Declined(400, "a proof line is written in another form than its one")
        return submission


class _Head(NamedTuple):
    size: int = 0
    root: bytes = EMPTY_ROOT
    time: int = 0


class Witness:
    """The witness whose state is in `directory`, signing with `signer`.

    Threads and processes may share a directory.

    Raises:
        Unreadable: there is no witness there, or its state cannot be read.
        Refused: the state belongs to another key.
    """

    def __init__(self, directory: Path, *, signer: Signer) -> None:
        self.path = directory / STATE_FILE
        self.key = witness_key(directory)
        self._signer = signer
        if self.key.public_key != signer.public_key:
            raise Refused(
                f"{self.path}: this witness signs with another key ({self.key}); a witness that "
                "lost its key begins anew, in another directory and under another name"
            )

    @classmethod
    def make(cls, directory: Path, *, name: str, signer: Signer) -> Self:
        """Make a witness that trusts no log yet. `name` is to be unique, as an address is.

        Raises:
            Refused: there is a witness already.
            Unreadable: the name has spaces or a plus sign, or nothing can be written there.
        """
        check_new(directory, name=name)
        key = WitnessKey(name, signer.public_key)
        try:
            directory.mkdir(parents=True, exist_ok=True)
            (directory / STATE_FILE).touch(mode=0o600, exist_ok=False)
        except OSError as error:
            raise Unreadable(f"{directory}: cannot be written ({error.strerror})") from None
        with _opened(directory / STATE_FILE) as database:
            for statement in _SCHEMA.values():
                database.execute(statement)
            database.execute("INSERT INTO witness VALUES (1, ?)", (str(key),))
        (directory / KEY_FILE).write_text(f"{key}\n", "utf-8")
        fsync_directory(directory)
        return cls(directory, signer=signer)

    def trust(self, key: VerifierKey, *, every: bool = False) -> None:
        """Cosign for the log that `key` is named after from now on.

        With `every`, cosign for all logs of the key that are named like it up to the last `/`:
        a node begins a log for every case.
        """
        name = f"{key.name.rpartition('/')[0]}/" if every else key.name
        if name == "/":
            raise Unreadable(f"{key.name}: has no part before a `/` that its logs could share")
        with _opened(self.path) as database:
            database.execute(
                "INSERT OR IGNORE INTO trusted VALUES (?, ?, ?)", (name, every, key.public_key)
            )

    def add_checkpoint(self, submission: bytes, *, at: datetime) -> str:
        """Check a submission and return the cosignature line; the new head is on disk then.

        Raises:
            Declined: it is not cosigned; the order of the checks is the specification's.
            Unreadable: the state cannot be read or written.
        """
        asked = Submission.parse(submission)
        try:
            signed = SignedCheckpoint.parse(asked.note)
        except Unreadable as error:
            raise Declined(400, str(error)) from None
        checkpoint = signed.checkpoint
        with _opened(self.path) as database:
            signed = _by_log(signed, _trusted(database, checkpoint.origin))
            head = _head(database, checkpoint.origin)
            problem = _fault(asked, checkpoint, head)
            if problem:
                _keep_conflict(database, signed, at)
            else:
                if int(at.timestamp()) < max(head.time, 1):
                    raise Declined(503, "its clock is behind what it said before; set it right")
                line = checkpoint.cosign(self._signer, name=self.key.name, at=at)
                _remember(database, signed, line, at)
        if problem:
            raise Declined(422, problem)
        return line

    def latest(self, origin_hash: str) -> str | None:
        """Return the checkpoint cosigned last, by the SHA-256 of its origin in hexadecimal."""
        with _opened(self.path) as database:
            query = "SELECT note FROM heads WHERE hash = ?"
            row = database.execute(query, (origin_hash,)).fetchone()
        return str(row[0]) if row else None

    def conflicts(self) -> list[str]:
        """Return checkpoints, signed by their log, whose history could not be shown to be one.

        Of the same size as a cosigned one and with another root, two heads prove a split view.
        """
        with _opened(self.path) as database:
            rows = database.execute("SELECT note FROM conflicts ORDER BY rowid").fetchall()
        return [str(note) for (note,) in rows]


def check_new(directory: Path, *, name: str) -> None:
    """See that a witness of this name can be made there, before a key is made for it.

    Raises:
        Refused: there is a witness already.
        Unreadable: the name is empty, has spaces or a plus sign.
    """
    if (directory / STATE_FILE).exists():
        raise Refused(f"{directory}: there is a witness already; its memory is kept")
    if not re.fullmatch(r"[^\s+]+", name):
        raise Unreadable(f"{name!r} cannot name a witness; expected no spaces and no plus sign")


def witness_key(directory: Path) -> WitnessKey:
    """Return the key of the witness in `directory`; raise `Unreadable` when there is none."""
    path = directory / STATE_FILE
    if not path.is_file():
        raise Unreadable(f"{directory}: no witness is there; make one with palermo witness init")
    with _opened(path) as database:
        row = database.execute("SELECT key FROM witness").fetchone()
    return WitnessKey.parse(row[0] if row else "")


@contextmanager
def _opened(path: Path) -> Iterator[sqlite3.Connection]:
    """Open the state for one transaction, durable at its end; of several, one at a time."""
    try:
        database = sqlite3.connect(path, timeout=30, isolation_level=None)
        try:
            database.execute("PRAGMA synchronous = EXTRA")
            database.execute("BEGIN IMMEDIATE")
            yield database  # what is raised in here closes the file without a commit
            database.execute("COMMIT")
        finally:
            database.close()
    except sqlite3.Error as error:
        raise Unreadable(f"{path}: the witness's state cannot be used ({error})") from None


def _trusted(database: sqlite3.Connection, origin: str) -> list[VerifierKey]:
    rows = database.execute(
        "SELECT public_key FROM trusted WHERE (every = 0 AND name = :origin)"
        " OR (every = 1 AND substr(:origin, 1, length(name)) = name)",
        {"origin": origin},
    )
    return [VerifierKey(origin, key) for (key,) in rows]


def _by_log(signed: SignedCheckpoint, keys: Sequence[VerifierKey]) -> SignedCheckpoint:
    """Check the log's signatures and return the checkpoint with these alone."""
    origin = signed.checkpoint.origin
    if not keys:
        raise Declined(404, f"it does not know the log {origin!r}")
    own = {(key.name, key.hash): key for key in keys}
    found = [line for line in signed.signatures if line[:2] in own]
    if not found or not all(signed.signed_by(own[line[:2]].public_key) for line in found):
        raise Declined(403, f"no key that it trusts for {origin!r} signed the checkpoint")
    return SignedCheckpoint(signed.checkpoint, tuple(found))


def _head(database: sqlite3.Connection, origin: str) -> _Head:
    query = "SELECT size, root, time FROM heads WHERE origin = ?"
    row = database.execute(query, (origin,)).fetchone()
    return _Head(*row) if row else _Head()


def _fault(asked: Submission, checkpoint: Checkpoint, head: _Head) -> str:
    """Say how a checkpoint contradicts what was cosigned before, else nothing."""
    if asked.old > checkpoint.size:
        raise Declined(400, "the old size is above that of the checkpoint")
    if asked.old != head.size:
        raise Declined(409, f"it cosigned {head.size} entries last", size=head.size)
    if checkpoint.size == 0 and checkpoint.root != EMPTY_ROOT:
        return "an empty log has another root"
    if asked.old == 0:
        return "a proof was sent where none is possible" if asked.proof else ""
    if not proves_consistency(
        asked.old, checkpoint.size, head.root, checkpoint.root, list(asked.proof)
    ):
        return f"the log does not continue the {head.size} entries that were cosigned before"
    return ""


def _remember(
    database: sqlite3.Connection, signed: SignedCheckpoint, line: str, at: datetime
) -> None:
    checkpoint = signed.checkpoint
    database.execute(
        "INSERT INTO heads VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT (origin) DO UPDATE SET"
        " size = excluded.size, root = excluded.root, time = excluded.time, note = excluded.note",
        (
            checkpoint.origin,
            hashlib.sha256(checkpoint.origin.encode()).hexdigest(),
            checkpoint.size,
            checkpoint.root,
            int(at.timestamp()),
            signed.text() + line,
        ),
    )


def _keep_conflict(database: sqlite3.Connection, signed: SignedCheckpoint, at: datetime) -> None:
    origin = signed.checkpoint.origin
    query = "SELECT count(*) FROM conflicts WHERE origin = ?"
    if database.execute(query, (origin,)).fetchone()[0] < _MOST_CONFLICTS:
        row = (origin, int(at.timestamp()), signed.text())
        database.execute("INSERT OR IGNORE INTO conflicts VALUES (?, ?, ?)", row)
