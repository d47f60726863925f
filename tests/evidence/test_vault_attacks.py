"""Whoever can write to the vault's folder is found out."""

import io
import itertools
import os
import sqlite3
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest

from palermo.evidence import Vault
from palermo.evidence.vault import KEYS_FILE
from palermo.evidence.vault.stream import CHUNK, TAG
from palermo.model import Exhibit, Refused

AT = datetime(2026, 11, 24, tzinfo=UTC)
KEK = bytes(range(32))
HEADER = 27


@pytest.fixture
def vault(tmp_path: Path) -> Vault:
    return Vault(tmp_path / "vault", kek=KEK)


def seal(vault: Vault, content: bytes) -> Exhibit:
    return vault.seal(io.BytesIO(content), name="x.txt", media_type="text/plain", at=AT)


def ciphertext(vault: Vault, exhibit: Exhibit) -> Path:
    path = vault.path / exhibit.id[:2] / exhibit.id
    path.chmod(0o644)
    return path


def found_out(vault: Vault, exhibit: Exhibit) -> None:
    """See that reading and both checks refuse the exhibit as it now lies there."""
    with pytest.raises(Refused), vault.open(exhibit.id) as file:
        file.read()
    with pytest.raises(Refused):
        vault.check(exhibit.id)
    with pytest.raises(Refused):
        Vault(vault.path, kek=None).check_sealed(exhibit.id, exhibit.sealed_sha256, exhibit.size)


def test_every_flipped_bit_is_found(vault: Vault) -> None:
    exhibit = seal(vault, b"low")
    path = ciphertext(vault, exhibit)
    good = path.read_bytes()
    for place, bit in itertools.product(range(len(good)), range(8)):
        bad = bytearray(good)
        bad[place] ^= 1 << bit
        path.write_bytes(bad)
        found_out(vault, exhibit)
    path.write_bytes(good)
    assert vault.check(exhibit.id) == 3


@pytest.mark.parametrize("content", [b"", b"some bytes"])
def test_every_truncation_and_extension_is_found(vault: Vault, content: bytes) -> None:
    exhibit = seal(vault, content)
    path = ciphertext(vault, exhibit)
    good = path.read_bytes()
    for length in range(len(good)):
        path.write_bytes(good[:length])
        found_out(vault, exhibit)
    for more in (b"\0", good, good[HEADER:]):
        path.write_bytes(good + more)
        found_out(vault, exhibit)


def chunks_of(sealed: bytes) -> list[bytes]:
    step = CHUNK + TAG
    return [sealed[start : start + step] for start in range(HEADER, len(sealed), step)]


REARRANGED: dict[str, Callable[[list[bytes]], list[bytes]]] = {
    "first two exchanged": lambda c: [c[1], c[0], *c[2:]],
    "one in place of another": lambda c: [c[0], c[0], *c[2:]],
    "the last in place of the first": lambda c: [c[-1], *c[1:]],
    "all turned round": lambda c: c[::-1],
    "first dropped": lambda c: c[1:],
    "last dropped": lambda c: c[:-1],
    "middle dropped": lambda c: [c[0], *c[2:]],
    "last twice": lambda c: [*c, c[-1]],
    "first once more at the end": lambda c: [*c, c[0]],
}


@pytest.mark.parametrize("how", REARRANGED)
def test_rearranged_chunks_are_found(vault: Vault, how: str) -> None:
    exhibit = seal(vault, os.urandom(4 * CHUNK))
    path = ciphertext(vault, exhibit)
    good = path.read_bytes()
    assert good[:HEADER] + b"".join(chunks_of(good)) == good
    path.write_bytes(good[:HEADER] + b"".join(REARRANGED[how](chunks_of(good))))
    found_out(vault, exhibit)


def test_a_shorter_exhibit_cannot_be_made_of_a_longer_one(vault: Vault) -> None:
    """Even where the length in the key record agreed, the cut chunk was not sealed as the last."""
    from palermo.evidence.vault.stream import SealedReader

    exhibit = seal(vault, os.urandom(3 * CHUNK))
    with vault._keys.session() as session:
        key = session.get(exhibit.id).data_key
    cut = ciphertext(vault, exhibit).read_bytes()[: HEADER + 2 * (CHUNK + TAG)]
    reader = SealedReader(io.BytesIO(cut), key, size=2 * CHUNK, label="cut")
    assert len(reader.read(CHUNK) or b"") == CHUNK
    with pytest.raises(Refused, match="chunk 1 of 2"):
        reader.read(CHUNK)


