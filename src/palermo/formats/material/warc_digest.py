"""The digests that a WARC record states, and whether they hold.

Guarantees that a digest counts as false only if it was computed over every form of the content that
writers of WARC files are known to mean by it, and over the whole of it.
"""

import base64
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import IO, Any

from palermo.formats.material.http_body import Body

_PIECE = 1 << 16
#: Labels in use -> name in `hashlib`. SHA-1 is what most writers state.
_ALGORITHMS = {
    "sha1": "sha1", "sha-1": "sha1", "sha256": "sha256", "sha-256": "sha256",
    "sha512": "sha512", "sha-512": "sha512", "sha384": "sha384", "sha-384": "sha384", "md5": "md5",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether a digest holds: `holds`, `does not hold`, or `not checked: why`; and for what."""

    stated: str
    verdict: str
    found: str | None = None

    @property
    def false(self) -> bool:
        """Whether the digest was checked and does not hold."""
        return self.verdict == "does not hold"


def verdicts(
    fields: Mapping[str, str], made: list[Body], start: int, *, whole: bool
) -> dict[str, Verdict]:
    """Check the digests of a record over its block and the forms of its payload.

    Args:
        fields: the header of the record.
        made: the body as stored, in the block, and after each step of decoding.
        start: where the body begins in the block.
        whole: whether the block is whole and all of the payload is in it.
    """
    found = {}
    if stated := fields.get("warc-block-digest"):
        forms = [("", made[0].file, 0)]
        found["WARC-Block-Digest"] = _verdict(stated, forms, whole=whole)
    if stated := fields.get("warc-payload-digest"):
        forms = [(b.step, b.file, start if i == 0 else 0) for i, b in enumerate(made)]
        found["WARC-Payload-Digest"] = _verdict(stated, forms, whole=whole)
    return found


def sha256(file: IO[bytes], start: int = 0) -> tuple[str, int]:
    """Return SHA-256 (hexadecimal) and length of what stands in `file` from `start` on."""
    digest = _hashed(file, start, "sha256")
    return digest.hexdigest(), file.tell() - start


def _verdict(stated: str, forms: list[tuple[str, IO[bytes], int]], *, whole: bool) -> Verdict:
    label, _, value = stated.partition(":")
    algorithm = _ALGORITHMS.get(label.strip().lower())
    if algorithm is None or not value.strip():
        return Verdict(stated, "not checked: the algorithm is unknown")
    if not whole:
        return Verdict(stated, "not checked: the record is not whole")
    first = None
    for form, file, start in forms:
        digest = _hashed(file, start, algorithm).digest()
        first = first or digest
        if value.strip() in _written(digest):
            return Verdict(stated, f"holds for the body {form}" if form else "holds")
    written = base64.b32encode(first or b"").decode("ascii")
    return Verdict(stated, "does not hold", f"{label}:{written}")


def _written(digest: bytes) -> set[str]:
    """Return the ways in which a digest is written: base 32, 16 and 64."""
    base32, base64_ = base64.b32encode(digest).decode(), base64.b64encode(digest).decode()
    bare = base32.rstrip("=")
    url_safe = base64.urlsafe_b64encode(digest).decode()
    return {
        base32, bare, base32.lower(), bare.lower(), digest.hex(), digest.hex().upper(),
        base64_, base64_.rstrip("="), url_safe, url_safe.rstrip("="),
    }  # fmt: skip


def _hashed(file: IO[bytes], start: int, algorithm: str) -> Any:
    digest = hashlib.new(algorithm, usedforsecurity=False)
    file.seek(start)
    while piece := file.read(_PIECE):
        digest.update(piece)
    return digest
