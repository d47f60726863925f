"""Signed data (RFC 5652) as a time-stamp token wraps it: one content, one signer.

Guarantees that the content, the signed attributes and the signer's certificate belong together:
the digest of the content is among the signed attributes, the certificate is the one that they name
by its hash (RFC 5035, RFC 5816), and the signature over exactly the attribute bytes found, tagged
as the SET they stand for, is that certificate's. Weak hashes and keys are refused. Nothing is said
about trust; that is `trust`'s.
"""

import hashlib
import hmac
from collections.abc import Sequence
from dataclasses import dataclass

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa

from palermo.evidence.der import (
    INTEGER,
    NULL,
    OCTET_STRING,
    OID,
    SEQUENCE,
    SET,
    Element,
    Fields,
    context,
)
from palermo.evidence.trust import load_certificate, sound_key
from palermo.model.errors import Refused, Unreadable

_SIGNED_DATA = "1.2.840.113549.1.7.2"
_CONTENT_TYPE = "1.2.840.113549.1.9.3"
_MESSAGE_DIGEST = "1.2.840.113549.1.9.4"
_SIGNING_CERTIFICATE = "1.2.840.113549.1.9.16.2.12"  # ESSCertID, SHA-1: RFC 2634
_SIGNING_CERTIFICATE_V2 = "1.2.840.113549.1.9.16.2.47"  # ESSCertIDv2: RFC 5035

#: The digests that are accepted, by object identifier: the name hashlib knows, and cryptography's.
DIGESTS: dict[str, tuple[str, type[hashes.HashAlgorithm]]] = {
    "2.16.840.1.101.3.4.2.1": ("sha256", hashes.SHA256),
    "2.16.840.1.101.3.4.2.2": ("sha384", hashes.SHA384),
    "2.16.840.1.101.3.4.2.3": ("sha512", hashes.SHA512),
    "2.16.840.1.101.3.4.2.8": ("sha3_256", hashes.SHA3_256),
    "2.16.840.1.101.3.4.2.9": ("sha3_384", hashes.SHA3_384),
    "2.16.840.1.101.3.4.2.10": ("sha3_512", hashes.SHA3_512),
}
_SHA256, _SHA384, _SHA512 = list(DIGESTS)[:3]
_RSA, _PSS, _MGF1 = (f"1.2.840.113549.1.1.{n}" for n in (1, 10, 8))
_ED25519 = "1.3.101.112"
#: Signature algorithms that name their digest: the kind of key and that digest.
_SIGNATURES = {
    "1.2.840.113549.1.1.11": ("rsa", _SHA256),
    "1.2.840.113549.1.1.12": ("rsa", _SHA384),
    "1.2.840.113549.1.1.13": ("rsa", _SHA512),
    "1.2.840.10045.4.3.2": ("ecdsa", _SHA256),
    "1.2.840.10045.4.3.3": ("ecdsa", _SHA384),
    "1.2.840.10045.4.3.4": ("ecdsa", _SHA512),
}


@dataclass(frozen=True, slots=True)
class Signed:
    """What was signed, by whom, and the other certificates that came along."""

    content: bytes
    signer: x509.Certificate
    others: tuple[x509.Certificate, ...]


def algorithm(element: Element) -> tuple[str, Element | None]:
    """Read an AlgorithmIdentifier: its identifier and its parameters, NULL counting as none."""
    fields = element.fields()
    oid, parameters = fields.take(OID).oid(), None
    if fields.maybe(NULL) is None:
        parameters = fields.maybe(SEQUENCE)
    fields.done()
    return oid, parameters


def digest_of(oid: str, data: bytes) -> bytes:
    """Hash `data` with an accepted digest; raise `Refused` for a weak or unknown one."""
    if oid not in DIGESTS:
        raise Refused(f"time stamp: the digest {oid} is too weak or unknown")
    return hashlib.new(DIGESTS[oid][0], data).digest()


def open_signed(
    token: Element, content_type: str, certificates: Sequence[x509.Certificate]
) -> Signed:
    """Check the signature of a token (a ContentInfo) over a content of type `content_type`.

    `certificates` are looked at besides those in the token.

    Raises:
        Unreadable: the token is no signed data in DER.
        Refused: its parts do not belong together, or the signature is wrong.
    """
    body = _body(token)
    body.take(INTEGER).integer()
    for named in body.take(SET).within(SET):
        algorithm(named)  # a hint for readers in one pass; the signer's own is what counts
    kind, content = _content(body.take(SEQUENCE))
    if kind != content_type:
        raise Refused(f"time stamp: the content is of type {kind}, not {content_type}")
    known = body.maybe(context(0))
    candidates = [*_certificates(known), *certificates]
    body.maybe(context(1))  # revocation lists: unsigned here, so they are given from outside
    signers = body.take(SET).within(SET)
    body.done()
    if len(signers) != 1:
        raise Refused(f"time stamp: one signer was expected, {len(signers)} are there")
    signer = _check_signer(signers[0].fields(), content, content_type, candidates)
    return Signed(content, signer, tuple(c for c in candidates if c != signer))


