"""Chats, devices, mail, web archives, photos and disk images: material that is no table.

Guarantees that whatever a reader hands over becomes an item or a row that is set aside, in the same
form as rows of a table, with its exact place in the exhibit.
"""

from collections.abc import Iterator
from dataclasses import replace
from datetime import tzinfo
from pathlib import Path

from palermo.formats.material.found import (
    DEEPEST,
    HEAD_BYTES,
    Allowance,
    Found,
    Kind,
    PhotoSeen,
    Reader,
    Source,
    Trouble,
)
from palermo.formats.material.found import Records as FoundRecords
from palermo.formats.material.registry import READERS
from palermo.formats.material.table import as_records
from palermo.formats.records import Records
from palermo.formats.source import GZIP_FREE, GZIP_RATIO

__all__ = [
    "READERS",
    "Found",
    "Kind",
    "PhotoSeen",
    "Reader",
    "Source",
    "Trouble",
    "read_material",
    "reader_of",
]

#: Endings that always mean a table, whatever the first bytes look like.
_TABLES = (".csv", ".tsv", ".jsonl", ".ndjson", ".parquet", ".csv.gz", ".tsv.gz", ".jsonl.gz")


def reader_of(path: Path, name: str | None = None) -> Reader | None:
    """Return the reader that knows the file at `path`, or None; never raises."""
    try:
        return _recognise(_source(path, name or path.name, None, 0)) if path.is_file() else None
    except (OSError, ValueError):  # whoever opens it to read it says what is wrong
        return None


def read_material(
    path: Path,
    reader: Reader,
    *,
    name: str,
    zone: tzinfo | None = None,
    photo_seen: PhotoSeen | None = None,
) -> Iterator[Records]:
    """Read a file with `reader`, about 10,000 records a batch.

    Raises:
        Unreadable: when nothing at all can be read.
    """
    yield from as_records(reader.read(_source(path, name, zone, 0, photo_seen=photo_seen)))


def _source(
    path: Path,
    name: str,
    zone: tzinfo | None,
    depth: int,
    *,
    allowance: Allowance | None = None,
    photo_seen: PhotoSeen | None = None,
) -> Source:
    with path.open("rb") as file:
        head = file.read(HEAD_BYTES)
    left = allowance or Allowance(max(GZIP_FREE, GZIP_RATIO * path.stat().st_size))

    def inner(inside: Path, inside_name: str) -> FoundRecords:
        if depth + 1 >= DEEPEST:
            return iter(())
        source = _source(
            inside, inside_name, zone, depth + 1, allowance=left, photo_seen=photo_seen
        )
        reader = _recognise(source)
        return iter(()) if reader is None else _within(inside_name, reader.read(source))

    return Source(
        path=path,
        name=name,
        head=head,
        zone=zone,
        depth=depth,
        inner=inner,
        allowance=left,
        photo_seen=photo_seen,
    )


def _recognise(source: Source) -> Reader | None:
    if source.ends(*_TABLES):
        return None
    return next((reader for reader in READERS if reader.recognises(source)), None)


def _within(name: str, records: FoundRecords) -> FoundRecords:
    """Put the name of the file inside before every place within it."""
    for record in records:
        yield replace(record, within=f"{name}!{record.within}")
