"""Ciphertexts lie in the folder or in a bucket; wherever they lie, they are whole or refused."""

import io
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from tests.evidence.s3 import ENVIRONMENT, Proxy, bucket_server, failing_proxy

from palermo.evidence import FsspecStore, Incoming, LocalStore, Store, Vault
from palermo.evidence.vault import INCOMING, KEYS_FILE, LOCATION_FILE, Draft, sealed_size
from palermo.evidence.vault.stream import CHUNK
from palermo.model import Exhibit, Refused, Unreadable

AT = datetime(2026, 11, 24, tzinfo=UTC)
KEK = bytes(range(32))
BUCKET = "s3://exhibits/case-1"


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    pytest.importorskip("s3fs", reason="the optional part palermo[s3] is not installed")
    pytest.importorskip("moto", reason="the test server is not installed")
    with bucket_server() as url:
        yield url


@pytest.fixture
def proxy(server: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Proxy]:
    """A proxy before a server with one empty bucket, which the environment names."""
    with failing_proxy(server) as proxy:
        for name, value in (ENVIRONMENT | {"AWS_ENDPOINT_URL": proxy.url}).items():
            monkeypatch.setenv(name, value)
        import s3fs

        system = s3fs.S3FileSystem(skip_instance_cache=True)
        if system.exists("exhibits"):
            system.rm("exhibits", recursive=True)
        system.mkdir("exhibits")
        yield proxy
        proxy.failure = None