def test_an_altered_chunk_does_not_keep_the_others_from_being_read(vault: Vault) -> None:
    content = os.urandom(3 * CHUNK)
    exhibit = seal(vault, content)
    path = ciphertext(vault, exhibit)
    bad = bytearray(path.read_bytes())
    bad[HEADER + CHUNK + TAG + 5] ^= 1
    path.write_bytes(bad)
    with vault.open(exhibit.id) as file:
        assert file.read(CHUNK) == content[:CHUNK]
        with pytest.raises(Refused, match="chunk 1 of 3"):
            file.read(1)
        file.seek(2 * CHUNK)
        assert file.read() == content[2 * CHUNK :]


def test_one_exhibit_in_the_place_of_another_is_found(vault: Vault) -> None:
    first, second = seal(vault, b"yes"), seal(vault, b"no!")
    ciphertext(vault, first).write_bytes(ciphertext(vault, second).read_bytes())
    found_out(vault, first)
    ciphertext(vault, second).unlink()
    with pytest.raises(Refused, match="is missing"):
        vault.open(second.id)


def test_links_and_pipes_in_the_place_of_an_exhibit_are_found(vault: Vault, tmp_path: Path) -> None:
    exhibit = seal(vault, b"content")
    path = ciphertext(vault, exhibit)
    outside = tmp_path / "outside"
    path.rename(outside)
    path.symlink_to(outside)
    found_out(vault, exhibit)
    path.unlink()
    os.mkfifo(path)
    found_out(vault, exhibit)
    path.unlink()
    path.mkdir()
    found_out(vault, exhibit)
    path.rmdir()
    path.parent.rename(tmp_path / "moved")
    (tmp_path / "moved" / exhibit.id).write_bytes(outside.read_bytes())
    path.parent.symlink_to(tmp_path / "moved")
    found_out(vault, exhibit)


def tampered(vault: Vault, statement: str, *values: object) -> None:
    with closing(sqlite3.connect(vault.path / KEYS_FILE, isolation_level=None)) as database:
        database.execute(statement, values)


def test_a_key_record_moved_to_another_exhibit_is_found(vault: Vault) -> None:
    first, second = seal(vault, b"yes"), seal(vault, b"no!")
    tampered(
        vault,
        "UPDATE keys SET wrapped = (SELECT wrapped FROM keys WHERE id = ?) WHERE id = ?",
        second.id,
        first.id,
    )
    with pytest.raises(Refused, match="is another exhibit's"):
        vault.open(first.id)
    assert vault.check(second.id) == 3


def test_a_key_record_of_another_vault_is_found(vault: Vault, tmp_path: Path) -> None:
    other = Vault(tmp_path / "other", kek=KEK)
    exhibit, foreign = seal(vault, b"yes"), seal(other, b"no!")
    with closing(sqlite3.connect(other.path / KEYS_FILE)) as database:
        row = database.execute("SELECT * FROM keys").fetchone()
    tampered(vault, "DELETE FROM keys")
    tampered(vault, "INSERT INTO keys VALUES (?, ?, ?, ?, ?, ?)", *row)
    for one in (exhibit, foreign):
        with pytest.raises(Refused):
            vault.get(one.id)


def test_every_altered_byte_of_a_key_record_is_found(vault: Vault) -> None:
    exhibit = seal(vault, b"yes")
    with closing(sqlite3.connect(vault.path / KEYS_FILE)) as database:
        ((wrapped,),) = database.execute("SELECT wrapped FROM keys").fetchall()
    for place in range(len(wrapped)):
        bad = bytearray(wrapped)
        bad[place] ^= 0x10
        tampered(vault, "UPDATE keys SET wrapped = ?", bytes(bad))
        with pytest.raises(Refused, match="key record was altered"):
            vault.get(exhibit.id)
    for bad_one in (b"", wrapped[:11], wrapped[:-1], wrapped + b"\0"):
        tampered(vault, "UPDATE keys SET wrapped = ?", bytes(bad_one))
        with pytest.raises(Refused, match="key record was altered"):
            vault.get(exhibit.id)


def test_what_stands_beside_a_key_record_is_bound_too(vault: Vault) -> None:
    exhibit = seal(vault, b"yes")
    for statement in ("UPDATE keys SET sealed_sha256 = 'ab'", "UPDATE keys SET size = 2"):
        before = (vault.path / KEYS_FILE).read_bytes()
        tampered(vault, statement)
        with pytest.raises(Refused, match="beside the key record"):
            vault.get(exhibit.id)
        (vault.path / KEYS_FILE).write_bytes(before)


def test_a_planted_trigger_that_would_keep_keys_is_refused(vault: Vault) -> None:
    exhibit = seal(vault, b"yes")
    tampered(
        vault,
        "CREATE TRIGGER keep BEFORE DELETE ON keys BEGIN SELECT RAISE(IGNORE); END",
    )
    with pytest.raises(Refused, match="not those of a vault"):
        vault.shred(exhibit.id)
