"""The key records of a vault in one SQLite file: erasing a row erases the exhibit.

Guarantees that a change is on disk when its method returns; that a kek other than the vault's is
told before anything is read or written; and that after `shred` no byte of the record is left in the
file or its journal. What file systems and disks keep elsewhere is beyond it: `rekey` is for that.

The schema must be exactly ours, so that no trigger keeps a copy of what is erased.
"""

import hmac
import os
import secrets
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path

from palermo.evidence.vault.durable import make_private_file, overwrite
from palermo.evidence.vault.records import KeyRecord, Wrapping
from palermo.evidence.vault.schema import COLUMNS, ERASE, PRAGMAS, SCHEMA, STANDING, VERSION
from palermo.model import Refused, Unreadable

KEYS_FILE = "keys.sqlite3"
_PAGE = 500  # records read at once: a reader that lingers must not keep writers waiting


class KeyTable:
    """The key records at `path`. A session is one connection, for one thread."""

    def __init__(self, path: Path, kek: bytes) -> None:
        self.path = path
        self.journal = path.with_name(f"{path.name}-journal")
        self.kek = kek

    @contextmanager
    def session(self, *, create: bool = False) -> Iterator["Session"]:
        """Open the records; with `create`, make them where there are none.

        Raises:
            Refused: when the kek is not the vault's, or the schema is not ours.
            Unreadable: when there are none, or they cannot be read or written.
        """
        try:
            if create:
                make_private_file(self.path)
            elif not self.path.is_file():
                raise Refused(
                    f"{self.path}: the vault has no key records, so nothing in it can be opened; "
                    "if exhibits lie there, restore this file from a backup"
                )
            uri = f"{self.path.absolute().as_uri()}?mode=rw"
            database = sqlite3.connect(uri, uri=True, timeout=60, isolation_level=None)
        except (sqlite3.Error, OSError) as error:
            raise self.unusable(error) from None
        with closing(database), self._journal_kept():
            try:
                for pragma in PRAGMAS:
                    database.execute(f"PRAGMA {pragma}")
                yield Session(self, database)
            except sqlite3.Error as error:
                raise self.unusable(error) from None

    @contextmanager
    def _journal_kept(self) -> Iterator[None]:
        """Overwrite a journal that SQLite deletes, as it does after undoing a broken change."""
        try:
            descriptor = os.open(self.journal, os.O_WRONLY | os.O_NOFOLLOW | os.O_CLOEXEC)
        except OSError:  # none, or not ours to write
            yield
            return
        try:
            yield
            if not os.fstat(descriptor).st_nlink:
                overwrite(descriptor)
        except OSError as error:
            raise self.unusable(error) from None
        finally:
            os.close(descriptor)

    def unusable(self, error: Exception) -> Unreadable:
        """Say that the records cannot be used, and why."""
        return Unreadable(
            f"{self.path}: the key records cannot be used ({error}); check that the folder can "
            "be written and has room, or restore the file from a backup"
        )


