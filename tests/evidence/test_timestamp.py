"""Stamps by openssl and by well-known authorities are read; every attack on them is found."""

import dataclasses
import hashlib
import shlex
import ssl
import subprocess
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import rfc3161_client
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, load_pem_private_key
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.evidence.authority import (
    CA_EXTENSIONS,
    SHA256,
    SHA512,
    TSA_EXTENSIONS,
    Authority,
    Holder,
    integer,
    issue,
    oid,
    openssl,
    tlv,
    tst_info,
)

from palermo.evidence.der import Element
from palermo.evidence.timestamp import NotGranted, Stamp, openssl_commands, verify_stamp
from palermo.model import Refused, Unreadable

DATA = b"palermo.custody/example\n7\nnot a real root\n"
DIGEST = hashlib.sha256(DATA).digest()
SOON = datetime.now(UTC) + timedelta(days=30)  # within the validity of what is made here
MOMENT = f"{SOON:%Y%m%d%H%M%S}Z"
SAMPLE = b"4b7b4e39f12b8c725e6e603e6d4422500316df94211070682ef10260ff5759ef"


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority.make(tmp_path_factory.mktemp("tsa"))


@pytest.fixture(scope="module")
def response(authority: Authority) -> bytes:
    return authority.stamp(DATA)


def check(stamp: bytes, authority: Authority, data: bytes = DATA) -> Stamp:
    return verify_stamp(stamp, data, roots=authority.roots, at=None)


def openssl_agrees(authority: Authority, token: bytes, moment: datetime = SOON) -> bool:
    """Tell what `openssl ts -verify` says of a token over DATA."""
    file, data = authority.folder / "check.der", authority.folder / "check.data"
    file.write_bytes(token)
    data.write_bytes(DATA)
    done = subprocess.run(
        ["openssl", "ts", "-verify", "-token_in", "-in", file, "-data", data, "-CAfile",
         authority.root.certificate, "-attime", str(int(moment.timestamp()))],
        capture_output=True, check=False, timeout=60,
    )  # fmt: skip
    return done.returncode == 0


@pytest.mark.parametrize("key", ["rsa", "ec", "p384"])
@pytest.mark.parametrize("digest", ["sha256", "sha512"])
def test_a_stamp_of_openssl_is_trusted(tmp_path: Path, key: str, digest: str) -> None:
    authority = Authority.make(tmp_path, key=key)
    before = datetime.now(UTC).replace(microsecond=0)
    stamp = check(authority.stamp(DATA, digest=digest), authority)
    assert stamp.trusted, stamp.reason
    assert before <= stamp.gen_time <= datetime.now(UTC)
    assert stamp.accuracy == timedelta(seconds=1.5)
    assert stamp.latest - stamp.gen_time == stamp.accuracy
    assert (stamp.policy, stamp.digest) == ("1.2.3.4.1", digest)
    assert [c.subject for c in stamp.chain] == [
        holder.load().subject for holder in (authority.signer, authority.middle, authority.root)
    ]
    assert stamp.renew_before == authority.root.load().not_valid_after_utc


def test_the_token_alone_says_the_same(authority: Authority, response: bytes) -> None:
    token = Element.read(response).within(0x30)[1].whole
    assert check(token, authority) == check(response, authority)


def test_other_data_is_refused(authority: Authority, response: bytes) -> None:
    with pytest.raises(Refused, match="other data"):
        check(response, authority, DATA + b"\n")


def test_a_stamp_from_the_future_is_refused(authority: Authority, response: bytes) -> None:
    made = check(response, authority).gen_time
    for late in (timedelta(), -timedelta(seconds=1.5)):
        assert verify_stamp(response, DATA, roots=authority.roots, at=made + late).trusted
    with pytest.raises(Refused, match="to come"):
        verify_stamp(response, DATA, roots=authority.roots, at=made - timedelta(seconds=2))


