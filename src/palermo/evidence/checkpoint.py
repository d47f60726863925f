"""Checkpoints: a signed statement of how long the log is and what it hashes to.

Guarantees the text form of C2SP tlog-checkpoint inside a C2SP signed-note, so that witnesses and
tools made for it read ours: origin, size and root on a line each, an empty line, signature lines.
"""

import base64
import binascii
import re
from dataclasses import dataclass
from typing import Self

from palermo.evidence.keys import Signer, VerifierKey, verifies
from palermo.model import Unreadable

_DASH = "\u2014"
_SIGNATURE = re.compile(rf"{_DASH} ([^\s+]+) ([A-Za-z0-9+/=]+)")


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """The head of the log `origin` at `size` entries; `root` is its 32-byte tree head."""

    origin: str
    size: int
    root: bytes

    def text(self) -> str:
        """Return the note's text, which is what gets signed."""
        return f"{self.origin}\n{self.size}\n{base64.b64encode(self.root).decode()}\n"

    def sign(self, signer: Signer) -> str:
        """Return the signed note. The key is named after the log."""
        key = VerifierKey(self.origin, signer.public_key)
        signature = base64.b64encode(key.hash + signer.sign(self.text().encode())).decode()
        return f"{self.text()}\n{_DASH} {key.name} {signature}\n"


@dataclass(frozen=True, slots=True)
class SignedCheckpoint:
    """A checkpoint as read, with its signatures: key name, four bytes naming the key, signature."""

    checkpoint: Checkpoint
    signatures: tuple[tuple[str, bytes, bytes], ...]

    @classmethod
    def parse(cls, note: str) -> Self:
        """Read a signed note; raise `Unreadable` when it has another form."""
        text, separator, below = note.rpartition("\n\n")
        lines = text.split("\n")
        if not separator or len(lines) != 3 or not below.endswith("\n"):
            raise Unreadable("checkpoint: expected origin, size, root, an empty line, signatures")
        origin, size, root = lines
        try:
            head = base64.b64decode(root, validate=True)
            checkpoint = Checkpoint(origin, int(size), head)
            signatures = tuple(_signature(line) for line in below.removesuffix("\n").split("\n"))
        except (ValueError, binascii.Error):
            raise Unreadable("checkpoint: a line cannot be decoded") from None
        if len(head) != 32 or checkpoint.size < 0 or checkpoint.text() != f"{text}\n":
            raise Unreadable("checkpoint: written in another form than it is signed in")
        return cls(checkpoint, signatures)

    def signed_by(self, public_key: bytes) -> bool:
        """Tell whether one of the signatures was made with `public_key`."""
        key = VerifierKey(self.checkpoint.origin, public_key)
        message = self.checkpoint.text().encode()
        return any(
            name == key.name and mark == key.hash and verifies(public_key, signature, message)
            for name, mark, signature in self.signatures
        )


def _signature(line: str) -> tuple[str, bytes, bytes]:
    match = _SIGNATURE.fullmatch(line)
    if match is None:
        raise ValueError("not a signature line")
    raw = base64.b64decode(match[2], validate=True)
    if base64.b64encode(raw).decode() != match[2]:
        # The last letter before padding has bits that decode to nothing; they must be zero.
        raise ValueError("a signature that is not written in its one form")
    return match[1], raw[:4], raw[4:]