def _body(token: Element) -> Fields:
    outer = token.fields()
    if outer.take(OID).oid() != _SIGNED_DATA:
        raise Unreadable("time stamp: the token is no signed data")
    wrapped = outer.take(context(0)).fields(context(0))
    outer.done()
    body = wrapped.take(SEQUENCE).fields()
    wrapped.done()
    return body


def _content(element: Element) -> tuple[str, bytes]:
    fields = element.fields()
    kind = fields.take(OID).oid()
    wrapped = fields.take(context(0)).fields(context(0))
    fields.done()
    content = wrapped.take(OCTET_STRING).octets()
    wrapped.done()
    return kind, content


def _certificates(known: Element | None) -> list[x509.Certificate]:
    """Load the certificates that came along; one that cannot be read helps no chain."""
    elements = known.within(context(0)) if known else []
    # What is not a SEQUENCE is an attribute certificate or of an older form.
    found = [load_certificate(each.whole) for each in elements if each.tag == SEQUENCE]
    return [certificate for certificate in found if certificate is not None]


def _check_signer(
    fields: Fields, content: bytes, content_type: str, candidates: list[x509.Certificate]
) -> x509.Certificate:
    fields.take(INTEGER).integer()
    named = fields.take()
    digest, _ = algorithm(fields.take(SEQUENCE))
    signed = fields.take(context(0))
    scheme = algorithm(fields.take(SEQUENCE))
    signature = fields.take(OCTET_STRING).octets()
    fields.maybe(context(1))  # unsigned attributes prove nothing
    fields.done()
    attributes = _attributes(signed)
    if _one(attributes, _CONTENT_TYPE).oid() != content_type:
        raise Refused("time stamp: the signed attributes speak of another type of content")
    stated = _one(attributes, _MESSAGE_DIGEST).octets()
    if not hmac.compare_digest(stated, digest_of(digest, content)):
        raise Refused("time stamp: the signed digest is not that of the content")
    signer = _signer(attributes, named, candidates)
    if not sound_key(signer.public_key()):
        raise Refused("time stamp: the signer's key is too weak or of an unknown kind")
    # RFC 5652, section 5.4: what is signed is the attributes tagged as a SET, not as [0].
    message = bytes([SET]) + signed.whole[1:]
    try:
        _verify(signer, digest, scheme, signature, message)
    except (InvalidSignature, UnsupportedAlgorithm, ValueError):
        raise Refused("time stamp: the authority's signature does not hold") from None
    return signer


def _attributes(signed: Element) -> dict[str, list[Element]]:
    attributes: dict[str, list[Element]] = {}
    for element in signed.within(context(0)):
        fields = element.fields()
        kind = fields.take(OID).oid()
        values = fields.take(SET).within(SET)
        fields.done()
        if kind in attributes:
            raise Refused(f"time stamp: the signed attribute {kind} is there twice")
        attributes[kind] = values
    return attributes


def _one(attributes: dict[str, list[Element]], kind: str) -> Element:
    values = attributes.get(kind, [])
    if len(values) != 1:
        raise Refused(f"time stamp: the signed attribute {kind} was expected once")
    return values[0]


def _signer(
    attributes: dict[str, list[Element]], named: Element, candidates: list[x509.Certificate]
) -> x509.Certificate:
    """Return the certificate that the signed attributes name by its hash."""
    kinds = [k for k in (_SIGNING_CERTIFICATE_V2, _SIGNING_CERTIFICATE) if k in attributes]
    if not kinds:
        raise Refused("time stamp: the signed attributes do not name the signer's certificate")
    identities = [_identity(_one(attributes, kind), kind) for kind in kinds]
    for candidate in candidates:
        if all(_identifies(identity, candidate) for identity in identities):
            if not _names(named, candidate):
                raise Refused("time stamp: two different certificates are named as the signer's")
            return candidate
    raise Refused("time stamp: the certificate that signed it is not there or cannot be read")


