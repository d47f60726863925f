"""DSSE envelopes: a signed payload that needs no canonical form to be checked.

Guarantees that the signature covers the payload's type and exact bytes (pre-authentication
encoding of DSSE 1.0), and that an envelope has one written form: JSON with sorted keys, no spaces.
"""

import base64
import binascii
import json
from dataclasses import dataclass
from typing import Self

from palermo.evidence.keys import Signer, key_id, verifies
from palermo.model import Unreadable


def pae(payload_type: str, payload: bytes) -> bytes:
    """Return the pre-authentication encoding: what is signed.

    >>> pae("http://example.com/HelloWorld", b"hello world")
    b'DSSEv1 29 http://example.com/HelloWorld 11 hello world'
    """
    kind = payload_type.encode()
    return b"DSSEv1 %d %b %d %b" % (len(kind), kind, len(payload), payload)


@dataclass(frozen=True, slots=True, kw_only=True)
class Envelope:
    """A payload with its type and one signature by the key whose fingerprint is `keyid`."""

    payload_type: str
    payload: bytes
    keyid: str
    signature: bytes

    @classmethod
    def sign(cls, payload_type: str, payload: bytes, signer: Signer) -> Self:
        """Sign `payload`."""
        return cls(
            payload_type=payload_type,
            payload=payload,
            keyid=key_id(signer.public_key),
            signature=signer.sign(pae(payload_type, payload)),
        )

    def signed_by(self, public_key: bytes) -> bool:
        """Tell whether `public_key` made the signature."""
        return verifies(public_key, self.signature, pae(self.payload_type, self.payload))

    def to_bytes(self) -> bytes:
        """Write the envelope in its one form, the bytes that become a leaf of the tree."""
        return canonical(
            {
                "payload": base64.b64encode(self.payload).decode(),
                "payloadType": self.payload_type,
                "signatures": [
                    {"keyid": self.keyid, "sig": base64.b64encode(self.signature).decode()}
                ],
            }
        )

    @classmethod
    def from_bytes(cls, data: bytes) -> Self:
        """Read an envelope; anything but its one written form is `Unreadable`."""
        try:
            raw = json.loads(data)
            (signature,) = raw["signatures"]
            envelope = cls(
                payload_type=str(raw["payloadType"]),
                payload=base64.b64decode(raw["payload"], validate=True),
                keyid=str(signature["keyid"]),
                signature=base64.b64decode(signature["sig"], validate=True),
            )
            same = envelope.to_bytes() == data
        except (ValueError, KeyError, TypeError, RecursionError, binascii.Error):
            raise Unreadable("not a DSSE envelope with one signature") from None
        if not same:
            raise Unreadable("a DSSE envelope that was rewritten")
        return envelope


def canonical(value: object) -> bytes:
    """Write JSON with sorted keys, without spaces, in UTF-8. Keys here are ASCII, numbers whole."""
    return json.dumps(
        value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False
    ).encode()