def test_without_the_root_it_holds_but_is_not_trusted(response: bytes, tmp_path: Path) -> None:
    stamp = verify_stamp(response, DATA, roots=(), at=None)
    assert not stamp.trusted
    assert "no certificate that is trusted issued" in stamp.reason
    stranger = Authority.make(tmp_path)  # the same names, other keys
    assert not verify_stamp(response, DATA, roots=stranger.roots, at=None).trusted


def test_the_other_verifier_agrees(authority: Authority, tmp_path: Path) -> None:
    """rfc3161-client cannot read an unsorted SET of certificates, so it gets none."""
    config = authority.folder / "tsa.cnf"
    text = config.read_text()
    config.write_text(text.replace("certs=chain.pem\n", ""))
    try:
        plain = authority.stamp(DATA)
    finally:
        config.write_text(text)
    answer = rfc3161_client.decode_timestamp_response(plain)
    verifier = (
        rfc3161_client.VerifierBuilder()
        .add_root_certificate(authority.root.load())
        .add_intermediate_certificate(authority.middle.load())
        .build()
    )
    assert verifier.verify_message(answer, DATA)
    with pytest.raises(rfc3161_client.VerificationError):
        verifier.verify_message(answer, DATA + b"x")
    ours = verify_stamp(
        plain, DATA, roots=authority.roots, at=None, certificates=[authority.middle.load()]
    )
    assert ours.trusted
    assert (ours.gen_time, ours.serial, ours.nonce) == (
        answer.tst_info.gen_time,
        answer.tst_info.serial_number,
        answer.tst_info.nonce,
    )
    assert not verify_stamp(plain, DATA, roots=authority.roots, at=None).trusted


def test_a_refusal_says_why(authority: Authority) -> None:
    file = authority.folder / "data"
    file.write_bytes(DATA)
    refusal = authority.reply(openssl("ts", "-query", "-data", file, "-sha1"))
    with pytest.raises(NotGranted, match="does not know the digest"):
        check(refusal, authority)


# -- Every byte


def covered(response: bytes, authority: Authority) -> set[int]:
    """Return the places of a response whose bytes the signatures cover."""
    places: set[int] = set()
    token = Element.read(response).within(0x30)[1]
    body = token.within(0x30)[1].within(0xA0)[0].within(0x30)
    info = body[2].within(0x30)[1].within(0xA0)[0]
    signer = body[-1].within(0x31)[0].within(0x30)
    middle = authority.middle.load()
    # Of the signer's certificate the whole is hashed, of its issuer's what is signed, and by what.
    parts = [info.content, signer[3].whole, signer[5].content]
    parts += [authority.signer.load().public_bytes(Encoding.DER)]
    parts += [middle.tbs_certificate_bytes, middle.signature]
    for part in parts:
        start = response.index(part)
        places.update(range(start, start + len(part)))
    return places


def test_every_flipped_byte_is_found_or_changes_nothing(
    authority: Authority, response: bytes
) -> None:
    """What is covered is found; elsewhere (a status text, a copy of the root) the meaning stays."""
    good = check(response, authority)
    places, missed = covered(response, authority), []
    assert len(places) > len(response) // 2
    for place in range(len(response)):
        data = bytearray(response)
        data[place] ^= 1 << place % 8
        try:
            found = check(bytes(data), authority)
        except (Refused, Unreadable):
            continue
        # A chain that breaks in the middle leaves the stamp itself whole but not trusted.
        same = dataclasses.replace(found, chain=good.chain) == good
        if found.trusted and (place in places or not same):
            missed.append(place)
    assert missed == []


@given(st.binary(max_size=300))
def test_any_bytes_give_a_plain_answer(data: bytes) -> None:
    with pytest.raises((Unreadable, Refused)):
        verify_stamp(data, DATA, roots=(), at=None)


