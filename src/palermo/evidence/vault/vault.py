"""The vault: sealed originals, each under a key of its own, so that erasing a key erases it.

Guarantees that what `seal` returned is encrypted, on disk, recorded and never overwritten; that
reading gives the sealed bytes or `Refused`; that after `shred` nothing in the vault opens the
exhibit or tells whether a guess at its content is right; and that a crash at any point is healed
at the next opening. What it does not guarantee is in docs/explanation/vault.md.

    keys.sqlite3    key records, wrapped under the node's key-encryption key (kek)
    aa/<id>         ciphertexts, or in the place that location.json names
    .incoming       ciphertexts on their way      .plain    plain copies in use      .lock
"""

import io
import itertools
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, nullcontext
from datetime import datetime
from pathlib import Path
from typing import BinaryIO

from palermo.evidence.commitment import Opening
from palermo.evidence.vault.batch import Batch, Incoming
from palermo.evidence.vault.durable import make_directory
from palermo.evidence.vault.plain import PLAIN, plain_copy
from palermo.evidence.vault.records import KeyRecord, checked_id
from palermo.evidence.vault.remote import store_of
from palermo.evidence.vault.sealing import Unwritable
from palermo.evidence.vault.store import INCOMING, Store, open_plain_file
from palermo.evidence.vault.stream import CHUNK, SealedReader, reading, sealed_size, sha256_of
from palermo.evidence.vault.table import KEYS_FILE, KeyTable
from palermo.evidence.vault.upkeep import at_work, heal, remove_shredded
from palermo.model import Exhibit, Refused, Unreadable

_BATCH = 4096  # exhibits behind one barrier

#: Told of a source that was not sealed, and why.
Failed = Callable[[Incoming, Refused | Unreadable], None]