class Session:
    """An open connection to the key records."""

    def __init__(self, table: KeyTable, database: sqlite3.Connection) -> None:
        self._table = table
        self._database = database
        if not database.execute("SELECT count(*) FROM sqlite_schema").fetchone()[0]:
            self._begin_vault()
        self._wrapping = self._known()

    def find(self, sha256: str) -> KeyRecord | None:
        """Return the record of the exhibit whose bytes have this hash."""
        return self._one("lookup", self._wrapping.lookup(sha256))

    def get(self, id: str) -> KeyRecord:  # noqa: A002  # the field's name
        """Return the record of exhibit `id`.

        Raises:
            Refused: when there is none, saying whether it was shredded.
        """
        record = self._one("id", id)
        if record is None:
            if self.is_shredded(id):
                raise Refused(f"{id}: this exhibit was shredded; its content cannot be had again")
            raise Refused(f"{id}: no such exhibit in {self._table.path.parent}")
        return record

    def is_shredded(self, id: str) -> bool:  # noqa: A002  # the field's name
        """Tell whether there was such an exhibit and it was shredded."""
        found = self._database.execute("SELECT 1 FROM shredded WHERE id = ?", (id,)).fetchone()
        return found is not None

    def has(self, id: str) -> bool:  # noqa: A002  # the field's name
        """Tell whether there is a record of exhibit `id`."""
        found = self._database.execute(
            f"SELECT 1 FROM keys WHERE id = ? AND {STANDING}",  # noqa: S608  # a constant
            (id,),
        ).fetchone()
        return found is not None

    def records(self) -> Iterator[KeyRecord]:
        """Yield all records in the order of sealing."""
        last = 0
        while rows := self._database.execute(
            f"SELECT {COLUMNS}, number FROM keys WHERE number > ? AND {STANDING} "  # noqa: S608
            "ORDER BY number LIMIT ?",
            (last, _PAGE),
        ).fetchall():
            last = rows[-1][4]
            for row in rows:
                yield self._unwrapped(*row[:4])

    def insert(self, records: Sequence[KeyRecord]) -> list[KeyRecord]:
        """Add records in one transaction; return for each the one that counts from now on.

        That is another one where another process has sealed the same bytes meanwhile.
        """
        counting = []
        with self._transaction():
            for record in records:
                exhibit = record.exhibit
                lookup = self._wrapping.lookup(exhibit.sha256)
                added = self._database.execute(
                    "INSERT INTO keys (id, lookup, wrapped, sealed_sha256, size) "
                    "VALUES (?, ?, ?, ?, ?) ON CONFLICT (lookup) DO NOTHING",
                    (
                        exhibit.id,
                        lookup,
                        self._wrapping.wrap(record),
                        exhibit.sealed_sha256,
                        exhibit.size,
                    ),
                )
                counts = record if added.rowcount else self._one("lookup", lookup)
                assert counts is not None  # noqa: S101  # the row that conflicts is there
                counting.append(counts)
        return counting

    def shred(self, ids: Sequence[str]) -> None:
        """Erase the records of `ids`, all or none, and note that their ciphertexts are to go.

        Raises:
            Refused: when there never was such an exhibit.
        """
        with self._transaction():
            standing = [id for id in dict.fromkeys(ids) if not self.is_shredded(id)]  # noqa: A001
            for id in standing:  # noqa: A001  # the field's name
                if not self._database.execute(ERASE, (id,)).rowcount:
                    raise Refused(f"{id}: no such exhibit in {self._table.path.parent}")
                self._database.execute("INSERT INTO shredded VALUES (?, 0)", (id,))
            if standing:
                self._write_lookups_anew()
        self._overwrite_journal()

    def unfinished(self) -> list[str]:
        """Return the shredded exhibits whose ciphertext may still be there."""
        rows = self._database.execute("SELECT id FROM shredded WHERE NOT gone ORDER BY id")
        return [id for (id,) in rows.fetchall()]  # noqa: A001  # the field's name

    def finish(self, ids: Sequence[str]) -> None:
        """Note that the ciphertext of shredded exhibits is gone."""
        if not ids:
            return
        self._overwrite_journal()  # unless a crash prevented it, it is so already
        with self._transaction():
            self._database.executemany(
                "UPDATE shredded SET gone = 1 WHERE id = ?",
                ((id,) for id in ids),  # noqa: A001
            )

    def rekey(self, kek: bytes) -> None:
        """Wrap every record under another kek, all or none, and erase the old ones."""
        salt = secrets.token_bytes(32)
        new = Wrapping(kek, salt)
        with self._transaction():
            for record in self.records():
                self._database.execute(
                    "UPDATE keys SET lookup = ?, wrapped = ? WHERE id = ?",
                    (new.lookup(record.exhibit.sha256), new.wrap(record), record.exhibit.id),
                )
            self._database.execute("UPDATE vault SET salt = ?, key_check = ?", (salt, new.check))
            self._write_lookups_anew()
        self._wrapping = new
        self._overwrite_journal()

    def _one(self, column: str, value: str | bytes) -> KeyRecord | None:
        row = self._database.execute(
            f"SELECT {COLUMNS} FROM keys WHERE {column} = ? AND {STANDING}",  # noqa: S608
            (value,),
        ).fetchone()
        return self._unwrapped(*row) if row else None

    def _unwrapped(self, id: str, wrapped: bytes, sealed_sha256: str, size: int) -> KeyRecord:  # noqa: A002
        record = self._wrapping.unwrap(id, wrapped)
        if (record.exhibit.sealed_sha256, record.exhibit.size) != (sealed_sha256, size):
            raise Refused(
                f"{id}: hash or size beside the key record were altered; "
                "restore keys.sqlite3 from a backup"
            )
        return record

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        self._database.execute("BEGIN IMMEDIATE")
        try:
            self._known()  # another process may have changed the kek since
            yield
            self._database.execute("COMMIT")
        except BaseException:
            if self._database.in_transaction:
                self._database.execute("ROLLBACK")
            raise

    def _write_lookups_anew(self) -> None:
        """Zero every page of the index of lookups, with what lies between its cells; then fill it.

        It takes time in step with the exhibits: half a second for 50,000.
        """
        self._database.execute("REINDEX lookups")

    def _overwrite_journal(self) -> None:
        """Make the journal forget: it holds pages as they were before earlier changes."""
        self._database.execute("BEGIN EXCLUSIVE")  # nobody else needs the journal now
        try:
            descriptor = os.open(self._table.journal, os.O_WRONLY | os.O_NOFOLLOW | os.O_CLOEXEC)
            try:
                overwrite(descriptor)
            finally:
                os.close(descriptor)
        except FileNotFoundError:
            return
        except OSError as error:
            raise self._table.unusable(error) from None
        finally:
            self._database.execute("ROLLBACK")

    def _begin_vault(self) -> None:
        salt = secrets.token_bytes(32)
        self._database.execute("BEGIN IMMEDIATE")
        try:
            if not self._database.execute("SELECT count(*) FROM sqlite_schema").fetchone()[0]:
                for statement in SCHEMA.values():
                    self._database.execute(statement)
                self._database.execute(
                    "INSERT INTO vault VALUES (1, ?, ?, ?)",
                    (VERSION, salt, Wrapping(self._table.kek, salt).check),
                )
            self._database.execute("COMMIT")
        except BaseException:
            self._database.execute("ROLLBACK")
            raise

    def _known(self) -> Wrapping:
        """Return the vault's keys after making sure that table and kek are the vault's."""
        path = self._table.path
        rows = self._database.execute("SELECT name, sql FROM sqlite_schema WHERE sql IS NOT NULL")
        if dict(rows.fetchall()) != SCHEMA:
            raise Refused(f"{path}: its tables are not those of a vault; restore it from a backup")
        version, salt, check = self._database.execute(
            "SELECT version, salt, key_check FROM vault"
        ).fetchone() or (0, b"", b"")
        if version != VERSION:
            raise Unreadable(f"{path}: version {version} of key records; this program reads 1")
        wrapping = Wrapping(self._table.kek, salt)
        if not hmac.compare_digest(wrapping.check, check):
            raise Refused(
                f"{path}: this is not the key-encryption key of the vault (another node's, or "
                "changed since); open it with the node's present key"
            )
        return wrapping
