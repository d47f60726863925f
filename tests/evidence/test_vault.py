"""The vault keeps what it was given, once, and notices everything else."""

import hashlib
import io
import os
import stat
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from palermo.evidence import Vault
from palermo.model import Exhibit, Refused, Unreadable

AT = datetime(2026, 11, 24, tzinfo=UTC)


def seal(vault: Vault, source: Path | io.BytesIO) -> Exhibit:
    return vault.seal(source, name="ads.csv", media_type="text/csv", at=AT)


def contents(vault: Vault) -> list[Path]:
    return sorted(path for path in vault.path.rglob("*") if path.is_file())


def test_a_sealed_file_is_named_by_its_hash_and_read_only(tmp_path: Path) -> None:
    source = tmp_path / "ads.csv"
    source.write_bytes(b"id,text\n1,caf\xc3\xa9\n")
    vault = Vault(tmp_path / "vault")
    exhibit = seal(vault, source)
    assert exhibit.sha256 == hashlib.sha256(source.read_bytes()).hexdigest()
    assert (exhibit.size, exhibit.name, exhibit.sealed_at) == (16, "ads.csv", AT)
    (kept,) = contents(vault)
    assert kept == vault.path / exhibit.sha256[:2] / exhibit.sha256
    assert stat.S_IMODE(kept.stat().st_mode) == 0o444
    assert vault.check(exhibit.sha256) == 16
    with vault.open(exhibit.sha256) as file:
        assert file.read() == source.read_bytes()


@given(data=st.binary(max_size=3_000_000).map(lambda some: some * 3))
def test_any_bytes_come_back_unchanged(
    tmp_path_factory: pytest.TempPathFactory, data: bytes
) -> None:
    vault = Vault(tmp_path_factory.mktemp("vault"))
    exhibit = seal(vault, io.BytesIO(data))
    assert exhibit.size == len(data)
    with vault.open(exhibit.sha256) as file:
        assert file.read() == data


def test_the_same_bytes_seal_once(tmp_path: Path) -> None:
    vault = Vault(tmp_path)
    first, second = (seal(vault, io.BytesIO(b"same")) for _ in range(2))
    assert first == second
    assert len(contents(vault)) == 1


def test_sealing_over_altered_bytes_is_refused(tmp_path: Path) -> None:
    vault = Vault(tmp_path)
    exhibit = seal(vault, io.BytesIO(b"same"))
    kept = vault.locate(exhibit.sha256)
    kept.chmod(0o644)
    kept.write_bytes(b"sane")
    with pytest.raises(Refused, match="was altered"):
        seal(vault, io.BytesIO(b"same"))
    with pytest.raises(Refused, match="was altered"):
        vault.check(exhibit.sha256)
    assert kept.read_bytes() == b"sane"  # the trace of the alteration stays


OPEN = Path.open


class Meddler(io.FileIO):
    """A file that somebody writes to after it was read, without its size or clock telling."""

    def readinto(self, buffer: object, /) -> int | None:
        count = super().readinto(buffer)  # type: ignore[arg-type]  # a writable buffer
        if not count:
            path = Path(str(self.name))
            before = path.stat()
            with OPEN(path, "r+b") as other:
                other.write(b"X" * before.st_size)
            os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))
        return count


