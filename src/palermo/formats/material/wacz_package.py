"""The files in a web archive package (a ZIP file), each read once, checked and bounded.

Guarantees that no name in the package decides where anything is written, that nothing unpacks
beyond all measure, and that a file that is damaged is handed over as far as it goes.
"""

import hashlib
import lzma
import re
import struct
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import IO, Any

from palermo.formats.source import GZIP_FREE, GZIP_RATIO

#: What reading a ZIP file that was tampered with is known to raise.
ZIP_ERRORS = (
    zipfile.BadZipFile, zlib.error, lzma.LZMAError, struct.error, NotImplementedError,
    RuntimeError, EOFError, OSError, ValueError, OverflowError,
)  # fmt: skip
_PIECE = 1 << 16
_ALGORITHMS = frozenset({"sha224", "sha256", "sha384", "sha512", "sha1", "md5"})
_BAD_NAME = re.compile(r"(?:^|/)\.\.(?:/|$)|^/|\\|^[A-Za-z]:|[\x00-\x1f]")


@dataclass(frozen=True, slots=True)
class Listed:
    """What the manifest says of a file: its hash, as `sha256:…`, and its length."""

    algorithm: str
    value: str
    length: int | None

    @property
    def stated(self) -> str:
        """The hash as the manifest would write it today."""
        return f"{self.algorithm}:{self.value}"


@dataclass(slots=True)
class Copied:
    """What came of reading a file: its hash in the asked algorithm, its length, what was wrong."""

    hash: str
    length: int
    wrong: str | None = None


@dataclass(slots=True)
class Package:
    """The files of an open package. `refused` holds names that are not read, and why."""

    zip: zipfile.ZipFile
    size: int
    refused: list[tuple[str, str]] = field(default_factory=list)
    members: dict[str, zipfile.ZipInfo] = field(default_factory=dict)
    _unpacked: int = 0

    def __post_init__(self) -> None:
        for info in self.zip.infolist():
            name = info.filename
            if info.is_dir():
                continue
            if _BAD_NAME.search(name):
                self.refused.append((name, "its name leads out of the package; it is not read"))
            elif info.flag_bits & 1:
                self.refused.append((name, "it is encrypted; it is not read"))
            else:
                if name in self.members:
                    why = "its name occurs twice in the package; only the last one is read"
                    self.refused.append((name, why))
                self.members[name] = info

    def copy(self, name: str, out: IO[bytes] | None, algorithm: str = "sha256") -> Copied:
        """Read the file `name` to its end, into `out` if given. Never raises."""
        digest = hashlib.new(algorithm, usedforsecurity=False)
        limit = max(GZIP_FREE, GZIP_RATIO * self.size)
        made = Copied("", 0)
        try:
            with self.zip.open(self.members[name]) as file:
                while piece := file.read(_PIECE):
                    self._unpacked += len(piece)
                    if self._unpacked > limit:
                        made.wrong = f"the package unpacks to more than {limit} bytes"
                        break
                    made.length += len(piece)
                    digest.update(piece)
                    if out is not None:
                        out.write(piece)
        except ZIP_ERRORS as error:
            made.wrong = f"it is damaged: {type(error).__name__}: {error}"
        made.hash = f"{algorithm}:{digest.hexdigest()}"
        return made


def listed_files(manifest: Mapping[str, Any]) -> Iterator[tuple[str, Listed | None]]:
    """Yield every file that a manifest lists, with None where its hash is of no known kind.

    Both forms are read: `hash` with the algorithm before it (WACZ 1.1), and `stats.hash` with
    `hashing` beside it (WACZ 1.0).
    """
    resources = manifest.get("resources")
    for resource in resources if isinstance(resources, list) else []:
        if not isinstance(resource, Mapping) or not isinstance(resource.get("path"), str):
            continue
        stats = resource.get("stats")
        old = stats if isinstance(stats, Mapping) else {}
        stated = str(resource.get("hash") or f"{resource.get('hashing', '')}:{old.get('hash', '')}")
        algorithm, _, value = stated.partition(":")
        algorithm = algorithm.lower().replace("-", "")
        length = resource.get("bytes", old.get("bytes"))
        known = algorithm in _ALGORITHMS and bool(value)
        yield (
            resource["path"],
            Listed(algorithm, value.lower(), length if isinstance(length, int) else None)
            if known
            else None,
        )
