"""Hashes photo files that the user already holds, and compares them with a list, outside any case.

Guarantees a row for every file that was named, read or not, in the order of names; and that nothing
of a picture is told but hashes.
"""

import hashlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa

from palermo.analysis.images import Listed, PhotoList, from_hex
from palermo.engine import Progress, silent
from palermo.investigation.looking import Looked, Looking
from palermo.investigation.photos import why_not
from palermo.model import Unreadable

#: One row a file: `note` says why it is not compared, or has no hash.
PHOTO_FILES = pa.schema(
    [
        pa.field("path", pa.string(), nullable=False),
        pa.field("sha256", pa.string()),
        pa.field("pdq", pa.string()),
        pa.field("quality", pa.int16()),
        pa.field("note", pa.string()),
    ]
)
#: One row a file that is on a list. `line` is that of the list, from 1.
ON_LIST = pa.schema(
    [
        pa.field("path", pa.string(), nullable=False),
        pa.field("sha256", pa.string(), nullable=False),
        pa.field("line", pa.int64(), nullable=False),
        pa.field("pdq", pa.string(), nullable=False),
        pa.field("distance", pa.int16(), nullable=False),
        pa.field("variant", pa.string(), nullable=False),
    ]
)


@dataclass(frozen=True, slots=True, kw_only=True)
class HashedFiles:
    """`files` has the schema `PHOTO_FILES`, `on_list` the schema `ON_LIST`."""

    files: pa.Table
    on_list: pa.Table


@dataclass(frozen=True, slots=True)
class ListFile:
    """A hash list with the line each entry stands in."""

    photos: PhotoList
    lines: tuple[int, ...]


def read_photo_list(path: Path) -> ListFile:
    """Read a list: a PDQ hash at the beginning of a line, empty lines and `#` comments apart.

    What follows the hash after a comma, semicolon or blank (often a quality) is not read.

    Raises:
        Unreadable: the file cannot be read or a line is no hash; a list that is only half
            understood would give a false sense of safety.
    """
    try:
        text = path.read_text("utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise Unreadable(f"{path}: the list cannot be read ({error}); give a text file") from None
    texts, lines = [], []
    for number, line in enumerate(text.splitlines(), start=1):
        words = line.replace(",", " ").replace(";", " ").split()
        if not words or words[0].startswith("#"):
            continue
        try:
            from_hex(words[:1])
        except Unreadable:
            raise Unreadable(
                f"{path}, line {number}: expected a PDQ hash of 64 hexadecimal digits; correct "
                "the line or begin it with #"
            ) from None
        texts.append(words[0])
        lines.append(number)
    return ListFile(PhotoList(from_hex(texts)), tuple(lines))


def photo_finder(paths: Sequence[Path]) -> Callable[[bytes], Listed | None]:
    """Return a function that tells whether a picture, given as bytes, is on one of the lists.

    For a stop list: what it finds is never kept or shown. It raises `Unreadable` for what cannot be
    decoded, since nothing is known of that.

    Raises:
        Unreadable: a list cannot be read.
    """
    lists = [read_photo_list(path).photos for path in paths]

    def find(data: bytes) -> Listed | None:
        found = [hit for photos in lists if (hit := photos.find_data(data)) is not None]
        return min(found, key=lambda hit: hit.distance, default=None)

    return find


def hash_files(
    inputs: Sequence[Path],
    against: Path | None = None,
    *,
    progress: Progress = silent,
    workers: int | None = None,
) -> HashedFiles:
    """Hash every file of `inputs`, which are files or folders, and look it up in a list.

    Raises:
        Unreadable: an input does not exist, there is no file at all, or the list cannot be read.
    """
    known = None if against is None else read_photo_list(against)
    paths = list(_files(inputs))
    if not paths:
        raise Unreadable(f"{', '.join(map(str, inputs))}: no files there; name photos or a folder")
    named: list[tuple[Path, str | None, str | None]] = []
    with Looking(workers) as looking:
        for number, path in enumerate(paths, start=1):
            try:
                with path.open("rb") as file:
                    sha256 = hashlib.file_digest(file, "sha256").hexdigest()
                looking(path, sha256)
                named.append((path, sha256, None))
            except OSError as error:
                named.append((path, None, f"cannot be read: {error.strerror}"))
            progress("photos hashed", number, len(paths))
        looked = looking.result()
    rows = [_row(path, sha256, note, looked) for path, sha256, note in named]
    hits = [] if known is None else list(_hits(named, looked, known))
    return HashedFiles(
        files=pa.Table.from_pylist(rows, schema=PHOTO_FILES),
        on_list=pa.Table.from_pylist(hits, schema=ON_LIST),
    )


def _files(inputs: Sequence[Path]) -> Iterator[Path]:
    for path in inputs:
        if path.is_dir():
            # Links are not followed: a folder of material may not lead out of itself.
            inside = path.rglob("*")
            yield from sorted(p for p in inside if p.is_file() and not p.is_symlink())
        elif path.exists():
            yield path
        else:
            raise Unreadable(f"{path}: there is no such file; check the name")


def _row(path: Path, sha256: str | None, note: str | None, looked: Looked) -> dict[str, object]:
    hashes = looked.hashes.get(sha256 or "")
    return {
        "path": str(path),
        "sha256": sha256,
        "pdq": None if hashes is None else hashes.hex,
        "quality": None if hashes is None else hashes.quality,
        "note": (note or looked.troubles.get(sha256 or "")) if hashes is None else why_not(hashes),
    }


def _hits(
    named: Sequence[tuple[Path, str | None, str | None]], looked: Looked, known: ListFile
) -> Iterator[dict[str, object]]:
    for path, sha256, _ in named:
        hashes = looked.hashes.get(sha256 or "")
        hit = None if hashes is None else known.photos.find(hashes)
        if hit is not None:
            yield {
                "path": str(path),
                "sha256": sha256,
                "line": known.lines[hit.entry],
                "pdq": hit.value,
                "distance": hit.distance,
                "variant": hit.variant,
            }
