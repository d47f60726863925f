"""Time stamps (RFC 3161, RFC 5816): that some bytes existed at a time, by somebody else's clock.

Guarantees that a stamp which is accepted speaks of exactly the given bytes, that its signature and
all that is signed holds together, and that `trusted` means a chain of certificates, valid when the
stamp was made, up to one that the caller gave. Needs no network, no clock and, besides
`cryptography`, nothing but this room's own reader, so that it can stand in a verifier of one file.
"""

import hmac
import shlex
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from cryptography import x509

from palermo.evidence.cms import DIGESTS, algorithm, digest_of, open_signed
from palermo.evidence.der import (
    BIT_STRING,
    BOOLEAN,
    GENERALIZED_TIME,
    INTEGER,
    OCTET_STRING,
    OID,
    SEQUENCE,
    UTF8_STRING,
    Element,
    context,
)
from palermo.evidence.trust import check_authority, find_chain, name_of, revoked
from palermo.model.errors import Refused, Unreadable

_TST_INFO = "1.2.840.113549.1.9.16.1.4"
_GRANTED = {0, 1}  # granted, granted with modifications: RFC 3161, section 2.4.2

#: PKIFailureInfo of RFC 3161, by bit.
_FAILURES = {
    0: "it does not know the digest",
    2: "it does not carry out such requests",
    5: "it could not read the request",
    14: "its clock is not available",
    15: "it does not follow the policy asked for",
    16: "it does not know the extension asked for",
    17: "further information was asked for that it does not have",
    25: "it has a fault",
}