@settings(max_examples=300, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(
        st.tuples(st.integers(0, 10_000), st.integers(0, 3), st.binary(max_size=6)),
        min_size=1,
        max_size=4,
    )
)
def test_spliced_stamps_give_a_plain_answer(
    authority: Authority, response: bytes, edits: list[tuple[int, int, bytes]]
) -> None:
    data = response
    for place, removed, added in edits:
        at = place % len(data)
        data = data[:at] + added + data[at + removed :]
    try:
        stamp = check(data, authority)
    except (Refused, Unreadable):
        return
    assert stamp.gen_time == check(response, authority).gen_time


@pytest.mark.parametrize("data", [b"\x30" * 10_000, b"\x30\x80" * 100, b"\x30\x84\xff\xff\xff\xff"])
def test_hostile_lengths_and_depths(data: bytes) -> None:
    with pytest.raises(Unreadable, match="DER"):
        verify_stamp(data, DATA, roots=(), at=None)


def test_a_huge_answer_is_not_read() -> None:
    with pytest.raises(Unreadable, match="more than any"):
        verify_stamp(tlv(0x30, bytes(2 << 20)), DATA, roots=(), at=None)


# -- What an attacker with a key of his own, or a careless authority, would sign


def test_a_crafted_token_is_a_good_one(authority: Authority) -> None:
    """The ground for the following: without a fault, both verifiers accept it."""
    token = authority.craft(tst_info(DIGEST, MOMENT))
    assert check(token, authority).trusted
    assert openssl_agrees(authority, token)


@pytest.mark.parametrize("salt", ["digest", "max", "20"])
def test_rsa_pss(tmp_path: Path, salt: str) -> None:
    authority = Authority.make(tmp_path, key="rsa")
    pss = ["-keyopt", "rsa_padding_mode:pss", "-keyopt", f"rsa_pss_saltlen:{salt}"]
    if salt == "max":  # 222 bytes: sound, but beyond what anybody uses
        with pytest.raises(Refused, match="signature does not hold"):
            check(authority.craft(tst_info(DIGEST, MOMENT), *pss), authority)
        return
    token = authority.craft(tst_info(DIGEST, MOMENT), *pss)
    assert check(token, authority).trusted
    broken = token[:-1] + bytes([token[-1] ^ 1])
    with pytest.raises(Refused, match="signature does not hold"):
        check(broken, authority)
    for other in ("sha1", "sha512"):  # a mask with another digest than the message
        mixed = [*pss, "-keyopt", f"rsa_mgf1_md:{other}"]
        with pytest.raises(Refused, match="signature does not hold"):
            check(authority.craft(tst_info(DIGEST, MOMENT), *mixed), authority)


def test_ed25519(authority: Authority) -> None:
    """OpenSSL 3.0 does not sign CMS with Ed25519, so the token is put together here (RFC 8419)."""
    signer = issue(authority.folder, "ed", authority.middle, key="ed25519")
    token = assemble(authority, signer)
    assert check(token, authority).trusted
    with pytest.raises(Refused, match="signature does not hold"):
        check(token[:-1] + bytes([token[-1] ^ 1]), authority)
    with pytest.raises(Refused, match="signature does not hold"):  # RFC 8419: SHA-512 alone
        check(assemble(authority, signer, digest="sha256"), authority)


TST_INFO = "1.2.840.113549.1.9.16.1.4"
_DIGESTS = {"sha256": SHA256, "sha512": SHA512}


