"""What was shredded is gone: from the folder, from the disk below it, and from guessing."""

import hashlib
import io
import json
import os
import random
import shutil
import sqlite3
import subprocess
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest

from palermo.evidence import Incoming, Vault
from palermo.evidence.vault import KEYS_FILE, commitment
from palermo.evidence.vault.records import Wrapping
from palermo.model import Exhibit, Refused

AT = datetime(2026, 11, 24, tzinfo=UTC)
KEK, NEW = bytes(range(32)), bytes(range(1, 33))


@pytest.fixture
def vault(tmp_path: Path) -> Vault:
    return Vault(tmp_path / "vault", kek=KEK)


def seal(vault: Vault, content: bytes) -> Exhibit:
    return vault.seal(io.BytesIO(content), name="x.txt", media_type="text/plain", at=AT)


def rows(vault: Vault) -> dict[str, tuple[bytes, bytes]]:
    """Return the wrapped record and the lookup of every exhibit, as they lie in the file."""
    with closing(sqlite3.connect(vault.path / KEYS_FILE)) as database:
        found = database.execute("SELECT id, wrapped, lookup FROM keys").fetchall()
    return {id: (wrapped, lookup) for id, wrapped, lookup in found}  # noqa: A001  # the column's name


def everything_in(folder: Path) -> bytes:
    return b"".join(path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file())


def test_a_shredded_exhibit_is_gone(vault: Vault) -> None:
    kept, gone = seal(vault, b"kept"), seal(vault, b"gone")
    vault.shred(gone.id)
    vault.shred(gone.id)
    assert list(vault.exhibits()) == [kept]
    assert vault.find(gone.sha256) is None
    for method in (vault.open, vault.get, vault.check, vault.opening):
        with pytest.raises(Refused, match="was shredded"):
            method(gone.id)
    with pytest.raises(Refused, match="is missing"):
        vault.check_sealed(gone.id, gone.sealed_sha256, gone.size)
    again = seal(vault, b"gone")  # it may come back, as another exhibit
    assert again.id != gone.id
    assert vault.check(again.id) == 4


def test_a_copy_of_the_ciphertext_opens_no_more(vault: Vault, tmp_path: Path) -> None:
    gone = seal(vault, b"gone")
    kept = tmp_path / "kept"
    shutil.copytree(vault.path, kept)
    vault.shred(gone.id)
    shutil.copy(vault.path / KEYS_FILE, kept / KEYS_FILE)
    with pytest.raises(Refused, match="was shredded"):
        Vault(kept, kek=KEK).open(gone.id)


def test_an_old_copy_of_the_key_records_opens_until_the_kek_is_changed(
    vault: Vault, tmp_path: Path
) -> None:
    gone, stays = seal(vault, b"gone"), seal(vault, b"stays")
    backup = tmp_path / "backup"
    shutil.copytree(vault.path, backup)
    vault.shred(gone.id)
    assert Vault(backup, kek=KEK).check(gone.id) == 4  # the limit that rekey is for
    vault.rekey(NEW)
    assert vault.check(stays.id) == 5
    with pytest.raises(Refused, match="not the key-encryption key"):
        Vault(backup, kek=NEW)
    with pytest.raises(Refused, match="not the key-encryption key"):
        Vault(vault.path, kek=KEK)
    assert Vault(vault.path, kek=NEW).check(stays.id) == 5
    assert vault.find(stays.sha256) == stays


def test_one_who_works_under_the_old_key_is_told(vault: Vault) -> None:
    seal(vault, b"one")
    other = Vault(vault.path, kek=KEK)
    other.rekey(NEW)
    with pytest.raises(Refused, match="changed since"):
        seal(vault, b"two")
    assert len(rows(vault)) == 1


def test_no_byte_of_an_erased_record_stays_in_the_folder(vault: Vault) -> None:
    """For many records erased in any order, so that pages are freed, split and joined."""
    chance = random.Random(5)
    exhibits = vault.seal_many(
        Incoming(
            source=io.BytesIO(b"%d" % number),
            name="n" * chance.choice([1, 200, 600]),
            media_type="x",
            at=AT,
        )
        for number in range(200)
    )
    secrets = rows(vault)
    chance.shuffle(exhibits)
    for exhibit in exhibits[:100]:
        wrapped, lookup = secrets[exhibit.id]
        assert wrapped in everything_in(vault.path)
        vault.shred(exhibit.id)
        left = everything_in(vault.path)
        assert lookup not in left
        assert not any(wrapped[at : at + 32] in left for at in range(0, len(wrapped) - 31, 32))
    for exhibit in exhibits[100:]:
        vault.check(exhibit.id)


