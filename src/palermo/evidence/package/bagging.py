"""Writing a bag: BagIt 1.0 (RFC 8493), each file hashed while it is written."""

import hashlib
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import BinaryIO

from palermo.evidence.package.bag import Hashed
from palermo.evidence.package.layout import (
    BAG_INFO_FILE,
    BAGIT_FILE,
    BAGIT_TEXT,
    DATA,
    MANIFEST_FILE,
    TAG_MANIFEST_FILE,
    encoded,
)

_CHUNK = 1 << 20


class BagWriter:
    """A bag in the making in `folder`; `files` are those written so far."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.files: dict[str, Hashed] = {}
        (folder / DATA).mkdir()

    def add(self, name: str, pieces: Iterable[bytes]) -> Hashed:
        """Write a file from its pieces; no name is written twice."""
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        digest, size = hashlib.sha256(), 0
        with path.open("xb") as file:
            for piece in pieces:
                file.write(piece)
                digest.update(piece)
                size += len(piece)
        self.files[name] = Hashed(digest.hexdigest(), size)
        return self.files[name]

    def add_text(self, name: str, text: str) -> Hashed:
        """Write a text file in UTF-8."""
        return self.add(name, [text.encode()])

    def take(self, name: str) -> Hashed:
        """Take up a file that was written by other means."""
        with (self.folder / name).open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
            self.files[name] = Hashed(digest, file.tell())
        return self.files[name]

    def add_stream(self, name: str, source: BinaryIO) -> Hashed:
        """Copy an open file to its end."""
        return self.add(name, iter(lambda: source.read(_CHUNK), b""))

    def describe(self, info: Mapping[str, str]) -> None:
        """Write bagit.txt, bag-info.txt (`info` and the Payload-Oxum) and the payload manifest."""
        payload = {n: one for n, one in self.files.items() if n.startswith(f"{DATA}/")}
        oxum = f"{sum(one.size for one in payload.values())}.{len(payload)}"
        lines = [f"{label}: {_line(value)}" for label, value in info.items()]
        self.add_text(BAGIT_FILE, BAGIT_TEXT)
        self.add_text(BAG_INFO_FILE, "\n".join([*lines, f"Payload-Oxum: {oxum}"]) + "\n")
        self.add_text(MANIFEST_FILE, _manifest(payload))

    def close(self) -> None:
        """Write the tag manifest; nothing is added after it."""
        tags = {n: one for n, one in self.files.items() if not n.startswith(f"{DATA}/")}
        self.add_text(TAG_MANIFEST_FILE, _manifest(tags))


def _manifest(files: Mapping[str, Hashed]) -> str:
    return "".join(f"{files[name].sha256}  {encoded(name)}\n" for name in sorted(files))


def _line(value: str) -> str:
    """Keep a value on its line: another line would be another statement."""
    return " ".join("".join(c if c.isprintable() else " " for c in value).split())
