"""The vault keeps what it was given, once, and notices everything else."""

import hashlib
import io
import itertools
import os
import secrets
import stat
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import BinaryIO

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from palermo.evidence import Incoming, Vault
from palermo.evidence.vault import INCOMING, KEYS_FILE, commitment, sealed_size
from palermo.evidence.vault.stream import CHUNK
from palermo.model import Exhibit, Refused, Unreadable

AT = datetime(2026, 11, 24, tzinfo=UTC)
KEK = bytes(range(32))


def seal(vault: Vault, source: Path | io.BytesIO) -> Exhibit:
    return vault.seal(source, name="ads.csv", media_type="text/csv", at=AT)


def ciphertexts(vault: Vault) -> list[Path]:
    return sorted(path for path in vault.path.glob("[0-9a-f][0-9a-f]/*") if path.is_file())


def unfinished(vault: Vault) -> list[Path]:
    return [*vault.path.glob(f"{INCOMING}/*"), *vault.path.glob(".plain/*")]


@pytest.fixture
def vault(tmp_path: Path) -> Vault:
    return Vault(tmp_path / "vault", kek=KEK)


def test_an_exhibit_is_named_by_a_commitment_and_lies_encrypted(
    tmp_path: Path, vault: Vault
) -> None:
    source = tmp_path / "ads.csv"
    source.write_bytes(b"id,text\n1,caf\xc3\xa9\n")
    exhibit = seal(vault, source)
    sha256 = hashlib.sha256(source.read_bytes()).hexdigest()
    assert (exhibit.sha256, exhibit.size, exhibit.name) == (sha256, 16, "ads.csv")
    assert (exhibit.media_type, exhibit.sealed_at, exhibit.parent) == ("text/csv", AT, None)
    opening = vault.opening(exhibit.id)
    assert opening.sha256 == sha256
    assert exhibit.id == commitment(opening.salt, sha256)
    tagged = b"palermo.exhibit.v1\0" + opening.salt + bytes.fromhex(sha256)
    assert exhibit.id == hashlib.sha256(tagged).hexdigest()
    (kept,) = ciphertexts(vault)
    assert kept == vault.path / exhibit.id[:2] / exhibit.id
    assert stat.S_IMODE(kept.stat().st_mode) == 0o444
    assert stat.S_IMODE((vault.path / KEYS_FILE).stat().st_mode) == 0o600
    assert hashlib.sha256(kept.read_bytes()).hexdigest() == exhibit.sealed_sha256
    assert kept.stat().st_size == sealed_size(16)
    assert vault.check(exhibit.id) == 16
    with vault.open(exhibit.id) as file:
        assert file.read() == source.read_bytes()


def test_nothing_in_the_folder_tells_name_content_or_hash(vault: Vault) -> None:
    content = b"a telephone number: +39 06 698 00000"
    exhibit = vault.seal(
        io.BytesIO(content), name="interview Maria Rossi.txt", media_type="text/plain", at=AT
    )
    for path in (path for path in vault.path.rglob("*") if path.is_file()):
        data = path.read_bytes()
        for secret in (content, b"Maria", exhibit.sha256.encode(), bytes.fromhex(exhibit.sha256)):
            assert secret not in data


