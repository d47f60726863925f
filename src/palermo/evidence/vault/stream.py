"""The sealed form of an exhibit: a header, then chunks of AES-256-GCM in the STREAM construction.

Guarantees that whoever reads through `SealedReader` gets bytes that were authenticated, each chunk
in its place, or `Refused`. A chunk's nonce holds its number and whether it is the last (Hoang,
Reyhanitabar, Rogaway, Vizár: Online Authenticated-Encryption and its Nonce-Reuse Misuse-Resistance,
CRYPTO 2015), so that chunks cannot be dropped, added, exchanged or moved.

    header   magic (16 bytes) | bytes in a chunk (4, big-endian) | nonce prefix (7)
    chunk i  AES-256-GCM(key, nonce = prefix | i (4, big-endian) | 1 if last else 0, data = header)

Every chunk but the last is full; the last may be, and is empty only in an empty exhibit.
"""

import errno
import hashlib
import io
import secrets
import struct
from collections.abc import Iterator
from contextlib import contextmanager
from typing import BinaryIO, Self

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from palermo.model import Refused, Unreadable

MAGIC = b"palermo-sealed-1"
CHUNK = 1 << 20
TAG = 16
_LARGEST = 1 << 26  # bytes in a chunk that a reader accepts: they must fit into memory
_HEADER = struct.Struct(">16sI7s")
_NONCE = struct.Struct(">7sIB")
_NO_FILE = {errno.ELOOP, errno.EINVAL, errno.ENOTDIR, errno.EISDIR, errno.ENXIO}
Buffer = bytes | bytearray | memoryview


def sealed_size(size: int, chunk: int = CHUNK) -> int:
    """Return how many bytes an exhibit of `size` bytes takes when it is sealed."""
    return _HEADER.size + size + TAG * chunks_in(size, chunk)


