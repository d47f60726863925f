"""The stop list: hashes of known material of child sexual abuse, which is never kept or shown.

Guarantees that whoever asks `find` gets an answer for the bytes as they are and for every image or
other data that a text embeds in base64. A list holds hashes only; nobody can see from it what it
describes.
"""

import base64
import binascii
import hashlib
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from palermo.model import Unreadable

#: Length of a hash in hexadecimal digits -> its name in `hashlib`.
KINDS = {32: "md5", 40: "sha1", 64: "sha256"}
_HASH = re.compile(rb"(?:[0-9a-fA-F]{64}|[0-9a-fA-F]{40}|[0-9a-fA-F]{32})(?=[\s,;]|$)")
_EMBEDDED = re.compile(
    rb"data:[^,\"'\s<>()]{0,200};base64,([A-Za-z0-9+/=%_\-\s]{16,})", re.IGNORECASE
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Hit:
    """Something that is on a list. `size` is in bytes, `sha256` that of the material."""

    list_name: str
    kind: str
    value: str
    sha256: str
    size: int


@dataclass(frozen=True, slots=True)
class StopList:
    """Hashes by kind; each names the list it stands in."""

    hashes: dict[str, dict[bytes, str]]

    @classmethod
    def read(cls, paths: Sequence[Path]) -> Self:
        """Read lists: a hash at the beginning of a line, empty lines and `#` comments apart.

        Raises:
            Unreadable: when a file cannot be read or a line is no hash; a list that is only half
                understood would give a false sense of safety.
        """
        hashes: dict[str, dict[bytes, str]] = {kind: {} for kind in KINDS.values()}
        for path in paths:
            try:
                with path.open("rb") as file:
                    for number, line in enumerate(file, start=1):
                        _add(hashes, path.name, number, line.removeprefix(b"\xef\xbb\xbf").strip())
            except OSError as error:
                raise Unreadable(
                    f"{path}: the stop list cannot be read ({error.strerror}); give its path"
                ) from None
        return cls(hashes)

    def __or__(self, other: "StopList") -> "StopList":
        """Join two lists."""
        kinds = self.hashes.keys() | other.hashes.keys()
        return StopList(
            {kind: {**self.hashes.get(kind, {}), **other.hashes.get(kind, {})} for kind in kinds}
        )

    def __len__(self) -> int:
        return sum(len(known) for known in self.hashes.values())

    def find(self, data: bytes) -> Hit | None:
        """Return the first thing in `data` that is on a list."""
        if not len(self) or not data:
            return None
        return next((hit for piece in _pieces(data) if (hit := self._find(piece))), None)

    def _find(self, data: bytes) -> Hit | None:
        for kind, known in self.hashes.items():
            if not known:
                continue
            digest = hashlib.new(kind, data, usedforsecurity=False).digest()
            if digest in known:
                return Hit(
                    list_name=known[digest],
                    kind=kind,
                    value=digest.hex(),
                    sha256=hashlib.sha256(data).hexdigest(),
                    size=len(data),
                )
        return None


def _add(hashes: dict[str, dict[bytes, str]], name: str, number: int, line: bytes) -> None:
    if not line or line.startswith(b"#"):
        return
    found = _HASH.match(line)
    if found is None:
        raise Unreadable(
            f"{name}, line {number}: expected an MD5, SHA-1 or SHA-256 in hexadecimal; "
            "correct the line or begin it with #"
        )
    digits = found.group().decode()
    hashes[KINDS[len(digits)]].setdefault(bytes.fromhex(digits), name)


def _pieces(data: bytes) -> Iterator[bytes]:
    """Yield the bytes themselves and what they carry as `data:` addresses."""
    yield data
    for found in _EMBEDDED.finditer(data):
        text = found.group(1).replace(b"%2B", b"+").replace(b"%2F", b"/").replace(b"%3D", b"=")
        text = re.sub(rb"[\s=]", b"", text).replace(b"-", b"+").replace(b"_", b"/")
        try:
            yield base64.b64decode(text + b"=" * (-len(text) % 4))
        except binascii.Error:
            continue
