"""Certificates: whether a chain leads from a stamping authority to a certificate one trusts.

Guarantees that a chain is only found when every signature, validity, basic constraint, path
length, key usage and extended key usage in it holds at the given time (RFC 5280, section 6, as far
as stamping authorities use it), and that an extension which is critical and not understood ends the
chain. Hostile bundles of certificates cost a bounded number of signature checks.
"""

import warnings
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.x509.oid import ExtendedKeyUsageOID as Usage
from cryptography.x509.oid import ExtensionOID

from palermo.model.errors import Refused

_LONGEST = 8  # certificates in a chain
_CHECKS = 64  # signatures verified in search of a chain
_SOUND_HASHES = (hashes.SHA256, hashes.SHA384, hashes.SHA512)
_CURVES = {"secp256r1", "secp384r1", "secp521r1"}
#: What `cryptography` raises for certificates that are damaged or of a kind it does not know.
_UNREAD = (
    ValueError,
    TypeError,
    UnsupportedAlgorithm,
    x509.InvalidVersion,
    x509.DuplicateExtension,
    x509.UnsupportedGeneralNameType,
)
_UNDERSTOOD = {
    ExtensionOID.BASIC_CONSTRAINTS,
    ExtensionOID.KEY_USAGE,
    ExtensionOID.EXTENDED_KEY_USAGE,
    ExtensionOID.CERTIFICATE_POLICIES,  # any policy is accepted, so none can be violated
    ExtensionOID.SUBJECT_KEY_IDENTIFIER,
    ExtensionOID.AUTHORITY_KEY_IDENTIFIER,
    ExtensionOID.SUBJECT_ALTERNATIVE_NAME,
}
#: RFC 3161, section 4: for these reasons, stamps from before the revocation stay valid.
_HARMLESS = {
    x509.ReasonFlags.unspecified,
    x509.ReasonFlags.affiliation_changed,
    x509.ReasonFlags.superseded,
    x509.ReasonFlags.cessation_of_operation,
}


@dataclass(frozen=True, slots=True)
class Trust:
    """A chain from the first certificate to a trusted one; without one, why there is none."""

    chain: tuple[x509.Certificate, ...]
    reason: str = ""


def load_certificate(der: bytes) -> x509.Certificate | None:
    """Load a certificate that nobody vouches for; None when a part of it cannot be read.

    `cryptography` reads most parts when they are asked for; asking here keeps the rest free of it.
    """
    try:
        with warnings.catch_warnings():  # about forms that some authorities still issue
            warnings.simplefilter("ignore")
            certificate = x509.load_der_x509_certificate(der)
            _ = certificate.subject, certificate.issuer, certificate.extensions
            _ = certificate.public_key(), certificate.signature_hash_algorithm
            _ = certificate.not_valid_before_utc, certificate.not_valid_after_utc
    except _UNREAD:
        return None
    return certificate


def name_of(certificate: x509.Certificate) -> str:
    """Return whose certificate it is, in the text form of RFC 4514."""
    return certificate.subject.rfc4514_string()


def check_authority(certificate: x509.Certificate) -> None:
    """See that a certificate is made for stamping and for nothing else (RFC 3161, section 2.3).

    Raises:
        Refused: it is for something else as well, or for something else only.
    """
    who = name_of(certificate)
    try:
        extensions = certificate.extensions
        purpose = extensions.get_extension_for_class(x509.ExtendedKeyUsage)
    except (x509.ExtensionNotFound, x509.DuplicateExtension, ValueError):
        raise Refused(f"time stamp: {who} has no certificate for time stamping") from None
    if not purpose.critical or list(purpose.value) != [Usage.TIME_STAMPING]:
        raise Refused(
            f"time stamp: the certificate of {who} is not, as it must be, "
            "critically limited to time stamping alone"
        )
    usage = _key_usage(extensions)
    if usage is not None and not _only_signs(usage):
        raise Refused(f"time stamp: the key of {who} is meant for other uses than signing")


def _only_signs(usage: x509.KeyUsage) -> bool:
    others = (
        usage.key_encipherment,
        usage.data_encipherment,
        usage.key_agreement,
        usage.key_cert_sign,
        usage.crl_sign,
    )
    return (usage.digital_signature or usage.content_commitment) and not any(others)


def sound_key(key: object) -> bool:
    """Tell whether a public key is of a kind and size that is still relied on."""
    match key:
        case rsa.RSAPublicKey():
            return 2048 <= key.key_size <= 16_384
        case ec.EllipticCurvePublicKey():
            return key.curve.name in _CURVES
        case _:
            return isinstance(key, ed25519.Ed25519PublicKey)


def find_chain(
    leaf: x509.Certificate,
    others: Sequence[x509.Certificate],
    roots: Sequence[x509.Certificate],
    *,
    at: datetime,
) -> Trust:
    """Find a chain from `leaf` over `others` to one of `roots` that holds at the time `at`.

    `roots` are what the caller trusts; they need not sign themselves.
    """
    search = _Search(tuple(others), tuple(roots), at)
    chain = search.extend((leaf,))
    if chain is not None:
        return Trust(chain)
    missing = f"no certificate that is trusted issued the one of {name_of(leaf)}"
    return Trust((leaf,), search.problem or missing)