def test_a_source_that_changes_is_noticed_even_within_one_tick(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = tmp_path / "ads.csv"
    source.write_bytes(b"a" * 1000)

    def meddled(path: Path, *args: object, **more: object) -> object:
        return Meddler(path) if path == source else OPEN(path, *args, **more)  # type: ignore[call-overload]  # passed through

    vault = Vault(tmp_path / "vault")
    with monkeypatch.context() as patch:
        patch.setattr(Path, "open", meddled)
        with pytest.raises(Refused, match="changed while"):
            seal(vault, source)
    assert contents(vault) == []


def test_a_growing_source_is_noticed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    source = tmp_path / "ads.csv"
    source.write_bytes(b"a" * 1000)
    os.utime(source, ns=(0, 0))  # old, so that only the grown size can tell
    from palermo.evidence import vault as module

    copy = module._copy

    def grow(*args: object) -> object:
        copied = copy(*args)  # type: ignore[arg-type]  # passed through
        with source.open("ab") as other:
            other.write(b"more")
        return copied

    monkeypatch.setattr(module, "_copy", grow)
    with pytest.raises(Refused, match="changed while"):
        seal(Vault(tmp_path / "vault"), source)


class Broken(io.BytesIO):
    def readinto(self, _buffer: object, /) -> int:
        raise OSError(5, "Input/output error")


class Bare:
    """A source that can do nothing but read."""

    def __init__(self, data: bytes) -> None:
        self._inner = io.BytesIO(data)

    def read(self, size: int) -> bytes:
        return self._inner.read(min(size, 1000))


def test_a_source_that_only_reads_is_enough(tmp_path: Path) -> None:
    vault = Vault(tmp_path)
    exhibit = seal(vault, Bare(b"abc" * 5000))  # type: ignore[arg-type]  # less than a BinaryIO
    assert exhibit.sha256 == hashlib.sha256(b"abc" * 5000).hexdigest()


def test_a_failing_source_leaves_nothing_behind(tmp_path: Path) -> None:
    vault = Vault(tmp_path / "vault")
    with pytest.raises(Unreadable, match=r"ads\.csv: cannot be sealed \(Input/output error\)"):
        seal(vault, Broken())
    with pytest.raises(Unreadable, match="cannot be sealed"):
        seal(vault, tmp_path / "missing.csv")
    with pytest.raises(Unreadable, match="cannot be sealed"):
        seal(vault, tmp_path)
    assert contents(vault) == []


def test_a_full_disk_leaves_nothing_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    vault = Vault(tmp_path / "vault")

    def full(_descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", full)
        with pytest.raises(Unreadable, match="No space left"):
            seal(vault, io.BytesIO(b"data"))
    assert contents(vault) == []
    assert vault.check(seal(vault, io.BytesIO(b"data")).sha256) == 4


def test_a_killed_sealer_leaves_no_half_exhibit(tmp_path: Path) -> None:
    process = subprocess.Popen(
        [sys.executable, "-c", SEAL_FOR_EVER, str(tmp_path)], stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    for _ in range(5):
        process.stdout.readline()
    process.kill()
    process.communicate()
    vault = Vault(tmp_path)
    kept = [path for path in contents(vault) if path.parent.name != ".incoming"]
    assert len(kept) >= 5
    for path in kept:
        assert vault.check(path.name) == path.stat().st_size


def test_names_that_are_no_hash_never_become_paths(tmp_path: Path) -> None:
    vault = Vault(tmp_path)
    for name in ("", "../../etc/passwd", "A" * 64, "a" * 63, "é" * 64, "a" * 64 + "\n"):
        with pytest.raises(Unreadable, match="64 hexadecimal"):
            vault.open(name)
    with pytest.raises(Refused, match="no such exhibit"):
        vault.open("a" * 64)


def test_a_time_without_zone_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="time zone"):
        Vault(tmp_path).seal(io.BytesIO(b""), name="x", media_type="y", at=AT.replace(tzinfo=None))


SEAL_FOR_EVER = """
import io, itertools, sys, pathlib, datetime
from palermo.evidence import Vault
vault, at = Vault(pathlib.Path(sys.argv[1])), datetime.datetime.now(datetime.UTC)
for n in itertools.count():
    source = io.BytesIO(b"%d" % n * 300_000)
    print(vault.seal(source, name="x", media_type="text/csv", at=at).sha256, flush=True)
"""

SEAL_MANY = """
import io, sys, pathlib, datetime
from palermo.evidence import Vault
vault, at = Vault(pathlib.Path(sys.argv[1])), datetime.datetime.now(datetime.UTC)
for n in range(40):
    source = io.BytesIO(b"%d" % (n % 5) * 100_000)
    print(vault.seal(source, name="x", media_type="text/csv", at=at).sha256)
"""


def test_processes_may_seal_the_same_bytes_at_once(tmp_path: Path) -> None:
    command = [sys.executable, "-c", SEAL_MANY, str(tmp_path)]
    started = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _ in range(4)]
    found = {process.communicate(timeout=60)[0] for process in started}
    assert [process.returncode for process in started] == [0] * 4
    (names,) = found
    vault = Vault(tmp_path)
    assert len(contents(vault)) == 5
    for name in set(names.split()):
        assert vault.check(name) == 100_000