def assemble(
    authority: Authority,
    signer: Holder,
    *,
    digest: str = "sha512",
    scheme: str = "1.3.101.112",
    kind: str = TST_INFO,
    twice: bool = False,
    mark: bytes | None = None,
    serial: int | None = None,
    named: bytes | None = None,
) -> bytes:
    """Put a correctly signed token together, of which one part may be another than it should."""
    key = load_pem_private_key(signer.key.read_bytes(), password=None)
    certificate, info = signer.load(), tst_info(DIGEST, MOMENT)
    der = certificate.public_bytes(Encoding.DER)
    algorithm = tlv(0x30, oid(_DIGESTS[digest]))
    issuer = tlv(0x30, tlv(0xA4, certificate.issuer.public_bytes()))
    number = integer(certificate.serial_number if serial is None else serial)
    identity = tlv(
        0x30,
        algorithm,
        tlv(0x04, mark or hashlib.new(digest, der).digest()),
        tlv(0x30, issuer, number),
    )
    attributes = [
        ("1.2.840.113549.1.9.3", oid(kind)),
        ("1.2.840.113549.1.9.4", tlv(0x04, hashlib.new(digest, info).digest())),
        ("1.2.840.113549.1.9.16.2.47", tlv(0x30, tlv(0x30, identity))),
    ]
    attributes += attributes[1:2] * twice
    signed = b"".join(tlv(0x30, oid(name), tlv(0x31, value)) for name, value in attributes)
    message = tlv(0x31, signed)
    if isinstance(key, Ed25519PrivateKey):
        signature = key.sign(message)
    else:
        assert isinstance(key, ec.EllipticCurvePrivateKey)
        hashing = hashes.SHA256() if digest == "sha256" else hashes.SHA512()
        signature = key.sign(message, ec.ECDSA(hashing))
    own = certificate.extensions.get_extension_for_class(x509.SubjectKeyIdentifier).value.digest
    info_by = tlv(
        0x30, integer(3), named or tlv(0x80, own), algorithm, tlv(0xA0, signed),
        tlv(0x30, oid(scheme)), tlv(0x04, signature),
    )  # fmt: skip
    content = tlv(0x30, oid(TST_INFO), tlv(0xA0, tlv(0x04, info)))
    known = tlv(0xA0, der, authority.middle.load().public_bytes(Encoding.DER))
    body = tlv(0x30, integer(3), tlv(0x31, algorithm), content, known, tlv(0x31, info_by))
    return tlv(0x30, oid("1.2.840.113549.1.7.2"), tlv(0xA0, body))


ECDSA = {"sha256": "1.2.840.10045.4.3.2", "sha512": "1.2.840.10045.4.3.4"}


@pytest.mark.parametrize("digest", ["sha256", "sha512"])
def test_an_assembled_token_is_a_good_one(authority: Authority, digest: str) -> None:
    """The ground for the following: without a fault, both verifiers accept it."""
    certificate = authority.signer.load()
    # OpenSSL's PKCS #7 knows a signer by issuer and number alone, CMS by the key as well.
    number = integer(certificate.serial_number)
    for named in (tlv(0x30, certificate.issuer.public_bytes(), number), None):
        token = assemble(
            authority, authority.signer, digest=digest, scheme=ECDSA[digest], named=named
        )
        assert check(token, authority).trusted
        assert openssl_agrees(authority, token) == (named is not None)


@pytest.mark.parametrize(
    ("fault", "why"),
    [
        ({"kind": "1.2.840.113549.1.7.1"}, "speak of another type"),
        ({"twice": True}, "is there twice"),
        ({"mark": bytes(64)}, "not there or cannot be read"),
        ({"serial": 5}, "not there or cannot be read"),
        ({"named": tlv(0x80, bytes(20))}, "two different certificates"),
        ({"named": tlv(0x30, tlv(0x30), integer(5))}, "two different certificates"),
        ({"scheme": ECDSA["sha256"]}, "signature does not hold"),
        ({"scheme": "1.2.840.113549.1.1.13"}, "signature does not hold"),
        ({"scheme": "1.3.101.112"}, "signature does not hold"),
        ({"scheme": "1.2.3"}, "signature does not hold"),
    ],
)
def test_parts_that_do_not_belong_together(
    authority: Authority, fault: dict[str, Any], why: str
) -> None:
    with pytest.raises(Refused, match=why):
        check(
            assemble(authority, authority.signer, **{"scheme": ECDSA["sha512"]} | fault), authority
        )


