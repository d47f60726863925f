"""The file of a backup: a tar archive with a signed manifest at its end, sealed or plain.

Guarantees that whoever reads it learns of every byte that is not as it was written: the manifest
counts and hashes the list of files, the list hashes every file, the node signs the manifest, and a
sealed backup proves its order and its end besides (`evidence.sealed_stream`). Nothing of it is ever
written outside the folder that is read into, and no link is made or followed.
"""

import hashlib
import io
import json
import os
import stat
import tarfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import IO, Any, BinaryIO, cast

from palermo.evidence import SealedReader, SealedWriter, Signer, is_sealed
from palermo.evidence.dsse import Envelope
from palermo.model import Refused, Unreadable

MANIFEST, LIST = "manifest.dsse.json", "files.jsonl"
MANIFEST_TYPE = "application/vnd.palermo.backup+json"
_BLOCK = 1 << 20
#: No manifest is longer; a list of files is a line for each.
_LONGEST_MANIFEST = 64 << 20


@dataclass(frozen=True, slots=True)
class Kept:
    """A file of the backup, by its path in the archive."""

    path: str
    size: int
    sha256: str

    def line(self) -> bytes:
        """Return how the list of files names it."""
        return json.dumps({"path": self.path, "size": self.size, "sha256": self.sha256}).encode()


@dataclass(slots=True)
class Writing:
    """An archive that is being written."""

    tar: tarfile.TarFile
    #: Lines of the list, on disk: a vault may hold millions of files.
    list: BinaryIO
    files: int = 0
    size: int = 0
    last: Kept | None = None

    def add(self, path: str, source: Path) -> None:
        """Add a file as it is now; what is appended to it meanwhile is left out.

        Raises:
            FileNotFoundError: it is gone.
            Refused: it is no plain file, or became shorter.
        """
        with os.fdopen(os.open(source, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC), "rb") as file:
            found = os.fstat(file.fileno())
            if not stat.S_ISREG(found.st_mode):
                raise Refused(f"{source}: is no plain file; take it out of the node's folder")
            self._add(path, file, found.st_size, found.st_mode & 0o700, int(found.st_mtime))

    def add_bytes(self, path: str, data: bytes) -> None:
        """Add a file that is in memory."""
        self._add(path, io.BytesIO(data), len(data), 0o600, 0)

    def finish(self, manifest: Mapping[str, Any], signer: Signer) -> str:
        """Add the list and the signed manifest; return the SHA-256 of the manifest."""
        self.list.seek(0)
        hashed = _Hashed(self.list)
        while hashed.read(_BLOCK):
            pass
        digest, size = hashed.digest.hexdigest(), self.list.tell()
        whole = {
            **manifest,
            "files": self.files,
            "bytes": self.size,
            "list": {"sha256": digest, "size": size},
        }
        self.list.seek(0)
        self._put(LIST, self.list, size, 0o600, 0)
        payload = json.dumps(whole, sort_keys=True, indent=1).encode()
        envelope = Envelope.sign(MANIFEST_TYPE, payload, signer).to_bytes()
        self._put(MANIFEST, io.BytesIO(envelope), len(envelope), 0o600, 0)
        return hashlib.sha256(payload).hexdigest()

    def _add(self, path: str, file: BinaryIO, size: int, mode: int, changed: int) -> None:
        digest = self._put(path, file, size, mode, changed)
        self.last = Kept(path, size, digest)
        self.list.write(self.last.line() + b"\n")
        self.files += 1
        self.size += size

    def _put(self, path: str, file: BinaryIO, size: int, mode: int, changed: int) -> str:
        info = tarfile.TarInfo(path)
        info.size, info.mode, info.mtime = size, mode, changed
        hashed = _Hashed(file)
        try:
            self.tar.addfile(info, cast("BinaryIO", hashed))
        except OSError as error:
            if str(error) != "unexpected end of data":  # how tarfile says it
                raise
            raise Refused(f"{path}: became shorter while it was copied; try again") from None
        return hashed.digest.hexdigest()


@contextmanager
def writing(file: BinaryIO, list_file: BinaryIO, passphrase: bytes | None) -> Iterator[Writing]:
    """Write an archive into `file`, sealed when there is a passphrase."""
    sealed = SealedWriter(file, passphrase) if passphrase is not None else None
    target = cast("BinaryIO", sealed or file)
    with tarfile.open(
        fileobj=target, mode="w|", format=tarfile.PAX_FORMAT, bufsize=_BLOCK, errorlevel=2
    ) as tar:
        yield Writing(tar, list_file)
    if sealed is not None:
        sealed.finish()


@dataclass(slots=True)
class Read:
    """What was read, and found to agree with the manifest."""

    manifest: Mapping[str, Any]
    envelope: Envelope
    sha256: str
    files: dict[str, Kept] = field(default_factory=dict)


