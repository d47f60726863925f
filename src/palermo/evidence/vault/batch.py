"""Sealing a batch of exhibits behind one durability barrier.

Guarantees this order, so that a crash at any point loses nothing that was acknowledged and shows
nothing half-made: whole ciphertexts are durable in `.incoming/<id>`; then their key records are
committed together; then the ciphertexts move to their place. A key record without its ciphertext in
place is finished at the next opening, a ciphertext without key record is removed.
"""

import contextlib
import hashlib
import os
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import BinaryIO, Self

from palermo.evidence.vault.durable import Barrier, make_directory
from palermo.evidence.vault.records import KeyRecord, checked_id, commitment
from palermo.evidence.vault.sealing import (
    Source,
    Written,
    opened,
    seal_large,
    seal_small,
    unwritable,
)
from palermo.evidence.vault.store import Draft
from palermo.evidence.vault.stream import CHUNK
from palermo.evidence.vault.table import Session
from palermo.evidence.vault.writing import FileWriter, new_file
from palermo.model import Exhibit

DRAFT = ".draft"


@dataclass(frozen=True, slots=True, kw_only=True)
class Incoming:
    """Something to be sealed. `at` is the time of sealing, timezone-aware.

    `source` is a path or an open binary file, read to its end. `parent` is the id of the exhibit
    that this one was made from.
    """

    source: Path | BinaryIO
    name: str
    media_type: str
    at: datetime
    parent: str | None = None

    def __post_init__(self) -> None:
        if self.at.tzinfo is None:
            raise ValueError("`at` needs a time zone")
        if self.parent is not None:
            checked_id(self.parent)


class Batch:
    """Exhibits on their way into the vault. Leaving the block without `commit` drops them."""

    def __init__(
        self,
        folder: Path,
        session: Session,
        buffer: memoryview,
        *,
        check: Callable[[KeyRecord], None],
    ) -> None:
        """Begin. `buffer` is a chunk long; `check` refuses an exhibit that was altered."""
        self._folder, self._session, self._buffer, self._check = folder, session, buffer, check
        self._records: list[KeyRecord] = []
        self._new: dict[str, KeyRecord] = {}  # by SHA-256
        self._writer = FileWriter()
        self._clock = f"{folder}/{secrets.token_hex(16)}{DRAFT}"
        try:
            make_directory(folder)
            os.close(new_file(self._clock))
            self._barrier = Barrier(folder)
        except OSError as error:
            raise unwritable(folder, error) from None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._writer.stop()
        self._barrier.close()
        for record in self._new.values():
            self._drop(record.exhibit.id)
        with contextlib.suppress(OSError):
            os.unlink(self._clock)  # noqa: PTH108

    def add(self, one: Incoming) -> None:
        """Encrypt one source into `.incoming`, unless the vault holds its bytes already.

        Raises:
            Refused: when the source changes while it is read, or what the vault holds was altered.
            Unreadable: when it cannot be read.
            Unwritable: when the vault cannot be written.
        """
        with opened(one.source, one.name, self._now) as source:
            count = source.fill(self._buffer)
            if count < CHUNK:
                self._add_small(self._buffer[:count], one, source)
            else:
                self._add_large(one, source)

    def commit(self) -> tuple[list[KeyRecord], list[Draft]]:
        """Make everything added durable, then record it.

        Returns the record for each source in order, and the drafts that are to be put: new ones,
        and those that an earlier attempt could not put.
        """
        new = list(self._new.values())
        try:
            self._writer.finish()
            self._barrier.pass_([self._place(record.exhibit.id) for record in new])
        except OSError as error:
            raise unwritable(self._folder, error) from None
        counting = self._session.insert(new) if new else []
        for record, kept in zip(new, counting, strict=True):
            if kept is record:
                del self._new[record.exhibit.sha256]  # recorded: never to be dropped
        counts = {record.exhibit.sha256: record for record in counting}
        records = [counts.get(one.exhibit.sha256, one) for one in self._records]
        exhibits = {record.exhibit.id: record.exhibit for record in records}
        drafts = [
            Draft(id=id, path=Path(self._place(id)), sealed_sha256=exhibit.sealed_sha256)
            for id, exhibit in exhibits.items()  # noqa: A001  # the field's name
            if os.path.exists(self._place(id))  # noqa: PTH110  # a text, not a Path
        ]
        return records, drafts

    def _add_small(self, plain: memoryview, one: Incoming, source: Source) -> None:
        sha256 = hashlib.sha256(plain).hexdigest()
        source.unchanged(sha256, len(plain))
        if self._known(sha256):
            return
        key = secrets.token_bytes(32)
        sealed, sealed_sha256 = seal_small(plain, key)
        record = _record(one, key, Written(sha256, sealed_sha256, len(plain)))
        self._keep(record)
        try:
            self._writer.add(self._place(record.exhibit.id), sealed)
        except OSError as error:
            raise unwritable(self._folder, error) from None

    def _add_large(self, one: Incoming, source: Source) -> None:
        key = secrets.token_bytes(32)
        draft = f"{self._folder}/{secrets.token_hex(16)}{DRAFT}"
        try:
            descriptor = new_file(draft)
            try:
                written = seal_large(self._buffer, source, descriptor, key)
            finally:
                os.close(descriptor)
            source.unchanged(written.sha256, written.size)
            if self._known(written.sha256):
                return
            record = _record(one, key, written)
            self._keep(record)
            os.rename(draft, self._place(record.exhibit.id))  # noqa: PTH104  # a text, not a Path
        except OSError as error:
            raise unwritable(self._folder, error) from None
        finally:
            with contextlib.suppress(OSError):
                os.unlink(draft)  # noqa: PTH108

    def _now(self) -> int:
        """Return the time by the vault's disk, in nanoseconds."""
        os.utime(self._clock)
        return os.stat(self._clock).st_mtime_ns  # noqa: PTH116  # a text, not a Path

    def _known(self, sha256: str) -> bool:
        """Take the exhibit of these bytes if there is one."""
        record = self._new.get(sha256)
        if record is None:
            record = self._session.find(sha256)
            if record is None:
                return False
            self._check(record)
        self._records.append(record)
        return True

    def _keep(self, record: KeyRecord) -> None:
        self._new[record.exhibit.sha256] = record
        self._records.append(record)

    def _place(self, id: str) -> str:  # noqa: A002  # the field's name
        return f"{self._folder}/{id}"

    def _drop(self, id: str) -> None:  # noqa: A002
        """Remove a draft, unless it cannot be ruled out that its record was written after all."""
        with contextlib.suppress(Exception):
            if not self._session.has(id):
                os.unlink(self._place(id))  # noqa: PTH108


def _record(one: Incoming, key: bytes, written: Written) -> KeyRecord:
    salt = secrets.token_bytes(32)
    return KeyRecord(
        data_key=key,
        salt=salt,
        exhibit=Exhibit(
            id=commitment(salt, written.sha256),
            sha256=written.sha256,
            sealed_sha256=written.sealed_sha256,
            size=written.size,
            name=one.name,
            media_type=one.media_type,
            sealed_at=one.at,
            parent=one.parent,
        ),
    )
