"""The signature of a web archive package, checked as WACZ Signing and Verification 0.1.0 says.

Guarantees that what is said to hold was computed here, and that what was not checked is named: no
list of trusted authorities is consulted, so a domain signature shows that the holder of that
certificate's key signed, not that the certificate was the domain's; the time stamp in it is not
opened. An anonymous signature shows that one key signed, and nothing of whose it is.
"""

import base64
import binascii
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.hazmat.primitives.serialization import load_der_public_key

from palermo.formats.dates import read_date

HOLDS, FALSE, NOT_CHECKABLE = "holds", "does not hold", "not checkable"
#: Of a domain signature: all holds that can be checked without a list of trusted authorities.
SELF_CONSISTENT = "consistent, authority not checked"


@dataclass(frozen=True, slots=True)
class Checked:
    """What a signature is worth: `verdict` is one of the four above, `why` says it in words."""

    verdict: str
    kind: str
    why: str
    signer: str | None = None
    created: str | None = None
    software: str | None = None
    fingerprint: str | None = None
    time_stamp: str | None = None


def checked(signed: object, manifest_hash: str) -> Checked:
    """Check `signedData` against the hash (`sha256:…`) of the manifest that it should cover."""
    if not isinstance(signed, Mapping):
        return Checked(NOT_CHECKABLE, "unknown", "signedData is no JSON object")
    kind = "domain" if "domainCert" in signed else "anonymous"
    stated = str(signed.get("hash", ""))
    try:
        made = _domain(signed, stated) if kind == "domain" else _anonymous(signed, stated)
    except (ValueError, TypeError, KeyError, UnsupportedAlgorithm, binascii.Error) as error:
        why = str(error).splitlines()[0] if str(error) else type(error).__name__
        made = Checked(NOT_CHECKABLE, kind, f"the signature or its key cannot be read: {why}")
    if stated != manifest_hash:
        why = f"it is over {stated[:80] or 'nothing'}, but the manifest is {manifest_hash}"
        made = Checked(FALSE, kind, why, made.signer, fingerprint=made.fingerprint)
    return Checked(
        made.verdict,
        kind,
        made.why,
        made.signer,
        _text(signed, "created"),
        _text(signed, "software"),
        made.fingerprint,
        "present, not checked" if signed.get("timeSignature") else None,
    )


def _anonymous(signed: Mapping[str, Any], stated: str) -> Checked:
    der = base64.b64decode(str(signed["publicKey"]), validate=True)
    key: Any = load_der_public_key(der)
    fingerprint = f"key sha256:{hashlib.sha256(der).hexdigest()}"
    if not _verifies(key, str(signed["signature"]), stated):
        return Checked(FALSE, "anonymous", "the key did not make this signature", None,
                       fingerprint=fingerprint)  # fmt: skip
    return Checked(HOLDS, "anonymous", "the key in the package made it; whose it is, is not stated",
                   None, fingerprint=fingerprint)  # fmt: skip


def _domain(signed: Mapping[str, Any], stated: str) -> Checked:
    chain = x509.load_pem_x509_certificates(str(signed["domainCert"]).encode("ascii"))
    own, domain = chain[0], str(signed.get("domain", ""))
    fingerprint = f"certificate sha256:{own.fingerprint(hashes.SHA256()).hex()}"

    def said(verdict: str, why: str) -> Checked:
        return Checked(verdict, "domain", why, domain, fingerprint=fingerprint)

    if not _verifies(own.public_key(), str(signed["signature"]), stated):
        return said(FALSE, "the key of the certificate did not make this signature")
    if domain not in _domains(own):
        return said(FALSE, f"the certificate is not for {domain[:80]!r}")
    for lower, upper in pairwise(chain):
        try:
            lower.verify_directly_issued_by(upper)
        except (InvalidSignature, ValueError, TypeError):
            return said(FALSE, "the certificates do not form a chain")
    outside = _outside(own, signed)
    if outside:
        return said(FALSE, outside)
    names = " < ".join(c.subject.rfc4514_string() for c in chain[1:])
    issuer = chain[-1].issuer.rfc4514_string()
    why = f"made with the key of a certificate for {domain}, issued by {names} < {issuer}; "
    return said(SELF_CONSISTENT, why + "whether that authority is to be trusted was not checked")


def _outside(own: x509.Certificate, signed: Mapping[str, Any]) -> str | None:
    """Say whether the signature was made while the certificate was not valid."""
    read = read_date(str(signed.get("created", "")))
    if read is None:
        return "it states no readable time"
    created = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=read[0])
    if own.not_valid_before_utc <= created <= own.not_valid_after_utc:
        return None
    return f"the certificate was not valid at {signed['created']}"


def _domains(certificate: x509.Certificate) -> list[str]:
    try:
        names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName)
    except x509.ExtensionNotFound:
        return []
    return names.value.get_values_for_type(x509.DNSName)


def _verifies(key: Any, signature: str, stated: str) -> bool:
    raw = base64.b64decode(signature, validate=True)
    text = stated.encode("ascii")
    try:
        if isinstance(key, ec.EllipticCurvePublicKey):
            size = (key.curve.key_size + 7) // 8
            if len(raw) == 2 * size:  # the form of browsers (IEEE P1363), not the usual DER
                raw = encode_dss_signature(
                    int.from_bytes(raw[:size], "big"), int.from_bytes(raw[size:], "big")
                )
            key.verify(raw, text, ec.ECDSA(hashes.SHA256()))
        elif isinstance(key, rsa.RSAPublicKey):
            key.verify(raw, text, padding.PKCS1v15(), hashes.SHA256())
        else:
            raise UnsupportedAlgorithm("the key is neither ECDSA nor RSA")
    except InvalidSignature:
        return False
    return True


def _text(signed: Mapping[str, Any], name: str) -> str | None:
    value = signed.get(name)
    return str(value)[:200] if value is not None else None
