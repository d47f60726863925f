"""Opens an SQLite file as evidence: it is never written to, and nothing in it is run.

The file is opened in place, read-only and immutable. If a rollback journal or a write-ahead log
lies beside it, all are copied to a private folder, and SQLite applies it to the copy. Views,
triggers and functions that the file defines are not run; what a record may hold is bounded.
"""

import hashlib
import shutil
import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from palermo.model import Unreadable

MAGIC = b"SQLite format 3\0"
#: A longer value or row is an error of SQLite's, and becomes a `Trouble`.
LONGEST_VALUE = 16 << 20
#: Ends a rollback journal that names a super-journal. SQLite would look for that file and might
#: delete it: a path that the evidence chooses. Such a journal is not applied.
_SUPER_JOURNAL = bytes.fromhex("d9d505f920a163d7")
_COMPANIONS = ("-wal", "-journal")
_LIMITS = {
    sqlite3.SQLITE_LIMIT_LENGTH: LONGEST_VALUE,
    sqlite3.SQLITE_LIMIT_SQL_LENGTH: 1 << 20,
    sqlite3.SQLITE_LIMIT_ATTACHED: 0,
    sqlite3.SQLITE_LIMIT_TRIGGER_DEPTH: 0,
}
_READING = {sqlite3.SQLITE_SELECT, sqlite3.SQLITE_READ}
_PRAGMAS = {"table_info"}

Schema = tuple[tuple[object, ...], ...]


@dataclass(frozen=True, slots=True)
class Opened:
    """An open connection, and what the reader of the report must know about how it was opened.

    `schema`: type, name and root page of everything that the file defines.
    `size`: bytes of the file and of what was applied to it.
    `companions`: names, sizes and SHA-256 of the files that were applied to the copy.
    `ignored`: companions that lie beside the file and were not applied, and why.
    `salvaged`: the schema or the size of the file is wrong; SQLite was told to go on.
    """

    connection: sqlite3.Connection
    size: int
    schema: Schema = ()
    companions: tuple[str, ...] = ()
    ignored: tuple[str, ...] = ()
    salvaged: bool = False


@contextmanager
def opened(path: Path, name: str) -> Iterator[Opened]:
    """Open the database at `path`, called `name` in messages.

    Raises:
        Unreadable: when SQLite cannot read even its list of tables.
    """
    applied, ignored = _companions(path)
    if not applied:
        place = f"{path.absolute().as_uri()}?mode=ro&immutable=1"
        connection, schema, salvaged = _connect(place, name)
        try:
            yield Opened(connection, path.stat().st_size, schema, (), ignored, salvaged)
        finally:
            connection.close()
        return
    with tempfile.TemporaryDirectory(prefix="palermo-sqlite-") as folder:
        copy = Path(folder) / "copy"
        for file, target in [(path, copy), *((f, Path(f"{copy}{end}")) for end, f in applied)]:
            shutil.copyfile(file, target)
        size = sum(file.stat().st_size for file in Path(folder).iterdir())
        stated = tuple(_stated(Path(f"{copy}{end}"), name + end) for end, _ in applied)
        connection, schema, salvaged = _connect(f"{copy.as_uri()}?mode=rw", name)
        try:
            yield Opened(connection, size, schema, stated, ignored, salvaged)
        finally:
            connection.close()


def _companions(path: Path) -> tuple[list[tuple[str, Path]], tuple[str, ...]]:
    applied: list[tuple[str, Path]] = []
    ignored: list[str] = []
    for ending in _COMPANIONS:
        file = path.with_name(path.name + ending)
        try:
            if not file.is_file() or not file.stat().st_size:
                continue
            with file.open("rb") as companion:
                companion.seek(-min(8, file.stat().st_size), 2)
                tail = companion.read()
        except OSError as error:
            ignored.append(f"{ending}: {error.strerror}")
            continue
        if ending == "-journal" and tail == _SUPER_JOURNAL:
            ignored.append(f"{ending}: it names another journal, whose path is not followed")
        else:
            applied.append((ending, file))
    return applied, tuple(ignored)


def _stated(file: Path, name: str) -> str:
    with file.open("rb") as data:
        digest = hashlib.file_digest(data, "sha256").hexdigest()
    return f"{Path(name).name}, {file.stat().st_size} bytes, SHA-256 {digest}"


def _connect(uri: str, name: str) -> tuple[sqlite3.Connection, Schema, bool]:
    """Connect; if the plain way fails, tell SQLite to overlook a wrong size or schema."""
    query = "SELECT type, name, rootpage FROM sqlite_master"
    problem = ""
    for salvage in (False, True):
        connection: sqlite3.Connection | None = None
        try:
            connection = sqlite3.connect(uri, uri=True, isolation_level=None)
            _restrict(connection, salvage=salvage)
            schema = tuple(connection.execute(query).fetchall())
        except (sqlite3.Error, UnicodeDecodeError) as error:
            problem = str(error)
            if connection is not None:
                connection.close()
        else:
            return connection, schema, salvage
    raise Unreadable(
        f"{name}: SQLite cannot read this database ({problem}); check that the copy is whole, and "
        "whether it is encrypted"
    )


def _restrict(connection: sqlite3.Connection, *, salvage: bool) -> None:
    connection.text_factory = _decoded
    for limit, value in _LIMITS.items():
        connection.setlimit(limit, value)
    for pragma in ("trusted_schema=OFF", "query_only=ON", "cell_size_check=ON", "mmap_size=0"):
        connection.execute(f"PRAGMA {pragma}")
    if salvage:
        # Nothing can be written all the same: query_only, and the authoriser below.
        connection.execute("PRAGMA writable_schema=ON")
    connection.set_authorizer(_authorise)


def _authorise(
    action: int, first: str | None, second: str | None, database: str | None, inside: str | None
) -> int:
    """Allow reading of tables; nothing else, and nothing on behalf of a view or trigger."""
    del second, database
    allowed = action in _READING or (action == sqlite3.SQLITE_PRAGMA and first in _PRAGMAS)
    return sqlite3.SQLITE_OK if allowed and inside is None else sqlite3.SQLITE_DENY


def _decoded(data: bytes) -> str:
    return data.decode("utf-8", "replace")
