"""Signing keys: who signs the custody log, and how a stranger checks it.

Guarantees that a private key is written once, readable by its owner alone, and never replaced
silently. Everything else in this room sees a `Signer`, so that a passphrase, a smart card or a
hardware module can stand behind it later.
"""

import base64
import binascii
import contextlib
import hashlib
import os
import secrets
import stat
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol, Self

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from palermo.model import Refused, Unreadable

_ED25519 = b"\x01"  # signature type of C2SP signed-note
_RAW = serialization.Encoding.Raw, serialization.PublicFormat.Raw


class Signer(Protocol):
    """Whoever can sign."""

    @property
    def public_key(self) -> bytes:
        """The raw 32 bytes of the Ed25519 public key."""
        ...

    def sign(self, message: bytes) -> bytes:
        """Return the 64-byte Ed25519 signature of `message`."""
        ...


def key_id(public_key: bytes) -> str:
    """Return the fingerprint of a key: SHA-256 over its raw bytes, in hexadecimal."""
    return hashlib.sha256(public_key).hexdigest()


def verifies(public_key: bytes, signature: bytes, message: bytes) -> bool:
    """Tell whether `signature` of `message` was made with `public_key`. Never raises."""
    try:
        Ed25519PublicKey.from_public_bytes(public_key).verify(signature, message)
    except (InvalidSignature, ValueError):
        return False
    return True


@dataclass(frozen=True, slots=True)
class VerifierKey:
    """A public key with the name of the log it signs for, in the text form of C2SP signed-note."""

    name: str
    public_key: bytes

    @property
    def hash(self) -> bytes:
        """The four bytes by which a checkpoint's signature line names its key."""
        return hashlib.sha256(self.name.encode() + b"\n" + _ED25519 + self.public_key).digest()[:4]

    def __str__(self) -> str:
        """Write `<name>+<hash>+<base64 of type and key>`."""
        key = base64.b64encode(_ED25519 + self.public_key).decode()
        return f"{self.name}+{self.hash.hex()}+{key}"

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read the text form; raise `Unreadable` when it is damaged or of another kind."""
        try:
            name, mark, encoded = text.strip().split("+", 2)
            raw = base64.b64decode(encoded, validate=True)
        except (ValueError, binascii.Error):
            raise Unreadable(
                "public key: expected `name+hash+key` as in custody.pub; copy the whole line"
            ) from None
        key = cls(name, raw[1:])
        if raw[:1] != _ED25519 or len(raw) != 33 or key.hash.hex() != mark:
            raise Unreadable("public key: its parts do not belong together; copy the whole line")
        return key


def read_public_key(data: bytes) -> bytes:
    """Return the raw 32 bytes of a public key given raw, as PEM, or as a line of custody.pub.

    Raises:
        Unreadable: when it is none of these.
    """
    if len(data) == 32:
        return data
    if data.lstrip().startswith(b"-----BEGIN"):
        try:
            key = serialization.load_pem_public_key(data.strip())
        except (ValueError, TypeError):
            key = None
        if not isinstance(key, Ed25519PublicKey):
            raise Unreadable("public key: expected an Ed25519 key in PEM form")
        return key.public_bytes(*_RAW)
    return VerifierKey.parse(data.decode("utf-8", "replace")).public_key


class Keystore:
    """The key of one actor in a directory that only its owner can read."""

    def __init__(self, actor: str, private: Ed25519PrivateKey) -> None:
        self.actor = actor
        self._private = private
        self._public = private.public_key().public_bytes(*_RAW)

    @classmethod
    def open(cls, directory: Path, *, actor: str) -> Self:
        """Open the key of `actor` below `directory`; make it on first use.

        The file is PKCS #8 in PEM form with mode 0600, named after a hash of the actor.

        Raises:
            Refused: when others may read the key.
            Unreadable: when the file is no Ed25519 key or cannot be read.
        """
        if not actor.strip():
            raise Unreadable("keystore: no actor is named; say who signs")
        path = directory / f"{hashlib.sha256(actor.encode()).hexdigest()[:24]}.key"
        try:
            directory.mkdir(parents=True, exist_ok=True, mode=0o700)
            if not path.exists():
                _create(path)
            return cls(actor, _read(path))
        except OSError as error:
            raise Unreadable(
                f"{path}: cannot use the key ({error.strerror}); check the folder's permissions"
            ) from None

    @property
    def public_key(self) -> bytes:
        """The raw 32 bytes of the public key."""
        return self._public

    def sign(self, message: bytes) -> bytes:
        """Return the 64-byte signature of `message`."""
        return self._private.sign(message)


def _create(path: Path) -> None:
    """Write a new key. Of two processes that try at once, one wins and both use its key."""
    pem = Ed25519PrivateKey.generate().private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    draft = path.with_name(f".{secrets.token_hex(8)}.draft")
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(pem)
        file.flush()
        os.fsync(file.fileno())
    try:
        with contextlib.suppress(FileExistsError):
            os.link(draft, path)
    finally:
        draft.unlink()
    fsync_directory(path.parent)


def _read(path: Path) -> Ed25519PrivateKey:
    with os.fdopen(os.open(path, os.O_RDONLY | os.O_NOFOLLOW), "rb") as file:
        if stat.S_IMODE(os.fstat(file.fileno()).st_mode) & 0o077:
            raise Refused(f"{path}: others may read this key; run chmod 600 on it, or replace it")
        pem = file.read(1 << 16)
    try:
        key = serialization.load_pem_private_key(pem, password=None)
    except (ValueError, TypeError):
        key = None
    if not isinstance(key, Ed25519PrivateKey):
        raise Unreadable(f"{path}: expected an unencrypted Ed25519 key in PEM form")
    return key


def fsync_directory(path: Path) -> None:
    """Make the names in `path` durable."""
    descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