def _identity(value: Element, kind: str) -> tuple[str, bytes, Element | None]:
    """Read the first ESSCertID(v2), the signer's: digest, hash, and issuer with serial number."""
    first = value.fields().take(SEQUENCE).fields().take(SEQUENCE).fields()
    digest = "sha1"  # its hash only points; the chain and the signature carry the certificate
    if kind == _SIGNING_CERTIFICATE_V2:
        given = first.maybe(SEQUENCE)
        oid = algorithm(given)[0] if given else _SHA256
        if oid not in DIGESTS:
            raise Refused(f"time stamp: the digest {oid} is too weak or unknown")
        digest = DIGESTS[oid][0]
    mark = first.take(OCTET_STRING).octets()
    issuer_serial = first.maybe(SEQUENCE)
    first.done()
    return digest, mark, issuer_serial


def _identifies(identity: tuple[str, bytes, Element | None], candidate: x509.Certificate) -> bool:
    digest, mark, issuer_serial = identity
    data = candidate.public_bytes(serialization.Encoding.DER)
    if not hmac.compare_digest(mark, hashlib.new(digest, data, usedforsecurity=False).digest()):
        return False
    if issuer_serial is None:
        return True
    fields = issuer_serial.fields()
    names = fields.take(SEQUENCE).within(SEQUENCE)
    serial = fields.take(INTEGER).integer()
    directory = [name.content for name in names if name.tag == context(4)]
    return serial == candidate.serial_number and _issuer(candidate) in directory


def _names(named: Element, candidate: x509.Certificate) -> bool:
    """Tell whether a SignerIdentifier stands for `candidate`."""
    if named.tag == context(0, constructed=False):
        try:
            key = candidate.extensions.get_extension_for_class(x509.SubjectKeyIdentifier)
        except (x509.ExtensionNotFound, ValueError):
            return False
        return key.value.digest == named.content
    fields = named.fields()
    issuer, serial = fields.take(SEQUENCE).whole, fields.take(INTEGER).integer()
    fields.done()
    return serial == candidate.serial_number and _issuer(candidate) == issuer


def _issuer(certificate: x509.Certificate) -> bytes:
    """Return the issuer's name as it stands in the certificate, which is not encoded again."""
    fields = Element.read(certificate.tbs_certificate_bytes).fields()
    fields.maybe(context(0))
    fields.take(INTEGER)
    fields.take(SEQUENCE)
    return fields.take(SEQUENCE).whole


def _verify(
    signer: x509.Certificate,
    digest: str,
    named: tuple[str, Element | None],
    signature: bytes,
    message: bytes,
) -> None:
    """Verify a signature; `ValueError` when key, scheme and digest do not fit each other."""
    key, sound = signer.public_key(), DIGESTS[digest][1]()
    scheme, parameters = named
    kind, own = _SIGNATURES.get(scheme, (scheme, digest))
    if own != digest:
        raise ValueError("two digests")
    match key:
        case rsa.RSAPublicKey() if kind in {"rsa", _RSA}:
            key.verify(signature, message, padding.PKCS1v15(), sound)
        case rsa.RSAPublicKey() if kind == _PSS:
            key.verify(signature, message, _pss(parameters, digest), sound)
        case ec.EllipticCurvePublicKey() if kind == "ecdsa":
            key.verify(signature, message, ec.ECDSA(sound))
        case ed25519.Ed25519PublicKey() if kind == _ED25519 and digest == _SHA512:  # RFC 8419
            key.verify(signature, message)
        case _:
            raise ValueError("the key does not fit the scheme")


def _pss(parameters: Element | None, digest: str) -> padding.PSS:
    """Read RSASSA-PSS-params (RFC 4055); what they leave out stands for SHA-1 and is refused."""
    fields = parameters.fields() if parameters else Fields([])
    given = [fields.maybe(context(number)) for number in (0, 1, 2)]
    fields.done()
    outer, inner, salt = (
        each.fields(context(number)).take() if each else None for number, each in enumerate(given)
    )
    if outer is None or inner is None:
        raise ValueError("SHA-1")
    mask, mask_parameters = algorithm(inner)
    length = salt.integer() if salt else 20
    if mask != _MGF1 or mask_parameters is None or not 0 <= length <= 64:
        raise ValueError("another mask")
    if {algorithm(outer)[0], mask_parameters.fields().take(OID).oid()} != {digest}:
        raise ValueError("two digests")
    return padding.PSS(padding.MGF1(DIGESTS[digest][1]()), length)