@settings(deadline=None, max_examples=60)
@given(
    data=st.binary(max_size=2000),
    times=st.sampled_from([0, 1, 3, 700]),
    around=st.sampled_from([None, -1, 0, 1]),
)
def test_any_bytes_come_back_unchanged(
    tmp_path_factory: pytest.TempPathFactory, data: bytes, times: int, around: int | None
) -> None:
    data *= times
    if around is not None:  # lengths about the limits between chunks
        data = (data or b"x") * (2 * CHUNK // max(1, len(data)) + 1)
        data = data[: CHUNK * (1 + times % 2) + around]
    vault = Vault(tmp_path_factory.mktemp("vault"), kek=KEK)
    exhibit = seal(vault, io.BytesIO(data))
    assert exhibit.size == len(data)
    assert vault.check(exhibit.id) == len(data)
    vault.check_sealed(exhibit.id, exhibit.sealed_sha256, exhibit.size)
    with vault.open(exhibit.id) as file:
        assert file.read() == data


@settings(deadline=None)
@given(moves=st.lists(st.tuples(st.integers(0, 3 * CHUNK), st.integers(0, 2 * CHUNK)), max_size=8))
def test_reading_anywhere_gives_the_same_bytes_as_a_file(
    three_chunks: tuple[Vault, Exhibit, bytes], moves: list[tuple[int, int]]
) -> None:
    vault, exhibit, data = three_chunks
    plain = io.BytesIO(data)
    with vault.open(exhibit.id) as file:
        assert file.seekable()
        for place, count in moves:
            assert file.seek(place) == plain.seek(place)
            assert file.read(count) == plain.read(count)
            assert file.tell() == plain.tell()
        assert file.seek(-5, io.SEEK_END) == len(data) - 5
        assert file.read() == data[-5:]
        with pytest.raises((ValueError, OSError)):
            file.seek(-1)


@pytest.fixture(scope="module")
def three_chunks(tmp_path_factory: pytest.TempPathFactory) -> tuple[Vault, Exhibit, bytes]:
    vault = Vault(tmp_path_factory.mktemp("vault"), kek=KEK)
    data = os.urandom(3 * CHUNK - 77)
    return vault, seal(vault, io.BytesIO(data)), data


def test_the_same_bytes_seal_once(vault: Vault) -> None:
    first, second = (seal(vault, io.BytesIO(b"same")) for _ in range(2))
    assert first == second
    again = vault.seal(
        io.BytesIO(b"same"), name="other.csv", media_type="text/plain", at=datetime.now(UTC)
    )
    assert again == first  # the record of the first sealing counts
    large = os.urandom(2 * CHUNK)
    assert seal(vault, io.BytesIO(large)) == seal(vault, io.BytesIO(large))
    assert len(ciphertexts(vault)) == 2
    assert not unfinished(vault)


def test_two_vaults_keep_the_same_bytes_under_different_names(tmp_path: Path) -> None:
    vaults = [Vault(tmp_path / name, kek=KEK) for name in "ab"]
    first, second = (seal(vault, io.BytesIO(b"same")) for vault in vaults)
    assert first.id != second.id
    assert first.sealed_sha256 != second.sealed_sha256


def test_exhibits_are_found_listed_and_have_parents(vault: Vault) -> None:
    assert vault.find("ab" * 32) is None
    assert list(vault.exhibits()) == []
    whole = seal(vault, io.BytesIO(b"an archive"))
    part = vault.seal(
        io.BytesIO(b"a part"), name="part \udcff.bin", media_type="x", at=AT, parent=whole.id
    )
    assert vault.find(part.sha256) == part == vault.get(part.id)
    assert part.name == "part \udcff.bin"  # not every file name is Unicode
    assert list(vault.exhibits()) == [whole, part]
    with pytest.raises(Unreadable, match="64 hexadecimal"):
        vault.seal(io.BytesIO(b""), name="x", media_type="x", at=AT, parent="whole")


def test_many_are_sealed_in_one_go(vault: Vault) -> None:
    contents = [b"%d" % (number % 40) * (1 + number) for number in range(100)]
    contents[60:60] = [bytes(2 * CHUNK + 3), contents[0], bytes(CHUNK)]
    exhibits = vault.seal_many(
        Incoming(source=io.BytesIO(content), name=str(place), media_type="x", at=AT)
        for place, content in enumerate(contents)
    )
    assert len(ciphertexts(vault)) == len(set(contents))
    assert not unfinished(vault)
    for content, exhibit in zip(contents, exhibits, strict=True):
        assert exhibit.sha256 == hashlib.sha256(content).hexdigest()
        with vault.open(exhibit.id) as file:
            assert file.read() == content
    assert vault.seal_many([]) == []


def test_what_cannot_be_sealed_keeps_nothing_else_from_it(tmp_path: Path, vault: Vault) -> None:
    good = [io.BytesIO(b"one"), io.BytesIO(b"two")]
    sources: list[Path | BinaryIO] = [good[0], tmp_path / "missing", good[1], Broken()]
    incoming = [
        Incoming(source=one, name=f"{number}", media_type="x", at=AT)
        for number, one in enumerate(sources)
    ]
    with pytest.raises(Unreadable, match=r"missing: cannot be sealed .*\(1 more could not"):
        vault.seal_many(incoming)
    assert [one.name for one in vault.exhibits()] == ["0", "2"]
    told: list[tuple[str, str]] = []
    for one in good:
        one.seek(0)
    sealed = vault.seal_many(
        incoming, failed=lambda one, error: told.append((one.name, type(error).__name__))
    )
    assert [one.name for one in sealed] == ["0", "2"]
    assert told == [("1", "Unreadable"), ("3", "Unreadable")]


def test_sealing_over_altered_bytes_is_refused(vault: Vault) -> None:
    exhibit = seal(vault, io.BytesIO(b"same"))
    (kept,) = ciphertexts(vault)
    kept.chmod(0o644)
    altered = bytes([*kept.read_bytes()[:-1], 0xFF & ~kept.read_bytes()[-1]])
    kept.write_bytes(altered)
    with pytest.raises(Refused, match="was altered"):
        seal(vault, io.BytesIO(b"same"))
    with pytest.raises(Refused, match="was altered"):
        vault.check(exhibit.id)
    with pytest.raises(Refused, match="was altered"):
        vault.check_sealed(exhibit.id, exhibit.sealed_sha256, exhibit.size)
    assert kept.read_bytes() == altered  # the trace of the alteration stays


def test_a_plain_copy_is_private_and_does_not_stay(tmp_path: Path, vault: Vault) -> None:
    exhibit = vault.seal(io.BytesIO(b"plain" * 300_000), name="a b.csv.gz", media_type="x", at=AT)
    for directory in (None, tmp_path / "memory"):
        with vault.plain(exhibit.id, directory=directory) as path:
            assert path.name == "exhibit.csv.gz"
            assert path.read_bytes() == b"plain" * 300_000
            assert stat.S_IMODE(path.stat().st_mode) == 0o600
            assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
            assert path.is_relative_to(directory or vault.path)
            other = tmp_path / f"link {directory is None}"
            other.hardlink_to(path)  # keeps the bytes in sight when the name is gone
        assert not path.parent.exists()
        assert other.read_bytes() == bytes(1_500_000)


def test_a_plain_copy_of_a_killed_reader_goes_at_the_next_opening(vault: Vault) -> None:
    exhibit = seal(vault, io.BytesIO(b"secret"))
    command = [sys.executable, "-c", READ_FOR_EVER, str(vault.path), KEK.hex(), exhibit.id]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, stdin=pipe, stdout=pipe, text=True) as process:
        assert process.stdout is not None
        path = Path(process.stdout.readline().strip())
        Vault(vault.path, kek=KEK)
        assert path.read_bytes() == b"secret"  # in use: it stays
        process.kill()
    Vault(vault.path, kek=KEK)
    assert not path.exists()
    assert not unfinished(vault)


