"""Envelopes, checkpoints and keys keep the published forms, so that others' tools read them."""

import base64
import json
import stat
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from palermo.evidence import Checkpoint, Keystore, SignedCheckpoint, VerifierKey, read_public_key
from palermo.evidence.dsse import Envelope, pae
from palermo.evidence.keys import verifies
from palermo.model import Refused, Unreadable

# The key, text and signature that the documentation of signed notes uses as its example.
NOTE_KEY = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
NOTE_TEXT = (
    "If you think cryptography is the answer to your problem,\n"
    "then you don't know what your problem is.\n"
)
NOTE_SIGNATURE = (
    "x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM="
)


def test_the_known_pre_authentication_encoding() -> None:
    encoded = pae("http://example.com/HelloWorld", b"hello world")
    assert encoded == b"DSSEv1 29 http://example.com/HelloWorld 11 hello world"
    assert pae("é", "ü".encode()) == b"DSSEv1 2 \xc3\xa9 2 \xc3\xbc"


def test_the_known_note_key_and_signature() -> None:
    key = VerifierKey.parse(NOTE_KEY)
    assert str(key) == NOTE_KEY
    raw = base64.b64decode(NOTE_SIGNATURE)
    assert raw[:4] == key.hash
    assert verifies(key.public_key, raw[4:], NOTE_TEXT.encode())


def test_an_envelope_is_checked_by_its_key_alone(signer: Keystore, tmp_path: Path) -> None:
    envelope = Envelope.sign("application/x", b"payload", signer)
    assert Envelope.from_bytes(envelope.to_bytes()) == envelope
    assert envelope.signed_by(signer.public_key)
    assert not envelope.signed_by(Keystore.open(tmp_path, actor="other").public_key)
    assert set(json.loads(envelope.to_bytes())) == {"payload", "payloadType", "signatures"}


@given(st.integers(0, 10_000), st.integers(1, 255))
def test_any_flipped_byte_of_an_envelope_is_noticed(
    signer: Keystore, place: int, flip: int
) -> None:
    envelope = Envelope.sign("application/x", b'{"a":1}', signer)
    data = bytearray(envelope.to_bytes())
    data[place % len(data)] ^= flip
    try:
        read = Envelope.from_bytes(bytes(data))
    except Unreadable:
        return
    assert read.signatures[0].keyid != envelope.signatures[0].keyid or not read.signed_by(
        signer.public_key
    )


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b'{"payload"', b'{ "payload"'),
        (b'"signatures"', b'"more":1,"signatures"'),
        (b"}]}", b"}]}\n"),
    ],
)
def test_an_envelope_in_another_form_is_unreadable(
    signer: Keystore, old: bytes, new: bytes
) -> None:
    data = Envelope.sign("application/x", b"payload", signer).to_bytes()
    assert old in data
    with pytest.raises(Unreadable, match="rewritten"):
        Envelope.from_bytes(data.replace(old, new, 1))


def test_a_checkpoint_has_the_published_text_form(signer: Keystore) -> None:
    checkpoint = Checkpoint("palermo.custody/x", 7, b"\1" * 32)
    note = checkpoint.sign(signer)
    lines = note.split("\n")
    assert lines[:4] == ["palermo.custody/x", "7", base64.b64encode(b"\1" * 32).decode(), ""]
    assert lines[4].startswith("\u2014 palermo.custody/x ")
    read = SignedCheckpoint.parse(note)
    assert read.checkpoint == checkpoint
    assert read.signed_by(signer.public_key)
    other = Checkpoint("palermo.custody/x", 8, b"\1" * 32)
    assert not SignedCheckpoint(other, read.signatures).signed_by(signer.public_key)


def test_a_witness_may_add_its_signature(signer: Keystore) -> None:
    note = Checkpoint("palermo.custody/x", 7, b"\1" * 32).sign(signer)
    cosigned = note + "\u2014 witness.example/w " + base64.b64encode(b"\0" * 76).decode() + "\n"
    read = SignedCheckpoint.parse(cosigned)
    assert len(read.signatures) == 2
    assert read.signed_by(signer.public_key)