@pytest.mark.parametrize(
    ("info", "why"),
    [
        (tst_info(DIGEST, MOMENT, version=2), "version"),
        (tst_info(bytes(20), MOMENT, kind="1.3.14.3.2.26"), "weak"),
        (tst_info(DIGEST, "20990101000000"), "time in another form"),
        (tst_info(DIGEST, "20991301000000Z"), "time in another form"),
        (tst_info(DIGEST, "20990101000000.10Z"), "time in another form"),
        (tst_info(DIGEST, MOMENT, more=tlv(0x30, integer(0x3B9ACA00))), "accuracy"),
        (tst_info(DIGEST, MOMENT, more=tlv(0x30, integer(1000, 0x80))), "accuracy"),
        (tst_info(DIGEST, MOMENT, more=integer(1) + integer(2)), "unexpected field"),
        (tst_info(DIGEST, MOMENT, more=tlv(0x01, b"\x01")), "truth value"),
        (tst_info(DIGEST, MOMENT) + b"\x05\x00", "follow where nothing should"),
        (
            tst_info(
                DIGEST,
                MOMENT,
                more=tlv(0xA1, tlv(0x30, oid("1.2.3"), tlv(1, b"\xff"), tlv(4))),
            ),
            "critical extension 1.2.3",
        ),
    ],
    ids=lambda value: value if isinstance(value, str) else "",  # the moment is no name of a test
)
def test_a_content_that_is_no_sound_stamp(authority: Authority, info: bytes, why: str) -> None:
    with pytest.raises((Refused, Unreadable), match=why):
        check(authority.craft(info), authority)


def test_fractions_of_a_second(authority: Authority) -> None:
    info = tst_info(DIGEST, MOMENT.replace("Z", ".1234567Z"))
    assert check(authority.craft(info), authority).gen_time.microsecond == 123_456


def test_another_kind_of_content(authority: Authority) -> None:
    token = authority.craft(tst_info(DIGEST, MOMENT), kind="1.2.840.113549.1.7.1")
    with pytest.raises(Refused, match="content is of type"):
        check(token, authority)


def test_a_signature_that_names_no_certificate(authority: Authority) -> None:
    token = openssl(
        "cms", "-sign", "-binary", "-nodetach", "-outform", "DER",
        "-econtent_type", "1.2.840.113549.1.9.16.1.4", "-signer", authority.signer.certificate,
        "-inkey", authority.signer.key, given=tst_info(DIGEST, MOMENT),
    )  # fmt: skip
    with pytest.raises(Refused, match="do not name the signer"):
        check(token, authority)
    assert not openssl_agrees(authority, token)


def test_two_signers(authority: Authority) -> None:
    other = issue(authority.folder, "second", authority.middle)
    token = authority.craft(
        tst_info(DIGEST, MOMENT), "-signer", other.certificate, "-inkey", other.key
    )
    with pytest.raises(Refused, match="one signer was expected"):
        check(token, authority)