def plant(vault: Vault, secret: bytes, beside: set[bytes]) -> int:
    """Leave a copy of a lookup where SQLite leaves one when it moves entries: between the cells.

    That is, in each leaf of the index of lookups that has room; return in how many.
    """
    path = vault.path / KEYS_FILE
    data = bytearray(path.read_bytes())
    size = int.from_bytes(data[16:18], "big")
    planted = 0
    for at in range(size, len(data), size):  # the first page holds the schema
        page = data[at : at + size]
        pointers, content = int.from_bytes(page[3:5], "big"), int.from_bytes(page[5:7], "big")
        first = 8 + 2 * pointers
        is_ours = page[0] == 10 and any(lookup in page for lookup in beside)  # 10: index, leaf
        if is_ours and content - first >= len(secret):
            data[at + first : at + first + len(secret)] = secret
            planted += 1
    path.write_bytes(data)
    return planted


@pytest.mark.parametrize("action", ["shred", "rekey"])
def test_copies_that_sqlite_left_between_cells_are_erased(vault: Vault, action: str) -> None:
    exhibits = vault.seal_many(
        Incoming(source=io.BytesIO(b"%d" % number), name="n", media_type="x", at=AT)
        for number in range(500)
    )
    lookups = {id: lookup for id, (_, lookup) in rows(vault).items()}  # noqa: A001
    gone = exhibits[77]
    assert plant(vault, lookups[gone.id], set(lookups.values())) >= 3
    assert everything_in(vault.path).count(lookups[gone.id]) >= 5
    if action == "shred":
        vault.shred(gone.id)
    else:
        vault.rekey(NEW)
    assert lookups[gone.id] not in everything_in(vault.path)
    assert [one.id for one in vault.exhibits()] == [
        one.id for one in exhibits if action == "rekey" or one != gone
    ]


def test_records_never_move(vault: Vault) -> None:
    """Where nothing moves, no copy is left behind."""
    chance = random.Random(6)

    def seal_some(numbers: range) -> list[Exhibit]:
        return vault.seal_many(
            Incoming(
                source=io.BytesIO(b"%d" % number),
                name="n" * chance.choice([1, 200, 900]),
                media_type="x",
                at=AT,
            )
            for number in numbers
        )

    exhibits = seal_some(range(150))
    first = {id: wrapped for id, (wrapped, _) in rows(vault).items()}  # noqa: A001
    file = (vault.path / KEYS_FILE).read_bytes()
    places = {id: file.index(wrapped[:64]) for id, wrapped in first.items()}  # noqa: A001
    chance.shuffle(exhibits)
    for at in range(0, 120, 10):
        vault.shred(*(one.id for one in exhibits[at : at + 10]))
        seal_some(range(150 + at, 155 + at))
        file = (vault.path / KEYS_FILE).read_bytes()
        for one in exhibits[at + 10 :]:
            assert file.find(first[one.id][:64]) == places[one.id]
            assert file.count(first[one.id][:64]) == 1


def test_shredding_many_is_all_or_none(vault: Vault) -> None:
    one, two = seal(vault, b"one"), seal(vault, b"two")
    with pytest.raises(Refused, match="no such exhibit"):
        vault.shred(one.id, "0" * 64)
    assert vault.check(one.id) == 3
    vault.shred(two.id, one.id, one.id)
    assert list(vault.exhibits()) == []
    assert not [path for path in vault.path.rglob("*") if len(path.name) == 64]


def test_no_byte_of_an_old_record_stays_after_a_change_of_key(vault: Vault) -> None:
    vault.seal_many(
        Incoming(source=io.BytesIO(b"%d" % number), name="n", media_type="x", at=AT)
        for number in range(100)
    )
    before = rows(vault)
    vault.rekey(NEW)
    left = everything_in(vault.path)
    for wrapped, lookup in before.values():
        assert lookup not in left
        assert not any(wrapped[at : at + 32] in left for at in range(0, len(wrapped) - 31, 32))


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[tuple[Path, Path]]:
    """A file system of its own, and the file that holds its blocks."""
    image, place = tmp_path / "image", tmp_path / "mounted"
    place.mkdir()
    with image.open("wb") as file:
        file.truncate(32 << 20)
    try:
        subprocess.run(["mkfs.ext4", "-q", image], check=True, capture_output=True)
        subprocess.run(["mount", "-o", "loop", image, place], check=True, capture_output=True)
    except (OSError, subprocess.CalledProcessError) as error:
        pytest.skip(f"no file system can be mounted here: {error}")
    yield place, image
    subprocess.run(["umount", place], check=False, capture_output=True)


