"""A web archive package says what of it holds, and is read all the same."""

import base64
import contextlib
import hashlib
import io
import json
import zipfile
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from cryptography.x509.oid import NameOID
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.formats.conftest import Outcome, Read, read_path
from tests.formats.material.web import packed, response, wacz

from palermo.formats.material.wacz_signature import checked
from palermo.model import Unreadable

PAGES = (
    b'{"format": "json-pages-1.0", "id": "pages", "title": "All Pages"}\n'
    b'{"id": "p1", "url": "https://ads.example/1", "ts": "2024-05-06T10:11:12.500Z",'
    b' "title": "Ad", "text": "as listed"}\n'
    b'{"id": "p2", "url": "https://ads.example/gone", "ts": "2024-05-06T10:12:00Z",'
    b' "title": "Gone"}\n'
)
FILES = {
    "archive/data.warc.gz": packed(response(b"<title>Ad</title><p>Call 333")),
    "pages/pages.jsonl": PAGES,
    "indexes/index.cdx": b"index",
}


def package(outcome: Outcome) -> dict[str, Any]:
    (found,) = [item for item in outcome.items if item["within"] == "datapackage.json"]
    return dict(json.loads(found["extra"]))


def details(outcome: Outcome) -> str:
    return "\n".join(f"{note['reason']}: {note['detail']}" for note in outcome.notes)


def altered(path: Path, name: str, data: bytes | None) -> Path:
    """The package with one file changed, added or (None) taken out; manifest as it was."""
    with zipfile.ZipFile(path) as old:
        files = {one: old.read(one) for one in old.namelist()}
    files.pop(name, None)
    if data is not None:
        files[name] = data
    with zipfile.ZipFile(path, "w") as new:
        for one, content in files.items():
            new.writestr(one, content)
    return path


def test_a_package(tmp_path: Path) -> None:
    outcome = read_path(wacz(tmp_path / "a.wacz", FILES))
    assert not outcome.notes
    page = outcome.items[0]
    assert page["text"] == "Ad\n\nCall 333"
    assert page["within"] == "archive/data.warc.gz!offset 0"
    said = json.loads(page["extra"])
    assert (said["listed in"], said["page text"]) == ("pages/pages.jsonl!line 2", "as listed")
    listed = next(item for item in outcome.items if item["within"] == "pages/pages.jsonl!line 3")
    assert (listed["kind"], listed["text"], listed["id"]) == ("page", "Gone", "p2")
    about = package(outcome)
    assert (about["files listed"], about["files that hold their hash"]) == (3, 3)
    assert (about["manifest digest"], about["signature"]) == ("holds", "none")


@pytest.mark.parametrize("name", ["valid_example_1.wacz", "valid_example_2.wacz"])
def test_real_packages(shared_data: Path, name: str) -> None:
    outcome = read_path(shared_data / "evidence/py-wacz/tests/fixtures" / name)
    assert not outcome.notes
    assert outcome.texts[0].startswith("Example Domain\n\nExample Domain\nThis domain")
    assert package(outcome)["files that hold their hash"] == 4


def test_a_real_package_that_is_no_archive(shared_data: Path) -> None:
    said = details(
        read_path(shared_data / "evidence/py-wacz/tests/fixtures/invalid_example_1.wacz")
    )
    assert "data/indexes/index.cdx.gz: the manifest lists it; it is not there" in said
    assert "data/archive/test.txt: it is in the package but not in its manifest" in said
    assert "the package holds no WARC file" in said


@pytest.mark.parametrize(
    ("name", "authority"),
    [
        ("valid_signed_example_1.wacz", "CN=ISRG Root X1"),
        # Signed with a certificate of a test authority: consistent, but nobody trusts it.
        ("invalid_signed_example_1.wacz", "(STAGING) Let's Encrypt"),
    ],
)
def test_real_signed_packages(shared_data: Path, name: str, authority: str) -> None:
    path = shared_data / "evidence/py-wacz/tests/fixtures" / name
    about = package(read_path(path))
    assert about["signature"] == "consistent, authority not checked"
    assert about["signed by"] == "btrix-sign-test.webrecorder.net"
    assert authority in about["signature remarks"]
    assert about["signature time stamp"] == "present, not checked"


def test_a_changed_file_is_said_and_read(tmp_path: Path) -> None:
    forged = packed(response(b"<p>forged"))
    path = altered(wacz(tmp_path / "a.wacz", FILES), "archive/data.warc.gz", forged)
    outcome = read_path(path)
    assert "forged" in outcome.texts
    detail = outcome.only("does_not_hold")["detail"]
    assert hashlib.sha256(FILES["archive/data.warc.gz"]).hexdigest() in detail
    assert hashlib.sha256(forged).hexdigest() in detail


