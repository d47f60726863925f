"""A copy of the beginning of a custody log, made while others go on writing to it.

Guarantees that the copy holds exactly the first entries of the log, however many came since: a log
only grows, so what it was at a moment can be read later. Nobody is kept waiting longer than a
moment, and the copy has a checkpoint of its own that covers all of it.
"""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

from palermo.evidence.checkpoint import Checkpoint
from palermo.evidence.durable import write_whole
from palermo.evidence.keys import Signer, VerifierKey
from palermo.evidence.merkle import root
from palermo.evidence.schema import CHECKPOINT_FILE, KEY_FILE, LOG_FILE, SCHEMA
from palermo.model import Unreadable

#: Rows read at a time: a reader keeps writers of a rollback journal waiting.
_AT_ONCE = 1000


def log_size(path: Path) -> int:
    """Return how many leaves the log at `path` has now.

    Raises:
        Unreadable: it cannot be read.
    """
    with closing(_connected(path)) as source:
        return _size(path, source)


def copy_log(path: Path, folder: Path, *, size: int, signer: Signer) -> Checkpoint:
    """Write the first `size` leaves of the log at `path` into `folder`, with key and checkpoint.

    `signer` is the key in force at their end.

    Raises:
        Unreadable: the log cannot be read, or is shorter.
    """
    target = folder / LOG_FILE
    leaves: list[bytes] = []
    with closing(_connected(path)) as source, closing(sqlite3.connect(target)) as copy:
        if (there := _size(path, source)) < size:
            raise Unreadable(f"{path}: has {there} leaves, {size} were to be copied")
        copy.execute("PRAGMA page_size = 16384")
        copy.execute("PRAGMA journal_mode = DELETE")
        for name in ("log", "custody"):
            copy.execute(SCHEMA[name])
        ((line,),) = source.execute("SELECT key FROM log").fetchall()
        copy.execute("INSERT INTO log VALUES (1, ?)", (line,))
        for batch in _rows(source, size):
            copy.executemany("INSERT INTO custody VALUES (?, ?, ?, ?)", batch)
            leaves.extend(leaf for _seq, _kind, _data, leaf in batch)
        for name, statement in SCHEMA.items():
            if name not in {"log", "custody"}:
                copy.execute(statement)
        copy.commit()
    key = VerifierKey.parse(line)
    checkpoint = Checkpoint(key.name, size, root(leaves))
    write_whole(folder / KEY_FILE, f"{key}\n".encode())
    write_whole(folder / CHECKPOINT_FILE, checkpoint.sign(signer).encode())
    return checkpoint


def _connected(path: Path) -> sqlite3.Connection:
    if not path.is_file():
        raise Unreadable(f"{path}: there is no custody log; start the node once with palermo serve")
    return sqlite3.connect(path, timeout=60)


def _size(path: Path, source: sqlite3.Connection) -> int:
    try:
        ((size,),) = source.execute("SELECT coalesce(max(seq), -1) + 1 FROM custody").fetchall()
    except sqlite3.Error as error:
        raise Unreadable(f"{path}: cannot be read as a custody log ({error})") from None
    return int(size)


def _rows(source: sqlite3.Connection, size: int) -> Iterator[list[tuple[int, str, bytes, bytes]]]:
    for first in range(0, size, _AT_ONCE):
        yield source.execute(
            "SELECT seq, kind, data, leaf_hash FROM custody WHERE seq >= ? AND seq < ? "
            "ORDER BY seq",
            (first, min(first + _AT_ONCE, size)),
        ).fetchall()
