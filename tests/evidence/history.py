"""A log's history, and forks of it, for the tests of witnesses."""

from dataclasses import dataclass

from palermo.evidence import Checkpoint, Keystore, VerifierKey
from palermo.evidence.merkle import consistency_proof, leaf_hash, root
from palermo.evidence.witness import Submission

ORIGIN = "palermo.custody/0123456789abcdef"


@dataclass
class History:
    """A log of entries `<text><number>`; `forked(at)` is another one with the same beginning."""

    signer: Keystore
    origin: str = ORIGIN
    fork_at: int = 1 << 30

    @property
    def key(self) -> VerifierKey:
        return VerifierKey(self.origin, self.signer.public_key)

    def leaves(self, size: int) -> list[bytes]:
        return [
            leaf_hash(f"{'fork' if n >= self.fork_at else 'entry'} {n}".encode())
            for n in range(size)
        ]

    def note(self, size: int) -> str:
        return Checkpoint(self.origin, size, root(self.leaves(size))).sign(self.signer)

    def proof(self, old: int, size: int) -> tuple[bytes, ...]:
        return tuple(consistency_proof(self.leaves(size), old)) if 0 < old < size else ()

    def submission(self, old: int, size: int) -> bytes:
        return Submission(old, self.proof(old, size), self.note(size)).to_bytes()

    def forked(self, at: int) -> "History":
        return History(self.signer, self.origin, at)
