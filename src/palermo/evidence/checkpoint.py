"""Checkpoints: a signed statement of how long the log is and what it hashes to.

Guarantees the text form of C2SP tlog-checkpoint inside a C2SP signed-note, so that witnesses and
tools made for it read ours: origin, size and root on a line each, extension lines if any, an empty
line, signature lines. Witnesses add cosignatures of their own (C2SP tlog-cosignature, version 1);
signatures by keys that nobody asks about are kept and prove nothing.
"""

import base64
import binascii
import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Self

from palermo.evidence.keys import Signer, VerifierKey, verifies
from palermo.model.errors import Unreadable

_DASH = "\u2014"
_NAME = r"[^\s+]+"
_SIGNATURE = re.compile(rf"{_DASH} ({_NAME}) ([A-Za-z0-9+/=]+)")
_SIZE = re.compile(r"0|[1-9][0-9]{0,18}")
_COSIGNATURE = b"\x04"  # signature type of C2SP tlog-cosignature, version 1
_LONGEST = 1 << 18
_MOST = 64  # signatures; signed-note asks for at least 16


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """The head of the log `origin` at `size` entries; `root` is its 32-byte tree head.

    `extensions` are lines that the log adds. They are signed, and no part of what the log commits
    to: nobody compares them between two checkpoints.
    """

    origin: str
    size: int
    root: bytes
    extensions: tuple[str, ...] = ()

    def text(self) -> str:
        """Return the note's text, which is what gets signed."""
        head = base64.b64encode(self.root).decode()
        return "".join(f"{line}\n" for line in (self.origin, self.size, head, *self.extensions))

    def sign(self, signer: Signer) -> str:
        """Return the signed note. The key is named after the log."""
        key = VerifierKey(self.origin, signer.public_key)
        signature = signer.sign(self.text().encode())
        return f"{self.text()}\n{_line(key.name, key.hash + signature)}"

    def cosign(self, signer: Signer, *, name: str, at: datetime) -> str:
        """Return a witness's signature line: that at the time `at` this was the log's largest head.

        The time is cut to the second.
        """
        seconds = int(at.timestamp())
        signature = signer.sign(_cosigned(self, seconds))
        key = WitnessKey(name, signer.public_key)
        return _line(name, key.hash + seconds.to_bytes(8, "big") + signature)


