"""Opening a custody log that nobody vouches for, and comparing it with checkpoints.

Guarantees that nothing is written, that the database must have exactly our schema before a row is
read, and that no damage ends without an answer.
"""

import shutil
import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from urllib.parse import quote

from palermo.evidence.checkpoint import Checkpoint, SignedCheckpoint
from palermo.evidence.keys import VerifierKey
from palermo.evidence.merkle import root
from palermo.evidence.rows import Check, Outcome, Reading, Row, judge_rows
from palermo.evidence.schema import FOREIGN_JOURNALS, SCHEMA
from palermo.model.errors import Unreadable

_LONGEST = 64 << 20  # no event is longer than this


def read_log(path: Path) -> Reading:
    """Read the log at `path` and judge its rows, from the key it says it began with."""
    reading = Reading()
    for name in FOREIGN_JOURNALS:
        if path.with_name(name).exists():
            reading.problem("log file", f"{name} lies beside it, which this log never has")
    try:
        with _opened(path) as database:
            if not _sound(database, reading):
                return reading
            claimed = database.execute("SELECT key FROM log").fetchall()
            reading.key = VerifierKey.parse(claimed[0][0]) if claimed else None
            own = reading.key.public_key if reading.key else b""
            judge_rows(_rows(database), reading, own)
    except (sqlite3.Error, OSError, Unreadable, ValueError, TypeError, AttributeError) as error:
        reading.problem("log file", f"cannot be read ({error})")
    return reading


def _rows(database: sqlite3.Connection) -> Iterator[Row]:
    events = database.execute("SELECT seq, leaf_hash, data, kind FROM custody ORDER BY seq")
    for seq, leaf, data, kind in events:
        if data is None:
            raise ValueError(f"event {seq} is empty")
        yield Row(seq, leaf, data, kind)


def judge_checkpoint(reading: Reading, note: str, *, kept: bool = False) -> Iterator[Check]:
    """Compare the log with the text of a checkpoint: its own, or one `kept` elsewhere.

    Its own must be signed with the key in force at its end, one kept earlier with any key that the
    log's node had until then.
    """
    prefix = "kept checkpoint" if kept else "checkpoint"
    try:
        signed = SignedCheckpoint.parse(note)
    except Unreadable as error:
        yield Check(f"{prefix} signature", Outcome.FAIL, str(error))
        return
    checkpoint = signed.checkpoint
    keys = reading.signers.all_node_keys
    if not any(signed.signed_by(key) for key in (keys if kept else keys[-1:])):
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
