"""A stream of bytes, encrypted under a passphrase, for files too large to hold in memory.

Guarantees that what is read back is what was written, whole and in order: every piece is sealed
with AES-256-GCM under a nonce of its number, the last one is marked as such, and all are bound to
the head of the file. A piece that was changed, left out, moved, or taken from another file does not
open, and neither does a file that was cut. The key is scrypt's (RFC 7914), with a salt of its own
for each file, so that a nonce is never used twice under one key. This is the STREAM construction of
Hoang, Reyhanitabar, Rogaway and Vizar (2015).
"""

import io
import json
import secrets
from typing import BinaryIO

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from palermo.evidence.keystore import COST, derived_key
from palermo.model import Refused, Unreadable

MAGIC = b"palermo sealed stream 1\n"
#: Bytes of plain text in a piece; the last one may hold fewer, or none.
PIECE = 1 << 20
_TAG = 16
_LONGEST_HEAD = 1 << 12


class SealedWriter(io.RawIOBase):
    """Encrypts what is written to it into `file`; `close` writes the last piece."""

    def __init__(self, file: BinaryIO, passphrase: bytes) -> None:
        salt = secrets.token_bytes(16)
        head = MAGIC + json.dumps({**COST, "salt": salt.hex(), "piece": PIECE}).encode() + b"\n"
        self._file, self._head = file, head
        self._cipher = AESGCM(derived_key(passphrase, salt, COST))
        self._waiting = bytearray()
        self._number = 0
        file.write(head)

    def writable(self) -> bool:
        """It is."""
        return True

    def write(self, data: "bytes | bytearray | memoryview") -> int:  # type: ignore[override]
        """Take `data`; whole pieces are written at once."""
        self._waiting += data
        # One piece is always kept back: which one is the last shows only at the end.
        while len(self._waiting) > PIECE:
            self._seal(bytes(self._waiting[:PIECE]), last=False)
            del self._waiting[:PIECE]
        return len(data)

    def finish(self) -> None:
        """Write the last piece. A stream that was not finished does not open."""
        self._seal(bytes(self._waiting), last=True)
        self._waiting.clear()

    def _seal(self, piece: bytes, *, last: bool) -> None:
        self._file.write(self._cipher.encrypt(_nonce(self._number, last=last), piece, self._head))
        self._number += 1


class SealedReader(io.RawIOBase):
    """Decrypts `file`. The end is reached only if nothing is missing.

    Raises:
        Unreadable: it is no such file.
        Refused: on opening or reading, when it does not open with the passphrase or was changed.
    """

    def __init__(self, file: BinaryIO, passphrase: bytes, name: str) -> None:
        self._file, self._name = file, name
        self._head, salt, cost = _read_head(file, name)
        try:
            self._cipher = AESGCM(derived_key(passphrase, salt, cost))
        except ValueError as error:
            raise Unreadable(f"{name}: {error}") from None
        self._number, self._ended = 0, False
        self._next = file.read(PIECE + _TAG)
        self._plain = memoryview(b"")
        self._open()

    def readable(self) -> bool:
        """It is."""
        return True

    def readinto(self, buffer: "bytearray | memoryview") -> int:  # type: ignore[override]
        """Fill `buffer` as far as the piece at hand goes; 0 is the proven end."""
        while not self._plain and not self._ended:
            self._open()
        count = min(len(buffer), len(self._plain))
        buffer[:count] = self._plain[:count]
        self._plain = self._plain[count:]
        return count

    def _open(self) -> None:
        sealed, self._next = self._next, self._file.read(PIECE + _TAG)
        last = not self._next
        try:
            self._plain = memoryview(
                self._cipher.decrypt(_nonce(self._number, last=last), sealed, self._head)
            )
        except InvalidTag:
            raise Refused(self._why()) from None
        self._number += 1
        self._ended = last

    def _why(self) -> str:
        if self._number == 0:
            return (
                f"{self._name}: does not open; the passphrase is another one, or the file was "
                "changed or cut"
            )
        return (
            f"{self._name}: was changed, cut or put together from several files (piece "
            f"{self._number} does not open); use another copy"
        )


def is_sealed(start: bytes) -> bool:
    """Whether a file that begins with `start` is such a stream."""
    return start.startswith(MAGIC)


def _nonce(number: int, *, last: bool) -> bytes:
    return number.to_bytes(11, "big") + bytes([last])


def _read_head(file: BinaryIO, name: str) -> tuple[bytes, bytes, dict[str, int]]:
    head = file.readline(_LONGEST_HEAD) + file.readline(_LONGEST_HEAD)
    try:
        said = json.loads(head.removeprefix(MAGIC)) if is_sealed(head) else {}
        if said["piece"] == PIECE:
            return head, bytes.fromhex(said["salt"]), {one: int(said[one]) for one in COST}
    except (ValueError, KeyError, TypeError, RecursionError):
        pass
    raise Unreadable(f"{name}: expected a sealed stream of Palermo")