def test_a_weak_digest_or_key(authority: Authority) -> None:
    with pytest.raises(Refused, match="weak"):
        check(authority.craft(tst_info(DIGEST, MOMENT), "-md", "sha1"), authority)
    weak = issue(authority.folder, "weak", authority.middle, key="weak")
    with pytest.raises(Refused, match="too weak"):
        check(authority.craft(tst_info(DIGEST, MOMENT), signer=weak), authority)


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"extendedKeyUsage": ""}, "no certificate for time stamping"),
        ({"extendedKeyUsage": "timeStamping"}, "critically limited"),
        ({"extendedKeyUsage": "critical,timeStamping,codeSigning"}, "critically limited"),
        ({"extendedKeyUsage": "critical,serverAuth"}, "critically limited"),
        ({"keyUsage": "critical,digitalSignature,keyEncipherment"}, "other uses"),
        ({"keyUsage": "critical,keyCertSign"}, "other uses"),
    ],
)
def test_a_certificate_that_is_not_for_stamping_alone(
    authority: Authority, tmp_path: Path, change: dict[str, str], why: str
) -> None:
    signer = issue(tmp_path, "odd", authority.middle, extensions=TSA_EXTENSIONS | change)
    token = authority.craft(tst_info(DIGEST, MOMENT), signer=signer)
    with pytest.raises(Refused, match=why):
        check(token, authority)
    assert not openssl_agrees(authority, token)


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"basicConstraints": "CA:FALSE"}, "may not issue others"),
        ({"basicConstraints": ""}, "may not issue others"),
        ({"keyUsage": "critical,digitalSignature"}, "may not sign certificates"),
        ({"extendedKeyUsage": "serverAuth"}, "may not issue certificates for time stamping"),
        ({"nameConstraints": "critical,permitted;DNS:example.org"}, "not understood"),
    ],
)
def test_an_authority_that_may_not_issue(
    authority: Authority, tmp_path: Path, change: dict[str, str], why: str
) -> None:
    middle = issue(tmp_path, "bad", authority.root, extensions=CA_EXTENSIONS | change)
    signer = issue(tmp_path, "leaf", middle)
    token = authority.craft(
        tst_info(DIGEST, MOMENT), "-certfile", middle.certificate, signer=signer
    )
    stamp = check(token, authority)
    assert not stamp.trusted
    assert why in stamp.reason
    # OpenSSL applies name constraints (what we do not understand ends our chain), and does not
    # look at what an issuer's certificates are limited to.
    lenient = change.keys() & {"nameConstraints", "extendedKeyUsage"}
    assert openssl_agrees(authority, token) == bool(lenient)


def test_a_path_that_is_too_long(authority: Authority, tmp_path: Path) -> None:
    short = issue(
        tmp_path, "short", authority.root,
        extensions=CA_EXTENSIONS | {"basicConstraints": "critical,CA:TRUE,pathlen:0"},
    )  # fmt: skip
    under = issue(tmp_path, "under", short, extensions=CA_EXTENSIONS)
    signer = issue(tmp_path, "leaf", under)
    both = tmp_path / "both.pem"
    both.write_bytes(short.certificate.read_bytes() + under.certificate.read_bytes())
    token = authority.craft(tst_info(DIGEST, MOMENT), "-certfile", both, signer=signer)
    stamp = check(token, authority)
    assert not stamp.trusted
    assert "1 further" in stamp.reason
    assert not openssl_agrees(authority, token)
    direct = issue(tmp_path, "direct", short)
    token = authority.craft(tst_info(DIGEST, MOMENT), "-certfile", both, signer=direct)
    assert check(token, authority).trusted


@pytest.mark.parametrize("days", [-3, 36_000])
def test_a_certificate_outside_its_time(authority: Authority, days: int) -> None:
    moment = datetime.now(UTC) + timedelta(days=days)
    token = authority.craft(tst_info(DIGEST, f"{moment:%Y%m%d%H%M%S}Z"))
    stamp = check(token, authority)
    assert not stamp.trusted
    assert "was not valid on" in stamp.reason
    assert not openssl_agrees(authority, token, moment)


def test_a_certificate_signed_over_a_weak_hash(authority: Authority, tmp_path: Path) -> None:
    signer = issue(tmp_path, "sha1", authority.middle, digest="sha1")
    stamp = check(authority.craft(tst_info(DIGEST, MOMENT), signer=signer), authority)
    assert not stamp.trusted
    assert "weak hash" in stamp.reason


