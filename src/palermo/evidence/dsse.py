"""DSSE envelopes: a signed payload that needs no canonical form to be checked.

Guarantees that every signature covers the payload's type and exact bytes (pre-authentication
encoding of DSSE 1.0), and that an envelope has one written form: JSON with sorted keys, no spaces.
"""

import base64
import binascii
import json
from dataclasses import dataclass
from typing import Self

from palermo.evidence.keys import Signer, key_id, verifies
from palermo.model.errors import Unreadable


def pae(payload_type: str, payload: bytes) -> bytes:
    """Return the pre-authentication encoding: what is signed.

    >>> pae("http://example.com/HelloWorld", b"hello world")
    b'DSSEv1 29 http://example.com/HelloWorld 11 hello world'
    """
    kind = payload_type.encode()
    return b"DSSEv1 %d %b %d %b" % (len(kind), kind, len(payload), payload)


@dataclass(frozen=True, slots=True)
class Signature:
    """One signature; `keyid` is the fingerprint of the key that made it."""

    keyid: str
    signature: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Envelope:
    """A payload with its type and its signatures, in the order in which they were made."""

    payload_type: str
    payload: bytes
    signatures: tuple[Signature, ...]

    @classmethod
    def sign(cls, payload_type: str, payload: bytes, *signers: Signer) -> Self:
        """Let each of `signers` sign `payload`."""
        message = pae(payload_type, payload)
        return cls(
            payload_type=payload_type,
            payload=payload,
            signatures=tuple(
                Signature(key_id(signer.public_key), signer.sign(message)) for signer in signers
            ),
        )

    def signed_by(self, public_key: bytes, *, place: int = 0) -> bool:
        """Tell whether `public_key` made the signature at `place`."""
        if place >= len(self.signatures):
            return False
        return verifies(
            public_key, self.signatures[place].signature, pae(self.payload_type, self.payload)
        )

    def to_bytes(self) -> bytes:
        """Write the envelope in its one form, the bytes that become a leaf of the tree."""
        return canonical(
            {
                "payload": base64.b64encode(self.payload).decode(),
                "payloadType": self.payload_type,
                "signatures": [
                    {"keyid": one.keyid, "sig": base64.b64encode(one.signature).decode()}
                    for one in self.signatures
                ],
            }
        )

    @classmethod
    def from_bytes(cls, data: bytes) -> Self:
        """Read an envelope; anything but its one written form is `Unreadable`."""
        try:
            raw = json.loads(data)
            envelope = cls(
                payload_type=str(raw["payloadType"]),
                payload=base64.b64decode(raw["payload"], validate=True),
                signatures=tuple(
                    Signature(str(one["keyid"]), base64.b64decode(one["sig"], validate=True))
                    for one in raw["signatures"]
                ),
            )
            same = envelope.to_bytes() == data
        except (ValueError, KeyError, TypeError, RecursionError, binascii.Error):
            raise Unreadable("not a DSSE envelope") from None
        if not same or not envelope.signatures:
            raise Unreadable("a DSSE envelope that was rewritten or carries no signature")
        return envelope


_WRITER = json.JSONEncoder(
    sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False, check_circular=False
)


def canonical(value: object) -> bytes:
    """Write JSON with sorted keys, without spaces, in UTF-8. Keys here are ASCII, numbers whole."""
    return _WRITER.encode(value).encode()
