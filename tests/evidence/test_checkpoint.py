"""Checkpoints and cosignatures keep the published forms, so that others' witnesses read them."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from palermo.evidence import Checkpoint, Keystore, SignedCheckpoint, VerifierKey
from palermo.evidence.checkpoint import WitnessKey, read_signatures
from palermo.model import Unreadable

AT = datetime(2026, 11, 24, 9, 30, 0, 250_000, tzinfo=UTC)

# A checkpoint that a public certificate-transparency log published, cosigned by public witnesses.
PUBLIC = """\
arche2025h1.staging.ct.transparency.dev
1432088532
U7WM79jrzyhGZ5/GUBTpM7NzwdyfFx61t3RovgcC4Ro=

\u2014 arche2025h1.staging.ct.transparency.dev \
zTM8sQAAAZ5W0WdjBAMARjBEAiBjW5IQf9pvsYLfQFX6hoGREPMHbdQ3urbllzalApkptQIgIpwtEroeW2BXaHAI4kJXFbon5C\
h9MNL5zRNZ55lvGt0=
\u2014 arche2025h1.staging.ct.transparency.dev \
ui8GwCF1+kWqZrxGdhj4aX3gcw7XUlXQQabg/27lefwhUkzbC3NygNI75MdhL1bfTW9g8Ei59RA23oHP7Ry1k3ZFWwQ=
\u2014 witness1.smartit.nu/witness1 \
pIyCDwAAAABqEiEghIp82KWebrw7/oHQwlTAm3g2RKS4+eebl8eO0WH+/iEcxZ75W3u5hNI7TOQtmJbqmNWVuE0tgh0XwzdZsD\
sUAQ==
\u2014 remora.n621.de \
2net5wAAAABqEiEgPlfF3V06o0Y+fHM+J5J9s27wgxxcOVSpZ/2g/KSiXCg9DEZI+aVCIobWX9sXTynk5XeU/zZ0WBxtqB0DrA\
WfBw==
"""
LOG = (
    "arche2025h1.staging.ct.transparency.dev+ba2f06c0+AU0vHmlGCS/PdN8b2OaGmKprLI8HKM+dJ472xgFYh15f"
)
WITNESSES = [
    "remora.n621.de+da77ade7+BOvN63jn/bLvkieywe8R6UYAtVtNbZpXh34x7onlmtw2",
    "witness1.smartit.nu/witness1+a48c820f+BPSFWg9G6KPiO7QPryYO5Xq4oYJJ+kAvLKLSimDhoxMO",
]


@pytest.fixture(scope="module")
def witness(tmp_path_factory: pytest.TempPathFactory) -> Keystore:
    return Keystore.open(tmp_path_factory.mktemp("witness"), actor="w")


def test_a_public_checkpoint_and_its_witnesses() -> None:
    signed = SignedCheckpoint.parse(PUBLIC)
    assert signed.text() == PUBLIC
    assert signed.checkpoint.size == 1_432_088_532
    assert signed.signed_by(VerifierKey.parse(LOG).public_key)
    for line in WITNESSES:
        key = WitnessKey.parse(line)
        assert str(key) == line
        assert signed.cosigned_by(key) == datetime.fromtimestamp(0x6A122120, UTC)


@pytest.mark.parametrize("line", WITNESSES)
def test_a_public_cosignature_is_of_that_text_alone(line: str) -> None:
    other = SignedCheckpoint.parse(PUBLIC.replace("1432088532", "1432088533"))
    assert other.cosigned_by(WitnessKey.parse(line)) is None
    assert not other.signed_by(VerifierKey.parse(LOG).public_key)


def test_a_cosignature_is_made_and_read(signer: Keystore, witness: Keystore) -> None:
    checkpoint = Checkpoint("log.example/1", 3, bytes(32), ("ext 1", "ext 2"))
    line = checkpoint.cosign(witness, name="w.example", at=AT)
    note = checkpoint.sign(signer) + line
    signed = SignedCheckpoint.parse(note)
    key = WitnessKey("w.example", witness.public_key)
    assert signed.checkpoint == checkpoint
    assert signed.signed_by(signer.public_key)
    assert signed.cosigned_by(key) == AT.replace(microsecond=0)
    assert signed.cosigned_by(WitnessKey("v.example", witness.public_key)) is None
    assert WitnessKey.parse(f"{key}\n") == key


def test_a_plain_signature_is_no_cosignature(signer: Keystore) -> None:
    """One key in both roles: the types keep the two apart."""
    checkpoint = Checkpoint("log.example/1", 3, bytes(32))
    signed = SignedCheckpoint.parse(checkpoint.sign(signer))
    assert signed.cosigned_by(WitnessKey("log.example/1", signer.public_key)) is None
    line = checkpoint.cosign(signer, name="log.example/1", at=AT)
    assert not read_signatures(checkpoint, line).signed_by(signer.public_key)


def test_the_time_of_a_cosignature_is_signed(signer: Keystore, witness: Keystore) -> None:
    checkpoint = Checkpoint("log.example/1", 3, bytes(32))
    signed = read_signatures(checkpoint, checkpoint.cosign(witness, name="w", at=AT))
    ((name, mark, raw),) = signed.signatures
    earlier = (int.from_bytes(raw[:8], "big") - 1).to_bytes(8, "big")
    moved = SignedCheckpoint(checkpoint, ((name, mark, earlier + raw[8:]),))
    key = WitnessKey("w", witness.public_key)
    assert signed.cosigned_by(key) is not None
    assert moved.cosigned_by(key) is None
    both = signed.joined(moved)
    assert both.cosigned_by(key) is None  # a false line by a known key voids the note


def test_of_several_cosignatures_the_earliest_counts(witness: Keystore) -> None:
    checkpoint = Checkpoint("log.example/1", 3, bytes(32))
    times = [AT.replace(minute=minute) for minute in (40, 31, 50)]
    lines = "".join(checkpoint.cosign(witness, name="w", at=at) for at in times)
    signed = read_signatures(checkpoint, lines)
    found = signed.cosigned_by(WitnessKey("w", witness.public_key))
    assert found == times[1].replace(microsecond=0)


def test_a_false_signature_by_the_log_voids_the_note(signer: Keystore) -> None:
    checkpoint = Checkpoint("log.example/1", 3, bytes(32))
    good = SignedCheckpoint.parse(checkpoint.sign(signer))
    ((name, mark, raw),) = good.signatures
    false = SignedCheckpoint(checkpoint, ((name, mark, raw[:-1] + bytes([raw[-1] ^ 1])),))
    assert good.signed_by(signer.public_key)
    assert not good.joined(false).signed_by(signer.public_key)


def test_signatures_are_joined_once_and_only_of_one_text(signer: Keystore) -> None:
    checkpoint = Checkpoint("log.example/1", 3, bytes(32))
    signed = SignedCheckpoint.parse(checkpoint.sign(signer))
    assert signed.joined(signed) == signed
    other = SignedCheckpoint.parse(Checkpoint("log.example/1", 4, bytes(32)).sign(signer))
    with pytest.raises(Unreadable, match="of another checkpoint"):
        signed.joined(other)


@pytest.mark.parametrize(
    "change",
    [
        ("\n3\n", "\n03\n"),
        ("\n3\n", "\n+3\n"),
        ("\n3\n", "\n\uff13\n"),
        ("\n3\n", "\n-3\n"),
        ("\n3\n", f"\n{1 << 63}\n"),
        ("\n3\n", f"\n{'9' * 5000}\n"),
        ("log.example/1\n3", "\n3"),
        ("ext 1", "ext\r1"),
        ("ext 1", "ext\x001"),
        ("ext 1", "ext\ud8001"),
        ("ext 1\n", "\n\n"),
        ("\u2014 log.example/1", "\u2014 log example/1"),
        ("\u2014 log.example/1", "- log.example/1"),
        ("\u2014 log.example/1", "\u2014  log.example/1"),
        ("AAAA=\n", "AAAB=\n"),
        ("AAAA=\n", "AAA=\n"),
    ],
)
def test_another_form_is_refused(signer: Keystore, change: tuple[str, str]) -> None:
    note = Checkpoint("log.example/1", 3, bytes(32), ("ext 1",)).sign(signer)
    changed = note.replace(*change, 1)
    assert changed != note
    with pytest.raises(Unreadable, match="checkpoint"):
        SignedCheckpoint.parse(changed)


def test_many_signatures_are_read_but_not_without_end(signer: Keystore) -> None:
    checkpoint = Checkpoint("log.example/1", 3, bytes(32))
    note = checkpoint.sign(signer)
    line = note.splitlines(keepends=True)[-1]
    assert len(SignedCheckpoint.parse(note + line * 15).signatures) == 16
    with pytest.raises(Unreadable, match="beyond all bounds"):
        SignedCheckpoint.parse(note + line * 64)
    with pytest.raises(Unreadable):
        SignedCheckpoint.parse(note + line * 10_000)


@given(st.integers(0, 100_000), st.integers(1, 255))
def test_any_flipped_byte_of_a_cosigned_checkpoint_is_noticed(
    signer: Keystore, witness: Keystore, place: int, flip: int
) -> None:
    checkpoint = Checkpoint("log.example/1", 3, bytes(32), ("ext",))
    note = checkpoint.sign(signer) + checkpoint.cosign(witness, name="w", at=AT)
    data = bytearray(note.encode())
    data[place % len(data)] ^= flip
    try:
        read = SignedCheckpoint.parse(data.decode())
    except (Unreadable, UnicodeDecodeError):
        return
    key = WitnessKey("w", witness.public_key)
    assert not (read.signed_by(signer.public_key) and read.cosigned_by(key))


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "copy the whole line"),
        (LOG, "not of a witness"),
        (WITNESSES[0].replace("da77ade7", "da77ade8"), "do not belong together"),
        (WITNESSES[0].replace("remora", "re mora"), "do not belong together"),
        (WITNESSES[0][:-4], "not of a witness"),
        (WITNESSES[0] + "!", "copy the whole line"),
    ],
)
def test_a_damaged_witness_key(text: str, why: str) -> None:
    with pytest.raises(Unreadable, match=why):
        WitnessKey.parse(text)


def test_a_far_time_is_no_time(witness: Keystore, tmp_path: Path) -> None:
    checkpoint = Checkpoint("log.example/1", 3, bytes(32))
    far = (1 << 63) - 1
    text = f"cosignature/v1\ntime {far}\n{checkpoint.text()}".encode()
    key = WitnessKey("w", witness.public_key)
    raw = far.to_bytes(8, "big") + witness.sign(text)
    assert SignedCheckpoint(checkpoint, (("w", key.hash, raw),)).cosigned_by(key) is None
