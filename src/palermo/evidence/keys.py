"""Public keys: how a stranger checks what the custody log's signers signed.

Everything in this room that signs sees a `Signer`, so that a file with a passphrase, a smart card
or a hardware module can stand behind it.
"""

import base64
import binascii
import hashlib
from dataclasses import dataclass
from typing import Protocol, Self

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from palermo.model.errors import Unreadable

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


def public_pem(public_key: bytes) -> str:
    """Write a raw public key as PEM, the form that `openssl` reads."""
    key = Ed25519PublicKey.from_public_bytes(public_key)
    return key.public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    ).decode()


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
