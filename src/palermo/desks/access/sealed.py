"""Keeping a short secret in the database so that a copy of the database does not show it.

Guarantees that what is sealed opens only with the node's own secret, for the use it was sealed for,
and only unchanged (AES-256-GCM; the key lies in a file beside the database, never in it).
"""

import base64
import hashlib
import os

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.conf import settings

from palermo.model import Unreadable

_NONCE = 12


def seal(text: str, use: str) -> str:
    """Return `text` sealed for `use`."""
    nonce = os.urandom(_NONCE)
    return base64.b64encode(nonce + _cipher().encrypt(nonce, text.encode(), use.encode())).decode()


def unseal(sealed: str, use: str) -> str:
    """Return what was sealed for `use`.

    Raises:
        Unreadable: it was sealed by another node or for another use, or it was changed.
    """
    try:
        data = base64.b64decode(sealed, validate=True)
        return _cipher().decrypt(data[:_NONCE], data[_NONCE:], use.encode()).decode()
    except (ValueError, InvalidTag):
        raise Unreadable(
            f"the {use} in the database does not open with this node's secret; "
            "restore keys/second-factor.secret from the backup of the same node"
        ) from None


def _cipher() -> AESGCM:
    # The secret is random and long already, so that one hash makes a key of it.
    return AESGCM(hashlib.sha256(settings.PALERMO_SEALING_SECRET.encode()).digest())