def read_into(file: BinaryIO, folder: Path, passphrase: bytes | None, name: str) -> Read:
    """Write what the archive holds below `folder`, which is empty, and compare it with its list.

    Raises:
        Refused: it was changed, cut, or put together, or the passphrase is another one.
        Unreadable: it is no backup.
    """
    start = file.read(512)
    sealed = is_sealed(start)
    file.seek(0)
    if sealed and passphrase is None:
        raise Unreadable(f"{name}: is encrypted; name the file with its passphrase")
    if not sealed and passphrase is not None:
        raise Refused(
            f"{name}: is not encrypted, though a passphrase was given: it is no backup that was "
            "made with one. Leave the passphrase away if that is right"
        )
    source = cast("BinaryIO", SealedReader(file, passphrase, name) if passphrase else file)
    reading = _Reading(folder, name)
    try:
        with tarfile.open(fileobj=source, mode="r|", bufsize=_BLOCK, errorlevel=2) as tar:
            for member in tar:
                reading.take(tar, member)
        while rest := source.read(_BLOCK):  # the end must be proven, too
            if rest.strip(b"\0"):
                raise Refused(f"{name}: something follows its end; use another copy")
    except (tarfile.TarError, EOFError) as error:
        if not sealed and start[257:262] != b"ustar":
            raise Unreadable(f"{name}: expected a backup of Palermo ({error})") from None
        raise Refused(f"{name}: was changed or cut ({error}); use another copy") from None
    return _compared(reading.found, reading.control, name)


@dataclass(slots=True)
class _Reading:
    """What was taken from an archive so far."""

    folder: Path
    name: str
    found: dict[str, Kept] = field(default_factory=dict)
    control: dict[str, bytes] = field(default_factory=dict)

    def take(self, tar: tarfile.TarFile, member: tarfile.TarInfo) -> None:
        """Take one member: a file, or at the end the list and then the manifest."""
        path = member.name
        content = tar.extractfile(member) if member.isreg() else None
        known = path in self.found or path in self.control
        if content is None or known or not _within(path) or MANIFEST in self.control:
            raise Refused(f"{self.name}: holds {path!r}, which no backup does; use another copy")
        if path in {LIST, MANIFEST}:
            if path == MANIFEST and member.size > _LONGEST_MANIFEST:
                raise Refused(f"{self.name}: its manifest is too long; use another copy")
            self.control[path] = content.read()
        elif LIST in self.control:
            raise Refused(f"{self.name}: holds {path!r} after its list; use another copy")
        else:
            self.found[path] = self._write(path, member, content)

    def _write(self, path: str, member: tarfile.TarInfo, content: IO[bytes]) -> Kept:
        place = self.folder / path
        _make_private(place.parent)
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW
        digest, size = hashlib.sha256(), 0
        with os.fdopen(os.open(place, flags, 0o600 | (member.mode & 0o700)), "wb") as out:
            while piece := content.read(_BLOCK):
                digest.update(piece)
                size += len(piece)
                out.write(piece)
        os.utime(place, (member.mtime, member.mtime))
        if not member.mode & 0o200:
            place.chmod(member.mode & 0o500)
        return Kept(path, size, digest.hexdigest())


def _compared(found: dict[str, Kept], control: dict[str, bytes], name: str) -> Read:
    if MANIFEST not in control or LIST not in control:
        raise Refused(
            f"{name}: its end is missing; it was cut, or never finished. Use another copy"
        )
    try:
        envelope = Envelope.from_bytes(control[MANIFEST])
        manifest = json.loads(envelope.payload)
        whole = (manifest["list"]["sha256"], manifest["files"], manifest["bytes"])
        listed = [Kept(**json.loads(line)) for line in control[LIST].splitlines()]
    except (Unreadable, ValueError, KeyError, TypeError, RecursionError):
        raise Refused(f"{name}: its manifest cannot be read; use another copy") from None
    if envelope.payload_type != MANIFEST_TYPE or manifest.get("palermo_backup") != 1:
        raise Refused(f"{name}: its manifest is of another kind; use the version that made it")
    there = (
        hashlib.sha256(control[LIST]).hexdigest(),
        len(found),
        sum(one.size for one in found.values()),
    )
    if whole != there:
        raise Refused(f"{name}: its list of files is not the one of its manifest; use another copy")
    for one in listed:
        if found.get(one.path) != one:
            raise Refused(f"{name}: {one.path} is not as it was listed; use another copy")
    return Read(manifest, envelope, hashlib.sha256(envelope.payload).hexdigest(), found)


def _make_private(folder: Path) -> None:
    """Make a folder and those above it that are missing, each closed to others."""
    if not folder.exists():
        _make_private(folder.parent)
        folder.mkdir(mode=0o700)


def _within(path: str) -> bool:
    parts = PurePosixPath(path).parts
    plain = "\0" not in path and PurePosixPath(path).as_posix() == path
    return bool(parts) and plain and not path.startswith("/") and ".." not in parts


class _Hashed:
    """Hashes what is read through it."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self.digest = hashlib.sha256()

    def read(self, size: int) -> bytes:
        data = self._file.read(size)
        self.digest.update(data)
        return data


def sync_below(folder: Path) -> None:
    """Make everything below `folder` durable, names included."""
    for here, _folders, names in os.walk(folder):
        for path in (*(Path(here) / name for name in names), Path(here)):
            descriptor = os.open(path, os.O_RDONLY)
            try:
                os.fsync(descriptor)
            finally:
                os.close(descriptor)