def test_files_that_are_missing_or_not_listed(tmp_path: Path) -> None:
    path = altered(wacz(tmp_path / "a.wacz", FILES), "indexes/index.cdx", None)
    outcome = read_path(altered(path, "archive/more.warc", response(b"<p>added")))
    assert "added" in outcome.texts
    assert "archive/more.warc: it is in the package but not in its manifest" in details(outcome)
    assert "indexes/index.cdx: the manifest lists it; it is not there" in details(outcome)


def test_a_changed_manifest_is_said(tmp_path: Path) -> None:
    outcome = read_path(altered(wacz(tmp_path / "a.wacz", FILES), "datapackage.json", b"{}"))
    assert "datapackage-digest.json: the manifest should be sha256:" in details(outcome)
    assert "Ad\n\nCall 333" in outcome.texts


@pytest.mark.parametrize("manifest", [b"{", b"[]", b'{"resources": [1, {"path": "x"}]}', None])
def test_a_package_with_a_bad_manifest_is_read(tmp_path: Path, manifest: bytes | None) -> None:
    outcome = read_path(altered(wacz(tmp_path / "a.wacz", FILES), "datapackage.json", manifest))
    assert "Ad\n\nCall 333" in outcome.texts
    assert outcome.notes


@pytest.mark.parametrize("name", ["../x.warc", "/etc/x.warc", "archive/../../x.warc", "C:\\x.warc"])
def test_names_that_lead_out_are_refused(tmp_path: Path, name: str) -> None:
    outcome = read_path(altered(wacz(tmp_path / "a.wacz", FILES), name, response(b"<p>out")))
    assert "out" not in outcome.texts
    assert "leads out of the package" in details(outcome)
    assert "Ad\n\nCall 333" in outcome.texts


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_a_name_that_occurs_twice_is_said(tmp_path: Path) -> None:
    path = wacz(tmp_path / "a.wacz", FILES)
    with zipfile.ZipFile(path, "a") as package_file:
        package_file.writestr("archive/data.warc.gz", packed(response(b"<p>second")))
    outcome = read_path(path)
    assert "second" in outcome.texts
    assert "its name occurs twice in the package" in details(outcome)


def test_a_zip_bomb_is_stopped(tmp_path: Path) -> None:
    path = tmp_path / "a.wacz"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as bomb:
        bomb.writestr("archive/a.warc", response(b"<p>first"))
        bomb.writestr("archive/b.warc", bytes(140_000_000))
    outcome = read_path(path)
    assert "first" in outcome.texts
    assert "the package unpacks to more than" in details(outcome)


def test_damage_in_one_archive_keeps_the_others(tmp_path: Path) -> None:
    files = FILES | {"archive/other.warc": response(b"<p>other")}
    path = wacz(tmp_path / "a.wacz", files)
    data = bytearray(path.read_bytes())
    place = data.find(FILES["archive/data.warc.gz"][30:60])
    data[place : place + 30] = bytes(30)
    path.write_bytes(data)
    outcome = read_path(path)
    assert "other" in outcome.texts
    assert "archive/data.warc.gz: it is damaged" in details(outcome)


class Unseekable(io.BytesIO):
    """As a package is written that is sent while it is made: sizes follow their files."""

    def seekable(self) -> bool:
        return False

    def tell(self) -> int:
        raise OSError


@pytest.mark.parametrize("sent", [False, True])
@pytest.mark.parametrize("method", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED])
def test_a_package_that_breaks_off_is_read_up_to_there(
    read: Read, method: int, *, sent: bool
) -> None:
    out = Unseekable() if sent else io.BytesIO()
    with zipfile.ZipFile(out, "w", method) as package_file:
        for name, data in FILES.items():
            package_file.writestr(name, data)
        package_file.writestr("archive/second.warc", response(b"<p>second") * 3)
    data = out.getvalue()
    outcome = read(data[: data.rfind(b"PK\x01\x02", 0, data.find(b"PK\x01\x02") + 4)], "a.wacz")
    assert outcome.texts[0] == "Ad\n\nCall 333"
    assert outcome.texts.count("second") == 3
    assert json.loads(outcome.items[0]["extra"])["listed in"] == "pages/pages.jsonl!line 2"
    assert "compared with nothing" in outcome.only("damaged_file")["detail"]
    half = read(data[:700], "a.wacz")
    assert half.texts[0] == "Ad\n\nCall 333"


