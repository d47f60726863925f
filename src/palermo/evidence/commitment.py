"""Salted commitments: what the custody log says instead of a hash.

A plain hash of a short text tells whoever guesses the text that they guessed right, for ever. A
commitment is SHA-256 over a domain, a secret 32-byte salt and the hash: once the salt is destroyed
it confirms nothing, and whoever is given salt and content can check it as before.
"""

import hashlib
import secrets
from dataclasses import dataclass

SALT_BYTES = 32
EXHIBIT = b"palermo.exhibit.v1\0"
OUTPUT = b"palermo.output.v1\0"
NOTE = b"palermo.note.v1\0"


@dataclass(frozen=True, slots=True)
class Opening:
    """What opens a commitment: the salt, and the SHA-256 of the content in hexadecimal."""

    salt: bytes
    sha256: str

    def commitment(self, domain: bytes) -> str:
        """Return the commitment that this opens, in hexadecimal."""
        return commit(domain, self.salt, self.sha256)


def commit(domain: bytes, salt: bytes, sha256: str) -> str:
    """Return SHA-256(domain || salt || hash) in hexadecimal.

    Raises:
        ValueError: when the hash is no SHA-256 in hexadecimal.
    """
    digest = bytes.fromhex(sha256)
    if len(digest) != 32:  # of one length, so that salt and hash cannot be told apart otherwise
        raise ValueError("a commitment needs a SHA-256")
    return hashlib.sha256(domain + salt + digest).hexdigest()


def new_salt() -> bytes:
    """Return 32 bytes from the system's randomness."""
    return secrets.token_bytes(SALT_BYTES)
