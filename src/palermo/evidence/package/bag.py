"""Reading a bag that nobody vouches for: BagIt 1.0 (RFC 8493), strictly.

Guarantees that every file below the folder is hashed once and compared with exactly one line of a
manifest; that links, special files, paths out of the bag, duplicate entries, extra and missing
files are named; and that a hostile bag ends in problems, never in an error.
"""

import hashlib
import json
import os
import re
import stat
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from palermo.evidence.package.layout import (
    BAG_INFO_FILE,
    BAGIT_FILE,
    BAGIT_TEXT,
    DATA,
    MANIFEST_FILE,
    TAG_MANIFEST_FILE,
    decoded,
)
from palermo.model.errors import Unreadable

_LARGEST = 256 << 20  # no tag file that is read as a whole is larger
_LINE = re.compile(r"([0-9a-f]{64})  (\S.*)")
_OXUM = re.compile(r"([0-9]{1,20})\.([0-9]{1,20})", re.ASCII)
_OTHER_MANIFEST = re.compile(r"(tag)?manifest-(?!sha256\.txt).*\.txt|fetch\.txt")


@dataclass(frozen=True, slots=True)
class Hashed:
    """What a file was found to be."""

    sha256: str
    size: int


@dataclass(slots=True)
class Bag:
    """A bag as found: its plain files by path, and everything that is wrong with it."""

    path: Path
    files: dict[str, Hashed] = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)

    def plain(self, name: str) -> Path:
        """Return where the plain file `name` lies.

        Raises:
            Unreadable: when it is missing, or a link or special file.
        """
        if name not in self.files:
            raise Unreadable(f"{name} is missing or no plain file; ask for the package again")
        return self.path / name

    def data(self, name: str) -> bytes:
        """Read a tag file whole; it must be the very one that was hashed.

        Raises:
            Unreadable: when it is missing, too large, or was changed meanwhile.
        """
        path = self.plain(name)
        try:
            with path.open("rb") as file:
                found = file.read(_LARGEST + 1)
        except OSError as error:
            raise Unreadable(f"{name} cannot be read ({error.strerror})") from None
        if len(found) > _LARGEST or hashlib.sha256(found).hexdigest() != self.files[name].sha256:
            raise Unreadable(f"{name} is too large, or was changed while it was being read")
        return found

    def text(self, name: str) -> str:
        """Read a tag file as UTF-8. Raises as `data` does."""
        try:
            return self.data(name).decode()
        except UnicodeDecodeError:
            raise Unreadable(f"{name} is not UTF-8 text") from None

    def json(self, name: str) -> object:
        """Read a tag file as JSON. Raises as `data` does."""
        try:
            return json.loads(self.data(name))
        except (ValueError, RecursionError):
            raise Unreadable(f"{name} is not JSON") from None

    def payload(self) -> dict[str, Hashed]:
        """Return the files below data/."""
        return {name: one for name, one in self.files.items() if name.startswith(f"{DATA}/")}


def read_bag(path: Path) -> Bag:
    """Hash every file below `path` and compare with the manifests."""
    bag = Bag(path)
    for name in _walk(path, "", bag):
        try:
            with (path / name).open("rb") as file:
                digest = hashlib.file_digest(file, "sha256").hexdigest()
                bag.files[name] = Hashed(digest, file.tell())
        except OSError as error:
            bag.problems.append(f"{name!r} cannot be read ({error.strerror})")
    try:
        _judge(bag)
    except Unreadable as error:
        bag.problems.append(str(error))
    return bag


def _walk(path: Path, below: str, bag: Bag) -> Iterator[str]:
    try:
        found = sorted(os.scandir(path / below), key=lambda one: one.name)
    except OSError as error:
        bag.problems.append(f"{below or '.'!r} cannot be listed ({error.strerror})")
        return
    for entry in found:
        name = f"{below}{entry.name}"
        mode = entry.stat(follow_symlinks=False).st_mode
        if not entry.name.isprintable():
            bag.problems.append(f"{name!r} has a name with unprintable characters")
        elif stat.S_ISDIR(mode):
            yield from _walk(path, f"{name}/", bag)
        elif stat.S_ISREG(mode):
            yield name
        else:
            bag.problems.append(f"{name!r} is a link or special file, which no package has")


def _judge(bag: Bag) -> None:
    if bag.text(BAGIT_FILE) != BAGIT_TEXT:
        bag.problems.append(f"{BAGIT_FILE} does not say BagIt 1.0 in UTF-8, and nothing else")
    bag.problems += [
        f"{name!r} does not belong in a package"
        for name in bag.files
        if _OTHER_MANIFEST.fullmatch(name)
    ]
    payload = bag.payload()
    _compare(bag, MANIFEST_FILE, payload)
    own = bag.files.keys() - payload.keys() - {TAG_MANIFEST_FILE}
    _compare(bag, TAG_MANIFEST_FILE, {name: bag.files[name] for name in own})
    _oxum(bag, payload)


def _compare(bag: Bag, manifest: str, there: dict[str, Hashed]) -> None:
    listed = _listed(bag, manifest)
    for name in sorted(listed.keys() - there.keys()):
        bag.problems.append(f"{name!r} is in {manifest} but missing")
    for name in sorted(there.keys() - listed.keys()):
        bag.problems.append(f"{name!r} is there but not in {manifest}")
    for name in sorted(there.keys() & listed.keys()):
        if there[name].sha256 != listed[name]:
            bag.problems.append(f"{name!r} has another SHA-256 than {manifest} says")


def _listed(bag: Bag, manifest: str) -> dict[str, str]:
    """Return path -> SHA-256; entries that are no plain path within the bag are problems."""
    listed: dict[str, str] = {}
    seen: set[str] = set()
    text = bag.text(manifest)
    lines = text.split("\n")
    if lines.pop() != "":
        bag.problems.append(f"{manifest} does not end with a line end: it may have been cut")
    for number, line in enumerate(lines, start=1):
        found = _LINE.fullmatch(line)
        name = decoded(found[2]) if found else ""
        parts = name.split("/")
        same = unicodedata.normalize("NFC", name).casefold()
        if found is None:
            bag.problems.append(f"{manifest}, line {number}: no hash, two spaces and a path")
        elif "\\" in name or not {"", ".", ".."}.isdisjoint(parts) or name.startswith("~"):
            bag.problems.append(f"{manifest}, line {number}: {name!r} is no path within the bag")
        elif (parts[0] == DATA) != (manifest == MANIFEST_FILE) or name == TAG_MANIFEST_FILE:
            bag.problems.append(f"{manifest}, line {number}: {name!r} does not belong there")
        elif same in seen:
            bag.problems.append(f"{manifest}, line {number}: {name!r} is there twice")
        else:
            listed[name] = found[1]
        seen.add(same)
    return listed


def _oxum(bag: Bag, payload: dict[str, Hashed]) -> None:
    lines = bag.text(BAG_INFO_FILE).split("\n")
    found = [line.partition(": ")[2] for line in lines if line.startswith("Payload-Oxum:")]
    given = _OXUM.fullmatch(found[0]) if len(found) == 1 else None
    if given is None:
        bag.problems.append(f"{BAG_INFO_FILE} has not exactly one Payload-Oxum")
        return
    size, count = sum(one.size for one in payload.values()), len(payload)
    if (int(given[1]), int(given[2])) != (size, count):
        bag.problems.append(
            f"{BAG_INFO_FILE} speaks of {given[1]} bytes in {given[2]} files, "
            f"there are {size} in {count}"
        )