class Vault:
    """The exhibits of a case at `path`.

    `kek` is the node's key-encryption key, 32 bytes. Without it ciphertexts can be checked against
    the log, and nothing else. `store` is where ciphertexts lie, by default as the vault is set.
    Opening a vault finishes what an interrupted process left. It may be used from several threads.

    Raises:
        Refused: when the kek is not the vault's.
        Unreadable: when key records or setting cannot be read.
    """

    def __init__(self, path: Path, *, kek: bytes | None, store: Store | None = None) -> None:
        if kek is not None and len(kek) != 32:
            raise ValueError("a key-encryption key has 32 bytes")
        self.path = path
        self._table = None if kek is None else KeyTable(path / KEYS_FILE, kek)
        self._store = store or store_of(path)
        if self._table is not None and self._table.path.exists():
            heal(path, self._table, self._store)

    def seal(
        self,
        source: Path | BinaryIO,
        *,
        name: str,
        media_type: str,
        at: datetime,
        parent: str | None = None,
    ) -> Exhibit:
        """Seal `source` and return its exhibit; the same bytes seal only once.

        Bytes that the vault holds already give the exhibit of their first sealing, with its name
        and time. `at` is the time of sealing, timezone-aware; `parent` the id of the exhibit that
        this one was made from.

        Raises:
            Refused: when the source changes while it is read, or the vault holds these bytes, but
                altered.
            Unreadable: when the source cannot be read or the vault cannot be written.
        """
        one = Incoming(source=source, name=name, media_type=media_type, at=at, parent=parent)
        return self.seal_many([one])[0]

    def seal_many(
        self, incoming: Iterable[Incoming], *, failed: Failed | None = None
    ) -> list[Exhibit]:
        """Seal many sources, thousands behind one durability barrier; durable on return.

        What cannot be sealed keeps nothing else from being sealed. `failed` is told of each such
        source, and the result lacks it; without `failed` the first is raised at the end.

        Raises:
            Refused, Unreadable: as for `seal`.
        """
        exhibits: list[Exhibit] = []
        failures: list[Refused | Unreadable] = []

        def note(_: Incoming, error: Refused | Unreadable) -> None:
            failures.append(error)

        self._begin()
        with at_work(self.path):
            rest, buffer = iter(incoming), memoryview(bytearray(CHUNK))
            while batch := list(itertools.islice(rest, _BATCH)):
                exhibits += self._seal_batch(batch, buffer, failed or note)
        if failures:
            more = f" ({len(failures) - 1} more could not be sealed)" if len(failures) > 1 else ""
            raise type(failures[0])(f"{failures[0]}{more}")
        return exhibits

    def find(self, sha256: str) -> Exhibit | None:
        """Return the exhibit whose plain bytes have this SHA-256 (hexadecimal), if there is one."""
        if not self._keys.path.exists():
            return None
        with self._keys.session() as session:
            record = session.find(checked_id(sha256))
        return record.exhibit if record else None

    def get(self, id: str) -> Exhibit:  # noqa: A002  # the field's name
        """Return an exhibit.

        Raises:
            Refused: when there is none, or it was shredded, or its key record was altered.
            Unreadable: when `id` is not 64 hexadecimal digits.
        """
        return self._record(id).exhibit

    def exhibits(self) -> Iterator[Exhibit]:
        """Yield all exhibits in the order of sealing."""
        if self._keys.path.exists():
            with self._keys.session() as session:
                for record in session.records():
                    yield record.exhibit

    def open(self, id: str) -> BinaryIO:  # noqa: A002
        """Open an exhibit for reading its plain bytes, seekable; every chunk is authenticated.

        Raises:
            Refused: when it is not there or was altered, on opening or on reading.
        """
        return self._reader(self._record(id))

    @contextmanager
    def plain(self, id: str, *, directory: Path | None = None) -> Iterator[Path]:  # noqa: A002
        """Give an exhibit as a private plain file for readers that need a path.

        It lies below `directory` (best one in memory), by default in the vault, and is overwritten
        and removed at the end of the block.

        Raises:
            Refused: when the exhibit is not there or was altered.
            Unreadable: when the copy cannot be written.
        """
        exhibit = self.get(id)
        busy = at_work(self.path) if directory is None else nullcontext()
        with busy, self.open(id) as file:
            place = directory or self.path / PLAIN
            with plain_copy(file, name=exhibit.name, directory=place) as path:
                yield path

    def check(self, id: str) -> int:  # noqa: A002
        """Read an exhibit again, hash it, and return its size in plain bytes.

        That its id commits to this hash is checked whenever a key record is opened.

        Raises:
            Refused: when it is missing or was altered.
        """
        record = self._record(id)
        self._check(record)
        return record.exhibit.size

    def check_sealed(self, id: str, sealed_sha256: str, size: int) -> None:  # noqa: A002
        """Check a ciphertext against what the log says of it; needs no key.

        Raises:
            Refused: when it is missing or was altered.
        """
        with self._sealed(id) as file, reading(f"exhibit {id}"):
            found = sha256_of(file)
            length = file.tell()
        if length != sealed_size(size):
            raise Refused(
                f"{id}: the sealed exhibit has {length:,} bytes, expected {sealed_size(size):,}"
            )
        if found != sealed_sha256:
            raise Refused(f"{id}: the sealed exhibit was altered, its bytes now hash to {found}")

    def opening(self, id: str) -> Opening:  # noqa: A002
        """Return what proves the id to somebody who is given the exhibit's bytes."""
        record = self._record(id)
        return Opening(salt=record.salt, sha256=record.exhibit.sha256)

    def shred(self, *ids: str) -> None:
        """Destroy exhibits: their key records first, then their ciphertexts. Twice is no error.

        Many are destroyed faster together than one by one.

        Copies of keys.sqlite3 that were made before still open it until `rekey` and the
        destruction of the old kek.

        Raises:
            Refused: when there never was one of them; nothing is destroyed then.
            Unreadable: when the vault cannot be written. When only a ciphertext could not be
                removed, the key is destroyed and the next opening removes it.
        """
        with at_work(self.path), self._keys.session() as session:
            session.shred([checked_id(id) for id in ids])  # noqa: A001  # the field's name
            remove_shredded(self.path, session, self._store)

    def rekey(self, new_kek: bytes) -> None:
        """Wrap every key record under another kek, all or none; then destroy the old kek.

        Keep both until this returns: after a crash the vault is under either of them.

        Raises:
            Unreadable: when the vault cannot be written; it is then under the old kek.
        """
        keys = KeyTable(self._keys.path, new_kek)
        with at_work(self.path), self._keys.session(create=True) as session:
            session.rekey(new_kek)
        self._table = keys

    def waiting(self) -> list[str]:
        """Return the exhibits that are still in `.incoming`, since their place is out of reach."""
        with self._keys.session() as session:
            names = sorted(path.name for path in (self.path / INCOMING).glob("[0-9a-f]*"))
            return [name for name in names if session.has(name)]

    @property
    def _keys(self) -> KeyTable:
        if self._table is None:
            raise Unreadable(f"{self.path}: opening exhibits needs the node's key-encryption key")
        return self._table

    def _begin(self) -> None:
        """Make an empty vault, but never new key records for exhibits that are there."""
        keys = self._keys.path
        try:
            make_directory(self.path)
            lost = not keys.exists() and next(self._store.list(), None)
        except OSError as error:
            raise Unreadable(
                f"{error.filename or self.path}: the vault cannot be begun "
                f"({error.strerror or error}); check its place and permissions"
            ) from None
        if lost:
            raise Refused(
                f"{keys}: the key records are gone but exhibits are there; "
                "restore the file from a backup"
            )

    def _record(self, id: str) -> KeyRecord:  # noqa: A002
        with self._keys.session() as session:
            return session.get(checked_id(id))

    def _sealed(self, id: str) -> BinaryIO:  # noqa: A002
        """Open a ciphertext, be it still on its way to its place."""
        with reading(f"exhibit {id}"):
            try:
                return open_plain_file(self.path / INCOMING / checked_id(id))
            except FileNotFoundError:
                return self._store.open(id)

    def _seal_batch(
        self, incoming: Sequence[Incoming], buffer: memoryview, failed: Failed
    ) -> list[Exhibit]:
        with (
            self._keys.session(create=True) as session,
            Batch(self.path / INCOMING, session, buffer, check=self._check) as batch,
        ):
            for one in incoming:
                try:
                    batch.add(one)
                except Unwritable:
                    raise
                except (Refused, Unreadable) as error:
                    failed(one, error)
            records, drafts = batch.commit()
        try:
            self._store.put(drafts)
        except OSError as error:
            raise Unwritable(
                f"{error.filename or self.path}: exhibits cannot be brought to their place "
                f"({error.strerror or error}); they are sealed and wait in "
                f"{self.path / INCOMING}; open the vault again when the place can be written"
            ) from None
        return [record.exhibit for record in records]

    def _check(self, record: KeyRecord) -> None:
        with self._reader(record) as file:
            found = sha256_of(file)
        if found != record.exhibit.sha256:
            raise Refused(f"{record.exhibit.id}: the exhibit was altered, it now hashes to {found}")

    def _reader(self, record: KeyRecord) -> BinaryIO:
        exhibit = record.exhibit
        sealed = self._sealed(exhibit.id)
        try:
            reader = SealedReader(
                sealed, record.data_key, size=exhibit.size, label=f"exhibit {exhibit.id}"
            )
        except BaseException:
            sealed.close()
            raise
        return io.BufferedReader(reader, CHUNK)