def test_without_the_key_ciphertexts_can_be_checked_and_nothing_else(vault: Vault) -> None:
    exhibit = seal(vault, io.BytesIO(b"content"))
    stranger = Vault(vault.path, kek=None)
    stranger.check_sealed(exhibit.id, exhibit.sealed_sha256, exhibit.size)
    with pytest.raises(Refused, match=r"\d bytes, expected"):
        stranger.check_sealed(exhibit.id, exhibit.sealed_sha256, exhibit.size + 1)
    with pytest.raises(Unreadable, match="needs the node's key-encryption key"):
        stranger.open(exhibit.id)
    with pytest.raises(Unreadable, match="needs the node's key-encryption key"):
        seal(stranger, io.BytesIO(b""))


OPEN = os.fdopen


class Meddler(io.FileIO):
    """A file that somebody writes to after it was read, without its size or clock telling."""

    def readinto(self, buffer: object, /) -> int | None:
        count = super().readinto(buffer)  # type: ignore[arg-type]  # a writable buffer
        if not count:
            path = Path(f"/proc/self/fd/{self.fileno()}").readlink()
            before = path.stat()
            with path.open("r+b") as other:
                other.write(b"X" * before.st_size)
            os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))
        return count


@pytest.mark.parametrize("size", [1000, CHUNK, CHUNK + 1000])
def test_a_source_that_changes_is_noticed_even_within_one_tick(
    tmp_path: Path, vault: Vault, monkeypatch: pytest.MonkeyPatch, size: int
) -> None:
    source = tmp_path / "ads.csv"
    source.write_bytes(b"a" * size)

    def meddled(descriptor: int, *args: object, **more: object) -> object:
        if os.path.samestat(os.fstat(descriptor), source.stat()):
            return Meddler(descriptor)
        return OPEN(descriptor, *args, **more)  # type: ignore[call-overload]  # passed through

    with monkeypatch.context() as patch:
        patch.setattr(os, "fdopen", meddled)
        with pytest.raises(Refused, match="changed while"):
            seal(vault, source)
    assert not ciphertexts(vault)
    assert not unfinished(vault)