class _Search:
    """A bounded depth-first search that remembers the last thing that stood in the way."""

    def __init__(
        self,
        others: tuple[x509.Certificate, ...],
        roots: tuple[x509.Certificate, ...],
        at: datetime,
    ) -> None:
        self._others, self._roots, self._at = others, roots, at
        self._checks = 0
        self.problem = ""

    def extend(self, chain: tuple[x509.Certificate, ...]) -> tuple[x509.Certificate, ...] | None:
        """Return `chain` extended to a root, or None."""
        last = chain[-1]
        problem = self._fault(chain)
        if problem:
            self.problem = f"the certificate of {name_of(last)} {problem}"
            return None
        if last in self._roots:
            return chain
        if len(chain) >= _LONGEST:
            return None
        if not isinstance(last.signature_hash_algorithm, _SOUND_HASHES) and not _pure(last):
            self.problem = f"the certificate of {name_of(last)} is signed over a weak hash"
            return None
        for issuer in self._issuers(chain):
            found = self.extend((*chain, issuer))
            if found is not None:
                return found
        return None

    def _issuers(self, chain: tuple[x509.Certificate, ...]) -> Iterator[x509.Certificate]:
        last = chain[-1]
        for issuer in (*self._roots, *self._others):
            if issuer.subject != last.issuer or issuer in chain:
                continue
            self._checks += 1
            if self._checks > _CHECKS:
                self.problem = "more certificates came with the stamp than a chain needs"
                return
            try:
                last.verify_directly_issued_by(issuer)
            except (InvalidSignature, ValueError, TypeError, UnsupportedAlgorithm):
                continue
            yield issuer

    def _fault(self, chain: tuple[x509.Certificate, ...]) -> str:
        """Say what is wrong with the last certificate of `chain`, else nothing."""
        last = chain[-1]
        if not last.not_valid_before_utc <= self._at <= last.not_valid_after_utc:
            return f"was not valid on {self._at:%Y-%m-%d %H:%M:%S} UTC"
        try:
            extensions = last.extensions
        except (ValueError, x509.DuplicateExtension):
            return "has extensions that cannot be read"
        unknown = [
            e.oid.dotted_string for e in extensions if e.critical and e.oid not in _UNDERSTOOD
        ]
        if unknown:
            return f"has the critical extension {unknown[0]}, which is not understood"
        return _issuing_fault(chain, extensions) if len(chain) > 1 else ""


def _issuing_fault(chain: tuple[x509.Certificate, ...], extensions: x509.Extensions) -> str:
    """Say why the last certificate may not issue the one before it, else nothing."""
    try:
        basic = extensions.get_extension_for_class(x509.BasicConstraints).value
    except x509.ExtensionNotFound:
        return "may not issue others (no basic constraints)"
    # Self-issued certificates (a change of key) do not count: RFC 5280, section 6.1.4 (l).
    between = sum(certificate.subject != certificate.issuer for certificate in chain[1:-1])
    usage = _key_usage(extensions)
    purposes = [e.value for e in extensions if isinstance(e.value, x509.ExtendedKeyUsage)]
    if not basic.ca:
        return "may not issue others"
    if basic.path_length is not None and between > basic.path_length:
        return f"may not stand above {between} further authorities"
    if usage is not None and not usage.key_cert_sign:
        return "has a key that may not sign certificates"
    allowed = {Usage.TIME_STAMPING, Usage.ANY_EXTENDED_KEY_USAGE}
    if any(allowed.isdisjoint(purpose) for purpose in purposes):
        return "may not issue certificates for time stamping"
    return "" if sound_key(chain[-1].public_key()) else "has a key that is too weak"


def revoked(
    chain: Sequence[x509.Certificate],
    lists: Sequence[x509.CertificateRevocationList],
    *,
    at: datetime,
) -> str:
    """Say which certificate of `chain` was revoked so that a stamp of the time `at` falls with it.

    `lists` whose signature is not the issuer's say nothing. The last of the chain is trusted.
    """
    for certificate, issuer in pairwise(chain):
        for crl in lists:
            if crl.issuer != certificate.issuer or not _signed_list(crl, issuer):
                continue
            entry = crl.get_revoked_certificate_by_serial_number(certificate.serial_number)
            if entry is None:
                continue
            when = entry.revocation_date_utc
            if when <= at or _reason(entry) not in _HARMLESS:
                return f"the certificate of {name_of(certificate)} was revoked on {when:%Y-%m-%d}"
    return ""


def _signed_list(crl: x509.CertificateRevocationList, issuer: x509.Certificate) -> bool:
    key = issuer.public_key()
    if not isinstance(key, rsa.RSAPublicKey | ec.EllipticCurvePublicKey | ed25519.Ed25519PublicKey):
        return False
    try:
        return crl.is_signature_valid(key)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        return False


def _reason(entry: x509.RevokedCertificate) -> x509.ReasonFlags | None:
    try:
        return entry.extensions.get_extension_for_class(x509.CRLReason).value.reason
    except (x509.ExtensionNotFound, ValueError):
        return None


def _key_usage(extensions: x509.Extensions) -> x509.KeyUsage | None:
    try:
        return extensions.get_extension_for_class(x509.KeyUsage).value
    except x509.ExtensionNotFound:
        return None


def _pure(certificate: x509.Certificate) -> bool:
    """Tell whether the signature hashes for itself (Ed25519)."""
    return certificate.signature_algorithm_oid == x509.SignatureAlgorithmOID.ED25519
