"""The file of a backup: hostile archives, changed ones, and what is never written anywhere."""

import hashlib
import io
import json
import os
import tarfile
from collections.abc import Callable
from pathlib import Path

import pytest

from palermo.doors.web.operations import archive
from palermo.doors.web.operations.archive import LIST, MANIFEST, MANIFEST_TYPE, read_into, writing
from palermo.evidence import Keystore
from palermo.evidence.dsse import Envelope
from palermo.model import Refused, Unreadable

SECRET = b"a passphrase of some length"
SAID = {"palermo_backup": 1, "made_at": "2026-11-25T10:00:00+00:00"}


@pytest.fixture(scope="module")
def signer(tmp_path_factory: pytest.TempPathFactory) -> Keystore:
    return Keystore.open(tmp_path_factory.mktemp("keys"), actor="node")


@pytest.fixture
def node(tmp_path: Path) -> Path:
    folder = tmp_path / "source"
    (folder / "deep" / "er").mkdir(parents=True)
    (folder / "deep" / "er" / "a name with ünïcode\n.bin").write_bytes(os.urandom(3_000_000))
    (folder / "empty").write_bytes(b"")
    (folder / os.fsdecode(b"no-utf8-\xff")).write_bytes(b"bytes")
    (folder / "sealed").write_bytes(b"read only")
    (folder / "sealed").chmod(0o400)
    return folder


def made(folder: Path, signer: Keystore, out: Path, passphrase: bytes | None = None) -> str:
    with (
        out.open("wb") as file,
        out.with_suffix(".list").open("w+b") as listed,
        writing(file, listed, passphrase) as tar,
    ):
        for path in sorted(folder.rglob("*")):
            if path.is_file():
                tar.add(f"node/{path.relative_to(folder)}", path)
        return tar.finish(SAID, signer)


def read(path: Path, into: Path, passphrase: bytes | None = None) -> archive.Read:
    into.mkdir()
    with path.open("rb") as file:
        return read_into(file, into, passphrase, "backup")


@pytest.mark.parametrize("passphrase", [None, SECRET])
def test_everything_comes_back(
    node: Path, signer: Keystore, tmp_path: Path, passphrase: bytes | None
) -> None:
    out = tmp_path / "out"
    sha256 = made(node, signer, out, passphrase)
    found = read(out, tmp_path / "back", passphrase)
    assert found.sha256 == sha256
    assert found.envelope.signed_by(signer.public_key)
    before = {p.relative_to(node): p.read_bytes() for p in node.rglob("*") if p.is_file()}
    there = tmp_path / "back" / "node"
    after = {p.relative_to(there): p.read_bytes() for p in there.rglob("*") if p.is_file()}
    assert after == before
    assert all(path.stat().st_mode & 0o077 == 0 for path in there.rglob("*"))
    assert not (there / "sealed").stat().st_mode & 0o200


