"""Key records: what opens an exhibit, and what is known about it, wrapped under the node's key.

Guarantees that a record opens only under the key-encryption key (kek) and vault it was made for and
only as the record of its own exhibit, and that its length tells little about the file's name.

An exhibit's id is a salted commitment, SHA-256("palermo.exhibit.v1" NUL | salt | SHA-256 of the
bytes): whoever holds salt and bytes can prove the id; to anybody else it says nothing, however few
the contents that come into question.
"""

import hmac
import json
import re
import secrets
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Self

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from palermo.evidence.commitment import EXHIBIT, commit
from palermo.model import Exhibit, Refused, Unreadable

_RECORD = b"palermo.key-record.v1\0"
_PAD = 256  # records are filled up to a multiple of this many bytes
_ID = re.compile(r"[0-9a-f]{64}", re.ASCII)


def commitment(salt: bytes, sha256: str) -> str:
    """Return the id of the exhibit whose bytes have this hash (hexadecimal), under this salt."""
    return commit(EXHIBIT, salt, sha256)


def checked_id(id: str) -> str:  # noqa: A002  # the field's name
    """Return `id`; it may become part of a path.

    Raises:
        Unreadable: when it is not 64 hexadecimal digits in lower case.
    """
    if not _ID.fullmatch(id):
        raise Unreadable(f"{id[:80]!r}: an exhibit's id has 64 hexadecimal digits; copy all of it")
    return id


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class KeyRecord:
    """An exhibit with what opens it: 32 bytes of key, 32 of salt."""

    data_key: bytes
    salt: bytes
    exhibit: Exhibit

    def to_bytes(self) -> bytes:
        """Write the record in its one form: JSON with sorted keys, filled up with spaces."""
        exhibit = self.exhibit
        text = json.dumps(
            {
                "data_key": self.data_key.hex(),
                "salt": self.salt.hex(),
                "sha256": exhibit.sha256,
                "sealed_sha256": exhibit.sealed_sha256,
                "size": exhibit.size,
                "name": exhibit.name,
                "media_type": exhibit.media_type,
                "sealed_at": exhibit.sealed_at.isoformat(),
                "parent": exhibit.parent,
            },
            sort_keys=True,
            separators=(",", ":"),
        ).encode("ascii")  # escapes keep names that are not valid Unicode
        return text + b" " * (-len(text) % _PAD)

    @classmethod
    def from_bytes(cls, data: bytes) -> Self:
        """Read what `to_bytes` wrote; raise ValueError, KeyError or TypeError when it did not."""
        raw: dict[str, Any] = json.loads(data)
        salt = bytes.fromhex(raw.pop("salt"))
        return cls(
            data_key=bytes.fromhex(raw.pop("data_key")),
            salt=salt,
            exhibit=Exhibit(
                id=commitment(salt, raw["sha256"]),
                sealed_at=datetime.fromisoformat(raw.pop("sealed_at")),
                **raw,
            ),
        )


class Wrapping:
    """The keys of one vault, derived from the kek (32 bytes) and the vault's own salt.

    Because of the salt, the same file in two vaults of a node looks different in both.
    """

    def __init__(self, kek: bytes, salt: bytes) -> None:
        if len(kek) != 32:
            raise ValueError("a key-encryption key has 32 bytes")
        self._wrap = AESGCM(_derived(kek, salt, b"palermo.vault.wrap"))
        self._lookup = _derived(kek, salt, b"palermo.vault.lookup")
        #: Tells the right kek from a wrong one without opening a record.
        self.check = _derived(kek, salt, b"palermo.vault.check")

    def lookup(self, sha256: str) -> bytes:
        """Return under what the bytes with this hash are found again."""
        return hmac.digest(self._lookup, bytes.fromhex(sha256), "sha256")

    def wrap(self, record: KeyRecord) -> bytes:
        """Encrypt a record: a nonce of 12 bytes, then AES-256-GCM bound to the exhibit's id."""
        nonce = secrets.token_bytes(12)
        bound = _RECORD + record.exhibit.id.encode()
        return nonce + self._wrap.encrypt(nonce, record.to_bytes(), bound)

    def unwrap(self, id: str, wrapped: bytes) -> KeyRecord:  # noqa: A002  # the field's name
        """Decrypt the record of exhibit `id`.

        Raises:
            Refused: when it was altered or is another exhibit's.
        """
        bound = _RECORD + id.encode()
        try:
            record = KeyRecord.from_bytes(self._wrap.decrypt(wrapped[:12], wrapped[12:], bound))
        except (InvalidTag, ValueError, KeyError, TypeError):
            record = None
        if record is None or record.exhibit.id != id:
            raise Refused(
                f"{id}: the key record was altered or is another exhibit's; "
                "restore keys.sqlite3 from a backup"
            )
        return record


def _derived(kek: bytes, salt: bytes, use: bytes) -> bytes:
    return HKDF(algorithm=hashes.SHA256(), length=32, salt=salt, info=use).derive(kek)