def test_a_crowd_of_certificates_costs_little(authority: Authority, tmp_path: Path) -> None:
    """A hundred false issuers of the same name: the search ends and says so."""
    crowd, middle = tmp_path / "crowd.pem", authority.middle.load()
    key = ec.generate_private_key(ec.SECP256R1())
    false = (
        x509.CertificateBuilder(middle.issuer, middle.subject, key.public_key(), number)
        .not_valid_before(middle.not_valid_before_utc)
        .not_valid_after(middle.not_valid_after_utc)
        .sign(key, hashes.SHA256())
        for number in range(1, 101)
    )
    crowd.write_bytes(b"".join(each.public_bytes(Encoding.PEM) for each in false))
    token = authority.craft(tst_info(DIGEST, MOMENT), "-certfile", crowd)
    stamp = verify_stamp(token, DATA, roots=(), at=None)
    assert "more certificates came" in stamp.reason


@pytest.mark.parametrize(
    ("reason", "revoked_in_days", "trusted"),
    [
        ("superseded", 40, True),
        ("superseded", 20, False),
        ("keyCompromise", 40, False),
        ("", 40, False),
    ],
)
def test_revocation(
    authority: Authority, tmp_path: Path, reason: str, revoked_in_days: int, *, trusted: bool
) -> None:
    """RFC 3161, section 4: whether older stamps stay valid depends on the reason."""
    crl = revocation_list(authority, tmp_path, reason, SOON + timedelta(days=revoked_in_days - 30))
    token = authority.craft(tst_info(DIGEST, MOMENT))
    stamp = verify_stamp(token, DATA, roots=authority.roots, at=None, crls=[crl])
    assert stamp.trusted == trusted
    assert trusted or "was revoked on" in stamp.reason
    forged = revocation_list(Authority.make(tmp_path), tmp_path, reason, SOON)
    assert verify_stamp(token, DATA, roots=authority.roots, at=None, crls=[forged]).trusted


def revocation_list(
    authority: Authority, folder: Path, reason: str, when: datetime
) -> x509.CertificateRevocationList:
    serial = f"{authority.signer.load().serial_number:X}"
    serial = serial.zfill(len(serial) + len(serial) % 2)
    state = f"{when:%y%m%d%H%M%S}Z" + (f",{reason}" if reason else "")
    (folder / "index").write_text(f"R\t360101000000Z\t{state}\t{serial}\tunknown\t/CN=tsa\n")
    (folder / "ca.cnf").write_text(
        f"[ca]\ndefault_ca=a\n[a]\ndatabase={folder}/index\ndefault_md=sha256\n"
        "default_crl_days=30\n"
    )
    pem = openssl(
        "ca", "-gencrl", "-config", folder / "ca.cnf", "-cert", authority.middle.certificate,
        "-keyfile", authority.middle.key,
    )  # fmt: skip
    return x509.load_pem_x509_crl(pem)


# -- The same check by hand


def test_the_printed_commands_work(authority: Authority, response: bytes, tmp_path: Path) -> None:
    stamp, data, roots = "a stamp.tsr", "check point.txt", "roots.pem"
    (tmp_path / stamp).write_bytes(response)
    (tmp_path / data).write_bytes(DATA)
    (tmp_path / roots).write_bytes(authority.root.certificate.read_bytes())
    checked = check(response, authority)
    commands = openssl_commands(stamp, data, roots, checked=checked)
    shown, digest, verified = run_all(commands, tmp_path)
    assert f"{checked.gen_time:%b} {checked.gen_time.day}".encode() in shown.replace(b"  ", b" ")
    assert hashlib.sha256(DATA).hexdigest().encode() in digest
    assert b"Verification: OK" in verified
    (tmp_path / stamp).write_bytes(token_of(response))
    run_all(openssl_commands(stamp, data, roots, checked=checked, token=True), tmp_path)
    (tmp_path / stamp).write_bytes(response)
    (tmp_path / data).write_bytes(DATA + b"x")
    with pytest.raises(subprocess.CalledProcessError):
        run_all(commands[-1:], tmp_path)


def run_all(commands: list[str], folder: Path) -> list[bytes]:
    return [
        subprocess.run(
            shlex.split(command), cwd=folder, check=True, capture_output=True, timeout=60
        ).stdout
        for command in commands
    ]


# -- Stamps of authorities in the world