def test_a_plain_backup_is_an_ordinary_archive_with_hashes(
    node: Path, signer: Keystore, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    made(node, signer, out)
    with tarfile.open(out) as tar:
        lines = [json.loads(line) for line in tar.extractfile(LIST) or []]
        for line in lines:
            content = tar.extractfile(line["path"])
            assert content is not None
            assert hashlib.sha256(content.read()).hexdigest() == line["sha256"]
    assert len(lines) == 4


def test_a_wrong_passphrase_and_the_wrong_kind(
    node: Path, signer: Keystore, tmp_path: Path
) -> None:
    plain, sealed = tmp_path / "plain", tmp_path / "sealed"
    made(node, signer, plain)
    made(node, signer, sealed, SECRET)
    with pytest.raises(Refused, match="passphrase is another one"):
        read(sealed, tmp_path / "1", b"another passphrase")
    with pytest.raises(Unreadable, match="is encrypted"):
        read(sealed, tmp_path / "2")
    with pytest.raises(Refused, match="is not encrypted"):
        read(plain, tmp_path / "3", SECRET)
    other = tmp_path / "other"
    other.write_bytes(b"something else entirely" * 1000)
    with pytest.raises(Unreadable, match="expected a backup"):
        read(other, tmp_path / "4")


@pytest.mark.parametrize("passphrase", [None, SECRET])
def test_a_cut_backup_is_refused(
    node: Path, signer: Keystore, tmp_path: Path, passphrase: bytes | None
) -> None:
    out = tmp_path / "out"
    made(node, signer, out, passphrase)
    data = out.read_bytes()
    end = len(data) - 20_480 if passphrase is None else len(data)
    for number, length in enumerate((600, 5000, len(data) // 2, end - 2000, end - 1)):
        out.write_bytes(data[:length])
        with pytest.raises(Refused):
            read(out, tmp_path / f"back{number}", passphrase)


def test_a_changed_byte_of_a_plain_backup_is_refused(
    node: Path, signer: Keystore, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    made(node, signer, out)
    data = out.read_bytes()
    with tarfile.open(out) as tar:
        places = [m.offset_data for m in tar if m.isreg() and m.size]
    for number, place in enumerate(places):
        changed = bytearray(data)
        changed[place] ^= 1
        out.write_bytes(changed)
        with pytest.raises(Refused):
            _read_and_compare(out, tmp_path / f"back{number}", signer)


def _read_and_compare(out: Path, into: Path, signer: Keystore) -> None:
    """The manifest itself is signed: whoever reads it compares the key."""
    if not read(out, into).envelope.signed_by(signer.public_key):
        raise Refused("not signed")


def rewritten(out: Path, change: Callable[[tarfile.TarFile, dict[str, bytes]], None]) -> None:
    with tarfile.open(out) as tar:
        members = {m.name: content.read() for m in tar if (content := tar.extractfile(m))}
    with tarfile.open(out, "w", format=tarfile.PAX_FORMAT) as tar:
        change(tar, members)


def put(tar: tarfile.TarFile, name: str, data: bytes, **more: object) -> None:
    info = tarfile.TarInfo(name)
    info.size = len(data)
    for key, value in more.items():
        setattr(info, key, value)
    tar.addfile(info, io.BytesIO(data))


@pytest.mark.parametrize(
    ("name", "more"),
    [
        ("../outside", {}),
        ("node/../../outside", {}),
        ("/var/palermo-outside", {}),
        ("node//twice", {}),
        ("./node/x", {}),
        ("node/link", {"type": tarfile.SYMTYPE, "linkname": "/etc"}),
        ("node/hard", {"type": tarfile.LNKTYPE, "linkname": "node/empty"}),
        ("node/device", {"type": tarfile.CHRTYPE}),
        ("node/fifo", {"type": tarfile.FIFOTYPE}),
        ("node/folder", {"type": tarfile.DIRTYPE}),
        ("node/empty", {}),
    ],
)
def test_hostile_members_are_refused_and_written_nowhere(
    node: Path, signer: Keystore, tmp_path: Path, name: str, more: dict[str, object]
) -> None:
    out = tmp_path / "out"
    made(node, signer, out)

    def plant(tar: tarfile.TarFile, members: dict[str, bytes]) -> None:
        put(tar, "node/empty", b"")
        put(tar, name, b"", **more)
        for path, data in members.items():
            put(tar, path, data)

    rewritten(out, plant)
    with pytest.raises(Refused, match="no backup does"):
        read(out, tmp_path / "inner")
    assert not (tmp_path / "outside").exists()
    assert not Path("/var/palermo-outside").exists()


@pytest.mark.parametrize("what", ["added", "removed", "changed", "list", "late", "twice", "signed"])
def test_a_manifest_counts_and_hashes_everything(
    node: Path, signer: Keystore, tmp_path: Path, what: str
) -> None:
    out = tmp_path / "out"
    made(node, signer, out)

    def change(tar: tarfile.TarFile, members: dict[str, bytes]) -> None:
        manifest = members.pop(MANIFEST)
        listed = members.pop(LIST)
        match what:
            case "added":
                members["node/more"] = b"more"
            case "removed":
                del members["node/empty"]
            case "changed":
                members["node/sealed"] = b"read_only"
            case "list":
                listed = listed.replace(b'"size": 9', b'"size": 8')
            case "signed":
                said = json.loads(Envelope.from_bytes(manifest).payload) | {"palermo_backup": 2}
                payload = json.dumps(said).encode()
                manifest = Envelope.sign(MANIFEST_TYPE, payload, signer).to_bytes()
        for path, data in members.items():
            put(tar, path, data)
        put(tar, LIST, listed)
        if what == "late":
            put(tar, "node/late", b"late")
        put(tar, MANIFEST, manifest)
        if what == "twice":
            put(tar, MANIFEST, manifest)

    rewritten(out, change)
    with pytest.raises(Refused):
        read(out, tmp_path / "back")


def test_something_after_the_end_is_refused(node: Path, signer: Keystore, tmp_path: Path) -> None:
    out = tmp_path / "out"
    made(node, signer, out)
    with out.open("ab") as file:
        file.write(b"\0" * (1 << 21) + b"hidden")
    with pytest.raises(Refused, match="follows its end"):
        read(out, tmp_path / "back")


def test_a_file_that_shrinks_while_it_is_copied_is_refused(
    signer: Keystore, tmp_path: Path
) -> None:
    with (
        (tmp_path / "out").open("wb") as file,
        (tmp_path / "list").open("w+b") as listed,
        tarfile.open(fileobj=file, mode="w|") as tar,
        pytest.raises(Refused, match="became shorter"),
    ):
        archive.Writing(tar, listed)._add("node/x", io.BytesIO(b"short"), 100, 0o600, 0)


def test_a_link_is_never_followed(signer: Keystore, tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to("/etc/hostname")
    with (
        (tmp_path / "out").open("wb") as file,
        (tmp_path / "list").open("w+b") as listed,
        writing(file, listed, None) as tar,
        pytest.raises(OSError, match="symbolic links"),
    ):
        tar.add("node/link", tmp_path / "link")