@given(st.text(max_size=200))
def test_any_text_is_a_checkpoint_or_unreadable(text: str) -> None:
    with pytest.raises(Unreadable):
        SignedCheckpoint.parse(text)


@pytest.mark.parametrize(
    ("old", "new"),
    [("\n7\n", "\n07\n"), ("\n7\n", "\n-7\n"), ("\n7\n", "\n7\n7\n"), ("=\n\n", "\n\n")],
)
def test_a_checkpoint_in_another_form_is_unreadable(signer: Keystore, old: str, new: str) -> None:
    note = Checkpoint("palermo.custody/x", 7, b"\1" * 32).sign(signer)
    assert old in note
    with pytest.raises(Unreadable):
        SignedCheckpoint.parse(note.replace(old, new, 1))


def test_a_key_is_made_once_and_is_its_owner_s_alone(tmp_path: Path) -> None:
    directory = tmp_path / "deep" / "keys"
    first = Keystore.open(directory, actor="a/../b é")
    assert Keystore.open(directory, actor="a/../b é").public_key == first.public_key
    assert Keystore.open(directory, actor="b").public_key != first.public_key
    files = sorted(directory.iterdir())
    assert len(files) == 2
    assert {stat.S_IMODE(path.stat().st_mode) for path in files} == {0o600}
    assert stat.S_IMODE(directory.stat().st_mode) == 0o700


def test_a_key_that_others_may_read_is_refused(tmp_path: Path) -> None:
    Keystore.open(tmp_path, actor="a")
    (path,) = tmp_path.iterdir()
    path.chmod(0o644)
    with pytest.raises(Refused, match="chmod 600"):
        Keystore.open(tmp_path, actor="a")


def test_a_damaged_key_is_unreadable_and_not_replaced(tmp_path: Path) -> None:
    Keystore.open(tmp_path, actor="a")
    (path,) = tmp_path.iterdir()
    path.write_text("not a key")
    with pytest.raises(Unreadable, match="expected a key file"):
        Keystore.open(tmp_path, actor="a")
    assert path.read_text() == "not a key"
    with pytest.raises(Unreadable, match="no actor"):
        Keystore.open(tmp_path, actor=" ")


def test_a_key_behind_a_link_is_not_followed(tmp_path: Path) -> None:
    Keystore.open(tmp_path / "one", actor="a")
    (real,) = (tmp_path / "one").iterdir()
    (tmp_path / "two").mkdir()
    (tmp_path / "two" / real.name).symlink_to(real)
    with pytest.raises(Unreadable, match="cannot use the key"):
        Keystore.open(tmp_path / "two", actor="a")


MAKE_A_KEY = """
import sys, pathlib
from palermo.evidence import Keystore
print(Keystore.open(pathlib.Path(sys.argv[1]), actor="a").public_key.hex())
"""


def test_processes_that_make_a_key_at_once_share_it(tmp_path: Path) -> None:
    command = [sys.executable, "-c", MAKE_A_KEY, str(tmp_path)]
    started = [subprocess.Popen(command, stdout=subprocess.PIPE) for _ in range(4)]
    found = {process.communicate(timeout=60)[0] for process in started}
    assert found == {Keystore.open(tmp_path, actor="a").public_key.hex().encode() + b"\n"}
    assert len(list(tmp_path.iterdir())) == 1


def test_public_keys_are_read_in_three_forms(signer: Keystore) -> None:
    raw = signer.public_key
    pem = (
        b"-----BEGIN PUBLIC KEY-----\n"
        + base64.b64encode(bytes.fromhex("302a300506032b6570032100") + raw)
        + b"\n-----END PUBLIC KEY-----\n"
    )
    line = f"{VerifierKey('log', raw)}\n".encode()
    assert read_public_key(raw) == read_public_key(pem) == read_public_key(line) == raw
    for bad in (b"", b"x" * 31, b"-----BEGIN PUBLIC KEY-----\n", line[:-3], b"a+b+c", b"\xff"):
        with pytest.raises(Unreadable):
            read_public_key(bad)