class NotGranted(Refused):
    """The authority answered that it gives no stamp, and why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Stamp:
    """A stamp whose signature holds.

    `gen_time` is the authority's time; `accuracy` how far off it may be, None when it does not say.
    `digest` names the hash that stands for the data. `chain` leads from the authority's certificate
    to a trusted one when `trusted`; else it is as far as it was followed and `reason` says why.
    """

    gen_time: datetime
    accuracy: timedelta | None
    policy: str
    serial: int
    nonce: int | None
    digest: str
    tsa: str
    chain: tuple[x509.Certificate, ...]
    trusted: bool
    reason: str = ""

    @property
    def latest(self) -> datetime:
        """The time by which the data existed, with the stated accuracy taken against the stamp."""
        return self.gen_time + (self.accuracy or timedelta())

    @property
    def renew_before(self) -> datetime:
        """When the first certificate of the chain expires: stamp the stamp again before."""
        return min(certificate.not_valid_after_utc for certificate in self.chain)


def verify_stamp(
    response_or_token: bytes,
    data: bytes,
    *,
    roots: Sequence[x509.Certificate],
    at: datetime | None,
    certificates: Sequence[x509.Certificate] = (),
    crls: Sequence[x509.CertificateRevocationList] = (),
) -> Stamp:
    """Check a time stamp of `data`.

    `response_or_token` is the DER of a TimeStampResp (`.tsr`) or of its token alone. `roots` are
    the certificates the caller trusts, `certificates` further ones that a chain may use, `crls`
    revocation lists. `at` is the caller's time, by which the stamp must have been made; None when
    no clock is to be relied on. Certificates are judged at the time of the stamp.

    Raises:
        Unreadable: it is no time stamp in DER.
        Refused: it was not granted (`NotGranted`), is of other data, was tampered with, is from the
            future, or its signer is no stamping authority.
    """
    token = _token(Element.read(response_or_token))
    signed = open_signed(token, _TST_INFO, [*certificates, *roots])
    stated = _read_info(Element.read(signed.content))
    if not hmac.compare_digest(stated.imprint, digest_of(stated.digest, data)):
        raise Refused("time stamp: it is of other data than these")
    check_authority(signed.signer)
    if at is not None and stated.gen_time - (stated.accuracy or timedelta()) > at:
        raise Refused(f"time stamp: its time, {stated.gen_time:%Y-%m-%d %H:%M:%S} UTC, is to come")
    trust = find_chain(signed.signer, signed.others, roots, at=stated.gen_time)
    reason = trust.reason or revoked(trust.chain, crls, at=stated.gen_time)
    return Stamp(
        gen_time=stated.gen_time,
        accuracy=stated.accuracy,
        policy=stated.policy,
        serial=stated.serial,
        nonce=stated.nonce,
        digest=DIGESTS[stated.digest][0],
        tsa=name_of(signed.signer),
        chain=trust.chain,
        trusted=not reason,
        reason=reason,
    )


def _token(element: Element) -> Element:
    """Return the token of a response that was granted, or the token itself."""
    fields = element.fields()
    first = fields.take()
    if first.tag == OID:
        return element
    _granted(first)
    token = fields.take(SEQUENCE)
    fields.done()
    return token


def _granted(info: Element) -> None:
    fields = info.fields()
    status = fields.take(INTEGER).integer()
    said = fields.maybe(SEQUENCE)
    failure = fields.maybe(BIT_STRING)
    fields.done()
    texts = [text.expect(UTF8_STRING).content for text in (said.within(SEQUENCE) if said else [])]
    if status in _GRANTED:
        return
    why = [_FAILURES.get(bit, f"reason {bit}") for bit in _bits(failure)]
    why += [text.decode("utf-8", "replace") for text in texts]
    raise NotGranted(
        f"time stamp: the authority did not give one: {'; '.join(why) or f'status {status}'}"
    )


def _bits(failure: Element | None) -> list[int]:
    data = failure.content[1:] if failure else b""
    return [bit for bit in range(8 * len(data)) if data[bit // 8] & 0x80 >> bit % 8]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Info:
    """The fields of a TSTInfo that matter here."""

    policy: str
    digest: str
    imprint: bytes
    serial: int
    gen_time: datetime
    accuracy: timedelta | None
    nonce: int | None


def _read_info(element: Element) -> _Info:
    """Read a TSTInfo (RFC 3161, section 2.4.2)."""
    fields = element.fields()
    if fields.take(INTEGER).integer() != 1:
        raise Unreadable("time stamp: it is of a version that is not known")
    policy = fields.take(OID).oid()
    imprint = fields.take(SEQUENCE).fields()
    digest, _ = algorithm(imprint.take(SEQUENCE))
    value = imprint.take(OCTET_STRING).octets()
    imprint.done()
    serial = fields.take(INTEGER).integer()
    gen_time = fields.take(GENERALIZED_TIME).time()
    accuracy = fields.maybe(SEQUENCE)
    ordering = fields.maybe(BOOLEAN)
    if ordering is not None:
        ordering.boolean()
    nonce = fields.maybe(INTEGER)
    fields.maybe(context(0))  # tsa: a hint; the certificate says who it is
    extensions = fields.maybe(context(1))
    fields.done()
    for extension in extensions.within(context(1)) if extensions else []:
        _refuse_critical(extension)
    return _Info(
        policy=policy,
        digest=digest,
        imprint=value,
        serial=serial,
        gen_time=gen_time,
        accuracy=_accuracy(accuracy) if accuracy else None,
        nonce=nonce.integer() if nonce else None,
    )


def _refuse_critical(extension: Element) -> None:
    fields = extension.fields()
    kind = fields.take(OID).oid()
    critical = fields.maybe(BOOLEAN)
    if critical is not None and critical.boolean():
        raise Refused(f"time stamp: it has the critical extension {kind}, which is not understood")


def _accuracy(element: Element) -> timedelta:
    fields = element.fields()
    seconds = fields.maybe(INTEGER)
    millis, micros = (fields.maybe(context(n, constructed=False)) for n in (0, 1))
    fields.done()
    parts = [
        part.integer(part.tag) if part is not None else 0 for part in (seconds, millis, micros)
    ]
    if not (0 <= parts[0] <= 86_400 and all(0 <= part <= 999 for part in parts[1:])):
        raise Unreadable("time stamp: an accuracy that makes no sense")
    return timedelta(seconds=parts[0], milliseconds=parts[1], microseconds=parts[2])


def openssl_commands(
    stamp: str, data: str, roots: str, *, checked: Stamp, token: bool = False
) -> list[str]:
    """Return the commands by which a person repeats the check with OpenSSL (3.0 or later).

    `stamp`, `data` and `roots` (certificates in PEM) are file names as the person will type them;
    `token` says that `stamp` is a token without the response around it. The first command shows
    what the stamp says, the second the data's own digest, the third checks one against the other,
    as of the time of the stamp because certificates expire.
    """
    answer, sealed, trusted = (shlex.quote(name) for name in (stamp, data, roots))
    form = " -token_in" if token else ""
    moment = int(checked.gen_time.timestamp())
    return [
        f"openssl ts -reply -in {answer}{form} -text" + (" -token_out" if token else ""),
        f"openssl dgst -{checked.digest.replace('_', '-')} {sealed}",
        f"openssl ts -verify -in {answer}{form} -data {sealed} -CAfile {trusted} -attime {moment}",
    ]