def test_a_growing_source_is_noticed(
    tmp_path: Path, vault: Vault, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = tmp_path / "ads.csv"
    source.write_bytes(b"a" * 1000)
    os.utime(source, ns=(0, 0))  # old, so that only the grown size can tell
    from palermo.evidence.vault import sealing, stream

    fill = stream.fill

    def grow(*args: object) -> int:
        count = fill(*args)  # type: ignore[arg-type]  # passed through
        with source.open("ab") as other:
            other.write(b"more")
        os.utime(source, ns=(0, 0))
        return count

    monkeypatch.setattr(sealing, "fill", grow)
    with pytest.raises(Refused, match="changed while"):
        seal(vault, source)


class Broken(io.BytesIO):
    def readinto(self, _buffer: object, /) -> int:
        raise OSError(5, "Input/output error")


class BrokenLater(io.BytesIO):
    def readinto(self, buffer: object, /) -> int:
        if self.tell() >= 5 * CHUNK:
            raise OSError(5, "Input/output error")
        return super().readinto(buffer)  # type: ignore[arg-type]  # passed through


class Bare:
    """A source that can do nothing but read."""

    def __init__(self, data: bytes) -> None:
        self._inner = io.BytesIO(data)

    def read(self, size: int) -> bytes:
        return self._inner.read(min(size, 1000))


def test_a_source_that_only_reads_is_enough(vault: Vault) -> None:
    data = b"abc" * CHUNK
    exhibit = seal(vault, Bare(data))  # type: ignore[arg-type]  # less than a BinaryIO
    assert exhibit.sha256 == hashlib.sha256(data).hexdigest()
    assert vault.check(exhibit.id) == len(data)


def test_a_source_that_does_not_wait_is_an_error(vault: Vault) -> None:
    reading, writing = os.pipe()
    os.set_blocking(reading, False)
    with (
        os.fdopen(reading, "rb", buffering=0) as source,
        pytest.raises(Unreadable, match="no bytes yet"),
    ):
        seal(vault, source)  # type: ignore[arg-type]  # any binary file
    os.close(writing)


def test_a_failing_source_leaves_nothing_behind(tmp_path: Path, vault: Vault) -> None:
    os.mkfifo(tmp_path / "pipe")
    for source, message in (
        (Broken(), r"ads\.csv: cannot be sealed \(Input/output error\)"),
        (BrokenLater(bytes(8 * CHUNK)), r"ads\.csv: cannot be sealed \(Input/output error\)"),
        (tmp_path / "missing.csv", "No such file"),
        (tmp_path, "a folder, a device or a pipe"),
        (tmp_path / "pipe", "a folder, a device or a pipe"),
        (tmp_path / "a\0b", "null byte"),
    ):
        with pytest.raises(Unreadable, match=message):
            seal(vault, source)
    assert not ciphertexts(vault)
    assert not unfinished(vault)


@pytest.mark.parametrize("count", [1, 40])
def test_a_disk_that_fails_leaves_nothing_behind(
    vault: Vault, monkeypatch: pytest.MonkeyPatch, count: int
) -> None:
    from palermo.evidence.vault import durable

    def full(*_: object) -> int:
        raise OSError(28, "No space left on device")

    def incoming() -> list[Incoming]:
        names = map(str, range(count))
        return [
            Incoming(source=io.BytesIO(name.encode()), name=name, media_type="x", at=AT)
            for name in names
        ]

    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", full)
        patch.setattr(durable, "_SYNCFS", full)
        with pytest.raises(Unreadable, match="No space left"):
            vault.seal_many(incoming())
    assert not ciphertexts(vault)
    assert not unfinished(vault)
    for exhibit in vault.seal_many(incoming()):
        vault.check(exhibit.id)


def test_a_killed_sealer_leaves_no_half_exhibit(tmp_path: Path) -> None:
    process = subprocess.Popen(
        [sys.executable, "-c", SEAL_FOR_EVER, str(tmp_path), KEK.hex()],
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    acknowledged = [process.stdout.readline().strip() for _ in range(5)]
    process.kill()
    rest, _ = process.communicate()
    vault = Vault(tmp_path, kek=KEK)
    sealed = {exhibit.id for exhibit in vault.exhibits()}
    assert {*acknowledged, *rest.split()} <= sealed
    for one in sealed:
        assert vault.check(one) >= 300_000
    assert {path.name for path in ciphertexts(vault)} == sealed
    assert not unfinished(vault)


def test_names_that_are_no_id_never_become_paths(vault: Vault) -> None:
    seal(vault, io.BytesIO(b""))
    for name in ("", "../../etc/passwd", "A" * 64, "a" * 63, "é" * 64, "a" * 64 + "\n"):
        for method in (vault.open, vault.get, vault.check, vault.shred, vault.opening):
            with pytest.raises(Unreadable, match="64 hexadecimal"):
                method(name)
        with pytest.raises(Unreadable, match="64 hexadecimal"):
            vault.check_sealed(name, "a" * 64, 1)
    for method in (vault.open, vault.get, vault.check, vault.shred, vault.opening):
        with pytest.raises(Refused, match="no such exhibit"):
            method("a" * 64)
    with pytest.raises(Refused, match="is missing"):
        vault.check_sealed("a" * 64, "a" * 64, 1)


def test_a_time_without_zone_is_an_error(vault: Vault) -> None:
    with pytest.raises(ValueError, match="time zone"):
        vault.seal(io.BytesIO(b""), name="x", media_type="y", at=AT.replace(tzinfo=None))


def test_a_key_of_another_length_is_an_error(tmp_path: Path) -> None:
    for kek in (b"", bytes(31), bytes(33)):
        with pytest.raises(ValueError, match="32 bytes"):
            Vault(tmp_path, kek=kek)


PRELUDE = """
import io, itertools, sys, pathlib, datetime
from palermo.evidence import Vault
vault = Vault(pathlib.Path(sys.argv[1]), kek=bytes.fromhex(sys.argv[2]))
at = datetime.datetime.now(datetime.UTC)
def seal(data):
    return vault.seal(io.BytesIO(data), name="x", media_type="text/csv", at=at).id
"""

SEAL_FOR_EVER = f"""{PRELUDE}
for n in itertools.count():
    print(seal(b"%d" % n * 300_000), flush=True)
"""

READ_FOR_EVER = f"""{PRELUDE}
with vault.plain(sys.argv[3]) as path:
    print(path, flush=True)
    sys.stdin.read()
"""

SEAL_MANY = f"""{PRELUDE}
for n in range(40):
    print(seal(b"%d" % (n % 5) * (100_000 if n % 5 else 700_000)))
"""

SEAL_OTHERS = f"""{PRELUDE}
for n in range(40):
    print(seal(b"%s %d" % (sys.argv[3].encode(), n) * 1000))
"""


def side_by_side(script: str, path: Path, *last: str) -> list[list[str]]:
    """Run a script in four processes at once and return what each printed."""
    commands = [
        [sys.executable, "-c", script, str(path), KEK.hex(), mark] for mark in (last or "aaaa")
    ]
    started = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for command in commands]
    found = [process.communicate(timeout=120)[0].split() for process in started]
    assert [process.returncode for process in started] == [0] * len(started)
    return found


def test_processes_may_seal_the_same_bytes_at_once(tmp_path: Path) -> None:
    first, *others = side_by_side(SEAL_MANY, tmp_path)
    assert all(other == first for other in others)
    vault = Vault(tmp_path, kek=KEK)
    assert {path.name for path in ciphertexts(vault)} == set(first)
    assert len(set(first)) == 5
    assert not unfinished(vault)
    assert {vault.check(one) for one in set(first)} == {100_000, 700_000}


def test_processes_may_seal_different_bytes_at_once(tmp_path: Path) -> None:
    found = side_by_side(SEAL_OTHERS, tmp_path, *"abcd")
    ids = set(itertools.chain(*found))
    assert len(ids) == 160
    vault = Vault(tmp_path, kek=KEK)
    assert {path.name for path in ciphertexts(vault)} == ids
    for one in ids:
        vault.check(one)


def test_a_vault_opened_by_another_key_says_so(vault: Vault) -> None:
    seal(vault, io.BytesIO(b"x"))
    with pytest.raises(Refused, match="not the key-encryption key of the vault"):
        Vault(vault.path, kek=secrets.token_bytes(32))


def test_key_records_that_are_gone_are_never_begun_anew(vault: Vault) -> None:
    exhibit = seal(vault, io.BytesIO(b"x"))
    kept = vault.path / "elsewhere"
    (vault.path / KEYS_FILE).rename(kept)
    for place in (vault, Vault(vault.path, kek=KEK)):
        with pytest.raises(Refused, match="key records are gone"):
            seal(place, io.BytesIO(b"y"))
        with pytest.raises(Refused, match="no key records"):
            place.get(exhibit.id)
    kept.rename(vault.path / KEYS_FILE)
    assert vault.check(exhibit.id) == 1


def test_damaged_key_records_are_told(vault: Vault) -> None:
    seal(vault, io.BytesIO(b"x"))
    (vault.path / KEYS_FILE).write_bytes(b"no database at all" * 100)
    with pytest.raises(Unreadable, match="key records cannot be used"):
        Vault(vault.path, kek=KEK)
