"""The certificates a server showed, as they were shown.

Guarantees the chain in the order in which it came, with what it says about itself; whether it was
trusted is recorded beside it, not decided here.
"""

import ssl
from collections.abc import Sequence
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization


def context(*, accept_invalid: bool) -> ssl.SSLContext:
    """Return a client's settings; with `accept_invalid`, any certificate will do."""
    settings = ssl.create_default_context()
    settings.set_alpn_protocols(["http/1.1"])
    if accept_invalid:
        settings.check_hostname = False
        settings.verify_mode = ssl.CERT_NONE
    return settings


def shown_chain(opened: ssl.SSLSocket) -> list[bytes]:
    """Return the certificates that the other end showed, in DER.

    Python names the whole chain publicly since 3.13; before, the same call sits one level deeper.
    """
    ask = getattr(opened, "get_unverified_chain", None)
    if ask is not None:
        return [bytes(one) for one in ask()]
    inner = getattr(opened, "_sslobj", None)
    ask = getattr(inner, "get_unverified_chain", None)
    if ask is not None:
        return [ssl.PEM_cert_to_DER_cert(one.public_bytes()) for one in ask() or ()]
    leaf = opened.getpeercert(binary_form=True)
    return [leaf] if leaf else []


def pem(chain: Sequence[bytes]) -> bytes:
    """Write a chain as PEM."""
    return "".join(ssl.DER_cert_to_PEM_cert(one) for one in chain).encode()


def described(chain: Sequence[bytes]) -> list[dict[str, Any]]:
    """Say what each certificate of a chain claims; one that cannot be read keeps its hash."""
    return [_described(one) for one in chain]


def _described(der: bytes) -> dict[str, Any]:
    digest = hashes.Hash(hashes.SHA256())
    digest.update(der)
    claims: dict[str, Any] = {"sha256": digest.finalize().hex()}
    try:
        certificate = x509.load_der_x509_certificate(der)
        claims |= {
            "subject": certificate.subject.rfc4514_string(),
            "issuer": certificate.issuer.rfc4514_string(),
            "serial": f"{certificate.serial_number:x}",
            "not_before": certificate.not_valid_before_utc.isoformat(),
            "not_after": certificate.not_valid_after_utc.isoformat(),
            "names": _names(certificate),
        }
        certificate.public_bytes(serialization.Encoding.DER)
    except (ValueError, TypeError, x509.InvalidVersion):
        claims["unreadable"] = True
    return claims


def _names(certificate: x509.Certificate) -> list[str]:
    try:
        extension = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName)
    except (x509.ExtensionNotFound, x509.DuplicateExtension, x509.UnsupportedGeneralNameType):
        return []
    return extension.value.get_values_for_type(x509.DNSName)[:100]