def chunks_in(size: int, chunk: int = CHUNK) -> int:
    """Return the number of chunks of an exhibit of `size` bytes; an empty one has one."""
    return max(1, -(-size // chunk))


class Cipher:
    """The key and the nonces of one exhibit. A key is used for one exhibit only."""

    def __init__(self, key: bytes, header: bytes) -> None:
        parts: tuple[bytes, int, bytes] = _HEADER.unpack(header)
        magic, self.chunk, self._prefix = parts
        if magic != MAGIC or not 0 < self.chunk <= _LARGEST:
            raise ValueError("no header of a sealed exhibit")
        self.header = header
        self._cipher = AESGCM(key)

    @classmethod
    def new(cls, key: bytes) -> Self:
        """Begin a new exhibit under a key that has sealed nothing yet."""
        return cls(key, _HEADER.pack(MAGIC, CHUNK, secrets.token_bytes(7)))

    def seal(self, number: int, plain: Buffer, into: Buffer, *, last: bool) -> None:
        """Encrypt chunk `number` into a buffer of exactly `TAG` bytes more."""
        self._cipher.encrypt_into(self._nonce(number, last), plain, self.header, into)

    def open(self, number: int, sealed: Buffer, into: Buffer, *, last: bool) -> None:
        """Decrypt chunk `number`; raise `InvalidTag` when it is not the one that was sealed."""
        self._cipher.decrypt_into(self._nonce(number, last), sealed, self.header, into)

    def _nonce(self, number: int, last: bool) -> bytes:
        if number >> 32:  # 4 PiB
            raise Unreadable("an exhibit of more than 2^32 chunks cannot be sealed; split it")
        return _NONCE.pack(self._prefix, number, last)


class SealedReader(io.RawIOBase):
    """Reads a sealed exhibit of `size` plain bytes from `sealed`; seekable, and closes `sealed`.

    `label` names the exhibit in messages.

    Raises:
        Refused: on opening when the length is another, on reading when a chunk was altered.
    """

    def __init__(self, sealed: BinaryIO, key: bytes, *, size: int, label: str) -> None:
        super().__init__()
        self._sealed, self._size, self._label = sealed, size, label
        self._at = 0
        self._have = -1  # the number of the chunk in `_plain`
        with reading(label):
            header, length = _exactly(sealed, _HEADER.size), sealed.seek(0, io.SEEK_END)
        try:
            self._cipher = Cipher(key, header)
        except (ValueError, struct.error):
            raise self._altered("it has no header") from None
        chunk = self._cipher.chunk
        if length != sealed_size(size, chunk):
            raise self._altered("its length is another")
        self._count = chunks_in(size, chunk)
        longest = min(chunk, size)
        self._plain = memoryview(bytearray(longest))
        self._cover = memoryview(bytearray(longest + TAG))
        if not size:
            self._load(0)  # the one empty chunk, which no reading would touch

    def readable(self) -> bool:
        """Tell that it can be read."""
        return True

    def seekable(self) -> bool:
        """Tell that it can be moved in."""
        return True

    def tell(self) -> int:
        """Return the place in the plain bytes."""
        return self._at

    def seek(self, offset: int, whence: int = io.SEEK_SET, /) -> int:
        """Move to a place in the plain bytes."""
        bases: dict[int, int] = {0: 0, 1: self._at, 2: self._size}
        base = bases[whence]
        if base + offset < 0:
            raise ValueError(f"negative seek position {base + offset}")
        self._at = base + offset
        return base + offset

    def readinto(self, buffer: Buffer, /) -> int:  # type: ignore[override]  # what callers pass
        """Fill `buffer` as far as the current chunk goes."""
        chunk = self._cipher.chunk
        number, start = divmod(self._at, chunk)
        count = min(len(buffer), chunk - start, self._size - self._at)
        if count <= 0:
            return 0
        self._load(number)
        memoryview(buffer)[:count] = self._plain[start : start + count]
        self._at += count
        return count

    def readall(self) -> bytes:
        """Read to the end, chunk by chunk."""
        out = memoryview(bytearray(max(0, self._size - self._at)))
        done = 0
        while done < len(out):
            done += self.readinto(out[done:])
        return bytes(out)

    def close(self) -> None:
        """Close the sealed file too."""
        self._sealed.close()
        super().close()

    def _load(self, number: int) -> None:
        if number == self._have:
            return
        chunk = self._cipher.chunk
        last = number == self._count - 1
        length = self._size - number * chunk if last else chunk
        self._have = -1
        cover = self._cover[: length + TAG]
        with reading(self._label):
            self._sealed.seek(_HEADER.size + number * (chunk + TAG))
            fill(self._sealed, cover, self._label)
        try:
            self._cipher.open(number, cover, self._plain[:length], last=last)
        except InvalidTag:
            raise self._altered(f"chunk {number} of {self._count}") from None
        self._have = number

    def _altered(self, what: str) -> Refused:
        return Refused(
            f"{self._label}: the exhibit was altered ({what}); keep it as it is and look for a copy"
        )


@contextmanager
def reading(label: str) -> Iterator[None]:
    """Say of which exhibit it was that a disk or a bucket failed.

    Raises:
        Refused: when something else lies in the exhibit's place, or nothing.
        Unreadable: for any other OSError.
    """
    try:
        yield
    except FileNotFoundError:
        raise Refused(f"{label}: the sealed exhibit is missing; look for a copy") from None
    except OSError as error:
        if error.errno in _NO_FILE:
            raise Refused(
                f"{label}: a link or something else lies in the exhibit's place; keep it as it is "
                "and look for a copy"
            ) from None
        raise Unreadable(
            f"{label}: cannot be read ({error.strerror or error}); try again, or check the disk "
            "or the bucket"
        ) from None


def _exactly(file: BinaryIO, size: int) -> bytes:
    data = bytearray(size)
    return bytes(data[: fill(file, memoryview(data))])


def fill(file: BinaryIO, buffer: memoryview, label: str = "source") -> int:
    """Read until `buffer` is full or the file ends; return how much was read.

    Raises:
        Unreadable: when the file is one that does not wait for its bytes.
    """
    done = 0
    while done < len(buffer):
        count = _read_into(file, buffer[done:])
        if count is None:
            raise Unreadable(f"{label}: has no bytes yet; give a source that waits for them")
        if not count:
            break
        done += count
    return done


def _read_into(file: BinaryIO, buffer: memoryview) -> int | None:
    into = getattr(file, "readinto", None)
    if into is not None:
        taken: int | None = into(buffer)
        return taken
    piece: bytes | None = file.read(len(buffer))
    if piece is None:
        return None
    buffer[: len(piece)] = piece
    return len(piece)


def sha256_of(file: BinaryIO) -> str:
    """Hash a file from its present place to its end; hexadecimal."""
    digest, buffer = hashlib.sha256(), memoryview(bytearray(CHUNK))
    while count := fill(file, buffer):
        digest.update(buffer[:count])
    return digest.hexdigest()