@pytest.mark.parametrize("action", ["shred", "rekey"])
def test_no_block_of_the_disk_holds_an_erased_record(disk: tuple[Path, Path], action: str) -> None:
    """On a file system that writes in place, as ext4 does; not so on every disk."""
    place, image = disk
    vault = Vault(place / "vault", kek=KEK)
    exhibits = [seal(vault, b"%d" % number) for number in range(60)]  # each with its own journal
    before = rows(vault)
    os.sync()
    assert any(wrapped in image.read_bytes() for wrapped, _ in before.values())
    if action == "rekey":
        vault.rekey(NEW)
    else:
        for exhibit in exhibits[::2]:
            vault.shred(exhibit.id)
    subprocess.run(["umount", place], check=True)
    left = image.read_bytes()
    for exhibit in exhibits[:: 1 if action == "rekey" else 2]:
        wrapped, lookup = before[exhibit.id]
        assert wrapped[:64] not in left
        assert wrapped[-64:] not in left
        assert lookup not in left


# A low-entropy document: of 200 telephone numbers, one is written in it.
DOCUMENTS = [b"Call me on +39 06 698 %05d" % number for number in range(200)]
TRUE = DOCUMENTS[123]


def windows(data: bytes) -> set[bytes]:
    """Take every 32 bytes that lie in `data`, raw or in hexadecimal, wherever they begin."""
    found = {data[at : at + 32] for at in range(len(data) - 31)}
    found = {one for one in found if len(set(one)) > 8}  # a hash or a salt has many values
    for at in range(len(data) - 63):
        try:
            found.add(bytes.fromhex(data[at : at + 64].decode("ascii")))
        except ValueError:
            continue
    return found


def guesses(folder: Path, log: str, *, kek: bytes | None) -> set[bytes]:
    """Name the documents that folder and log give away: what an attacker would try.

    The plain hash; the hash under the vault's lookup key, with a stolen kek; and whatever lies
    there as the salt of the commitment.
    """
    left = everything_in(folder)
    known = windows(left + b"\0" + log.encode())
    keys = None
    if kek is not None:
        with closing(sqlite3.connect(folder / KEYS_FILE)) as database:
            (salt,) = database.execute("SELECT salt FROM vault").fetchone()
        keys = Wrapping(kek, salt)
    ids = {one.hex() for one in known}
    hits = set()
    for document in DOCUMENTS:
        sha256 = hashlib.sha256(document)
        plain = sha256.digest() in known
        looked_up = keys is not None and keys.lookup(sha256.hexdigest()) in known
        committed = any(commitment(salt, sha256.hexdigest()) in ids for salt in known)
        if plain or looked_up or committed:
            hits.add(document)
    return hits


def logged(exhibit: Exhibit) -> str:
    """What the custody log says of an exhibit."""
    return json.dumps(
        {
            "id": exhibit.id,
            "size": exhibit.size,
            "media_type": exhibit.media_type,
            "sealed_sha256": exhibit.sealed_sha256,
        }
    )


def test_nobody_can_guess_what_was_shredded(vault: Vault) -> None:
    exhibit = seal(vault, TRUE)
    seal(vault, b"something else that stays")
    opening = vault.opening(exhibit.id)
    log = logged(exhibit)
    # The attack is a real one: it succeeds wherever there is something to find.
    assert guesses(vault.path, json.dumps({"sha256": exhibit.sha256}), kek=None) == {TRUE}
    assert guesses(vault.path, log, kek=KEK) == {TRUE}
    assert guesses(vault.path, log + opening.salt.hex(), kek=None) == {TRUE}
    # Without the kek there is nothing to find even before; afterwards not with it either.
    assert guesses(vault.path, log, kek=None) == set()
    vault.shred(exhibit.id)
    assert guesses(vault.path, log, kek=KEK) == set()