@pytest.mark.parametrize(
    ("name", "data", "tsa", "anchor"),
    [
        ("valid_timestamp", SAMPLE, "TrustID Timestamp Authority", "TrustID Timestamping CA 3"),
        ("rfc3161-client-issue-104", b"hello", "TrustID Timestamp", "TrustID Timestamping CA 3"),
        ("digicert", SAMPLE, "DigiCert Timestamp 2024", "DigiCert Trusted Root G4"),
    ],
)
def test_real_stamps(
    shared_data: Path, tmp_path: Path, name: str, data: bytes, tsa: str, anchor: str
) -> None:
    """The roots are not in the stamps, so the highest certificate that came along is trusted."""
    response = (shared_data / f"evidence/rfc3161/{name}.tsr").read_bytes()
    found = openssl("pkcs7", "-inform", "DER", "-print_certs", given=token_of(response))
    roots = [c for c in x509.load_pem_x509_certificates(found) if anchor in str(c.subject)]
    assert len(roots) == 1
    stamp = verify_stamp(response, data, roots=roots, at=None)
    assert stamp.trusted, stamp.reason
    assert tsa in stamp.tsa
    assert stamp.digest == "sha512"
    with pytest.raises(Refused, match="other data"):
        verify_stamp(response, data + b".", roots=roots, at=None)
    assert not verify_stamp(response, data, roots=(), at=None).trusted
    files = [tmp_path / name for name in ("stamp", "data", "roots")]
    for file, content in zip(
        files, (response, data, roots[0].public_bytes(Encoding.PEM)), strict=True
    ):
        file.write_bytes(content)
    *_, command = openssl_commands(*map(str, files), checked=stamp)
    assert b"Verification: OK" in openssl(*shlex.split(command)[1:], "-partial_chain")


@pytest.mark.parametrize(
    ("name", "data"), [("valid_timestamp", SAMPLE), ("rfc3161-client-issue-104", b"hello")]
)
def test_the_other_verifier_agrees_on_real_stamps(
    shared_data: Path, name: str, data: bytes
) -> None:
    """It accepts only roots that sign themselves, so this one is taken from the system."""
    known = ssl.create_default_context().get_ca_certs(binary_form=True)
    roots = [
        x509.load_der_x509_certificate(der)
        for der in known
        if b"IdenTrust Commercial Root CA 1" in der
    ]
    if not roots:
        pytest.skip("the system does not know the root of this authority (Debian: ca-certificates)")
    response = (shared_data / f"evidence/rfc3161/{name}.tsr").read_bytes()
    answer = rfc3161_client.decode_timestamp_response(response)
    verifier = rfc3161_client.VerifierBuilder().add_root_certificate(roots[0]).build()
    assert verifier.verify_message(answer, data)
    stamp = verify_stamp(response, data, roots=roots, at=None)
    assert stamp.trusted
    assert (stamp.gen_time, stamp.serial) == (
        answer.tst_info.gen_time,
        answer.tst_info.serial_number,
    )


def test_the_other_verifier_cannot_read_unsorted_certificates(shared_data: Path) -> None:
    """Why ours must: a large authority sends them so."""
    response = (shared_data / "evidence/rfc3161/digicert.tsr").read_bytes()
    with pytest.raises(ValueError, match="InvalidSetOrdering"):
        rfc3161_client.decode_timestamp_response(response)


def test_a_real_stamp_without_its_chain(shared_data: Path) -> None:
    response = (shared_data / "evidence/rfc3161/self_signed.tsr").read_bytes()
    stamp = verify_stamp(response, SAMPLE, roots=(), at=None)
    assert stamp.accuracy == timedelta(milliseconds=500)
    assert not stamp.trusted
    (own,) = stamp.chain
    assert verify_stamp(response, SAMPLE, roots=[own], at=None).trusted  # named by hand


def token_of(response: bytes) -> bytes:
    return Element.read(response).within(0x30)[1].whole
