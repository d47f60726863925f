"""A key in SoftHSM 2, a PKCS #11 token in software, signs the log; what goes wrong is said."""

import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.evidence.conftest import EventMaker

from palermo.evidence import CaseFolder, CustodyLog, SignedCheckpoint, verify_case
from palermo.evidence.hardware import (
    KEY,
    MODULE,
    PIN,
    PIN_FILE,
    TOKEN,
    TokenSigner,
    read_pin,
    token_signer,
)
from palermo.evidence.keys import verifies
from palermo.model import Refused, Unreadable

pkcs11 = pytest.importorskip("pkcs11", reason="palermo[pkcs11] is not installed")
LIBRARY = Path("/usr/lib/softhsm/libsofthsm2.so")
AUTHORITY = """\
palermo_authority: 1
organisation: Example unit
power: eu/led-processing
legal_basis: a law
purpose: a test
case: T-1
authorised_by: {name: A. Example, role: competent-authority}
from: 2026-01-01T00:00:00Z
until: 2027-01-01T00:00:00Z
offences: [trafficking-in-persons]
scope: {material: [posts], measures: [detect, preserve]}
"""
RUN = "from palermo.doors.cli import main; main()"
CODE = "4711-0815"
LABEL = "custody"
NAME = "palermo"


@pytest.fixture(scope="module")
def token(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A fresh token for this module; SoftHSM reads its configuration once, when it is loaded."""
    if not LIBRARY.exists() or shutil.which("softhsm2-util") is None:
        pytest.skip("SoftHSM 2 is not installed (Debian: softhsm2)")
    folder = tmp_path_factory.mktemp("softhsm")
    (folder / "tokens").mkdir()
    (folder / "softhsm2.conf").write_text(
        f"directories.tokendir = {folder}/tokens\nobjectstore.backend = file\nlog.level = ERROR\n"
    )
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SOFTHSM2_CONF", str(folder / "softhsm2.conf"))
        for label in (NAME, "twice", "twice"):
            subprocess.run(
                ["softhsm2-util", "--init-token", "--free", "--label", label, "--pin", CODE,
                 "--so-pin", "12345678"],
                check=True, capture_output=True, timeout=60,
            )  # fmt: skip
        TokenSigner.create(LIBRARY, token=NAME, key=LABEL, pin=CODE).close()
        yield NAME


@pytest.fixture
def signer(token: str) -> Iterator[TokenSigner]:
    with TokenSigner(LIBRARY, token=token, key=LABEL, pin=CODE) as signer:
        yield signer


def test_it_signs_what_anybody_verifies(signer: TokenSigner) -> None:
    signature = signer.sign(b"message")
    assert len(signer.public_key) == 32
    assert verifies(signer.public_key, signature, b"message")
    assert not verifies(signer.public_key, signature, b"another")
    assert signer.sign(b"message") == signature  # Ed25519 has no chance in it


def test_the_same_key_is_found_again(token: str) -> None:
    keys = []
    for _ in range(2):
        with TokenSigner(LIBRARY, token=token, key=LABEL, pin=CODE) as signer:
            keys.append(signer.public_key)
            with pytest.raises(Unreadable, match="open already"):
                TokenSigner(LIBRARY, token=token, key=LABEL, pin=CODE)
            assert verifies(keys[0], signer.sign(b"still open"), b"still open")
    assert keys[0] == keys[1]


def test_a_custody_log_signed_by_the_token(
    signer: TokenSigner, event: EventMaker, tmp_path: Path
) -> None:
    case = CaseFolder(tmp_path / "case")
    with case.log(signer) as log:
        log.append(event())
    checks = verify_case(case.path, public_key=signer.public_key)
    assert [check for check in checks if check.outcome == "fail"] == []
    note = (case.path / "checkpoint.txt").read_text("utf-8")
    assert SignedCheckpoint.parse(note).signed_by(signer.public_key)


def test_a_wrong_signature_is_not_passed_on(signer: TokenSigner) -> None:
    class Failing:
        def sign(self, message: bytes, *, mechanism: object) -> bytes:
            return bytes(64) if mechanism else message

    signer._private = Failing()
    with pytest.raises(Refused, match="wrong signature"):
        signer.sign(b"message")


def test_the_key_cannot_be_read_out(signer: TokenSigner, token: str) -> None:
    with pytest.raises(pkcs11.PKCS11Error):
        signer._private[pkcs11.Attribute.VALUE]
    assert signer._private[pkcs11.Attribute.NEVER_EXTRACTABLE]


def test_a_key_is_never_replaced(token: str) -> None:
    with pytest.raises(Refused, match="already"):
        TokenSigner.create(LIBRARY, token=token, key=LABEL, pin=CODE)


def test_a_key_that_may_leave_the_token_is_refused(token: str, tmp_path: Path) -> None:
    library = pkcs11.lib(str(LIBRARY.resolve()))
    with library.get_token(token_label=token).open(user_pin=CODE, rw=True) as session:
        parameters = session.create_domain_parameters(
            pkcs11.KeyType.EC_EDWARDS,
            {pkcs11.Attribute.EC_PARAMS: b"\x06\x03\x2b\x65\x70"},
            local=True,
        )
        parameters.generate_keypair(
            mechanism=pkcs11.Mechanism.EC_EDWARDS_KEY_PAIR_GEN, store=True, label="loose",
            private_template={pkcs11.Attribute.EXTRACTABLE: True},
        )  # fmt: skip
    with pytest.raises(Refused, match="may leave the token"):
        TokenSigner(LIBRARY, token=token, key="loose", pin=CODE)


def test_an_ecdsa_key_is_no_signer(token: str) -> None:
    library = pkcs11.lib(str(LIBRARY.resolve()))
    with library.get_token(token_label=token).open(user_pin=CODE, rw=True) as session:
        parameters = session.create_domain_parameters(
            pkcs11.KeyType.EC,
            {pkcs11.Attribute.EC_PARAMS: pkcs11.util.ec.encode_named_curve_parameters("secp256r1")},
            local=True,
        )
        parameters.generate_keypair(store=True, label="p256")
    with pytest.raises(Unreadable, match="no Ed25519 key of that label"):
        TokenSigner(LIBRARY, token=token, key="p256", pin=CODE)


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"token": "elsewhere"}, "no token of that label"),
        ({"token": "twice"}, "several tokens"),
        ({"key": "nobody"}, "no Ed25519 key of that label"),
        ({"pin": "wrong-pin"}, "PIN is wrong"),
        ({"pin": "1"}, "PIN is"),
    ],
)
def test_what_is_not_there_is_said(token: str, change: dict[str, str], why: str) -> None:
    wanted = {"token": token, "key": LABEL, "pin": CODE} | change
    with pytest.raises(Unreadable, match=why) as caught:
        TokenSigner(LIBRARY, **wanted)
    assert CODE not in str(caught.value)


def test_a_module_that_is_none(tmp_path: Path) -> None:
    for module in (tmp_path / "none.so", tmp_path / "text.so"):
        if module.stem == "text":
            module.write_text("not a library")
        with pytest.raises(Unreadable, match="PKCS #11 library"):
            TokenSigner(module, token=NAME, key=LABEL, pin=CODE)


def test_a_lost_session_is_said_and_a_new_one_works(token: str) -> None:
    """What a pulled token does to a session: the library forgets it."""
    signer = TokenSigner(LIBRARY, token=token, key=LABEL, pin=CODE)
    pkcs11.lib(str(LIBRARY.resolve())).reinitialize()
    with pytest.raises(Unreadable, match="removed or its session ended"):
        signer.sign(b"message")
    with TokenSigner(LIBRARY, token=token, key=LABEL, pin=CODE) as again:
        assert verifies(signer.public_key, again.sign(b"message"), b"message")


def test_a_lost_session_leaves_the_log_whole(token: str, event: EventMaker, tmp_path: Path) -> None:
    signer = TokenSigner(LIBRARY, token=token, key=LABEL, pin=CODE)
    path = tmp_path / "custody.sqlite3"
    log = CustodyLog(path, signer=signer)
    log.append(event())
    log.checkpoint()
    pkcs11.lib(str(LIBRARY.resolve())).reinitialize()
    with pytest.raises(Unreadable, match="session ended"):
        log.append(event())
    log._database.close()
    with (
        TokenSigner(LIBRARY, token=token, key=LABEL, pin=CODE) as again,
        CustodyLog(path, signer=again) as log,
    ):
        log.append(event())
        assert [entry.seq for entry in log.entries()] == [0, 1]


def test_closing_twice(token: str) -> None:
    signer = TokenSigner(LIBRARY, token=token, key=LABEL, pin=CODE)
    signer.close()
    signer.close()
    with pytest.raises(Unreadable, match="session ended"):
        signer.sign(b"x")


# -- Settings


def test_the_environment_names_a_token(token: str, tmp_path: Path) -> None:
    assert token_signer({}) is None
    settings = {MODULE: str(LIBRARY), TOKEN: token, KEY: LABEL, PIN: CODE}
    signer = token_signer(settings)
    assert signer is not None
    signer.close()
    with pytest.raises(Unreadable, match=TOKEN):
        token_signer({MODULE: str(LIBRARY), KEY: LABEL})


def test_the_pin_comes_from_a_private_file(tmp_path: Path) -> None:
    file = tmp_path / "pin"
    file.write_text(f"{CODE}\n")
    file.chmod(0o644)
    with pytest.raises(Refused, match="chmod 600"):
        read_pin({PIN_FILE: str(file)})
    file.chmod(0o600)
    assert read_pin({PIN_FILE: str(file), PIN: "another"}) == CODE
    assert read_pin({PIN: CODE}) == CODE
    file.write_text("\n")
    for settings in ({}, {PIN: ""}, {PIN_FILE: str(file)}, {PIN_FILE: str(tmp_path / "none")}):
        with pytest.raises(Unreadable, match="PIN"):
            read_pin(settings)


def test_the_node_signs_its_cases_with_the_token(
    token: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The command as a user meets it, in a process of its own."""
    pin = tmp_path / "pin"
    pin.write_text(CODE)
    pin.chmod(0o600)
    for name, value in {
        MODULE: str(LIBRARY), TOKEN: token, KEY: "node-key", PIN_FILE: str(pin),
        "PALERMO_HOME": str(tmp_path / "home"), "PALERMO_NOW": "2026-03-01T09:00:00Z",
    }.items():  # fmt: skip
        monkeypatch.setenv(name, value)

    def palermo(*arguments: object) -> str:
        done = subprocess.run(
            [sys.executable, "-c", RUN, *map(str, arguments)],
            capture_output=True, text=True, timeout=120, check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
        return done.stdout

    fingerprint = palermo("keys", "token-create").split()[1]
    (tmp_path / "posts.csv").write_text("id,text\n1,hello\n")
    (tmp_path / "authority.yaml").write_text(AUTHORITY)
    palermo(
        "investigate", tmp_path / "posts.csv", "--authority", tmp_path / "authority.yaml",
        "--out", tmp_path / "case", "--quiet",
    )  # fmt: skip
    assert fingerprint in palermo("verify", tmp_path / "case")
    (tmp_path / "node.pem").write_text(palermo("keys", "public"))
    assert "the one given" in palermo("verify", tmp_path / "case", "--key", tmp_path / "node.pem")