@pytest.fixture(params=["local", "memory", "file", "s3"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Store:
    if request.param == "local":
        (tmp_path / "vault").mkdir()
        return LocalStore(tmp_path / "vault")
    if request.param == "s3":
        request.getfixturevalue("proxy")
        return FsspecStore(BUCKET)
    return FsspecStore(
        {"memory": f"memory://{tmp_path}", "file": f"file://{tmp_path}/far"}[request.param]
    )


def seal(vault: Vault, content: bytes) -> Exhibit:
    return vault.seal(io.BytesIO(content), name="x.txt", media_type="text/plain", at=AT)


def draft(folder: Path, content: bytes, first: str) -> Draft:
    import hashlib

    sha256 = hashlib.sha256(content).hexdigest()
    id = first + sha256[2:]  # noqa: A001  # the field's name
    (folder / id).write_bytes(content)
    return Draft(id=id, path=folder / id, sealed_sha256=sha256)


def test_a_store_keeps_what_it_is_given(store: Store, tmp_path: Path) -> None:
    drafts = [draft(tmp_path, os.urandom(size), f"{size % 7}a") for size in (10, 5000, 3 * CHUNK)]
    contents = {one.id: one.path.read_bytes() for one in drafts}
    assert list(store.list()) == []
    store.put(drafts)
    assert not any(one.path.exists() for one in drafts)
    store.put(drafts)  # the drafts are gone, but the store has them
    assert list(store.list()) == sorted(contents)
    for id, content in contents.items():  # noqa: A001
        assert store.exists(id)
        assert store.size(id) == len(content)
        with store.open(id) as file:
            assert file.read() == content
            assert file.seek(-4, io.SEEK_END) == len(content) - 4
            assert file.read() == content[-4:]
    gone = drafts[0].id
    for _ in range(2):
        store.delete(gone)
        assert not store.exists(gone)
        with pytest.raises(FileNotFoundError):
            store.open(gone)
        with pytest.raises(FileNotFoundError):
            store.size(gone)
    missing = Draft(id="b" * 64, path=tmp_path / "missing", sealed_sha256="b" * 64)
    with pytest.raises(FileNotFoundError):
        store.put([missing])
    with pytest.raises(Unreadable, match="64 hexadecimal"):
        store.exists("../../etc/passwd")


def test_a_vault_works_alike_with_every_store(store: Store, tmp_path: Path) -> None:
    vault = Vault(tmp_path / "vault", kek=KEK, store=store)
    content = os.urandom(2 * CHUNK + 9)
    exhibit = seal(vault, content)
    small = vault.seal_many(
        Incoming(source=io.BytesIO(b"%d" % n), name=f"{n}", media_type="x", at=AT) for n in range(3)
    )
    assert seal(vault, content) == exhibit
    with vault.open(exhibit.id) as file:
        file.seek(CHUNK - 3)
        assert file.read(6) == content[CHUNK - 3 : CHUNK + 3]
        assert file.read() == content[CHUNK + 3 :]
    assert vault.check(exhibit.id) == len(content)
    Vault(vault.path, kek=None, store=store).check_sealed(
        exhibit.id, exhibit.sealed_sha256, exhibit.size
    )
    assert set(store.list()) == {one.id for one in (exhibit, *small)}
    assert store.size(exhibit.id) == sealed_size(len(content))
    vault.shred(exhibit.id)
    assert set(store.list()) == {one.id for one in small}
    with pytest.raises(Refused, match="was shredded"):
        vault.open(exhibit.id)
    store.delete(small[0].id)
    with pytest.raises(Refused, match="is missing"):
        vault.open(small[0].id)


def test_the_bucket_never_sees_a_key(proxy: Proxy, tmp_path: Path) -> None:
    vault = Vault(tmp_path / "vault", kek=KEK, store=FsspecStore(BUCKET))
    exhibit = seal(vault, b"content")
    import s3fs

    found = s3fs.S3FileSystem(skip_instance_cache=True).find("exhibits")
    assert found == [f"exhibits/case-1/{exhibit.id[:2]}/{exhibit.id}"]
    assert (vault.path / KEYS_FILE).is_file()
    assert not list(vault.path.glob("[0-9a-f][0-9a-f]"))


@pytest.mark.parametrize("failure", ["cut", "error", "alter", "cut download"])
def test_a_bucket_that_fails_half_way_costs_nothing(
    proxy: Proxy, tmp_path: Path, failure: str
) -> None:
    path = tmp_path / "vault"
    path.mkdir()
    (path / LOCATION_FILE).write_text(json.dumps({"url": BUCKET}))
    vault = Vault(path, kek=KEK)
    before = seal(vault, b"before")
    proxy.failure = failure
    content = os.urandom(CHUNK + 3)
    with pytest.raises(Unreadable, match="cannot be brought to their place"):
        seal(vault, content)
    (waiting,) = vault.waiting()
    assert vault.check(waiting) == len(content)  # sealed, whole, and readable meanwhile
    assert [one.id for one in Vault(path, kek=KEK).exhibits()] == [before.id, waiting]
    assert vault.waiting() == [waiting]  # opening did not help while the bucket fails
    proxy.failure = None
    healed = Vault(path, kek=KEK)
    assert healed.waiting() == []
    assert not list((path / INCOMING).iterdir())
    assert healed.check(waiting) == len(content)
    assert seal(healed, content).id == waiting


def test_sealing_again_brings_a_waiting_exhibit_to_its_place(proxy: Proxy, tmp_path: Path) -> None:
    vault = Vault(tmp_path / "vault", kek=KEK, store=FsspecStore(BUCKET))
    proxy.failure = "cut"
    with pytest.raises(Unreadable, match="cannot be brought to their place"):
        seal(vault, b"content")
    proxy.failure = None
    exhibit = seal(vault, b"content")
    assert vault.waiting() == []
    assert vault.check(exhibit.id) == 7


@pytest.mark.parametrize("failure", ["error", "cut download"])
def test_a_bucket_that_fails_on_reading_is_told(proxy: Proxy, tmp_path: Path, failure: str) -> None:
    vault = Vault(tmp_path / "vault", kek=KEK, store=FsspecStore(BUCKET))
    exhibit = seal(vault, os.urandom(20 * CHUNK))
    with vault.open(exhibit.id) as file:
        file.read(10)
        proxy.failure = failure
        file.seek(18 * CHUNK + 100)
        with pytest.raises((Unreadable, Refused)):
            file.read()
    with pytest.raises((Unreadable, Refused)):
        vault.check(exhibit.id)
    proxy.failure = None
    assert vault.check(exhibit.id) == 20 * CHUNK


def test_shredding_is_finished_when_the_bucket_is_back(proxy: Proxy, tmp_path: Path) -> None:
    vault = Vault(tmp_path / "vault", kek=KEK, store=FsspecStore(BUCKET))
    exhibit = seal(vault, b"content")
    proxy.failure = "error"
    with pytest.raises(Unreadable, match="key is destroyed, but the ciphertext cannot be removed"):
        vault.shred(exhibit.id)
    with pytest.raises(Refused, match="was shredded"):
        vault.open(exhibit.id)
    proxy.failure = None
    assert vault._store.exists(exhibit.id)
    again = Vault(vault.path, kek=KEK, store=vault._store)
    assert not again._store.exists(exhibit.id)
    again.shred(exhibit.id)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("not json", "in JSON"),
        ("[]", "nothing else"),
        ('{"url": "s3://b", "key": "x"}', "nothing else"),
        ('{"url": 5}', "a text"),
        ('{"url": "no url"}', "plain URL"),
        ('{"url": "s3://key:word@bucket/case"}', "credentials belong into the environment"),
        ('{"url": "s3://bucket/case?key=word"}', "credentials belong into the environment"),
        ('{"url": "unheardof://bucket"}', "cannot be used as the vault's location"),
    ],
)
def test_a_setting_that_makes_no_sense_is_told(tmp_path: Path, text: str, message: str) -> None:
    (tmp_path / LOCATION_FILE).write_text(text)
    with pytest.raises(Unreadable, match=message) as told:
        Vault(tmp_path, kek=KEK)
    assert "word" not in str(told.value)