@pytest.mark.parametrize("data", [b"", b"PK\x03\x04", b"no package", b"PK\x05\x06" + bytes(18)])
def test_what_is_no_package_is_refused(read: Read, data: bytes) -> None:
    with pytest.raises(Unreadable, match=r"a\.wacz"):
        read(data, "a.wacz")


def signed(tmp_path: Path, made: Any) -> dict[str, Any]:
    """A package whose manifest hash `made` signs."""
    with zipfile.ZipFile(wacz(tmp_path / "a.wacz", FILES)) as opened:
        stated = f"sha256:{hashlib.sha256(opened.read('datapackage.json')).hexdigest()}"
    return package(read_path(wacz(tmp_path / "b.wacz", FILES, signedData=made(stated))))


def anonymous(stated: str, *, over: str | None = None, raw: bool = False) -> dict[str, str]:
    key = ec.generate_private_key(ec.SECP384R1())
    signature = key.sign((over or stated).encode(), ec.ECDSA(hashes.SHA256()))
    if raw:
        signature = b"".join(n.to_bytes(48, "big") for n in decode_dss_signature(signature))
    public = key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    return {
        "hash": stated,
        "created": "2024-05-06T10:11:12Z",
        "software": "test",
        "signature": base64.b64encode(signature).decode(),
        "publicKey": base64.b64encode(public).decode(),
    }


@pytest.mark.parametrize("raw", [False, True])
def test_anonymous_signatures(tmp_path: Path, *, raw: bool) -> None:
    about = signed(tmp_path, lambda stated: anonymous(stated, raw=raw))
    assert (about["signature"], about["signature kind"]) == ("holds", "anonymous")
    about = signed(tmp_path, lambda stated: anonymous(stated, over="sha256:00", raw=raw))
    assert about["signature"] == "does not hold"
    about = signed(tmp_path, lambda _: anonymous("sha256:00", raw=raw))
    assert about["signature"] == "does not hold"


def domain(stated: str, *, name: str = "node.example", created: str = "2024-05-06T10:11:12Z",
           same_issuer: bool = True) -> dict[str, str]:  # fmt: skip
    start = datetime(2024, 5, 1, tzinfo=UTC)
    keys = [ec.generate_private_key(ec.SECP256R1()) for _ in range(3)]
    chain = []
    for subject, issuer, key, signer in (
        ("node.example", "Root", keys[0], keys[1] if same_issuer else keys[2]),
        ("Root", "Root", keys[1], keys[1]),
    ):
        builder = (
            x509.CertificateBuilder()
            .subject_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, subject)]))
            .issuer_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, issuer)]))
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(start)
            .not_valid_after(start + timedelta(days=90))
            .add_extension(x509.SubjectAlternativeName([x509.DNSName(subject)]), critical=False)
        )
        chain.append(builder.sign(signer, hashes.SHA256()).public_bytes(Encoding.PEM).decode())
    signature = keys[0].sign(stated.encode(), ec.ECDSA(hashes.SHA256()))
    return {
        "hash": stated,
        "created": created,
        "signature": base64.b64encode(signature).decode(),
        "domain": name,
        "domainCert": "\n".join(chain),
    }


@pytest.mark.parametrize(
    ("changes", "verdict", "why"),
    [
        ({}, "consistent, authority not checked", "issued by CN=Root"),
        ({"name": "other.example"}, "does not hold", "not for 'other.example'"),
        ({"created": "2025-05-06T10:11:12Z"}, "does not hold", "was not valid at"),
        ({"same_issuer": False}, "does not hold", "do not form a chain"),
    ],
)
def test_domain_signatures(tmp_path: Path, changes: dict[str, Any], verdict: str, why: str) -> None:
    about = signed(tmp_path, lambda stated: domain(stated, **changes))
    assert about["signature"] == verdict
    assert why in about["signature remarks"]


@pytest.mark.parametrize(
    "made", [None, 1, {}, {"publicKey": "x", "signature": "y"}, {"domainCert": ""}]
)
def test_what_is_no_signature_is_said(made: object) -> None:
    assert checked(made, "sha256:00").verdict != "holds"


@settings(
    max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    changes=st.lists(st.tuples(st.integers(0, 3000), st.binary(max_size=5)), max_size=5),
    cut=st.integers(0, 3000),
)
def test_no_bytes_raise_anything_but_unreadable(
    tmp_path: Path, changes: list[tuple[int, bytes]], cut: int
) -> None:
    path = wacz(tmp_path / "a.wacz", FILES)
    data = path.read_bytes()
    for place, piece in changes:
        at = place % len(data)
        data = data[:at] + piece + data[at + len(piece) :]
    path.write_bytes(data[: cut or None])
    with contextlib.suppress(Unreadable):
        read_path(path)  # what comes of it is checked as it is read