@dataclass(frozen=True, slots=True)
class WitnessKey:
    """The public key of a witness with its name, as a verifier key of C2SP signed-note, type 4."""

    name: str
    public_key: bytes

    @property
    def hash(self) -> bytes:
        """The four bytes by which a cosignature names its key."""
        named = self.name.encode() + b"\n" + _COSIGNATURE + self.public_key
        return hashlib.sha256(named).digest()[:4]

    def __str__(self) -> str:
        """Write `<name>+<hash>+<base64 of type and key>`."""
        key = base64.b64encode(_COSIGNATURE + self.public_key).decode()
        return f"{self.name}+{self.hash.hex()}+{key}"

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read the text form; raise `Unreadable` when it is damaged or no witness's key."""
        try:
            name, mark, encoded = text.strip().split("+", 2)
            raw = base64.b64decode(encoded, validate=True)
        except (ValueError, binascii.Error):
            raise Unreadable(
                "witness key: expected `name+hash+key` as in witness.pub; copy the whole line"
            ) from None
        key = cls(name, raw[1:])
        if raw[:1] != _COSIGNATURE or len(raw) != 33:
            raise Unreadable("witness key: not of a witness (type 4, Ed25519); ask for its key")
        if not re.fullmatch(_NAME, name) or key.hash.hex() != mark:
            raise Unreadable("witness key: its parts do not belong together; copy the whole line")
        return key


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
        whole = separator and len(lines) >= 3 and below.endswith("\n") and len(note) <= _LONGEST
        if not whole or not _SIZE.fullmatch(lines[1]):
            raise Unreadable("checkpoint: expected origin, size, root, an empty line, signatures")
        origin, size, root, *extensions = lines
        signed = below.removesuffix("\n").split("\n")
        try:
            head = base64.b64decode(root, validate=True)
            checkpoint = Checkpoint(origin, int(size), head, tuple(extensions))
            signatures = tuple(_signature(line) for line in signed)
            text.encode()
        except (ValueError, binascii.Error):
            raise Unreadable("checkpoint: a line cannot be decoded") from None
        plain = all(lines) and not any(sign < " " and sign != "\n" for sign in note)
        if len(head) != 32 or not plain or checkpoint.text() != f"{text}\n":
            raise Unreadable("checkpoint: written in another form than it is signed in")
        if checkpoint.size >= 1 << 63 or len(signatures) > _MOST:
            raise Unreadable("checkpoint: a size or a number of signatures beyond all bounds")
        return cls(checkpoint, signatures)

    def text(self) -> str:
        """Write the signed note."""
        lines = (_line(name, mark + signature) for name, mark, signature in self.signatures)
        return f"{self.checkpoint.text()}\n{''.join(lines)}"

    def joined(self, others: "SignedCheckpoint") -> "SignedCheckpoint":
        """Return the checkpoint with the signatures of both, each once.

        Raises:
            Unreadable: the other one is of another text.
        """
        if others.checkpoint != self.checkpoint:
            raise Unreadable("checkpoint: the signatures to be added are of another checkpoint")
        return type(self)(
            self.checkpoint, tuple(dict.fromkeys((*self.signatures, *others.signatures)))
        )

    def signed_by(self, public_key: bytes) -> bool:
        """Tell whether the log's own signature was made with `public_key`.

        A line that claims to be by this key and is not makes the note invalid, as signed-note says.
        """
        key = VerifierKey(self.checkpoint.origin, public_key)
        message = self.checkpoint.text().encode()
        found = list(self._by(key.name, key.hash))
        return bool(found) and all(verifies(public_key, each, message) for each in found)

    def cosigned_by(self, key: WitnessKey) -> datetime | None:
        """Return the time, to the second, at which the witness `key` cosigned; None if it did not.

        Of several cosignatures the earliest counts. One that claims to be by this key and is not
        makes all of them void.
        """
        moments = []
        for raw in self._by(key.name, key.hash):
            seconds, signature = int.from_bytes(raw[:8], "big"), raw[8:]
            message = _cosigned(self.checkpoint, seconds)
            if not verifies(key.public_key, signature, message):
                return None
            moments.append(seconds)
        try:
            return datetime.fromtimestamp(min(moments), UTC) if moments else None
        except (ValueError, OverflowError, OSError):
            return None

    def _by(self, name: str, mark: bytes) -> Iterator[bytes]:
        return (raw for named, marked, raw in self.signatures if (named, marked) == (name, mark))


def read_signatures(checkpoint: Checkpoint, lines: str) -> SignedCheckpoint:
    """Read signature lines that stand alone, as a witness answers them, as being of `checkpoint`.

    Raises:
        Unreadable: they are no signature lines.
    """
    return SignedCheckpoint.parse(f"{checkpoint.text()}\n{lines}")


def _cosigned(checkpoint: Checkpoint, seconds: int) -> bytes:
    return f"cosignature/v1\ntime {seconds}\n{checkpoint.text()}".encode()


def _line(name: str, raw: bytes) -> str:
    return f"{_DASH} {name} {base64.b64encode(raw).decode()}\n"


def _signature(line: str) -> tuple[str, bytes, bytes]:
    match = _SIGNATURE.fullmatch(line)
    if match is None:
        raise ValueError("not a signature line")
    raw = base64.b64decode(match[2], validate=True)
    if len(raw) < 5 or base64.b64encode(raw).decode() != match[2]:
        # The last letter before padding has bits that decode to nothing; they must be zero.
        raise ValueError("a signature that is not written in its one form")
    return match[1], raw[:4], raw[4:]