def test_a_kind_of_place_that_needs_a_package_says_which(tmp_path: Path) -> None:
    """In a process of its own, where fsspec cannot be imported."""
    script = """
import sys
sys.modules["fsspec"] = sys.modules["fsspec.core"] = None
from palermo.evidence import FsspecStore
try:
    FsspecStore("s3://bucket/case")
except Exception as error:
    print(type(error).__name__, error)
"""
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )
    assert done.stdout.startswith("Unreadable")
    assert "palermo[s3]" in done.stdout


def test_the_package_is_imported_only_when_it_is_needed() -> None:
    script = "import sys, palermo.evidence; print('fsspec' in sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "False"


# ------------------------------------------------------------------- disks that do not take it


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    place = tmp_path / "small"
    place.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", "size=4m", "tmpfs", str(place)]
    try:
        subprocess.run(command, check=True, capture_output=True)
    except (OSError, subprocess.CalledProcessError) as error:
        pytest.skip(f"no file system can be mounted here: {error}")
    yield place
    subprocess.run(["umount", "--lazy", place], check=True)


def fill_up(path: Path) -> None:
    with path.open("wb", buffering=0) as file:
        while True:
            file.write(bytes(4096))


def test_a_full_disk_loses_nothing_and_shows_nothing_half_made(small_disk: Path) -> None:
    vault = Vault(small_disk / "vault", kek=KEK)
    kept = seal(vault, os.urandom(CHUNK))
    with pytest.raises(Unreadable, match="No space left"):
        seal(vault, os.urandom(5 * CHUNK))
    numbers = iter(range(100_000))
    with pytest.raises(Unreadable, match="No space left"):
        vault.seal_many(
            Incoming(source=io.BytesIO(os.urandom(9000)), name=str(n), media_type="x", at=AT)
            for n in numbers
        )
    assert not list((vault.path / INCOMING).iterdir())
    assert list(vault.exhibits()) == [kept]
    assert vault.check(kept.id) == CHUNK
    filler = small_disk / "filler"
    filler.touch()
    with pytest.raises(OSError, match="No space left"):
        fill_up(filler)
    with pytest.raises(Unreadable):
        seal(vault, b"not even this")
    filler.unlink()
    assert vault.check(seal(vault, b"now there is room").id) == 17
    for one in Vault(vault.path, kek=KEK).exhibits():
        vault.check(one.id)


def test_a_read_only_disk_can_be_read(small_disk: Path) -> None:
    vault = Vault(small_disk / "vault", kek=KEK)
    exhibit = seal(vault, b"content")
    subprocess.run(["mount", "-o", "remount,ro", small_disk], check=True)
    vault = Vault(vault.path, kek=KEK)
    assert vault.check(exhibit.id) == 7
    assert list(vault.exhibits()) == [exhibit]
    with vault.plain(exhibit.id, directory=small_disk.parent / "copies") as path:
        assert path.read_bytes() == b"content"
    for action in (
        lambda: seal(vault, b"more"),
        lambda: vault.shred(exhibit.id),
        lambda: vault.rekey(bytes(32)),
        lambda: vault.plain(exhibit.id).__enter__(),
    ):
        with pytest.raises(Unreadable, match=r"[Rr]ead-only file system"):
            action()
    assert vault.check(exhibit.id) == 7


def test_a_folder_that_cannot_be_made_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(Unreadable, match="cannot be begun"):
        seal(Vault(tmp_path / "file" / "vault", kek=KEK), b"x")
